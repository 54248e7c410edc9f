//! Recordings of the questions asked: anything not asked is unknown, never absent.

use definitions::benchmark::Library;
use kube_assay::node::{Recorded, Remembered};
use kube_assay::run::recorded;
use probe::{Answer, Cause, FileKind, Location, Metadata, Node, Observed, Process, Processes, Question};

use super::support::{
    Place, assert_unknown, bytes, called, content, directory, environment, metadata, own_user, resolved, text, users,
};

const RECORDING: &str = r"
form: 2
hostname: cp1
passwd: ['root:x:0:', 'etcd:x:1001:']
group: ['root:x:0:']
asked:
  processes: [kubelet, etcd]
  users: [0, USER, 1001]
errors:
  processes:
  - called: [kube-proxy]
    users: [0, USER]
    error: {cause: permission-denied, subject: /proc, detail: permission denied}
processes:
- pid: 7
  called: kubelet
  acts_as: 0
  argv: [/usr/bin/kubelet, {base64: /w==}]
  comm: kubelet
  cgroup: |
    0::/system.slice
  env: {A: x}
  env_asked: [A, B]
  errors:
    exe: {cause: permission-denied, detail: no}
dirs:
- path: /etc/kubernetes
  mode: '0755'
  uid: 0
  gid: 0
  entries:
    file: [admin.conf, {base64: /w==}]
    directory: [pki]
- path: /listed
  entries: {}
files:
- path: /etc/kubernetes/admin.conf
  resolved: /data/admin.conf
  mode: '0600'
  owner: etcd
  group: root
  size: 9
- path: /fifo
  kind: fifo
  mode: '0644'
  uid: 5
  gid: 6
  errors:
    content: {cause: not-regular, detail: is a FIFO}
    entries: {cause: absent}
- path: /etc/hosts
  process: 7
  content: its own
absent:
- /etc/none
- {path: /etc/none, process: 7}
";

fn node() -> Recorded {
    // When the tests run as root, root and the current user are the same.
    let users = users().iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    Recorded::parse("r.yaml", &RECORDING.replace("0, USER", &users)).unwrap()
}

