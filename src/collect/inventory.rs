//! Who runs here: the components' processes, as far as they are believed, and what else shows that a component belongs
//! on this node.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::{
    Arguments, Configuration, Enclosure, Instance, Mount, Reading, Sight, Whereabouts, essential_of_manifest,
};
use definitions::benchmark::{Component, Control, Follow, Grammar, Library, Setting};
use probe::{Accounts, Answer, Cause, Location, Node, Observed, Question, Why};

use super::configuration;
use super::embedded::{self, Embedded};
use super::environment::{self, Kind, Subject};
use super::identity::{self, Believed, Identification, KUBELET};
use super::layout;
use super::openshift;
use super::pause_image;
use super::place::{self, Places};
use super::runtime;
use super::runtime_record::{self, RuntimeRecord};
use super::started::{self, ArgumentFiles};
use super::static_pod::{self, InPod, StaticPod, StaticPods};

pub use super::identity::{Embedder, Ignored};

/// The node's components, before any benchmark is chosen.
#[derive(Debug, Clone)]
pub struct Inventory<'a> {
    /// The node's own name; empty where it could not be known.
    pub host_name: String,
    /// The node's users and groups.
    pub accounts: Observed<Accounts>,
    /// The running components, by key; a component without processes has no entry.
    pub instances: BTreeMap<String, Vec<Instance>>,
    /// What the container runtime keeps of those that run in containers, by number of process.
    pub records: BTreeMap<i32, RuntimeRecord>,
    /// Whether each component belongs on this node, by key.
    pub presence: BTreeMap<String, Presence>,
    /// Programs that hold components within themselves, by the key of each component.
    pub embedders: BTreeMap<String, Vec<Embedder>>,
    /// How many processes bear a component's name but are not believed to be this node's component.
    pub ignored: BTreeMap<Ignored, usize>,
    /// What is odd about processes that are believed.
    pub remarks: Vec<String>,
    /// Why executables could not be read, where that is so: then names alone tell processes apart.
    pub degraded: Option<Why>,
    /// Why the processes could not be listed, where that is so: then what runs is not known.
    pub unlisted: Option<Why>,
    /// What was read in the place of environments that could not be.
    pub stand_ins: Vec<StandIn>,
    /// Where the services of processes without a configuration file take their arguments from, by number of process.
    pub(super) argument_files: BTreeMap<i32, ArgumentFiles>,
    /// The static pods of this node.
    pub static_pods: StaticPods,
    /// What is known of components that are part of other programs.
    pub(super) embedded: Embedded,
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
    /// Another program holds it within itself: `k3s server (process 812)`.
    Embedded(String),
    /// Nothing of it is here.
    Absent,
    /// That could not be known.
    Unknown(Why),
}

/// The image of a running container, and the file that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunningImage<'c> {
    /// The image: `registry/kube-apiserver:v1.32.4`.
    pub image: &'c str,
    /// The runtime's file.
    pub file: &'c str,
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

