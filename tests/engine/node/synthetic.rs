//! Synthetic nodes: what they do not define is absent.

use std::collections::BTreeMap;
use std::path::Path;

use kube_assay::node::Recorded;
use probe::{
    Answer, Bearer, Cause, Entry, FileKind, Foreign, Location, Metadata, Node, Observed, Process, Processes, Question,
};

use super::support::{assert_unknown, bytes, called, content, directory, environment, metadata, resolved, text};

const NODE: &str = r#"
hostname: cp1
env: {LANG: C}
passwd: ["etcd:x:1001:1001::/var/lib/etcd:/sbin/nologin"]
group: ["etcd:x:1002:"]
absent: [/usr/bin/jq]
dirs:
- {path: /var/lib/etcd, mode: "0700", owner: etcd, group: etcd}
- /empty
files:
- {path: /etc/kubernetes/admin.conf, mode: 0600, content: "a: 1\n"}
- {path: /etc/kubernetes/by-number, owner: 12, group: "34"}
- {path: /var/lib/kubelet/config.json, json: {z: 1, a: [true]}}
- {path: /etc/link, symlink: kubernetes/admin.conf}
- {path: /etc/far, symlink: /var/lib/../lib/kubelet/config.json}
- {path: /loop, symlink: /loop}
- {path: /lib/systemd/system/kubelet.service, content: "[Service]\n"}
- {path: /sparse, size: 4294967296}
- {path: /zeros, content: "ab", size: 4}
- {path: /pipe, kind: fifo}
- {path: {base64: L2YvZg==}, content: {base64: /w==}}
processes:
- argv: [/usr/bin/kubelet, "--v=2", 2, ""]
  exe: /usr/bin/kubelet
  version: Kubernetes v1.32.4
- &proxy
  cmd: kube-proxy --name='a b'
  pid: 40
  user: etcd
  comm: kube-proxy
  cgroup: "0::/kubepods/x\n"
  env: {A: "1", B: "2"}
- argv: ["nginx: master process x"]
- argv: [/usr/bin/a-very-long-program-name]
executables:
- {path: /usr/bin/etcdctl, stdout: "x\n", mode: "0755"}
"#;

fn node() -> Recorded {
    Recorded::parse("node.yaml", NODE).unwrap()
}

fn seen(path: &str) -> Metadata {
    match node().ask(&metadata(path)) {
        Observed::Present(Answer::Metadata(metadata)) => metadata,
        other => panic!("{path}: {other:?}"),
    }
}

#[test]
fn files_are_as_described() {
    let admin = seen("/etc/kubernetes/admin.conf");
    assert_eq!((admin.kind, admin.mode, admin.uid, admin.gid, admin.size), (FileKind::File, 0o600, 0, 0, 5));
    let etcd = seen("/var/lib/etcd");
    assert_eq!((etcd.kind, etcd.mode, etcd.uid, etcd.gid), (FileKind::Directory, 0o700, 1001, 1002));
    let numbers = seen("/etc/kubernetes/by-number");
    assert_eq!((numbers.mode, numbers.uid, numbers.gid), (0o644, 12, 34));
    assert_eq!(bytes(&node(), "/var/lib/kubelet/config.json"), b"{\n  \"z\": 1,\n  \"a\": [\n    true\n  ]\n}\n");
    assert_eq!(bytes(&node(), "/zeros"), b"ab\0\0");
    assert_eq!(bytes(&node(), "/f/f"), b"\xff");
}

#[test]
fn parents_exist_and_nothing_else_does() {
    let parent = seen("/var/lib/kubelet");
    assert_eq!((parent.kind, parent.mode, parent.uid, parent.gid), (FileKind::Directory, 0o755, 0, 0));
    for path in ["/etc/passwd", "/usr/bin/jq", "/etc/kubernetes/manifests", "/etc/link/below"] {
        for question in [metadata(path), content(path), directory(path)] {
            assert_eq!(node().ask(&question), Observed::Absent, "{question:?}");
        }
    }
}

