//! Reads the files in `controls/`.

use std::collections::BTreeMap;

use crate::benchmark::reader::{Fields, Problem, Reader, item_span};
use crate::benchmark::text::{Placeholder, placeholders};
use crate::benchmark::tree::{Content, Entry, Node};
use crate::benchmark::{
    AWS_PREDICATES, Applies, Audit, Aws, Background, Comparison, Component, Control, ControlSeverity, Expectation,
    Holding, Matching, Missing, Objects, Operator, PREDICATES, PlaceName, Setting, SettingCondition, Value,
};

use super::components::Components;
use super::expectation::{Of, of_settings, without_templates};
use super::files::of_files;
use super::platforms::platforms;
use super::rating::{level, severity};
use super::remediation::{nodes, remediation};
use super::snippets::Snippets;
use super::value::{differs_from, misfits, misplaced, uses, value};
use crate::SharedText;

/// Reads one control of the file `stem`.
pub(super) fn control(
    reader: &mut Reader<'_>,
    stem: &str,
    entry: &Entry,
    components: &Components,
    snippets: &Snippets,
) -> Control {
    let at = entry.key.span;
    reader.name("control", &entry.key);
    let known = [
        "title",
        "level",
        "severity",
        "rationale",
        "parameters",
        "applies",
        "audit",
        "expect",
        "review",
        "objects",
        "aws",
        "show",
        "remediation",
        "references",
    ];
    let fields = reader.fields(&format!("control {:?}", entry.key.text), at, &entry.value, &known);
    let parameters = parameters(reader, &fields, components);
    let mut audit = audit(reader, &fields, components);
    let review = fields.text_if_any(reader, "review");
    for name in ["rationale", "review"] {
        without_templates(reader, name, fields.value(name));
    }
    let expect = match (fields.get("expect"), &audit) {
        (Some(expect), Some(Audit::Files { .. })) => Some(of_files(reader, expect.key.span, &expect.value, components)),
        (Some(expect), Some(Audit::Settings { component })) => {
            let owner = components.with_process(component).ok().flatten();
            of_settings(reader, expect.key.span, &expect.value, Of::Component(owner), components)
        }
        (Some(expect), Some(Audit::Unit { .. })) => {
            of_settings(reader, expect.key.span, &expect.value, Of::Unit, components)
        }
        _ => None,
    };
    if let (Some(Audit::Files { directories, below: None, .. }), Some(Expectation::File(condition))) =
        (&mut audit, &expect)
    {
        // A path that must be absent may be a directory.
        *directories = condition.missing == Missing::Pass;
    }
    check_parts(reader, &fields);
    let shows = shows(reader, &fields);
    let objects = objects(reader, &fields);
    let aws = aws(reader, &fields);
    let applies = applies(reader, &fields, audit.as_ref(), components);
    let control = Control {
        key: format!("{stem}/{}", entry.key.text).into(),
        title: fields.text(reader, "title").unwrap_or_default(),
        level: fields.required(reader, "level").and_then(|node| level(reader, node)).unwrap_or(1),
        severity: severity(reader, &fields).unwrap_or(ControlSeverity::Low),
        background: background(reader, &fields).into(),
        remediation: remediation(reader, &fields),
        review,
        parameters,
        audit: audit.unwrap_or(Audit::Review),
        expect,
        objects: objects.map(Box::new),
        aws: aws.map(Box::new),
        shows: shows.map(Box::new),
        applies: applies.map(Box::new),
    };
    check_texts(reader, &fields, &control, components, snippets);
    check_parameters(reader, &fields, &control);
    control
}

