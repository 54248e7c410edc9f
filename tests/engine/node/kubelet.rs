//! `--version` of programs: of real processes, and of impostors.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use kube_assay::node::{Launcher, Live, LiveOptions};
use probe::{Answer, Cause, Node, Observed, Question, Reason};
use tempfile::TempDir;

/// Builds a program called kubelet, in its own directory, that prints this version and otherwise waits.
fn program(place: &TempDir, says: &str) -> PathBuf {
    let (source, made) = (place.path().join("kubelet.c"), place.path().join("made"));
    let text = format!(
        "#include <stdio.h>\n#include <unistd.h>\nextern char **environ;\nint main(int argc, char **argv) {{\n  \
         if (argc == 2) {{ char c; puts(*environ || read(0, &c, 1) ? \"Kubernetes v0.0.0\" : \"{says}\"); return 0; }}\n  \
         for (;;) pause(); }}\n"
    );
    fs::write(&source, text).unwrap();
    assert!(Command::new("cc").arg("-o").arg(&made).arg(&source).status().expect("cc runs").success());
    fs::set_permissions(&made, fs::Permissions::from_mode(0o755)).unwrap();
    // A file that is still open for writing cannot be executed; a renamed one can.
    let kubelet = place.path().join("kubelet");
    fs::rename(made, &kubelet).unwrap();
    kubelet
}

/// Returns the version that a process's program prints, if it may be run.
fn version(here: &LiveOptions, pid: i32, path: &str) -> Result<String, Reason> {
    let node = Live::open(here.clone()).unwrap();
    let question = Question::ProgramVersion { pid, executable: path.to_owned() };
    match node.ask(&question) {
        Observed::Unknown(why) => assert_eq!((why.cause, why.subject.as_str()), (Cause::NotAllowed, path)),
        answered => panic!("it was not allowed: {answered:?}"),
    }
    match node.allow_programs(Launcher::at(Path::new(env!("CARGO_BIN_EXE_kube-assay")))).ask(&question) {
        Observed::Present(Answer::Text(version)) => Ok(version),
        Observed::Unknown(why) => Err(why),
        other => panic!("{other:?}"),
    }
}

/// A process that is killed when dropped.
struct Running(Child);

impl Running {
    fn of(program: &Path) -> Self {
        Self(Command::new(program).spawn().unwrap())
    }

    fn says(&self, path: &Path) -> Result<String, (Cause, String)> {
        let here = LiveOptions { root: "/".into(), proc: "/proc".into() };
        let pid = i32::try_from(self.0.id()).unwrap();
        let said = version(&here, pid, &path.display().to_string());
        said.map_err(|why| {
            assert_eq!(why.subject, path.display().to_string());
            (why.cause, why.detail)
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program is run with an empty environment and no input.
#[test]
fn the_file_that_runs_is_asked_and_not_the_one_of_its_name() {
    let place = tempfile::tempdir().unwrap();
    let path = program(&place, "Kubernetes v1.31.4");
    let running = Running::of(&path);
    if !nix::unistd::geteuid().is_root() {
        let objection = format!("is not run: it is owned by user {}, not by root", nix::unistd::geteuid());
        assert_eq!(running.says(&path), Err((Cause::System, objection)));
        return;
    }
    assert_eq!(running.says(&path).as_deref(), Ok("Kubernetes v1.31.4"));
    // Replace the file, then remove it.
    program(&place, "Kubernetes v1.5.0");
    assert_eq!(running.says(&path).as_deref(), Ok("Kubernetes v1.31.4"));
    fs::remove_file(&path).unwrap();
    assert_eq!(running.says(&path).as_deref(), Ok("Kubernetes v1.31.4"));
    // k3s, which embeds the kubelet.
    let beside = tempfile::tempdir().unwrap();
    let path = program(&beside, "k3s version v1.33.4+k3s1 (148243c4)\\ngo version go1.24.5");
    let embedder = Running::of(&path);
    assert_eq!(embedder.says(&path).as_deref(), Ok("k3s version v1.33.4+k3s1 (148243c4)"));
    // The PID is now used by another process.
    let other = place.path().join("other");
    let (cause, why) = running.says(&other).unwrap_err();
    assert_eq!((cause, why.as_str()), (Cause::Vanished, "is not run: disappeared while it was read"));
    // A kubelet that has exited.
    let mut running = running;
    running.0.kill().unwrap();
    running.0.wait().unwrap();
    assert_eq!(running.says(&path), Err((Cause::System, "cannot be run: no such file or directory".to_owned())));
}

#[test]
fn what_cannot_be_run_is_said_in_words() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let (root, proc) = (place.path().join("root"), place.path().join("proc"));
    fs::create_dir_all(proc.join("7")).unwrap();
    fs::create_dir(&root).unwrap();
    std::os::unix::fs::symlink("/kubelet", proc.join("7/exe")).unwrap();
    let here = LiveOptions { root: root.clone(), proc };
    let said = |bytes: &[u8], mode: u32| {
        fs::write(root.join("kubelet"), bytes).unwrap();
        fs::set_permissions(root.join("kubelet"), fs::Permissions::from_mode(mode)).unwrap();
        let why = version(&here, 7, "/kubelet").unwrap_err();
        (why.cause, why.detail)
    };
    let cannot = |words: &str| format!("cannot be run: {words}");
    assert_eq!(said(b"\x7fELF and nothing more", 0o600), (Cause::PermissionDenied, cannot("permission denied")));
    assert_eq!(said(b"\x7fELF and nothing more", 0o700), (Cause::System, cannot("exec format error")));
    fs::remove_file(root.join("kubelet")).unwrap();
    let why = version(&here, 7, "/kubelet").unwrap_err();
    assert_eq!((why.cause, why.detail), (Cause::System, cannot("no such file or directory")));
    let why = version(&here, 8, "/kubelet").unwrap_err();
    assert_eq!(why.detail, cannot("no such file or directory"));
}
