//! Processes of a live node.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use kube_assay::node::{Live, LiveOptions};
use kube_assay::probe::{Answer, Cause, Location, Node, Observed, Process, Question};

use super::support::{Place, assert_unknown, called, environment, skips_as_root, text};

fn processes(node: &impl Node, names: &[&str]) -> Vec<Process> {
    match node.ask(&called(names)) {
        Observed::Present(Answer::Processes(processes)) => processes,
        other => panic!("{other:?}"),
    }
}

fn process(pid: i32, arguments: &[&[u8]]) -> Process {
    Process { pid, arguments: arguments.iter().map(|argument| argument.to_vec()).collect() }
}

#[test]
fn processes_are_found_by_the_name_of_their_program() {
    let place = Place::new();
    place.command(20, b"/usr/bin/kubelet\0--v=2\0");
    place.command(3, b"kubelet\0\0--odd=\xff\0\0");
    place.command(4, b"grep\0kubelet\0");
    place.command(5, b"/opt/kubelet/run\0");
    place.command(6, b"");
    place.command(7, b"kubelet --v=2");
    fs::write(place.dir.path().join("proc/uptime"), "1").unwrap();
    let live = place.live();
    let expected = [process(3, &[b"kubelet", b"", b"--odd=\xff", b""]), process(20, &[b"/usr/bin/kubelet", b"--v=2"])];
    assert_eq!(processes(&live, &["kubelet"]), expected);
    assert_eq!(processes(&live, &["etcd"]), []);
    assert_eq!(processes(&live, &["grep", "run"]).len(), 2);
}

#[test]
fn processes_that_a_mount_option_hides_are_not_absent() {
    let place = Place::new();
    place.command(20, b"bash\0");
    let proc = fs::canonicalize(place.dir.path().join("proc")).unwrap();
    fs::create_dir_all(proc.join("self")).unwrap();
    let mount = |options: &str| {
        let line = format!("22 1 0:21 / {} rw,nosuid shared:5 - proc proc {options}\n", proc.display());
        fs::write(proc.join("self/mountinfo"), line).unwrap();
    };
    mount("rw,hidepid=invisible");
    let live = place.live();
    let said = format!(
        "{}: mounted with hidepid=invisible, which hides the processes of others (run as root, with CAP_SYS_PTRACE)",
        place.dir.path().join("proc").display()
    );
    assert_unknown(&live.ask(&called(&["kubelet"])), Cause::PermissionDenied, &said);
    assert_unknown(&live.ask(&Question::AllProcesses), Cause::PermissionDenied, &said);
    // What is seen is seen.
    assert_eq!(processes(&live, &["bash"]).len(), 1);
    // Who sees the first process sees them all.
    place.command(1, b"init\0");
    assert_eq!(processes(&place.live(), &["kubelet"]), []);
    fs::remove_dir_all(proc.join("1")).unwrap();
    mount("rw");
    assert_eq!(processes(&place.live(), &["kubelet"]), []);
}

#[test]
fn command_lines_are_read_once() {
    let place = Place::new();
    place.command(2, b"kubelet\0");
    let live = place.live();
    assert_eq!(processes(&live, &["kubelet"]).len(), 1);
    place.command(2, b"etcd\0");
    place.command(3, b"etcd\0");
    assert_eq!(processes(&live, &["etcd"]), []);
}

#[test]
fn command_lines_longer_than_the_buffer_are_read_whole() {
    let place = Place::new();
    for (pid, length) in [(2, 65_536), (3, 65_527), (4, 300_000)] {
        let long = [b"kubelet\0".to_vec(), vec![b'x'; length], vec![0]].concat();
        place.command(pid, &long);
    }
    let lengths: Vec<usize> =
        processes(&place.live(), &["kubelet"]).iter().map(|process| process.arguments[1].len()).collect();
    assert_eq!(lengths, [65_536, 65_527, 300_000]);
}

#[test]
fn a_process_that_is_gone_is_left_out_of_the_list() {
    let place = Place::new();
    place.command(2, b"kubelet\0");
    // A directory whose files are gone already, as of a process that ends while it is looked at.
    fs::create_dir(place.dir.path().join("proc/3")).unwrap();
    assert_eq!(processes(&place.live(), &["kubelet"]), [process(2, &[b"kubelet"])]);
}

#[test]
fn a_process_that_is_gone_is_unknown_and_not_absent() {
    let place = Place::new();
    place.command(2, b"kubelet\0");
    let live = place.live();
    for (question, subject) in [
        (Question::Executable(9), "process 9's executable"),
        (Question::CommandName(9), "process 9's name"),
        (Question::Cgroup(9), "process 9's cgroup"),
        (environment(9, &["A"]), "process 9's environment"),
        (Question::Metadata(Location::process(9, "/etc")), "process 9's file system"),
    ] {
        let message = format!("{subject}: went away while it was looked at");
        assert_unknown(&live.ask(&question), Cause::Vanished, &message);
    }
    // Of a process that is there, what is missing is missing.
    assert_eq!(live.ask(&Question::Executable(2)), Observed::Absent);
    assert_eq!(live.ask(&Question::Cgroup(2)), Observed::Absent);
}

