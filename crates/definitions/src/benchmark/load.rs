//! Reads definition files into a [`Library`], or reports all mistakes in them.
//!
//! The path of a file determines its kind: `components.yaml`, `snippets.yaml`, `controls/STEM.yaml`, or `NAME.yaml` for
//! a benchmark. Files are added to existing definitions: a component, control or benchmark with an existing name
//! replaces the earlier one, and everything that refers to it is checked again.

mod components;
mod control;
mod controls;
mod digest;
mod expectation;
mod extension;
mod files;
mod index;
mod names;
mod platforms;
mod rating;
mod remediation;
mod snippets;
mod unused;
mod value;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use components::Components;
pub(crate) use controls::Controls;
use extension::Base;
pub(crate) use names::target_name;
pub(crate) use platforms::platforms;
use snippets::Snippets;
pub use unused::unused_controls;
pub(crate) use value::{given, misfits};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::reader::{Problem, Reader};
use super::tree::{Node, Span, TOP};
use super::{Benchmark, Control, Library, SourceFile, Wanted};
use crate::SharedText;

/// Reads definition files on top of a library, which may be [`Library::default`].
pub fn load(base: &Library, files: &[SourceFile]) -> Result<Library, Diagnostics> {
    let draft = draft(base, files);
    Diagnostics::unless_any(draft.mistakes, draft.library)
}

/// The number of definitions in some files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    /// Components.
    pub components: usize,
    /// Controls.
    pub controls: usize,
    /// Benchmarks.
    pub benchmarks: usize,
}

impl Contents {
    /// Counts the definitions in these files, as far as they can be read.
    pub fn of(files: &[SourceFile]) -> Self {
        let mut contents = Self::default();
        for file in files {
            let entries = || Reader::open(file).1.map_or(0, |root| Reader::on(file).entries("", &root).len());
            match kind(&file.path) {
                Some(Kind::Components) => contents.components += entries(),
                Some(Kind::Controls(_)) => contents.controls += entries(),
                Some(Kind::Benchmark(_)) => contents.benchmarks += 1,
                Some(Kind::Snippets) | None => {}
            }
        }
        contents
    }
}

/// A library with its mistakes, so that profiles can be checked against it anyway.
pub(crate) struct Draft {
    /// Everything that could be read.
    pub library: Library,
    /// Whether a components file could not be read.
    pub unreadable_components: bool,
    /// Controls files that could not be read.
    pub unreadable_controls: BTreeSet<SharedText>,
    /// Benchmarks that could not be read.
    pub unreadable_benchmarks: BTreeSet<SharedText>,
    /// The path of the file that defines a control, and the location in it, by key.
    pub control_origins: BTreeMap<SharedText, (String, Span)>,
    /// The mistakes.
    pub mistakes: Vec<Diagnostic>,
}

/// The kind of a definition file.
enum Kind<'p> {
    Components,
    Snippets,
    Controls(&'p str),
    Benchmark(&'p str),
}

/// Determines the kind of a file from its path.
fn kind(path: &str) -> Option<Kind<'_>> {
    let path = without_extension(path)?;
    match path.split_once('/') {
        None if path == "components" => Some(Kind::Components),
        None if path == "snippets" => Some(Kind::Snippets),
        None if !path.is_empty() => Some(Kind::Benchmark(path)),
        Some(("controls", stem)) if !stem.is_empty() && !stem.contains('/') => Some(Kind::Controls(stem)),
        _ => None,
    }
}

impl Kind<'_> {
    /// Returns the name used in messages.
    fn name(&self) -> String {
        match self {
            Self::Components => "the file of components".to_owned(),
            Self::Snippets => "the file of snippets".to_owned(),
            Self::Controls(stem) => format!("the file of controls {stem:?}"),
            Self::Benchmark(name) => format!("benchmark {name:?}"),
        }
    }
}

/// Returns the path of a YAML file without its extension.
pub(crate) fn without_extension(path: &str) -> Option<&str> {
    path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml"))
}

/// Returns the problem of a definition that `first` already contains, to be reported in the second file.
pub(crate) fn defined_twice(what: &str, first: &SourceFile) -> Problem {
    Problem::new("duplicate-definition", format!("{what} is defined twice"))
        .hint(format!("{} has the other one: keep one of them, or rename one", first.name))
}

/// A file whose text has been parsed into a tree.
struct Opened<'s> {
    reader: Reader<'s>,
    name: &'s str,
    root: Option<Node>,
}

/// Where each key is defined: the index of the file, and the location in it.
type Origins = BTreeMap<SharedText, (usize, Span)>;

