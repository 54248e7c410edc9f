//! The four lists that rights follow from, and how much of them was seen.

use probe::{Cause, Observed, Reason};

use super::objects::{Binding, Role};

/// A list of objects, which may lack some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// What was seen.
    pub items: Vec<T>,
    /// Why that is not everything; nothing where it is.
    pub missing: Option<Reason>,
}

impl<T> Listed<T> {
    /// All of a kind.
    pub const fn all(items: Vec<T>) -> Self {
        Self { items, missing: None }
    }

    /// The part of a list that was seen before something went wrong.
    pub const fn part(items: Vec<T>, missing: Reason) -> Self {
        Self { items, missing: Some(missing) }
    }

    /// The list, where it was seen. A cluster that does not serve the kind may decide by something else than RBAC, so
    /// that nothing is known of rights.
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

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self::all(Vec::new())
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
