//! A right, and how it comes about.

use std::fmt::Write as _;
use std::rc::Rc;

use super::index::Rbac;
use super::objects::{Binding, Role};
use super::who::Who;
use super::words::{object_words, rule_words};

/// How many rules of a role a path names.
const RULES: usize = 3;

/// A right that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant<'a> {
    /// To whom it is given.
    pub who: Who,
    /// By what.
    pub source: Source<'a>,
}

/// What gives a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source<'a> {
    /// The API server itself, which lets `system:masters` do everything.
    BuiltIn,
    /// A binding to a role.
    Bound {
        /// The `ClusterRoleBinding` or `RoleBinding`.
        binding: &'a Binding,
        /// Its role.
        role: &'a Role,
        /// The role's rules that allow it, counted from 0.
        rules: Rc<[usize]>,
    },
}

impl Grant<'_> {
    /// The namespace that the right is limited to; nothing where it is cluster-wide.
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

impl Rbac {
    /// How a right comes about: the binding, its role, the rules.
    pub fn path(&self, grant: &Grant) -> Vec<String> {
        match &grant.source {
            Source::BuiltIn => vec!["built into the API server".to_owned()],
            Source::Bound { binding, role, rules } => {
                let mut path = vec![object_words(&binding.object())];
                path.extend(self.role_path(role, rules));
                path
            }
        }
    }

    /// A role and those of its rules that matter, in words.
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