/// Reads definition files on top of a library, as far as they can be read.
pub(crate) fn draft(base: &Library, files: &[SourceFile]) -> Draft {
    let mut mistakes = Vec::new();
    let (mut of_components, mut of_controls, mut of_benchmarks) = (Vec::new(), Vec::new(), Vec::new());
    let mut of_snippets = Vec::new();
    let mut seen: BTreeMap<&str, &SourceFile> = BTreeMap::new();
    for file in files {
        let (mut reader, root) = Reader::open(file);
        let first = without_extension(&file.path).map(|path| *seen.entry(path).or_insert(file));
        let list = match kind(&file.path) {
            Some(kind) if first.is_some_and(|first| !std::ptr::eq(first, file)) => {
                if let Some(first) = first {
                    reader.refuse(TOP, defined_twice(&kind.name(), first));
                }
                None
            }
            Some(Kind::Components) => Some((&mut of_components, "components")),
            Some(Kind::Snippets) => Some((&mut of_snippets, "snippets")),
            Some(Kind::Controls(stem)) => Some((&mut of_controls, stem)),
            Some(Kind::Benchmark(name)) => Some((&mut of_benchmarks, name)),
            None => {
                let problem = Problem::new("misplaced-file", format!("{:?} is not a definition file", file.path))
                    .hint("components.yaml, snippets.yaml, controls/NAME.yaml and NAME.yaml are");
                reader.refuse(TOP, problem);
                None
            }
        };
        match list {
            Some((list, name)) => list.push(Opened { reader, name, root }),
            None => mistakes.extend(reader.into_mistakes()),
        }
    }

    let (components, component_origins) = read_components(base, &mut of_components);
    let snippets = snippets::snippets(&base.snippets, &mut of_snippets);
    let (controls, control_origins) = read_controls(base, &mut of_controls, &components, &snippets);
    let (benchmarks, unreadable_benchmarks) = read_benchmarks(base, &mut of_benchmarks, &controls);
    let stay = base.controls.iter().filter(|(key, _)| !control_origins.contains_key(*key));
    let stay = stay.map(|(_, control)| &**control);
    check_controls_that_stay(stay, &components, &component_origins, &mut of_components);
    let stay = base.benchmarks.values().filter(|known| of_benchmarks.iter().all(|file| file.name != known.name));
    check_benchmarks_that_stay(stay, &controls, &control_origins, &mut of_controls);

    let control_origins = sorting::map(
        control_origins
            .into_iter()
            .filter_map(|(key, (index, span))| Some((key, (of_controls.get(index)?.reader.path().to_owned(), span)))),
    );
    let opened = of_components.into_iter().chain(of_snippets).chain(of_controls).chain(of_benchmarks);
    mistakes.extend(opened.flat_map(|file| file.reader.into_mistakes()));
    let unreadable_components = components.unreadable;
    let mut library = Library {
        components: components.known,
        roles: components.roles,
        controls: controls.known.into(),
        snippets: snippets.known.into(),
        benchmarks: benchmarks.into(),
        wanted: Wanted::default(),
    };
    library.wanted = Wanted::of(&library);
    if mistakes.is_empty() {
        digest::seal(&mut library);
    }
    Draft {
        library,
        unreadable_components,
        unreadable_controls: controls.unreadable,
        unreadable_benchmarks,
        control_origins,
        mistakes,
    }
}

