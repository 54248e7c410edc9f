//! A node that gives arbitrary answers, always the same to the same question.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use probe::{
    Account, Accounts, Answer, Bearer, BrokenCertificate, Cause, Certificate, CertificateFile, Certificates, Content,
    Entry, FileKind, Foreign, Metadata, Node, Observed, Process, Processes, Question, Reason, Standing,
};
use proptest::prelude::*;

/// The depth below which directories are empty, so that traversals end.
const DEEPEST: usize = 7;

/// Programs with names that controls look for.
const PROGRAMS: [&str; 9] = [
    "kube-apiserver",
    "kube-controller-manager",
    "/usr/local/bin/kube-scheduler",
    "etcd",
    "/usr/bin/kubelet",
    "kube-proxy",
    "hyperkube",
    "apiserver",
    "proxy",
];

/// File contents: parts of what controls read, intact and broken.
const CONTENTS: [&str; 14] = [
    "",
    "authentication: {anonymous: {enabled: false}, x509: {clientCAFile: /etc/ca}}\nstaticPodPath: /etc/kubernetes/m\n",
    "authentication: [anonymous]\nreadOnlyPort: {}\nfeatureGates: no\ntlsCipherSuites: {a: b}\n",
    "{\"readOnlyPort\": \"10255\", \"eventRecordQPS\": -9223372036854775808, \"streamingConnectionIdleTimeout\": 0}",
    "readOnlyPort: 99999999999999999999999999\nprotectKernelDefaults: ~\nrotateCertificates: 1.5\n",
    "resources:\n- resources: [secrets]\n  providers:\n  - identity: {}\n- resources: secrets\n  providers: [[]]\n",
    "resources: {resources: [secrets]}\nauthorizers: [Node, {type: [RBAC]}, {}]\nanonymous: [enabled]\n",
    "apiVersion: v1\nkind: Pod\nspec: {containers: [{command: [kube-apiserver, --etcd-servers=a], volumeMounts: \
     [{name: v, mountPath: /etc/kubernetes}]}], volumes: [{name: v, hostPath: {path: /}}]}\n",
    "kind: Pod\nspec: {containers: {}, volumes: [[]]}\n",
    "a: &a [*a]\n",
    "\u{feff}a: 1\r\nb: 2\r\n",
    "- list\n- only\n",
    "\"unclosed",
    "\0\u{1b}[31m: \t- ]",
];

/// A node with arbitrary answers.
#[derive(Debug, Clone)]
pub struct Chaos {
    seed: u64,
    /// File contents in addition to [`CONTENTS`].
    contents: Vec<Vec<u8>>,
    /// The arguments on command lines.
    words: Vec<Vec<u8>>,
    /// The percentage of answers that are withheld.
    withheld: u64,
}

/// Generates such nodes, with `flags` among their arguments.
pub fn node(flags: Vec<String>) -> impl Strategy<Value = Chaos> {
    let value = prop_oneof![
        "[a-zA-Z0-9:/.,=\\[\\]\"-]{0,12}",
        Just("false".to_owned()),
        Just("-9223372036854775809".to_owned()),
        Just("0".to_owned()),
        any::<String>(),
    ];
    let flag = (prop::sample::select(flags), value, any::<bool>()).prop_map(|(flag, value, equals)| {
        if equals { format!("{flag}={value}").into_bytes() } else { flag.into_bytes() }
    });
    let word = prop_oneof![4 => flag, 1 => prop::collection::vec(any::<u8>(), 0..8)];
    let contents = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..4);
    (any::<u64>(), contents, prop::collection::vec(word, 0..40), 0..60_u64)
        .prop_map(|(seed, contents, words, withheld)| Chaos { seed, contents, words, withheld })
}

