//! RBAC objects for tests, built as JSON.

use cluster::rbac::{Action, Listed, Lists, Rbac};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A binding's subject of kind `User`; the functions below build the other kinds.
pub fn user(name: &str) -> Value {
    json!({"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": name})
}

pub fn group(name: &str) -> Value {
    json!({"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": name})
}

pub fn account(namespace: &str, name: &str) -> Value {
    json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
}

/// A rule for resources.
pub fn rule(verbs: &[&str], groups: &[&str], resources: &[&str], names: &[&str]) -> Value {
    json!({"verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names})
}

/// A rule for non-resource URLs.
pub fn urls(verbs: &[&str], urls: &[&str]) -> Value {
    json!({"verbs": verbs, "nonResourceURLs": urls})
}

/// A builder for a cluster's RBAC objects.
#[derive(Default)]
pub struct Made {
    lists: Lists,
}

impl Made {
    pub fn cluster_role(mut self, name: &str, rules: &[Value]) -> Self {
        self.lists.cluster_roles.items.push(of(json!({"metadata": {"name": name}, "rules": rules})));
        self
    }

    pub fn role(mut self, namespace: &str, name: &str, rules: &[Value]) -> Self {
        let role = json!({"metadata": {"namespace": namespace, "name": name}, "rules": rules});
        self.lists.roles.items.push(of(role));
        self
    }

    pub fn cluster_binding(mut self, name: &str, role: &str, subjects: &[Value]) -> Self {
        let role_ref = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role});
        let binding = json!({"metadata": {"name": name}, "roleRef": role_ref, "subjects": subjects});
        self.lists.cluster_role_bindings.items.push(of(binding));
        self
    }

    /// Adds a `RoleBinding`; `role` is `Role x` or `ClusterRole x`.
    pub fn binding(mut self, namespace: &str, name: &str, role: &str, subjects: &[Value]) -> Self {
        let (kind, role) = role.split_once(' ').expect("kind and name");
        let role_ref = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role});
        let metadata = json!({"namespace": namespace, "name": name});
        self.lists
            .role_bindings
            .items
            .push(of(json!({"metadata": metadata, "roleRef": role_ref, "subjects": subjects})));
        self
    }

    pub fn lists(self) -> Lists {
        self.lists
    }

    pub fn rbac(self) -> Rbac {
        Rbac::new(self.lists)
    }
}

pub fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("an object")
}

/// Parses an action: `get pods/exec.apps name` (verb, resource, name) or `get /healthz` (verb, URL).
pub fn action(words: &str) -> Action {
    let mut words = words.split(' ');
    let verb = words.next().expect("a verb").to_owned();
    let what = words.next().expect("a resource");
    if what.starts_with('/') {
        return Action::Url { verb, path: what.to_owned() };
    }
    let (resource, group) = what.split_once('.').unwrap_or((what, ""));
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    Action::Resource {
        verb,
        group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        name: words.next().unwrap_or_default().to_owned(),
    }
}

/// Parses a JSON object of the four RBAC lists by resource.
pub fn lists(json: &str) -> Lists {
    let mut value: Value = serde_json::from_str(json).expect("JSON");
    Lists {
        cluster_roles: Listed::all(of(value["clusterroles"].take())),
        cluster_role_bindings: Listed::all(of(value["clusterrolebindings"].take())),
        roles: Listed::all(of(value["roles"].take())),
        role_bindings: Listed::all(of(value["rolebindings"].take())),
    }
}
