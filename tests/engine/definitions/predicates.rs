//! Parameters of predicates.

use std::collections::BTreeMap;

use definitions::SharedText;
use definitions::benchmark::{PREDICATES, Value, taken_by};
use definitions::{Definitions, load_with};

use super::fixture::spoilt;

/// Returns a check's parameters, given those of its control and of its index, or the mistakes.
fn taken(predicate: &str, parameters: &str, with: &str) -> Result<BTreeMap<SharedText, Value>, String> {
    let objects = format!("  parameters: {parameters}\n  objects: {{ predicate: {predicate}, expect: All is well }}\n");
    let review = "  review: Look at the bindings.\n";
    let (mut benchmarks, profiles) = spoilt("controls/apiserver.yaml", review, &format!("{review}{objects}"));
    for file in &mut benchmarks {
        let line = "{ control: apiserver/cluster-admin,";
        file.text = file.text.replace(line, &format!("{line} {with}"));
    }
    let definitions =
        load_with(&Definitions::default(), &benchmarks, &profiles).map_err(|mistakes| mistakes.to_string())?;
    let benchmark = definitions.library.benchmarks.get("cis-1.12").expect("a benchmark");
    let checks = benchmark.targets.iter().flat_map(|target| &target.groups).flat_map(|group| &group.checks);
    let check = checks.into_iter().find(|check| check.control == "apiserver/cluster-admin").expect("a check");
    let control = definitions.library.control("apiserver/cluster-admin").expect("a control");
    Ok(control.with(&check.with).parameters)
}

#[test]
fn a_predicate_takes_what_it_knows_and_does_without() {
    const REGISTRIES: &str = "image-registry/approved-registries";
    let list = |items: &[&str]| Value::List(items.iter().map(|item| SharedText::from(*item)).collect());
    for (predicate, parameters, with, expected) in [
        (REGISTRIES, "{ registries: ~ }", "", ("registries", Value::Null)),
        (REGISTRIES, "{ registries: [a.b, docker.io] }", "", ("registries", list(&["a.b", "docker.io"]))),
        (REGISTRIES, "{ registries: ~ }", "with: { registries: [a.b] },", ("registries", list(&["a.b"]))),
        (REGISTRIES, "{ registries: [a.b] }", "with: { registries: ~ },", ("registries", Value::Null)),
        ("workloads/network-policies", "{ default_deny: true }", "", ("default_deny", Value::Bool(true))),
        ("pod-security/privileged", "{ strict: ~ }", "with: { strict: true },", ("strict", Value::Bool(true))),
    ] {
        let (name, value) = expected;
        let found = taken(predicate, parameters, with).unwrap_or_else(|said| panic!("{said}"));
        assert_eq!(found, BTreeMap::from([(name.into(), value)]), "{predicate} {parameters} {with}");
    }
    for (predicate, parameters, with, said) in [
        (REGISTRIES, "{ registries: a.b }", "", "must be a list of texts"),
        (REGISTRIES, "{ registries: ~ }", "with: { registries: true },", "must be a list of texts"),
        (REGISTRIES, "{ registry: [a.b] }", "", "nothing refers to the parameter \"registry\""),
        (REGISTRIES, "{ registries: ~ }", "with: { registry: [a.b] },", "unknown parameter \"registry\""),
        ("workloads/network-policies", "{ default_deny: [a] }", "", "must be true or false"),
        ("rbac/cluster-admin", "{ strict: true }", "", "nothing refers to the parameter \"strict\""),
        ("pod-security/policy-mechanism", "{ strict: true }", "", "nothing refers to the parameter \"strict\""),
    ] {
        let found = taken(predicate, parameters, with).expect_err(parameters);
        assert!(found.contains(said), "{predicate} {parameters} {with}: {found}");
    }
}

#[test]
fn only_predicates_take_parameters() {
    assert!(PREDICATES.iter().filter(|predicate| !taken_by(predicate).is_empty()).count() > 10);
    assert!(taken_by("image-registry/other").is_empty());
}
