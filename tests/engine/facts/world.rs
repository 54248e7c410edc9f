//! The node of a fact.

use std::collections::BTreeMap;

use kube_assay::node::Recorded;
use probe::{Answer, Cause, Location, Node, Observed, Question, Reason, Root};
use serde::Deserialize;
use serde_yaml::{Mapping, Value};

/// A node in short form; `fact.rs` describes the format.
#[derive(Clone, Default, Deserialize)]
pub struct World {
    #[serde(default)]
    run: Option<Value>,
    #[serde(default)]
    files: BTreeMap<String, Value>,
    #[serde(default)]
    directories: BTreeMap<String, String>,
    #[serde(default)]
    users: Vec<String>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    inside: BTreeMap<i32, BTreeMap<String, Value>>,
    #[serde(default)]
    denied: Vec<String>,
    #[serde(default)]
    time: Option<String>,
    /// Misspelt keys: serde cannot refuse unknown fields in flattened structures.
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
}

/// The pod in kube-system that `pod of kube-system` processes run in, identified by its log directory.
const OF_KUBE_SYSTEM: &str = "77e60491-1f3a-4f57-9d29-0c1b2a3d4e5f";

/// The container of processes for which only the kind of pod is given.
const CONTAINER: &str = "d1bac86f0d2f4a3c8b5e6f7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718";

impl World {
    /// Panics if there are unknown keys.
    pub fn refuse_unknown(&self, file: &str, label: &str) {
        assert!(self.unknown.is_empty(), "{file}: {label}: no such keys: {:?}", self.unknown.keys());
    }

    /// Merges two worlds; this one takes precedence.
    pub fn over(self, other: &Self) -> Self {
        let mut files = other.files.clone();
        files.extend(self.files);
        let mut directories = other.directories.clone();
        directories.extend(self.directories);
        let or = |mine: Vec<String>, theirs: &Vec<String>| if mine.is_empty() { theirs.clone() } else { mine };
        Self {
            run: self.run.or_else(|| other.run.clone()),
            files,
            directories,
            users: or(self.users, &other.users),
            groups: or(self.groups, &other.groups),
            inside: if self.inside.is_empty() { other.inside.clone() } else { self.inside },
            denied: or(self.denied, &other.denied),
            time: self.time.or_else(|| other.time.clone()),
            unknown: BTreeMap::new(),
        }
    }

    /// Creates the node, through the text of a recorded node.
    pub fn node(&self) -> Result<impl Node + use<>, String> {
        let mut recording = Mapping::new();
        let mut put = |key: &str, value: Value| recording.insert(key.into(), value);
        put("hostname", "node-1".into());
        if let Some(time) = &self.time {
            put("time", time.as_str().into());
        }
        put("passwd", accounts(&self.users));
        put("group", accounts(&self.groups));
        let processes = match &self.run {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Sequence(processes)) => processes.iter().map(process).collect(),
            Some(one) => vec![process(one)],
        };
        put("processes", Value::Sequence(processes));
        let logs = format!("/var/log/pods/kube-system_kube-proxy-abcde_{OF_KUBE_SYSTEM}");
        let directories = self.directories.iter().map(|(path, said)| directory(path, said));
        put("dirs", Value::Sequence(directories.chain([directory(&logs, "0755")]).collect()));
        put("files", files(&self.files));
        let node = recorded(recording)?;
        let mut inside = BTreeMap::new();
        for (pid, seen) in &self.inside {
            inside.insert(*pid, recorded(Mapping::from_iter([("files".into(), files(seen))]))?);
        }
        Ok(Guarded { node, inside, denied: self.denied.clone() })
    }
}

fn recorded(recording: Mapping) -> Result<Recorded, String> {
    let text = serde_yaml::to_string(&Value::Mapping(recording)).map_err(|error| error.to_string())?;
    Recorded::parse("fact", &text).map_err(|error| format!("{error}\n{text}"))
}

fn accounts(named: &[String]) -> Value {
    let lines = named.iter().map(|account| match account.split_once(':') {
        Some((name, number)) => Value::from(format!("{name}:x:{number}:")),
        None => panic!("{account}: a user or group is name:number"),
    });
    Value::Sequence(lines.collect())
}

