//! Reads benchmark files.

use std::collections::BTreeSet;

use crate::benchmark::reader::{Fields, Problem, Reader};
use crate::benchmark::tree::{Content, Entry, Node};
use crate::benchmark::{Assessment, Benchmark, Check, Group, KubernetesVersion, Target, TargetIndex, VersionRange};

use super::controls::Controls;
use super::extension::{self, Base, Inherited};
use super::names::{dotted, release_line, target_name};
use super::platforms::platforms;
use super::rating::level;
use super::value::given;
use crate::SharedText;

/// Reads the benchmark `name`, including what it extends. The digest is set once all definitions are known.
pub(super) fn benchmark(
    reader: &mut Reader<'_>,
    name: &str,
    root: &Node,
    controls: &Controls,
    base: Base<'_>,
) -> Benchmark {
    let known = ["title", "kubernetes", "platforms", "suggested_on", "levels", "targets", "extends", "without", "with"];
    let fields = reader.fields("the benchmark", root.span, root, &known);
    let title = fields.text(reader, "title").unwrap_or_default();
    let kubernetes = kubernetes(reader, &fields);
    let (platforms, suggested_on) =
        (platforms(reader, &fields, "platforms"), platforms(reader, &fields, "suggested_on"));
    let taken_over = extension::taken_over(reader, &fields, base, controls);
    let node = if let Base::None = base { fields.required(reader, "targets") } else { fields.value("targets") };
    let mut targets = Vec::new();
    for entry in node.map(|node| reader.entries("\"targets\"", node)).unwrap_or_default() {
        if let Some(target) = reader.keep(entry.key.span, target_name(&entry.key.text)) {
            targets.push(target_index(reader, target, entry, controls, base));
        }
    }
    let targets = extension::merged(taken_over, targets);
    let has_levels = fields.boolean(reader, "levels", base.has_levels());
    if !has_levels {
        refuse_levels(reader, node);
    }
    let size = targets.iter().map(|target| target.checks().count()).sum();
    let (name, targets, digest) = (name.into(), targets.into(), SharedText::default());
    Benchmark { name, title, kubernetes, platforms, suggested_on, has_levels, targets, size, digest }
}

/// Refuses levels of checks in a benchmark without levels.
fn refuse_levels(reader: &mut Reader<'_>, node: Option<&Node>) {
    let Some(node) = node else { return };
    let Content::Mapping(entries) = &node.content else { return };
    for Entry { key, value } in entries {
        if key.text == "level" && Reader::value_within(node, "control").is_some() {
            let problem = Problem::new("contradiction", "\"level\" in a benchmark without levels");
            reader.refuse(key.span, problem.hint("leave it out, or leave out \"levels: false\""));
        }
        refuse_levels(reader, Some(value));
    }
}

