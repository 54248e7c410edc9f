//! `/bin/sh` as audits get it: a program of its own, since its children are what is killed.

#![allow(clippy::disallowed_methods, reason = "tests measure time, and look at files")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use kube_assay::node::{Launcher, ShellLimits, is_executable, run_program, run_shell};

fn launcher() -> Launcher {
    Launcher::at(Path::new(env!("CARGO_BIN_EXE_kube-assay")))
}

fn ran(script: &str) -> (String, i32) {
    let run = run_shell(&launcher(), script, &ShellLimits::default()).unwrap_or_else(|why| panic!("{why}"));
    (run.output, run.status)
}

fn killed(script: &str, limits: ShellLimits) -> String {
    run_shell(&launcher(), script, &limits).expect_err("it must be killed")
}

/// One after the other: the children of this program are those of one shell.
#[test]
fn a_shell_runs_within_its_bounds() {
    assert_eq!(ran("echo a; echo b >&2; exit 3"), ("a\nb\n".to_owned(), 3));
    assert_eq!(ran("kill -9 $$"), (String::new(), 137));
    assert_eq!(ran("env | cut -d= -f1 | grep -vxE 'HOME|PATH|PWD|OLDPWD|SHLVL|_|KUBE.*'"), (String::new(), 1));
    // What is left behind is neither waited for nor left alone.
    let began = Instant::now();
    let (output, _) = ran("sleep 77.5 & setsid sleep 77.25 & sleep 0.2; ps -ef | grep -c '[s]leep 77'");
    assert_eq!(output, "2\n");
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(ran("ps -ef | grep -c '[s]leep 77'"), ("0\n".to_owned(), 1));

    let short = ShellLimits { time: Duration::from_secs(1), ..ShellLimits::default() };
    assert_eq!(killed("while :; do :; done", short), "/bin/sh: did not end within 1 seconds, and was killed");
    assert_eq!(killed("exec sleep 60", short), "/bin/sh: did not end within 1 seconds, and was killed");
    let small = ShellLimits { bytes: 100_000, ..ShellLimits::default() };
    assert_eq!(killed("yes; true", small), "/bin/sh: printed more than 100000 bytes, and was killed");
    let few = ShellLimits { processes: 50, ..ShellLimits::default() };
    let bomb = "bomb() { bomb | bomb & }; bomb; sleep 60";
    assert_eq!(killed(bomb, few), "/bin/sh: started more than 50 processes, and was killed");
    programs_run_without_input();
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("large");
    ran(&format!("head -c 1000000000 /dev/zero >{}", file.display()));
    assert!(fs::metadata(&file).is_ok_and(|found| found.len() <= ShellLimits::default().bytes));
}

fn programs_run_without_input() {
    if !kube_assay::node::is_root() {
        return;
    }
    // The usual place for temporary files is everybody's, and nothing there is run.
    let place = tempfile::tempdir_in("/var/lib").expect("a directory");
    let path = place.path().join("it's a program");
    fs::write(&path, "#!/bin/sh\ncat; echo \"$0\" $# \"$2\"; echo e >&2; exit 3\n").expect("written");
    assert!(!is_executable(&path) && !is_executable(place.path()));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
    assert!(is_executable(&path));
    let ran = run_program(&launcher(), &path, &["version", "$(id) 'x'"], &ShellLimits::default()).expect("it runs");
    assert_eq!((ran.output, ran.status), (format!("{} 2 $(id) 'x'\ne\n", path.display()), 3));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o757)).expect("set");
    let refused =
        run_program(&launcher(), &path, &[], &ShellLimits::default()).expect_err("anybody could have written it");
    assert!(refused.starts_with("others than root can write to "), "{refused}");
}
