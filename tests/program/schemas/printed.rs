//! What `list`, `explain` and `detect` print with `--json`, for JSON Schema alone: `docs/*.schema.json`.
//!
//! The program's own types know nothing of schemas, which only these tests make. So each form has its description here, and
//! is held against everything that the program prints, key by key.

use std::collections::BTreeSet;

use jsonschema::Validator;
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use super::kept;
use crate::synthetic::{Said, kube_assay};

/// What `kube-assay list WHAT --json` prints: one of these lists.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum List {
    /// The benchmarks, the oldest first, and then those that are for a platform.
    Benchmarks(Vec<Benchmark>),
    /// The targets of each benchmark.
    Targets(Vec<Target>),
    /// The profiles.
    Profiles(Vec<Profile>),
    /// The controls, by key.
    Controls(Vec<Control>),
}

/// A benchmark.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Benchmark {
    /// What `--benchmark` takes.
    name: String,
    /// The title of the document.
    title: String,
    /// The Kubernetes versions that it is for; absent where it is for a platform or asked for by name.
    #[schemars(default)]
    kubernetes: Option<Versions>,
    /// The platforms that it is for, whatever their version.
    platforms: Vec<String>,
    /// What `--targets` takes of it.
    targets: Vec<String>,
    /// How many checks it has.
    checks: u32,
}

/// Kubernetes versions: `1.32` to `1.33`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Versions {
    /// The first.
    from: String,
    /// The last.
    to: String,
}

/// A target of a benchmark.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "they are the keys of the JSON")]
struct Target {
    /// The benchmark.
    benchmark: String,
    /// What `--targets` takes.
    target: String,
    /// The number of its section.
    id: String,
    /// The title of its section.
    title: String,
    /// How many checks it has.
    checks: u32,
}

/// A profile.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Profile {
    /// What `--profile` takes.
    name: String,
    /// What it is for.
    title: String,
    /// The only benchmark that it goes with; absent where it goes with all.
    #[schemars(default)]
    benchmark: Option<String>,
    /// The platforms that it is written for.
    platforms: Vec<String>,
}

/// A control.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Control {
    /// Its stable name: `apiserver/anonymous-auth`.
    key: String,
    /// What should be so, as the newest benchmark that uses it has it, or the one that is chosen.
    title: String,
    /// How bad a failure is.
    severity: Severity,
    /// The numbers that it bears.
    checks: Vec<Check>,
}

/// How bad a failure is.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

/// A number of a control.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Check {
    /// The benchmark.
    benchmark: String,
    /// The number: `1.2.1`.
    id: String,
    /// The target that it is part of.
    target: String,
    /// The CIS level, 1 or 2; absent if the benchmark has no levels.
    #[schemars(default)]
    level: Option<u8>,
}

/// What `kube-assay explain NAME... --json` prints.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Explained {
    /// The controls, in the order of the names.
    controls: Vec<Explanation>,
}

/// A control, with the words for it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Explanation {
    /// Its stable name: `apiserver/anonymous-auth`.
    key: String,
    /// What should be so, as the newest benchmark that uses it has it, or the one that is chosen.
    title: String,
    /// How bad a failure is.
    severity: Severity,
    /// Why it matters.
    rationale: String,
    /// What is looked at; absent where only a person can judge it.
    #[schemars(default)]
    looked_at: Option<String>,
    /// Where it does not apply; absent where it always does.
    #[schemars(default)]
    not_applicable_on: Option<Exempt>,
    /// What a person should look at; absent where the program judges.
    #[schemars(default)]
    review: Option<String>,
    /// What must hold of the cluster's objects, where a run sees them; absent where they do not decide.
    #[schemars(default)]
    expected_of_objects: Option<String>,
    /// What must hold of what AWS says of the cluster, where a run has that; absent where it does not decide.
    #[schemars(default)]
    expected_of_aws: Option<String>,
    /// What is expected: one where all benchmarks agree, none where a person judges.
    expected: Vec<Expected>,
    /// What the component does where a flag is not set.
    defaults: Vec<Default>,
    /// How to fix it, with the usual paths.
    remediation: String,
    /// How to fix it on platforms where that differs.
    remediation_on: Vec<OnPlatforms>,
    /// The numbers that it bears.
    numbers: Vec<Number>,
    /// Pages to read.
    references: Vec<String>,
}

