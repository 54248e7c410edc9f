//! Whom to believe: which processes are this node's components, and which only bear their names.
//!
//! A process of root, in the node's own user namespace and outside ordinary pods and other machines' containers, could
//! not have been put there by an ordinary user or a tenant: it is believed. A process of another user is believed where
//! that is the component's customary user and the program is root's. What is not believed decides nothing, and nothing
//! that it names is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::component::{Enclosure, Whereabouts, is_called, is_hash, matched_words, whereabouts};
use definitions::benchmark::{Component, Library};
use probe::{Accounts, Answer, Bearer, Cause, Foreign, Metadata, Node, Observed, Process, Question, Reason, Standing};

use super::allowance::Allowance;
use super::embedder::Embedder;
use super::inventory::Ignored;
use super::program_name::{file_name, first_words, named_so, same_command_name, same_program};
use super::rationed::{self, Rationed};
use super::runtime_record::{self, RuntimeRecord};
use super::static_pod::StaticPods;

/// The component that says where static pods lie.
pub(super) const KUBELET: &str = "kubelet";

/// A process that is believed to be a component.
pub(super) struct Believed<'a> {
    pub(super) component: &'a Component,
    pub(super) process: Process,
    /// Its command line, or why that is not known.
    pub(super) arguments: Result<Vec<Vec<u8>>, Reason>,
    /// How many of its words name the program.
    pub(super) words: usize,
    /// Where it runs; unknown where its cgroup is.
    pub(super) whereabouts: Observed<Whereabouts>,
    /// What the runtime keeps of its container.
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

/// Goes through the processes of a node that bear a component's name.
pub(super) struct Identification<'a> {
    node: &'a dyn Node,
    /// The same for what runtimes keep of containers, tenants' among them.
    of_containers: Rationed<'a>,
    library: &'a Library,
    /// The numbers of the users as whom components customarily run, by the component's key.
    customary: BTreeMap<&'a str, BTreeSet<u32>>,
    /// The lines of the first process's cgroup: what lies around the machine. None where they cannot be seen.
    first: Option<String>,
    /// Those outside pods.
    pub(super) on_node: Vec<Believed<'a>>,
    /// Those in pods, of which static pods have to be known first.
    in_pods: Vec<(Process, Whereabouts)>,
    /// Programs that hold components within themselves, by the key of each component.
    pub(super) embedders: BTreeMap<String, Vec<Embedder>>,
    /// Components of which there may be a process, and why that is not known.
    pub(super) unsure: BTreeMap<String, Reason>,
    /// How many processes are not believed, by name, user and reason.
    pub(super) ignored: BTreeMap<Ignored, usize>,
    /// Why executables could not be read, where that is so: then names alone tell processes apart.
    pub(super) degraded: Option<Reason>,
    /// What is odd about processes that are believed.
    pub(super) remarks: Vec<String>,
    /// What is kept of containers of pods, by the pod's UID and the container.
    records: BTreeMap<(String, Option<String>), Option<RuntimeRecord>>,
    /// How many processes may still be believed, with how much of command lines.
    allowance: Allowance,
}

/// How many reasons for which processes are not believed are told apart.
const MOST_REASONS: usize = 1000;

/// How many processes in pods are kept until it is known which pods are the node's own; tenants may start more.
const MOST_IN_PODS: usize = 10_000;

/// How many oddities are told.
const MOST_REMARKS: usize = 100;

/// All file names that a component's process may have, sorted and unique.
pub(super) fn names(components: &BTreeMap<String, Component>) -> Vec<String> {
    let words = |component| first_words(component).chain(embedding_words(component));
    let names: BTreeSet<String> = sorting::set(components.values().flat_map(words).map(str::to_owned));
    names.into_iter().collect()
}

/// Root, and the numbers of the users as whom components customarily run, as far as the node has them.
pub(super) fn users(components: &BTreeMap<String, Component>, accounts: &Observed<Accounts>) -> BTreeSet<u32> {
    let mut users = BTreeSet::from([0]);
    users.extend(components.values().flat_map(|component| customary(component, accounts)));
    users
}

/// The namespace of the pods that make up a control plane.
const PLATFORM: &str = "kube-system";

