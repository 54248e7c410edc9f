//! Explanations in Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use handlebars::Handlebars;
use kube_assay::explanation::{Explanation, Number};
use kube_assay::report::wrap::{VERBATIM, wrapped};
use serde_json::{Value as Json, json};

const WIDTH: usize = 120;
const NOTE: &str =
    "<!-- Written from benchmarks/ by `KUBE_ASSAY_BLESS=1 cargo test --test program docs::`: edits here are lost. -->";

/// The benchmarks whose numbers the index shows.
const SHOWN: [&str; 2] = ["cis-2.0", "eks-1.8.0"];

/// Returns the page for a file of controls.
pub(crate) fn page(file: &str, component: Option<&str>, controls: &[Explanation]) -> String {
    let introduction = "Paths are the usual ones, all of which `kube-assay explain` lists; a report names those that were \
                        found on the node. All controls are in [the index](README.md).";
    let controls: Vec<String> = controls.iter().map(|told| control(told).trim_end().to_owned()).collect();
    filled(
        include_str!("page.md.hbs"),
        &json!({
            "note": NOTE,
            "file": file,
            "component": component,
            "introduction": wrapped(introduction, WIDTH).join("\n"),
            "controls": controls,
        }),
    )
}

/// Returns the index of all pages.
pub(crate) fn index(by_file: &BTreeMap<&str, Vec<Explanation>>) -> String {
    let count: usize = by_file.values().map(Vec::len).sum();
    let introduction = format!(
        "All {count} controls, with their numbers in the newest benchmarks. `kube-assay explain CONTROL` prints the same \
         as the pages, and `kube-assay list controls` the numbers in every benchmark."
    );
    let numbers = |told: &Explanation, name: &str| {
        let ids = told.numbers.iter().filter(|number| number.benchmark == name);
        let ids: Vec<&str> = ids.map(|number| number.id.as_str()).collect();
        if ids.is_empty() { "–".to_owned() } else { ids.join(", ") }
    };
    let row = |told: &Explanation| {
        json!({
            "key": told.key,
            "anchor": anchor(&told.key),
            "title": escaped(&told.title),
            "numbers": SHOWN.map(|name| numbers(told, name)),
        })
    };
    let files: Vec<Json> = by_file
        .iter()
        .map(|(file, controls)| json!({ "name": file, "controls": controls.iter().map(row).collect::<Vec<_>>() }))
        .collect();
    filled(
        include_str!("index.md.hbs"),
        &json!({
            "note": NOTE,
            "introduction": wrapped(&introduction, WIDTH).join("\n"),
            "shown": SHOWN,
            "files": files,
        }),
    )
}

fn filled(template: &str, values: &Json) -> String {
    let mut engine = Handlebars::new();
    engine.register_escape_fn(handlebars::no_escape);
    engine.set_strict_mode(true);
    engine.render_template(template, values).expect("the template is ours, and gets all that it names")
}

