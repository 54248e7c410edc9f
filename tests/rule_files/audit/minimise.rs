//! Minimizes the fuzz corpus: keeps as few inputs as possible that together still show all behaviour.
//!
//! Inputs are distinguished by their outcome (which error, which commands, which end, how much output) and by the pairs
//! of adjacent tokens in them (keyword, operator, option), which indicate the paths through the parser.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use audit_shell::{Limits, commands, interpret, is_interpreted};
use kube_assay::kube_bench::{Directory, lint};
use kube_assay::node::Recorded;

use crate::files::{listed, node};
use crate::fuzzed;

/// The most inputs kept for each target, preferring those that add the most: 400 in total.
const MOST: [(&str, usize); 12] = [
    ("accounts", 15),
    ("audit_interpreter", 130),
    ("audit_parser", 40),
    ("cgroups", 15),
    ("configurations", 40),
    ("manifests", 20),
    ("masking", 20),
    ("recordings", 20),
    ("reports", 15),
    ("rule_files", 50),
    ("toml", 15),
    ("units", 20),
];

/// A property, which returns a description of the outcome.
type Property = fn(&[u8]) -> String;

/// The properties of the targets.
const PROPERTIES: [(&str, Property); 8] = [
    ("accounts", fuzzed::accounts::hold),
    ("cgroups", fuzzed::cgroups::hold),
    ("configurations", fuzzed::configurations::hold),
    ("manifests", fuzzed::manifests::hold),
    ("masking", fuzzed::masking::hold),
    ("recordings", fuzzed::recordings::hold),
    ("toml", fuzzed::toml::hold),
    ("units", fuzzed::units::hold),
];

const LIMITS: Limits = Limits { steps: 20_000, output: 256 << 10, depth: 32 };

/// Removes what varies from a message: numbers and quoted text.
fn plain(message: &str) -> String {
    let unquoted = message.split(['"', '`', '\'']).step_by(2).collect::<String>();
    unquoted.chars().filter(|c| !c.is_ascii_digit()).take(120).collect()
}

/// Describes a number roughly.
const fn about(count: usize) -> &'static str {
    match count {
        0 => "none",
        1 => "one",
        2..10 => "some",
        _ => "many",
    }
}

/// Splits a text into the tokens that a parser distinguishes.
fn pieces(text: &str) -> Vec<String> {
    const WORDS: [&str; 24] = [
        "if", "then", "else", "elif", "fi", "for", "in", "do", "done", "while", "until", "case", "esac", "read",
        "true", "false", "null", "yes", "no", "audit", "tests", "op", "set", "compare",
    ];
    let mut pieces: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let known =
                is_interpreted(&word) || WORDS.contains(&word.as_str()) || (word.starts_with('-') && word.len() <= 3);
            let kind = if word.bytes().all(|byte| byte.is_ascii_digit()) { "number" } else { "word" };
            pieces.push(if known { std::mem::take(&mut word) } else { kind.to_owned() });
            word.clear();
        }
        let piece = if c.is_ascii_punctuation() || c == '\n' { c.to_string() } else { "other".to_owned() };
        if c != ' ' && (c == '\n' || pieces.last() != Some(&piece)) {
            pieces.push(piece);
        }
    }
    pieces
}

/// Returns the behaviour of an input.
fn features(target: &str, bytes: &[u8], node: &Recorded) -> BTreeSet<String> {
    let mut features = BTreeSet::new();
    if let Some((_, hold)) = PROPERTIES.iter().find(|(name, _)| *name == target) {
        features.insert(plain(&hold(bytes)));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        features.insert("no UTF-8".to_owned());
        return features;
    };
    features.extend(pieces(text).windows(2).map(|pair| pair.join(" ")));
    match target {
        "rule_files" => {
            let (rules, own) = text.split_once("\n-----\n").unwrap_or((text, ""));
            let files = [("config.yaml", ""), ("made-up-1.0/config.yaml", own), ("made-up-1.0/master.yaml", rules)];
            let linted = lint(&Directory::new("fuzz", files.map(|(path, text)| (path.to_owned(), text.to_owned()))));
            let remarks = linted.errors.iter().chain(&linted.warnings);
            features.extend(remarks.map(|remark| format!("remark {}", plain(&remark.message))));
            features.insert(format!("{} checks, {} audits", about(linted.checks), about(linted.audits.len())));
        }
        "audit_interpreter" | "audit_parser" => {
            match commands(text) {
                Ok(names) => {
                    features
                        .extend(names.iter().filter(|name| is_interpreted(name)).map(|name| format!("runs {name}")));
                }
                Err(error) => {
                    features.insert(format!("error {}", plain(&format!("{error:?}"))));
                }
            }
            let outcome = format!("{:?}", interpret(text, node, &LIMITS));
            features.insert(format!("outcome {} {}", plain(&outcome), about(outcome.matches("\\n").count())));
        }
        _ => {}
    }
    features
}

/// Greedily selects inputs: each time the one that adds the most, and of two equal ones the smaller.
fn smallest_cover(inputs: &BTreeMap<PathBuf, BTreeSet<String>>, most: usize) -> BTreeSet<&Path> {
    let mut kept = BTreeSet::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    while kept.len() < most {
        let added =
            |features: &BTreeSet<String>| features.iter().filter(|feature| !known.contains(feature.as_str())).count();
        let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        let best = inputs.iter().max_by_key(|(path, features)| (added(features), std::cmp::Reverse(size(path))));
        let Some((path, features)) = best.filter(|(_, features)| added(features) > 0) else { break };
        kept.insert(path.as_path());
        known.extend(features.iter().map(String::as_str));
    }
    kept
}

#[test]
#[ignore = "removes files of fuzz/corpus"]
fn minimise() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let node = node(&fuzz.join("node.yaml"));
    for (target, most) in MOST {
        let paths = listed(&fuzz.join("corpus").join(target));
        let of = |path: &PathBuf| features(target, &fs::read(path).expect("readable"), &node);
        let inputs: BTreeMap<PathBuf, BTreeSet<String>> = paths.iter().map(|path| (path.clone(), of(path))).collect();
        let kept = smallest_cover(&inputs, most);
        for path in paths.iter().filter(|path| !kept.contains(path.as_path())) {
            fs::remove_file(path).expect("removable");
        }
        let all: BTreeSet<&String> = inputs.values().flatten().collect();
        let covered: BTreeSet<&String> = kept.iter().flat_map(|path| &inputs[*path]).collect();
        println!("{target}: {} of {} inputs do {} of {} things", kept.len(), paths.len(), covered.len(), all.len());
    }
}
