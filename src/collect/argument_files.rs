//! The files from which services take the arguments of processes.

use std::path::{Path, PathBuf};

use crate::component::{Configuration, EnvironmentFile, Instance, ServiceUnit, environment_file};
use definitions::SharedText;
use definitions::benchmark::{Component, Place, ShownBy};
use probe::{Cause, Excerpt, Form, Location, Node, Observed, Question, Reason};

use super::static_pod::starts_component;
use super::{ask, unit};

/// The files from which a service takes the arguments of a process that has no configuration file.
#[derive(Debug, Clone, Default)]
pub(super) struct ArgumentFiles {
    pub(super) files: Vec<Location>,
    /// Why files could not be read.
    pub(super) unread: Vec<Reason>,
    /// Why there are no files, if the arguments are set elsewhere.
    pub(super) nothing: Option<String>,
}

/// Finds the files from which a service takes the arguments of a process. `None` if no place of the component needs
/// them, or if the process has a configuration file or is part of another program.
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
    ) -> Result<(), Reason> {
        let Some(found) = unit::find(node, service, &unit::command, &mut Vec::new())? else { return Ok(()) };
        let unit = ServiceUnit::of(&found.unit);
        if let Some(program) = other_program(&unit, component) {
            self.nothing = Some(elsewhere(instance, service, program));
            return Ok(());
        }
        let referred = unit.referred();
        let names = || Excerpt { form: Form::Names, parts: referred.iter().map(|name| (*name).to_owned()).collect() };
        for file in unit.files.iter().filter(|_| !referred.is_empty()) {
            let read = location_of(file)
                .and_then(|location| Ok(ask::lines(node, &location, &names)?.map(|bytes| (location, bytes))));
            match read {
                Ok(Some((location, bytes))) => {
                    let names = environment_file(&file.path, &bytes);
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
                "{name} (process {pid}) has no configuration file, and its arguments are in the unit {service}, whose \
                 files are covered by the check of the service file"
            ));
        }
        Ok(())
    }

    /// Whether this file is one of them.
    pub(super) fn hold(&self, location: &Location) -> bool {
        self.files.contains(location)
    }
}

/// The message that no file contains the arguments of a process, because the program that the service starts passes
/// them.
pub(super) fn elsewhere(instance: &Instance, service: &str, program: &str) -> String {
    let Instance { name, pid, .. } = instance;
    format!("{service} starts {program}, and that starts {name} (process {pid}): no file contains its arguments")
}

/// The argument files of the snap that a service belongs to: those of `snap.NAME.APP.service` are below
/// `/var/snap/NAME`.
pub(super) fn arguments_of_snap<'p>(place: &'p Place, service: &str) -> impl Iterator<Item = &'p SharedText> {
    let snap = service.strip_prefix("snap.").and_then(|rest| rest.split('.').next());
    let directory = snap.map(|snap| PathBuf::from("/var/snap").join(snap));
    place
        .arguments
        .iter()
        .filter(move |path| directory.as_ref().is_some_and(|of| Path::new(path.as_str()).starts_with(of)))
}

/// The program that a unit starts if it is not the component itself but an embedder or a supervisor.
pub(super) fn other_program<'s>(service: &'s ServiceUnit, component: &Component) -> Option<&'s str> {
    let words: Vec<&str> = service.command.iter().map(String::as_str).collect();
    service.program.as_deref().filter(|_| !starts_component(&words, component))
}

/// The location of a file of variables.
pub(super) fn location_of(file: &EnvironmentFile) -> Result<Location, Reason> {
    if file.path.contains(['%', '*', '?', '[']) {
        let detail = format!("named in {}, but not by an absolute path", file.named_in.file);
        return Err(Reason::new(Cause::System, &file.path, detail));
    }
    Ok(Location::node(file.path.as_str()))
}
