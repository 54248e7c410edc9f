//! The controls that are judged by a cluster's objects: one predicate a control, each a pure function.

pub mod eks;
pub mod eks_anywhere;
pub mod exempt_workload;
pub mod exemption;
pub mod rights;
pub mod workloads;

use std::fmt;

use probe::Reason;

pub use exemption::Exemption;

/// What came of judging one control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The answer.
    pub outcome: Outcome,
    /// What speaks against the control, in a stable order.
    pub offenders: Vec<Seen>,
    /// What would, but does not count, each with the reason.
    pub exempt: Vec<(Seen, String)>,
    /// What a person should know, and decides nothing.
    pub noted: Vec<Seen>,
}

/// The answer of a predicate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing speaks against it, and everything was seen.
    Pass,
    /// Something does, whatever else was not seen.
    Fail,
    /// Nothing that was seen does, but not everything was seen.
    Unknown(Reason),
    /// A person judges, with what was seen.
    Manual,
    /// The cluster has nothing that it speaks of: what it lacks, and why that is enough.
    NotApplicable(Reason),
}

/// One thing that was seen in an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// The object that it was seen in: of rights, the binding; of pods, the top controller that made them.
    pub object: ObjectName,
    /// The container (`web`) or subject (`User alice`, `ServiceAccount ns/name`) that it is about.
    pub part: Option<String>,
    /// How it comes about, from the object on: `ClusterRole admin`, `rule 2: get, list secrets`.
    pub path: Vec<String>,
    /// What was found: `privileged: true`.
    pub found: String,
}

/// An object by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// `Deployment`.
    pub kind: String,
    /// Empty for kinds that have none.
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
