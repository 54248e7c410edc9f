//! Where the rules of aggregated `ClusterRoles` come from. The controller has filled them in; who looks for the reason
//! of a right needs the role that has it.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::objects::{Role, Rule};

/// How many roles with the same rule are looked at.
const CANDIDATES: usize = 64;
/// How many of them are named.
const NAMED: usize = 2;

/// `ClusterRoles` by what their rules say.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    state: RandomState,
    /// By the hash of a rule: the places of the `ClusterRoles` that have it, of which only the first are kept.
    roles: HashMap<u64, Vec<usize>>,
}

impl Origins {
    /// Of all `roles`; nothing where none of them is aggregated.
    pub(crate) fn new(roles: &[Role]) -> Self {
        let mut origins = Self::default();
        if roles.iter().all(|role| role.aggregation_rule.is_none()) {
            return origins;
        }
        // A role that collects itself says less than one that has the rule of its own.
        for aggregated in [false, true] {
            for (place, role) in roles.iter().enumerate() {
                if !role.metadata.namespace.is_empty() || role.aggregation_rule.is_some() != aggregated {
                    continue;
                }
                for rule in &role.rules {
                    let places = origins.roles.entry(origins.state.hash_one(rule)).or_default();
                    if places.len() < CANDIDATES && places.last() != Some(&place) {
                        places.push(place);
                    }
                }
            }
        }
        origins
    }

    /// The names of the `ClusterRoles` that `role` has collected `rule` from, the first two of them.
    pub(crate) fn of<'a>(&self, roles: &'a [Role], role: &Role, rule: &Rule) -> Vec<&'a str> {
        let Some(aggregation) = &role.aggregation_rule else { return Vec::new() };
        let places = self.roles.get(&self.state.hash_one(rule)).into_iter().flatten();
        places
            .filter_map(|&place| roles.get(place))
            .filter(|other| other.metadata.name != role.metadata.name && other.rules.contains(rule))
            .filter(|other| {
                aggregation.cluster_role_selectors.iter().any(|selector| selector.selects(&other.metadata.labels))
            })
            .map(|other| other.metadata.name.as_str())
            .take(NAMED)
            .collect()
    }
}
