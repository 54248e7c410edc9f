//! Runs the collection script with a fake `aws` command.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use aws::{CALLS, Each, PREDICATES, script};
use tempfile::TempDir;

use super::world::{judged, of, sound, told};

/// A fake `aws` that answers from the files of the script's names, and text queries from a table.
const FAKE: &str = include_str!("fake-aws.sh");

struct Run {
    directory: TempDir,
    output: Output,
}

impl Run {
    fn files(&self) -> super::world::Files {
        of(&self.directory.path().join("evidence"))
    }

    fn calls(&self) -> Vec<String> {
        let log = fs::read_to_string(self.directory.path().join("log")).expect("there were calls");
        log.lines().map(str::to_owned).collect()
    }
}

/// Runs the script; calls of the operations in `refused` fail.
fn run(script: &str, arguments: &[&str], refused: &str, inline: &str) -> Run {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path();
    fs::write(path.join("collect.sh"), script).expect("it is written");
    fs::create_dir(path.join("bin")).expect("it is made");
    let fake = path.join("bin/aws");
    fs::write(&fake, FAKE).expect("it is written");
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let output = Command::new("sh")
        .arg(path.join("collect.sh"))
        .arg(path.join("evidence"))
        .args(arguments)
        .env("PATH", format!("{}:/usr/bin:/bin", path.join("bin").display()))
        .env("FAKE_ANSWERS", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sound"))
        .env("FAKE_LOG", path.join("log"))
        .env("FAKE_REFUSED", refused)
        .env("FAKE_INLINE", inline)
        .output()
        .expect("there is a shell");
    Run { directory, output }
}

#[test]
fn it_writes_each_file_that_a_predicate_needs() {
    let run = run(&script(Some("prod"), None).expect("a name"), &[], "", "");
    let errors = String::from_utf8_lossy(&run.output.stderr).into_owned();
    assert!(run.output.status.success(), "{errors}");
    let files = run.files();
    let names: BTreeSet<&String> = files.keys().collect();
    let expected = sound();
    assert_eq!(names, expected.keys().collect(), "{errors}");
    for predicate in PREDICATES {
        assert_eq!(
            told(&judged(predicate, &files)).lines().next(),
            told(&judged(predicate, &expected)).lines().next(),
            "{predicate}"
        );
    }
    let mode = fs::metadata(run.directory.path().join("evidence")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn it_makes_calls_that_read_and_no_others() {
    let run = run(&script(None, Some("eu-central-1")).expect("a name"), &["prod"], "", "extra\n../escape\na b");
    assert!(run.output.status.success(), "{}", String::from_utf8_lossy(&run.output.stderr));
    let calls = run.calls();
    for call in &calls {
        let words: Vec<&str> = call.split(' ').collect();
        assert_eq!(words[..2], ["--region", "eu-central-1"], "{call}");
        assert!(["describe-", "get-", "list-"].iter().any(|reading| words[3].starts_with(reading)), "{call}");
    }
    for collected in CALLS.iter().filter(|collected| collected.each != Each::Never) {
        let is_made = calls.iter().any(|call| call.contains(&format!(" {} ", collected.operation)));
        assert!(is_made, "{} is never made", collected.call);
    }
    // A name that IAM does not allow is never part of a call or a file name.
    assert!(!calls.iter().any(|call| call.contains("escape") || call.contains("a b")), "{calls:?}");
}

#[test]
fn a_call_that_is_refused_leaves_its_error_and_the_rest_is_collected() {
    for collected in CALLS.iter().filter(|collected| collected.each == Each::Once) {
        let operation = collected.operation.split_once(' ').expect("service and operation").1;
        let run = run(&script(Some("prod"), None).expect("a name"), &[], operation, "");
        let errors = String::from_utf8_lossy(&run.output.stderr).into_owned();
        assert!(run.output.status.success(), "{errors}");
        let files = run.files();
        let of_call: Vec<&String> = files.keys().filter(|name| name.starts_with(&format!("{operation}."))).collect();
        assert!(of_call.len() == 1 && of_call[0].contains(".error"), "{operation}: {of_call:?}\n{errors}");
        assert!(errors.contains(&format!("refused: {}/evidence/{}", run.directory.path().display(), of_call[0])));
        for predicate in collected.needed_by {
            let told = told(&judged(predicate, &files));
            assert!(
                told.contains("was refused: An error occurred (AccessDeniedException)"),
                "{operation}, {predicate}\n{told}"
            );
        }
        let untouched = PREDICATES.iter().filter(|predicate| !collected.needed_by.contains(predicate));
        if operation != "describe-cluster" {
            for predicate in untouched {
                let told = told(&judged(predicate, &files));
                assert!(!told.starts_with("unknown"), "{operation}, {predicate}\n{told}");
            }
        }
    }
}

#[test]
fn names_that_are_none_are_refused_and_a_directory_is_not_written_into_twice() {
    for (cluster, region) in [
        (Some("a b"), None),
        (Some("$(id)"), None),
        (Some("a'b"), None),
        (Some(""), None),
        (Some("-x"), None),
        (Some("prod"), Some("eu central")),
        (None, Some("eu'")),
    ] {
        let error = script(cluster, region).expect_err("it is no name").to_string();
        assert!(error.contains("not a valid AWS name"), "{error}");
    }
    let text = script(None, None).expect("no names");
    let hostile = run(&text, &["$(touch evil)"], "", "");
    assert_eq!(hostile.output.status.code(), Some(2));
    let none = run(&text, &[], "", "");
    assert!(!none.output.status.success());
    let first = run(&text, &["prod"], "", "");
    let again = Command::new("sh")
        .arg(first.directory.path().join("collect.sh"))
        .arg(first.directory.path().join("evidence"))
        .arg("prod")
        .env("PATH", format!("{}:/usr/bin:/bin", first.directory.path().join("bin").display()))
        .output()
        .expect("there is a shell");
    assert!(!again.status.success(), "a directory that exists is left alone");
}

#[test]
fn it_is_what_a_posix_shell_takes() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("collect.sh");
    fs::write(&path, script(Some("prod"), Some("eu-central-1")).expect("names")).expect("it is written");
    let checked = Command::new("sh").arg("-n").arg(&path).output().expect("there is a shell");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
