//! Writes converted definitions as readable YAML.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::index::Index;
use super::{Content, Entry, OwnControl};
use definitions::SharedText;
use definitions::benchmark::Look;
use definitions::benchmark::{
    Assessment, Audit, Benchmark, Comparison, Component, Expectation, FileCondition, Follow, Missing, Operator, Place,
    Setting, SettingCondition, ShownBy, Take, Value,
};

/// Appends a line; writing to a `String` cannot fail.
macro_rules! line {
    ($text:expr, $($argument:tt)*) => {{
        let _ = writeln!($text, $($argument)*);
    }};
}

/// The benchmark's file. If a benchmark of that name exists, the versions and platforms it is selected for are kept.
pub(super) fn benchmark(source: &str, name: &str, index: &Index, known: Option<&Benchmark>) -> String {
    let mut text = format!(
        "# The benchmark {name} of the rule files in {}, converted.\n# Run it with: --benchmarks-dir . --benchmark {name}\n",
        in_comment(source)
    );
    line!(text, "title: {}", scalar(&format!("{name}, converted from rule files")));
    if let Some(known) = known {
        if let Some(range) = known.kubernetes {
            line!(text, "kubernetes: {{ from: \"{}\", to: \"{}\" }}", range.from, range.to);
        }
        if !known.platforms.is_empty() {
            let platforms: Vec<&str> = known.platforms.iter().map(|platform| platform.name()).collect();
            line!(text, "platforms: [{}]", platforms.join(", "));
        }
    }
    line!(text, "targets:");
    for (target, section) in index.sections() {
        line!(text, "  {target}:");
        line!(text, "    id: {}", quoted(&section.id));
        line!(text, "    title: {}", scalar(&section.title));
        line!(text, "    groups:");
        for (group, checks) in section.groups() {
            line!(text, "      {}:", quoted(&group.id));
            line!(text, "        title: {}", scalar(&group.title));
            line!(text, "        checks:");
            for (number, entry) in checks {
                check(&mut text, &number, entry);
            }
        }
    }
    text
}

fn check(text: &mut String, number: &str, entry: &Entry) {
    let assessment = match entry.assessment {
        Assessment::Automated => "automated",
        Assessment::Manual => "manual",
    };
    let parameters: Vec<String> =
        entry.with.iter().map(|(name, value)| format!("{name}: {}", in_flow(value))).collect();
    let with = if parameters.is_empty() { String::new() } else { format!(" with: {{ {} }},", parameters.join(", ")) };
    line!(
        text,
        "          {}: {{ control: {},{with} scored: {}, assessment: {assessment} }}",
        quoted(number),
        entry.control,
        entry.scored
    );
}

/// The file of the benchmark's own controls.
pub(super) fn controls(source: &str, controls: &BTreeMap<String, OwnControl>) -> String {
    let mut text = format!(
        "# Controls that only the rule files in {} have, in their words.\n# Rule files have neither level nor severity: set both.\n",
        in_comment(source)
    );
    for (name, control) in controls {
        line!(text, "\n{name}:");
        line!(text, "  title: {}", scalar(&control.title));
        line!(text, "  level: 1\n  severity: medium");
        line!(text, "  rationale: {}", scalar(&control.rationale));
        match &control.content {
            Content::Review(review) => line!(text, "  review: {}", prose(review)),
            Content::Judged(candidate) => {
                line!(text, "  audit: {}", audit(&candidate.audit));
                expectation(&mut text, &candidate.expect);
            }
        }
        line!(text, "  remediation: {}", prose(&control.remediation));
    }
    text
}

/// The file of the places that only these rule files define.
pub(super) fn components(source: &str, components: &BTreeMap<SharedText, Component>) -> String {
    let mut text = format!("# Further locations that the rule files in {} use.\n", in_comment(source));
    for (key, component) in components {
        line!(text, "\n{key}:");
        line!(text, "  name: {}", scalar(&component.name));
        if let Some(whole) = &component.part_of {
            line!(text, "  part_of: {whole}");
        }
        line!(text, "  places:");
        for (name, place) in &component.places {
            line!(text, "    {name}:");
            self::place(&mut text, place);
        }
    }
    text
}