/// Where a control does not apply.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Exempt {
    /// The platforms, as people call them.
    platforms: String,
    /// Why.
    because: String,
}

/// What some benchmarks expect.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Expected {
    /// In words.
    text: String,
    /// The items of a list that is only counted there; absent where there is none.
    #[schemars(default)]
    listed: Vec<String>,
    /// The benchmarks.
    benchmarks: Vec<String>,
}

/// What a component does where a flag is not set.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Default {
    /// The flag.
    flag: String,
    /// What unset means.
    meaning: String,
}

/// How to fix it on some platforms.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct OnPlatforms {
    /// The platforms, as people call them.
    platforms: String,
    /// How.
    text: String,
}

/// A number of a control.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Number {
    /// The benchmark.
    benchmark: String,
    /// The number: `1.2.1`.
    id: String,
    /// The target that it is part of.
    target: String,
    /// Whether CIS calls it automated or manual.
    assessment: Assessment,
    /// The CIS level, 1 or 2; absent where the benchmark has none.
    #[schemars(default)]
    level: Option<u8>,
    /// Whether a failure is FAIL, or only WARN.
    scored: bool,
    /// Where it is to be read.
    source: String,
}

/// What CIS prints beside a title.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Assessment {
    Automated,
    Manual,
}

/// What `kube-assay detect --json` prints.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Detected {
    /// The node's name.
    node: String,
    /// Where its file system was seen from.
    root: String,
    /// How the node was provisioned; null where nothing of Kubernetes or etcd was found.
    platform: Option<Thing>,
    /// The Kubernetes version.
    version: Thing,
    /// The cluster, where one is named: whose Kubernetes it is, and what was seen of it.
    #[schemars(default)]
    cluster: Option<Thing>,
    /// What would be checked.
    targets: Vec<Thing>,
    /// By which benchmark.
    benchmark: Thing,
    /// By which others besides.
    #[schemars(default)]
    further_benchmarks: Vec<Thing>,
    /// With which profile.
    profile: Thing,
    /// What should be known of it.
    notices: Vec<Notice>,
}

/// Something that was decided, and why.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Thing {
    /// Its name; null where there is none.
    name: Option<String>,
    /// Its name for people.
    #[schemars(default)]
    title: Option<String>,
    /// What speaks for it.
    evidence: Vec<String>,
}

/// A notice.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Notice {
    /// What it is about, for programs.
    code: String,
    /// For people.
    text: String,
}

/// What the program prints.
fn printed(words: &[&str]) -> Value {
    let said = Said::of(kube_assay().args(words));
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{words:?}");
    assert_eq!(said.out.lines().count(), 1, "{words:?}");
    let again = Said::of(kube_assay().args(words).arg("--pretty"));
    assert!(again.out.lines().count() > 4, "{words:?}: {}", again.out);
    let json: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(serde_json::from_str::<Value>(&again.out).expect("JSON"), json, "{words:?}");
    json
}

/// That a schema takes these documents, and that each of its keys is in one of them.
fn holds(path: &str, schema: &Value, documents: &[Value]) -> Validator {
    kept(path, schema);
    let validator = jsonschema::validator_for(schema).expect("a schema");
    let mut seen = BTreeSet::new();
    for document in documents {
        let found: Vec<String> =
            validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(found.is_empty(), "{path}:\n{}", found.join("\n"));
        keys_of(document, &mut seen);
    }
    let mut known = BTreeSet::new();
    properties_of(schema, &mut known);
    assert_eq!(known, seen, "{path}: every key is printed somewhere, and none that is not described");
    validator
}

fn keys_of(document: &Value, keys: &mut BTreeSet<String>) {
    match document {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            keys.insert(key.clone());
            keys_of(value, keys);
        }),
        Value::Array(items) => items.iter().for_each(|item| keys_of(item, keys)),
        _ => {}
    }
}

