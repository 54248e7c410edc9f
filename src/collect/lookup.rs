//! Finds the files of a component's places on this node.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::component::{Instance, Origin, Reading};
use definitions::benchmark::{Component, Follow, Place, Setting, ShownBy, Take};
use probe::{Cause, Location, Observed, Reason, Root, normalize};

use super::inventory::Presence;
use super::place::Places;
use super::seen::{Alike, Gathered, Looked, Seen, unique};
use super::{distribution, runtime, started};

/// The maximum number of a place's flags to list if none is set.
const MOST_FLAGS: usize = 2;

/// Directories shared by the whole system: a component does not own one because it has a file there.
const SHARED: [&str; 12] =
    ["/", "/etc", "/home", "/opt", "/root", "/run", "/srv", "/tmp", "/usr", "/var", "/var/lib", "/var/run"];

/// The result of following a component's settings to a place.
#[derive(Default)]
struct Followed {
    /// The files that they name.
    seen: Vec<Seen>,
    /// Why a setting could not be read.
    unread: Option<Reason>,
    /// Whether a setting is given but empty.
    is_declined: bool,
    /// The files in named directories that are only counted, by attributes.
    others: BTreeMap<Alike, usize>,
}

impl Places<'_> {
    /// Returns the files observed at a place.
    pub(super) fn at(&self, component: &Component, place: &Place) -> Vec<Seen> {
        self.look_at(component, place).seen
    }

    /// Returns the files at a place: those named by settings and by what started the processes or, if no running
    /// process shows them, the candidates that exist.
    ///
    /// Files that are named but do not exist are included, with absent metadata; candidates that do not exist are not.
    /// A file with two names is included once. A setting that is given but empty means that there is no file. If a
    /// place needs its component and that is not on the node, the result is empty.
    pub(super) fn look_at(&self, component: &Component, place: &Place) -> Looked {
        if place.needs_component && !self.is_here(component) {
            return Looked::default();
        }
        let key = component.part_of.as_ref().unwrap_or(&component.key);
        let instances = self.inventory.of(key);
        let Followed { mut seen, unread, is_declined, others } = self.followed(component, place);
        let mut nothing = None;
        if let Some(named_in) = &place.named_in {
            let (named, none) = self.named_in(component, named_in);
            seen.extend(named);
            nothing = Some(none).filter(|_| seen.is_empty());
        }
        let is_of_runtimes = place.shown_by == Some(ShownBy::Runtimes);
        let is_embedded = matches!(self.inventory.presence.get(key.as_str()), Some(Presence::Embedded(_)));
        let is_told = place.follow.iter().any(|follow| follow.beside.is_none());
        // Runtimes have a default directory of their own, however the kubelet is configured.
        let is_named = !instances.is_empty() && is_told && !is_of_runtimes;
        let mut is_known = is_embedded || is_named;
        if is_of_runtimes {
            let named = runtime::network_directories(self);
            is_known |= named.is_some();
            seen.extend(named.unwrap_or_default());
        }
        if (place.static_pod || place.shown_by == Some(ShownBy::Service)) && !instances.is_empty() {
            let started = started::files(self, component, place);
            is_known = started.is_known;
            nothing = started.nothing;
            seen.extend(started.seen);
        }
        if place.shown_by == Some(ShownBy::Arguments) {
            for files in instances.iter().filter_map(|instance| self.inventory.argument_files.get(&instance.pid)) {
                let (files, none) = started::holding(self, files);
                seen.extend(files);
                nothing = nothing.or_else(|| none.map(str::to_owned));
            }
        }
        if seen.is_empty() && nothing.is_none() && is_declined {
            return Looked { nothing: Some(unused(place, instances, "empty")), ..Looked::default() };
        }
        let own = distribution::candidates(self, key, place);
        // For embedded components, old manifests mean nothing.
        if place.static_pod && instances.is_empty() && own.is_none() && !is_embedded {
            let pods = self.inventory.static_pods.of(key);
            seen.extend(pods.map(|pod| self.look(pod.manifest.clone(), None)));
        }
        if let Some(own) = own {
            is_known = true;
            seen.extend(own.unread.map(Seen::unknown));
            seen.extend(own.paths.iter().flat_map(|candidate| self.expand(candidate, None)));
            if seen.is_empty() {
                nothing = Some(own.missing);
            }
        }
        if seen.is_empty() && !is_known {
            let all = || place.candidates.iter().chain(&place.arguments).chain(place.distributions.values().flatten());
            // If the component is running, the paths of argument files and distributions do not apply.
            let count = if instances.is_empty() { usize::MAX } else { place.candidates.len() };
            let mut candidates = all().take(count).flat_map(|candidate| self.expand(candidate, None));
            match place.take {
                Take::First => seen.extend(candidates.next()),
                Take::Every => seen.extend(candidates),
            }
        }
        // A setting that cannot be read may name a file that is not known otherwise.
        seen.extend(unread.map(Seen::unknown));
        if is_of_runtimes {
            seen.extend(runtime::named_by_multus(self, &seen));
        }
        if place.holds.is_some() {
            // A key that does not exist protects nothing and exposes nothing.
            seen.retain(|seen| seen.metadata != Observed::Absent);
        }
        if seen.is_empty() && is_named && nothing.is_none() && place.follow.iter().any(|follow| follow.flag.is_some()) {
            nothing = Some(unused(place, instances, "not set"));
        }
        Looked { seen: unique(seen), others, nothing }
    }

    /// Whether the component, or the component that it is part of, is on this node.
    fn is_here(&self, component: &Component) -> bool {
        self.inventory.is_here(component.part_of.as_ref().unwrap_or(&component.key))
    }

    /// Follows the settings that name a place.
    fn followed(&self, component: &Component, place: &Place) -> Followed {
        let whole = component.part_of.as_ref().unwrap_or(&component.key);
        let mut followed = Followed::default();
        for follow in &place.follow {
            let key = follow.of.as_ref().unwrap_or(whole);
            // Files named by other components count in addition to the component itself, not in place of it.
            if key != whole && !self.inventory.is_here(whole) {
                continue;
            }
            // The place may belong to a part, but the settings are those of the whole.
            let definition = self.inventory.library.components.get(key).unwrap_or(component);
            for instance in self.inventory.of(key) {
                self.follow(follow, instance, definition, &mut followed);
            }
        }
        followed
    }

    fn follow(&self, follow: &Follow, instance: &Instance, definition: &Component, followed: &mut Followed) {
        if let Some((flag, value)) = follow.unless.as_deref().and_then(|unless| unless.split_once('='))
            && instance.arguments.last(flag) == Some(value)
        {
            return;
        }
        let (paths, origin) = match named(follow, instance, definition) {
            Named::Paths(paths, origin) => (paths, origin),
            Named::Nothing => return,
            Named::Declined => {
                followed.is_declined = true;
                return;
            }
            Named::Unread(why) => {
                followed.unread.get_or_insert(why);
                return;
            }
        };
        let named_by = format!("{origin} of {} (process {})", instance.name, instance.pid);
        for path in paths {
            match instance.locate(&path, &origin, definition) {
                Ok(location) => match &follow.glob {
                    // The component searches the directory recursively.
                    Some(glob) => {
                        let (mut below, directory) = (Gathered::default(), self.look(location, Some(named_by.clone())));
                        self.below(&directory, glob, false, &mut |seen| below.add(seen));
                        let (seen, others) = below.finish();
                        followed.seen.extend(seen);
                        for (alike, count) in others {
                            *followed.others.entry(alike).or_default() += count;
                        }
                    }
                    None => followed.seen.extend(self.followed_to(location, follow, &named_by)),
                },
                // Neighbours of a file that cannot be located are not searched for.
                Err(_) if follow.beside.is_some() => {}
                Err(lost) => followed.seen.push(Seen {
                    location: Location::node(path.as_str()),
                    metadata: Observed::Unknown(Reason::new(Cause::System, &path, lost.reason(&named_by))),
                    named_by: Some(named_by.clone()),
                    path,
                }),
            }
        }
    }

    fn followed_to(&self, location: Location, follow: &Follow, named_by: &str) -> Vec<Seen> {
        let parent = || location.path.parent().map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
        if let Some(beside) = &follow.beside {
            // A file in a container does not have the neighbours that the same path has on the node.
            let path = normalize(&parent().join(beside));
            let seen = (location.root == Root::Node).then(|| self.look(Location::node(path), None));
            return seen.into_iter().filter(|seen| seen.metadata != Observed::Absent).collect();
        }
        if !follow.parent {
            return vec![self.look(location, Some(named_by.to_owned()))];
        }
        let path = parent();
        // A directory shared by the whole system does not belong to this component, whatever it contains.
        if SHARED.iter().any(|shared| path == Path::new(shared)) {
            return Vec::new();
        }
        vec![self.look(Location { path, ..location }, Some(named_by.to_owned()))]
    }
}

