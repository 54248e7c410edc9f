//! Decides which processes to trust as this node's components, and which only have their names.
//!
//! A process that runs as root, in the node's own user namespace and outside ordinary pods and other machines'
//! containers, cannot have been started by an ordinary user or a tenant, so it is trusted. A process of another user is
//! trusted if that is the component's customary user and the program is owned by root. Untrusted processes decide
//! nothing, and no file that they name is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::component::{Enclosure, Whereabouts, is_called, is_hash, matched_words, whereabouts};
use definitions::SharedText;
use definitions::benchmark::{Component, Library};
use probe::{Accounts, Answer, Bearer, Cause, Foreign, Metadata, Node, Observed, Process, Question, Reason, Standing};

use super::allowance::Allowance;
use super::embedder::Embedder;
use super::inventory::Ignored;
use super::program_name::{file_name, first_words, named_so, same_command_name, same_program};
use super::rationed::{self, Rationed};
use super::runtime_record::{self, RuntimeRecord};
use super::static_pod::StaticPods;

/// The component whose configuration says where static pods are defined.
pub(super) const KUBELET: &str = "kubelet";

/// A process that is trusted to be a component.
pub(super) struct Believed<'a> {
    pub(super) component: &'a Component,
    pub(super) process: Process,
    /// Its command line, or why that is not known.
    pub(super) arguments: Result<Vec<Vec<u8>>, Reason>,
    /// The number of words of it that name the program.
    pub(super) words: usize,
    /// Where it runs; unknown if its cgroup is.
    pub(super) whereabouts: Observed<Whereabouts>,
    /// The runtime's record of its container.
    pub(super) record: Option<RuntimeRecord>,
    /// Whether its root directory is the node's.
    pub(super) host_root: Option<bool>,
}

impl Believed<'_> {
    /// The UID of the pod in which it runs.
    pub(super) fn pod(&self) -> Option<&str> {
        match &self.whereabouts.as_present()?.enclosure {
            Some(Enclosure::Pod { uid, .. }) => Some(uid),
            _ => None,
        }
    }
}

/// Examines the processes of a node that have a component's name.
pub(super) struct Identification<'a> {
    node: &'a dyn Node,
    /// The node with a limit on reading runtimes' records of containers, which include those of tenants.
    of_containers: Rationed<'a>,
    library: &'a Library,
    /// The IDs of the users that components customarily run as, by the component's key.
    customary: BTreeMap<&'a str, BTreeSet<u32>>,
    /// The cgroup of process 1, which shows what encloses the machine itself. `None` if it cannot be read.
    first: Option<String>,
    /// The trusted processes outside pods.
    pub(super) on_node: Vec<Believed<'a>>,
    /// The processes in pods, which can only be judged when the static pods are known.
    in_pods: Vec<(Process, Whereabouts)>,
    /// The programs that embed components, by the key of each component.
    pub(super) embedders: BTreeMap<String, Vec<Embedder>>,
    /// The components that may have a process, and why that is not known.
    pub(super) unsure: BTreeMap<String, Reason>,
    /// The number of untrusted processes, by name, user and reason.
    pub(super) ignored: BTreeMap<Ignored, usize>,
    /// Why executables could not be read, if so; processes are then distinguished only by name.
    pub(super) degraded: Option<Reason>,
    /// Unusual properties of trusted processes.
    pub(super) remarks: Vec<String>,
    /// The records of containers in pods, by the pod's UID and the container.
    records: BTreeMap<(String, Option<String>), Option<RuntimeRecord>>,
    /// The number of processes that may still be trusted, and the size of command lines that may still be kept.
    allowance: Allowance,
}

/// The maximum number of reasons for distrust that are counted separately.
const MOST_REASONS: usize = 1000;

/// The maximum number of processes in pods to keep until the node's own pods are known; tenants may start more.
const MOST_IN_PODS: usize = 10_000;

/// The maximum number of unusual properties to report.
const MOST_REMARKS: usize = 100;