/// Reads where a control does not apply, and why.
fn applies(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    audit: Option<&Audit>,
    components: &Components,
) -> Option<Applies> {
    let entry = fields.get("applies")?;
    let within =
        reader.fields("\"applies\"", entry.key.span, &entry.value, &["not_on", "if", "even_if_set", "because"]);
    let condition = within.get("if").and_then(|condition| match audit {
        Some(Audit::Settings { component }) => {
            if mentions_any(&condition.value) {
                reader.refuse(condition.value.span, misplaced("a part of \"if\"").hint("write the value out"));
            }
            let owner = components.with_process(component).ok().flatten();
            of_settings(reader, condition.key.span, &condition.value, Of::Component(owner), components)
        }
        _ => {
            let problem = Problem::new("contradiction", "\"if\" without an audit of settings")
                .hint("leave it out, or look at the settings of the component");
            reader.refuse(condition.key.span, problem);
            None
        }
    });
    // Without platforms, only the condition decides.
    if within.get("if").is_none() {
        within.required(reader, "not_on");
    }
    let not_on = platforms(reader, &within, "not_on");
    without_templates(reader, "because", within.value("because"));
    let even_if_set = within.boolean(reader, "even_if_set", false);
    let because = within.text(reader, "because")?;
    Some(Applies { not_on, condition, even_if_set, because })
}

