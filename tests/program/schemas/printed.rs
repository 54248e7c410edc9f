//! The output of `list`, `explain` and `detect` with `--json`, for generating JSON Schemas: `docs/*.schema.json`.
//!
//! The program's own types do not depend on schemas, which only these tests generate. So each format is described here,
//! and compared with everything that the program prints, key by key.

use std::collections::BTreeSet;

use jsonschema::Validator;
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use super::kept;
use crate::synthetic::{Said, kube_assay};

/// The output of `kube-assay list WHAT --json`: one of these lists.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum List {
    /// The benchmarks, by oldest Kubernetes version, then those without a version range.
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
    /// The name that `--benchmark` takes: `cis-1.12`.
    name: String,
    /// The title of the document.
    title: String,
    /// The Kubernetes versions it covers; absent if it is selected by platform or requested by name.
    #[schemars(default)]
    kubernetes: Option<Versions>,
    /// The platforms it is selected for, whatever the Kubernetes version.
    platforms: Vec<String>,
    /// The names of its targets, as `--targets` takes them.
    targets: Vec<String>,
    /// The number of checks.
    checks: u32,
}

/// An inclusive range of Kubernetes versions: `1.32` to `1.33`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Versions {
    /// The oldest version.
    from: String,
    /// The newest version.
    to: String,
}

/// A target of a benchmark.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "they are the keys of the JSON")]
struct Target {
    /// The name of the benchmark.
    benchmark: String,
    /// The name that `--targets` takes.
    target: String,
    /// The section number.
    id: String,
    /// The section title.
    title: String,
    /// The number of checks.
    checks: u32,
}

/// A profile.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Profile {
    /// The name that `--profile` takes.
    name: String,
    /// What the profile is for, in one line.
    title: String,
    /// The only benchmark the profile can be used with; absent if it can be used with all.
    #[schemars(default)]
    benchmark: Option<String>,
    /// The platforms the profile is written for.
    platforms: Vec<String>,
}

/// A control.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Control {
    /// The stable key: `apiserver/anonymous-auth`.
    key: String,
    /// The requirement, as worded for the selected benchmark, or the newest one that includes it.
    title: String,
    /// The severity of a failure.
    severity: Severity,
    /// The control's numbers in benchmarks.
    checks: Vec<Check>,
}

/// The severity of a failure.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

/// A control's number in a benchmark.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Check {
    /// The name of the benchmark.
    benchmark: String,
    /// The check number: `1.2.1`.
    id: String,
    /// The target that contains the check.
    target: String,
    /// The CIS level, 1 or 2; absent if the benchmark has no levels.
    #[schemars(default)]
    level: Option<u8>,
}

/// The output of `kube-assay explain NAME... --json`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Explained {
    /// The controls, in the order of the names given.
    controls: Vec<Explanation>,
}

/// The explanation of a control.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Explanation {
    /// The stable key: `apiserver/anonymous-auth`.
    key: String,
    /// The requirement, as worded for the selected benchmark, or the newest one that includes it.
    title: String,
    /// The severity of a failure.
    severity: Severity,
    /// Why the control matters.
    rationale: String,
    /// What is inspected, as text; absent if the control can only be reviewed manually.
    #[schemars(default)]
    looked_at: Option<String>,
    /// Where the control does not apply; absent if it always applies.
    #[schemars(default)]
    not_applicable_on: Option<Exempt>,
    /// Instructions for manual review; absent if the control is evaluated.
    #[schemars(default)]
    review: Option<String>,
    /// What the cluster's objects must satisfy, if the run has access to them; absent if they do not decide.
    #[schemars(default)]
    expected_of_objects: Option<String>,
    /// What AWS evidence about the cluster must show, if the run has it; absent if it does not decide.
    #[schemars(default)]
    expected_of_aws: Option<String>,
    /// The expected results: one if all benchmarks agree, none if the control is only reviewed manually.
    expected: Vec<Expected>,
    /// The component's defaults for the flags concerned.
    defaults: Vec<Default>,
    /// How to fix a failure, with the usual paths.
    remediation: String,
    /// How to fix a failure on platforms where that differs.
    remediation_on: Vec<OnPlatforms>,
    /// The control's numbers in benchmarks.
    numbers: Vec<Number>,
    /// URLs of further reading.
    references: Vec<String>,
}

/// The platforms on which a control does not apply.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Exempt {
    /// The display names of the platforms.
    platforms: String,
    /// The reason.
    because: String,
}

/// The result that some benchmarks expect.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Expected {
    /// The expected result, as text.
    text: String,
    /// The items of a list that `text` only counts; absent if there is none.
    #[schemars(default)]
    listed: Vec<String>,
    /// The names of the benchmarks.
    benchmarks: Vec<String>,
}

/// A component's default for a flag.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Default {
    /// The flag, with its dashes.
    flag: String,
    /// The effect of leaving it unset.
    meaning: String,
}

/// How to fix a failure on some platforms.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct OnPlatforms {
    /// The display names of the platforms.
    platforms: String,
    /// The instructions.
    text: String,
}

/// A control's number in a benchmark.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Number {
    /// The name of the benchmark.
    benchmark: String,
    /// The check number: `1.2.1`.
    id: String,
    /// The target that contains the check.
    target: String,
    /// The assessment status in CIS: automated or manual.
    assessment: Assessment,
    /// The CIS level, 1 or 2; absent if the benchmark has no levels.
    #[schemars(default)]
    level: Option<u8>,
    /// Whether a failure is reported as FAIL (`true`) or WARN (`false`).
    scored: bool,
    /// The place in the benchmark's document: its title and the section number.
    source: String,
}

/// The assessment status that CIS prints after a title.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Assessment {
    Automated,
    Manual,
}

/// The output of `kube-assay detect --json`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Detected {
    /// The name of the node.
    node: String,
    /// The root of the node's file system, as seen by the program.
    root: String,
    /// How the node was provisioned; null if nothing of Kubernetes or etcd was found.
    platform: Option<Thing>,
    /// The Kubernetes version.
    version: Thing,
    /// The cluster, if one is given: its distribution, and what was read from it.
    #[schemars(default)]
    cluster: Option<Thing>,
    /// The targets that would be checked.
    targets: Vec<Thing>,
    /// The benchmark that would be used.
    benchmark: Thing,
    /// Further benchmarks that would be used.
    #[schemars(default)]
    further_benchmarks: Vec<Thing>,
    /// The profile that would be used.
    profile: Thing,
    /// Notices about the detection.
    notices: Vec<Notice>,
}

/// A decision and its evidence.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Thing {
    /// The name; null if there is none.
    name: Option<String>,
    /// The display name.
    #[schemars(default)]
    title: Option<String>,
    /// The evidence, one sentence per item.
    evidence: Vec<String>,
}

/// A notice.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Notice {
    /// The kind of notice, for programs.
    code: String,
    /// The text, for people.
    text: String,
}

/// Runs the program and returns the JSON that it prints.
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

/// Checks that a schema is stored and accepts these documents, and that each of its keys occurs in them.
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

/// Checks that a document is refused once a key is added to, or removed from, the object at this place.
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
    // The text output lists the same.
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
    // Naming a benchmark narrows the list.
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
    // Together with one of them a cluster, for which a single list suffices.
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
