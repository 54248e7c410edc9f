//! JSON Schemas. Those in `benchmarks/schema` let editors check definitions; they are generated from `written.rs` and
//! compared with the loader. Those in `docs` describe the program's JSON output; they are generated from the model and
//! `printed.rs`, and compared with the output.
//!
//! `KUBE_ASSAY_BLESS=1` rewrites the schema files.

#![allow(clippy::disallowed_methods, reason = "tests read the project's own files")]

#[expect(dead_code, reason = "schemas are made of the types; nothing is read into them")]
mod written;

mod keys;
#[expect(dead_code, reason = "schemas are made of the types; nothing is read into them")]
mod printed;
mod report;

use std::path::{Path, PathBuf};
use std::{env, fs};

use jsonschema::Validator;
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

/// The kinds of definition files, by the name of their schema.
const KINDS: [&str; 5] = ["components", "snippets", "controls", "benchmark", "profile"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shipped(kind: &str) -> Value {
    let path = root().join(format!("benchmarks/schema/{kind}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("JSON")
}

fn validator(kind: &str) -> Validator {
    jsonschema::validator_for(&shipped(kind)).expect("a schema")
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Returns the YAML files in a directory.
fn files(directory: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join(directory))
        .expect("it is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
}

/// Removes `null` from all optional properties: an optional key must not be present without a value.
fn without_nothing(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            if let Some(Value::Object(properties)) = entries.get_mut("properties") {
                properties.values_mut().for_each(refuse_nothing);
            }
            entries.values_mut().for_each(without_nothing);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nothing),
        _ => {}
    }
}

/// Removes `null` from the types of a property.
fn refuse_nothing(property: &mut Value) {
    let Value::Object(entries) = property else { return };
    if let Some(Value::Array(types)) = entries.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            entries.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(ways)) = entries.get_mut("anyOf") {
        ways.retain(|way| way["type"] != "null");
        if let [Value::Object(only)] = ways.as_slice() {
            let only = only.clone();
            entries.remove("anyOf");
            entries.extend(only);
        }
    }
}

fn in_step<T: JsonSchema>(kind: &str) {
    let mut schema = schema_for!(T).to_value();
    without_nothing(&mut schema);
    kept(&format!("benchmarks/schema/{kind}.json"), &schema);
}

/// Checks that a schema is stored in this file.
fn kept(path: &str, schema: &Value) {
    let made = serde_json::to_string_pretty(schema).expect("plain data") + "\n";
    let path = root().join(path);
    if env::var_os("KUBE_ASSAY_BLESS").is_some() {
        fs::write(&path, &made).expect("written");
    }
    let shipped = fs::read_to_string(&path).unwrap_or_default();
    assert!(made == shipped, "{}: not what the types come to (KUBE_ASSAY_BLESS=1 rewrites it)", path.display());
}

#[test]
fn shipped_schemas_are_those_of_the_types() {
    in_step::<written::Components>("components");
    in_step::<written::Snippets>("snippets");
    in_step::<written::Controls>("controls");
    in_step::<written::Benchmark>("benchmark");
    in_step::<written::Profile>("profile");
}

#[test]
fn every_shipped_definition_is_taken() {
    let benchmarks = files("benchmarks");
    let (components, benchmarks): (Vec<PathBuf>, Vec<PathBuf>) =
        benchmarks.into_iter().partition(|path| path.ends_with("components.yaml"));
    let (snippets, benchmarks): (Vec<PathBuf>, Vec<PathBuf>) =
        benchmarks.into_iter().partition(|path| path.ends_with("snippets.yaml"));
    let of_kinds = [components, snippets, files("benchmarks/controls"), benchmarks, files("profiles")];
    for (kind, paths) in KINDS.into_iter().zip(of_kinds) {
        let validator = validator(kind);
        assert!(!paths.is_empty(), "there are no {kind}");
        for path in paths {
            let document = yaml(&fs::read_to_string(&path).expect("text"));
            let found: Vec<String> =
                validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(found.is_empty(), "{}:\n{}", path.display(), found.join("\n"));
        }
    }
}

/// Definitions that the schemas must refuse, by kind. Unknown keys are tested everywhere by `keys.rs`.
const REFUSED: [(&str, &str); 33] = [
    ("components", "A: { name: a, part_of: b, places: {} }"),
    ("components", "a: { name: a, places: {} }"),
    ("components", "a: { name: a, part_of: b, executables: [x], grammar: etcd, places: {} }"),
    ("components", "a: { name: a, executables: [], grammar: etcd, places: {} }"),
    ("components", "a: { name: a, executables: [x], grammar: posix, places: {} }"),
    ("components", "a: { name: a, part_of: b, places: { c: { candidates: [etc/a] } } }"),
    ("components", "a: { name: a, part_of: b, places: { c: { candidates: ['/*/a'] } } }"),
    ("components", "a: { name: a, part_of: b, places: { c: { follow: [{ flag: config }] } } }"),
    ("controls", "a: { title: T, level: 1, severity: low, rationale: R, remediation: 7, review: L }"),
    ("controls", "a: { title: '', level: 1, severity: low, rationale: R, remediation: R, review: L }"),
    (
        "controls",
        "a: { title: T, level: 1, severity: low, rationale: R, remediation: R, audit: { files: manifest }, expect: { mode: '600', missing: fail } }",
    ),
    (
        "controls",
        "a: { title: T, level: 1, severity: low, rationale: R, remediation: R, audit: { files: a.b }, expect: { mode: 600, missing: fail } }",
    ),
    (
        "controls",
        "a: { title: T, level: 1, severity: low, rationale: R, remediation: R, audit: { files: a.b }, expect: { mode: '600' } }",
    ),
    (
        "controls",
        "a: { title: T, level: 1, severity: low, rationale: R, remediation: R, audit: { settings: a }, expect: { flag: a, set: true } }",
    ),
    (
        "controls",
        "a: { title: T, level: 1, severity: low, rationale: R, remediation: R, audit: { settings: a }, expect: { flag: --a, is: 1, unset: perhaps } }",
    ),
    (
        "controls",
        "a: { title: T, level: 1, severity: low, rationale: R, remediation: R, review: L, references: [kubernetes.io] }",
    ),
    ("controls", "a: { title: T, level: 1, severity: low, rationale: R, remediation: R, review: ~ }"),
    (
        "controls",
        "a: { title: T, level: 1, severity: low, rationale: R, remediation: R, audit: { settings: apiserver }, expect: { flag: --a, is: ~, unset: fail } }",
    ),
    ("controls", "a: { title: T, rationale: R, level: 3, severity: low, remediation: R, review: L }"),
    ("controls", "a: { title: T, rationale: R, level: 1, severity: dreadful, remediation: R, review: L }"),
    ("controls", "a: { title: T, rationale: R, severity: low, remediation: R, review: L }"),
    ("snippets", "a: ''"),
    ("snippets", "A: text"),
    ("benchmark", "{ title: T, levels: 2, targets: {} }"),
    ("benchmark", "{ title: T, extends: cis-1.12, targets: ~ }"),
    ("benchmark", "title: T"),
    ("benchmark", "{ title: T, without: ['1.1'], targets: {} }"),
    ("benchmark", "{ title: T, extends: cis-1.12, without: [1.1] }"),
    ("benchmark", "{ title: T, kubernetes: { from: 1.32, to: 1.33 }, targets: {} }"),
    ("benchmark", "{ title: T, targets: { worker: { id: '4', title: W, groups: {} } } }"),
    ("profile", "{ title: T, skip: [{ control: anonymous-auth, reason: R, source: S }] }"),
    (
        "profile",
        "{ title: T, skip: [{ control: kubelet/anonymous-auth, unless_set: --anonymous-auth, reason: R, source: S }] }",
    ),
    (
        "profile",
        "{ title: T, skip: [{ control: kubelet/anonymous-auth, unless_set: { component: kubelet }, reason: R, source: S }] }",
    ),
];

#[test]
fn what_the_loader_refuses_by_form_is_refused() {
    for (kind, text) in REFUSED {
        assert!(!validator(kind).is_valid(&yaml(text)), "{kind}: {text}");
        assert!(keys::refused(kind, text), "{kind}: the loader takes {text}");
    }
}
