//! The controls decided by a cluster's objects: one predicate each, all pure functions.

pub mod eks;
pub mod eks_anywhere;
pub mod exempt_workload;
pub mod exemption;
pub mod rights;
pub mod workloads;

use std::fmt;

use probe::Reason;

pub use exemption::Exemption;

/// The result of evaluating one control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The outcome.
    pub outcome: Outcome,
    /// The findings that fail the control, in a stable order.
    pub offenders: Vec<Seen>,
    /// Exempt findings, each with the reason.
    pub exempt: Vec<(Seen, String)>,
    /// Notes for the user, which do not affect the outcome.
    pub noted: Vec<Seen>,
}

/// The outcome of a predicate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There are no offenders, and the lists are complete.
    Pass,
    /// There are offenders, even if lists are incomplete.
    Fail,
    /// There are no offenders so far, but evidence is missing.
    Unknown(Reason),
    /// The findings need review.
    Manual,
    /// The control does not apply; contains what the cluster lacks.
    NotApplicable(Reason),
}

/// A finding in an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// The object: for rights, the binding; for pods, their top-level controller.
    pub object: ObjectName,
    /// The container (`web`) or subject (`User alice`, `ServiceAccount ns/name`) concerned.
    pub part: Option<String>,
    /// The path from the object, such as `ClusterRole admin`, `rule 2: get, list secrets`.
    pub path: Vec<String>,
    /// What was found, such as `privileged: true`.
    pub found: String,
}

/// An object by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// The namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.as_str() {
            "" => write!(f, "{} {}", self.kind, self.name),
            namespace => write!(f, "{} {namespace}/{}", self.kind, self.name),
        }
    }
}