#[test]
fn accounts_are_those_described_and_what_nsswitch_names() {
    let text = "passwd: ['a:x:7:7']\nfiles:\n- {path: /usr/lib/passwd, content: 'b:x:8:8'}\n";
    let users = |text: &str| match Recorded::parse("x", text).unwrap().ask(&Question::Accounts) {
        Observed::Present(Answer::Accounts(accounts)) => {
            accounts.users.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(users(text), ["root", "a"]);
    let conf = |line: &str| format!("{text}- {{path: /etc/nsswitch.conf, content: '{line}'}}\n");
    assert_eq!(users(&conf("passwd: files altfiles")), ["root", "a", "b"]);
    assert_eq!(users(&conf("passwd: altfiles files")), ["b", "root", "a"]);
    assert_eq!(users(&conf("passwd: files [NOTFOUND=return] altfiles")), ["root", "a"]);
}

#[test]
fn links_are_followed() {
    assert_eq!(resolved(&node(), "/etc/link"), Path::new("/etc/kubernetes/admin.conf"));
    assert_eq!(resolved(&node(), "/etc/far"), Path::new("/var/lib/kubelet/config.json"));
    assert_eq!(resolved(&node(), "/../etc/./kubernetes/../link"), Path::new("/etc/kubernetes/admin.conf"));
    assert_unknown(&node().ask(&content("/loop")), Cause::LinkLoop, "/loop: the links form a loop");
}

#[test]
fn the_links_of_debian_are_there_unless_named() {
    assert_eq!(
        resolved(&node(), "/lib/systemd/system/kubelet.service"),
        Path::new("/usr/lib/systemd/system/kubelet.service")
    );
    assert_eq!(bytes(&node(), "/usr/lib/systemd/system/kubelet.service"), b"[Service]\n");
    let own = Recorded::parse("x", "dirs: [/lib]\nfiles: [{path: /lib/a, content: x}]\n").unwrap();
    assert_eq!(resolved(&own, "/lib/a"), Path::new("/lib/a"));
    assert_eq!(own.ask(&metadata("/usr/lib")), Observed::Absent);
}

#[test]
fn bounds_and_kinds_are_those_of_live_nodes() {
    let message = "/sparse: 4294967296 bytes exceed the limit of 4 MiB for a file";
    assert_unknown(&node().ask(&content("/sparse")), Cause::TooLarge, message);
    let message = "/pipe: is a FIFO, not a regular file, and was not opened";
    assert_unknown(&node().ask(&content("/pipe")), Cause::NotRegular, message);
    let message = "/etc/link: is a regular file, not a directory";
    assert_unknown(&node().ask(&directory("/etc/link")), Cause::NotRegular, message);
}

#[test]
fn directories_are_listed() {
    let entry = |name: &str, kind| Entry { name: name.into(), kind };
    let expected =
        vec![entry("far", FileKind::Link), entry("kubernetes", FileKind::Directory), entry("link", FileKind::Link)];
    assert_eq!(node().ask(&directory("/etc")), Observed::Present(Answer::Entries(expected)));
    assert_eq!(node().ask(&directory("/empty")), Observed::Present(Answer::Entries(Vec::new())));
}

#[test]
fn processes_are_numbered_and_named() {
    let arguments = |all: &[&str]| all.iter().map(|one| one.as_bytes().to_vec()).collect::<Vec<_>>();
    let kubelet = Process { pid: 2, called: "kubelet".to_owned(), uid: 0 };
    let proxy = Bearer { called: "kube-proxy".to_owned(), uid: 1001, because: Foreign::User };
    let expected = Processes { listed: vec![kubelet], passed_over: BTreeMap::from([(proxy, 1)]) };
    let node = node();
    assert_eq!(node.ask(&called(&["kube-proxy", "kubelet"])), Observed::Present(Answer::Processes(expected)));
    assert_eq!(node.ask(&called(&["etcd"])), Observed::Present(Answer::Processes(Processes::default())));
    for (pid, words) in [(2, &["/usr/bin/kubelet", "--v=2", "2", ""][..]), (40, &["kube-proxy", "--name=a b"])] {
        assert_eq!(node.ask(&Question::Arguments(pid)), Observed::Present(Answer::Arguments(arguments(words))));
    }
    for (pid, name) in [(2, "kubelet"), (40, "kube-proxy"), (41, "nginx"), (42, "a-very-long-pro")] {
        assert_eq!(node.ask(&Question::CommandName(pid)), text(name));
    }
}

#[test]
fn what_of_a_process_may_not_be_read_is_unknown() {
    let text = "processes:\n- argv: [etcd]\n  pid: 7\n  env: {A: '1'}\n  errors:\n    env: {cause: permission-denied, detail: no}\n";
    let node = Recorded::parse("x", text).unwrap();
    assert_unknown(&node.ask(&environment(7, &["A"])), Cause::PermissionDenied, "process 7's environment: no");
    assert_eq!(node.ask(&Question::CommandName(7)), super::support::text("etcd"));
}

#[test]
fn of_processes_only_what_is_described_is_known() {
    let node = node();
    assert_eq!(node.ask(&Question::Executable(2)), text("/usr/bin/kubelet"));
    assert_eq!(seen("/usr/bin/kubelet").mode, 0o755);
    assert_eq!(node.ask(&Question::Cgroup(40)), text("0::/kubepods/x\n"));
    let message = "process 40's executable: not recorded (record the node again with this version)";
    assert_unknown(&node.ask(&Question::Executable(40)), Cause::NotRecorded, message);
    let message = "process 2's cgroup: not recorded (record the node again with this version)";
    assert_unknown(&node.ask(&Question::Cgroup(2)), Cause::NotRecorded, message);
    let set = BTreeMap::from([("A".to_owned(), b"1".to_vec())]);
    assert_eq!(node.ask(&environment(40, &["A", "C"])), Observed::Present(Answer::Variables(set)));
    let message = "process 9's name: disappeared while it was read";
    assert_unknown(&node.ask(&Question::CommandName(9)), Cause::Vanished, message);
}

#[test]
fn processes_share_the_nodes_file_system() {
    let inside = node().ask(&Question::Content(Location::process(40, "/etc/link")));
    assert_eq!(inside, node().ask(&content("/etc/link")));
    let gone = node().ask(&Question::Content(Location::process(9, "/etc/link")));
    assert!(matches!(gone, Observed::Unknown(why) if why.cause == Cause::Vanished));
}

#[test]
fn root_is_on_every_node() {
    let Observed::Present(Answer::Accounts(accounts)) = node().ask(&Question::Accounts) else { panic!() };
    assert_eq!((accounts.user(0), accounts.user(1001)), (Some("root"), Some("etcd")));
    assert_eq!((accounts.group(0), accounts.group(1002)), (Some("root"), Some("etcd")));
    assert_eq!(node().ask(&Question::HostName), text("cp1"));
}

#[test]
fn a_program_without_content_says_so() {
    let message = "/usr/bin/etcdctl: its content is not described";
    assert_unknown(&node().ask(&content("/usr/bin/etcdctl")), Cause::NotRecorded, message);
}

#[test]
fn the_nodes_of_the_comparison_are_read() {
    let nodes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nodes");
    let mut read = 0;
    for file in std::fs::read_dir(&nodes).unwrap() {
        let path = file.unwrap().path();
        let node = Recorded::parse(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap()).unwrap();
        let Observed::Present(Answer::Processes(kubelets)) = node.ask(&called(&["kubelet"])) else { panic!() };
        assert!(!kubelets.listed.is_empty(), "{}", path.display());
        read += 1;
    }
    assert_eq!(read, 5);
}

#[test]
fn what_cannot_be_is_refused_with_its_place() {
    for (text, message) in [
        ("hostname: a\nfiles:\n- path: /a\n  mod: '0644'\n", "n.yaml:4:3: files[0]: unknown field `mod`"),
        (
            "files:\n- path: /a\n  mode: '0999'\n",
            "n.yaml:2:3: files[0]: \"0999\" is not a mode (write it in octal: '0644')",
        ),
        ("files:\n- path: /a\n  content: {base64: '*'}\n", "n.yaml:3:"),
        ("files: [\n", "n.yaml:"),
        ("files:\n- path: /a\n  owner: nobody\n", "n.yaml: /a: there is no user \"nobody\" on this node"),
        ("files:\n- path: a\n", "n.yaml: a: is not an absolute path"),
        ("files:\n- path: /a\n- path: /a/b\n", "n.yaml: /a/b: is below something that is not a directory"),
        ("files:\n- {path: /a, kind: link}\n", "n.yaml: /a: is a link without symlink:, its target"),
        ("processes:\n- comm: a\n", "n.yaml: a process has no argv"),
        ("processes:\n- cmd: \"a 'b\"\n", "n.yaml: cmd: \"a 'b\" has an unclosed quote"),
        ("processes:\n- {argv: [a], pid: 2}\n- {argv: [a], pid: 2}\n", "n.yaml: process 2 is listed twice"),
        ("asked: {processes: [a]}\n", "n.yaml: asked: only recordings have that, and they begin with form: 3"),
        ("form: 4\n", "n.yaml: form 4 is not known (this version reads forms 2 and 3)"),
        (
            "form: 2\nfiles: [{path: /a, symlink: b}]\n",
            "n.yaml: symlink or json: only synthetic nodes have that, and they have no form",
        ),
        (
            "processes:\n- {argv: [a], pid: x}\n",
            "n.yaml:2:20: processes[0].pid: invalid type: string \"x\", expected i32",
        ),
        ("- a\n", "n.yaml:1:1: invalid type: sequence, expected a recorded node"),
    ] {
        let error = Recorded::parse("n.yaml", text).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}
