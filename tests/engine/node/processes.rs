//! Processes of a live node.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use kube_assay::node::{Live, LiveOptions};
use probe::{Answer, Bearer, Cause, Foreign, Location, Node, Observed, Process, Question};

use super::support::{Place, assert_unknown, called, environment, own_user, skips_as_root, text};

fn processes(node: &impl Node, names: &[&str]) -> Vec<Process> {
    match node.ask(&called(names)) {
        Observed::Present(Answer::Processes(processes)) => processes.listed,
        other => panic!("{other:?}"),
    }
}

fn process(pid: i32, called: &str) -> Process {
    Process { pid, called: called.to_owned(), uid: own_user() }
}

fn arguments(node: &impl Node, pid: i32) -> Vec<Vec<u8>> {
    match node.ask(&Question::Arguments(pid)) {
        Observed::Present(Answer::Arguments(arguments)) => arguments,
        other => panic!("{other:?}"),
    }
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
    assert_eq!(processes(&live, &["kubelet"]), [process(3, "kubelet"), process(20, "kubelet")]);
    let words: [&[u8]; 4] = [b"kubelet", b"", b"--odd=\xff", b""];
    assert_eq!(arguments(&live, 3), words);
    assert_eq!(arguments(&live, 20), [b"/usr/bin/kubelet".to_vec(), b"--v=2".to_vec()]);
    assert_eq!(processes(&live, &["etcd"]), []);
    assert_eq!(processes(&live, &["grep", "run"]).len(), 2);
}

