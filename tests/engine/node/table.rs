//! The list of all processes: live, synthetic and recorded.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};

use definitions::benchmark::Library;
use kube_assay::node::{Recorded, Remembered};
use kube_assay::run::recorded;
use probe::{Answer, Cause, ListedProcess, Node, Observed, Question};

use super::support::{Place, assert_unknown};

fn table(node: &impl Node) -> Vec<ListedProcess> {
    match node.ask(&Question::AllProcesses) {
        Observed::Present(Answer::ProcessTable(table)) => table.to_vec(),
        other => panic!("no list: {other:?}"),
    }
}

fn listed(pid: i32, parent: i32, uid: u32, name: &str, arguments: &[&[u8]]) -> ListedProcess {
    let arguments = arguments.iter().map(|argument| argument.to_vec()).collect();
    ListedProcess { pid, parent, uid, name: name.to_owned(), arguments }
}

#[test]
fn a_live_node_lists_all_processes_with_their_owners() {
    let place = Place::new();
    for (pid, name, parent, line) in
        [(12, "et) (cd\n", 1, &b"etcd\0--name=a b\0"[..]), (2, "kthreadd", 0, b""), (1, "init", 0, b"/sbin/init\0")]
    {
        place.command(pid, line);
        fs::write(
            place.process(pid, "stat"),
            format!("{pid} ({name}) S {parent} {pid} {pid} 0 -1 4194560{rest}\n", rest = " 0".repeat(43)),
        )
        .unwrap();
    }
    // Only root can change the owner.
    let directory = place.process(12, "");
    let _ = chown(&directory, Some(1001), None);
    let (ours, etcd) = (fs::metadata(place.process(1, "")).unwrap().uid(), fs::metadata(directory).unwrap().uid());
    // A process that exits while being inspected.
    place.command(99, b"gone\0");
    let expected = [
        listed(1, 0, ours, "init", &[b"/sbin/init"]),
        listed(2, 0, ours, "kthreadd", &[]),
        listed(12, 1, etcd, "et) (cd\n", &[b"etcd", b"--name=a b"]),
    ];
    assert_eq!(table(&place.live()), expected);
}

#[test]
fn without_processes_there_is_no_list() {
    let place = Place::new();
    let proc = place.dir.path().join("proc");
    let message = format!("{}: shows no process (give the place of a proc mount with --proc)", proc.display());
    assert_unknown(&place.live().ask(&Question::AllProcesses), Cause::System, &message);
}

#[test]
fn a_recording_answers_the_list_that_was_asked_for() {
    let text =
        "passwd: ['etcd:x:1001:']\nprocesses: [{pid: 7, cmd: etcd --token=secret, user: etcd}, {pid: 8, cmd: cron}]";
    let synthetic = Remembered::noting(Recorded::parse("node", text).unwrap());
    let seen = table(&synthetic);
    assert_eq!(seen.iter().map(|process| (process.pid, process.uid)).collect::<Vec<_>>(), [(1, 0), (7, 1001), (8, 0)]);
    let yaml = recorded(&synthetic, &Library::default(), true).to_yaml().unwrap();
    let mut again = table(&Recorded::parse("again", &yaml).unwrap());
    assert!(!yaml.contains("secret"), "{yaml}");
    for (process, before) in again.iter_mut().zip(&seen) {
        if process.pid == 7 {
            process.arguments.clone_from(&before.arguments);
        }
    }
    assert_eq!(again, seen);
}

#[test]
fn a_recording_that_was_not_asked_for_the_list_has_none() {
    let text = "form: 2\nasked: {processes: [etcd]}\nprocesses: [{pid: 7, argv: [etcd]}]";
    let node = Recorded::parse("node", text).unwrap();
    let message = "the list of all processes: not recorded (record the node again with this version)";
    assert_unknown(&node.ask(&Question::AllProcesses), Cause::NotRecorded, message);
}
