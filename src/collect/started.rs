//! The files by which running processes were started: manifests of static pods, units of services, files of arguments.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::component::{
    Configuration, EnvironmentFile, Instance, Reading, ServiceUnit, Sight, environment_file,
    essential_of_variable_names,
};
use definitions::benchmark::{Component, Grammar, Place, Setting, ShownBy};
use probe::{Answer, Cause, Location, Node, Observed, Question, Why};

use super::place::{Places, Seen};
use super::static_pod::starts_component;
use super::unit;

/// What started the processes of a component.
#[derive(Default)]
pub(super) struct Started {
    pub(super) seen: Vec<Seen>,
    /// Why there is no file, where a process has none.
    pub(super) nothing: Option<String>,
    /// Whether all processes show what started them; else the usual places count too.
    pub(super) is_known: bool,
}

/// The files that started the processes of a component, of the kind that the place speaks of.
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
            // Also a container that a service runs, as podman's can be.
            (_, Observed::Present(name)) => of_service(places, component, place, instance, name, &mut started),
            (Sight::Container(_), _) => {
                started.nothing = Some(format!("{who} runs in a container, not in a unit of its own"));
            }
            (Sight::Node, Observed::Absent) => {
                let kinds = if place.static_pod { "neither to a static pod nor to a" } else { "to no" };
                started.nothing = Some(format!("{who} belongs {kinds} service of systemd"));
            }
            (Sight::Node, Observed::Unknown(_)) => started.is_known = false,
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
    // The manifest is the one whose pod the process is in; what manifests say that they run counts where that is not known.
    let own: Vec<Location> = match &instance.manifest {
        Some(manifest) => vec![manifest.clone()],
        None => places.inventory.static_pods.of(&component.key).map(|pod| pod.manifest.clone()).collect(),
    };
    let manifests: Vec<Seen> = own.into_iter().map(|manifest| places.look(manifest, None)).collect();
    if manifests.is_empty() {
        // One that lies in a usual place may be one that cannot be read.
        started.is_known &= !place.candidates.iter().any(|path| is_there(places, path));
        if come_from_elsewhere(places) {
            started.nothing = Some(format!("no manifest on this node is that of the pod in which {who} runs"));
        }
    }
    started.seen.extend(manifests);
}

/// Whether a kubelet has static pods from elsewhere than a directory.
fn come_from_elsewhere(places: &Places<'_>) -> bool {
    let Some(kubelet) = places.inventory.library.components.get("kubelet") else { return false };
    let (flag, key) = (Some("--manifest-url".to_owned()), Some("staticPodURL".to_owned()));
    let setting = Setting::new(flag, key);
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
        .map(|path| places.look(Location::node(path), None))
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

/// That no file holds the arguments of a process, which a program gives it that the service starts.
fn elsewhere(instance: &Instance, service: &str, program: &str) -> String {
    let Instance { name, pid, .. } = instance;
    format!("{service} starts {program}, and that starts {name} (process {pid}): no file holds its arguments")
}

fn looked_at(places: &Places<'_>, files: impl IntoIterator<Item = Location>) -> Vec<Seen> {
    let seen = files.into_iter().map(|file| places.look(file, None));
    seen.filter(|seen| seen.metadata != Observed::Absent).collect()
}

/// The files of arguments of the snap whose service this is: `snap.NAME.APP.service` has them below `/var/snap/NAME`.
fn arguments_of_snap<'p>(place: &'p Place, service: &str) -> impl Iterator<Item = &'p String> {
    let snap = service.strip_prefix("snap.").and_then(|rest| rest.split('.').next());
    let directory = snap.map(|snap| PathBuf::from("/var/snap").join(snap));
    place.arguments.iter().filter(move |path| directory.as_ref().is_some_and(|of| Path::new(path).starts_with(of)))
}

/// Where the arguments of a process are that a service runs.
enum Held {
    /// In these files.
    Files(Vec<Seen>),
    /// In none: this program of the service gives them to it.
    Elsewhere(String),
}

/// The files that say with which arguments a service runs its program: those parts of the unit that do, and the files of
/// variables that the unit names, where its command refers to variables or the program reads them itself; of etcd its
/// configuration file too, which counts in their place.
fn holding_arguments(places: &Places<'_>, component: &Component, instance: &Instance, name: &str) -> Result<Held, Why> {
    let Some(found) = unit::find(places.node, name, &mut Vec::new())? else { return Ok(Held::Files(Vec::new())) };
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

/// The program that a unit starts, where that is not the component: an embedder's or a supervisor's.
fn other_program<'s>(service: &'s ServiceUnit, component: &Component) -> Option<&'s str> {
    let words: Vec<&str> = service.command.iter().map(String::as_str).collect();
    service.program.as_deref().filter(|_| !starts_component(&words, component))
}

