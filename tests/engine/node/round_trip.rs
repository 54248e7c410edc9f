//! A recording of a node gives the same answers as the node.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use definitions::benchmark::Library;
use kube_assay::node::{Recorded, Remembered};
use kube_assay::run::recorded;
use probe::{
    Account, Accounts, Answer, BrokenCertificate, Cause, Certificate, CertificateFile, Certificates, Content, Entry,
    FileKind, Location, Metadata, Node, Observed, Process, Processes, Question, Reason, Root,
};
use proptest::prelude::*;

use super::support::{Place, called, content, directory, environment, metadata};

/// A node that answers from a table.
struct Table(HashMap<Question, Observed<Answer>>);

impl Node for Table {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        self.0.get(question).cloned().unwrap_or(Observed::Absent)
    }
}

/// Asks the recording of `node`, and the recording of that recording, every question that `node` was asked.
fn assert_same<N: Node>(node: &Remembered<N>) {
    let yaml = recorded(node, &Library::default(), true).to_yaml().unwrap();
    let replayed = Recorded::parse("recording", &yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    let again = Remembered::noting(replayed);
    for (question, expected) in node.asked() {
        assert_eq!(again.ask(&question), without_identity(expected), "{question:?}\n{yaml}");
    }
    assert_eq!(recorded(&again, &Library::default(), true).to_yaml().unwrap(), yaml);
}

fn without_identity(observed: Observed<Answer>) -> Observed<Answer> {
    observed.map(|answer| match answer {
        Answer::Metadata(metadata) => Answer::Metadata(Metadata { identity: (0, 0), ..metadata }),
        other => other,
    })
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    // Only text that is not masked; masking is tested elsewhere.
    prop_oneof![
        proptest::collection::vec(any::<u8>().prop_filter("", |byte| !b"=:-".contains(byte)), 0..12),
        "[a-z0-9 \n\t#|>'\"&*!%@`~?,{}\\[\\]\\\\é☃]{0,20}".prop_map(String::into_bytes),
        proptest::sample::select(vec![
            "",
            "no",
            "null",
            "~",
            "1",
            "0755",
            "1e3",
            "0x1f",
            ".5",
            "true",
            "- a",
            "# a",
            " a",
            "a ",
            "\n",
            "a\n\n",
            "\n a\n",
            "  a\nb\n",
            "\ta",
            "a\r\nb",
            "\u{feff}a",
            "\u{85}",
            "\u{2028}",
            "\0",
            "\u{1b}[31m",
            "...",
            "|",
            "<<",
            "2001-01-01",
            "a #b",
            "'",
            "\"",
            "\\",
            "{}",
            "[]",
            "!!str a",
            "*a",
            "&a",
            "%a",
            "@a",
            "`a",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

fn line() -> impl Strategy<Value = String> {
    bytes().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn path() -> impl Strategy<Value = PathBuf> {
    proptest::collection::vec(bytes(), 1..3).prop_map(|names| {
        let mut path = b"/".to_vec();
        for name in names {
            path.extend(name.into_iter().filter(|byte| !b"/\0".contains(byte)));
            path.push(b'x');
        }
        PathBuf::from(OsString::from_vec(path))
    })
}

fn why() -> impl Strategy<Value = Reason> {
    let causes = [
        Cause::PermissionDenied,
        Cause::Malformed,
        Cause::TooLarge,
        Cause::NotRegular,
        Cause::LinkLoop,
        Cause::Vanished,
        Cause::NotRunning,
        Cause::System,
    ];
    (proptest::sample::select(causes.to_vec()), line(), line()).prop_map(|(cause, subject, detail)| Reason {
        cause,
        subject,
        detail,
    })
}

fn observed<T: Clone + std::fmt::Debug>(present: impl Strategy<Value = T>) -> impl Strategy<Value = Observed<T>> {
    prop_oneof![
        4 => present.prop_map(Observed::Present),
        1 => Just(Observed::Absent),
        1 => why().prop_map(Observed::Unknown),
    ]
}

fn kind() -> impl Strategy<Value = FileKind> {
    proptest::sample::select(vec![
        FileKind::File,
        FileKind::Directory,
        FileKind::Link,
        FileKind::Fifo,
        FileKind::Device,
        FileKind::Socket,
    ])
}

fn seen() -> impl Strategy<Value = Metadata> {
    (kind(), 0..0o10000_u32, any::<u32>(), 0..4_u32, any::<u64>(), any::<(u64, u64)>(), path()).prop_map(
        |(kind, mode, uid, gid, size, identity, resolved)| Metadata { kind, mode, uid, gid, size, identity, resolved },
    )
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    proptest::collection::btree_map(bytes(), kind(), 0..5).prop_map(|names| {
        names.into_iter().map(|(name, kind)| Entry { name: OsString::from_vec(name), kind }).collect()
    })
}

fn location() -> impl Strategy<Value = Location> {
    (prop_oneof![Just(Root::Node), (1..9_i32).prop_map(Root::Process)], path())
        .prop_map(|(root, path)| Location { root, path })
}

/// Times that can be formatted.
fn time() -> impl Strategy<Value = i64> {
    -62_135_596_800_i64..=253_402_300_799
}

fn certificates() -> impl Strategy<Value = Certificates> {
    let key = || proptest::option::of(line());
    let groups = proptest::collection::vec(line(), 0..3);
    let found = (key(), line(), groups, line(), time(), time(), any::<(bool, bool)>()).prop_map(
        |(key, subject, groups, issuer, not_before, not_after, (is_ca, self_issued))| Certificate {
            key,
            issuer: if self_issued { subject.clone() } else { issuer },
            subject,
            groups,
            not_before,
            not_after,
            is_ca,
            self_issued,
        },
    );
    let broken = (key(), line()).prop_map(|(key, detail)| BrokenCertificate { key, detail });
    let named = (line(), line()).prop_map(|(key, path)| CertificateFile { key, path });
    (
        proptest::collection::vec(found, 0..3),
        proptest::collection::vec(broken, 0..2),
        proptest::collection::vec(named, 0..2),
    )
        .prop_map(|(found, broken, named)| Certificates { found, broken, named })
}

type Asked = Vec<(Question, Observed<Answer>)>;

/// Generates up to four questions about a location, with answers.
fn of_location() -> impl Strategy<Value = Asked> {
    let answers = (
        proptest::option::of(observed(seen())),
        proptest::option::of(observed(bytes())),
        proptest::option::of(observed(entries())),
        proptest::option::of(observed(any::<bool>())),
        proptest::option::of(observed(certificates())),
    );
    (location(), answers).prop_filter_map("an absent path is absent for all questions", |(location, answers)| {
        let (metadata, content, entries, private_key, certificates) = answers;
        let all: Asked = [
            metadata.map(|it| (Question::Metadata(location.clone()), it.map(Answer::Metadata))),
            content.map(|it| {
                (Question::Content(location.clone()), it.map(|bytes| Answer::Content(Content::whole(bytes))))
            }),
            entries.map(|it| (Question::Directory(location.clone()), it.map(Answer::Entries))),
            private_key.map(|it| (Question::PrivateKey(location.clone()), it.map(Answer::Truth))),
            certificates.map(|it| (Question::Certificates(location.clone()), it.map(Answer::Certificates))),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!all.is_empty()).then_some(all)
    })
}

fn listed(listed: Vec<Process>) -> Processes {
    Processes { listed, ..Processes::default() }
}

/// Generates processes with several names, and questions about them.
fn of_processes() -> impl Strategy<Value = Asked> {
    let of_one = (
        proptest::collection::vec(bytes(), 0..4),
        observed(line()),
        observed(line()),
        observed(line()),
        observed(line()),
        observed(proptest::collection::btree_map("[A-C]", bytes(), 0..3)),
    );
    proptest::collection::btree_map(1..9_i32, of_one, 0..4).prop_map(|all| {
        let mut asked = Asked::new();
        let mut processes = Vec::new();
        for (pid, (rest, exe, version, comm, cgroup, set)) in all {
            let arguments: Vec<Vec<u8>> = std::iter::once(b"/usr/bin/kubelet".to_vec()).chain(rest).collect();
            processes.push(Process { pid, called: "kubelet".to_owned(), uid: 0 });
            asked.push((Question::Arguments(pid), Observed::Present(Answer::Arguments(arguments))));
            let exe_text = exe.as_present().cloned();
            asked.push((Question::Executable(pid), exe.map(Answer::Text)));
            // A program's version is only asked if its executable is known.
            if let Some(executable) = exe_text {
                asked.push((Question::ProgramVersion { pid, executable }, version.map(Answer::Text)));
            }
            asked.push((Question::CommandName(pid), comm.map(Answer::Text)));
            asked.push((Question::Cgroup(pid), cgroup.map(Answer::Text)));
            let names = ["A", "B", "C"].map(str::to_owned).to_vec();
            asked.push((Question::Environment { pid, names }, set.map(Answer::Variables)));
        }
        asked.push((called(&["kubelet"]), Observed::Present(Answer::Processes(listed(processes)))));
        asked.push((called(&["etcd"]), Observed::Present(Answer::Processes(listed(Vec::new())))));
        asked
    })
}

fn of_node() -> impl Strategy<Value = Asked> {
    let account = ("[a-z][a-z0-9_-]{0,8}", any::<u32>()).prop_map(|(name, id)| Account { name, id });
    let accounts =
        (proptest::collection::vec(account.clone(), 0..4), proptest::collection::vec(account, 0..4)).prop_map(
            |(users, groups)| Accounts { users: users.into_iter().collect(), groups: groups.into_iter().collect() },
        );
    let refused = observed(Just(listed(Vec::new())));
    (observed(line()), observed(accounts), refused, observed(time())).prop_map(|(name, accounts, refused, time)| {
        vec![
            (Question::Time, time.map(Answer::Time)),
            (Question::HostName, name.map(Answer::Text)),
            (Question::Accounts, accounts.map(Answer::Accounts)),
            (called(&["kube-proxy"]), refused.map(Answer::Processes)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn recordings_answer_what_was_asked(
        node in of_node(),
        processes in of_processes(),
        locations in proptest::collection::vec(of_location(), 0..4),
    ) {
        let mut table = HashMap::new();
        // The first answers about a location win as a whole.
        for asked in [node, processes].into_iter().chain(locations) {
            if !asked.iter().any(|(question, _)| table.contains_key(question)) {
                table.extend(asked);
            }
        }
        let questions: Vec<Question> = table.keys().cloned().collect();
        let remembered = Remembered::noting(Table(table));
        for question in &questions {
            remembered.ask(question);
        }
        assert_same(&remembered);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "[a-z0-9 \n:{}\\[\\]|&*'\"-]{0,60}") {
        let _ = Recorded::parse("x", &text);
        let _ = Recorded::parse("x", &format!("form: 2\n{text}"));
    }
}

#[test]
fn a_live_node_and_its_recording_answer_alike() {
    let place = Place::new();
    place.file("/etc/hostname", "cp1\n");
    place.file("/etc/passwd", "root:x:0:0::/:/x\n");
    place.file("/etc/nsswitch.conf", "passwd: files altfiles systemd\ngroup: systemd\n");
    place.file("/usr/lib/passwd", "etcd:x:998:998::/:/x\nroot:x:0:0::/:/x\n");
    place.file("/etc/userdb/jürgen.user", r#"{"userName":"jürgen","uid":60001}"#);
    place.file("/etc/userdb/7.group", r#"{"groupName":"a b","gid":7}"#);
    place.file("/etc/kubernetes/kubelet.yaml", "authentication:\n  anonymous:\n    enabled: false\n");
    place.file("/bytes", b"\xff\xfe\n");
    place.file("/crlf", "a: 1\r\nb: 2\r\n");
    place.link("/etc/kubernetes", "/link");
    place.link("/circle", "/circle");
    place.command(3, b"/usr/bin/kubelet\0--config=/etc/kubernetes/kubelet.yaml\0\xff\0\0");
    std::fs::write(place.process(3, "comm"), "kubelet\n").unwrap();
    std::fs::write(place.process(3, "cgroup"), "0::/x\n").unwrap();
    std::fs::write(place.process(3, "environ"), b"A=\xff\0B=x\0").unwrap();
    std::fs::create_dir_all(place.process(3, "root").join("etc")).unwrap();
    let node = Remembered::noting(place.live());
    for question in [
        Question::HostName,
        Question::Accounts,
        called(&["kubelet"]),
        called(&["etcd", "kubelet"]),
        Question::Executable(3),
        Question::CommandName(3),
        Question::Cgroup(3),
        Question::Cgroup(4),
        environment(3, &["A"]),
        environment(3, &["B", "C"]),
        metadata("/etc/kubernetes/kubelet.yaml"),
        content("/etc/kubernetes/kubelet.yaml"),
        content("/link/kubelet.yaml"),
        metadata("/link/kubelet.yaml"),
        directory("/link"),
        content("/link"),
        content("/bytes"),
        content("/crlf"),
        metadata("/circle"),
        metadata("/none"),
        Question::Directory(Location::process(3, "/etc")),
        Question::Metadata(Location::process(4, "/etc")),
    ] {
        node.ask(&question);
    }
    assert_same(&node);
}

#[test]
fn what_nobody_recorded_stays_so_when_recorded_again() {
    let node = Remembered::noting(Recorded::parse("x", "form: 2\n").unwrap());
    for question in [Question::HostName, metadata("/a"), called(&["kubelet"]), environment(1, &["A"])] {
        assert!(matches!(node.ask(&question), Observed::Unknown(why) if why.cause == Cause::NotRecorded));
    }
    assert_same(&node);
    assert_eq!(recorded(&node, &Library::default(), true).to_yaml().unwrap(), "form: 3\n");
}