/// Looks for the components of `library` on the node.
pub fn take<'a>(node: &dyn Node, library: &'a Library) -> Inventory<'a> {
    let host_name = match node.ask(&Question::HostName) {
        Observed::Present(Answer::Text(name)) => name,
        _ => String::new(),
    };
    let accounts = match node.ask(&Question::Accounts) {
        Observed::Present(Answer::Accounts(accounts)) => Observed::Present(accounts),
        Observed::Absent | Observed::Present(_) => Observed::Absent,
        Observed::Unknown(why) => Observed::Unknown(why),
    };
    let mut inventory = Inventory {
        host_name,
        accounts: accounts.clone(),
        instances: BTreeMap::new(),
        records: BTreeMap::new(),
        presence: BTreeMap::new(),
        embedders: BTreeMap::new(),
        ignored: BTreeMap::new(),
        remarks: Vec::new(),
        degraded: None,
        unlisted: None,
        stand_ins: Vec::new(),
        argument_files: BTreeMap::new(),
        static_pods: StaticPods::default(),
        embedded: Embedded::default(),
        library,
    };
    let called = identity::names(library);
    let users = identity::users(library, &accounts);
    let ask = |users: &BTreeSet<u32>| {
        let users = users.iter().copied().collect();
        node.ask(&Question::Processes { called: called.clone(), users })
    };
    let mut identification = Identification::new(node, library, &accounts);
    let mut passed_over = BTreeMap::new();
    match ask(&users) {
        Observed::Present(Answer::Processes(processes)) => {
            passed_over = processes.passed_over;
            identification.look(processes.listed);
        }
        Observed::Unknown(why) => inventory.unlisted = Some(why),
        Observed::Present(_) | Observed::Absent => {}
    }
    // The kubelet comes first: its configuration says where static pods lie, and those say what others mount.
    let on_node = std::mem::take(&mut identification.on_node);
    let (kubelets, others): (Vec<_>, Vec<_>) = on_node.into_iter().partition(|it| it.component.key == KUBELET);
    for kubelet in kubelets {
        settle(node, kubelet, &mut inventory);
    }
    embedded::settle(node, &mut inventory, &mut identification.embedders, &mut identification.unsure);
    inventory.static_pods = static_pod::find(node, inventory.of(KUBELET), library);
    // Manifests may have their containers run as further users.
    let mut named: BTreeSet<u32> = inventory.static_pods.containers.iter().filter_map(|pod| pod.user).collect();
    if inventory.static_pods.containers.is_empty() && !inventory.of(KUBELET).is_empty() {
        named.extend(identity::others(&passed_over, library));
    }
    if !named.is_subset(&users)
        && !passed_over.is_empty()
        && let Observed::Present(Answer::Processes(processes)) = ask(&users.union(&named).copied().collect())
    {
        passed_over = processes.passed_over;
        identification.look(processes.listed.into_iter().filter(|process| !users.contains(&process.uid)).collect());
    }
    identification.pass_over(passed_over);
    for believed in others {
        settle(node, believed, &mut inventory);
    }
    inventory.embedders = std::mem::take(&mut identification.embedders);
    // Which distribution this is, processes outside of ordinary pods tell.
    let is_of = |distribution: &str| layout::is_here(node, &inventory, distribution);
    for believed in identification.look_into_pods(&inventory.static_pods, &is_of) {
        settle(node, believed, &mut inventory);
    }
    for instances in inventory.instances.values_mut() {
        instances.sort_by_key(|instance| instance.pid);
    }
    let Identification { unsure, ignored, degraded, remarks, .. } = identification;
    (inventory.ignored, inventory.degraded, inventory.remarks) = (ignored, degraded, remarks);
    // Beside one that is judged, another that may be one is told of, and changes nothing.
    let beside = unsure.iter().filter(|(key, _)| inventory.instances.contains_key(*key));
    inventory.remarks.extend(beside.map(|(_, why)| format!("{why}; it is not judged")));
    for component in library.components.values() {
        let presence = presence(node, component, &inventory, &unsure);
        inventory.presence.insert(component.key.clone(), presence);
    }
    for component in library.components.values() {
        if let Some(whole) = &component.part_of
            && let Some(presence) = inventory.presence.get(whole).cloned()
        {
            inventory.presence.insert(component.key.clone(), presence);
        }
    }
    inventory
}

impl Inventory<'_> {
    /// The running instances of a component.
    pub fn of(&self, component: &str) -> &[Instance] {
        self.instances.get(component).map_or(&[], Vec::as_slice)
    }

    /// The processes of a component, but for those that hold it within themselves: what such a program is, and where it
    /// keeps things, says nothing of other ways of setting up nodes.
    pub fn own(&self, component: &str) -> impl Iterator<Item = &Instance> {
        self.of(component).iter().filter(|instance| instance.embedded_in.is_none())
    }

    /// The image that a process runs from, by what its container runtime keeps of it.
    pub fn image_of(&self, instance: &Instance) -> Option<RunningImage<'_>> {
        let record = self.records.get(&instance.pid)?;
        Some(RunningImage { image: record.image.as_deref()?, file: &record.file })
    }

    /// That a component is on this node, as a sentence; none where it is not, or that is not known.
    pub fn sentence_on(&self, component: &str) -> Option<String> {
        let name = self.library.components.get(component).map_or(component, |component| component.name.as_str());
        match self.presence.get(component)? {
            Presence::Running => {
                let pids: Vec<String> = self.of(component).iter().map(|instance| instance.pid.to_string()).collect();
                let word = if pids.len() == 1 { "process" } else { "processes" };
                Some(format!("{name} runs ({word} {})", pids.join(", ")))
            }
            Presence::Installed(path) if self.unlisted.is_some() => {
                Some(format!("{name} belongs here, since {path} is there"))
            }
            Presence::Installed(path) => Some(format!("{name} does not run, but {path} is there")),
            Presence::Embedded(program) => Some(format!("{name} is part of {program}")),
            Presence::Absent | Presence::Unknown(_) => None,
        }
    }

    /// What of a file's content needs to be recorded, where that is not the whole.
    pub fn essential(&self, location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
        let stand_in = self.stand_ins.iter().find_map(|stand_in| {
            let (_, kind) = stand_in.files.iter().find(|(file, _)| file == location)?;
            kind.essential(bytes, &stand_in.names, self.library)
        });
        let of_manifest = || {
            let is_manifest = self.static_pods.containers.iter().any(|pod| pod.manifest == *location);
            is_manifest.then(|| essential_of_manifest(bytes, &environment::all_names(self.library))).flatten()
        };
        self.embedded
            .essential(location, bytes, self)
            .or(stand_in)
            .or_else(of_manifest)
            .or_else(|| self.argument_files.values().find_map(|files| files.essential(location, bytes)))
            .or_else(|| runtime_record::essential(location, bytes))
            .or_else(|| pause_image::essential(location, bytes))
            .or_else(|| runtime::essential(location, bytes))
    }

    /// Whether a service takes the arguments of a process from this file, in the place of one of settings.
    pub fn holds_arguments(&self, location: &Location) -> bool {
        self.argument_files.values().any(|files| files.hold(location))
    }

    /// Whether a component belongs on this node: it runs, or something shows that it should.
    pub fn is_here(&self, component: &str) -> bool {
        let presence = self.presence.get(component);
        matches!(presence, Some(Presence::Running | Presence::Installed(_) | Presence::Embedded(_)))
    }

    /// The file in which the user gives arguments to a component, where that is the one of a program that passes them on.
    pub fn settings_of_embedder(&self, component: &str) -> Option<&str> {
        self.embedded.settings_of(component)
    }

    /// The files that say what the programs are told of which components are part.
    pub fn settings_of_embedders(&self) -> impl Iterator<Item = &Location> {
        self.embedded.files()
    }
}

