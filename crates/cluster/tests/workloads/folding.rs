//! Which pods count, and which controller they belong to.

use cluster::pods::WorkloadKind;
use cluster::policy::Outcome;
use probe::Observed;
use serde_json::{Value, json};

use crate::workloads::world::{World, forbidden, good, line, metadata, parse, pod};

const CONTROL: &str = "pod-security/host-pid";

fn bad() -> Value {
    json!({"hostPID": true, "containers": [{"name": "web"}]})
}

fn template() -> Value {
    json!({"template": {"spec": bad()}})
}

fn offenders(world: &World) -> Vec<String> {
    world.verdict(CONTROL).1
}

#[test]
fn pods_are_told_by_the_controller_at_the_top_whatever_is_seen_first() {
    let replica_set = json!({"replicas": 2, "template": {"spec": bad()}});
    let pods = |world: World| {
        world.pod("shop/web-1-a", "ReplicaSet/web-1", bad()).pod("shop/web-1-b", "ReplicaSet/web-1", bad())
    };
    let sets = |world: World| {
        world.workload(WorkloadKind::ReplicaSet, "shop/web-1", "Deployment/web", replica_set.clone()).workload(
            WorkloadKind::Deployment,
            "shop/web",
            "",
            template(),
        )
    };
    for world in [sets(pods(World::default())), pods(sets(World::default()))] {
        assert_eq!(offenders(&world), ["shop/Deployment/web (2 pods): hostPID: true"]);
    }
}

#[test]
fn the_metadata_of_replica_sets_is_enough() {
    let world = World::default().workload(WorkloadKind::ReplicaSet, "shop/web-1", "Deployment/web", Value::Null).pod(
        "shop/web-1-a",
        "ReplicaSet/web-1",
        bad(),
    );
    assert_eq!(offenders(&world), ["shop/Deployment/web (1 pod): hostPID: true"]);
}

#[test]
fn jobs_are_their_cron_jobs_and_other_owners_count_themselves() {
    let world = World::default()
        .pod("shop/report-1-a", "Job/report-1", bad())
        .workload(WorkloadKind::Job, "shop/report-1", "CronJob/report", template())
        .pod("shop/once-a", "Job/once", bad())
        .pod("shop/db-0", "StatefulSet/db", bad())
        .pod("shop/x", "Rollout/x", bad())
        .pod("shop/y-1-a", "ReplicaSet/y-1", bad())
        .workload(WorkloadKind::ReplicaSet, "shop/y-1", "Rollout/y", template())
        .workload(WorkloadKind::ReplicaSet, "other/once", "Rollout/z", template());
    assert_eq!(
        offenders(&world),
        [
            "shop/CronJob/report (1 pod): hostPID: true",
            "shop/Job/once (1 pod): hostPID: true",
            "other/Rollout/z (pod template): hostPID: true",
            "shop/Rollout/x (1 pod): hostPID: true",
            "shop/Rollout/y (1 pod): hostPID: true",
            "shop/StatefulSet/db (1 pod): hostPID: true",
        ]
    );
}

#[test]
fn an_owner_of_the_same_name_in_another_namespace_is_another() {
    let world = World::default().workload(WorkloadKind::ReplicaSet, "a/web-1", "Deployment/web", Value::Null).pod(
        "b/web-1-a",
        "ReplicaSet/web-1",
        bad(),
    );
    assert_eq!(offenders(&world), ["b/ReplicaSet/web-1 (1 pod): hostPID: true"]);
}

#[test]
fn a_template_counts_only_where_there_are_no_pods() {
    for kind in WorkloadKind::ALL {
        let spec = match kind {
            WorkloadKind::CronJob => json!({"jobTemplate": {"spec": template()}}),
            _ => template(),
        };
        let alone = World::default().workload(kind, "shop/web", "", spec.clone());
        assert_eq!(offenders(&alone), [format!("shop/{}/web (pod template): hostPID: true", kind.name())]);
        let running = alone.pod("shop/web-a", &format!("{}/web", kind.name()), good());
        assert_eq!(running.verdict(CONTROL), (Outcome::Pass, vec![]), "{}", kind.name());
    }
}

#[test]
fn an_owners_own_template_goes_before_that_of_what_it_owns() {
    let of = |owner: &str| {
        World::default().workload(WorkloadKind::ReplicaSet, "shop/web-1", owner, template()).workload(
            WorkloadKind::Deployment,
            "shop/web",
            "",
            json!({"template": {"spec": good()}}),
        )
    };
    assert_eq!(of("Deployment/web").verdict(CONTROL), (Outcome::Pass, vec![]));
    assert_eq!(offenders(&of("Rollout/web")), ["shop/Rollout/web (pod template): hostPID: true"]);
    assert_eq!(offenders(&of("")), ["shop/ReplicaSet/web-1 (pod template): hostPID: true"]);
}

#[test]
fn what_has_ended_or_is_scaled_to_nothing_does_not_count() {
    let mut world = World::default()
        .workload(WorkloadKind::ReplicaSet, "shop/old", "", json!({"replicas": 0, "template": {"spec": bad()}}))
        .workload(
            WorkloadKind::ReplicaSet,
            "shop/web-0",
            "Deployment/web",
            json!({"replicas": 0, "template": {"spec": bad()}}),
        );
    world.facts.see_workload(
        WorkloadKind::Job,
        &parse(json!({"metadata": {"namespace": "shop", "name": "done"}, "spec": template(),
            "status": {"conditions": [{"type": "Complete", "status": "True"}]}})),
    );
    for phase in ["Succeeded", "Failed"] {
        world.facts.see_pod(&pod("shop/ended", "", bad(), json!({"phase": phase})));
    }
    assert_eq!(world.verdict(CONTROL), (Outcome::Pass, vec![]));
    for phase in ["Pending", "Running", "Unknown", ""] {
        let mut world = World::default();
        world.facts.see_pod(&pod("shop/live", "", bad(), json!({"phase": phase})));
        assert_eq!(world.outcome(CONTROL), Outcome::Fail, "{phase}");
    }
}

