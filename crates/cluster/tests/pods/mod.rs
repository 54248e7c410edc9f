//! Pods: the answers of an API server, further facts, and what a recording keeps.

mod batch;
mod facts;
mod forms;
mod images;
mod oracle;
mod property;
mod versions;

use cluster::pods::Pod;
use cluster::pods::standard::{NEWEST, names, violations};
use serde_json::Value;

/// The names of the checks that a pod violates, by the newest version known.
fn violated(pod: &Value, policy: &str) -> Vec<&'static str> {
    violated_at(pod, policy, NEWEST)
}

/// The names of the checks that a pod violates, by an API server of version 1.`latest`.
fn violated_at(pod: &Value, policy: &str, latest: u64) -> Vec<&'static str> {
    let pod: Pod = serde_json::from_value(pod.clone()).unwrap_or_else(|error| panic!("{error}: {pod}"));
    names(&violations(&pod, policy.parse().unwrap(), latest))
}