fn place(text: &mut String, place: &Place) {
    if place.static_pod {
        line!(text, "      static_pod: true");
    }
    match place.shown_by {
        Some(ShownBy::Service) => line!(text, "      shown_by: service"),
        Some(ShownBy::Runtimes) => line!(text, "      shown_by: runtimes"),
        Some(ShownBy::Arguments) => line!(text, "      shown_by: arguments"),
        None => {}
    }
    if !place.arguments.is_empty() {
        line!(text, "      arguments:");
        for path in &place.arguments {
            line!(text, "        - {}", scalar(path));
        }
    }
    if !place.follow.is_empty() {
        line!(text, "      follow:");
        for follow in &place.follow {
            line!(text, "        - {{ {} }}", follow_parts(follow).join(", "));
        }
    }
    if !place.candidates.is_empty() {
        line!(text, "      candidates:");
        for candidate in &place.candidates {
            line!(text, "        - {}", scalar(candidate));
        }
    }
    if place.take == Take::Every {
        line!(text, "      take: every");
    }
    if place.needs_component {
        line!(text, "      needs_component: true");
    }
}

fn follow_parts(follow: &Follow) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend(follow.flag.as_ref().map(|flag| format!("flag: {}", scalar(flag))));
    parts.extend(follow.key.as_ref().map(|key| format!("key: {}", quoted_unless_plain(key))));
    parts.extend(follow.of.as_ref().map(|of| format!("of: {of}")));
    parts.extend(follow.unless.as_ref().map(|unless| format!("unless: {}", quoted(unless))));
    parts.extend(follow.part.map(|part| format!("part: {}", if part == 1 { "first" } else { "second" })));
    parts.extend(follow.unset.as_ref().map(|unset| format!("unset: {}", quoted(unset))));
    parts.extend(follow.parent.then(|| "parent: true".to_owned()));
    parts.extend(follow.beside.as_ref().map(|beside| format!("beside: {}", quoted(beside))));
    parts.extend(follow.glob.as_ref().map(|glob| format!("glob: {}", quoted(glob))));
    parts
}

fn audit(audit: &Audit) -> String {
    match audit {
        Audit::Settings { component } => format!("{{ settings: {component} }}"),
        Audit::Unit { component } => format!("{{ unit: {component} }}"),
        Audit::Files { places, below, directories, .. } => {
            let names: Vec<String> = places.iter().map(|name| format!("{}.{}", name.component, name.place)).collect();
            let names = match names.as_slice() {
                [one] => one.clone(),
                several => format!("[{}]", several.join(", ")),
            };
            let below = below.as_ref().map_or_else(String::new, |below| format!(", below: {}", quoted(below)));
            let directories = if *directories { ", directories: true" } else { "" };
            format!("{{ files: {names}{below}{directories} }}")
        }
        // Unreachable: a control with an expectation never has a review audit.
        Audit::Review => "{}".to_owned(),
    }
}

fn expectation(text: &mut String, expectation: &Expectation) {
    match expectation {
        Expectation::All(parts) | Expectation::Any(parts) => {
            line!(text, "  expect:");
            combined(text, expectation, parts, 4);
        }
        single => line!(text, "  expect: {}", in_one_line(single)),
    }
}

fn combined(text: &mut String, whole: &Expectation, parts: &[Expectation], indent: usize) {
    let word = if matches!(whole, Expectation::All(_)) { "all" } else { "any" };
    line!(text, "{:indent$}{word}:", "");
    for part in parts {
        line!(text, "{:indent$}  - {}", "", in_one_line(part));
    }
}

