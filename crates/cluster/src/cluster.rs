//! Sources of a cluster's objects.

use probe::{Cause, Reason};
use serde_json::value::RawValue;

use crate::Resource;

/// A source of a cluster's objects: the API, a recording, or kubectl's output.
///
/// Listing never fails as a whole: the [`Listing`] states what is missing.
pub trait Cluster {
    /// Information about the cluster itself.
    fn about(&self) -> About;

    /// Lists a resource in all namespaces. Each object is passed on once, as the API's JSON, and not kept.
    fn list(&self, resource: Resource, visit: &mut dyn FnMut(Shown<'_>)) -> Listing;
}

/// An event while reading a list.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'o> {
    /// An object.
    Object(&'o RawValue),
    /// The list restarts: discard everything passed on so far.
    Again,
}

/// Information about a cluster, apart from its objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The source of the objects: the API server's address, or a file.
    pub source: String,
    /// The API server's version, such as `v1.32.4-eks-abcdef`.
    pub version: Option<String>,
    /// Notes for the user on how the objects were read.
    pub remarks: Vec<String>,
}

/// How a list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// All objects were passed on.
    Complete,
    /// The cluster has no such resource.
    Absent,
    /// Some or all objects are missing, for this reason.
    Unknown(Reason),
}

/// Why a list with an unreadable object is incomplete.
pub fn malformed(resource: Resource, error: &serde_json::Error) -> Reason {
    Reason::new(Cause::Malformed, resource, format!("invalid object: {error}"))
}
