//! A grant, and its path: binding, role, rules.

use std::fmt::Write as _;
use std::rc::Rc;

use super::index::Rbac;
use super::objects::{Binding, Role};
use super::who::Who;
use super::words::{object_words, rule_words};

/// The most rules shown in a path.
const RULES: usize = 3;

/// A right of one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant<'a> {
    /// The subject.
    pub who: Who,
    /// The source of the right.
    pub source: Source<'a>,
}

/// The source of a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source<'a> {
    /// The API server itself, which allows `system:masters` everything.
    BuiltIn,
    /// A binding to a role.
    Bound {
        /// The `ClusterRoleBinding` or `RoleBinding`.
        binding: &'a Binding,
        /// Its role.
        role: &'a Role,
        /// The indices of the rules that grant it.
        rules: Rc<[usize]>,
    },
}

impl Grant<'_> {
    /// The namespace that the right is limited to, or `None` for a cluster-wide right.
    pub fn namespace(&self) -> Option<&str> {
        match &self.source {
            Source::BuiltIn => None,
            Source::Bound { binding, .. } => {
                let namespace = binding.metadata.namespace.as_str();
                (!namespace.is_empty()).then_some(namespace)
            }
        }
    }
}

/// The path of a grant without a binding.
pub const BUILT_IN: &str = "built into the API server";

impl Rbac {
    /// The path of a grant as text: binding, role, rules.
    pub fn path(&self, grant: &Grant) -> Vec<String> {
        match &grant.source {
            Source::BuiltIn => vec![BUILT_IN.to_owned()],
            Source::Bound { binding, role, rules } => {
                let mut path = vec![object_words(&binding.object())];
                path.extend(self.role_path(role, rules));
                path
            }
        }
    }

    /// A role and some of its rules, as text.
    pub(crate) fn role_path(&self, role: &Role, rules: &[usize]) -> Vec<String> {
        let mut path = vec![object_words(&role.object())];
        for &place in rules.iter().take(RULES) {
            let Some(rule) = role.rules.get(place) else { continue };
            let mut words = rule_words(place, rule);
            let origins = self.origins(role, rule);
            if !origins.is_empty() {
                _ = write!(words, " (collected from ClusterRole {})", origins.join(", "));
            }
            path.push(words);
        }
        if rules.len() > RULES {
            path.push(format!("+{} more rules", rules.len() - RULES));
        }
        path
    }
}