fn process(said: &Value) -> Value {
    let mut process = match said {
        Value::Mapping(process) => process.clone(),
        Value::String(line) => Mapping::from_iter([("cmd".into(), line.as_str().into())]),
        other => panic!("{other:?} is no process"),
    };
    let first = match (process.get("cmd"), process.get("argv")) {
        (Some(Value::String(line)), _) => line.split(' ').next().unwrap_or_default().to_owned(),
        (_, Some(Value::Sequence(words))) => words.first().and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let program = if first.starts_with('/') { first } else { format!("/usr/bin/{first}") };
    // `exe: ~` means an unknown executable.
    match process.get("exe") {
        None => drop(process.insert("exe".into(), program.into())),
        Some(Value::Null) => drop(process.remove("exe")),
        Some(_) => {}
    }
    let cgroup = match process.get("cgroup").and_then(Value::as_str) {
        None | Some("host") => "0::/system.slice/some.service".to_owned(),
        Some("static pod") => format!("0::/kubepods/burstable/pod9d3b9c4e5f60718293a4b5c6d7e8f901/{CONTAINER}"),
        Some("ordinary pod") => format!("0::/kubepods/burstable/pod66e60491-1f3a-4f57-9d29-0c1b2a3d4e5f/{CONTAINER}"),
        Some("pod of kube-system") => format!("0::/kubepods/burstable/pod{OF_KUBE_SYSTEM}/{CONTAINER}"),
        Some(lines) => lines.replace("CONTAINER", CONTAINER),
    };
    process.insert("cgroup".into(), cgroup.into());
    Value::Mapping(process)
}

/// Sets owner and group from `user:group`, by ID or name.
fn owner(item: &mut Mapping, said: &str) {
    let (user, group) = said.split_once(':').unwrap_or_else(|| panic!("{said}: an owner is user:group"));
    item.insert("owner".into(), user.into());
    item.insert("group".into(), group.into());
}

fn directory(path: &str, said: &str) -> Value {
    let (mode, owned_by) = said.split_once(' ').unwrap_or((said, "root:root"));
    let mut item = Mapping::from_iter([("path".into(), path.into()), ("mode".into(), mode.into())]);
    owner(&mut item, owned_by);
    Value::Mapping(item)
}

fn files(said: &BTreeMap<String, Value>) -> Value {
    Value::Sequence(said.iter().filter(|(_, said)| !said.is_null()).map(|(path, said)| file(path, said)).collect())
}

fn file(path: &str, said: &Value) -> Value {
    let mut item = Mapping::from_iter([("path".into(), path.into())]);
    match said {
        Value::String(text) => {
            item.extend([("mode".into(), "0600".into()), ("content".into(), text.as_str().into())]);
        }
        Value::Mapping(parts) => {
            if !parts.contains_key("link") {
                item.insert("mode".into(), "0600".into());
            }
            for (key, value) in parts {
                match (key.as_str(), value.as_str()) {
                    (Some("owner"), Some(said)) => owner(&mut item, said),
                    (Some("text"), _) => drop(item.insert("content".into(), value.clone())),
                    (Some("base64"), _) => {
                        let bytes = Mapping::from_iter([("base64".into(), value.clone())]);
                        item.insert("content".into(), Value::Mapping(bytes));
                    }
                    (Some("link"), _) => drop(item.insert("symlink".into(), value.clone())),
                    (Some("mode" | "kind" | "size" | "certificates"), _) => {
                        drop(item.insert(key.clone(), value.clone()));
                    }
                    _ => panic!("{path}: no such key: {key:?}"),
                }
            }
        }
        other => panic!("{path}: {other:?} is no file"),
    }
    Value::Mapping(item)
}

/// A recorded node that refuses some questions, and whose processes may have their own roots.
struct Guarded {
    node: Recorded,
    inside: BTreeMap<i32, Recorded>,
    denied: Vec<String>,
}

impl Node for Guarded {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        let (subject, location) = match question {
            Question::HostName => ("host name".to_owned(), None),
            Question::Accounts => ("accounts".to_owned(), None),
            Question::Processes { .. } => ("processes".to_owned(), None),
            Question::AllProcesses => ("all processes".to_owned(), None),
            Question::Arguments(pid) => (format!("arguments {pid}"), None),
            Question::Executable(pid) => (format!("executable {pid}"), None),
            Question::ExecutableFile(pid) => (format!("executable file {pid}"), None),
            Question::ProgramVersion { pid, .. } => (format!("program version {pid}"), None),
            Question::WorkingDirectory(pid) => (format!("working directory {pid}"), None),
            Question::Standing(pid) => (format!("standing {pid}"), None),
            Question::CommandName(pid) => (format!("name {pid}"), None),
            Question::Cgroup(pid) => (format!("cgroup {pid}"), None),
            Question::Environment { pid, .. } => (format!("environment {pid}"), None),
            Question::Metadata(location) => (format!("metadata {}", location.path.display()), Some(location)),
            Question::Content(location) => (format!("content {}", location.path.display()), Some(location)),
            Question::Directory(location) => (format!("directory {}", location.path.display()), Some(location)),
            Question::PrivateKey(location) => (format!("key {}", location.path.display()), Some(location)),
            Question::Certificates(location) => (format!("certificates {}", location.path.display()), Some(location)),
            Question::Time => ("time".to_owned(), None),
        };
        if self.denied.contains(&subject) {
            return Observed::Unknown(Reason::new(Cause::PermissionDenied, subject, "permission denied"));
        }
        match location {
            Some(Location { root: Root::Process(pid), path }) => match self.inside.get(pid) {
                Some(root) => root.ask(&match question {
                    Question::Metadata(_) => Question::Metadata(Location::node(path)),
                    Question::Content(_) => Question::Content(Location::node(path)),
                    Question::PrivateKey(_) => Question::PrivateKey(Location::node(path)),
                    Question::Certificates(_) => Question::Certificates(Location::node(path)),
                    _ => Question::Directory(Location::node(path)),
                }),
                None => self.node.ask(question),
            },
            _ => self.node.ask(question),
        }
    }
}
