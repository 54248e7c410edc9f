//! `/bin/sh` as used for audits. A test program of its own, because ending a shell kills all children of the program.

#![allow(clippy::disallowed_methods, reason = "tests measure time, and look at files")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{self, Command};
use std::thread;
use std::time::{Duration, Instant};

use kube_assay::node::{Launcher, ShellLimits, is_executable, run_program, run_shell};
use kube_assay::sandbox::{Calls, Need, keep_capabilities, refuse_calls, seal};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

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

/// The parts run one after the other, because all children of this program count as the shell's.
#[test]
fn a_shell_runs_within_its_bounds() {
    let other = Other::start();
    assert_eq!(ran("echo a; echo b >&2; exit 3"), ("a\nb\n".to_owned(), 3));
    assert_eq!(ran("kill -9 $$"), (String::new(), 137));
    assert_eq!(ran("env | cut -d= -f1 | grep -vxE 'HOME|PATH|PWD|OLDPWD|SHLVL|_|KUBE.*'"), (String::new(), 1));
    // Background processes are killed without waiting for them.
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
    bounds_cannot_be_lifted();
    nothing_is_left_and_nobody_is_reached(&other);
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("large");
    ran(&format!("head -c 1000000000 /dev/zero >{}", file.display()));
    assert!(fs::metadata(&file).is_ok_and(|found| found.len() <= ShellLimits::default().bytes));
}

fn programs_run_without_input() {
    if !kube_assay::node::is_root() {
        return;
    }
    // The usual directory for temporary files is world-writable, and nothing in it may be executed.
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

/// Runs scripts and compares their output.
fn print(table: &[(&str, &str)]) {
    for (script, expected) in table {
        let (printed, _) = ran(script);
        assert_eq!(printed.trim_end(), *expected, "{script}");
    }
}

fn bounds_cannot_be_lifted() {
    let gained = if kube_assay::node::is_root() { "0000000000000004" } else { "0000000000000000" };
    let state = "awk '/^(CapEff|CapPrm|CapInh|CapAmb|NoNewPrivs)/ { printf \"%s \", $2 }' /proc/self/status";
    print(&[
        ("ulimit -Sc; ulimit -Hc; ulimit -Sn; ulimit -Hn", "0\n0\n1024\n1024"),
        ("ulimit -St; ulimit -Ht; ulimit -Sf; ulimit -Hf", "61\n61\n16384\n16384"),
        ("ulimit -Sd; ulimit -Hd; ulimit -Sv; ulimit -Hv", "1048576\n1048576\n4194304\n4194304"),
        ("(ulimit -f unlimited) 2>/dev/null || echo no", "no"),
        ("(ulimit -n 4096) 2>/dev/null || echo no", "no"),
        ("(ulimit -v unlimited) 2>/dev/null || echo no", "no"),
        (state, &format!("0000000000000000 {gained} {gained} 0000000000000000 1")),
        ("cat /proc/self/oom_score_adj", "1000"),
        ("head -c 1500000000 /dev/zero | tail -c 1400000000 2>/dev/null | wc -c", "0"),
        ("unshare -U true 2>/dev/null || echo no", "no"),
        ("mount -t tmpfs none /mnt 2>/dev/null || echo no", "no"),
    ]);
    // If the kernel can enforce it, files may only be written in the usual directories for temporary files.
    if kube_assay::node::is_root() && thread::spawn(|| seal(&[], &[])).join().expect("it ends").is_ok() {
        let place = tempfile::tempdir_in("/var/lib").expect("a directory");
        let place = place.path().display();
        print(&[
            (&format!("(echo x >{place}/file) 2>/dev/null || echo no"), "no"),
            ("(echo 1 >/proc/sys/kernel/core_uses_pid) 2>/dev/null || echo no", "no"),
            ("echo x >/dev/null && f=$(mktemp) && echo y >$f && cat $f && rm $f", "y"),
        ]);
    }
}

/// With a PID namespace, and without one, as when `CAP_SYS_ADMIN` is missing.
fn nothing_is_left_and_nobody_is_reached(other: &Other) {
    reaches_nobody(other);
    thread::scope(|scope| {
        let bound = scope.spawn(|| {
            keep_capabilities(Need::Writing).expect("given up");
            // Without this filter, a program started by root would regain all capabilities.
            refuse_calls(Calls::Starting).expect("in force");
            reaches_nobody(other);
            print(&[("setsid true 2>/dev/null || echo no", "no"), ("kill -0 $$ 2>/dev/null || echo no", "no")]);
        });
        bound.join().expect("it ends");
    });
}

/// A process that is not a child of this program, since children are killed with a shell.
struct Other(Pid);

impl Other {
    /// Starts the process. Its parent exits before this program becomes the subreaper of orphans.
    fn start() -> Self {
        let script = "sleep 600 >/dev/null 2>&1 & echo $!";
        let started = Command::new("sh").arg("-c").arg(script).output().expect("there is a shell");
        let pid = String::from_utf8(started.stdout).expect("text").trim().parse().expect("a number");
        Self(Pid::from_raw(pid))
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = kill(self.0, Signal::SIGKILL);
    }
}

fn reaches_nobody(Other(other): &Other) {
    for pid in [process::id().cast_signed(), other.as_raw()] {
        print(&[
            (&format!("kill -9 {pid} 2>/dev/null || echo no"), "no"),
            (&format!("prlimit --pid {pid} --nofile=3:3 2>/dev/null || echo no"), "no"),
            (&format!("tail -c 1 /proc/{pid}/environ >/dev/null 2>&1 || echo no"), "no"),
            (&format!("ls /proc/{pid}/root/ >/dev/null 2>&1 || echo no"), "no"),
            (&format!("(echo 1000 >/proc/{pid}/oom_score_adj) 2>/dev/null || echo no"), "no"),
        ]);
    }
    assert_eq!(kill(*other, None), Ok(()), "it was ended");
    // Chains of sessions and orphans.
    ran("(setsid sh -c '(setsid sleep 88.5 &) ; sleep 88.25' &) 2>/dev/null; (sh -c 'sleep 88.75 &' &); sleep 0.3");
    assert_eq!(ran("ps -ef | grep -c '[s]leep 88'"), ("0\n".to_owned(), 1));
}