#[test]
fn processes_of_other_users_are_only_counted() {
    let place = Place::new();
    let status = |pid: i32, real: u32, effective: u32| {
        place.command(pid, b"/usr/bin/kubelet\0");
        let text = format!("Name:\tUid:\\n0\nUid:\t{real}\t{effective}\t{effective}\t{effective}\nNSpid:\t{pid}\t7\n");
        fs::write(place.process(pid, "status"), text).unwrap();
    };
    let map = |pid: i32, first: u32| {
        fs::write(place.process(pid, "uid_map"), format!("         0 {first:10} 4294967295\n")).unwrap();
    };
    map(1, 0);
    for (pid, real, effective, first) in
        [(2, 0, 0, 0), (3, 1000, 1000, 0), (4, 1000, 0, 0), (5, 0, 0, 100_000), (6, 1000, 1000, 0), (7, 1001, 1001, 0)]
    {
        status(pid, real, effective);
        map(pid, first);
    }
    let ask = |users: &[u32]| {
        let question = Question::Processes { called: vec!["kubelet".to_owned()], users: users.to_vec() };
        match place.live().ask(&question) {
            Observed::Present(Answer::Processes(processes)) => processes,
            other => panic!("{other:?}"),
        }
    };
    let bearer = |uid, because, count| (Bearer { called: "kubelet".to_owned(), uid, because }, count);
    let found = ask(&[0]);
    assert_eq!(found.listed, [Process { pid: 2, called: "kubelet".to_owned(), uid: 0 }]);
    let expected = BTreeMap::from([
        bearer(0, Foreign::UserNamespace, 1),
        bearer(1000, Foreign::User, 2),
        bearer(1000, Foreign::EffectiveUser, 1),
        bearer(1001, Foreign::User, 1),
    ]);
    assert_eq!(found.passed_over, expected);
    let pids: Vec<i32> = ask(&[0, 1000]).listed.iter().map(|process| process.pid).collect();
    assert_eq!(pids, [2, 3, 6]);
    match place.live().ask(&Question::Standing(2)) {
        Observed::Present(Answer::Standing(standing)) => assert_eq!(standing.pid_namespaces, Some(2)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_process_that_is_another_by_now_is_gone() {
    let place = Place::new();
    let write = |began: u64, user: u32| {
        place.command(2, b"/usr/bin/kubelet\0");
        let text = format!("Name:\tx\nUid:\t{user}\t{user}\t{user}\t{user}\n");
        fs::write(place.process(2, "status"), text).unwrap();
        let fields = "0 ".repeat(18);
        fs::write(place.process(2, "stat"), format!("2 (a) b) S {fields}{began}{rest}\n", rest = " 0".repeat(30)))
            .unwrap();
        let link = place.process(2, "exe");
        let _ = fs::remove_file(&link);
        symlink("/usr/bin/kubelet", link).unwrap();
    };
    let question = Question::Executable(2);
    for (began, user, is_same) in [(70, 0, true), (71, 0, false), (70, 1000, false)] {
        write(70, 0);
        let live = place.live();
        let listed = Question::Processes { called: vec!["kubelet".to_owned()], users: vec![0] };
        assert!(matches!(live.ask(&listed), Observed::Present(Answer::Processes(found)) if found.listed.len() == 1));
        write(began, user);
        match live.ask(&question) {
            Observed::Present(_) => assert!(is_same, "{began} {user}"),
            Observed::Unknown(why) => assert_eq!((why.cause, is_same), (Cause::Vanished, false), "{began} {user}"),
            Observed::Absent => panic!("absent"),
        }
    }
}

#[test]
fn a_command_line_over_the_limit_is_unknown_and_its_process_is_there() {
    let place = Place::new();
    let cases = [
        (vec![b'x'; 9 << 20], "longer than 1 MiB, the limit"),
        (vec![b'x'; 1 << 20], "longer than 1 MiB, the limit"),
        (b"a\0".repeat(30_000), "more than 20000 arguments, the limit"),
    ];
    for (rest, detail) in cases {
        place.command(2, &[b"kubelet\0", rest.as_slice(), b"\0"].concat());
        let live = place.live();
        assert_eq!(processes(&live, &["kubelet"]), [process(2, "kubelet")]);
        let message = format!("process 2's command line: {detail}");
        assert_unknown(&live.ask(&Question::Arguments(2)), Cause::TooLarge, &message);
    }
    place.command(2, &[b"kubelet\0".as_slice(), &vec![b'x'; 1_000_000], &b"\0a".repeat(19_000)].concat());
    assert!(
        matches!(place.live().ask(&Question::Arguments(2)), Observed::Present(Answer::Arguments(all)) if all.len() == 19_002)
    );
}

#[test]
fn what_a_process_runs_and_where_is_told_by_the_kernel() {
    let live = Live::open(LiveOptions { root: "/".into(), proc: "/proc".into() }).unwrap();
    let me = i32::try_from(std::process::id()).unwrap();
    let own = fs::metadata(std::env::current_exe().unwrap()).unwrap();
    match live.ask(&Question::ExecutableFile(me)) {
        Observed::Present(Answer::Metadata(found)) => {
            assert_eq!((found.uid, found.mode, found.size), (own.uid(), own.mode() & 0o7777, own.len()));
        }
        other => panic!("{other:?}"),
    }
    let directory = std::env::current_dir().unwrap();
    assert_eq!(live.ask(&Question::WorkingDirectory(me)), text(directory.to_str().unwrap()));
    match live.ask(&Question::Standing(me)) {
        Observed::Present(Answer::Standing(standing)) => assert_eq!(standing.host_root, Some(true)),
        other => panic!("{other:?}"),
    }
    // A directory that only imitates proc has ordinary links, which are resolved within the root.
    let place = Place::new();
    place.command(2, b"etcd\0");
    place.file("usr/bin/etcd", b"");
    symlink("/usr/bin/etcd", place.process(2, "exe")).unwrap();
    symlink("/var/lib", place.process(2, "cwd")).unwrap();
    match place.live().ask(&Question::ExecutableFile(2)) {
        Observed::Present(Answer::Metadata(found)) => assert_eq!(found.resolved, Path::new("/usr/bin/etcd")),
        other => panic!("{other:?}"),
    }
    assert_eq!(place.live().ask(&Question::WorkingDirectory(2)), text("/var/lib"));
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
    // Visible processes are listed.
    assert_eq!(processes(&live, &["bash"]).len(), 1);
    // If PID 1 is visible, all processes are.
    place.command(1, b"init\0");
    assert_eq!(processes(&place.live(), &["kubelet"]), []);
    fs::remove_dir_all(proc.join("1")).unwrap();
    mount("rw");
    assert_eq!(processes(&place.live(), &["kubelet"]), []);
}

#[test]
fn command_lines_longer_than_the_buffer_are_read_whole() {
    let place = Place::new();
    for (pid, length) in [(2, 65_536), (3, 65_527), (4, 300_000)] {
        let long = [b"kubelet\0".to_vec(), vec![b'x'; length], vec![0]].concat();
        place.command(pid, &long);
    }
    let live = place.live();
    let found = processes(&live, &["kubelet"]);
    let lengths: Vec<usize> = found.iter().map(|process| arguments(&live, process.pid)[1].len()).collect();
    assert_eq!(lengths, [65_536, 65_527, 300_000]);
}

#[test]
fn a_process_that_is_gone_is_left_out_of_the_list() {
    let place = Place::new();
    place.command(2, b"kubelet\0");
    // A directory whose files are gone, as of a process that exits while being inspected.
    fs::create_dir(place.dir.path().join("proc/3")).unwrap();
    assert_eq!(processes(&place.live(), &["kubelet"]), [process(2, "kubelet")]);
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
        let message = format!("{subject}: disappeared while it was read");
        assert_unknown(&live.ask(&question), Cause::Vanished, &message);
    }
    // The process exists, so what is missing is absent.
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
