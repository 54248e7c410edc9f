//! Who runs here: the components' processes, told from those that only bear their names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::benchmark::{Component, Grammar, Library};
use crate::component::{
    Arguments, Configuration, Instance, PodMembership, Sight, essential_of_manifest, matched_words, pod_of, service_of,
};
use crate::probe::{Accounts, Answer, Cause, Location, Node, Observed, Process, Question, Why};

use super::configuration;
use super::environment::{self, Kind, Subject};
use super::place::{self, Places};
use super::static_pod::{self, StaticPod};

/// The node's components, before any benchmark is chosen.
#[derive(Debug, Clone)]
pub struct Census<'a> {
    /// The node's own name; empty where it could not be known.
    pub host_name: String,
    /// The node's users and groups.
    pub accounts: Observed<Accounts>,
    /// The running components, by key; a component without processes has no entry.
    pub instances: BTreeMap<String, Vec<Instance>>,
    /// Whether each component belongs on this node, by key.
    pub presence: BTreeMap<String, Presence>,
    /// Processes that bear a component's name but are not this node's component.
    pub ignored: Vec<IgnoredProcess>,
    /// Why executables could not be read, where that is so: then names alone tell processes apart.
    pub degraded: Option<Why>,
    /// Why the processes could not be listed, where that is so: then what runs is not known.
    pub unlisted: Option<Why>,
    /// What was read in the place of environments that could not be.
    pub stand_ins: Vec<StandIn>,
    /// The static pods of this node.
    pub static_pods: Vec<StaticPod>,
    /// The definitions by which they were looked for.
    pub library: &'a Library,
}

/// Whether a component belongs on this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It runs.
    Running,
    /// It does not run, as far as that is known, but this path shows that it should.
    Installed(String),
    /// Another program holds it within itself: `k3s server (process 812)`. Its settings are not to be seen.
    Embedded(String),
    /// Nothing of it is here.
    Absent,
    /// That could not be known.
    Unknown(Why),
}

/// What was read in the place of an environment.
#[derive(Debug, Clone)]
pub struct StandIn {
    /// The component whose environment it is: `etcd`.
    pub name: String,
    /// Why the process's own could not be read, and where nothing could stand in for it, why.
    pub why: Why,
    /// Whether what was read says all of it; else it stays unknown.
    pub is_complete: bool,
    pub(super) files: Vec<(Location, Kind)>,
    /// The variables that were wanted.
    pub(super) names: BTreeSet<String>,
}

impl StandIn {
    /// The files that were read.
    pub fn files(&self) -> impl Iterator<Item = &Location> {
        self.files.iter().map(|(location, _)| location)
    }
}

/// A process that is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredProcess {
    /// The component whose name it bears: `kube-apiserver`.
    pub name: String,
    /// The process.
    pub pid: i32,
    /// Why it does not count.
    pub reason: String,
}

/// Looks for the components of `library` on the node.
pub fn take<'a>(node: &dyn Node, library: &'a Library) -> Census<'a> {
    let host_name = match node.ask(&Question::HostName) {
        Observed::Present(Answer::Text(name)) => name,
        _ => String::new(),
    };
    let accounts = match node.ask(&Question::Accounts) {
        Observed::Present(Answer::Accounts(accounts)) => Observed::Present(accounts),
        Observed::Absent | Observed::Present(_) => Observed::Absent,
        Observed::Unknown(why) => Observed::Unknown(why),
    };
    let mut census = Census {
        host_name,
        accounts,
        instances: BTreeMap::new(),
        presence: BTreeMap::new(),
        ignored: Vec::new(),
        degraded: None,
        unlisted: None,
        stand_ins: Vec::new(),
        static_pods: Vec::new(),
        library,
    };
    let processes = node.ask(&Question::Processes { called: names(library) });
    let candidates = match &processes {
        Observed::Present(Answer::Processes(processes)) => candidates(node, library, processes, &mut census),
        _ => Vec::new(),
    };
    let embedders = match &processes {
        Observed::Present(Answer::Processes(processes)) => embedders(node, library, processes),
        _ => BTreeMap::new(),
    };
    // The kubelet comes first: its configuration says where static pods lie, and those say what others mount.
    for candidate in candidates.iter().filter(|candidate| candidate.component.key == KUBELET) {
        settle(node, candidate, &mut census);
    }
    census.static_pods = static_pod::find(node, census.instances.get(KUBELET).map_or(&[], Vec::as_slice), library);
    for candidate in candidates.iter().filter(|candidate| candidate.component.key != KUBELET) {
        settle(node, candidate, &mut census);
    }
    if let Observed::Unknown(why) = processes {
        census.unlisted = Some(why);
    }
    for component in library.components.values() {
        let presence = presence(node, component, &census, &embedders);
        census.presence.insert(component.key.clone(), presence);
    }
    for component in library.components.values() {
        if let Some(whole) = &component.part_of
            && let Some(presence) = census.presence.get(whole).cloned()
        {
            census.presence.insert(component.key.clone(), presence);
        }
    }
    census
}