/// Returns all file names that a component's process may have, sorted and without duplicates.
pub(super) fn names(components: &BTreeMap<SharedText, Component>) -> Vec<String> {
    let words = |component| first_words(component).chain(embedding_words(component));
    let names: BTreeSet<String> = sorting::set(components.values().flat_map(words).map(str::to_owned));
    names.into_iter().collect()
}

/// Returns root, and the IDs of the users that components customarily run as, as far as the node has them.
pub(super) fn users(components: &BTreeMap<SharedText, Component>, accounts: &Observed<Accounts>) -> BTreeSet<u32> {
    let mut users = BTreeSet::from([0]);
    users.extend(components.values().flat_map(|component| customary(component, accounts)));
    users
}

/// The namespace of the pods that make up a control plane.
const PLATFORM: &str = "kube-system";

/// Returns the users of processes that have a component's name but were only counted because of their user. One of them
/// may be in a static pod, however many there are; of a crowd in one cgroup, the first are listed.
pub(super) fn others(passed_over: &BTreeMap<Bearer, usize>, library: &Library) -> BTreeSet<u32> {
    let is_of_component = |called: &str| {
        let mut names = library.components.values().flat_map(|component| &component.executables);
        names.any(|name| name.split_ascii_whitespace().next() == Some(called))
    };
    let of_user = |bearer: &&Bearer| bearer.because == Foreign::User && is_of_component(&bearer.called);
    passed_over.keys().filter(of_user).map(|bearer| bearer.uid).collect()
}

/// The IDs of a component's customary users: by name or, if the platform gives them no name, by ID, unless the node has
/// given that to another account.
fn customary(component: &Component, accounts: &Observed<Accounts>) -> impl Iterator<Item = u32> {
    let known = accounts.as_present();
    let named = component.users.iter().filter_map(move |name| known?.users.number(name));
    let numbered = component.users.iter().filter_map(|user| user.parse().ok());
    named.chain(numbered.filter(move |id| known.is_some_and(|accounts| accounts.user(*id).is_none())))
}

fn customary_of<'a>(library: &'a Library, accounts: &Observed<Accounts>) -> BTreeMap<&'a str, BTreeSet<u32>> {
    let components = library.components.values();
    components.map(|component| (component.key.as_str(), customary(component, accounts).collect())).collect()
}

/// The file names of programs that embed a component. Some write their whole title into the first word.
fn embedding_words(component: &Component) -> impl Iterator<Item = &str> {
    let first = component.embedded_in.iter().filter_map(|name| name.split_ascii_whitespace().next());
    component.embedded_in.iter().map(SharedText::as_str).chain(first)
}

/// Whether a program of this name embeds components.
fn embeds(library: &Library, called: &str) -> bool {
    library.components.values().flat_map(embedding_words).any(|name| name == called)
}

/// What shows that a process runs a program.
enum Seen {
    Executable,
    /// The kernel's name for the process, which is that of the file that was started, even if that is a link.
    Name,
}

