//! A benchmark: one CIS edition's numbering of controls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Control, Deferred, KubernetesVersion, Platform, Target, Value};
use crate::SharedText;

/// One edition of a benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Benchmark {
    /// The name that `--benchmark` takes, from its file name: `cis-1.12`.
    pub name: SharedText,
    /// The title of the edition.
    pub title: SharedText,
    /// The Kubernetes versions it covers. Without a range, the benchmark is used only when requested by name or
    /// selected for its platforms.
    pub kubernetes: Option<VersionRange>,
    /// The platforms it is selected for, whatever the Kubernetes version.
    pub platforms: Vec<Platform>,
    /// The platforms on which a run with another benchmark suggests this one.
    pub suggested_on: Vec<Platform>,
    /// Whether its checks have levels 1 and 2: CIS benchmarks do, DISA STIGs do not.
    pub has_levels: bool,
    /// The targets, in file order.
    pub targets: Deferred<Vec<TargetIndex>>,
    /// The number of checks in all targets.
    pub size: usize,
    /// A digest of the definitions the benchmark consists of, for comparing two reports: the first 16 hexadecimal
    /// digits of a SHA-256.
    pub digest: SharedText,
}

impl Benchmark {
    /// Returns the index of a target, if the benchmark has it.
    pub fn target(&self, target: Target) -> Option<&TargetIndex> {
        self.targets.iter().find(|index| index.target == target)
    }

    /// Returns the level of a check; `None` if the benchmark has no levels.
    pub fn level_of(&self, check: &Check, control: &Control) -> Option<u8> {
        self.has_levels.then(|| check.level.unwrap_or(control.level))
    }

    /// Returns all checks, in file order.
    pub fn checks(&self) -> impl Iterator<Item = (Target, &Check)> {
        self.targets.iter().flat_map(|index| index.checks().map(|check| (index.target, check)))
    }
}

impl TargetIndex {
    /// Returns all checks, in file order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.groups.iter().flat_map(|group| &group.checks)
    }

    /// Returns the check with this number.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks().find(|check| check.id == id)
    }
}

/// An inclusive range of Kubernetes versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRange {
    /// The oldest version.
    pub from: KubernetesVersion,
    /// The newest version.
    pub to: KubernetesVersion,
}

/// The section of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetIndex {
    /// The target.
    pub target: Target,
    /// The section number: `1`.
    pub id: SharedText,
    /// The section title.
    pub title: SharedText,
    /// The groups, in order.
    pub groups: Vec<Group>,
}

/// A group of checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The group number: `1.2`.
    pub id: SharedText,
    /// The group title.
    pub title: SharedText,
    /// The checks, in order.
    pub checks: Vec<Check>,
}

/// A control under the number that this edition gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The check number: `1.2.1`.
    pub id: SharedText,
    /// The control's key.
    pub control: SharedText,
    /// The parameters that this edition sets.
    pub with: BTreeMap<SharedText, Value>,
    /// The level in this edition, if it differs from the control's.
    pub level: Option<u8>,
    /// Whether a failure is reported as FAIL (`true`) or WARN (`false`).
    pub scored: bool,
    /// The assessment status that CIS prints after the title.
    pub assessment: Assessment,
    /// Whether the check is evaluated; otherwise it is left to manual review, even if the control could be evaluated.
    pub evaluate: bool,
}

/// The assessment status that CIS prints after a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Assessment {
    /// `(Automated)`
    Automated,
    /// `(Manual)`
    Manual,
}

impl Assessment {
    /// Returns the status as CIS prints it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automated => "Automated",
            Self::Manual => "Manual",
        }
    }
}