impl Census<'_> {
    /// The running instances of a component.
    pub fn of(&self, component: &str) -> &[Instance] {
        self.instances.get(component).map_or(&[], Vec::as_slice)
    }

    /// What of a file's content needs to be recorded, where that is not the whole.
    pub fn essential(&self, location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
        let stand_in = self.stand_ins.iter().find_map(|stand_in| {
            let (_, kind) = stand_in.files.iter().find(|(file, _)| file == location)?;
            kind.essential(bytes, &stand_in.names, self.library)
        });
        let of_manifest = || {
            let is_manifest = self.static_pods.iter().any(|pod| pod.manifest == *location);
            is_manifest.then(|| essential_of_manifest(bytes, &environment::all_names(self.library))).flatten()
        };
        stand_in.or_else(of_manifest).or_else(|| super::detection::essential(location, bytes))
    }

    /// Whether a component belongs on this node: it runs, or something shows that it should.
    pub fn is_here(&self, component: &str) -> bool {
        matches!(self.presence.get(component), Some(Presence::Running | Presence::Installed(_)))
    }
}

/// The component that says where static pods lie.
const KUBELET: &str = "kubelet";

/// A process that bears a component's name and may be it.
struct Candidate<'a> {
    component: &'a Component,
    process: &'a Process,
    words: usize,
    membership: Observed<PodMembership>,
    service: Observed<String>,
}

/// All file names that a component's process may have, sorted and unique.
fn names(library: &Library) -> Vec<String> {
    let words = |component| first_words(component).chain(embedding_words(component));
    let names: BTreeSet<String> = library.components.values().flat_map(words).map(str::to_owned).collect();
    names.into_iter().collect()
}

/// The file names of programs that hold a component within themselves. Some write their whole title into the first word.
fn embedding_words(component: &Component) -> impl Iterator<Item = &str> {
    let first = component.embedded_in.iter().filter_map(|name| name.split_ascii_whitespace().next());
    component.embedded_in.iter().map(String::as_str).chain(first)
}

fn first_words(component: &Component) -> impl Iterator<Item = &str> {
    component.executables.iter().chain(&component.bare).filter_map(|name| name.split_ascii_whitespace().next())
}

