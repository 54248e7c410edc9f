//! Runs programs of this machine to determine their version, if the user allows it. They are found as a shell finds
//! them, and run by one, within its limits.
//!
//! Only programs that root alone can replace are run: the file and every directory on the way to it, including those of
//! link targets, must belong to root, and no other user may write to them.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::errors::in_words;
use super::launcher::Launcher;
use super::shell::{ShellLimits, ShellRun, run_shell, search_path};

/// The maximum number of links on the way to a program.
const MOST_LINKS: usize = 40;

/// Returns the first executable file of this name in the directories of `PATH`.
pub fn program_on_path(name: &str) -> Option<PathBuf> {
    let path = search_path();
    let directories = std::env::split_paths(&path).filter(|directory| directory.is_absolute());
    directories.map(|directory| directory.join(name)).find(|path| is_executable(path))
}

/// Whether there is an executable file at a path, links followed.
pub fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) && access(path, AccessFlags::X_OK).is_ok()
}

/// Runs a program with these arguments and no input. Returns its output, including standard error.
///
/// # Errors
///
/// If a user other than root can change it, it cannot be started, or it exceeded a limit and was killed; the error is
/// the reason as text.
pub fn run_program(launcher: &Launcher, path: &Path, words: &[&str], limits: &ShellLimits) -> Result<ShellRun, String> {
    only_root_changes(path)?;
    let Some(path) = path.to_str() else { return Err("its path is not UTF-8 text".to_owned()) };
    let words: Vec<String> = std::iter::once(path).chain(words.iter().copied()).map(quoted).collect();
    run_shell(launcher, &format!("exec {} </dev/null\n", words.join(" ")), limits)
}

/// Quotes a word for the shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Walks from `/` to a file, through all links, and checks that only root can change anything on the way.
fn only_root_changes(path: &Path) -> Result<(), String> {
    let mut rest: Vec<OsString> = Vec::new();
    let push = |rest: &mut Vec<OsString>, path: &Path| {
        rest.extend(
            path.components().rev().filter(|part| *part != Component::CurDir).map(|part| part.as_os_str().into()),
        );
    };
    let mut at = PathBuf::from("/");
    push(&mut rest, path);
    let mut links = 0;
    while let Some(part) = rest.pop() {
        if part == ".." {
            at.pop();
            continue;
        }
        let next = at.join(part);
        let metadata = fs::symlink_metadata(&next).map_err(|error| cannot(&next, &error))?;
        if metadata.is_symlink() {
            links += 1;
            if links > MOST_LINKS {
                return Err(format!("{}: more than {MOST_LINKS} links on the way to it", path.display()));
            }
            push(&mut rest, &fs::read_link(&next).map_err(|error| cannot(&next, &error))?);
            continue;
        }
        if metadata.uid() != 0 {
            return Err(format!("{} belongs to user {}, not to root", next.display(), metadata.uid()));
        }
        if metadata.mode() & 0o022 != 0 {
            let mode = metadata.mode() & 0o7777;
            return Err(format!("others than root can write to {} (mode {mode:03o})", next.display()));
        }
        at = next;
    }
    Ok(())
}

fn cannot(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {}", path.display(), in_words(error))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test makes the programs that it looks at")]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    fn program(place: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = place.join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        path
    }

    #[test]
    fn what_others_can_change_is_not_run() {
        if !nix::unistd::geteuid().is_root() {
            return;
        }
        // The usual place for temporary files is writable by everyone.
        let place = tempfile::tempdir_in("/var/lib").expect("a directory");
        let at = |name: &str| place.path().join(name);
        let own = program(place.path(), "own", "", 0o755);
        program(place.path(), "group", "", 0o775);
        program(place.path(), "world", "", 0o757);
        program(place.path(), "theirs", "", 0o755);
        chown(at("theirs"), Some(1000), Some(1000)).expect("given away");
        for (directory, mode, uid) in [("open", 0o777, 0), ("sticky", 0o1777, 0), ("given", 0o755, 1000)] {
            fs::create_dir(at(directory)).expect("made");
            program(&at(directory), "own", "", 0o755);
            symlink(&own, at(directory).join("link")).expect("linked");
            symlink(at(directory), at(&format!("to-{directory}"))).expect("linked");
            fs::set_permissions(at(directory), fs::Permissions::from_mode(mode)).expect("set");
            chown(at(directory), Some(uid), None).expect("given");
        }
        symlink("own", at("link")).expect("linked");
        symlink("open/../own", at("around")).expect("linked");
        symlink("given/link", at("over")).expect("linked");
        symlink("round", at("round")).expect("linked");
        for (name, expected) in [
            ("own", None),
            ("link", None),
            ("./link", None),
            ("group", Some("others than root can write to ")),
            ("world", Some("others than root can write to ")),
            ("theirs", Some("theirs belongs to user 1000, not to root")),
            ("open/own", Some("open (mode 777)")),
            ("open/link", Some("open (mode 777)")),
            ("sticky/own", Some("sticky (mode 1777)")),
            ("given/own", Some("given belongs to user 1000, not to root")),
            ("to-given/link", Some("given belongs to user 1000, not to root")),
            ("around", Some("open (mode 777)")),
            ("over", Some("given belongs to user 1000, not to root")),
            ("round", Some("more than 40 links on the way to it")),
            ("missing", Some("missing: no such file or directory")),
        ] {
            match (only_root_changes(&at(name)), expected) {
                (Ok(()), None) => {}
                (Err(said), Some(part)) => assert!(said.contains(part), "{name}: {said}"),
                (said, _) => panic!("{name}: {said:?}, expected {expected:?}"),
            }
        }
    }
}