/// The users of processes that are only counted for their user, and called as a component is. However many
/// there are, one of them may be a static pod's; of a crowd in one cgroup, the first are listed.
pub(super) fn others(passed_over: &BTreeMap<Bearer, usize>, library: &Library) -> BTreeSet<u32> {
    let is_of_component = |called: &str| {
        let mut names = library.components.values().flat_map(|component| &component.executables);
        names.any(|name| name.split_ascii_whitespace().next() == Some(called))
    };
    let of_user = |bearer: &&Bearer| bearer.because == Foreign::User && is_of_component(&bearer.called);
    passed_over.keys().filter(of_user).map(|bearer| bearer.uid).collect()
}

/// The numbers of a component's customary users: by name, or where the platform gives them none, by number, unless the
/// node has given that to another account.
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

/// The file names of programs that hold a component within themselves. Some write their whole title into the first word.
fn embedding_words(component: &Component) -> impl Iterator<Item = &str> {
    let first = component.embedded_in.iter().filter_map(|name| name.split_ascii_whitespace().next());
    component.embedded_in.iter().map(String::as_str).chain(first)
}

/// Whether a program of this name holds components within itself.
fn embeds(library: &Library, called: &str) -> bool {
    library.components.values().flat_map(embedding_words).any(|name| name == called)
}

/// By what a process is known to run a program.
enum Seen {
    Executable,
    /// The kernel's name for it, which is that of the file that was started, a link's too.
    Name,
}