fn candidates<'a>(
    node: &dyn Node,
    library: &'a Library,
    processes: &'a [Process],
    census: &mut Census<'_>,
) -> Vec<Candidate<'a>> {
    let mut candidates = Vec::new();
    for process in processes {
        // Of two components that fit, the one that more words name is meant.
        let matched = library
            .components
            .values()
            .filter_map(|component| matched_words(process, component).map(|words| (words, component)))
            .max_by_key(|(words, _)| *words);
        let Some((words, component)) = matched else { continue };
        let passed_over = |reason: String| IgnoredProcess { name: component.name.clone(), pid: process.pid, reason };
        match confirm(node, component, process, census) {
            Confirmation::Same => {}
            Confirmation::Vanished => continue,
            Confirmation::Other(reason) => {
                census.ignored.push(passed_over(reason));
                continue;
            }
        }
        let cgroup = text(node.ask(&Question::Cgroup(process.pid)));
        let membership = cgroup.clone().map(|cgroup| pod_of(&cgroup));
        let of_another = match membership {
            Observed::Present(PodMembership::Ordinary { .. }) if !component.in_ordinary_pods => {
                Some("it runs in an ordinary pod, so it is not this node's")
            }
            // Static pods are the kubelet's own children.
            Observed::Present(PodMembership::Static { .. }) if component.key == KUBELET => {
                Some("it runs in a static pod, so it is not this node's")
            }
            _ => None,
        };
        if let Some(reason) = of_another {
            census.ignored.push(passed_over(reason.to_owned()));
            continue;
        }
        let service = cgroup.and_then(|cgroup| service(process.pid, &cgroup));
        candidates.push(Candidate { component, process, words, membership, service });
    }
    candidates
}

/// The components that a program of another name holds within itself, with that program.
fn embedders(node: &dyn Node, library: &Library, processes: &[Process]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for component in library.components.values().filter(|component| !component.embedded_in.is_empty()) {
        for process in processes {
            let Some(program) = component.embedded_in.iter().find(|name| embeds(process, name)) else { continue };
            let word = program.split_ascii_whitespace().next().unwrap_or_default();
            let confirmed = match text(node.ask(&Question::Executable(process.pid))) {
                Observed::Present(path) => {
                    Path::new(&path).file_name().is_some_and(|name| same_program(&name.to_string_lossy(), word))
                }
                Observed::Absent | Observed::Unknown(_) => false,
            };
            // A cluster inside of a pod is not this node's.
            let is_of_host = text(node.ask(&Question::Cgroup(process.pid))).map(|cgroup| pod_of(&cgroup))
                == Observed::Present(PodMembership::None);
            if confirmed && is_of_host {
                let said = format!("{program} (process {})", process.pid);
                found.entry(component.key.clone()).or_insert(said);
            }
        }
    }
    found
}

/// Whether a process is called so, its words in several arguments or all in the first.
fn embeds(process: &Process, name: &str) -> bool {
    let mut words = name.split_ascii_whitespace();
    let same = process.called() == words.next().unwrap_or_default()
        && words
            .enumerate()
            .all(|(index, word)| process.arguments.get(index + 1).is_some_and(|argument| argument == word.as_bytes()));
    same || process.called() == name
}

/// The systemd service that a process belongs to, by its cgroup.
fn service(pid: i32, cgroup: &str) -> Observed<String> {
    match service_of(cgroup) {
        Some(Some(name)) => Observed::Present(name),
        Some(None) => Observed::Absent,
        None => {
            let subject = format!("cgroup of process {pid}");
            Observed::Unknown(Why::new(Cause::Malformed, subject, "does not tell which service it belongs to"))
        }
    }
}

/// Whether a process that bears a component's name is one.
enum Confirmation {
    Same,
    Other(String),
    Vanished,
}

/// The first argument proposes, the executable confirms; where it cannot be read, the kernel's name for the process.
fn confirm(node: &dyn Node, component: &Component, process: &Process, census: &mut Census<'_>) -> Confirmation {
    match text(node.ask(&Question::Executable(process.pid))) {
        Observed::Present(path) => {
            if named_so(component, &path) {
                Confirmation::Same
            } else {
                Confirmation::Other(format!("its executable is {path}"))
            }
        }
        Observed::Absent => Confirmation::Vanished,
        Observed::Unknown(why) if why.cause == Cause::Vanished => Confirmation::Vanished,
        Observed::Unknown(why) => {
            if why.cause == Cause::PermissionDenied {
                census.degraded.get_or_insert(why);
            }
            match text(node.ask(&Question::CommandName(process.pid))) {
                Observed::Present(comm)
                    if !first_words(component).any(|known| same_command_name(comm.trim_end(), known)) =>
                {
                    Confirmation::Other(format!("the kernel calls it {}", comm.trim_end()))
                }
                _ => Confirmation::Same,
            }
        }
    }
}