/// The classification of a process before it is trusted.
enum Sorted<'a> {
    Component(&'a Component, usize),
    Embedder(&'a str),
    Neither,
}

impl<'a> Identification<'a> {
    pub(super) fn new(node: &'a dyn Node, library: &'a Library, accounts: &Observed<Accounts>) -> Self {
        Self {
            node,
            of_containers: Rationed::new(node),
            library,
            customary: customary_of(library, accounts),
            first: text(node.ask(&Question::Cgroup(1))).present(),
            on_node: Vec::new(),
            in_pods: Vec::new(),
            embedders: BTreeMap::new(),
            unsure: BTreeMap::new(),
            ignored: BTreeMap::new(),
            degraded: None,
            remarks: Vec::new(),
            records: BTreeMap::new(),
            allowance: Allowance::default(),
        }
    }

    /// Whether one more process can be examined as this component; if not, notes that there may be others.
    fn has_place(&mut self, process: &Process) -> bool {
        let place = self.allowance.take_place();
        if let Err(detail) = &place {
            self.doubt(process, Cause::TooLarge, detail);
        }
        place.is_ok()
    }

    fn remark(&mut self, remark: String) {
        if self.remarks.len() < MOST_REMARKS {
            self.remarks.push(remark);
        }
    }

    /// Examines processes of root and of customary users, and collects the trusted ones outside pods.
    pub(super) fn look(&mut self, processes: Vec<Process>) {
        let mut contained: Vec<(Process, Whereabouts)> = Vec::new();
        for process in processes {
            let cgroup = text(self.node.ask(&Question::Cgroup(process.pid)));
            let found = cgroup.map(|cgroup| whereabouts(&cgroup, self.first.as_deref().unwrap_or_default()));
            match found {
                Observed::Unknown(why) if why.cause == Cause::Vanished => {}
                // A user who may create cgroups can nest them so deep that the kernel does not report where a process
                // is. If the cgroup may merely not be read, or a recording lacks it, the other checks decide.
                Observed::Unknown(why) if !matches!(why.cause, Cause::PermissionDenied | Cause::NotRecorded) => {
                    self.doubt(&process, why.cause, &format!("where it runs is not known: {}", why.detail));
                }
                Observed::Present(found) => match &found.enclosure {
                    // A user's own systemd instance can name its cgroups arbitrarily.
                    Some(Enclosure::Pod { .. }) if found.in_session => {
                        self.ignore_named(&process, "in a pod of a login session");
                    }
                    Some(Enclosure::Pod { .. }) => self.put_aside(process, found),
                    Some(Enclosure::Container { .. }) => contained.push((process, found)),
                    None => self.on_machine(process, Observed::Present(found), None),
                },
                found => self.on_machine(process, found, None),
            }
        }
        self.in_containers(contained);
    }

    /// Keeps a process in a pod until the static pods are known, provided that it may be a component.
    fn put_aside(&mut self, process: Process, found: Whereabouts) {
        if self.is_embedder(&process.called) || self.is_kubelet(&process.called) {
            self.ignore(&process, "in a pod".to_owned());
        } else if self.in_pods.len() < MOST_IN_PODS {
            self.in_pods.push((process, found));
        } else {
            let detail = format!("not looked at: there are more than {MOST_IN_PODS} such processes in pods");
            self.doubt(&process, Cause::TooLarge, &detail);
        }
    }

    /// Examines processes in containers that do not belong to pods: components of this node, or of another node within
    /// a container.
    fn in_containers(&mut self, contained: Vec<(Process, Whereabouts)>) {
        let mut by_container: BTreeMap<(bool, String), Vec<(Process, Whereabouts)>> = BTreeMap::new();
        for (process, found) in contained {
            let id = found.enclosure.as_ref().and_then(Enclosure::container).unwrap_or_default().to_owned();
            // Below a session, a cgroup may have the ID of any container.
            by_container.entry((found.in_session, id)).or_default().push((process, found));
        }
        for ((_, id), inside) in by_container {
            let record = runtime_record::of_container(&self.of_containers, &id);
            if let Some(RuntimeRecord { namespace: Some(_), uid, .. }) = &record {
                // A pod whose cgroup does not name it, for example because the kubelet creates no cgroups for pods.
                let enclosure = Enclosure::Pod { uid: uid.clone().unwrap_or_default(), container: Some(id) };
                let of_pod = |found| Whereabouts { enclosure: Some(enclosure.clone()), ..found };
                for (process, found) in inside {
                    self.put_aside(process, of_pod(found));
                }
                continue;
            }
            let machine = self.machine_of(&inside);
            for (process, found) in inside {
                match &machine {
                    Some(_) if self.first.is_none() => {
                        let detail =
                            "runs in a container or in this machine, which cannot be distinguished without a process 1";
                        self.doubt(&process, Cause::System, detail);
                    }
                    Some(reason) => self.ignore_named(&process, reason),
                    None => self.in_container(process, found, record.clone()),
                }
            }
        }
    }

    /// Why a container is a separate machine, if it is: it has services, pods or containers of its own, or more than
    /// one component. Runtimes that run a node's components in containers give each its own.
    fn machine_of(&self, inside: &[(Process, Whereabouts)]) -> Option<String> {
        let (runtime, id) = inside.iter().find_map(|(_, found)| match &found.enclosure {
            Some(Enclosure::Container { runtime, id, .. }) => Some((*runtime, id)),
            _ => None,
        })?;
        let has_own = inside
            .iter()
            .any(|(_, found)| matches!(found.enclosure, Some(Enclosure::Container { is_machine: true, .. })));
        let names: BTreeSet<&str> = sorting::set(inside.iter().map(|(process, _)| process.called.as_str()));
        let embeds = self.library.components.values().flat_map(embedding_words).any(|name| names.contains(name));
        (has_own || names.len() > 1 || embeds)
            .then(|| format!("in the {runtime} container {}, a node of its own", shortened(id)))
    }

    /// Examines a process in a container that does not belong to a pod: it is this node's if it shares namespaces with
    /// the node, or if the runtime's record says so.
    fn in_container(&mut self, process: Process, found: Whereabouts, record: Option<RuntimeRecord>) {
        let standing = self.standing(process.pid);
        let id = found.enclosure.as_ref().and_then(Enclosure::container).unwrap_or_default();
        let needs_pids = self.component_called(&process.called).is_some_and(|component| component.needs_host_pids);
        let host_pids = standing.pid_namespaces.map(|count| count <= 1).or(record.as_ref().and_then(|it| it.host_pid));
        let recorded_network = record.as_ref().and_then(|record| record.host_network);
        let network = standing.host_network.or(recorded_network);
        let own = match (needs_pids, host_pids, network) {
            (_, Some(true), Some(true) | None) | (false, _, Some(true)) => Some(true),
            (true, Some(false), _) | (_, _, Some(false)) => Some(false),
            (true, None, Some(true)) | (_, _, None) => None,
        };
        match own {
            Some(true) => self.on_machine(process, Observed::Present(found), record),
            Some(false) => {
                let reason = format!("in container {} with namespaces of its own", shortened(id));
                self.ignore(&process, reason);
            }
            None => {
                let detail = format!(
                    "runs in container {}, and whether that is this node's cannot be determined (needs CAP_SYS_PTRACE)",
                    shortened(id)
                );
                self.doubt(&process, Cause::PermissionDenied, &detail);
            }
        }
    }

    /// Examines a process on the machine itself, or in a container that belongs to the node.
    fn on_machine(&mut self, process: Process, found: Observed<Whereabouts>, record: Option<RuntimeRecord>) {
        let in_session = found.as_present().is_some_and(|found| found.in_session);
        // Nothing more is asked about processes of users that are not trusted here.
        if process.uid != 0 && (in_session || !self.is_customary(&process)) {
            let reason = if in_session { "in a login session" } else { "neither root nor the component's own user" };
            self.ignore_named(&process, reason);
            return;
        }
        let Some(arguments) = self.allowance.arguments(self.node, process.pid) else { return };
        let (component, words) =
            match self.sort(&process.called, arguments.as_deref().unwrap_or_default(), arguments.is_err()) {
                Sorted::Component(component, words) => (component, words),
                Sorted::Embedder(name) => {
                    self.embedder(&process, name, &found, arguments.unwrap_or_default());
                    return;
                }
                Sorted::Neither => {
                    self.doubt_unread(&process, &arguments);
                    return;
                }
            };
        // Programs that embed components may bring the runtime too, which then has their executable.
        let library = self.library;
        let is_brought = |path: &str| component.runtime.is_some() && embeds(library, file_name(path));
        let is_named = |path: &str| named_so(component, path) || is_brought(path);
        match self.is_program(&process, is_named, &first_words(component).collect::<Vec<_>>()) {
            // A user can start setuid root programs, under any name.
            Some(Seen::Name) if in_session => {
                let detail = "runs in a login session, and its executable cannot be determined (needs CAP_SYS_PTRACE)";
                self.doubt(&process, Cause::PermissionDenied, detail);
                return;
            }
            Some(_) => {}
            None => return,
        }
        if !self.is_trusted(&process, component) {
            return;
        }
        if in_session {
            self.remark(format!(
                "{} (process {}): runs in a login session, not in a service of the system",
                component.name, process.pid
            ));
        }
        if !self.has_place(&process) {
            return;
        }
        let arguments = self.allowance.keep(process.pid, arguments);
        let host_root = self.standing(process.pid).host_root;
        self.on_node.push(Believed { component, process, arguments, words, whereabouts: found, record, host_root });
    }

    /// Examines the processes in pods, now that the static pods are known. `is_of` returns whether this node belongs to
    /// a distribution.
    pub(super) fn look_into_pods(
        &mut self,
        static_pods: &StaticPods,
        is_of: &dyn Fn(&str) -> bool,
    ) -> Vec<Believed<'a>> {
        let mut believed = Vec::new();
        for (process, found) in std::mem::take(&mut self.in_pods) {
            let Some(Enclosure::Pod { uid, container }) = found.enclosure.clone() else { continue };
            let by_name: Vec<&Component> = self.components_called(&process.called).collect();
            let is_static = static_pods.has(&uid) || is_hash(&uid);
            if !is_static && by_name.iter().all(|component| component.namespaces.is_empty()) {
                self.ignore_named(&process, "in an ordinary pod");
                continue;
            }
            let record = self.record_of(&uid, container.as_deref());
            if !is_static {
                match record.as_ref().and_then(|record| record.namespace.as_ref()) {
                    Some(namespace) if by_name.iter().any(|component| component.namespaces.hold(namespace, is_of)) => {}
                    Some(namespace) => {
                        self.ignore(&process, format!("in a pod of namespace {namespace}"));
                        continue;
                    }
                    None if self.of_containers.is_used_up() => {
                        let detail = format!(
                            "runs in a pod that was not examined: container data exceeds {} MiB",
                            rationed::MOST >> 20
                        );
                        self.doubt(&process, Cause::TooLarge, &detail);
                        continue;
                    }
                    None => {
                        let detail = "runs in a pod of which neither the container runtime nor /var/log/pods says in which \
                                      namespace it is";
                        self.doubt(&process, Cause::System, detail);
                        continue;
                    }
                }
            }
            self.in_pod(&process, found, record, is_static.then_some(static_pods), is_of, &mut believed);
        }
        believed
    }

    /// The record of a container in a pod: from its runtime and, if that does not show the pod's namespace, from the
    /// pod's log directory.
    fn record_of(&mut self, uid: &str, container: Option<&str>) -> Option<RuntimeRecord> {
        let key = (uid.to_owned(), container.map(str::to_owned));
        if let Some(known) = self.records.get(&key) {
            return known.clone();
        }
        let own = container.and_then(|id| runtime_record::of_container(&self.of_containers, id));
        let record = match own {
            Some(record) if record.namespace.is_some() => Some(record),
            other => match runtime_record::of_pod(&self.of_containers, uid) {
                Some(of_pod) => {
                    let container = other.unwrap_or_default();
                    let file = if container.file.is_empty() { of_pod.file } else { container.file.clone() };
                    Some(RuntimeRecord {
                        namespace: of_pod.namespace,
                        pod: of_pod.pod,
                        uid: of_pod.uid,
                        file,
                        ..container
                    })
                }
                None => other,
            },
        };
        self.records.insert(key, record.clone());
        record
    }

    /// Examines a process in a pod: a static one if static pods are given, otherwise an ordinary one.
    fn in_pod(
        &mut self,
        process: &Process,
        found: Whereabouts,
        record: Option<RuntimeRecord>,
        static_pods: Option<&StaticPods>,
        is_of: &dyn Fn(&str) -> bool,
        believed: &mut Vec<Believed<'a>>,
    ) {
        let Some(arguments) = self.allowance.arguments(self.node, process.pid) else { return };
        let sorted = self.sort(&process.called, arguments.as_deref().unwrap_or_default(), arguments.is_err());
        let Sorted::Component(component, words) = sorted else {
            self.doubt_unread(process, &arguments);
            return;
        };
        let namespace = record.as_ref().and_then(|record| record.namespace.as_ref());
        let is_of_platform = || namespace.is_some_and(|own| component.namespaces.hold(own, is_of));
        if component.key == KUBELET || !(static_pods.is_some() || is_of_platform()) {
            self.ignore(process, "in a pod".to_owned());
            return;
        }
        let names = first_words(component).collect::<Vec<_>>();
        if self.is_program(process, |path| named_so(component, path), &names).is_none() {
            return;
        }
        // A user who can put a manifest into the kubelet's directory can choose the user too. Without manifest files,
        // the kubelet's own form of the UID and the runtime's record decide.
        let is_told_of = |pods: &StaticPods| match pods.containers.as_slice() {
            [] => namespace.is_some_and(|own| own == PLATFORM),
            told => told.iter().any(|pod| pod.user == Some(process.uid)),
        };
        let as_told = process.uid == 0 || static_pods.is_some_and(is_told_of) || self.runs_as(component, process.uid);
        if !as_told {
            self.ignore(process, "neither root nor a user that a manifest names".to_owned());
            return;
        }
        if !self.has_place(process) {
            return;
        }
        let arguments = self.allowance.keep(process.pid, arguments);
        let whereabouts = Observed::Present(found);
        let process = process.clone();
        believed.push(Believed { component, process, arguments, words, whereabouts, record, host_root: Some(false) });
    }

    /// Counts processes of other users.
    pub(super) fn pass_over(&mut self, passed_over: BTreeMap<Bearer, usize>) {
        for (Bearer { called, uid, because }, count) in passed_over {
            // Names that other programs have too prove nothing.
            if !self.is_of_component(&called) {
                continue;
            }
            let reason = match because {
                Foreign::User => "neither root nor the component's own user",
                Foreign::EffectiveUser => "with a different effective user",
                Foreign::UserNamespace => "in a user namespace of its own",
                Foreign::Alike => "beyond the first of many in one cgroup",
            };
            let uid = (uid != u32::MAX).then_some(uid);
            *self.ignored.entry(Ignored { called, uid, reason: reason.to_owned() }).or_default() += count;
        }
    }

    /// The components whose full name is that of a process; there may be several if one program runs more than one.
    fn components_called(&self, called: &str) -> impl Iterator<Item = &'a Component> {
        let bears = move |component: &&Component| {
            component.executables.iter().any(|name| name.split_ascii_whitespace().next() == Some(called))
        };
        self.library.components.values().filter(bears)
    }

    fn component_called(&self, called: &str) -> Option<&'a Component> {
        self.components_called(called).next()
    }

    /// Whether only the kubelet has this name.
    fn is_kubelet(&self, called: &str) -> bool {
        let mut components = self.components_called(called).peekable();
        components.peek().is_some() && components.all(|component| component.key == KUBELET)
    }

    /// Whether a component customarily runs as this user.
    fn runs_as(&self, component: &Component, user: u32) -> bool {
        self.customary.get(component.key.as_str()).is_some_and(|users| users.contains(&user))
    }

    /// Whether a component that may have this process's name customarily runs as its user.
    fn is_customary(&self, process: &Process) -> bool {
        let mut components = self.library.components.values();
        let may_be = |component: &&Component| first_words(component).any(|name| name == process.called);
        components.any(|component| may_be(&component) && self.runs_as(component, process.uid))
    }

    /// Whether only a component has this name, or a program that embeds one.
    fn is_of_component(&self, called: &str) -> bool {
        self.component_called(called).is_some() || self.is_embedder(called)
    }

    fn is_embedder(&self, called: &str) -> bool {
        embeds(self.library, called)
    }

    /// Classifies a process by its name and arguments. If two components match, the one with more matching words wins.
    fn sort(&self, called: &str, arguments: &[Vec<u8>], is_unread: bool) -> Sorted<'a> {
        let components = self.library.components.values();
        if is_unread {
            // Only the name is left to decide.
            let named = components.clone().find(|component| component.executables.iter().any(|name| name == called));
            return named.map_or(Sorted::Neither, |component| Sorted::Component(component, 1));
        }
        let matched = components
            .clone()
            .filter_map(|component| matched_words(called, arguments, component).map(|words| (words, component)))
            .max_by_key(|(words, _)| *words);
        if let Some((words, component)) = matched {
            return Sorted::Component(component, words);
        }
        let embeds =
            components.flat_map(|component| &component.embedded_in).find(|name| is_called(called, arguments, name));
        embeds.map_or(Sorted::Neither, |name| Sorted::Embedder(name))
    }

    /// Examines a program that embeds components, and adds it to the embedders if it is trusted.
    fn embedder(&mut self, process: &Process, name: &'a str, found: &Observed<Whereabouts>, arguments: Vec<Vec<u8>>) {
        let word = name.split_ascii_whitespace().next().unwrap_or_default();
        let program = word.split('-').next().unwrap_or(word);
        let is_named = |path: &str| [word, program].iter().any(|known| same_program(file_name(path), known));
        if process.uid != 0 {
            self.ignore(process, "neither root nor the component's own user".to_owned());
            return;
        }
        let in_session = found.as_present().is_some_and(|found| found.in_session);
        match self.is_program(process, is_named, &[word, name]) {
            Some(Seen::Name) if in_session => {
                self.ignore(process, "in a login session, with an executable that cannot be determined".to_owned());
                return;
            }
            Some(_) => {}
            None => return,
        }
        if !self.has_place(process) {
            return;
        }
        let arguments = match self.allowance.keep(process.pid, Ok(arguments)) {
            Ok(arguments) => Arc::new(arguments),
            Err(why) => {
                self.doubt(process, why.cause, &format!("its command line is not known: {}", why.detail));
                return;
            }
        };
        let service = service_of(found, process.pid);
        for component in self.library.components.values() {
            if component.embedded_in.iter().any(|known| known == name) {
                let embedder = Embedder {
                    name: name.to_owned(),
                    pid: process.pid,
                    service: service.clone(),
                    arguments: Arc::clone(&arguments),
                };
                self.embedders.entry(component.key.to_string()).or_default().push(embedder);
            }
        }
    }

    /// Returns what shows that a process runs the program that it is named after; `None` if it does not. The first
    /// argument proposes the program; the executable or, if that cannot be read, the kernel's name for the process
    /// confirms it.
    fn is_program(&mut self, process: &Process, is_named: impl Fn(&str) -> bool, names: &[&str]) -> Option<Seen> {
        match text(self.node.ask(&Question::Executable(process.pid))) {
            Observed::Present(path) => {
                let same = is_named(&path);
                if !same {
                    self.ignore(process, format!("executable {path}"));
                }
                same.then_some(Seen::Executable)
            }
            Observed::Absent => None,
            Observed::Unknown(why) if why.cause == Cause::Vanished => None,
            Observed::Unknown(why) => {
                if why.cause == Cause::PermissionDenied {
                    self.degraded.get_or_insert(why);
                }
                match text(self.node.ask(&Question::CommandName(process.pid))) {
                    Observed::Present(comm) if !names.iter().any(|known| same_command_name(comm.trim_end(), known)) => {
                        self.ignore(process, format!("called {} by the kernel", comm.trim_end()));
                        None
                    }
                    _ => Some(Seen::Name),
                }
            }
        }
    }

    /// Whether a process outside pods is trusted because of its user: root always is, and another user is if it is the
    /// component's own and the program is owned by root.
    fn is_trusted(&mut self, process: &Process, component: &Component) -> bool {
        let file = self.node.ask(&Question::ExecutableFile(process.pid));
        if process.uid == 0 {
            if let Observed::Present(Answer::Metadata(file)) = &file
                && let Some(who) = who_else_writes(file)
            {
                self.remark(format!("{} (process {}): its executable {who}", component.name, process.pid));
            }
            return true;
        }
        if !self.runs_as(component, process.uid) {
            self.ignore(process, "neither root nor the component's own user".to_owned());
            return false;
        }
        match file {
            Observed::Present(Answer::Metadata(file)) if file.uid == 0 => {
                if let Some(who) = who_else_writes(&file) {
                    self.remark(format!("{} (process {}): its executable {who}", component.name, process.pid));
                }
                true
            }
            Observed::Present(Answer::Metadata(file)) => {
                self.ignore(process, format!("executable owned by user {}, not root", file.uid));
                false
            }
            Observed::Unknown(why) if why.cause == Cause::Vanished => false,
            Observed::Unknown(why) => {
                self.doubt(
                    process,
                    why.cause,
                    &format!("the owner of its executable cannot be determined: {}", why.detail),
                );
                false
            }
            Observed::Present(_) | Observed::Absent => {
                self.doubt(process, Cause::System, "the owner of its executable cannot be determined");
                false
            }
        }
    }

    fn standing(&self, pid: i32) -> Standing {
        match self.node.ask(&Question::Standing(pid)) {
            Observed::Present(Answer::Standing(standing)) => standing,
            _ => Standing::default(),
        }
    }

    fn ignore(&mut self, process: &Process, reason: String) {
        let mut ignored = Ignored { called: process.called.clone(), uid: Some(process.uid), reason };
        // A user can create any number of names of executables and namespaces.
        if self.ignored.len() >= MOST_REASONS && !self.ignored.contains_key(&ignored) {
            "for further reasons".clone_into(&mut ignored.reason);
        }
        *self.ignored.entry(ignored).or_default() += 1;
    }

    /// Like `ignore`, for when only the name is known: names that other programs have too prove nothing.
    fn ignore_named(&mut self, process: &Process, reason: &str) {
        if self.is_of_component(&process.called) {
            self.ignore(process, reason.to_owned());
        }
    }

    /// Notes that a process with an unreadable command line may be a component.
    fn doubt_unread(&mut self, process: &Process, arguments: &Result<Vec<Vec<u8>>, Reason>) {
        if let Err(why) = arguments {
            self.doubt(process, why.cause, &format!("its command line is not known: {}", why.detail));
        }
    }

    /// Notes that a process may be a component.
    fn doubt(&mut self, process: &Process, cause: Cause, detail: &str) {
        let holds = |component: &&Component| embedding_words(component).any(|name| name == process.called);
        let held = self.library.components.values().filter(holds);
        let doubted: Vec<&Component> = self.components_called(&process.called).chain(held).collect();
        for component in doubted {
            let subject = format!("{} (process {})", component.name, process.pid);
            self.unsure.entry(component.key.to_string()).or_insert_with(|| Reason::new(cause, subject, detail));
        }
    }
}