/// Reads how cluster objects judge a control that is otherwise left to manual review.
fn objects(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Objects> {
    let entry = fields.get("objects")?;
    if fields.get("review").is_none() {
        fields.lacks(reader, "review");
    }
    let within = reader.fields("\"objects\"", entry.key.span, &entry.value, &["predicate", "expect"]);
    let (predicate, expected) = judged_by(reader, &within, &PREDICATES)?;
    Some(Objects { predicate, expected })
}

/// Reads how AWS evidence judges a control that is otherwise left to manual review.
fn aws(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Aws> {
    const MATCHING: [(&str, Matching); 4] =
        [("either", Matching::Either), ("all", Matching::All), ("any", Matching::Any), ("aws", Matching::Aws)];
    let entry = fields.get("aws")?;
    if fields.get("review").is_none() {
        fields.lacks(reader, "review");
    }
    let within = reader.fields("\"aws\"", entry.key.span, &entry.value, &["predicate", "expect", "match"]);
    let matching = match within.get("match") {
        None => Matching::Either,
        Some(given) => {
            if fields.get("objects").is_none() {
                let problem = Problem::new("contradiction", "\"match\" without \"objects\"")
                    .hint("leave it out, or set the objects that decide the control, too");
                reader.refuse(given.key.span, problem);
            }
            let word = within.text(reader, "match")?;
            let found = MATCHING.iter().find(|(name, _)| *name == word);
            if found.is_none() {
                let known = MATCHING.map(|(name, _)| name);
                reader.refuse(given.value.span, Problem::unknown("unknown-word", "way to match", &word, known));
            }
            found?.1
        }
    };
    let (predicate, expected) = judged_by(reader, &within, &AWS_PREDICATES)?;
    Some(Aws { predicate, expected, matching })
}

/// Reads a predicate and the text of what it requires.
fn judged_by(reader: &mut Reader<'_>, within: &Fields<'_>, known: &[&str]) -> Option<(SharedText, SharedText)> {
    without_templates(reader, "expect", within.value("expect"));
    let expected = within.text(reader, "expect");
    let predicate = within.text(reader, "predicate")?;
    if let Some(node) = within.value("predicate")
        && !known.contains(&predicate.as_str())
    {
        let problem = Problem::unknown("unknown-predicate", "predicate", &predicate, known.iter().copied());
        reader.refuse(node.span, problem);
    }
    Some((predicate, expected?.trim_end().into()))
}

/// Reads the flags shown to a reviewer.
fn shows(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Expectation> {
    fields.get("show")?;
    let shown = fields.flags(reader, "show").into_iter().map(|flag| {
        let setting = Setting::of_flag(flag);
        Expectation::Setting(SettingCondition { setting, comparisons: Vec::new(), unset: Value::Null })
    });
    Some(Expectation::All(shown.collect()))
}

/// Checks that a control is either judged, by `audit` and `expect`, or reviewed, optionally with settings to show.
fn check_parts(reader: &mut Reader<'_>, fields: &Fields<'_>) {
    if let Some(show) = fields.get("show") {
        match (fields.get("review"), fields.get("audit").map(|audit| Reader::value_within(&audit.value, "settings"))) {
            (None, _) => fields.lacks(reader, "review"),
            (Some(_), None) => fields.lacks(reader, "audit"),
            (Some(_), Some(None)) => {
                let problem = Problem::new("contradiction", "\"show\" without an audit of settings")
                    .hint("leave it out, or look at the settings of a component");
                reader.refuse(show.key.span, problem);
            }
            (Some(_), Some(Some(_))) => {}
        }
    }
    match (fields.get("audit"), fields.get("expect"), fields.get("review")) {
        (None, None, None) => fields.lacks_all(reader, &["audit", "review"]),
        (None, Some(_), None) => fields.lacks(reader, "audit"),
        (Some(_), None, None) => fields.lacks(reader, "expect"),
        (audit, expect, Some(_)) => {
            let audit = audit.filter(|_| fields.get("show").is_none());
            for entry in [audit, expect].into_iter().flatten() {
                let message = format!("{:?} beside \"review\"", entry.key.text);
                let hint = "leave out \"review\", or what the program would evaluate";
                reader.refuse(entry.key.span, Problem::new("contradiction", message).hint(hint));
            }
        }
        (Some(_), Some(_), None) => {}
    }
}

fn parameters(reader: &mut Reader<'_>, fields: &Fields<'_>, components: &Components) -> BTreeMap<SharedText, Value> {
    let Some(node) = fields.value("parameters") else { return BTreeMap::new() };
    let mut parameters = BTreeMap::new();
    for entry in reader.entries("\"parameters\"", node) {
        if reader.name("parameter", &entry.key) && components.known.contains_key(entry.key.text.as_str()) {
            let problem = Problem::new("bad-name", format!("{:?} is the name of a component", entry.key.text))
                .hint("give the parameter another name");
            reader.refuse(entry.key.span, problem);
        }
        let default = match value(reader, &format!("{:?}", entry.key.text), &entry.value) {
            Some(Value::Parameter(_)) => {
                reader.refuse(entry.value.span, misplaced("the value of a parameter"));
                Value::Null
            }
            found => found.unwrap_or(Value::Null),
        };
        parameters.insert(entry.key.to_shared(), default);
    }
    parameters
}

/// The kinds of audit, of which a control has exactly one.
const WAYS: [&str; 3] = ["settings", "unit", "files"];

fn audit(reader: &mut Reader<'_>, fields: &Fields<'_>, components: &Components) -> Option<Audit> {
    let entry = fields.get("audit")?;
    let known = ["settings", "unit", "files", "below", "directories", "holding"];
    let within = reader.fields("\"audit\"", entry.key.span, &entry.value, &known);
    let Some(way) = WAYS.into_iter().find(|way| within.get(way).is_some()) else {
        if !within.in_doubt() {
            let problem = Problem::new("missing-key", "\"audit\" lacks \"settings\", \"unit\" or \"files\"");
            reader.refuse(entry.key.span, problem);
        }
        return None;
    };
    let of_files = ["below", "directories", "holding"].into_iter().filter(|_| way != "files");
    for unfit in WAYS.into_iter().filter(|other| *other != way).chain(of_files).filter_map(|name| within.get(name)) {
        let problem = Problem::new("contradiction", format!("{:?} beside {way:?}", unfit.key.text))
            .hint("look at settings, at a unit or at files");
        reader.refuse(unfit.key.span, problem);
    }
    let looked_at = within.get(way)?;
    if way == "files" {
        let places = places(reader, &looked_at.value, components);
        let below = within.value("below").and_then(|node| reader.glob("\"below\"", node));
        if let (Some(directories), None) = (within.get("directories"), within.get("below")) {
            let problem = Problem::new("missing-key", "\"directories\" without \"below\"")
                .hint("give the names of the files below the directory");
            reader.refuse(directories.key.span, problem);
        }
        let directories = within.boolean(reader, "directories", false);
        let words = [("keys", Holding::Keys), ("certificates", Holding::Certificates)];
        let holding = within.value("holding").and_then(|node| reader.word("\"holding\"", node, &words));
        if let (Some(below), Some(holding)) = (within.get("below"), within.get("holding")) {
            let message = format!("{:?} beside {:?}", holding.key.text, below.key.text);
            reader.refuse(holding.key.span, Problem::new("contradiction", message).hint("give one of them"));
        }
        return Some(Audit::Files { places, below, directories, holding });
    }
    let component = reader.text(&format!("{way:?}"), &looked_at.value)?;
    let found = components.with_process(&component);
    if let Some(Some(found)) = reader.keep(looked_at.value.span, found)
        && !components.unreadable
    {
        if found.executables.is_empty() {
            let problem = Problem::new("no-process", format!("{:?} has no process", found.key))
                .hint("give the component executables, or look at files");
            reader.refuse(looked_at.value.span, problem);
        } else if way == "unit" && found.unit.is_none() {
            reader.refuse(looked_at.value.span, without_unit(found));
        }
    }
    Some(if way == "unit" { Audit::Unit { component } } else { Audit::Settings { component } })
}

/// Returns the problem of an audited component without a unit.
fn without_unit(component: &Component) -> Problem {
    Problem::new("no-unit", format!("{:?} has no systemd unit", component.key))
        .hint("give the component a \"unit\", or look at settings or files")
}

fn places(reader: &mut Reader<'_>, node: &Node, components: &Components) -> Vec<PlaceName> {
    let texts = if matches!(node.content, Content::Sequence(_)) {
        reader.texts("\"files\"", node).unwrap_or_default()
    } else {
        reader.text("\"files\"", node).into_iter().collect()
    };
    texts.iter().filter_map(|text| reader.keep(item_span(node, text), components.place(text))).collect()
}

fn background(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Background {
    let rationale = fields.text(reader, "rationale").unwrap_or_default();
    let references = fields.texts(reader, "references");
    if let Some(node) = fields.value("references") {
        for text in references.iter().filter(|text| !text.starts_with("https://") || text.contains(' ')) {
            let problem = Problem::new("bad-reference", format!("{text:?} is not the address of a page"))
                .hint("give an address that begins with https://");
            reader.refuse(item_span(node, text), problem);
        }
    }
    Background { rationale, references }
}

/// Checks that every `{{…}}` in the title and the remediation is a parameter, a place or, in a remediation, a snippet.
fn check_texts(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    control: &Control,
    components: &Components,
    snippets: &Snippets,
) {
    if let Some(node) = fields.value("title")
        && control.title.contains('\n')
    {
        let problem = Problem::new("wrong-value", "\"title\" must be one line").hint("leave the rest to \"rationale\"");
        reader.refuse(node.span, problem);
    }
    let remediations = fields.value("remediation").map(nodes).unwrap_or_default();
    for node in fields.value("title").into_iter().chain(remediations) {
        let Content::Scalar { text, .. } = &node.content else { continue };
        let Some(found) = reader.keep(node.span, placeholders(text)) else { continue };
        for placeholder in found {
            let result = match &placeholder {
                Placeholder::Parameter(name) if control.parameters.contains_key(name) => Ok(()),
                Placeholder::Parameter(name) => Err(unknown_parameter(control, name)),
                Placeholder::Place(place) => {
                    components.place(&format!("{}.{}", place.component, place.place)).map(|_| ())
                }
                Placeholder::Snippet(_) if text.trim() == control.title => {
                    Err(misplaced("a part of \"title\"").hint("snippets are for remediations: write it out"))
                }
                Placeholder::Snippet(name) => snippets.find(name),
            };
            if let Err(problem) = result {
                let span = reader.span_of(node, &placeholder.to_string());
                reader.refuse(span, problem);
            }
        }
    }
}

fn unknown_parameter(control: &Control, name: &str) -> Problem {
    let known = control.parameters.keys().map(SharedText::as_str);
    let mut problem = Problem::unknown("unknown-parameter", "parameter", name, known);
    problem.hint = problem.hint.or_else(|| Some("declare it under \"parameters\"".to_owned()));
    problem
}

/// Checks that parameters are used and that their defaults fit, and that every parameter used is declared.
fn check_parameters(reader: &mut Reader<'_>, fields: &Fields<'_>, control: &Control) {
    let uses = uses(control);
    if let Some(node) = fields.value("expect") {
        check_operands(reader, node, control);
    }
    let Some(node) = fields.value("parameters") else { return };
    let Content::Mapping(entries) = &node.content else { return };
    let given = control.parameters.iter().filter(|(_, value)| **value != Value::Null);
    let given: BTreeMap<SharedText, Value> = sorting::map(given.map(|(name, value)| (name.clone(), value.clone())));
    let misfits = misfits(control, &given, true);
    for entry in entries {
        let name = entry.key.text.as_str();
        if let Some(misfit) = misfits.iter().find(|misfit| misfit.parameter == name) {
            reader.refuse(entry.value.span, misfit.problem.clone());
        }
        // An unreadable use still counts as a use.
        let mentioned = uses.iter().any(|(used, _)| used == name)
            || fields.value("expect").is_some_and(|expect| mentions(expect, name));
        if !mentioned {
            let problem = Problem::new("unused-parameter", format!("nothing refers to the parameter {name:?}"))
                .hint(format!("use it as \"{{{{{name}}}}}\", or leave it out"));
            reader.refuse(entry.key.span, problem);
        }
    }
}

/// Refuses `"{{name}}"` without such a parameter.
fn check_operands(reader: &mut Reader<'_>, node: &Node, control: &Control) {
    match &node.content {
        Content::Sequence(items) => items.iter().for_each(|item| check_operands(reader, item, control)),
        Content::Mapping(entries) => entries.iter().for_each(|entry| check_operands(reader, &entry.value, control)),
        Content::Scalar { text, .. } => {
            let name = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
            if let Some(name) = name
                && !control.parameters.contains_key(name)
            {
                reader.refuse(node.span, unknown_parameter(control, name));
            }
        }
    }
}

fn mentions(node: &Node, name: &str) -> bool {
    contains(node, &format!("{{{{{name}}}}}"))
}

/// Whether a node contains any parameter.
fn mentions_any(node: &Node) -> bool {
    contains(node, "{{")
}

fn contains(node: &Node, wanted: &str) -> bool {
    match &node.content {
        Content::Sequence(items) => items.iter().any(|item| contains(item, wanted)),
        Content::Mapping(entries) => entries.iter().any(|entry| contains(&entry.value, wanted)),
        Content::Scalar { text, .. } => text.contains(wanted),
    }
}

/// Returns the first broken reference of a control that was valid before a component was replaced.
pub(super) fn broken_reference(control: &Control, components: &Components) -> Option<Problem> {
    let mut places: Vec<PlaceName> = Vec::new();
    for text in control.texts() {
        places.extend(placeholders(text).unwrap_or_default().into_iter().filter_map(|found| match found {
            Placeholder::Place(name) => Some(name),
            Placeholder::Parameter(_) | Placeholder::Snippet(_) => None,
        }));
    }
    if let Audit::Files { places: audited, .. } = &control.audit {
        places.extend(audited.iter().cloned());
    }
    places
        .iter()
        .find_map(|name| components.place(&format!("{}.{}", name.component, name.place)).err())
        .or_else(|| components_of(control).iter().find_map(|key| components.with_process(key).err()))
        .or_else(|| match &control.audit {
            Audit::Unit { component } => {
                components.with_process(component).ok().flatten().filter(|found| found.unit.is_none()).map(without_unit)
            }
            _ => None,
        })
}

/// Returns the components that a control refers to.
pub(super) fn components_of(control: &Control) -> Vec<SharedText> {
    let mut found = Vec::new();
    match &control.audit {
        Audit::Settings { component } | Audit::Unit { component } => found.push(component.clone()),
        Audit::Files { places, .. } => found.extend(places.iter().map(|place| place.component.clone())),
        Audit::Review => {}
    }
    for text in control.texts() {
        for placeholder in placeholders(text).unwrap_or_default() {
            if let Placeholder::Place(PlaceName { component, .. }) = placeholder {
                found.push(component);
            }
        }
    }
    for Comparison { operator, operand } in control.settings().flat_map(|setting| &setting.comparisons) {
        if let (Operator::DiffersFrom, Value::Text(text)) = (operator, operand)
            && let Some((component, _)) = differs_from(text)
        {
            found.push(component.into());
        }
    }
    found
}