fn properties_of(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            if let ("properties", Value::Object(properties)) = (key.as_str(), value) {
                keys.extend(properties.keys().cloned());
            }
            properties_of(value, keys);
        }),
        Value::Array(items) => items.iter().for_each(|item| properties_of(item, keys)),
        _ => {}
    }
}

/// That a document is refused once a key is added to, or taken from, the object at this place.
fn is_strict(validator: &Validator, document: &Value, place: &str) {
    let mut other = document.clone();
    let object = other.pointer_mut(place).and_then(Value::as_object_mut).expect("an object");
    let first = object.keys().next().cloned().expect("a key");
    object.insert("unheard-of".to_owned(), Value::Null);
    assert!(!validator.is_valid(&other), "{place}");
    let mut other = document.clone();
    other.pointer_mut(place).and_then(Value::as_object_mut).expect("an object").remove(&first);
    assert!(!validator.is_valid(&other), "{place}: without {first}");
}

#[test]
fn every_list_is_as_its_schema_says() {
    let lists = ["benchmarks", "targets", "profiles", "controls"].map(|what| printed(&["list", what, "--json"]));
    let validator = holds("docs/list.schema.json", &schema_for!(List).to_value(), &lists);
    for (list, what) in lists.iter().zip(["benchmarks", "targets", "profiles", "controls"]) {
        assert!(list[what].as_array().is_some_and(|items| !items.is_empty()), "{what}");
        is_strict(&validator, list, &format!("/{what}/0"));
    }
    // What is printed for people is the same.
    let names = |list: &Value, what: &str, key: &str| -> Vec<String> {
        let items = list[what].as_array().expect("a list");
        items.iter().map(|item| item[key].as_str().expect("a text").to_owned()).collect()
    };
    for (list, what, key) in
        [(&lists[0], "benchmarks", "name"), (&lists[2], "profiles", "name"), (&lists[3], "controls", "key")]
    {
        let page = Said::of(kube_assay().args(["list", what])).out;
        let first: Vec<&str> = page.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(names(list, what, key), first, "{what}");
    }
    // A benchmark narrows them.
    let one = printed(&["list", "controls", "--format", "json", "--benchmark", "cis-1.20"]);
    let checks = one["controls"].as_array().expect("a list").iter().filter_map(|control| control["checks"].as_array());
    assert!(checks.flatten().all(|check| check["benchmark"] == "cis-1.20"));
}

#[test]
fn every_explanation_is_as_its_schema_says() {
    let controls = printed(&["list", "controls", "--json"]);
    let keys: Vec<&str> =
        controls["controls"].as_array().expect("a list").iter().filter_map(|control| control["key"].as_str()).collect();
    let all = printed(&[&["explain", "--json"][..], &keys].concat());
    let explained: Vec<&str> =
        all["controls"].as_array().expect("a list").iter().filter_map(|control| control["key"].as_str()).collect();
    assert_eq!(explained, keys);
    let validator = holds("docs/explain.schema.json", &schema_for!(Explained).to_value(), std::slice::from_ref(&all));
    for place in ["", "/controls/0", "/controls/0/numbers/0"] {
        is_strict(&validator, &all, place);
    }
}

#[test]
fn what_is_detected_is_as_its_schema_says() {
    let nodes = ["eks-anywhere-control-plane", "external-etcd"];
    // Beside one of them a cluster, of which a list is enough.
    let objects = "fuzz/corpus/objects/all";
    let beside = |node: &str| match node {
        "external-etcd" => vec!["--cluster-objects", objects],
        _ => vec!["--benchmark", "detected,eks-1.8.0"],
    };
    let detected = nodes.map(|node| {
        let file = format!("golden/nodes/{node}.yaml");
        printed(&[&["detect", "--json", "--node", &file][..], &beside(node)].concat())
    });
    let validator = holds("docs/detect.schema.json", &schema_for!(Detected).to_value(), &detected);
    for place in ["", "/notices/0"] {
        is_strict(&validator, &detected[0], place);
    }
}
