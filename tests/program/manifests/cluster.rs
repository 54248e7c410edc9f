//! The Job that checks a cluster: minimal rights, and compliance with `restricted`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cluster::pods::Workload;
use cluster::pods::standard::{Level, NEWEST, Policy, Subject, violations};
use cluster::rbac::Role;
use cluster::{CONFIG_MAPS, Resource};
use serde::Deserialize as _;
use serde_yaml::Value;

fn documents() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/job-manifests/job-cluster.yaml");
    let text = fs::read_to_string(path).expect("it is there");
    serde_yaml::Deserializer::from_str(&text).map(|document| Value::deserialize(document).expect("YAML")).collect()
}

fn of_kind(kind: &str) -> Value {
    documents().into_iter().find(|document| document["kind"] == kind).unwrap_or_else(|| panic!("no {kind}"))
}

/// Groups, resources, names and verbs, each a set.
type Right = (String, BTreeSet<String>, BTreeSet<String>, BTreeSet<String>);

#[test]
fn the_role_allows_what_the_program_lists_and_nothing_else() {
    let role: Role = serde_yaml::from_value(of_kind("ClusterRole")).expect("a ClusterRole");
    let set = |texts: &[String]| texts.iter().cloned().collect::<BTreeSet<_>>();
    let granted: BTreeSet<Right> = role
        .rules
        .iter()
        .map(|rule| {
            assert_eq!((rule.api_groups.len(), rule.non_resource_urls.len()), (1, 0));
            (rule.api_groups[0].clone(), set(&rule.resources), set(&rule.resource_names), set(&rule.verbs))
        })
        .collect();
    let mut lists: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    // Access to resources that may contain credentials is left to users who want the checks that need them.
    let is_listed = |resource: &Resource| *resource != Resource::ConfigMaps && !resource.may_hold_credentials();
    for resource in Resource::ALL.into_iter().filter(is_listed) {
        let served = resource.served();
        lists.entry(served.group).or_default().insert(served.plural.to_owned());
    }
    let verb = |verb: &str| BTreeSet::from([verb.to_owned()]);
    let mut needed: BTreeSet<Right> =
        lists.into_iter().map(|(group, plurals)| (group.to_owned(), plurals, BTreeSet::new(), verb("list"))).collect();
    let names = CONFIG_MAPS.iter().map(|(_, name)| (*name).to_owned()).collect();
    needed.insert((String::new(), BTreeSet::from(["configmaps".to_owned()]), names, verb("get")));
    assert_eq!(granted, needed);
}

#[test]
fn the_right_to_what_may_hold_credentials_is_written_out() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/job-manifests/job-cluster.yaml");
    let text =
        fs::read_to_string(path).expect("it is there").replace("\n  # - ", "\n  - ").replace("\n  #   ", "\n    ");
    let role: Role = serde_yaml::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).expect("YAML"))
        .find(|document| document["kind"] == "ClusterRole")
        .map(|document| serde_yaml::from_value(document).expect("a ClusterRole"))
        .expect("a ClusterRole");
    for resource in Resource::ALL.into_iter().filter(|resource| resource.may_hold_credentials()) {
        let served = resource.served();
        let is_allowed = |rule: &cluster::rbac::Rule| {
            rule.group_matches(served.group) && rule.resource_matches(served.plural, "") && rule.verbs == ["list"]
        };
        assert!(role.rules.iter().any(is_allowed), "{resource}");
    }
}

#[test]
fn the_role_is_bound_to_the_jobs_service_account_alone() {
    let (binding, job, account) = (of_kind("ClusterRoleBinding"), of_kind("Job"), of_kind("ServiceAccount"));
    assert_eq!(binding["roleRef"]["name"], of_kind("ClusterRole")["metadata"]["name"]);
    assert_eq!(binding["subjects"].as_sequence().map(Vec::len), Some(1));
    for name in [&binding["subjects"][0]["name"], &job["spec"]["template"]["spec"]["serviceAccountName"]] {
        assert_eq!(*name, account["metadata"]["name"]);
    }
    assert_eq!(binding["subjects"][0]["namespace"], account["metadata"]["namespace"]);
}

#[test]
fn the_pod_meets_the_restricted_standard_and_sees_nothing_of_the_host() {
    let job: Workload = serde_yaml::from_value(of_kind("Job")).expect("a Job");
    let found = violations(Subject::from(&job.spec.template), Policy::latest(Level::Restricted), NEWEST);
    assert_eq!(found, []);
    let pod = &of_kind("Job")["spec"]["template"]["spec"];
    assert!(pod.get("volumes").is_none() && pod.get("hostNetwork").is_none());
    let container = &pod["containers"][0];
    assert_eq!(container["args"][0], "cluster");
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(container["image"], "kube-assay:0.1.0-cluster");
}
