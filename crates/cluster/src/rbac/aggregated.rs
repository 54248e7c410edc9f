//! The origins of rules in aggregated `ClusterRoles`. A controller copies the rules, so a right can be removed only in
//! the role that it was copied from.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::objects::{Role, Rule};

/// The most roles kept per rule.
const CANDIDATES: usize = 64;
/// The most origins returned.
const NAMED: usize = 2;

/// `ClusterRoles` by rule.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    state: RandomState,
    /// The indices of the `ClusterRoles` with a rule, by the rule's hash.
    roles: HashMap<u64, Vec<usize>>,
}

impl Origins {
    /// Indexes `roles`, if any of them is aggregated.
    pub(crate) fn new(roles: &[Role]) -> Self {
        let mut origins = Self::default();
        if roles.iter().all(|role| role.aggregation_rule.is_none()) {
            return origins;
        }
        // Roles that define a rule come before roles that aggregate it.
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

    /// The names of up to two `ClusterRoles` from which `rule` of the aggregated `role` was copied.
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
