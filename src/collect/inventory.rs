//! The inventory: the processes that are trusted to be the node's components, and other signs that a component belongs
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
    /// The node's host name; empty if it is not known.
    pub host_name: String,
    /// The node's users and groups.
    pub accounts: Observed<Accounts>,
    /// The running components, by key; a component without processes has no entry.
    pub instances: BTreeMap<String, Vec<Instance>>,
    /// The container runtime's records of instances that run in containers, by process ID.
    pub records: BTreeMap<i32, RuntimeRecord>,
    /// Whether each component belongs on this node, by key.
    pub presence: BTreeMap<String, Presence>,
    /// The programs that embed components, by the key of each component.
    pub embedders: BTreeMap<String, Vec<Embedder>>,
    /// The number of processes that have a component's name but are not trusted to be this node's component.
    pub ignored: BTreeMap<Ignored, usize>,
    /// Unusual properties of trusted processes.
    pub remarks: Vec<String>,
    /// Why executables could not be read, if so; processes are then distinguished only by name.
    pub degraded: Option<Reason>,
    /// Why the processes could not be listed, if so; it is then not known what is running.
    pub unlisted: Option<Reason>,
    /// What was read instead of environments that could not be.
    pub stand_ins: Vec<StandIn>,
    /// The files from which services take the arguments of processes without a configuration file, by process ID.
    pub(super) argument_files: BTreeMap<i32, ArgumentFiles>,
    /// The directory of the cluster that is administered from this machine, if the user specifies one.
    pub cluster_directory: Option<PathBuf>,
    /// The static pods of this node.
    pub static_pods: StaticPods,
    /// What is known of components that are part of other programs.
    pub(super) embedded: Embedded,
    /// Room for the components' configuration files.
    pub(super) room: Room,
    /// The definitions that were used to find them.
    pub library: &'a Library,
}

/// Whether a component belongs on this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It is running.
    Running,
    /// As far as is known it is not running, but this path shows that it should be.
    Installed(String),
    /// Another program embeds it: `k3s server (process 812)`.
    Embedded(String),
    /// There is no sign of it.
    Absent,
    /// It could not be determined.
    Unknown(Reason),
}

/// Processes that have a component's name but are not trusted to be the component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ignored {
    /// The name of the processes.
    pub called: String,
    /// The ID of their user; `None` if there are so many users that they are counted together.
    pub uid: Option<u32>,
    /// Why they are ignored: `in an ordinary pod`.
    pub reason: String,
}

/// The image of a running container, and the file that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunningImage<'c> {
    /// The image: `registry/kube-apiserver:v1.32.4`.
    pub image: &'c str,
    /// The runtime's file.
    pub file: &'c str,
}

impl Inventory<'_> {
    /// Returns the running instances of a component.
    pub fn of(&self, component: &str) -> &[Instance] {
        self.instances.get(component).map_or(&[], Vec::as_slice)
    }

    /// Returns the instances of a component that are not embedded in another program: such a program and its paths are
    /// no evidence of other layouts.
    pub fn own(&self, component: &str) -> impl Iterator<Item = &Instance> {
        self.of(component).iter().filter(|instance| instance.embedded_in.is_none())
    }

    /// Returns the image that a process runs from, according to its container runtime's record.
    pub fn image_of(&self, instance: &Instance) -> Option<RunningImage<'_>> {
        let record = self.records.get(&instance.pid)?;
        Some(RunningImage { image: record.image.as_deref()?, file: &record.file })
    }

    /// Returns a sentence stating that a component is on this node; `None` if it is not or that is not known.
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

    /// Whether a service takes the arguments of a process from this file, which then serves as its configuration file.
    pub fn holds_arguments(&self, location: &Location) -> bool {
        self.argument_files.values().any(|files| files.hold(location))
    }

    /// Whether a component belongs on this node: it is running, or something shows that it should be.
    pub fn is_here(&self, component: &str) -> bool {
        let presence = self.presence.get(component);
        matches!(presence, Some(Presence::Running | Presence::Installed(_) | Presence::Embedded(_)))
    }

    /// The file in which the user gives arguments to a component, if a program that embeds the component passes them
    /// on.
    pub fn settings_of_embedder(&self, component: &str) -> Option<&str> {
        self.embedded.settings_of(component)
    }

    /// The files that contain the settings of programs that embed components.
    pub fn settings_of_embedders(&self) -> impl Iterator<Item = &Location> {
        self.embedded.files()
    }
}
