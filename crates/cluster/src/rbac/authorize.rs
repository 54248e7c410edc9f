//! The API server's own decision: may this user do that?
//! (`plugin/pkg/auth/authorizer/rbac/rbac.go`, `pkg/registry/rbac/validation/rule.go`.)

use std::collections::HashSet;

use super::grant::{Grant, Source};
use super::index::Rbac;
use super::matching::Action;
use super::who::Who;

/// The group that the API server lets do everything, before it asks RBAC.
pub const MASTERS: &str = "system:masters";

impl Rbac {
    /// What allows the user called `user`, in exactly these groups, to do `action` in `namespace` (empty: on a kind
    /// that has none, or in all namespaces at once); nothing where nothing does.
    ///
    /// A request carries all groups of its user, `system:authenticated` too: none is added here.
    pub fn allowed(&self, user: &str, groups: &[String], action: &Action, namespace: &str) -> Option<Grant<'_>> {
        if groups.iter().any(|group| group == MASTERS) {
            return Some(Grant { who: Who::Group(MASTERS.to_owned()), source: Source::BuiltIn });
        }
        // A URL is in no namespace, whatever is said.
        let namespace = if matches!(action, Action::Url { .. }) { "" } else { namespace };
        let everywhere = self.held("", user, groups);
        let here = if namespace.is_empty() { Vec::new() } else { self.held(namespace, user, groups) };
        let mut asked = HashSet::new();
        everywhere.into_iter().chain(here).find_map(|id| {
            let binding = self.binding(id);
            let role_id = self.role_of(binding)?;
            // A role says the same in each binding.
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
