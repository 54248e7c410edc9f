//! The reverse of the authorizer's decision: who may perform an action.

use std::rc::Rc;

use super::authorize::MASTERS;
use super::grant::{Grant, Source};
use super::index::Rbac;
use super::matching::Action;
use super::who::Who;

/// The scope of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A cluster-scoped kind, all namespaces at once, or a URL: granted only by `ClusterRoleBindings`.
    ClusterWide,
    /// One namespace: also granted by its `RoleBindings`.
    Namespace(String),
    /// Any namespace: granted by all bindings, each within its scope.
    Anywhere,
}

impl Rbac {
    /// All subjects that may perform `action`, once per binding, ordered by subject and then by binding
    /// (`ClusterRoleBindings` first). The first is always `system:masters`.
    ///
    /// Each role's rules are evaluated once.
    pub fn who_can(&self, action: &Action, place: &Place) -> Vec<Grant<'_>> {
        let mut seen: Vec<Option<Rc<[usize]>>> = vec![None; self.role_count()];
        let mut grants = Vec::new();
        let url = matches!(action, Action::Url { .. });
        for id in self.bindings() {
            let binding = self.binding(id);
            let namespace = &binding.metadata.namespace;
            let here = namespace.is_empty()
                || match place {
                    Place::ClusterWide => false,
                    Place::Namespace(wanted) => !url && namespace == wanted,
                    Place::Anywhere => !url,
                };
            if !here {
                continue;
            }
            let Some(role_id) = self.role_of(binding) else { continue };
            let role = self.role(role_id);
            let rules = seen[role_id.place()].get_or_insert_with(|| {
                let allowing = role.rules.iter().enumerate().filter(|(_, rule)| rule.allows(action));
                allowing.map(|(place, _)| place).collect()
            });
            if rules.is_empty() {
                continue;
            }
            let mut who: Vec<_> = binding.subjects.iter().filter_map(|subject| Who::of(subject, namespace)).collect();
            who.sort_unstable();
            who.dedup();
            grants.extend(
                who.into_iter()
                    .map(|who| Grant { who, source: Source::Bound { binding, role, rules: Rc::clone(rules) } }),
            );
        }
        // A stable sort keeps each subject's bindings in order.
        grants.sort_by(|a, b| a.who.cmp(&b.who));
        grants.insert(0, Grant { who: Who::Group(MASTERS.to_owned()), source: Source::BuiltIn });
        grants
    }
}
