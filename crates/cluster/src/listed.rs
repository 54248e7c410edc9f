//! Lists of objects, which may be incomplete.

use probe::{Cause, Reason};
use serde::de::DeserializeOwned;

use crate::cluster::{Cluster, Listing, Shown, malformed};
use crate::resource::Resource;

/// Objects of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The objects that were listed.
    pub items: Vec<T>,
    /// Why the list is incomplete, if it is.
    pub missing: Option<Reason>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), missing: None }
    }
}

impl<T: DeserializeOwned> Listed<T> {
    /// Lists a resource and keeps all of its objects.
    pub fn of(cluster: &dyn Cluster, resource: Resource) -> Self {
        Self::with_end(cluster, resource).0
    }

    /// Like [`Listed::of`], and whether the cluster lacks the resource.
    pub(crate) fn with_end(cluster: &dyn Cluster, resource: Resource) -> (Self, bool) {
        let mut items = Vec::new();
        let listing = each(cluster, resource, &mut |item| match item {
            Some(item) => items.push(item),
            None => items.clear(),
        });
        let is_absent = listing == Listing::Absent;
        (Self { items, missing: gap(resource, listing) }, is_absent)
    }
}

/// Passes on each object of a resource, or `None` if the list restarts and earlier objects must be discarded. A list
/// with an unreadable object is incomplete.
pub fn each<T: DeserializeOwned>(
    cluster: &dyn Cluster,
    resource: Resource,
    visit: &mut dyn FnMut(Option<T>),
) -> Listing {
    let mut mistake = None;
    let listing = cluster.list(resource, &mut |shown| match shown {
        Shown::Again => visit(None),
        Shown::Object(object) => match serde_json::from_str(object.get()) {
            Ok(item) => visit(Some(item)),
            Err(error) => {
                mistake.get_or_insert_with(|| malformed(resource, &error));
            }
        },
    });
    match (listing, mistake) {
        (Listing::Complete, Some(mistake)) => Listing::Unknown(mistake),
        (listing, _) => listing,
    }
}

/// Why some objects of a resource may be missing. An optional resource that does not exist has no objects.
pub fn gap(resource: Resource, listing: Listing) -> Option<Reason> {
    match listing {
        Listing::Complete => None,
        Listing::Absent if resource.served().optional => None,
        Listing::Absent => Some(Reason::new(Cause::System, resource, "the API server does not have it")),
        Listing::Unknown(reason) => Some(reason),
    }
}
