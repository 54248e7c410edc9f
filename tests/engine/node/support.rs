//! Nodes in temporary directories.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use kube_assay::node::{Live, LiveOptions};
use probe::{Answer, Cause, Location, Node, Observed, Question};
use tempfile::TempDir;

/// A root and a proc directory made of plain files.
pub struct Place {
    pub dir: TempDir,
}

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("root")).unwrap();
        fs::create_dir(dir.path().join("proc")).unwrap();
        fs::create_dir(dir.path().join("outside")).unwrap();
        fs::write(dir.path().join("outside/secret"), "outside").unwrap();
        Self { dir }
    }

    /// Returns the real path of a path in the root, and creates its parents.
    pub fn root(&self, path: &str) -> PathBuf {
        let place = self.dir.path().join("root").join(path.trim_start_matches('/'));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }

    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) {
        fs::write(self.root(path), content).unwrap();
    }

    pub fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.root(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub fn link(&self, target: impl AsRef<Path>, path: &str) {
        symlink(target, self.root(path)).unwrap();
    }

    /// Returns the path of a process's file, and creates its directory.
    pub fn process(&self, pid: i32, file: &str) -> PathBuf {
        let place = self.dir.path().join("proc").join(pid.to_string());
        fs::create_dir_all(&place).unwrap();
        place.join(file)
    }

    pub fn command(&self, pid: i32, line: &[u8]) {
        fs::write(self.process(pid, "cmdline"), line).unwrap();
    }

    pub fn live(&self) -> Live {
        Live::open(LiveOptions { root: self.dir.path().join("root"), proc: self.dir.path().join("proc") }).unwrap()
    }
}

pub fn metadata(path: &str) -> Question {
    Question::Metadata(Location::node(path))
}

pub fn content(path: &str) -> Question {
    Question::Content(Location::node(path))
}

pub fn directory(path: &str) -> Question {
    Question::Directory(Location::node(path))
}

pub fn called(names: &[&str]) -> Question {
    Question::Processes { called: names.iter().map(|&name| name.to_owned()).collect(), users: users() }
}

/// Returns root and the user who runs the tests and owns the files they create.
pub fn users() -> Vec<u32> {
    let mut users = vec![0, own_user()];
    users.dedup();
    users
}

/// Returns the user who runs the tests.
pub fn own_user() -> u32 {
    std::fs::metadata("/proc/self").unwrap().uid()
}

pub fn environment(pid: i32, names: &[&str]) -> Question {
    Question::Environment { pid, names: names.iter().map(|&name| name.to_owned()).collect() }
}

pub fn text(answer: &str) -> Observed<Answer> {
    Observed::Present(Answer::Text(answer.to_owned()))
}

/// Returns the content of a file.
#[track_caller]
pub fn bytes(node: &impl Node, path: &str) -> Vec<u8> {
    match node.ask(&content(path)) {
        Observed::Present(Answer::Content(content)) => content.bytes,
        other => panic!("{path}: {other:?}"),
    }
}

/// Returns the resolved target of a path.
#[track_caller]
pub fn resolved(node: &impl Node, path: &str) -> PathBuf {
    match node.ask(&metadata(path)) {
        Observed::Present(Answer::Metadata(metadata)) => metadata.resolved,
        other => panic!("{path}: {other:?}"),
    }
}

#[track_caller]
pub fn assert_unknown(observed: &Observed<Answer>, cause: Cause, message: &str) {
    match observed {
        Observed::Unknown(why) => assert_eq!((why.cause, why.to_string().as_str()), (cause, message)),
        other => panic!("{other:?}"),
    }
}

/// Whether to skip the test because root can read everything.
pub fn skips_as_root(test: &str) -> bool {
    let root = kube_assay::node::is_root();
    if root {
        eprintln!("{test} is skipped: root may read everything");
    }
    root
}