/// Returns the systemd service that a process belongs to.
pub(super) fn service_of(found: &Observed<Whereabouts>, pid: i32) -> Observed<String> {
    match found {
        Observed::Present(Whereabouts { service: Some(Some(name)), .. }) => Observed::Present(name.clone()),
        Observed::Present(Whereabouts { service: Some(None), .. }) | Observed::Absent => Observed::Absent,
        Observed::Present(Whereabouts { service: None, .. }) => {
            let subject = format!("cgroup of process {pid}");
            Observed::Unknown(Reason::new(Cause::Malformed, subject, "does not show which service it belongs to"))
        }
        Observed::Unknown(why) => Observed::Unknown(why.clone()),
    }
}

/// Which users other than root can change a program, as text.
fn who_else_writes(file: &Metadata) -> Option<String> {
    let owner = (file.uid != 0).then(|| format!("belongs to user {}", file.uid));
    let bits = (file.mode & 0o022 != 0).then(|| format!("has mode {:o}", file.mode));
    let said: Vec<String> = owner.into_iter().chain(bits).collect();
    (!said.is_empty()).then(|| format!("{}, so others than root can change it", said.join(" and ")))
}

/// The first characters of a container's ID, as tools display it.
fn shortened(id: &str) -> &str {
    const SHOWN: usize = 12;
    let is_number = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_number { id.get(..SHOWN).unwrap_or(id) } else { id }
}

fn text(observed: Observed<Answer>) -> Observed<String> {
    observed.and_then(|answer| match answer {
        Answer::Text(text) => Observed::Present(text),
        _ => Observed::Absent,
    })
}