fn read_components(base: &Library, files: &mut [Opened<'_>]) -> (Components, Origins) {
    let unreadable = files.iter().any(|file| file.root.is_none());
    let mut components = Components { known: base.components.clone(), roles: base.roles.clone(), unreadable };
    let mut origins = Origins::new();
    for (index, Opened { reader, root, .. }) in files.iter_mut().enumerate() {
        for entry in root.as_ref().map(|root| reader.entries("the file", root)).unwrap_or_default() {
            let part_of = Reader::value_within(&entry.value, "part_of").map_or(entry.key.span, |node| node.span);
            origins.insert(entry.key.to_shared(), (index, part_of));
            components.known.insert(entry.key.to_shared(), components::component(reader, entry));
            // A replacement keeps the role of the component it replaces, unless it sets another.
            components.roles.extend(components::role(entry).map(|role| (entry.key.to_shared(), role)));
        }
    }
    for Opened { reader, root, .. } in files.iter_mut() {
        for node in root.as_ref().map(components::followed).unwrap_or_default() {
            if let Some(problem) = components.without_settings(node) {
                reader.refuse(node.span, problem);
            }
        }
    }
    // `part_of` can only be checked once all components are known. If the owner was replaced, the mistake is reported
    // there.
    let mut grammars = Vec::new();
    for component in components.known.values() {
        let Some(owner) = &component.part_of else { continue };
        if let Some(owner) = components.known.get(owner) {
            grammars.push((component.key.clone(), owner.grammar));
        }
        if let (Some(problem), Some((index, span))) =
            (components.misplaced_part(component), origins.get(&component.key).or_else(|| origins.get(owner)))
            && let Some(file) = files.get_mut(*index)
        {
            file.reader.refuse(*span, problem);
        }
    }
    for (key, grammar) in grammars {
        if let Some(component) = components.known.get_mut(&key) {
            component.grammar = grammar;
        }
    }
    (components, origins)
}

fn read_controls(
    base: &Library,
    files: &mut [Opened<'_>],
    components: &Components,
    snippets: &Snippets,
) -> (Controls, Origins) {
    let mut controls = Controls { known: base.controls.to_value(), unreadable: BTreeSet::new() };
    let mut origins = Origins::new();
    for (index, Opened { reader, name, root }) in files.iter_mut().enumerate() {
        let Some(root) = root else {
            controls.unreadable.insert((*name).into());
            continue;
        };
        for entry in reader.entries("the file", root) {
            let control = control::control(reader, name, entry, components, snippets);
            origins.insert(control.key.clone(), (index, entry.key.span));
            controls.known.insert(control.key.clone(), control.into());
        }
    }
    (controls, origins)
}

/// Reads the benchmarks, each after the one it extends. Also returns the names of those that could not be read
/// completely.
fn read_benchmarks(
    base: &Library,
    files: &mut [Opened<'_>],
    controls: &Controls,
) -> (BTreeMap<SharedText, Benchmark>, BTreeSet<SharedText>) {
    let mut benchmarks = base.benchmarks.to_value();
    let mut unreadable: BTreeSet<SharedText> =
        sorting::set(files.iter().filter(|file| file.root.is_none()).map(|file| file.name.into()));
    let extended: BTreeMap<SharedText, SharedText> = sorting::map(
        files.iter().filter_map(|file| Some((file.name.into(), extension::extended(file.root.as_ref()?)?.into()))),
    );
    // Benchmarks with mistakes: what they seem to lack may only be misspelt.
    let mut spoilt: BTreeSet<SharedText> = BTreeSet::new();
    let mut waiting: Vec<&mut Opened<'_>> = files.iter_mut().filter(|file| file.root.is_some()).collect();
    while !waiting.is_empty() {
        let names: BTreeSet<&str> = sorting::set(waiting.iter().map(|file| file.name));
        let (mut ready, mut later): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|file| extended.get(file.name).is_none_or(|extended| !names.contains(extended.as_str())));
        // The remaining ones extend themselves, directly or indirectly. They are read to report their other mistakes.
        let circular = ready.is_empty();
        if circular {
            std::mem::swap(&mut ready, &mut later);
        }
        for Opened { reader, name, root } in ready {
            let Some(root) = root else { continue };
            let node = Reader::value_within(root, "extends");
            let extends = match (node, extended.get(*name)) {
                (None, _) => Base::None,
                (Some(_), None) => Base::InDoubt,
                (Some(node), Some(_)) if circular => {
                    if let Some(problem) = extension::circle(name, &extended) {
                        reader.refuse(node.span, problem);
                    }
                    Base::InDoubt
                }
                (Some(_), Some(extended))
                    if unreadable.contains(extended.as_str()) || spoilt.contains(extended.as_str()) =>
                {
                    Base::InDoubt
                }
                (Some(node), Some(extended)) => match benchmarks.get(extended) {
                    Some(found) => Base::Of(found),
                    None => {
                        let known = benchmarks.keys().map(SharedText::as_str);
                        let problem = Problem::unknown("unknown-benchmark", "benchmark", extended, known);
                        reader.refuse(node.span, problem);
                        Base::InDoubt
                    }
                },
            };
            let in_doubt = matches!(extends, Base::InDoubt);
            let benchmark = index::benchmark(reader, name, root, controls, extends);
            if in_doubt {
                unreadable.insert((*name).into());
            }
            if reader.has_mistakes() {
                spoilt.insert((*name).into());
            }
            benchmarks.insert((*name).into(), benchmark);
        }
        waiting = later;
    }
    (benchmarks, unreadable)
}

/// Checks that existing controls still find their components and places.
fn check_controls_that_stay<'l>(
    controls: impl Iterator<Item = &'l Control>,
    components: &Components,
    origins: &Origins,
    files: &mut [Opened<'_>],
) {
    for control in controls {
        let replaced = control::components_of(control).into_iter().find_map(|key| origins.get(&key));
        if let (Some((index, span)), Some(problem)) = (replaced, control::broken_reference(control, components))
            && let Some(file) = files.get_mut(*index)
        {
            let message = format!("control {:?} no longer fits: {}", control.key, problem.message);
            file.reader.refuse(*span, Problem { code: "misfit", message, hint: problem.hint });
        }
    }
}

/// Checks that existing benchmarks still match the parameters of their controls.
fn check_benchmarks_that_stay<'l>(
    benchmarks: impl Iterator<Item = &'l Benchmark>,
    controls: &Controls,
    origins: &Origins,
    files: &mut [Opened<'_>],
) {
    for benchmark in benchmarks {
        for (target, check) in benchmark.checks() {
            let (Some((index, span)), Some(control)) =
                (origins.get(&check.control), controls.known.get(&check.control))
            else {
                continue;
            };
            let Some(file) = files.get_mut(*index) else { continue };
            for misfit in misfits(control, &check.with, false) {
                let problem = misfit.problem;
                let message = format!("{} {target} {} no longer fits: {}", benchmark.name, check.id, problem.message);
                file.reader.refuse(*span, Problem { code: "misfit", message, hint: problem.hint });
            }
        }
    }
}