#[test]
fn a_real_process_that_ends_is_unknown() {
    let live = Live::open(LiveOptions { root: "/".into(), proc: "/proc".into() }).unwrap();
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let pid = i32::try_from(child.id()).unwrap();
    assert!(live.ask(&Question::Cgroup(pid)).present().is_some());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(matches!(live.ask(&Question::Cgroup(pid)), Observed::Unknown(why) if why.cause == Cause::Vanished));
}

#[test]
fn a_proc_directory_without_processes_is_no_answer() {
    let place = Place::new();
    let proc = place.dir.path().join("proc");
    let message = format!("{}: shows no process (give the place of a proc mount with --proc)", proc.display());
    assert_unknown(&place.live().ask(&called(&["kubelet"])), Cause::System, &message);
    fs::remove_dir(&proc).unwrap();
    let message = format!("{}: not there (give the place of a proc mount with --proc)", proc.display());
    assert_unknown(&place.live().ask(&called(&["kubelet"])), Cause::System, &message);
}

#[test]
fn executables_are_named_as_the_kernel_names_them() {
    let place = Place::new();
    for (pid, target) in [(2, "/usr/bin/kubelet"), (3, "/usr/bin/kubelet (deleted)")] {
        symlink(target, place.process(pid, "exe")).unwrap();
        assert_eq!(place.live().ask(&Question::Executable(pid)), text("/usr/bin/kubelet"));
    }
}

#[test]
fn names_cgroups_and_variables_are_read() {
    let place = Place::new();
    fs::write(place.process(2, "comm"), "kube-controller\n").unwrap();
    fs::write(place.process(2, "cgroup"), "1:name=x:/\n0::/kubepods\n").unwrap();
    fs::write(place.process(2, "environ"), b"A=1\0B=\xff=2\0A=2\0SECRET=x\0broken\0C=\0").unwrap();
    let live = place.live();
    assert_eq!(live.ask(&Question::CommandName(2)), text("kube-controller"));
    assert_eq!(live.ask(&Question::Cgroup(2)), text("1:name=x:/\n0::/kubepods\n"));
    let expected = BTreeMap::from([
        ("A".to_owned(), b"1".to_vec()),
        ("B".to_owned(), b"\xff=2".to_vec()),
        ("C".to_owned(), b"".to_vec()),
    ]);
    let answer = live.ask(&environment(2, &["A", "B", "C", "broken", "unset"]));
    assert_eq!(answer, Observed::Present(Answer::Variables(expected)));
}

#[test]
fn a_process_has_a_file_system_of_its_own() {
    let place = Place::new();
    place.command(2, b"etcd\0");
    let its_root = place.process(2, "root");
    fs::create_dir_all(its_root.join("etc")).unwrap();
    fs::write(its_root.join("etc/config"), "its own").unwrap();
    symlink("/etc/config", its_root.join("link")).unwrap();
    symlink("../../../outside/secret", its_root.join("out")).unwrap();
    let live = place.live();
    let read = |path: &str| live.ask(&Question::Content(Location::process(2, path)));
    assert!(matches!(read("/link"), Observed::Present(Answer::Content(content)) if content.bytes == b"its own"));
    assert_eq!(read("/out"), Observed::Absent);
    match live.ask(&Question::Metadata(Location::process(2, "/link"))) {
        Observed::Present(Answer::Metadata(metadata)) => assert_eq!(metadata.resolved, Path::new("/etc/config")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_root_of_a_real_process_is_a_link_and_is_opened() {
    let live = Live::open(LiveOptions { root: "/".into(), proc: "/proc".into() }).unwrap();
    let me = i32::try_from(std::process::id()).unwrap();
    match live.ask(&Question::Metadata(Location::process(me, "/etc/passwd"))) {
        Observed::Present(Answer::Metadata(metadata)) => assert_eq!(metadata.resolved, Path::new("/etc/passwd")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn processes_of_others_say_what_is_needed() {
    if skips_as_root("processes_of_others_say_what_is_needed") {
        return;
    }
    let live = Live::open(LiveOptions { root: "/".into(), proc: "/proc".into() }).unwrap();
    let hint = "permission denied (needs CAP_SYS_PTRACE, and an unconfined AppArmor profile in a Job)";
    let message = format!("process 1's executable: {hint}");
    assert_unknown(&live.ask(&Question::Executable(1)), Cause::PermissionDenied, &message);
    let message = format!("process 1's file system: {hint}");
    let question = Question::Metadata(Location::process(1, "/etc"));
    assert_unknown(&live.ask(&question), Cause::PermissionDenied, &message);
}
