//! The results of a run as plain data: the one model that every report format renders, and that can be read back.
//!
//! The crate depends on no other part of the program. Expectations and findings are values where possible, not
//! sentences; each report format puts them into words. Reading is strict: unknown fields and values are errors.

mod check;
mod evidence;
mod expectation;
mod fit;
mod run;
mod schema;

use serde::{Deserialize, Serialize};

pub use check::{Assessment, Cause, Check, Disposition, Group, Place, Reason, Severity, Skip, Target, Verdict};
pub use evidence::{Certificate, Evidence, Found, Listed, LookedAt, Note, Source};
pub use expectation::{Condition, Expectation, FileKey, Operator, Requirement, Subject, Value};
pub use fit::Misfit;
pub use run::{
    Benchmark, Cluster, ClusterRole, Command, EksAnywhere, Host, Kubernetes, Notice, Platform, Profile, Run, Sandbox,
    TargetNote,
};
pub use schema::{SCHEMA, Schema};

/// The results of a run on one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The version of this model, always 1.
    pub schema: Schema,
    /// Information about the run as a whole.
    pub run: Run,
    /// The results by target, in the order in which the targets were run.
    pub targets: Vec<Target>,
}

impl Report {
    /// All checks, in order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.targets.iter().flat_map(Target::checks)
    }
}
