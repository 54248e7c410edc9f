//! The environment of a component: the process's own or, if that cannot be read, what sets it: the unit of its service
//! with the files that the unit names, or the static pod.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::component::{EnvironmentFile, ServiceUnit, Unit, Variable, environment_file, etcd_variable};
use definitions::SharedText;
use definitions::benchmark::{Component, Grammar, Library};
use probe::{Answer, Cause, Excerpt, FileKind, Form, Location, Node, Observed, Question, Reason};

use super::ask;
use super::program_name::named_so;
use super::stand_in::StandIn;
use super::static_pod::StaticPod;
use super::unit;
use super::wildcard::matches;

/// Where etcdadm, which sets up the etcd of EKS Anywhere, writes etcd's variables.
const ETCDADM: &str = "/etc/etcd/etcd.env";

/// The maximum number of files to read for one environment; a service usually has only a few.
const MOST: usize = 128;

/// A process whose environment is needed.
pub(super) struct Subject<'a> {
    pub(super) component: &'a Component,
    pub(super) pid: i32,
    /// The systemd service that it belongs to.
    pub(super) service: &'a Observed<String>,
    /// Whether it runs in a pod.
    pub(super) is_in_pod: bool,
    /// The container of a static pod in which it runs, if known.
    pub(super) pod: Option<&'a StaticPod>,
}

/// The variables of a process, by name: those that correspond to the flags used in definitions.
pub(super) type Variables = Observed<BTreeMap<String, Observed<Variable>>>;

/// Returns the variables of a process, and what was read instead of its environment if that could not be read.
pub(super) fn variables(node: &dyn Node, library: &Library, subject: &Subject<'_>) -> (Variables, Option<StandIn>) {
    let names = names(library, subject.component);
    let question = Question::Environment { pid: subject.pid, names: names.iter().cloned().collect() };
    let why = match node.ask(&question) {
        Observed::Present(Answer::Variables(variables)) => {
            let variable = |(name, value): (String, Vec<u8>)| {
                let value = String::from_utf8_lossy(&value).into_owned();
                (name, Observed::Present(Variable { value, set_in: None }))
            };
            return (Observed::Present(sorting::map(variables.into_iter().map(variable))), None);
        }
        Observed::Present(_) | Observed::Absent => return (Observed::Absent, None),
        Observed::Unknown(why) if why.cause == Cause::Vanished => return (Observed::Unknown(why), None),
        Observed::Unknown(why) => why,
    };
    let mut files = Files { node, names: &names, read: Vec::new(), asked: 0 };
    let looked = files.variables(subject);
    // If the environment was not recorded, report that and not why nothing could replace it.
    if looked.is_err() && why.cause == Cause::NotRecorded {
        return (Observed::Unknown(why), None);
    }
    let is_complete = looked.is_ok();
    let (why, variables) = match looked {
        Ok(mut variables) => {
            variables.retain(|name, _| names.contains(name));
            (why, Observed::Present(variables))
        }
        Err(reason) => {
            let why = Reason { detail: format!("{}; {reason}", why.detail), ..why };
            (why.clone(), Observed::Unknown(why))
        }
    };
    let name = subject.component.name.clone();
    (variables, Some(StandIn { name: name.to_string(), why, is_complete, files: files.read }))
}

/// Variables by name, and the files that were read for them.
type OfUnit = (BTreeMap<String, Observed<Variable>>, Vec<Location>);

/// Returns the variables that a service's unit sets, and the additional files that were read for them.
pub(super) fn of_unit(node: &dyn Node, name: &str, unit: &Unit, names: &BTreeSet<String>) -> Result<OfUnit, Reason> {
    let mut files = Files { node, names, read: Vec::new(), asked: 0 };
    let variables = files.of_unit(name, ServiceUnit::of(unit))?;
    Ok((variables, files.read))
}

/// The names of the variables that are read for any component.
pub(super) fn all_names(library: &Library) -> BTreeSet<String> {
    let readers = library.components.values().filter(|component| component.grammar == Grammar::Etcd);
    readers.flat_map(|component| names(library, component)).collect()
}

/// The variables that correspond to the flags used in definitions.
fn names(library: &Library, component: &Component) -> BTreeSet<String> {
    let wanted = library.wanted.flags.get(&component.key);
    let mut flags: BTreeSet<&str> = sorting::set(wanted.into_iter().flatten().map(SharedText::as_str));
    flags.extend(component.places.values().flat_map(|place| &place.follow).filter_map(|follow| follow.flag.as_deref()));
    flags.extend(component.config.iter().map(|config| config.flag.as_str()));
    flags.into_iter().map(etcd_variable).collect()
}

/// The files that set the variables of one process.
struct Files<'a> {
    node: &'a dyn Node,
    /// The names of the variables to read.
    names: &'a BTreeSet<String>,
    /// The files that were read.
    read: Vec<Location>,
    /// The number of files that were asked for.
    asked: usize,
}