fn in_one_line(expectation: &Expectation) -> String {
    match expectation {
        Expectation::All(parts) | Expectation::Any(parts) => {
            let word = if matches!(expectation, Expectation::All(_)) { "all" } else { "any" };
            format!("{{ {word}: [{}] }}", parts.iter().map(in_one_line).collect::<Vec<_>>().join(", "))
        }
        Expectation::Setting(condition) => setting(condition),
        Expectation::File(condition) => file(condition),
    }
}

fn setting(condition: &SettingCondition) -> String {
    let Setting { flag, key, entry, file } = &condition.setting;
    let mut parts = Vec::new();
    parts.extend(flag.as_ref().map(|flag| format!("flag: {}", scalar(flag))));
    parts.extend(key.as_ref().map(|key| format!("key: {}", quoted_unless_plain(key))));
    parts.extend(entry.as_ref().map(|entry| format!("entry: {}", quoted_unless_plain(entry))));
    parts.extend(file.as_ref().map(|file| {
        format!("file: {{ named_by: {}, key: {} }}", scalar(&file.named_by), quoted_unless_plain(&file.key))
    }));
    let mut presence = false;
    for Comparison { operator, operand } in &condition.comparisons {
        presence |= *operator == Operator::Set;
        parts.push(format!("{}: {}", operator_name(*operator), in_flow(operand)));
    }
    if !presence {
        parts.push(format!("unset: {}", condition.unset));
    }
    format!("{{ {} }}", parts.join(", "))
}

const fn operator_name(operator: Operator) -> &'static str {
    match operator {
        Operator::Is => "is",
        Operator::IsNot => "is_not",
        Operator::AtLeast => "at_least",
        Operator::AtMost => "at_most",
        Operator::Includes => "includes",
        Operator::Excludes => "excludes",
        Operator::Only => "only",
        Operator::Host => "host",
        Operator::Set => "set",
        Operator::DiffersFrom => "differs_from",
    }
}

fn file(condition: &FileCondition) -> String {
    let mut parts = Vec::new();
    parts.extend(condition.mode.as_ref().map(|mode| format!("mode: {}", quoted(&mode.to_string()))));
    parts.extend(condition.owner.as_ref().map(|owner| format!("owner: {}", quoted(&owner.to_string()))));
    parts.push(match condition.missing {
        Missing::Fail => "missing: fail".to_owned(),
        Missing::NotApplicable => "missing: not-applicable".to_owned(),
        Missing::Pass => "file: { absent: true }".to_owned(),
    });
    format!("{{ {} }}", parts.join(", "))
}

/// A value within `{…}`.
fn in_flow(value: &Value) -> String {
    match value {
        Value::Null => "~".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => quoted_unless_plain(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted_unless_plain(item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Parameter(name) => format!("\"{{{{{name}}}}}\""),
    }
}

/// A text on one line, unquoted if no YAML reader would take it for another type.
fn scalar(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | ' ' | '(' | ')' | '\'');
    let beginning = text.strip_prefix("--").unwrap_or(text);
    let plain = beginning.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
        && text.chars().all(|c| word(c) || c == ',')
        && text.trim() == text
        && Look::of(text) == Look::Text;
    if plain { text.to_owned() } else { quoted(text) }
}

/// The same within `{…}`, where a comma ends a value.
fn quoted_unless_plain(text: &str) -> String {
    if text.contains([',', ' ']) { quoted(text) } else { scalar(text) }
}

/// A text in double quotes.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text of several lines, as a block scalar.
fn prose(text: &str) -> String {
    let text = text.trim_matches('\n').trim_end();
    let odd = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{feff}');
    if !text.contains('\n') || text.chars().any(odd) {
        return scalar(text);
    }
    // The indentation is explicit, since it could not be inferred if the first line is indented.
    let mut block = String::from("|2-");
    for line in text.lines() {
        block.push('\n');
        if !line.trim().is_empty() {
            let _ = write!(block, "    {line}");
        }
    }
    block
}

/// A text without control characters, so that it cannot end a comment.
fn in_comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