#[test]
fn mirror_pods_are_apart() {
    let mirror = |node: &str, owner: &str| {
        parse(json!({"metadata": {"namespace": "kube-system", "name": "kube-apiserver-m1",
            "annotations": {"kubernetes.io/config.mirror": "x"},
            "ownerReferences": [{"kind": "Node", "name": owner, "controller": true}]},
            "spec": {"hostPID": true, "nodeName": node, "containers": [{"name": "a"}]}}))
    };
    let mut world = World::default();
    world.facts.see_pod(&mirror("m1", "m1"));
    let judgement = world.judge(CONTROL);
    assert_eq!((judgement.outcome, judgement.offenders), (Outcome::Pass, vec![]));
    assert_eq!(
        judgement.exempt.iter().map(|(seen, _)| line(seen)).collect::<Vec<_>>(),
        ["kube-system/Pod/kube-apiserver (static, 1 pod): hostPID: true"]
    );
    for (node, owner) in [("m2", "m1"), ("", "")] {
        let mut forged = World::default();
        forged.facts.see_pod(&mirror(node, owner));
        assert_eq!(forged.outcome(CONTROL), Outcome::Fail, "{node:?} {owner:?}");
    }
}

#[test]
fn pods_of_one_workload_that_differ_are_counted_by_container() {
    let with = |ports: Value| json!({"containers": [{"name": "a", "ports": ports}, {"name": "b", "ports": [{"hostPort": 2}]}]});
    let world = World::default()
        .pod("shop/a", "DaemonSet/web", with(json!([{"hostPort": 1}])))
        .pod("shop/b", "DaemonSet/web", with(json!([{"hostPort": 3}])))
        .pod("shop/c", "DaemonSet/web", with(json!([])));
    assert_eq!(
        world.verdict("pod-security/host-ports").1,
        ["shop/DaemonSet/web [a] (2 pods): hostPort: 1; hostPort: 3", "shop/DaemonSet/web [b] (3 pods): hostPort: 2"]
    );
}

#[test]
fn the_name_of_a_replica_set_is_enough_for_an_exemption_where_its_owner_was_not_seen() {
    let exemption =
        json!({"controls": [CONTROL], "namespace": "kube-system", "controller": "Deployment/csi", "reason": "x"});
    let world = World::default().pod("kube-system/csi-5d-x", "ReplicaSet/csi-5d", bad()).exemption(exemption);
    assert_eq!(world.outcome(CONTROL), Outcome::Fail);
    assert!(matches!(world.without("replicasets.apps").outcome(CONTROL), Outcome::Unknown(_)));
}

#[test]
fn lists_are_taken_as_they_were_seen() {
    let pods = || {
        vec![
            Ok(pod("shop/a", "", good(), json!({}))),
            Err(forbidden("pod shop/b")),
            Ok(pod("shop/c", "", bad(), json!({}))),
        ]
    };
    let mut world = World::default();
    world.facts.see_pods(Observed::Present(pods()));
    assert_eq!(offenders(&world), ["shop/Pod/c (1 pod): hostPID: true"]);
    let mut world = World::default();
    world.facts.see_pods(Observed::Present(pods().into_iter().take(2).collect::<Vec<_>>()));
    assert_eq!(world.outcome(CONTROL), Outcome::Unknown(forbidden("pod shop/b")));
    let mut world = World::default();
    world.facts.see_pods(Observed::<Vec<_>>::Absent);
    world.facts.see_workloads(WorkloadKind::CronJob, Observed::<Vec<_>>::Absent);
    assert_eq!(world.outcome(CONTROL), Outcome::Pass);
    world.facts.see_workloads(WorkloadKind::CronJob, Observed::<Vec<_>>::Unknown(forbidden("cronjobs.batch")));
    assert_eq!(world.outcome(CONTROL), Outcome::Unknown(forbidden("cronjobs.batch")));
    let daemon_set = parse(json!({"metadata": metadata("shop/d", ""), "spec": template()}));
    world.facts.see_workloads(WorkloadKind::DaemonSet, Observed::Present(vec![Ok(daemon_set)]));
    assert_eq!(offenders(&world), ["shop/DaemonSet/d (pod template): hostPID: true"]);
}

#[test]
fn a_list_that_begins_again_is_forgotten_alone() {
    let mut world = World::default()
        .pod("shop/a", "ReplicaSet/web-1", bad())
        .workload(WorkloadKind::ReplicaSet, "shop/web-1", "Deployment/web", Value::Null)
        .workload(WorkloadKind::CronJob, "shop/b", "", json!({"jobTemplate": {"spec": template()}}));
    assert_eq!(
        offenders(&world),
        ["shop/CronJob/b (pod template): hostPID: true", "shop/Deployment/web (1 pod): hostPID: true"]
    );
    world.facts.forget_workloads(WorkloadKind::CronJob);
    assert_eq!(offenders(&world), ["shop/Deployment/web (1 pod): hostPID: true"]);
    world.facts.forget_workloads(WorkloadKind::ReplicaSet);
    assert_eq!(offenders(&world), ["shop/ReplicaSet/web-1 (1 pod): hostPID: true"]);
    world.facts.forget_pods();
    assert_eq!(world.verdict(CONTROL), (Outcome::Pass, vec![]));
}
