//! Questions as `SubjectAccessReviews`, one per line of JSON.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::nullable::nullable;
use crate::rbac::{Action, Rbac};

/// An input line; other keys are ignored.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    spec: &'a RawValue,
}

/// An output line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    spec: &'a RawValue,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation_error: Option<String>,
}

/// The `spec` of a review.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    #[serde(deserialize_with = "nullable")]
    user: String,
    #[serde(deserialize_with = "nullable")]
    groups: Vec<String>,
    resource_attributes: Option<ResourceAttributes>,
    non_resource_attributes: Option<NonResourceAttributes>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ResourceAttributes {
    #[serde(deserialize_with = "nullable")]
    namespace: String,
    #[serde(deserialize_with = "nullable")]
    verb: String,
    #[serde(deserialize_with = "nullable")]
    group: String,
    #[serde(deserialize_with = "nullable")]
    resource: String,
    #[serde(deserialize_with = "nullable")]
    subresource: String,
    #[serde(deserialize_with = "nullable")]
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NonResourceAttributes {
    #[serde(deserialize_with = "nullable")]
    path: String,
    #[serde(deserialize_with = "nullable")]
    verb: String,
}

/// A mistake in a line.
#[derive(Debug, thiserror::Error)]
pub enum NoReview {
    /// The line is not JSON, or not a review.
    #[error("not a SubjectAccessReview: {0}")]
    Form(#[from] serde_json::Error),
    /// The review has no attributes, or both kinds.
    #[error("spec has exactly one of resourceAttributes and nonResourceAttributes")]
    Attributes,
    /// The review has neither a user nor groups.
    #[error("spec has at least one of user and groups")]
    Nobody,
}

/// Answers one line: `{"spec":…}` becomes `{"spec":…,"allowed":…}` with the same spec, byte for byte. If nothing
/// allows the action but a list is incomplete, adds `"evaluationError"`.
pub fn answer(rbac: &Rbac, line: &str) -> Result<String, NoReview> {
    let Line { spec: raw } = serde_json::from_str(line)?;
    let Spec { user, groups, resource_attributes, non_resource_attributes } = serde_json::from_str(raw.get())?;
    let (action, namespace) = match (resource_attributes, non_resource_attributes) {
        (Some(ResourceAttributes { namespace, verb, group, resource, subresource, name }), None) => {
            (Action::Resource { verb, group, resource, subresource, name }, namespace)
        }
        (None, Some(NonResourceAttributes { path, verb })) => (Action::Url { verb, path }, String::new()),
        _ => return Err(NoReview::Attributes),
    };
    if user.is_empty() && groups.is_empty() {
        return Err(NoReview::Nobody);
    }
    let allowed = rbac.allowed(&user, &groups, &action, &namespace).is_some();
    let unseen = rbac.missing().first().filter(|_| !allowed);
    let answer = Answer { spec: raw, allowed, evaluation_error: unseen.map(ToString::to_string) };
    Ok(serde_json::to_string(&answer)?)
}