impl Files<'_> {
    fn variables(&mut self, subject: &Subject<'_>) -> Result<BTreeMap<String, Observed<Variable>>, Reason> {
        match subject.pod {
            Some(pod) => {
                started_directly(subject.component, pod.program.as_deref(), &pod.manifest)?;
                self.read.push(pod.manifest.clone());
                Ok(pod.variables.clone())
            }
            None if subject.is_in_pod => {
                let name = &subject.component.name;
                Err(Reason::new(Cause::System, name, "none of the readable manifests is that of its static pod"))
            }
            None => self.of_service(subject),
        }
    }

    /// The variables that the service's unit sets or, if there is no such unit, those that etcdadm has written.
    fn of_service(&mut self, subject: &Subject<'_>) -> Result<BTreeMap<String, Observed<Variable>>, Reason> {
        let Subject { component, service, .. } = subject;
        let unit = unit::name_of(service, component)
            .ok_or_else(|| Reason::new(Cause::System, &component.name, "runs in no service of the system"))?;
        let found = unit::find(self.node, unit, &|| self.names.clone(), &mut self.read);
        let service = match found? {
            Some(found) if found.has_file => ServiceUnit::of(&found.unit),
            Some(_) => return Err(Reason::new(Cause::System, unit, "only drop-ins of it were found, no unit")),
            None => {
                let missing = || Reason::new(Cause::System, unit, "no such unit was found");
                if component.unit.as_deref() != Some(unit) {
                    return Err(missing());
                }
                let location = Location::node(ETCDADM);
                let bytes = self.content(&location)?.ok_or_else(missing)?;
                let variables = environment_file(&location.to_string(), &bytes).into_iter();
                return Ok(sorting::map(variables.map(|(name, variable)| (name, Observed::Present(variable)))));
            }
        };
        started_directly(component, Some(service.program.as_deref().unwrap_or_default()), unit)?;
        self.of_unit(unit, service)
    }

    /// The variables set by a unit and the files that it names.
    fn of_unit(
        &mut self,
        unit: &str,
        mut service: ServiceUnit,
    ) -> Result<BTreeMap<String, Observed<Variable>>, Reason> {
        let mut files = Vec::new();
        for mut file in std::mem::take(&mut service.files) {
            // The unit's own name is the only specifier whose value is known here.
            let stem = unit.strip_suffix(".service").unwrap_or(unit);
            file.path = file.path.replace("%N", stem).replace("%n", unit);
            self.environment_file(&file, &mut files)?;
        }
        Ok(service.variables(files))
    }

    /// Reads a file that a unit names or, if it names a pattern, all matching files.
    fn environment_file(
        &mut self,
        file: &EnvironmentFile,
        read: &mut Vec<BTreeMap<String, Variable>>,
    ) -> Result<(), Reason> {
        let refused =
            |detail: &str| Reason::new(Cause::System, &file.path, format!("named in {}, {detail}", file.named_in.file));
        let path = Path::new(&file.path);
        if !path.is_absolute() || file.path.contains('%') {
            return Err(refused("but not by an absolute path"));
        }
        let is_pattern = file.path.contains(['*', '?', '[']);
        let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            return Err(refused("but no file"));
        };
        if !is_pattern {
            let location = Location::node(path);
            return match self.content(&location)? {
                Some(bytes) => {
                    read.push(environment_file(&location.to_string(), &bytes));
                    Ok(())
                }
                None if file.optional => Ok(()),
                None => Err(refused("but missing")),
            };
        }
        if name.contains(['?', '[']) || directory.to_string_lossy().contains(['*', '?', '[']) {
            return Err(refused("but by a pattern that is not followed"));
        }
        for location in self.matching(&Location::node(directory), name)?.into_values() {
            if let Some(bytes) = self.content(&location)? {
                read.push(environment_file(&location.to_string(), &bytes));
            }
        }
        Ok(())
    }

    /// The files in a directory whose names match, by name.
    fn matching(&self, directory: &Location, pattern: &str) -> Result<BTreeMap<std::ffi::OsString, Location>, Reason> {
        let entries = match self.node.ask(&Question::Directory(directory.clone())) {
            Observed::Present(Answer::Entries(entries)) => entries,
            Observed::Present(_) | Observed::Absent => return Ok(BTreeMap::new()),
            Observed::Unknown(why) => return Err(why),
        };
        let is_file = |kind| matches!(kind, FileKind::File | FileKind::Link);
        let found = entries.into_iter().filter(|entry| is_file(entry.kind) && matches(pattern, &entry.name));
        Ok(sorting::map(found.map(|entry| {
            let location = Location { root: directory.root, path: directory.path.join(&entry.name) };
            (entry.name, location)
        })))
    }

    /// Reads a file of variables; `None` if it does not exist.
    fn content(&mut self, location: &Location) -> Result<Option<Vec<u8>>, Reason> {
        self.asked += 1;
        if self.asked > MOST {
            return Err(Reason::new(Cause::TooLarge, location, "one file more than the limit for one environment"));
        }
        let excerpt = || Excerpt { form: Form::Variables, parts: self.names.clone() };
        let bytes = ask::lines(self.node, location, &excerpt)?;
        if bytes.is_some() {
            self.read.push(location.clone());
        }
        Ok(bytes)
    }
}

/// Checks that the component is started directly: a shell or another program could change the environment.
fn started_directly(component: &Component, program: Option<&str>, by: impl std::fmt::Display) -> Result<(), Reason> {
    match program {
        None => Ok(()),
        Some("") => Err(Reason::new(Cause::System, by, "names no program that it starts")),
        Some(program) if named_so(component, program) => Ok(()),
        Some(program) => {
            Err(Reason::new(Cause::System, by, format!("starts {program}, which may set further variables")))
        }
    }
}
