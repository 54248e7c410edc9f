//! Many pods in little memory.

use std::hint::black_box;

use cluster::pods::{Pod, WorkloadKind};
use cluster::policy::Outcome;
use cluster::policy::workloads::{PodFacts, controls};
use serde_json::json;

use crate::workloads::world::{World, good, parse, pod};

/// Distinct pods, ten per workload.
fn facts(pods: usize) -> PodFacts {
    let mut facts = PodFacts::default();
    for number in 0..pods {
        let owner = format!("ReplicaSet/web-{}", number / 10);
        facts.see_pod(&pod(&format!("ns-{}/web-{number}", number % 500), &owner, good(), json!({"phase": "Running"})));
    }
    facts
}

#[test]
fn thousands_of_pods_are_judged() {
    let world = World { facts: facts(4_000), ..World::default() };
    assert_eq!(world.outcome("pod-security/privileged"), Outcome::Pass);
    for control in controls() {
        black_box(world.judge(control));
    }
}

#[test]
fn what_many_workloads_do_is_listed_up_to_a_bound_and_counted_beyond() {
    let mut facts = PodFacts::default();
    for number in 0..5_500 {
        facts.see_pod(&pod(&format!("shop/web-{number}"), "", json!({"hostPID": true, "containers": [{}]}), json!({})));
    }
    let judgement = World { facts, ..World::default() }.judge("pod-security/host-pid");
    assert_eq!((judgement.outcome, judgement.offenders.len()), (Outcome::Fail, 5_000));
    assert_eq!(judgement.noted[0].found, "500 more offenders not listed");
}

#[test]
fn hostile_pods_end_in_linear_time() {
    let mut facts = PodFacts::default();
    let containers: Vec<_> = (0..2_000).map(|number| json!({"name": format!("c{number}")})).collect();
    for number in 0..20 {
        let spec = json!({"containers": containers, "serviceAccountName": format!("a{number}")});
        facts.see_pod(&pod(&format!("shop/{}", "x".repeat(5_000)), "DaemonSet/web", spec, json!({})));
    }
    for number in 0..5_000 {
        let spec = json!({"containers": [{"name": format!("c{number}")}], "serviceAccountName": format!("a{number}")});
        facts.see_pod(&pod("shop/x", "DaemonSet/web", spec, json!({})));
    }
    let workload = json!({"metadata": {"name": "x", "ownerReferences": [{"kind": "ReplicaSet", "name": "x", "controller": true}]}});
    facts.see_workload(WorkloadKind::ReplicaSet, &parse(workload));
    let world = World { facts, ..World::default() };
    assert_eq!(world.outcome("pod-security/net-raw"), Outcome::Fail);
    let none: Pod = Pod::default();
    let mut empty = PodFacts::default();
    empty.see_pod(&none);
    black_box(empty.summary());
}