fn kubernetes(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<VersionRange> {
    let entry = fields.get("kubernetes")?;
    let within = reader.fields("\"kubernetes\"", entry.key.span, &entry.value, &["from", "to"]);
    let from = version(reader, &within, "from");
    let to = version(reader, &within, "to");
    let (from, to) = (from?, to?);
    if from > to {
        let problem = Problem::new("version-range", format!("the range ends at {to}, before it begins at {from}"));
        reader.refuse(entry.key.span, problem.hint(format!("write {{ from: \"{to}\", to: \"{from}\" }}")));
    }
    Some(VersionRange { from, to })
}

fn version(reader: &mut Reader<'_>, fields: &Fields<'_>, name: &str) -> Option<KubernetesVersion> {
    let text = fields.text(reader, name)?;
    let node = fields.value(name)?;
    reader.keep(node.span, release_line(&text))
}

fn target_index(
    reader: &mut Reader<'_>,
    target: Target,
    entry: &Entry,
    controls: &Controls,
    base: Base<'_>,
) -> TargetIndex {
    let what = format!("target {:?}", target.name());
    let fields = reader.fields(&what, entry.key.span, &entry.value, &["id", "title", "groups"]);
    let inherited = base.target(target);
    let mut id = inherited.text(reader, &fields, "id", |index| &index.id);
    if let (Inherited::Known(index), Some(node)) = (&inherited, fields.value("id"))
        && id != index.id
    {
        let problem =
            Problem::new("contradiction", format!("{what} is section {:?} of the extended benchmark", index.id));
        reader.refuse(node.span, problem.hint("leave \"id\" out"));
        id.clone_from(&index.id);
    }
    let title = inherited.text(reader, &fields, "title", |index| &index.title);
    let mut numbers = Numbers::default();
    let mut groups = Vec::new();
    let node = inherited.part(reader, &fields, "groups");
    for entry in node.map(|node| reader.entries("\"groups\"", node)).unwrap_or_default() {
        groups.push(group(reader, &id, entry, &mut numbers, controls, &inherited));
    }
    TargetIndex { target, id, title, groups }
}

fn group(
    reader: &mut Reader<'_>,
    section: &str,
    entry: &Entry,
    numbers: &mut Numbers,
    controls: &Controls,
    target: &Inherited<'_, TargetIndex>,
) -> Group {
    let id = reader.number(&entry.key);
    // The id of a target that covers parts of several sections is not a number; its groups may have any number.
    let is_part = dotted(section).is_none();
    if let (Some(_), false) = (dotted(&id), is_part || id == section || belongs(&id, section)) {
        reader.refuse(entry.key.span, outside(&id, "section", section));
    }
    let fields = reader.fields(&format!("group {id:?}"), entry.key.span, &entry.value, &["title", "checks"]);
    let inherited = target.group(&id);
    let title = inherited.text(reader, &fields, "title", |group| &group.title);
    let mut checks = Vec::new();
    let node = inherited.part(reader, &fields, "checks");
    for entry in node.map(|node| reader.entries("\"checks\"", node)).unwrap_or_default() {
        let number = reader.number(&entry.key);
        if dotted(&number).is_some() && !belongs(&number, &id) {
            reader.refuse(entry.key.span, outside(&number, "group", &id));
        } else if let Err(problem) = numbers.next(&number) {
            reader.refuse(entry.key.span, problem);
        } else if let Some(other) = target.group_of(&number).filter(|other| *other != id) {
            let message = format!("number {number:?} is in group {other:?} of the extended benchmark");
            let problem = Problem::new("duplicate-number", message);
            reader.refuse(entry.key.span, problem.hint("replace it there, or take another number"));
        }
        checks.push(check(reader, number, entry, controls));
    }
    Group { id, title, checks }
}

/// Always returns a check, so that a mistake in it does not make its number unknown to profiles.
fn check(reader: &mut Reader<'_>, id: SharedText, entry: &Entry, controls: &Controls) -> Check {
    let known = ["control", "with", "level", "scored", "assessment", "evaluate"];
    let fields = reader.fields(&format!("check {id:?}"), entry.key.span, &entry.value, &known);
    let control = fields.required(reader, "control").and_then(|node| {
        let (key, found) = controls.read(reader, node, "\"control\"")?;
        Some((key, found, node.span))
    });
    let found = control.as_ref().and_then(|(_, found, _)| *found);
    let at = control.as_ref().map_or(entry.key.span, |(_, _, span)| *span);
    let with = given(reader, fields.value("with"), found, at, false);
    let scored = fields.required(reader, "scored").and_then(|node| reader.boolean("\"scored\"", node));
    let words = [("automated", Assessment::Automated), ("manual", Assessment::Manual)];
    let assessment = fields.required(reader, "assessment").and_then(|node| reader.word("\"assessment\"", node, &words));
    let evaluate = fields.boolean(reader, "evaluate", true);
    Check {
        id,
        control: control.map(|(key, ..)| key).unwrap_or_default(),
        with,
        level: fields.value("level").and_then(|node| level(reader, node)),
        scored: scored.unwrap_or(true),
        assessment: assessment.unwrap_or(Assessment::Automated),
        evaluate,
    }
}

fn belongs(number: &str, group: &str) -> bool {
    number.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'))
}

fn outside(number: &str, what: &str, group: &str) -> Problem {
    Problem::new("number-group", format!("number {number:?} does not belong to {what} {group:?}"))
        .hint(format!("its numbers begin with \"{group}.\""))
}

/// The check numbers of a target so far.
#[derive(Default)]
struct Numbers {
    seen: BTreeSet<SharedText>,
    last: Option<(Vec<u32>, SharedText)>,
}

impl Numbers {
    fn next(&mut self, number: &str) -> Result<(), Problem> {
        if !self.seen.insert(number.into()) {
            return Err(Problem::new("duplicate-number", format!("number {number:?} is used twice in this target")));
        }
        let Some(parts) = dotted(number) else { return Ok(()) };
        if let Some((last, text)) = &self.last
            && *last > parts
        {
            return Err(Problem::new("number-order", format!("number {number:?} comes after {text:?}"))
                .hint("keep the order of the benchmark's document"));
        }
        self.last = Some((parts, number.into()));
        Ok(())
    }
}
