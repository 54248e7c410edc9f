//! Benchmarks cluster checks without a network: reads, folds and judges the objects of a synthetic cluster at three
//! sizes.
//!
//! Each size runs in its own process, so that its peak memory is measured separately: `cargo bench --bench cluster`.

#![allow(clippy::disallowed_methods, reason = "a bench reads the clock and starts itself")]

use std::collections::BTreeMap;
use std::process::Command;
use std::{env, fs};

use cluster::eks_anywhere::Date;
use cluster::{About, Cluster, Listing, Resource, Shown};
use definitions::benchmark::PREDICATES;
use kube_assay::evaluate::{Policies, PolicyOutcome};
use kube_assay::policies::Seen;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde_json::value::RawValue;

/// A synthetic cluster with this many pods and a fifth as many bindings.
struct MadeUp {
    pods: usize,
}

/// Returns a pod as the API returns it: 5.8 KB, including fields that no check reads.
fn pod(number: usize) -> String {
    let (namespace, owner) = (number % 200, number / 10);
    let noise = "x".repeat(4_800);
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web-{owner}-{number}","namespace":"team-{namespace}","uid":"{number}","labels":{{"app":"web-{owner}"}},"annotations":{{"note":"{noise}"}},"ownerReferences":[{{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-{owner}","controller":true,"uid":"{owner}"}}]}},"spec":{{"serviceAccountName":"web","nodeName":"n-1","containers":[{{"name":"web","image":"registry.example/web:{owner}","args":["--port=80"],"env":[{{"name":"A","value":"b"}}],"securityContext":{{"allowPrivilegeEscalation":false,"privileged":{},"runAsNonRoot":true,"capabilities":{{"drop":["ALL"]}},"seccompProfile":{{"type":"RuntimeDefault"}}}}}}],"volumes":[{{"name":"kube-api-access-x","projected":{{"sources":[{{"serviceAccountToken":{{"path":"token"}}}}]}}}}]}},"status":{{"phase":"Running"}}}}"#,
        owner % 50 == 0
    )
}

fn binding(number: usize) -> String {
    let role = number % 500;
    format!(
        r#"{{"metadata":{{"name":"b-{number}","namespace":"team-{}"}},"roleRef":{{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"r-{role}"}},"subjects":[{{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"u-{number}"}}]}}"#,
        number % 200
    )
}

fn role(number: usize) -> String {
    let resource = if number.is_multiple_of(100) { "secrets" } else { "configmaps" };
    format!(
        r#"{{"metadata":{{"name":"r-{number}"}},"rules":[{{"apiGroups":[""],"resources":["{resource}"],"verbs":["get","list"]}}]}}"#
    )
}

impl Cluster for MadeUp {
    fn about(&self) -> About {
        About { source: "made up".to_owned(), version: Some("v1.34.0".to_owned()), remarks: Vec::new() }
    }

    fn list(&self, resource: Resource, visit: &mut dyn FnMut(Shown<'_>)) -> Listing {
        let (count, object): (usize, fn(usize) -> String) = match resource {
            Resource::Pods => (self.pods, pod),
            Resource::RoleBindings => (self.pods / 5, binding),
            Resource::ClusterRoles => (500, role),
            _ => return Listing::Complete,
        };
        for number in 0..count {
            let text = object(number);
            let object: &RawValue = serde_json::from_str(&text).expect("JSON");
            visit(Shown::Object(object));
        }
        Listing::Complete
    }
}

fn main() {
    if let Some(pods) = env::var("PODS").ok().and_then(|pods| pods.parse().ok()) {
        return measure(pods);
    }
    for pods in [1_000, 10_000, 100_000] {
        let own = env::current_exe().expect("this program has a name");
        let status = Command::new(own).env("PODS", pods.to_string()).status().expect("it starts");
        assert!(status.success(), "{pods} pods");
    }
}

/// Judges a cluster with this many pods and prints the cost, which includes generating the objects.
fn measure(pods: usize) {
    let seen = Seen::of(&MadeUp { pods }, Date::parse("2026-11-30").expect("a day")).expect("the exemptions are read");
    let failed =
        PREDICATES.iter().filter(|predicate| seen.judge(predicate, &BTreeMap::new()).outcome == PolicyOutcome::Fail);
    let failed = failed.count();
    let spent = getrusage(UsageWho::RUSAGE_SELF).expect("it is known").user_time().num_milliseconds();
    let status = fs::read_to_string("/proc/self/status").expect("there is /proc");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default().trim().to_owned();
    println!("{pods} pods, {} bindings: {spent} ms of CPU, {peak} at most, {failed} controls failed", pods / 5);
}
