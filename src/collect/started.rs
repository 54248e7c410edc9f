//! The files that started running processes: manifests of static pods, units of services, files of arguments.

use std::collections::BTreeSet;

use crate::component::{Instance, Reading, ServiceUnit, Sight, own};
use definitions::benchmark::{Component, Grammar, Place, Setting};
use probe::{Cause, Location, Observed, Reason};

use super::argument_files::{ArgumentFiles, arguments_of_snap, elsewhere, location_of, other_program};
use super::place::Places;
use super::seen::Seen;
use super::unit;

/// What started the processes of a component.
#[derive(Default)]
pub(super) struct Started {
    pub(super) seen: Vec<Seen>,
    /// Why there is no file, if a process has none.
    pub(super) nothing: Option<String>,
    /// Whether all processes show what started them; if not, the candidates count too.
    pub(super) is_known: bool,
}

/// Returns the files that started the processes of a component, of the kind that the place stands for.
pub(super) fn files(places: &Places<'_>, component: &Component, place: &Place) -> Started {
    let mut started = Started { is_known: true, ..Started::default() };
    for instance in places.inventory.of(&component.key) {
        let who = format!("{} (process {})", instance.name, instance.pid);
        if let (Some(program), true) = (&instance.embedded_in, place.static_pod) {
            match &instance.manifest {
                Some(file) => started.seen.push(places.look(file.clone(), None)),
                None => started.nothing = Some(format!("{who} is part of {program}, which uses no such file for it")),
            }
            continue;
        }
        match (&instance.sight, &instance.service) {
            (Sight::Container(_), Observed::Absent | Observed::Unknown(_)) if place.static_pod => {
                of_static_pod(places, component, place, instance, &who, &mut started);
            }
            // Includes a container run by a service, as podman's may be.
            (_, Observed::Present(name)) => of_service(places, component, place, instance, name, &mut started),
            (Sight::Container(_), _) => {
                started.nothing = Some(format!("{who} runs in a container, not in a unit of its own"));
            }
            (Sight::Node, Observed::Absent) => {
                let kinds = if place.static_pod { "neither to a static pod nor to a" } else { "to no" };
                started.nothing = Some(format!("{who} belongs {kinds} service of systemd"));
            }
            (Sight::Node, Observed::Unknown(why)) => {
                // The candidates count if they exist. Without systemd there may be none.
                started.is_known = false;
                if why.cause == Cause::Malformed {
                    let nothing = "which belongs to no service by its cgroup, and none of the usual files is there";
                    started.nothing = Some(format!("no file is known to hold the arguments of {who}, {nothing}"));
                }
            }
        }
    }
    started
}

fn of_static_pod(
    places: &Places<'_>,
    component: &Component,
    place: &Place,
    instance: &Instance,
    who: &str,
    started: &mut Started,
) {
    // The manifest is that of the process's pod or, if that is not known, every one that runs the component.
    let own: Vec<Location> = match &instance.manifest {
        Some(manifest) => vec![manifest.clone()],
        None => places.inventory.static_pods.of(&component.key).map(|pod| pod.manifest.clone()).collect(),
    };
    let manifests: Vec<Seen> = own.into_iter().map(|manifest| places.look(manifest, None)).collect();
    if manifests.is_empty() {
        // A manifest at a candidate's path may be one that could not be read.
        started.is_known &= !place.candidates.iter().any(|path| is_there(places, path));
        if come_from_elsewhere(places) {
            started.nothing = Some(format!("no manifest on this node is that of the pod in which {who} runs"));
        }
    }
    started.seen.extend(manifests);
}

/// Whether a kubelet gets static pods from a URL.
fn come_from_elsewhere(places: &Places<'_>) -> bool {
    let Some(kubelet) = places.inventory.library.components.get("kubelet") else { return false };
    let setting = own::STATIC_POD_URL.setting();
    let has_url = |instance: &Instance| match instance.read(&setting, kubelet) {
        Reading::Set { given, .. } => !given.is_empty(),
        Reading::Unset(_) | Reading::Unknown(_) => false,
    };
    places.inventory.of(&kubelet.key).iter().any(has_url)
}

fn is_there(places: &Places<'_>, path: &str) -> bool {
    places.look(Location::node(path), None).metadata != Observed::Absent
}