/// What is found out about one process before it is believed.
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

    /// Whether one more process can be looked at as this component; else that there may be others is kept in mind.
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

    /// Looks at processes of root and of customary users: believes those outside of pods, or does not.
    pub(super) fn look(&mut self, processes: Vec<Process>) {
        let mut contained: Vec<(Process, Whereabouts)> = Vec::new();
        for process in processes {
            let cgroup = text(self.node.ask(&Question::Cgroup(process.pid)));
            let found = cgroup.map(|cgroup| whereabouts(&cgroup, self.first.as_deref().unwrap_or_default()));
            match found {
                Observed::Unknown(why) if why.cause == Cause::Vanished => {}
                // Who may make cgroups can make them so deep that the kernel does not say where a process is. One that we
                // may not read, or that a recording lacks, is another matter: then the rest must do.
                Observed::Unknown(why) if !matches!(why.cause, Cause::PermissionDenied | Cause::NotRecorded) => {
                    self.doubt(&process, why.cause, &format!("where it runs is not known: {}", why.detail));
                }
                Observed::Present(found) => match &found.enclosure {
                    // A user's own systemd may call its cgroups as it likes.
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

    /// Keeps a process in a pod for when the static pods are known, if what is in a pod can be a component at all.
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

    /// Processes in containers that are no pods: the node's own components, or those of another node within.
    fn in_containers(&mut self, contained: Vec<(Process, Whereabouts)>) {
        let mut by_container: BTreeMap<(bool, String), Vec<(Process, Whereabouts)>> = BTreeMap::new();
        for (process, found) in contained {
            let id = found.enclosure.as_ref().and_then(Enclosure::container).unwrap_or_default().to_owned();
            // Below a session, a cgroup may bear the number of anybody's container.
            by_container.entry((found.in_session, id)).or_default().push((process, found));
        }
        for ((_, id), inside) in by_container {
            let record = runtime_record::of_container(&self.of_containers, &id);
            if let Some(RuntimeRecord { namespace: Some(_), uid, .. }) = &record {
                // A pod whose cgroup does not name it, as where the kubelet makes none for pods.
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

    /// Why a container is a machine of its own, where it is one: it has services, pods or containers of its own, or more
    /// than one component. What runs a node's components in containers gives each its own.
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

    /// A process in a container that is no pod: the node's own by the namespaces that it shares with the node, or by what
    /// the runtime keeps of it.
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

    /// A process on the machine itself, or in a container of the node's own.
    fn on_machine(&mut self, process: Process, found: Observed<Whereabouts>, record: Option<RuntimeRecord>) {
        let in_session = found.as_present().is_some_and(|found| found.in_session);
        // Of users of whom nothing is believed here, nothing more is asked.
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
        // Programs that hold others within themselves may bring the runtime too, under their own name on the disk.
        let library = self.library;
        let is_brought = |path: &str| component.runtime.is_some() && embeds(library, file_name(path));
        let is_named = |path: &str| named_so(component, path) || is_brought(path);
        match self.is_program(&process, is_named, &first_words(component).collect::<Vec<_>>()) {
            // Programs that act as root may be started by a user, under any name.
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

    /// Looks at those in pods, now that the static pods are known; `is_of` tells whether this is a node of a distribution.
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

    /// What is kept of a container of a pod: by its runtime, and by the pod's directory of logs where that does not say
    /// whose pod it is.
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

    /// One in a static pod, of those that are given, or in an ordinary one.
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
        // Who may put a manifest into the kubelet's directory may choose the user too. Without manifest files it is the
        // kubelet's own form of the UID and the runtime's record that tell.
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
            // Names that other programs bear too say nothing.
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

    /// The components whose full name a process bears: several of a program that is more than one.
    fn components_called(&self, called: &str) -> impl Iterator<Item = &'a Component> {
        let bears = move |component: &&Component| {
            component.executables.iter().any(|name| name.split_ascii_whitespace().next() == Some(called))
        };
        self.library.components.values().filter(bears)
    }

    fn component_called(&self, called: &str) -> Option<&'a Component> {
        self.components_called(called).next()
    }

    /// Whether only the kubelet is called so.
    fn is_kubelet(&self, called: &str) -> bool {
        let mut components = self.components_called(called).peekable();
        components.peek().is_some() && components.all(|component| component.key == KUBELET)
    }

    /// Whether a component customarily runs as this user.
    fn runs_as(&self, component: &Component, user: u32) -> bool {
        self.customary.get(component.key.as_str()).is_some_and(|users| users.contains(&user))
    }

    /// Whether a component that may be called so has this user for its own.
    fn is_customary(&self, process: &Process) -> bool {
        let mut components = self.library.components.values();
        let may_be = |component: &&Component| first_words(component).any(|name| name == process.called);
        components.any(|component| may_be(&component) && self.runs_as(component, process.uid))
    }

    /// Whether only a component is called so, or what holds one within itself.
    fn is_of_component(&self, called: &str) -> bool {
        self.component_called(called).is_some() || self.is_embedder(called)
    }

    fn is_embedder(&self, called: &str) -> bool {
        embeds(self.library, called)
    }

    /// What a process is by its name and arguments. Of two components that fit, the one that more words name is meant.
    fn sort(&self, called: &str, arguments: &[Vec<u8>], is_unread: bool) -> Sorted<'a> {
        let components = self.library.components.values();
        if is_unread {
            // The name alone must do.
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

    /// Believes a program that holds components within itself, or does not.
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
                self.embedders.entry(component.key.clone()).or_default().push(embedder);
            }
        }
    }

    /// Whether a process runs the program whose name it bears: the first argument proposes, the executable confirms;
    /// where it cannot be read, the kernel's name for the process. Says by which; none where it does not.
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

    /// Whether a process outside of pods is believed by its user: root always, another user where it is the component's
    /// own and the program is root's.
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
        // A user can make up any number of names of executables and namespaces.
        if self.ignored.len() >= MOST_REASONS && !self.ignored.contains_key(&ignored) {
            "for further reasons".clone_into(&mut ignored.reason);
        }
        *self.ignored.entry(ignored).or_default() += 1;
    }

    /// The same, where nothing but the name is known yet: names that other programs bear too say nothing.
    fn ignore_named(&mut self, process: &Process, reason: &str) {
        if self.is_of_component(&process.called) {
            self.ignore(process, reason.to_owned());
        }
    }

    /// Notes that a process may be what its command line would say, where that cannot be read.
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
            self.unsure.entry(component.key.clone()).or_insert_with(|| Reason::new(cause, subject, detail));
        }
    }
}

/// The systemd service that a process belongs to.
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

/// Who besides root can change a program.
fn who_else_writes(file: &Metadata) -> Option<String> {
    let owner = (file.uid != 0).then(|| format!("belongs to user {}", file.uid));
    let bits = (file.mode & 0o022 != 0).then(|| format!("has mode {:o}", file.mode));
    let said: Vec<String> = owner.into_iter().chain(bits).collect();
    (!said.is_empty()).then(|| format!("{}, so others than root can change it", said.join(" and ")))
}

/// The begin of a container's number, as people read it.
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
