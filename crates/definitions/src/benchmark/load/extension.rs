//! Resolves benchmarks that extend others: what they inherit, leave out and change.
//!
//! Everything is resolved while reading; the result is a benchmark like any other.

use std::collections::{BTreeMap, BTreeSet};

use crate::benchmark::look::Look;
use crate::benchmark::reader::{Fields, Problem, Reader, item_span};
use crate::benchmark::tree::{Content, Node};
use crate::benchmark::{Benchmark, Check, Group, Target, TargetIndex};

use super::controls::Controls;
use super::names::dotted;
use super::value::given;
use crate::SharedText;

/// The benchmark that another one extends.
#[derive(Clone, Copy)]
pub(super) enum Base<'b> {
    /// None: the benchmark is complete on its own.
    None,
    /// The extended benchmark.
    Of(&'b Benchmark),
    /// A benchmark with mistakes: its contents are unknown, so missing parts are not reported.
    InDoubt,
}

/// The part of the extended benchmark that corresponds to a part of this one.
pub(super) enum Inherited<'b, T> {
    /// There is none: this part must be complete.
    Nothing,
    /// The corresponding part.
    Known(&'b T),
    /// Unknown, because the extended benchmark has mistakes.
    InDoubt,
}

impl<'b> Base<'b> {
    /// Whether it has levels; `true` if nothing is extended.
    pub fn has_levels(self) -> bool {
        match self {
            Self::Of(benchmark) => benchmark.has_levels,
            Self::None | Self::InDoubt => true,
        }
    }

    /// Returns its part for a target.
    pub fn target(self, target: Target) -> Inherited<'b, TargetIndex> {
        match self {
            Self::None => Inherited::Nothing,
            Self::Of(benchmark) => benchmark.target(target).map_or(Inherited::Nothing, Inherited::Known),
            Self::InDoubt => Inherited::InDoubt,
        }
    }
}

impl<'b, T> Inherited<'b, T> {
    /// Reads the text of a key that is optional if inherited.
    pub fn text(
        &self,
        reader: &mut Reader<'_>,
        fields: &Fields<'_>,
        name: &str,
        of: impl Fn(&'b T) -> &'b SharedText,
    ) -> SharedText {
        let given = match self {
            Self::Nothing => fields.text(reader, name),
            Self::Known(_) | Self::InDoubt => fields.text_if_any(reader, name),
        };
        match (given, self) {
            (Some(given), _) => given,
            (None, Self::Known(known)) => of(known).clone(),
            (None, Self::Nothing | Self::InDoubt) => SharedText::default(),
        }
    }

    /// Returns the value of a key that is optional if inherited.
    pub fn part<'n>(&self, reader: &mut Reader<'_>, fields: &Fields<'n>, name: &str) -> Option<&'n Node> {
        match self {
            Self::Nothing => fields.required(reader, name),
            Self::Known(_) | Self::InDoubt => fields.value(name),
        }
    }
}

impl<'b> Inherited<'b, TargetIndex> {
    /// Returns its part for a group.
    pub fn group(&self, id: &str) -> Inherited<'b, Group> {
        match self {
            Self::Nothing => Inherited::Nothing,
            Self::Known(index) => {
                index.groups.iter().find(|group| group.id == id).map_or(Inherited::Nothing, Inherited::Known)
            }
            Self::InDoubt => Inherited::InDoubt,
        }
    }

    /// Returns the group that contains a check number.
    pub fn group_of(&self, number: &str) -> Option<&'b str> {
        let Self::Known(index) = self else { return None };
        let has = |group: &&Group| group.checks.iter().any(|check| check.id == number);
        index.groups.iter().find(has).map(|group| group.id.as_str())
    }
}

/// Returns the name of the benchmark that a file extends.
pub(super) fn extended(root: &Node) -> Option<&str> {
    let Content::Scalar { text, plain } = &Reader::value_within(root, "extends")?.content else { return None };
    let text = text.trim();
    (!text.is_empty() && (!plain || Look::of(text) == Look::Text)).then_some(text)
}

/// Returns the problem of a benchmark that extends itself, directly or indirectly. `extended` maps each file to the
/// benchmark it extends.
pub(super) fn circle(name: &str, extended: &BTreeMap<SharedText, SharedText>) -> Option<Problem> {
    let mut by_way_of: Vec<String> = Vec::new();
    let mut next = extended.get(name)?;
    while next != name {
        let shown = format!("{next:?}");
        // A cycle that this benchmark leads to but is not part of.
        if by_way_of.contains(&shown) {
            return None;
        }
        by_way_of.push(shown);
        next = extended.get(next)?;
    }
    let detour = if by_way_of.is_empty() { String::new() } else { format!(", by way of {}", by_way_of.join(" and ")) };
    let problem = Problem::new("circular", format!("benchmark {name:?} extends itself{detour}"));
    Some(problem.hint("a benchmark is named after its file: give the extending one a different name"))
}

