//! Who lists the objects of a cluster.

use probe::{Cause, Reason};
use serde_json::value::RawValue;

use crate::Resource;

/// Who lists the objects of a cluster: the API, a recording, files that kubectl wrote.
///
/// A list never fails as a whole: what could not be seen is said by the [`Listing`].
pub trait Cluster {
    /// What is known of the cluster itself.
    fn about(&self) -> About;

    /// Lists a resource in all namespaces: each object is shown once, as the JSON that the API has of it, and then
    /// forgotten.
    fn list(&self, resource: Resource, visit: &mut dyn FnMut(Shown<'_>)) -> Listing;
}

/// What is shown while a list is read.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'o> {
    /// An object.
    Object(&'o RawValue),
    /// The list begins anew: what was shown of it before is to be forgotten.
    Again,
}

/// What is known of a cluster without its objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Where its objects come from: the API server's address, a file.
    pub source: String,
    /// The API server's version: `v1.32.4-eks-abcdef`.
    pub version: Option<String>,
    /// What the user should know of how it was read.
    pub remarks: Vec<String>,
}

/// How a list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// All objects were shown.
    Complete,
    /// The cluster has no such resource.
    Absent,
    /// Not all objects were shown, or none, for this reason.
    Unknown(Reason),
}

/// Why a list is not complete of which an object could not be read.
pub fn malformed(resource: Resource, error: &serde_json::Error) -> Reason {
    Reason::new(Cause::Malformed, resource, format!("an object is not as the API has it: {error}"))
}
