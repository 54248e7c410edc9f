//! The four lists that rights follow from, of any cluster.

use cluster::rbac::{Binding, Listed, Lists, Rbac, Role};
use cluster::{Cluster, Listing, Resource, Shown};
use probe::{Cause, Reason};
use serde::de::DeserializeOwned;

/// Who may do what in a cluster.
pub(super) fn of(cluster: &dyn Cluster) -> Rbac {
    Rbac::new(Lists {
        cluster_roles: listed::<Role>(cluster, Resource::ClusterRoles),
        cluster_role_bindings: listed::<Binding>(cluster, Resource::ClusterRoleBindings),
        roles: listed::<Role>(cluster, Resource::Roles),
        role_bindings: listed::<Binding>(cluster, Resource::RoleBindings),
    })
}

fn listed<T: DeserializeOwned>(cluster: &dyn Cluster, resource: Resource) -> Listed<T> {
    let mut items = Vec::new();
    let mut mistake = None;
    let listing = cluster.list(resource, &mut |shown| match shown {
        Shown::Again => items.clear(),
        Shown::Object(object) => match serde_json::from_str(object.get()) {
            Ok(item) => items.push(item),
            Err(error) => {
                mistake.get_or_insert_with(|| {
                    Reason::new(Cause::Malformed, resource, format!("an object is not as the API has it: {error}"))
                });
            }
        },
    });
    let missing = match listing {
        Listing::Complete => mistake,
        Listing::Absent => Some(Reason::new(Cause::System, resource, "the API server has no RBAC")),
        Listing::Unknown(reason) => Some(reason),
    };
    Listed { items, missing }
}
