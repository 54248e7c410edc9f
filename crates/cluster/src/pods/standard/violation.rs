//! Violations of a policy.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::policy::{Level, Policy};
use super::rules::{Check, RULES};
use crate::pods::{Annotations, Container, Pod, PodSpec, PodTemplate};

/// A pod or a pod template.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The annotations.
    pub annotations: &'a Annotations,
    /// The specification.
    pub spec: &'a PodSpec,
}

impl<'a> From<&'a Pod> for Subject<'a> {
    fn from(pod: &'a Pod) -> Self {
        Self { annotations: &pod.metadata.annotations, spec: &pod.spec }
    }
}

impl<'a> From<&'a PodTemplate> for Subject<'a> {
    fn from(template: &'a PodTemplate) -> Self {
        Self { annotations: &template.metadata.annotations, spec: &template.spec }
    }
}

/// A reason why a pod violates a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation<'a> {
    /// The violated check.
    pub check: Check,
    /// The container; `None` for the pod as a whole.
    pub container: Option<&'a str>,
    /// What was found, such as `privileged: true`.
    pub found: Cow<'a, str>,
}

/// Collects the violations of one check.
pub(super) struct Found<'a, 'v> {
    pub(super) check: Check,
    pub(super) violations: &'v mut Vec<Violation<'a>>,
}

impl<'a> Found<'a, '_> {
    /// Adds a violation by the pod as a whole.
    pub(super) fn pod(&mut self, found: impl Into<Cow<'a, str>>) {
        self.violations.push(Violation { check: self.check, container: None, found: found.into() });
    }

    /// Adds a violation by one container.
    pub(super) fn container(&mut self, container: &'a Container, found: impl Into<Cow<'a, str>>) {
        self.violations.push(Violation { check: self.check, container: Some(&container.name), found: found.into() });
    }
}

/// All violations of a policy, check by check, as found by an API server of version 1.`latest`.
pub fn violations<'a>(subject: impl Into<Subject<'a>>, policy: Policy, latest: u64) -> Vec<Violation<'a>> {
    let subject = subject.into();
    let minor = policy.minor(latest);
    let mut violations = Vec::new();
    if policy.level == Level::Privileged {
        return violations;
    }
    let restricted = policy.level == Level::Restricted;
    for rule in RULES.iter().filter(|rule| rule.applies(restricted, minor)) {
        (rule.run)(subject, minor, &mut Found { check: rule.check, violations: &mut violations });
    }
    violations
}

/// The names of the violated checks as in the API server's messages, sorted.
pub fn names(violations: &[Violation<'_>]) -> Vec<&'static str> {
    let mut profiles = BTreeSet::new();
    let mut names = BTreeSet::new();
    for violation in violations {
        if violation.check == Check::AppArmorProfile {
            profiles.insert(&violation.found);
        } else {
            names.insert(violation.check.reason());
        }
    }
    // The only name with a plural, which counts forbidden values, not containers.
    match profiles.len() {
        0 => {}
        1 => drop(names.insert(Check::AppArmorProfile.reason())),
        _ => drop(names.insert("forbidden AppArmor profiles")),
    }
    names.into_iter().collect()
}
