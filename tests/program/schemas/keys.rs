//! The loader and the schemas must know the same keys, everywhere.
//!
//! A sample of each kind of file contains every mapping with fixed keys. An unknown key is added to each of them, and
//! the loader then reports the keys that it knows.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use definitions::benchmark::{Diagnostics, SourceFile};
use definitions::{Definitions, load_with};
use kube_assay::embedded;
use serde_json::{Map, Value};

use super::{KINDS, shipped, validator, yaml};

/// A key that is not similar to any other.
const UNKNOWN: &str = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

/// Samples in which every mapping with fixed keys occurs, by kind.
const SAMPLES: [(&str, &str); 9] = [
    ("snippets", "restart: Restart the kubelet.\n"),
    (
        "components",
        r#"
program:
  name: P
  executables: [p]
  grammar: kubernetes
  passed_by: { q: { --a: [{ value: x, when: etcd }] } }
  config: { flag: --config, precedence: file }
  flags: { boolean: [--b] }
  feature_gates: { G: { "1.20": { stage: beta, default: true } } }
  places:
    file: { candidates: [/etc/p], follow: [{ flag: --f, parent: true }], named_in: { place: file, variable: V } }
part: { name: Q, part_of: program, places: {} }
belonging: { name: R, belongs_to: machine, places: {} }
"#,
    ),
    (
        "controls",
        r#"
one:
  title: T
  level: 1
  severity: low
  rationale: R
  applies: { not_on: [kubeadm], if: { flag: --profiling, set: true }, because: B }
  audit: { settings: apiserver }
  expect: { flag: --profiling, is: false, unset: fail, file: { named_by: --x, key: a.b } }
  remediation: R
two:
  title: T
  applies: { not_on: [kubeadm], because: B }
  level: 1
  severity: low
  rationale: R
  audit: { files: apiserver.manifest, below: "*.crt" }
  expect: { mode: "600", certificate: { days_left: 30 }, missing: fail }
  remediation: { default: R, kubeadm: S }
three:
  title: T
  level: 1
  severity: low
  rationale: R
  audit: { files: apiserver.manifest }
  expect: { file: { absent: true } }
  remediation: R
"#,
    ),
    (
        "controls",
        r"
all:
  title: T
  level: 1
  severity: low
  rationale: R
  audit: { settings: apiserver }
  expect: { all: [{ flag: --a, set: true }, { any: [{ flag: --b, set: false }] }] }
  remediation: R
",
    ),
    (
        "controls",
        r"
objects:
  title: T
  level: 1
  severity: low
  rationale: R
  review: R
  objects: { predicate: rbac/wildcards, expect: E }
  aws: { predicate: aws/node-role, expect: E, match: all }
  remediation: R
",
    ),
    (
        "controls",
        r"
unit:
  title: T
  level: 1
  severity: low
  rationale: R
  audit: { unit: kubelet }
  expect: { key: Service.IPAddressDeny, includes: any, unset: fail }
  remediation: R
",
    ),
    (
        "benchmark",
        r#"
title: T
kubernetes: { from: "1.1", to: "1.2" }
targets:
  node:
    id: "4"
    title: Nodes
    groups:
      "4.2":
        title: G
        checks:
          "4.2.1": { control: kubelet/anonymous-auth, level: 2, scored: true, assessment: automated }
"#,
    ),
    (
        "benchmark",
        r#"
title: T
extends: cis-1.12
with: { kubelet/anonymous-auth: {} }
targets:
  node:
    groups:
      "4.2":
        checks:
          "4.2.1": { control: kubelet/anonymous-auth, scored: true, assessment: automated }
"#,
    ),
    (
        "profile",
        r#"
title: T
benchmark: cis-1.12
skip:
  - control: kubelet/anonymous-auth
    unless_set: { component: kubelet, flag: --anonymous-auth, key: authentication.anonymous.enabled }
    reason: R
    source: S
adjust: [{ control: kubelet/config-mode, with: { at_most: "644" }, reason: R, source: S }]
skip_numbers: [{ target: node, id: "4.2.1", meant: kubelet/anonymous-auth, reason: R, source: S }]
"#,
    ),
];

static BUILT_IN: LazyLock<Definitions> = LazyLock::new(embedded::definitions);

