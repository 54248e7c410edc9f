//! What a run found, as plain data: one model that every report is a view of, and that is written and read back.
//!
//! It knows no other part of the program, and it has no sentences where data will do: what was expected and what was
//! found are values, which a report puts into words. Reading is strict: what this version does not know is refused.

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

/// What one run over one node found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The version of this model.
    pub schema: Schema,
    /// The run as a whole.
    pub run: Run,
    /// In the order in which they were run.
    pub targets: Vec<Target>,
}

impl Report {
    /// All checks, in order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.targets.iter().flat_map(Target::checks)
    }
}