/// Returns the anchor that Git hosts generate for a heading: lowercase, dashes for spaces, no punctuation.
pub(crate) fn anchor(head: &str) -> String {
    head.to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Returns the section for a control.
fn control(told: &Explanation) -> String {
    let mut section = format!("## {}\n\n", told.key);
    let text = &mut section;
    paragraph(text, &format!("**{}.** {}", escaped(&told.title), escaped(&told.rationale)));
    titled(text, "Severity", told.severity);
    if let Some(looked_at) = &told.looked_at_in_short {
        titled(text, "Checks", looked_at);
    }
    if let Some(exempt) = &told.exempt {
        titled(text, "Not applicable", &format!("{}: {}", exempt.platforms, exempt.because));
    }
    if let Some(review) = &told.review {
        instructions(text, "Review", review);
    }
    if let Some(expected) = &told.expected_of_objects {
        titled(text, "Expected of the cluster's objects", expected);
    }
    if let Some(expected) = &told.expected_of_aws {
        titled(text, "Expected of AWS", expected);
    }
    match told.expected.as_slice() {
        [] => {}
        [expected] => titled(text, "Expected", &expected.words),
        several => {
            text.push_str("\n**Expected:**\n\n");
            for expected in several {
                item(text, &format!("{} ({})", escaped(&expected.words), names(&expected.benchmarks)));
            }
        }
    }
    if !told.accepted.is_empty() {
        text.push_str("\n**Accepted:**\n\n| value | by |\n|---|---|\n");
        for accepted in &told.accepted {
            let _ = writeln!(text, "| {} | {} |", escaped(&accepted.item), names(&accepted.benchmarks));
        }
    }
    match told.defaults.as_slice() {
        [] => {}
        defaults => {
            let defaults: Vec<String> =
                defaults.iter().map(|default| format!("{}: {}", default.flag, default.meaning)).collect();
            titled(text, "Default", &defaults.join("; "));
        }
    }
    instructions(text, "Remediation", &told.remediation);
    for other in &told.on_platforms {
        instructions(text, &format!("Remediation on {}", other.platforms), &other.text);
    }
    if !told.numbers.is_empty() {
        text.push_str(
            "\n**Numbers:**\n\n| benchmark | number | target | level | assessment | scored |\n|---|---|---|---|---|---|\n",
        );
        told.numbers.iter().for_each(|number| row(text, number));
    }
    if !told.references.is_empty() {
        text.push_str("\n**References:**\n\n");
        told.references.iter().for_each(|reference| item(text, &format!("<{reference}>")));
    }
    section
}

/// Joins names of benchmarks, with a shared prefix written once: `cis-1.5, 1.6; eks-1.8.0`.
fn names(benchmarks: &[String]) -> String {
    let mut text = String::new();
    let mut family = "";
    for name in benchmarks {
        match name.split_once('-') {
            Some((first, edition)) if first == family && edition.starts_with(|c: char| c.is_ascii_digit()) => {
                let _ = write!(text, ", {edition}");
            }
            _ => {
                let _ = write!(text, "{}{name}", if text.is_empty() { "" } else { "; " });
                family = name.split_once('-').map_or("", |(first, _)| first);
            }
        }
    }
    text
}

fn row(text: &mut String, number: &Number) {
    let Number { benchmark, target, level, assessment, scored, source, .. } = number;
    let level = level.map_or_else(|| "–".to_owned(), |level| level.to_string());
    let scored = if *scored { "yes" } else { "no" };
    let _ = writeln!(text, "| {benchmark} | {} | {target} | {level} | {assessment} | {scored} |", escaped(source));
}

/// Appends a paragraph that begins with its title.
fn titled(text: &mut String, title: &str, body: &str) {
    text.push('\n');
    paragraph(text, &format!("**{title}:** {}", escaped(body)));
}

/// Appends paragraphs, the first of which begins with the title; text to copy becomes code.
fn instructions(text: &mut String, title: &str, body: &str) {
    let mut is_code = false;
    for (number, line) in body.lines().enumerate() {
        let command = line.strip_prefix(VERBATIM);
        if command.is_some() != is_code {
            is_code = !is_code;
            text.push_str(if is_code { "\n```\n" } else { "```\n" });
        }
        match command {
            Some(command) => {
                let _ = writeln!(text, "{command}");
            }
            None if number == 0 => titled(text, title, line),
            None => {
                text.push('\n');
                paragraph(text, &escaped(line));
            }
        }
    }
    if is_code {
        text.push_str("```\n");
    }
}

fn paragraph(text: &mut String, body: &str) {
    for line in wrapped(body, WIDTH) {
        let _ = writeln!(text, "{}", inert(&line));
    }
}

fn item(text: &mut String, body: &str) {
    for (number, line) in wrapped(body, WIDTH - 2).iter().enumerate() {
        let _ = writeln!(text, "{}{}", if number == 0 { "- " } else { "  " }, inert(line));
    }
}

/// Escapes all Markdown syntax in a text.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // Inside a word an underscore has no special meaning, and names of settings often contain one.
        let inside = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        if matches!(c, '*' | '`' | '<' | '>' | '|' | '[' | ']' | '\\' | '{' | '}') || c == '_' && !inside {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    escaped
}

/// Escapes a line that would begin a list, heading or quotation.
fn inert(line: &str) -> String {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let rest = &line[digits..];
    if digits > 0 && (rest.starts_with(". ") || rest.starts_with(") ") || rest == "." || rest == ")") {
        return format!("{}\\{rest}", &line[..digits]);
    }
    let first = line.split(' ').next().unwrap_or_default();
    let begins =
        matches!(first, "-" | "+") || (!first.is_empty() && first.chars().all(|c| matches!(c, '#' | '=' | '-')));
    if begins { format!("\\{line}") } else { line.to_owned() }
}

#[test]
fn markdown_sees_nothing_but_text() {
    let table = [
        ("a *.key below <pki.directory>", "a \\*.key below \\<pki.directory\\>"),
        ("TLS_RSA|x _so_", "TLS_RSA\\|x \\_so\\_"),
        ("--profiling", "--profiling"),
    ];
    for (text, expected) in table {
        assert_eq!(escaped(text), expected);
    }
    for (line, expected) in [
        ("- a", "\\- a"),
        ("--a b", "--a b"),
        ("---", "\\---"),
        ("1. a", "1\\. a"),
        ("1.2.6 a", "1.2.6 a"),
        ("# a", "\\# a"),
    ] {
        assert_eq!(inert(line), expected);
    }
    let benchmarks = ["cis-1.5", "cis-1.6", "eks-1.7.0", "eks-1.8.0", "eks-stig-kubernetes-v1r6", "house"];
    let said = "cis-1.5, 1.6; eks-1.7.0, 1.8.0; eks-stig-kubernetes-v1r6; house";
    assert_eq!(names(&benchmarks.map(str::to_owned)), said);
    assert_eq!(anchor("apiserver/anonymous-auth"), "apiserveranonymous-auth");
}