/// Whether the path of a program is that of one of the component's executables.
pub(super) fn named_so(component: &Component, program: &str) -> bool {
    let name = Path::new(program).file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    first_words(component).any(|known| same_program(&name, known))
}

/// `kubelet`, and `kubelet-1.32` or `kubelet.v1` beside it.
fn same_program(name: &str, known: &str) -> bool {
    let Some(rest) = name.strip_prefix(known) else { return false };
    let mut rest = rest.chars();
    match rest.next() {
        None => true,
        Some('-' | '.' | '_') => rest.next().is_some_and(|c| c == 'v' || c.is_ascii_digit()),
        Some(_) => false,
    }
}

/// The kernel keeps 15 bytes of a name.
fn same_command_name(comm: &str, known: &str) -> bool {
    comm == known.get(..15).unwrap_or(known) || same_program(comm, known)
}

fn text(answer: Observed<Answer>) -> Observed<String> {
    answer.and_then(|answer| match answer {
        Answer::Text(text) => Observed::Present(text),
        _ => Observed::Absent,
    })
}

/// Makes an instance of a candidate: arguments, where its paths lie, its configuration.
fn settle(node: &dyn Node, candidate: &Candidate<'_>, census: &mut Census<'_>) {
    let Candidate { component, process, words, membership, service } = candidate;
    let pid = process.pid;
    let variables = match component.grammar {
        Grammar::Kubernetes | Grammar::Go => Observed::Absent,
        Grammar::Etcd => {
            let subject = Subject { component, pid, service, membership, static_pods: &census.static_pods };
            let (variables, stand_in) = environment::variables(node, census.library, &subject);
            census.stand_ins.extend(stand_in);
            variables
        }
    };
    let (sight, container) = match membership {
        Observed::Present(PodMembership::None) => (Sight::Node, None),
        Observed::Present(PodMembership::Ordinary { container }) => (Sight::Container(Vec::new()), container.clone()),
        Observed::Present(PodMembership::Static { container }) => {
            let mounts =
                static_pod::mounts(&census.static_pods, &component.key, &process.arguments).unwrap_or_default();
            (Sight::Container(mounts), container.clone())
        }
        // Without a cgroup to tell, a static pod that runs the component is the best evidence.
        Observed::Absent | Observed::Unknown(_) => {
            let mounts = static_pod::mounts(&census.static_pods, &component.key, &process.arguments);
            (mounts.map_or(Sight::Node, Sight::Container), None)
        }
    };
    let mut instance = Instance {
        component: component.key.clone(),
        name: component.name.clone(),
        pid,
        arguments: Arguments::read(&process.arguments, *words, component),
        variables,
        configuration: Configuration::NotUsed,
        files: BTreeMap::new(),
        sight,
        container,
        service: service.clone(),
    };
    instance.configuration = configuration::read(node, &instance, component);
    census.instances.entry(component.key.clone()).or_default().push(instance);
}

/// Whether a component belongs on this node.
fn presence(
    node: &dyn Node,
    component: &Component,
    census: &Census<'_>,
    embedders: &BTreeMap<String, String>,
) -> Presence {
    if census.instances.contains_key(&component.key) {
        return Presence::Running;
    }
    let places = Places { node, census };
    for place in component.places.values().filter(|place| place.evidence) {
        let seen = places.at(component, place);
        if let Some(seen) = seen.iter().find(|seen| seen.metadata.as_present().is_some()) {
            return Presence::Installed(seen.path.clone());
        }
    }
    if let Some(program) = embedders.get(&component.key) {
        return Presence::Embedded(program.clone());
    }
    census.unlisted.clone().map_or(Presence::Absent, Presence::Unknown)
}

pub use place::Seen;
