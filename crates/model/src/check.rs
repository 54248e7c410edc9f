//! What was found of each check, by target and group.

use serde::{Deserialize, Serialize};

use crate::{Evidence, Expectation, LookedAt};

/// What was found of one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The name: `master`.
    pub name: String,
    /// The benchmark that it belongs to, where that is a further one of the run; none where it is the run's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<String>,
    /// The number of its section.
    pub id: String,
    /// The section's title.
    pub title: String,
    /// In the order of the benchmark.
    pub groups: Vec<Group>,
}

/// What was found of one group of checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The number.
    pub id: String,
    /// The title.
    pub title: String,
    /// In the order of the benchmark.
    pub checks: Vec<Check>,
}

/// What was found of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The number in this benchmark.
    pub id: String,
    /// The key of the control; none of a rule file, which has no such keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// What should hold, without `(Automated)` behind it.
    pub title: String,
    /// The level of the benchmark that asks for it (1 or 2), where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// How bad a failure is, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Whether a failure counts as one.
    pub scored: bool,
    /// What the benchmark prints beside the title; none where it prints nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
    /// The answer.
    pub verdict: Verdict,
    /// Why the check is unknown or not applicable, or why a rule file's check is what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Whether the answer counts.
    pub disposition: Disposition,
    /// Why it does not count where it is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<Skip>,
    /// Where it was looked; none where nothing was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<LookedAt>,
    /// What was expected; none where a person judges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expectation>,
    /// What the verdict rests on: what violates the expectation comes first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// How to fix it, with this node's paths.
    pub remediation: String,
    /// Where the check is defined, if that is a rule file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defined_at: Option<Place>,
    /// The verdict of the rule file, where that is judged more strictly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Verdict>,
}

/// The answer to one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is as the benchmark wants it.
    Pass,
    /// It is not.
    Fail,
    /// A person must judge it.
    Manual,
    /// It could not be known.
    Unknown,
    /// What it is about is not on this node.
    NotApplicable,
}

/// Whether an answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// It counts.
    Counted,
    /// A profile or the user skips the check.
    Skipped,
}

/// What the benchmark prints beside the title of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Assessment {
    /// `(Automated)`
    Automated,
    /// `(Manual)`
    Manual,
}

/// How bad a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// Why a verdict is what it is, where no evidence shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The kind of reason.
    pub cause: Cause,
    /// What it is about: a path, a process, a component, a command.
    pub subject: String,
    /// What is wrong with it, and what to do where that is known.
    pub detail: String,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Unknown: permission was denied.
    PermissionDenied,
    /// Unknown: the recording was never asked.
    NotRecorded,
    /// Unknown: it is there but cannot be read as what it should be.
    Malformed,
    /// Unknown: it is larger than what is read of a file.
    TooLarge,
    /// Unknown: it is neither a regular file nor a directory.
    NotRegular,
    /// Unknown: the links form a loop, or through too many steps.
    LinkLoop,
    /// Unknown: it disappeared while it was read.
    Vanished,
    /// Unknown: the component is there but does not run.
    NotRunning,
    /// Unknown: no answer came in time, or there was no time left to ask.
    TimedOut,
    /// Unknown: the system answered with another error.
    System,
    /// Unknown: the audit needs a command that was not run.
    CommandNotRun,
    /// Unknown: a rule file's check that is skipped is not evaluated, since its audit may be any script.
    NotEvaluated,
    /// Not applicable: the component is not on this node.
    ComponentAbsent,
    /// Not applicable: the component is part of another program, which uses no such file.
    PartOfProgram,
    /// Not applicable: the component runs in a container, not in a unit of its own.
    InContainer,
    /// Not applicable: there is no such file.
    NoSuchFile,
    /// Not applicable: the control says nothing on this platform.
    Platform,
    /// What the rule file's audit led to.
    Audit,
    /// A stricter judgement than the rule file's.
    Strict,
}

/// Why a check is skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Skip {
    /// The profile that skips it; none where the user does (`--skip`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The reason.
    pub reason: String,
    /// Where the reason is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The numbers under which the profile's guide lists it, which need not be this benchmark's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guide_ids: Vec<String>,
}

/// A place in a rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl Target {
    /// All checks, in order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.groups.iter().flat_map(|group| &group.checks)
    }
}

impl Check {
    /// Whether its answer is left out of account.
    pub const fn is_skipped(&self) -> bool {
        matches!(self.disposition, Disposition::Skipped)
    }
}

impl Assessment {
    /// As it is printed beside a title: `Automated`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automated => "Automated",
            Self::Manual => "Manual",
        }
    }
}

impl Severity {
    /// As it is written: `critical`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Verdict {
    /// As it is written: `not-applicable`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Manual => "manual",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not-applicable",
        }
    }
}
