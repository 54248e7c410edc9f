//! The four lists of RBAC objects, and whether each is complete.

use probe::{Cause, Observed, Reason};

use super::objects::{Binding, Role};
use crate::Listed;

impl<T> Listed<T> {
    /// Creates a complete list.
    pub const fn all(items: Vec<T>) -> Self {
        Self { items, missing: None }
    }

    /// Creates an incomplete list.
    pub const fn part(items: Vec<T>, missing: Reason) -> Self {
        Self { items, missing: Some(missing) }
    }

    /// Creates a list from an observation. A cluster that does not serve `kind` may use another authorizer, so its
    /// rights are unknown.
    pub fn observed(observed: Observed<Vec<T>>, kind: &str) -> Self {
        match observed {
            Observed::Present(items) => Self::all(items),
            Observed::Absent => Self::part(
                Vec::new(),
                Reason::new(
                    Cause::System,
                    format!("list {kind}.rbac.authorization.k8s.io"),
                    "the API server has no RBAC",
                ),
            ),
            Observed::Unknown(reason) => Self::part(Vec::new(), reason),
        }
    }
}

/// The four lists of `rbac.authorization.k8s.io`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    /// `clusterroles`.
    pub cluster_roles: Listed<Role>,
    /// `clusterrolebindings`.
    pub cluster_role_bindings: Listed<Binding>,
    /// `roles` of all namespaces.
    pub roles: Listed<Role>,
    /// `rolebindings` of all namespaces.
    pub role_bindings: Listed<Binding>,
}
