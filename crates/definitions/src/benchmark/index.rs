//! A benchmark: the numbering of controls by one edition of CIS.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Control, Deferred, KubernetesVersion, Platform, Target, Value};

/// One edition of a benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Benchmark {
    /// The name that `--benchmark` takes: `cis-1.12`, after its file.
    pub name: String,
    /// The edition's own title.
    pub title: String,
    /// The Kubernetes versions that it is for. Without them, the benchmark is only taken by its name.
    pub kubernetes: Option<VersionRange>,
    /// The platforms on which it is taken whatever the Kubernetes version.
    pub platforms: Vec<Platform>,
    /// The platforms on which a run by another benchmark suggests this one.
    pub suggested_on: Vec<Platform>,
    /// Whether it divides its checks into levels 1 and 2, as CIS does and DISA does not.
    pub has_levels: bool,
    /// Its targets, in the order of the file.
    pub targets: Deferred<Vec<TargetIndex>>,
    /// How many checks they have together.
    pub size: usize,
    /// A digest of the definitions it is made of (16 hexadecimal digits: the beginning of a SHA-256), so that two
    /// reports can be compared.
    pub digest: String,
}

impl Benchmark {
    /// The index of a target, if the benchmark has that target.
    pub fn target(&self, target: Target) -> Option<&TargetIndex> {
        self.targets.iter().find(|index| index.target == target)
    }

    /// The level at which it asks for a control; none where it has no levels.
    pub fn level_of(&self, check: &Check, control: &Control) -> Option<u8> {
        self.has_levels.then(|| check.level.unwrap_or(control.level))
    }

    /// All checks, in the order of the file.
    pub fn checks(&self) -> impl Iterator<Item = (Target, &Check)> {
        self.targets.iter().flat_map(|index| index.checks().map(|check| (index.target, check)))
    }
}

impl TargetIndex {
    /// All checks, in the order of the file.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.groups.iter().flat_map(|group| &group.checks)
    }

    /// The check of this number.
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks().find(|check| check.id == id)
    }
}

/// A range of Kubernetes versions, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRange {
    /// The oldest.
    pub from: KubernetesVersion,
    /// The newest.
    pub to: KubernetesVersion,
}

/// A target's sections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetIndex {
    /// Which.
    pub target: Target,
    /// The number of its section: `1`.
    pub id: String,
    /// The section's name.
    pub title: String,
    /// Its groups, in order.
    pub groups: Vec<Group>,
}

/// A group of checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its number: `1.2`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its checks, in order.
    pub checks: Vec<Check>,
}

/// A control under the number that this edition gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The number: `1.2.1`.
    pub id: String,
    /// The control's key.
    pub control: String,
    /// The parameters that this edition sets.
    pub with: BTreeMap<String, Value>,
    /// The level in this edition where it differs from the control's.
    pub level: Option<u8>,
    /// Whether a failure is FAIL, or only WARN.
    pub scored: bool,
    /// What CIS prints beside the title.
    pub assessment: Assessment,
    /// Whether the program judges it; otherwise a person does, though the control could be evaluated.
    pub evaluate: bool,
}

/// What CIS prints beside a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Assessment {
    /// `(Automated)`
    Automated,
    /// `(Manual)`
    Manual,
}

impl Assessment {
    /// As CIS prints it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automated => "Automated",
            Self::Manual => "Manual",
        }
    }
}
