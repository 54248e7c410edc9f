//! Batch mode: JSON lines of pods in, violated Pod Security checks out.

use std::collections::BTreeSet;

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Pod;
use super::object::Object;
use super::standard::{Policy, PolicyError, names, violations};

/// The policies that are evaluated if a line names none.
pub const POLICIES: [&str; 8] = [
    "baseline:latest",
    "restricted:latest",
    "baseline:v1.24",
    "restricted:v1.24",
    "baseline:v1.30",
    "restricted:v1.30",
    "baseline:v1.33",
    "restricted:v1.33",
];

/// Why a line cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The line is not JSON, or not a question.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// The pod is invalid.
    #[error("pod: {0}")]
    Pod(serde_json::Error),
    /// The object is of another kind.
    #[error("pod: kind {0:?}, expected \"Pod\"")]
    Kind(String),
    /// A policy is invalid.
    #[error("policies: {0}")]
    Policy(#[from] PolicyError),
}

#[derive(Deserialize)]
#[serde(expecting = "an object with the key `pod`")]
struct Question<'a> {
    #[serde(borrow)]
    pod: &'a RawValue,
    #[serde(default)]
    policies: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, expecting = "a pod")]
struct Kind {
    kind: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    pod: &'a RawValue,
    violates: Violates,
}

struct Violates(Vec<(String, Vec<&'static str>)>);

impl Serialize for Violates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (policy, names) in &self.0 {
            map.serialize_entry(policy, names)?;
        }
        map.end()
    }
}

/// Answers a line `{"pod":…,"policies":["restricted:latest"]}` with `{"pod":…,"violates":{"restricted:latest":[…]}}`,
/// as an API server of version 1.`latest` would. The pod is repeated verbatim. `policies` defaults to [`POLICIES`].
pub fn answer(line: &str, latest: u64) -> Result<String, BatchError> {
    let Object(question): Object<Question<'_>> = serde_json::from_str(line)?;
    let Object(kind): Object<Kind> = serde_json::from_str(question.pod.get()).map_err(BatchError::Pod)?;
    if let Some(kind) = kind.kind.filter(|kind| kind != "Pod") {
        return Err(BatchError::Kind(kind));
    }
    let Object(pod): Object<Pod> = serde_json::from_str(question.pod.get()).map_err(BatchError::Pod)?;
    let policies = question.policies.unwrap_or_else(|| POLICIES.map(str::to_owned).to_vec());
    let mut violates: Vec<(String, Vec<&'static str>)> = Vec::new();
    let mut seen = BTreeSet::new();
    for text in policies {
        let policy: Policy = text.parse()?;
        if seen.insert(text.clone()) {
            violates.push((text, names(&violations(&pod, policy, latest))));
        }
    }
    Ok(serde_json::to_string(&Answer { pod: question.pod, violates: Violates(violates) })?)
}
