//! The reverse of the API server's decision: who may do that?

use std::rc::Rc;

use super::authorize::MASTERS;
use super::grant::{Grant, Source};
use super::index::Rbac;
use super::matching::Action;
use super::who::Who;

/// Where an action takes place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On a kind that has no namespace, in all namespaces at once, or on a URL: only `ClusterRoleBindings` grant that.
    ClusterWide,
    /// In one namespace: its `RoleBindings` grant it too.
    Namespace(String),
    /// In any namespace or all: each grant says where it holds.
    Anywhere,
}

impl Rbac {
    /// Everyone who may do `action`, once for each binding that allows it, in the order of subjects, then of bindings:
    /// `ClusterRoleBindings` first. The first one is the group that the API server lets do everything.
    ///
    /// The rules of each role are looked at once.
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
        // Stable: the bindings of each subject stay in their order.
        grants.sort_by(|a, b| a.who.cmp(&b.who));
        grants.insert(0, Grant { who: Who::Group(MASTERS.to_owned()), source: Source::BuiltIn });
        grants
    }
}