/// The message that the processes use no such file because of their settings.
fn unused(place: &Place, instances: &[Instance], how: &str) -> String {
    let flags: Vec<&str> = place.follow.iter().filter_map(|follow| follow.flag.as_deref()).collect();
    let shown = flags.get(..MOST_FLAGS.min(flags.len())).unwrap_or_default().join(" and ");
    let more = if flags.len() > MOST_FLAGS { " and the like" } else { "" };
    let (is_are, uses) = if flags.len() > 1 { ("are", "none of them") } else { ("is", "no such file") };
    let who: Vec<String> =
        instances.iter().map(|instance| format!("{} (process {})", instance.name, instance.pid)).collect();
    format!("{shown}{more} {is_are} {how}, so {} uses {uses}", who.join(" and "))
}

/// The value of a setting that names a place.
enum Named {
    Paths(Vec<String>, Origin),
    Nothing,
    Declined,
    Unread(Reason),
}

/// Returns the paths that a setting of one process names.
fn named(follow: &Follow, instance: &Instance, definition: &Component) -> Named {
    if let (Some(flag), Some(part)) = (&follow.flag, follow.part) {
        let paths: Vec<String> =
            instance.arguments.values(flag).filter_map(|value| part_of(value, part)).map(str::to_owned).collect();
        let origin = Origin::Argument(flag.to_string());
        return if paths.is_empty() { Named::Nothing } else { Named::Paths(paths, origin) };
    }
    let setting = Setting::new(follow.flag.clone(), follow.key.clone());
    match instance.read(&setting, definition) {
        Reading::Set { given, origin } if !given.is_empty() => {
            let is_list = follow.flag.as_ref().is_some_and(|flag| definition.flags.list.contains(flag));
            let mut paths = if is_list { given.items() } else { vec![given.text()] };
            paths.retain(|path| !path.is_empty());
            Named::Paths(paths, origin)
        }
        Reading::Set { .. } => Named::Declined,
        Reading::Unset(_) => match (&follow.unset, &follow.flag) {
            (Some(usual), Some(flag)) => match filled_in(usual, instance, definition) {
                Ok(path) => Named::Paths(vec![path], Origin::Argument(format!("the default of {flag}"))),
                Err(why) => Named::Unread(why),
            },
            _ => Named::Nothing,
        },
        Reading::Unknown(why) => Named::Unread(why),
    }
}

/// A part of a value such as `a.crt,a.key:*.example.com`, counted from 1.
fn part_of(value: &str, part: usize) -> Option<&str> {
    let (files, _) = value.split_once(':').unwrap_or((value, ""));
    files.split(',').nth(part.checked_sub(1)?).map(str::trim).filter(|path| !path.is_empty())
}

/// Fills in a default in which `{--name}` stands for the value of that flag.
fn filled_in(usual: &str, instance: &Instance, definition: &Component) -> Result<String, Reason> {
    let Some((before, rest)) = usual.split_once('{') else { return Ok(usual.to_owned()) };
    let Some((flag, after)) = rest.split_once('}') else { return Ok(usual.to_owned()) };
    let key = definition.config.as_ref().map(|_| flag.trim_start_matches('-').into());
    let setting = Setting::new(Some(flag.into()), key);
    let value = match instance.read(&setting, definition) {
        Reading::Set { given, .. } => given.text(),
        Reading::Unset(_) => match definition.defaults.get(flag).map(|usual| usual.possible(None)).as_deref() {
            Some([usual]) => usual.to_string(),
            _ => String::new(),
        },
        Reading::Unknown(why) => return Err(why),
    };
    Ok(format!("{before}{value}{after}"))
}
