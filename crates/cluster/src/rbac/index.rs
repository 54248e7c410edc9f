//! The RBAC index: roles by name, bindings by subject.

use std::collections::HashMap;

use probe::Reason;

use super::aggregated::Origins;
use super::lists::Lists;
use super::objects::{Binding, Role, Rule};
use super::who::Who;
use crate::policy::ObjectName;

/// The rights in a cluster, indexed from its roles and bindings.
#[derive(Debug, Default)]
pub struct Rbac {
    roles: Vec<Role>,
    bindings: Vec<Binding>,
    /// Roles by namespace and name; `ClusterRoles` have the namespace "".
    names: HashMap<String, HashMap<String, usize>>,
    /// Bindings by user name (service accounts included), in index order.
    users: HashMap<String, Vec<usize>>,
    /// Bindings by group name, in index order.
    groups: HashMap<String, Vec<usize>>,
    origins: Origins,
    missing: Vec<Reason>,
    /// Whether the lists of `ClusterRoles` and of `Roles` are complete.
    all_cluster_roles: bool,
    all_roles: bool,
}

/// A role's position in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RoleId(usize);

/// A binding's position in the index: `ClusterRoleBindings` first, then by namespace and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BindingId(usize);

impl Rbac {
    /// Indexes `lists`.
    ///
    /// If a role is listed twice, its rules are merged, so that no grant is lost.
    pub fn new(lists: Lists) -> Self {
        let Lists { cluster_roles, cluster_role_bindings, roles, role_bindings } = lists;
        let mut rbac = Self {
            all_cluster_roles: cluster_roles.missing.is_none(),
            all_roles: roles.missing.is_none(),
            missing: [cluster_roles.missing, cluster_role_bindings.missing, roles.missing, role_bindings.missing]
                .into_iter()
                .flatten()
                .collect(),
            ..Self::default()
        };
        for mut role in cluster_roles.items {
            role.metadata.namespace.clear();
            rbac.add_role(role);
        }
        for role in roles.items {
            // Without a namespace, it would be indexed as a ClusterRole.
            if !role.metadata.namespace.is_empty() {
                rbac.add_role(role);
            }
        }
        rbac.origins = Origins::new(&rbac.roles);
        rbac.bindings = cluster_role_bindings.items;
        for binding in &mut rbac.bindings {
            binding.metadata.namespace.clear();
        }
        rbac.bindings.extend(role_bindings.items.into_iter().filter(|binding| !binding.metadata.namespace.is_empty()));
        rbac.bindings
            .sort_by(|a, b| (&a.metadata.namespace, &a.metadata.name).cmp(&(&b.metadata.namespace, &b.metadata.name)));
        rbac.hold();
        rbac
    }

    fn add_role(&mut self, role: Role) {
        let names = self.names.entry(role.metadata.namespace.clone()).or_default();
        match names.get(&role.metadata.name) {
            Some(&known) => {
                if self.roles[known].rules != role.rules {
                    self.roles[known].rules.extend(role.rules);
                }
            }
            None => {
                names.insert(role.metadata.name.clone(), self.roles.len());
                self.roles.push(role);
            }
        }
    }

    fn hold(&mut self) {
        for (index, binding) in self.bindings.iter().enumerate() {
            let namespace = &binding.metadata.namespace;
            for subject in &binding.subjects {
                let Some(who) = Who::of(subject, namespace) else { continue };
                let (names, name) = match &who {
                    Who::Group(name) => (&mut self.groups, name.clone()),
                    Who::User(_) | Who::ServiceAccount { .. } => (&mut self.users, who.user_name().unwrap_or_default()),
                };
                let held = names.entry(name).or_default();
                if held.last() != Some(&index) {
                    held.push(index);
                }
            }
        }
    }

    /// Why lists are incomplete, one reason per list.
    pub fn missing(&self) -> &[Reason] {
        &self.missing
    }

    /// All bindings, `ClusterRoleBindings` first.
    pub(crate) fn bindings(&self) -> impl Iterator<Item = BindingId> {
        (0..self.bindings.len()).map(BindingId)
    }

    /// The bindings with this user as a subject, in index order.
    pub(crate) fn naming_user(&self, user: &str) -> impl Iterator<Item = BindingId> {
        self.users.get(user).into_iter().flatten().copied().map(BindingId)
    }

    /// The bindings with this group as a subject, in index order.
    pub(crate) fn naming_group(&self, group: &str) -> impl Iterator<Item = BindingId> {
        self.groups.get(group).into_iter().flatten().copied().map(BindingId)
    }

    /// The bindings in `namespace` (empty: the `ClusterRoleBindings`) that apply to a user in these groups, in index
    /// order.
    pub(crate) fn held(&self, namespace: &str, user: &str, groups: &[String]) -> Vec<BindingId> {
        let mut held = Vec::new();
        for all in self.users.get(user).into_iter().chain(groups.iter().filter_map(|group| self.groups.get(group))) {
            // Bindings are ordered by namespace.
            let of = |index: &usize| self.bindings[*index].metadata.namespace.as_str();
            let start = all.partition_point(|index| of(index) < namespace);
            held.extend(all[start..].iter().take_while(|index| of(index) == namespace).copied().map(BindingId));
        }
        held.sort_unstable();
        held.dedup();
        held
    }

    pub(crate) fn binding(&self, id: BindingId) -> &Binding {
        &self.bindings[id.0]
    }

    pub(crate) fn role(&self, id: RoleId) -> &Role {
        &self.roles[id.0]
    }

    /// All roles.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.iter()
    }

    /// Up to two `ClusterRoles` from which `rule` of an aggregated role was copied.
    pub(crate) fn origins(&self, role: &Role, rule: &Rule) -> Vec<&str> {
        self.origins.of(&self.roles, role, rule)
    }

    /// The role that a binding refers to, if it is in the index.
    pub(crate) fn role_of(&self, binding: &Binding) -> Option<RoleId> {
        let namespace = match binding.role_ref.kind.as_str() {
            "ClusterRole" => "",
            // A ClusterRoleBinding cannot refer to a Role.
            "Role" if !binding.metadata.namespace.is_empty() => &binding.metadata.namespace,
            _ => return None,
        };
        self.names.get(namespace)?.get(&binding.role_ref.name).copied().map(RoleId)
    }

    /// Whether the role that a binding refers to is known not to exist.
    pub(crate) fn dangles(&self, binding: &Binding) -> bool {
        let seen = match binding.role_ref.kind.as_str() {
            "ClusterRole" => self.all_cluster_roles,
            "Role" => self.all_roles,
            _ => true,
        };
        seen && self.role_of(binding).is_none()
    }

    /// The number of roles; every [`RoleId`] is lower.
    pub(crate) const fn role_count(&self) -> usize {
        self.roles.len()
    }
}

impl RoleId {
    /// The index.
    pub(crate) const fn place(self) -> usize {
        self.0
    }
}

impl Role {
    /// The kind, namespace and name.
    pub fn object(&self) -> ObjectName {
        object(&self.metadata, "ClusterRole", "Role")
    }
}

impl Binding {
    /// The kind, namespace and name.
    pub fn object(&self) -> ObjectName {
        object(&self.metadata, "ClusterRoleBinding", "RoleBinding")
    }
}

fn object(meta: &crate::Meta, cluster_wide: &str, namespaced: &str) -> ObjectName {
    let kind = if meta.namespace.is_empty() { cluster_wide } else { namespaced };
    ObjectName { kind: kind.to_owned(), namespace: meta.namespace.clone(), name: meta.name.clone() }
}
