//! Turns trusted processes into instances: their arguments, their file system, and their configuration.

use std::collections::BTreeMap;

use crate::component::{Arguments, Configuration, Enclosure, Instance, Mount, Reading, Sight, Whereabouts};
use definitions::benchmark::{Component, Follow, Grammar, Library, Setting};
use probe::{Answer, Node, Observed, Question};

use super::argument_files::argument_files;
use super::configuration;
use super::environment::{self, Subject};
use super::identity::{self, Believed};
use super::inventory::Inventory;
use super::openshift;
use super::static_pod::{InPod, StaticPod};

/// Turns a trusted process into an instance: its arguments, its file system, and its configuration.
pub(super) fn settle(node: &dyn Node, believed: Believed<'_>, inventory: &mut Inventory<'_>) {
    let uid = believed.pod().map(str::to_owned);
    let Believed { component, process, arguments, words, whereabouts, record, host_root } = believed;
    let pid = process.pid;
    let (arguments, unread) = match arguments {
        Ok(arguments) => (arguments, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    // A pod may be below the service of its runtime, which is not the component's service.
    let service = if uid.is_some() { Observed::Absent } else { identity::service_of(&whereabouts, pid) };
    let enclosure = match &whereabouts {
        Observed::Present(Whereabouts { enclosure, .. }) => Observed::Present(enclosure.clone()),
        Observed::Absent => Observed::Absent,
        Observed::Unknown(why) => Observed::Unknown(why.clone()),
    };
    let in_pod =
        InPod { component: &component.key, uid: uid.as_deref(), record: record.as_ref(), arguments: &arguments };
    let pod: Option<StaticPod> = match &enclosure {
        // Without a known cgroup, a static pod that runs the component is the best evidence.
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
            // Paths outside all mounts are in the process's root, which is the node's.
            if host_root == Some(true) {
                mounts.push(Mount { inside: "/".into(), outside: Some("/".into()) });
            }
            Sight::Container(mounts)
        }
        _ => Sight::Node,
    };
    let container = enclosure.present().flatten().and_then(|enclosure| enclosure.container().map(str::to_owned));
    let instance = Instance {
        component: component.key.to_string(),
        name: component.name.to_string(),
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

/// Adds an instance whose arguments are known, with its configuration.
pub(super) fn enter(node: &dyn Node, mut instance: Instance, component: &Component, inventory: &mut Inventory<'_>) {
    if instance.embedded_in.is_none()
        && names_relative_path(&instance, component, inventory.library)
        && let Observed::Present(Answer::Text(path)) = node.ask(&Question::WorkingDirectory(instance.pid))
    {
        instance.working_directory = Some(path);
    }
    openshift::add_arguments(node, &inventory.room, &mut instance, component);
    instance.configuration = configuration::read(node, &inventory.room, &instance, component, inventory.library);
    let files = argument_files(node, &instance, component);
    inventory.argument_files.extend(files.map(|files| (instance.pid, files)));
    inventory.instances.entry(component.key.to_string()).or_default().push(instance);
}

/// Whether an argument, or a default of the component, names a file or directory relative to the process's working
/// directory.
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
    let is_relative =
        |flag: &str| instance.arguments.values(flag).any(|value| !value.is_empty() && !value.starts_with('/'));
    config.chain(followed).chain(&library.wanted.files_named_by).any(|flag| is_relative(flag))
}