fn of_service(
    places: &Places<'_>,
    component: &Component,
    place: &Place,
    instance: &Instance,
    name: &str,
    started: &mut Started,
) {
    let arguments: Vec<Seen> = arguments_of_snap(place, name)
        .map(|path| places.look(Location::node(path.as_str()), None))
        .filter(|seen| seen.metadata != Observed::Absent)
        .collect();
    let files = match arguments.is_empty() {
        false => arguments,
        true if place.static_pod => match holding_arguments(places, component, instance, name) {
            Ok(Held::Files(files)) => files,
            Ok(Held::Elsewhere(program)) => {
                started.nothing = Some(elsewhere(instance, name, &program));
                return;
            }
            Err(why) => vec![Seen::unknown(why)],
        },
        true => {
            let seen = unit::files(places.node, name).into_iter();
            seen.map(|file| file.map_or_else(Seen::unknown, |file| places.look(file, None))).collect()
        }
    };
    if files.is_empty() {
        let Instance { name: program, pid, .. } = instance;
        let nothing = format!("{program} (process {pid}) runs in {name}, of which there is no unit file on this node");
        started.nothing = Some(nothing);
    }
    started.seen.extend(files);
}

fn looked_at(places: &Places<'_>, files: impl IntoIterator<Item = Location>) -> Vec<Seen> {
    let seen = files.into_iter().map(|file| places.look(file, None));
    seen.filter(|seen| seen.metadata != Observed::Absent).collect()
}

/// Where the arguments of a process run by a service are set.
enum Held {
    /// In these files.
    Files(Vec<Seen>),
    /// In no file: this program of the service passes them.
    Elsewhere(String),
}

/// The files that set the arguments of a service's program: those files of the unit that do, and the files of variables
/// that the unit names, if its command refers to variables or the program reads them itself. For etcd also its
/// configuration file, which replaces the arguments.
fn holding_arguments(
    places: &Places<'_>,
    component: &Component,
    instance: &Instance,
    name: &str,
) -> Result<Held, Reason> {
    let Some(found) = unit::find(places.node, name, &unit::command, &mut Vec::new())? else {
        return Ok(Held::Files(Vec::new()));
    };
    let service = ServiceUnit::of(&found.unit);
    let mut files = Vec::new();
    if let Some(program) = other_program(&service, component) {
        files.extend(configuration(places, component, instance));
        return Ok(if files.is_empty() { Held::Elsewhere(program.to_owned()) } else { Held::Files(files) });
    }
    let reads_variables = component.grammar == Grammar::Etcd || service.refers_to_variables;
    for file in service.files.iter().filter(|_| reads_variables) {
        match location_of(file) {
            Ok(location) => files.extend(looked_at(places, [location])),
            Err(why) => files.push(Seen::unknown(why)),
        }
    }
    files.extend(configuration(places, component, instance));
    let mut of_unit = BTreeSet::new();
    for assignment in found.unit.section("Service") {
        let counts = match assignment.name.as_str() {
            "ExecStart" => service.has_arguments || files.is_empty(),
            "Environment" => reads_variables && !assignment.value.is_empty(),
            _ => false,
        };
        if counts {
            of_unit.insert(assignment.file.to_string());
        }
    }
    files.extend(looked_at(places, of_unit.into_iter().map(Location::node)));
    Ok(Held::Files(files))
}

/// The configuration file that replaces the arguments, if the process has one.
fn configuration(places: &Places<'_>, component: &Component, instance: &Instance) -> Option<Seen> {
    let config = component.config.as_ref().filter(|_| component.grammar == Grammar::Etcd)?;
    let setting = Setting::of_flag(config.flag.clone());
    let Reading::Set { given, origin } = instance.read(&setting, component) else { return None };
    let location = instance.locate(&given.text(), &origin, component).ok()?;
    Some(places.look(location, None)).filter(|seen| seen.metadata != Observed::Absent)
}

/// Returns the files from which a service takes the arguments of a process, and why there are none.
pub(super) fn holding<'f>(places: &Places<'_>, files: &'f ArgumentFiles) -> (Vec<Seen>, Option<&'f str>) {
    let seen = looked_at(places, files.files.iter().cloned());
    let unread = files.unread.iter().cloned().map(Seen::unknown);
    (seen.into_iter().chain(unread).collect(), files.nothing.as_deref())
}
