//! The decision of the API server's RBAC authorizer (upstream: `plugin/pkg/auth/authorizer/rbac/rbac.go`,
//! `pkg/registry/rbac/validation/rule.go`).

use std::collections::HashSet;

use super::grant::{Grant, Source};
use super::index::Rbac;
use super::matching::Action;
use super::who::Who;

/// The group to which the API server allows everything without consulting RBAC.
pub const MASTERS: &str = "system:masters";

impl Rbac {
    /// The first grant that allows a user in exactly these groups to perform `action`; `None` if it is not allowed. An
    /// empty `namespace` means a cluster-scoped kind, or all namespaces at once.
    ///
    /// No groups are added, since requests carry all of them, including `system:authenticated`.
    pub fn allowed(&self, user: &str, groups: &[String], action: &Action, namespace: &str) -> Option<Grant<'_>> {
        if groups.iter().any(|group| group == MASTERS) {
            return Some(Grant { who: Who::Group(MASTERS.to_owned()), source: Source::BuiltIn });
        }
        // URLs are not namespaced.
        let namespace = if matches!(action, Action::Url { .. }) { "" } else { namespace };
        let everywhere = self.held("", user, groups);
        let here = if namespace.is_empty() { Vec::new() } else { self.held(namespace, user, groups) };
        let mut asked = HashSet::new();
        everywhere.into_iter().chain(here).find_map(|id| {
            let binding = self.binding(id);
            let role_id = self.role_of(binding)?;
            // The role's rules have already been tried without a match.
            if !asked.insert(role_id) {
                return None;
            }
            let role = self.role(role_id);
            let rule = role.rules.iter().position(|rule| rule.allows(action))?;
            let who =
                binding.subjects.iter().filter_map(|subject| Who::of(subject, &binding.metadata.namespace)).find(
                    |who| match who {
                        Who::Group(name) => groups.contains(name),
                        own => own.user_name().as_deref() == Some(user),
                    },
                )?;
            Some(Grant { who, source: Source::Bound { binding, role, rules: [rule].into() } })
        })
    }
}