/// Where a file of variables lies.
fn location_of(file: &EnvironmentFile) -> Result<Location, Why> {
    if file.path.contains(['%', '*', '?', '[']) {
        let detail = format!("named in {}, but not by a path that says where it lies", file.named_in.file);
        return Err(Why::new(Cause::System, &file.path, detail));
    }
    Ok(Location::node(file.path.as_str()))
}

/// The files from which a service takes the arguments of a process that has no configuration file.
#[derive(Debug, Clone, Default)]
pub(super) struct ArgumentFiles {
    files: Vec<Location>,
    /// Why one could not be read.
    unread: Vec<Why>,
    /// Why there is none, where the arguments stand elsewhere.
    nothing: Option<String>,
    /// Those of which only the names of variables count.
    variables: Vec<Location>,
}

impl ArgumentFiles {
    /// What of a file's content needs to be kept, where that is not the whole.
    pub(super) fn essential(&self, location: &Location, bytes: &[u8]) -> Option<Vec<u8>> {
        self.variables.contains(location).then(|| essential_of_variable_names(bytes))
    }
}

/// Finds the files from which a service takes the arguments of a process, where a place of the component wants them: of
/// what has a configuration file, or is part of another program, nothing is looked for.
pub(super) fn argument_files(node: &dyn Node, instance: &Instance, component: &Component) -> Option<ArgumentFiles> {
    let place = component.places.values().find(|place| place.shown_by == Some(ShownBy::Arguments))?;
    let service = instance.service.as_present()?;
    if instance.embedded_in.is_some() || instance.unread.is_some() || instance.configuration != Configuration::NotUsed {
        return None;
    }
    let mut found = ArgumentFiles::default();
    found.files.extend(
        arguments_of_snap(place, service)
            .map(|path| Location::node(path.as_str()))
            .filter(|location| node.ask(&Question::Metadata(location.clone())) != Observed::Absent),
    );
    if found.files.is_empty()
        && let Err(why) = found.of_unit(node, instance, component, service)
    {
        found.unread.push(why);
    }
    Some(found)
}

impl ArgumentFiles {
    fn of_unit(
        &mut self,
        node: &dyn Node,
        instance: &Instance,
        component: &Component,
        service: &str,
    ) -> Result<(), Why> {
        let Some(found) = unit::find(node, service, &mut Vec::new())? else { return Ok(()) };
        let unit = ServiceUnit::of(&found.unit);
        if let Some(program) = other_program(&unit, component) {
            self.nothing = Some(elsewhere(instance, service, program));
            return Ok(());
        }
        let referred = unit.referred();
        for file in unit.files.iter().filter(|_| !referred.is_empty()) {
            let read = location_of(file).and_then(|location| match node.ask(&Question::Content(location.clone())) {
                Observed::Present(Answer::Content(content)) => Ok(Some((location, content.bytes))),
                Observed::Present(_) | Observed::Absent => Ok(None),
                Observed::Unknown(why) => Err(why),
            });
            match read {
                Ok(Some((location, bytes))) => {
                    let names = environment_file(&file.path, &bytes);
                    self.variables.push(location.clone());
                    if names.keys().any(|name| referred.contains(name.as_str())) {
                        self.files.push(location);
                    }
                }
                Ok(None) => {}
                Err(why) => self.unread.push(why),
            }
        }
        if self.files.is_empty() && self.unread.is_empty() {
            let Instance { name, pid, .. } = instance;
            self.nothing = Some(format!(
                "{name} (process {pid}) has no configuration file, and its arguments stand in the unit {service}, whose \
                 files the check of the service file judges"
            ));
        }
        Ok(())
    }

    /// Whether this file is one of them.
    pub(super) fn hold(&self, location: &Location) -> bool {
        self.files.contains(location)
    }

    /// What lies there.
    pub(super) fn look(&self, places: &Places<'_>) -> (Vec<Seen>, Option<&str>) {
        let seen = looked_at(places, self.files.iter().cloned());
        let unread = self.unread.iter().cloned().map(Seen::unknown);
        (seen.into_iter().chain(unread).collect(), self.nothing.as_deref())
    }
}

/// The file that stands in the place of arguments, where the process has one that does.
fn configuration(places: &Places<'_>, component: &Component, instance: &Instance) -> Option<Seen> {
    let config = component.config.as_ref().filter(|_| component.grammar == Grammar::Etcd)?;
    let setting = Setting::of_flag(config.flag.clone());
    let Reading::Set { given, origin } = instance.read(&setting, component) else { return None };
    let location = instance.locate(&given.text(), &origin, component).ok()?;
    Some(places.look(location, None)).filter(|seen| seen.metadata != Observed::Absent)
}