#[test]
fn what_was_asked_is_answered() {
    let node = node();
    assert_eq!(node.ask(&Question::HostName), text("cp1"));
    assert_eq!(node.ask(&Question::CommandName(7)), text("kubelet"));
    assert_eq!(node.ask(&Question::Cgroup(7)), text("0::/system.slice\n"));
    assert_eq!(resolved(&node, "/etc/kubernetes/admin.conf"), std::path::Path::new("/data/admin.conf"));
    match node.ask(&metadata("/etc/kubernetes/admin.conf")) {
        Observed::Present(Answer::Metadata(Metadata {
            kind: FileKind::File,
            mode: 0o600,
            uid: 1001,
            gid: 0,
            size: 9,
            ..
        })) => {}
        other => panic!("{other:?}"),
    }
    match node.ask(&directory("/etc/kubernetes")) {
        Observed::Present(Answer::Entries(entries)) => {
            let kinds: Vec<FileKind> = entries.iter().map(|entry| entry.kind).collect();
            assert_eq!(kinds, [FileKind::File, FileKind::Directory, FileKind::File]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(node.ask(&directory("/listed")), Observed::Present(Answer::Entries(Vec::new())));
    match node.ask(&called(&["kubelet"])) {
        Observed::Present(Answer::Processes(Processes { listed, .. })) => {
            assert_eq!(listed, [Process { pid: 7, called: "kubelet".to_owned(), uid: 0 }]);
        }
        other => panic!("{other:?}"),
    }
    let arguments = vec![b"/usr/bin/kubelet".to_vec(), b"\xff".to_vec()];
    assert_eq!(node.ask(&Question::Arguments(7)), Observed::Present(Answer::Arguments(arguments)));
}

#[test]
fn absent_unknown_and_not_recorded_stay_apart() {
    let node = node();
    for question in [metadata("/etc/none"), content("/etc/none"), directory("/etc/none"), directory("/fifo")] {
        assert_eq!(node.ask(&question), Observed::Absent, "{question:?}");
    }
    assert_eq!(node.ask(&Question::Metadata(Location::process(7, "/etc/none"))), Observed::Absent);
    assert_eq!(node.ask(&called(&["etcd"])), Observed::Present(Answer::Processes(Processes::default())));
    assert_unknown(&node.ask(&content("/fifo")), Cause::NotRegular, "/fifo: is a FIFO");
    assert_unknown(&node.ask(&Question::Executable(7)), Cause::PermissionDenied, "process 7's executable: no");
    assert_unknown(&node.ask(&called(&["kube-proxy"])), Cause::PermissionDenied, "/proc: permission denied");
    let rest = "not recorded (record the node again with this version)";
    for (question, subject) in [
        (metadata("/etc/other"), "/etc/other"),
        (content("/etc/kubernetes/admin.conf"), "/etc/kubernetes/admin.conf"),
        (metadata("/listed"), "/listed"),
        (Question::Content(Location::node("/etc/hosts")), "/etc/hosts"),
        (Question::Content(Location::process(8, "/etc/hosts")), "/etc/hosts (as process 8 sees it)"),
        (Question::Executable(8), "process 8's executable"),
        (environment(7, &["A", "C"]), "process 7's environment"),
        (called(&["kubelet", "kube-apiserver"]), "processes called kubelet, kube-apiserver"),
    ] {
        assert_unknown(&node.ask(&question), Cause::NotRecorded, &format!("{subject}: {rest}"));
    }
    let nothing = Recorded::parse("r.yaml", "form: 2\n").unwrap();
    for question in [Question::HostName, Question::Accounts, called(&["kubelet"])] {
        assert!(matches!(nothing.ask(&question), Observed::Unknown(why) if why.cause == Cause::NotRecorded));
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for (text, message) in [
        ("form: 2\nprocesses: [{argv: [a]}]\n", "r.yaml: a process has no pid"),
        ("form: 2\nprocesses: [{pid: 1}, {pid: 1}]\n", "r.yaml: process 1 is listed twice"),
        ("form: 2\nfiles: [{path: /a, content: x}, {path: /a, content: y}]\n", "r.yaml: /a: is listed twice"),
        (
            "form: 1\nhostname: cp1\n",
            "r.yaml: form 1: does not say which user runs a process, so nothing in it can be believed (record the node \
             again with this version)",
        ),
        (
            "form: 2\nfiles: [{path: /a, mode: '0644', gid: 0}]\n",
            "r.yaml: /a: has a mode but no uid, nor an owner that passwd knows",
        ),
        ("form: 2\nfiles:\n- path: /a\n  errors:\n    content: {cause: bored}\n", "r.yaml:5:22: "),
    ] {
        let error = Recorded::parse("r.yaml", text).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn secrets_are_not_recorded() {
    let place = Place::new();
    let key = "-----BEGIN RSA PRIVATE KEY-----\nTOPSECRET\n-----END RSA PRIVATE KEY-----\n";
    place.file("/key", key);
    place.file("/kubeconfig", "users:\n- user:\n    client-key-data: TOPSECRET\n    token: TOPSECRET\n");
    place.command(2, b"kubelet\0--token=TOPSECRET\0--password\0TOPSECRET\0");
    std::fs::write(place.process(2, "environ"), "A_PASSWORD=TOPSECRET\0OTHER=TOPSECRET\0").unwrap();
    let node = Remembered::noting(place.live());
    for path in ["/key", "/kubeconfig"] {
        assert!(String::from_utf8(bytes(&node, path)).unwrap().contains("TOPSECRET"));
    }
    node.ask(&called(&["kubelet"]));
    node.ask(&Question::Arguments(2));
    node.ask(&environment(2, &["A_PASSWORD"]));
    let yaml = recorded(&node, &Library::default(), true).to_yaml().unwrap();
    assert!(!yaml.contains("TOPSECRET"), "{yaml}");
    assert!(yaml.contains("--token=(masked)") && yaml.contains("A_PASSWORD: (masked)"), "{yaml}");
    // If only a file's metadata was asked for, its content is not recorded.
    let node = Remembered::noting(place.live());
    node.ask(&metadata("/key"));
    assert!(!recorded(&node, &Library::default(), true).to_yaml().unwrap().contains("BEGIN"));
}

#[test]
fn a_recording_reads_well() {
    let place = Place::new();
    place.file("/etc/hostname", "cp1\n");
    place.file("/etc/app.conf", "a: 1\nb: 2\n");
    place.mode("/etc/app.conf", 0o640);
    place.link("app.conf", "/etc/link");
    place.command(7, b"kubelet\0--v=2\0");
    let node = Remembered::noting(place.live());
    for question in [
        Question::HostName,
        called(&["etcd", "kubelet"]),
        Question::Arguments(7),
        Question::Executable(7),
        metadata("/etc/link"),
        content("/etc/link"),
        directory("/etc"),
        metadata("/etc/none"),
        content("/etc/none"),
    ] {
        node.ask(&question);
    }
    let meta = std::fs::metadata(place.root("/etc/app.conf")).unwrap();
    let (uid, gid) = (std::os::unix::fs::MetadataExt::uid(&meta), std::os::unix::fs::MetadataExt::gid(&meta));
    let own = own_user();
    let asked = users().iter().fold(String::new(), |list, user| format!("{list}  - {user}\n"));
    let expected = format!(
        r"form: 3
hostname: cp1
asked:
  processes:
  - etcd
  - kubelet
  users:
{asked}processes:
- pid: 7
  called: kubelet
  acts_as: {own}
  argv:
  - kubelet
  - --v=2
  errors:
    exe:
      cause: absent
dirs:
- path: /etc
  entries:
    file:
    - app.conf
    - hostname
    link:
    - link
files:
- path: /etc/link
  resolved: /etc/app.conf
  mode: '0640'
  uid: {uid}
  gid: {gid}
  size: 10
  content: |
    a: 1
    b: 2
absent:
- path: /etc/none
"
    );
    assert_eq!(recorded(&node, &Library::default(), true).to_yaml().unwrap(), expected);
}
