//! Makes the fuzz corpus small: of what each input does, everything is kept in as few inputs as it takes.
//!
//! An input is told from others by what it comes to (which error, which commands, which end, how much output) and by the
//! pairs of neighbours in it (word of the language, operator, option), which say what it leads the parser through.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use audit_shell::{Limits, commands, interpret, is_interpreted};
use kube_assay::kube_bench::{Directory, lint};
use kube_assay::node::Recorded;

use crate::files::{listed, node};
use crate::fuzzed;

/// How many inputs of each target are kept at most, those that add the most first: 400 together.
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

/// Says in words what an input led to.
type Property = fn(&[u8]) -> String;

/// Those of the targets.
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

/// A message without what varies in it: numbers, and what is quoted.
fn plain(message: &str) -> String {
    let unquoted = message.split(['"', '`', '\'']).step_by(2).collect::<String>();
    unquoted.chars().filter(|c| !c.is_ascii_digit()).take(120).collect()
}

/// How many there are, roughly.
const fn about(count: usize) -> &'static str {
    match count {
        0 => "none",
        1 => "one",
        2..10 => "some",
        _ => "many",
    }
}

/// The pieces of a text, as far as a parser takes one for something else than another.
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

/// What an input does.
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

/// As few as it takes: one after the other the input that adds the most, the smaller one of two.
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