/// Returns the loader's mistakes for a file, on top of the built-in definitions: message and hint.
fn said(kind: &str, text: &str) -> Vec<(String, Option<String>)> {
    let path = match kind {
        "components" => "components.yaml",
        "snippets" => "snippets.yaml",
        "controls" => "controls/sample.yaml",
        _ => "sample.yaml",
    };
    let file = [SourceFile::new("mine", path, text)];
    let (benchmarks, profiles) = if kind == "profile" { (&[][..], &file[..]) } else { (&file[..], &[][..]) };
    let mistakes = load_with(&BUILT_IN, benchmarks, profiles).err();
    mistakes.iter().flat_map(Diagnostics::iter).map(|one| (one.message.clone(), one.hint.clone())).collect()
}

/// Whether the loader refuses a file.
pub fn refused(kind: &str, text: &str) -> bool {
    !said(kind, text).is_empty()
}

/// Returns the keys that the loader knows in the mapping with the unknown key; `None` if any key is allowed.
fn known_by_loader(kind: &str, document: &Value) -> Option<BTreeSet<String>> {
    let text = serde_yaml::to_string(document).expect("YAML");
    let said = said(kind, &text);
    let names = ["key", "target"].map(|what| format!("unknown {what} {UNKNOWN:?}"));
    let (_, hint) = said.iter().find(|(message, _)| names.contains(message))?;
    let hint = hint.as_deref().unwrap_or_else(|| panic!("no hint lists the keys: {text}"));
    let listed = hint.strip_prefix("one of: ").unwrap_or_else(|| panic!("{hint}"));
    Some(listed.split(", ").map(str::to_owned).collect())
}

/// Collects the paths of all mappings below a node.
fn mappings(node: &Value, path: &str, found: &mut Vec<String>) {
    match node {
        Value::Object(entries) => {
            found.push(path.to_owned());
            for (key, value) in entries {
                mappings(value, &format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                mappings(item, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn with_key(document: &Value, path: &str, key: &str, value: Value) -> Value {
    let mut document = document.clone();
    let mapping: &mut Map<String, Value> =
        document.pointer_mut(path).and_then(Value::as_object_mut).expect("a mapping of the sample");
    mapping.insert(key.to_owned(), value);
    document
}

/// Collects the sets of keys that a schema allows in one object.
fn objects(schema: &Value, found: &mut BTreeSet<BTreeSet<String>>) {
    match schema {
        Value::Object(entries) => {
            if let Some(Value::Object(properties)) = entries.get("properties") {
                found.insert(properties.keys().cloned().collect());
            }
            entries.values().for_each(|value| objects(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| objects(value, found)),
        _ => {}
    }
}

/// Objects of the schema that the loader reads together with others, and only distinguishes afterwards.
const TOGETHER: [&[&str]; 5] = [
    // A component that is part of another has no process.
    &["name", "part_of", "places"],
    // Expectations that combine others.
    &["all"],
    &["any"],
    // Settings, a unit or files.
    &["settings"],
    &["unit"],
];

#[test]
fn the_loader_and_the_schemas_know_the_same_keys() {
    for kind in KINDS {
        let (schema, validator) = (shipped(kind), validator(kind));
        let mut by_schema = BTreeSet::new();
        objects(&schema, &mut by_schema);
        let all_of_schema: BTreeSet<&String> = by_schema.iter().flatten().collect();
        let mut by_loader = BTreeSet::new();
        for (_, text) in SAMPLES.iter().filter(|(of, _)| *of == kind) {
            let sample = yaml(text);
            assert!(validator.is_valid(&sample), "{kind}: {text}");
            let wrong = said(kind, text);
            assert!(wrong.iter().all(|(message, _)| message.contains("no longer fits")), "{kind}: {wrong:?}");
            let mut paths = Vec::new();
            mappings(&sample, "", &mut paths);
            for path in paths {
                let spoilt = with_key(&sample, &path, UNKNOWN, Value::Null);
                let Some(known) = known_by_loader(kind, &spoilt) else { continue };
                assert!(!validator.is_valid(&spoilt), "{kind}: the schema takes an unknown key at {path:?}");
                for key in &known {
                    assert!(
                        all_of_schema.contains(key),
                        "{kind}: the loader knows {key:?} at {path:?}; tests/program/schemas/written.rs lacks it"
                    );
                }
                by_loader.insert(known);
            }
        }
        for keys in &by_schema {
            let together = TOGETHER.iter().any(|together| keys.iter().eq(together.iter()));
            assert!(
                together || by_loader.iter().any(|known| known.is_superset(keys)),
                "{kind}: the schema has an object with {keys:?}, the loader has none; it has {by_loader:?}"
            );
        }
        for known in &by_loader {
            let parts: BTreeSet<&String> = by_schema.iter().filter(|keys| keys.is_subset(known)).flatten().collect();
            assert_eq!(parts, known.iter().collect(), "{kind}: keys that no object of the schema has");
        }
    }
}