impl Chaos {
    /// Returns a number below `below` for one decision about a question.
    fn draw(&self, question: &Question, what: &str, below: u64) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, question, what).hash(&mut hasher);
        hasher.finish() % below
    }

    fn one_of<T: Clone>(&self, question: &Question, what: &str, choices: &[T]) -> Option<T> {
        let index = self.draw(question, what, u64::try_from(choices.len()).ok().filter(|length| *length > 0)?);
        choices.get(usize::try_from(index).ok()?).cloned()
    }

    fn processes(&self, question: &Question, called: &[String], users: &[u32]) -> Processes {
        let mut processes = Processes::default();
        for (pid, program) in (2..).zip(PROGRAMS) {
            if !called.iter().any(|name| name == program) {
                continue;
            }
            let called = (*program).to_owned();
            match self.draw(question, program, 8) {
                0 => {}
                1 => {
                    let because = Foreign::User;
                    processes.passed_over.insert(Bearer { called, uid: 1000, because }, 3);
                }
                _ => {
                    let uid = self.one_of(question, program, users).unwrap_or(0);
                    processes.listed.push(Process { pid, called, uid });
                }
            }
        }
        processes
    }

    fn arguments(&self, question: &Question, pid: i32) -> Vec<Vec<u8>> {
        let program = usize::try_from(pid - 2).ok().and_then(|index| PROGRAMS.get(index)).unwrap_or(&"");
        let mut arguments = vec![program.as_bytes().to_vec()];
        let skipped = self.draw(question, "skipped", 8);
        arguments.extend(self.words.iter().skip(usize::try_from(skipped).unwrap_or(0)).cloned());
        arguments
    }

    fn time(&self, question: &Question, what: &str) -> i64 {
        let years = i64::try_from(self.draw(question, what, 9000)).unwrap_or(0);
        years * 31_556_952 - 1
    }

    fn certificates(&self, question: &Question) -> Certificates {
        let is_so = |what: &str| self.draw(question, what, 2) == 0;
        let certificate = |what: &str| Certificate {
            key: is_so(&format!("{what} has a key")).then(|| "users[0].user.client-certificate-data".to_owned()),
            subject: self.one_of(question, what, &["", "CN=a", "CN=a\u{1b}[31m,O=b"]).unwrap_or("").to_owned(),
            groups: vec!["system:nodes".to_owned(), String::new()],
            issuer: "CN=a".to_owned(),
            not_before: self.time(question, &format!("{what} from")),
            not_after: self.time(question, &format!("{what} until")),
            is_ca: is_so(&format!("{what} is a CA's")),
            self_issued: false,
        };
        let both = ["one", "another"].into_iter().filter(|what| is_so(what));
        let detail = "certificate 3: is not an X.509 certificate".to_owned();
        let path = self.one_of(question, "names", &["", "/", "a", "../../b"]).unwrap_or("").to_owned();
        let named = CertificateFile { key: "users[0].user.client-certificate".to_owned(), path };
        Certificates {
            found: both.map(certificate).collect(),
            broken: is_so("broken").then_some(BrokenCertificate { key: None, detail }).into_iter().collect(),
            named: is_so("named").then_some(named).into_iter().collect(),
        }
    }

    fn answer(&self, question: &Question) -> Answer {
        let text = |choices: &[&str]| Answer::Text(self.one_of(question, "text", choices).unwrap_or("").to_owned());
        match question {
            Question::HostName => text(&["node", "", "\u{1b}[31m\n"]),
            Question::Accounts => {
                let account = |name: &str, id| Account { name: name.to_owned(), id };
                Answer::Accounts(Accounts {
                    users: [account("etcd", 1), account("root", 2)].into_iter().collect(),
                    groups: [account("etcd", 0)].into_iter().collect(),
                })
            }
            Question::Processes { called, users } => Answer::Processes(self.processes(question, called, users)),
            Question::AllProcesses => Answer::Processes(Processes::default()),
            Question::Arguments(pid) => Answer::Arguments(self.arguments(question, *pid)),
            Question::ProgramVersion { .. } => {
                text(&["Kubernetes v1.32.4", "k3s version v1.33.4+k3s1 (148243c4)", "Kubernetes v", ""])
            }
            Question::WorkingDirectory(_) => text(&["/", "/var/lib", "x", ""]),
            Question::Standing(_) => {
                let either = |what: &str| self.one_of(question, what, &[None, Some(false), Some(true)]).flatten();
                Answer::Standing(Standing {
                    pid_namespaces: self.one_of(question, "pid", &[None, Some(1), Some(2)]).flatten(),
                    host_network: either("network"),
                    host_root: either("root"),
                })
            }
            Question::Executable(pid) => {
                let program = usize::try_from(pid - 2).ok().and_then(|index| PROGRAMS.get(index)).unwrap_or(&"");
                text(&[program, program, "/bin/bash", "", "../etcd"])
            }
            Question::CommandName(_) => text(&["kubelet", "kube-apiserver", "", "\n"]),
            Question::Cgroup(_) => text(&[
                "0::/system.slice/kubelet.service",
                "0::/kubepods/burstable/pod9d3b9c4e5f60718293a4b5c6d7e8f901/0d",
                "0::/kubepods/besteffort/pod66e60491-1f3a-4f57-9d29-0c1b2a3d4e5f/0d",
                "0::/system.slice/docker-0a1b.scope",
                "0::/docker/0a1b/kubelet.slice/kubelet.service",
                "",
                "x",
            ]),
            Question::Environment { names, .. } => {
                let value = |name: &String| self.one_of(question, name, &self.words);
                let variables = names.iter().filter_map(|name| Some((name.clone(), value(name)?)));
                Answer::Variables(variables.collect::<BTreeMap<_, _>>())
            }
            Question::Metadata(_) | Question::ExecutableFile(_) => {
                let resolved = match question {
                    Question::Metadata(location) => location.path.clone(),
                    _ => PathBuf::new(),
                };
                let kinds = [FileKind::File, FileKind::File, FileKind::Directory, FileKind::Fifo];
                let number = |what: &str| u32::try_from(self.draw(question, what, 3)).unwrap_or(0);
                Answer::Metadata(Metadata {
                    kind: self.one_of(question, "kind", &kinds).unwrap_or(FileKind::File),
                    mode: u32::try_from(self.draw(question, "mode", 0o10000)).unwrap_or(0),
                    uid: number("uid"),
                    gid: number("gid"),
                    size: self.draw(question, "size", u64::MAX),
                    identity: (self.draw(question, "device", 3), self.draw(question, "inode", 50)),
                    resolved,
                })
            }
            Question::Content(_) => {
                let mut contents: Vec<Vec<u8>> = CONTENTS.iter().map(|text| text.as_bytes().to_vec()).collect();
                contents.extend(self.contents.iter().cloned());
                Answer::Content(Content::whole(self.one_of(question, "content", &contents).unwrap_or_default()))
            }
            Question::PrivateKey(_) => Answer::Truth(self.draw(question, "truth", 2) == 0),
            Question::Certificates(_) => Answer::Certificates(self.certificates(question)),
            Question::Time => Answer::Time(self.time(question, "now")),
            Question::Directory(location) => {
                if location.path.components().count() > DEEPEST {
                    return Answer::Entries(Vec::new());
                }
                let names = ["a.crt", "b c.key", "10-x.conf", "kube-apiserver.yaml", "sub"];
                let kinds = [FileKind::File, FileKind::Directory, FileKind::Link, FileKind::Socket];
                let entry = |name: &&str| {
                    let kind = self.one_of(question, name, &kinds)?;
                    (self.draw(question, &format!("{name} is there"), 2) == 0)
                        .then(|| Entry { name: name.into(), kind })
                };
                let mut entries: Vec<Entry> = names.iter().filter_map(entry).collect();
                entries.sort();
                Answer::Entries(entries)
            }
        }
    }
}

impl Node for Chaos {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        let causes = [Cause::PermissionDenied, Cause::Malformed, Cause::Vanished, Cause::TooLarge, Cause::System];
        match self.draw(question, "withheld", 100) {
            drawn if drawn < self.withheld / 2 => Observed::Absent,
            drawn if drawn < self.withheld => {
                let cause = self.one_of(question, "cause", &causes).unwrap_or(Cause::System);
                Observed::Unknown(Reason::new(cause, "something", "withheld"))
            }
            _ => Observed::Present(self.answer(question)),
        }
    }
}