/// Makes an instance of a process that is believed: arguments, where its paths lie, its configuration.
fn settle(node: &dyn Node, believed: Believed<'_>, inventory: &mut Inventory<'_>) {
    let uid = believed.pod().map(str::to_owned);
    let Believed { component, process, arguments, words, whereabouts, record, host_root } = believed;
    let pid = process.pid;
    let (arguments, unread) = match arguments {
        Ok(arguments) => (arguments, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    // A pod may lie below the service of its runtime, which is not the component's.
    let service = if uid.is_some() { Observed::Absent } else { identity::service_of(&whereabouts, pid) };
    let enclosure = match &whereabouts {
        Observed::Present(Whereabouts { enclosure, .. }) => Observed::Present(enclosure.clone()),
        Observed::Absent => Observed::Absent,
        Observed::Unknown(why) => Observed::Unknown(why.clone()),
    };
    let in_pod =
        InPod { component: &component.key, uid: uid.as_deref(), record: record.as_ref(), arguments: &arguments };
    let pod: Option<StaticPod> = match &enclosure {
        // Without a cgroup to tell, a static pod that runs the component is the best evidence.
        Observed::Present(Some(Enclosure::Pod { .. })) | Observed::Absent | Observed::Unknown(_) => {
            inventory.static_pods.of_process(&in_pod).cloned()
        }
        Observed::Present(_) => None,
    };
    let variables = match component.grammar {
        Grammar::Kubernetes | Grammar::Go => Observed::Absent,
        Grammar::Etcd => {
            let is_in_pod = matches!(enclosure, Observed::Present(Some(Enclosure::Pod { .. })));
            let subject = Subject { component, pid, service: &service, is_in_pod, pod: pod.as_ref() };
            let (variables, stand_in) = environment::variables(node, inventory.library, &subject);
            inventory.stand_ins.extend(stand_in);
            variables
        }
    };
    let mounts = || match (&pod, &record) {
        (Some(pod), _) => pod.mounts.clone(),
        (None, Some(record)) => record.mounts.clone(),
        (None, None) => Vec::new(),
    };
    let sight = match (&enclosure, host_root) {
        (Observed::Present(Some(Enclosure::Pod { .. })), _)
        | (_, Some(false))
        | (Observed::Present(Some(Enclosure::Container { .. })), None) => Sight::Container(mounts()),
        (Observed::Absent | Observed::Unknown(_), _) if inventory.static_pods.of(&component.key).next().is_some() => {
            let mut mounts = mounts();
            // What is mounted nowhere lies in the process's root, which is the node's.
            if host_root == Some(true) {
                mounts.push(Mount { inside: "/".into(), outside: Some("/".into()) });
            }
            Sight::Container(mounts)
        }
        _ => Sight::Node,
    };
    let container = enclosure.present().flatten().and_then(|enclosure| enclosure.container().map(str::to_owned));
    let instance = Instance {
        component: component.key.clone(),
        name: component.name.clone(),
        pid,
        arguments: Arguments::read(&arguments, words, component),
        unread,
        variables,
        configuration: Configuration::NotUsed,
        files: BTreeMap::new(),
        sight,
        working_directory: None,
        container,
        service,
        manifest: pod.map(|pod| pod.manifest),
        embedded_in: None,
    };
    inventory.records.extend(record.map(|record| (pid, record)));
    enter(node, instance, component, inventory);
}

/// Enters an instance whose arguments are known, with its configuration.
pub(super) fn enter(node: &dyn Node, mut instance: Instance, component: &Component, inventory: &mut Inventory<'_>) {
    if instance.embedded_in.is_none()
        && names_relative_path(&instance, component, inventory.library)
        && let Observed::Present(Answer::Text(path)) = node.ask(&Question::WorkingDirectory(instance.pid))
    {
        instance.working_directory = Some(path);
    }
    openshift::add_arguments(node, &mut instance, component);
    instance.configuration = configuration::read(node, &instance, component);
    let files = started::argument_files(node, &instance, component);
    inventory.argument_files.extend(files.map(|files| (instance.pid, files)));
    inventory.instances.entry(component.key.clone()).or_default().push(instance);
}

/// Whether an argument, or the component where none is given, names a file or directory from the process's working
/// directory on.
fn names_relative_path(instance: &Instance, component: &Component, library: &Library) -> bool {
    let config = component.config.iter().flat_map(|config| config.drop_ins.iter().chain([&config.flag]));
    let parts = library.components.values().filter(|part| part.part_of.as_ref() == Some(&component.key));
    let places = parts.chain([component]).flat_map(|component| component.places.values());
    let follows: Vec<_> = places.flat_map(|place| &place.follow).collect();
    let is_left_out = |follow: &&Follow| {
        let setting = Setting::new(follow.flag.clone(), follow.key.clone());
        follow.unset.is_some() && matches!(instance.read(&setting, component), Reading::Unset(_))
    };
    if follows.iter().any(is_left_out) {
        return true;
    }
    let followed = follows.iter().filter_map(|follow| follow.flag.as_ref());
    let files = library.controls.values().flat_map(Control::settings).filter_map(|demand| demand.setting.file.as_ref());
    let is_relative =
        |flag: &str| instance.arguments.values(flag).any(|value| !value.is_empty() && !value.starts_with('/'));
    config.chain(followed).chain(files.map(|file| &file.named_by)).any(|flag| is_relative(flag))
}

/// Whether a component belongs on this node. What runs comes before what lies there: leftovers decide nothing.
fn presence(
    node: &dyn Node,
    component: &Component,
    inventory: &Inventory<'_>,
    unsure: &BTreeMap<String, Why>,
) -> Presence {
    if inventory.of(&component.key).iter().any(|instance| instance.embedded_in.is_none()) {
        return Presence::Running;
    }
    if let Some(embedders) = inventory.embedders.get(&component.key) {
        let programs: Vec<String> = embedders.iter().map(ToString::to_string).collect();
        return Presence::Embedded(programs.join(", "));
    }
    if let Some(why) = unsure.get(&component.key) {
        return Presence::Unknown(why.clone());
    }
    if !inventory.embedders.is_empty() {
        return Presence::Absent;
    }
    let places = Places { node, inventory };
    let mut unseen = None;
    for place in component.places.values().filter(|place| place.evidence) {
        // Where the kubelet says which manifests it runs, others are leftovers.
        if place.static_pod
            && inventory.static_pods.are_told
            && inventory.static_pods.of(&component.key).next().is_none()
        {
            continue;
        }
        let seen = places.at(component, place);
        if let Some(seen) = seen.iter().find(|seen| seen.metadata.as_present().is_some()) {
            return Presence::Installed(seen.path.clone());
        }
        unseen = unseen.or_else(|| {
            seen.into_iter().find_map(|seen| match seen.metadata {
                Observed::Unknown(why) if why.cause != Cause::NotRecorded => Some(why),
                _ => None,
            })
        });
    }
    let has_manifests = component.places.values().any(|place| place.static_pod);
    let incomplete = inventory.static_pods.incomplete.clone().filter(|_| has_manifests);
    incomplete.or_else(|| inventory.unlisted.clone()).or(unseen).map_or(Presence::Absent, Presence::Unknown)
}

pub use place::Seen;
