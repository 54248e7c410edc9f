//! Who runs here: the components' processes, as far as they are believed, and what else shows that a component belongs
//! on this node.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::component::Instance;
use definitions::benchmark::Library;
use probe::{Accounts, Location, Observed, Reason};

use super::argument_files::ArgumentFiles;
use super::embedded::known::Embedded;
use super::embedder::Embedder;
use super::room::Room;
use super::runtime_record::RuntimeRecord;
use super::stand_in::StandIn;
use super::static_pod::StaticPods;

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
    pub degraded: Option<Reason>,
    /// Why the processes could not be listed, where that is so: then what runs is not known.
    pub unlisted: Option<Reason>,
    /// What was read in the place of environments that could not be.
    pub stand_ins: Vec<StandIn>,
    /// Where the services of processes without a configuration file take their arguments from, by number of process.
    pub(super) argument_files: BTreeMap<i32, ArgumentFiles>,
    /// The directory of the cluster that is administered from here, where the user names one.
    pub cluster_directory: Option<PathBuf>,
    /// The static pods of this node.
    pub static_pods: StaticPods,
    /// What is known of components that are part of other programs.
    pub(super) embedded: Embedded,
    /// Room for the configuration files of the components.
    pub(super) room: Room,
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
    Unknown(Reason),
}

/// Processes that bear a component's name and are not believed to be it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ignored {
    /// What they are called.
    pub called: String,
    /// The number of their user; none where they are of so many that they are counted together.
    pub uid: Option<u32>,
    /// Why they do not count: `in an ordinary pod`.
    pub reason: String,
}

/// The image of a running container, and the file that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunningImage<'c> {
    /// The image: `registry/kube-apiserver:v1.32.4`.
    pub image: &'c str,
    /// The runtime's file.
    pub file: &'c str,
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
                Some(format!("{name} belongs here, since {path} exists"))
            }
            Presence::Installed(path) => Some(format!("{name} does not run, but {path} exists")),
            Presence::Embedded(program) => Some(format!("{name} is part of {program}")),
            Presence::Absent | Presence::Unknown(_) => None,
        }
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

    /// The files that hold the settings of the programs that embed components.
    pub fn settings_of_embedders(&self) -> impl Iterator<Item = &Location> {
        self.embedded.files()
    }
}
