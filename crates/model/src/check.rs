//! The results of a run, by target, group and check.

use serde::{Deserialize, Serialize};

use crate::{Evidence, Expectation, LookedAt};

/// The results of one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The target's name: `master`.
    pub name: String,
    /// The name of the benchmark that the target belongs to, one of `run.further`; absent for the run's first
    /// benchmark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<String>,
    /// The number of the target's section in the benchmark: `1`.
    pub id: String,
    /// The section's title.
    pub title: String,
    /// The groups, in benchmark order.
    pub groups: Vec<Group>,
}

/// The results of one group of checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The group's number: `1.2`.
    pub id: String,
    /// The group's title.
    pub title: String,
    /// The checks, in benchmark order.
    pub checks: Vec<Check>,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The check's number in its benchmark: `1.2.6`.
    pub id: String,
    /// The key of the control that the check applies; absent for checks of rule files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// The setting or object that is checked and what should hold, without a trailing `(Automated)` or `(Manual)`.
    pub title: String,
    /// The CIS profile level, 1 or 2; absent if the benchmark has no levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// The severity of a failure; absent for checks of rule files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Whether a failed or unknown check is reported as FAIL (true) or as WARN (false).
    pub scored: bool,
    /// The word that the benchmark prints in parentheses after the title; absent if it prints none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
    /// The result.
    pub verdict: Verdict,
    /// The reason for the verdict; always present if the verdict is `unknown` or `not-applicable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Whether the verdict counts towards the totals.
    pub disposition: Disposition,
    /// Why the check is skipped; present exactly if the disposition is `skipped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<Skip>,
    /// Where the check looked; absent if it inspected nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<LookedAt>,
    /// The expectation; absent if the check is manual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expectation>,
    /// The evidence for the verdict, violations first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// How to fix a failure, with this node's paths.
    pub remediation: String,
    /// Where the check is defined; present only for checks of rule files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defined_at: Option<Place>,
    /// The rule file's own verdict, if a stricter one replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Verdict>,
}

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The node meets the expectation.
    Pass,
    /// The node violates the expectation.
    Fail,
    /// A person has to assess it.
    Manual,
    /// The check could not be evaluated; `reason` says why.
    Unknown,
    /// The check does not apply to this node; `reason` says why.
    NotApplicable,
}

/// Whether a verdict counts towards the totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// The verdict counts.
    Counted,
    /// A profile or the user skips the check, so that its verdict does not count.
    Skipped,
}

/// How the benchmark says a check is assessed, as printed after the check's title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Assessment {
    /// Printed as `(Automated)`.
    Automated,
    /// Printed as `(Manual)`.
    Manual,
}

/// The severity of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Low severity.
    Low,
    /// Medium severity.
    Medium,
    /// High severity.
    High,
    /// Critical severity.
    Critical,
}

/// The reason for a verdict that evidence alone does not explain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The kind of reason.
    pub cause: Cause,
    /// The path, process, component or command concerned; may be empty.
    pub subject: String,
    /// What is wrong, and what to do about it if that is known.
    pub detail: String,
}

/// The kind of a reason, and the verdict it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Unknown: permission was denied.
    PermissionDenied,
    /// Unknown: the recording does not contain it.
    NotRecorded,
    /// Unknown: it exists but cannot be parsed.
    Malformed,
    /// Unknown: it exceeds a size limit.
    TooLarge,
    /// Unknown: it is neither a regular file nor a directory, so it was not opened.
    NotRegular,
    /// Unknown: symbolic links form a loop, or there are too many of them.
    LinkLoop,
    /// Unknown: it disappeared while it was being read.
    Vanished,
    /// Unknown: the component is installed but not running.
    NotRunning,
    /// Unknown: reading it timed out, or the time limit had already been reached.
    TimedOut,
    /// Unknown: the system reported another error.
    System,
    /// Unknown: the audit needs a command that was not run.
    CommandNotRun,
    /// Unknown: a rule file's check is skipped and not evaluated, since its audit may be any script.
    NotEvaluated,
    /// Not applicable: the component is not on this node.
    ComponentAbsent,
    /// Not applicable: the component is part of another program, which does not use such a file.
    PartOfProgram,
    /// Not applicable: the component runs in a container, not in a systemd unit of its own.
    InContainer,
    /// Not applicable: the file does not exist.
    NoSuchFile,
    /// Not applicable: the control does not apply on this platform.
    Platform,
    /// The reason that the rule file's audit gives.
    Audit,
    /// A stricter verdict replaced the rule file's.
    Strict,
}

/// Why a check is skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Skip {
    /// The profile that skips the check; absent if the user does (`--skip`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Why it is skipped.
    pub reason: String,
    /// The document that gives the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The check's numbers in the profile's guide, which may differ from those of this benchmark.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guide_ids: Vec<String>,
}

/// A line of a rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file's path.
    pub file: String,
    /// The line number, from 1.
    pub line: usize,
}

impl Target {
    /// The target's checks, in order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.groups.iter().flat_map(|group| &group.checks)
    }
}

impl Check {
    /// Whether the check is skipped.
    pub const fn is_skipped(&self) -> bool {
        matches!(self.disposition, Disposition::Skipped)
    }
}

impl Assessment {
    /// The word as printed after a title: `Automated`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automated => "Automated",
            Self::Manual => "Manual",
        }
    }
}

impl Severity {
    /// The name as serialized: `critical`.
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
    /// The name as serialized: `not-applicable`.
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