/// Returns the targets inherited from the extended benchmark, after applying `without` and `with`.
pub(super) fn taken_over(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    base: Base<'_>,
    controls: &Controls,
) -> Vec<TargetIndex> {
    fields.text_if_any(reader, "extends");
    if fields.get("extends").is_none() {
        for entry in ["without", "with"].into_iter().filter_map(|name| fields.get(name)) {
            let message = format!("{:?} in a benchmark that extends none", entry.key.text);
            let hint = "name the benchmark that it refers to, as in extends: cis-1.12";
            reader.refuse(entry.key.span, Problem::new("missing-key", message).hint(hint));
        }
        return Vec::new();
    }
    let Base::Of(base) = base else { return Vec::new() };
    let mut targets = base.targets.to_vec();
    if let Some(node) = fields.value("without") {
        leave_out(reader, node, base, &mut targets, controls);
    }
    if let Some(node) = fields.value("with") {
        set_otherwise(reader, node, base, &mut targets, controls);
    }
    targets
}

/// Applies `without`: a list of check numbers, group numbers and control keys.
fn leave_out(reader: &mut Reader<'_>, node: &Node, base: &Benchmark, targets: &mut [TargetIndex], controls: &Controls) {
    let names = reader.texts("\"without\"", node).unwrap_or_default();
    let mut told = BTreeSet::new();
    for name in &names {
        let span = item_span(node, name);
        if !told.insert(name) {
            reader.refuse(span, Problem::new("duplicate-entry", format!("{name:?} is left out twice")));
            continue;
        }
        let known = if name.contains('/') {
            controls.find(name).and_then(|_| asked_for(base, name))
        } else {
            has_number(base, name)
        };
        if reader.keep(span, known).is_none() {
            continue;
        }
        for group in targets.iter_mut().flat_map(|index| &mut index.groups) {
            let whole = group.id == *name;
            group.checks.retain(|check| !whole && check.id != *name && check.control != *name);
        }
    }
}

/// Applies `with`: parameters by control.
fn set_otherwise(
    reader: &mut Reader<'_>,
    node: &Node,
    base: &Benchmark,
    targets: &mut [TargetIndex],
    controls: &Controls,
) {
    for entry in reader.entries("\"with\"", node) {
        let (key, span) = (&entry.key.text, entry.key.span);
        let Some(found) = reader.keep(span, controls.find(key)) else { continue };
        let parameters = given(reader, Some(&entry.value), found, span, true);
        if reader.keep(span, asked_for(base, key)).is_none() {
            continue;
        }
        let mut any = false;
        for check in targets.iter_mut().flat_map(|index| &mut index.groups).flat_map(|group| &mut group.checks) {
            if check.control == *key {
                any = true;
                check.with.extend(parameters.clone());
            }
        }
        if !any {
            let problem = Problem::new("contradiction", format!("{key:?} is left out by \"without\""));
            reader.refuse(span, problem.hint("leave it out here too"));
        }
    }
}

/// Checks that a benchmark contains a control.
fn asked_for(base: &Benchmark, key: &str) -> Result<(), Problem> {
    if base.checks().any(|(_, check)| check.control == key) {
        return Ok(());
    }
    Err(Problem::new("unused-control", format!("{} does not contain {key:?}", base.name))
        .hint("a check that this benchmark adds takes its parameters next to its number"))
}

/// Checks that a benchmark has a check or group with this number.
fn has_number(base: &Benchmark, number: &str) -> Result<(), Problem> {
    let groups = || base.targets.iter().flat_map(|index| &index.groups);
    let known: Vec<&str> =
        groups().map(|group| group.id.as_str()).chain(base.checks().map(|(_, check)| check.id.as_str())).collect();
    if known.contains(&number) {
        return Ok(());
    }
    let problem = Problem::unknown("unknown-number", "number", number, known);
    Err(Problem { message: format!("{} has no number {number:?}", base.name), ..problem })
}

/// Merges a benchmark's own targets into the inherited ones, adding to them or replacing them.
pub(super) fn merged(mut all: Vec<TargetIndex>, own: Vec<TargetIndex>) -> Vec<TargetIndex> {
    if all.is_empty() {
        return own;
    }
    for TargetIndex { target, id, title, groups } in own {
        match all.iter_mut().find(|index| index.target == target) {
            Some(index) => {
                index.title = title;
                for group in groups {
                    merge_group(&mut index.groups, group);
                }
            }
            None => {
                let place = all.iter().position(|index| index.target > target).unwrap_or(all.len());
                all.insert(place, TargetIndex { target, id, title, groups });
            }
        }
    }
    // Groups and targets left without checks are removed.
    for index in &mut all {
        index.groups.retain(|group| !group.checks.is_empty());
    }
    all.retain(|index| !index.groups.is_empty());
    all
}

fn merge_group(groups: &mut Vec<Group>, own: Group) {
    match groups.iter_mut().find(|group| group.id == own.id) {
        Some(group) => {
            group.title = own.title;
            for check in own.checks {
                merge_check(&mut group.checks, check);
            }
        }
        None => groups.insert(place_of(&own.id, groups.iter().map(|group| group.id.as_str())), own),
    }
}

fn merge_check(checks: &mut Vec<Check>, own: Check) {
    match checks.iter_mut().find(|check| check.id == own.id) {
        Some(check) => *check = own,
        None => checks.insert(place_of(&own.id, checks.iter().map(|check| check.id.as_str())), own),
    }
}

/// Returns the position of a number among others: dotted numbers in order, anything else at the end.
fn place_of<'n>(number: &str, others: impl ExactSizeIterator<Item = &'n str>) -> usize {
    let end = others.len();
    let Some(parts) = dotted(number) else { return end };
    others.map(dotted).position(|other| other.is_some_and(|other| other > parts)).unwrap_or(end)
}
