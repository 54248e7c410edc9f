//! All benchmark definitions of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sorting::Sorting;

use super::{
    Benchmark, Check, Compiled, Component, Control, Deferred, KubernetesVersion, Platform, Role, Target, Wanted,
};
use crate::SharedText;

/// All benchmark definitions of a run, checked against each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Library {
    /// Components, by key.
    pub components: BTreeMap<SharedText, Component>,
    /// The roles of components in the cluster, by component key, for those that have one. Separate from the components
    /// because roles decide which targets a node has, not what a check finds.
    pub roles: BTreeMap<SharedText, Role>,
    /// Controls, by key.
    pub controls: Deferred<BTreeMap<SharedText, Deferred<Control>>>,
    /// Texts shared by remediations, by name.
    pub snippets: Deferred<BTreeMap<SharedText, SharedText>>,
    /// Benchmarks, by name.
    pub benchmarks: Deferred<BTreeMap<SharedText, Benchmark>>,
    /// The settings that the controls read.
    pub wanted: Wanted,
}

impl Compiled for BTreeMap<SharedText, Benchmark> {}

impl Compiled for BTreeMap<SharedText, Deferred<Control>> {
    /// Builds the map in one go, since the compiled form is sorted: inserting the hundreds of controls one by one would
    /// compare each with a dozen others. `sorting::map` would insert them, too; the standard library's code is worth its
    /// 4 KB for this map only.
    fn read(compiled: &'static [u8]) -> postcard::Result<Self> {
        // To this format, a map is a list of pairs.
        postcard::from_bytes(compiled).map(|pairs: Vec<_>| pairs.into_iter().collect())
    }
}

/// How well a benchmark fits a Kubernetes version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// The benchmark covers the version.
    Exact,
    /// No benchmark covers the version; this one covers the next newer versions.
    Newer,
    /// The version is newer than every benchmark covers; this is the newest benchmark.
    NewestKnown,
    /// The version is older than every benchmark covers; this is the oldest benchmark.
    Older,
}

/// A control's number in one benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered<'l> {
    /// The benchmark.
    pub benchmark: &'l Benchmark,
    /// The target in the benchmark.
    pub target: Target,
    /// The check, including its number.
    pub check: &'l Check,
}

impl Library {
    /// Returns the benchmark with this name.
    pub fn benchmark(&self, name: &str) -> Option<&Benchmark> {
        self.benchmarks.get(name)
    }

    /// Returns the control with this key.
    pub fn control(&self, key: &str) -> Option<&Control> {
        self.controls.get(key).map(|control| &**control)
    }

    /// Returns the component with this key.
    pub fn component(&self, key: &str) -> Option<&Component> {
        self.components.get(key)
    }

    /// Returns the keys of the components with this role, sorted.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &str> {
        self.roles.iter().filter(move |(_, of)| **of == role).map(|(key, _)| key.as_str())
    }

    /// Whether a component has this role.
    pub fn is_of_role(&self, key: &str, role: Role) -> bool {
        self.roles.get(key) == Some(&role)
    }

    /// Returns the component whose process supplies a component's settings: itself, or the one it is part of.
    pub fn with_process(&self, key: &str) -> Option<&Component> {
        let component = self.component(key)?;
        component.part_of.as_ref().map_or(Some(component), |owner| self.component(owner))
    }

    /// Returns the benchmark for a Kubernetes version; `None` if no benchmark has a version range.
    ///
    /// Only benchmarks with a `kubernetes` range are considered; those for a platform, or requested by name, omit it.
    /// If several cover the version, the one whose range begins last is returned.
    pub fn benchmark_for(&self, version: KubernetesVersion) -> Option<(&Benchmark, Coverage)> {
        let ranged = || self.benchmarks.values().filter_map(|benchmark| Some((benchmark.kubernetes?, benchmark)));
        let exact = ranged()
            .filter(|(range, _)| range.from <= version && version <= range.to)
            .max_by_key(|(range, benchmark)| (range.from, range.to, &benchmark.name));
        if let Some((_, benchmark)) = exact {
            return Some((benchmark, Coverage::Exact));
        }
        let newer = ranged()
            .filter(|(range, _)| range.from > version)
            .min_by_key(|(range, benchmark)| (range.from, range.to, &benchmark.name));
        let older = ranged()
            .filter(|(range, _)| range.to < version)
            .max_by_key(|(range, benchmark)| (range.to, range.from, &benchmark.name));
        match (newer, older) {
            (Some((_, benchmark)), Some(_)) => Some((benchmark, Coverage::Newer)),
            (Some((_, benchmark)), None) => Some((benchmark, Coverage::Older)),
            (None, Some((_, benchmark))) => Some((benchmark, Coverage::NewestKnown)),
            (None, None) => None,
        }
    }

    /// Returns the benchmark for a platform, whatever its Kubernetes version; `None` if no benchmark names the
    /// platform.
    ///
    /// If several do, the newest edition is returned: the last by name, with numbers compared numerically.
    pub fn benchmark_on(&self, platform: Platform) -> Option<&Benchmark> {
        self.benchmarks
            .values()
            .filter(|benchmark| benchmark.platforms.contains(&platform))
            .max_by_key(|benchmark| edition(&benchmark.name))
    }

    /// Returns the benchmarks, ordered by the Kubernetes versions they cover; those without a range come last.
    pub fn oldest_first(&self) -> Vec<&Benchmark> {
        let mut benchmarks: Vec<&Benchmark> = self.benchmarks.values().collect();
        benchmarks.order_by_key(|benchmark| {
            (benchmark.kubernetes.is_none(), benchmark.kubernetes.map(|range| range.from), &benchmark.name)
        });
        benchmarks
    }

    /// Returns a control's numbers, ordered by benchmark as in [`Self::oldest_first`].
    pub fn checks_of(&self, control: &str) -> Vec<Numbered<'_>> {
        self.oldest_first()
            .into_iter()
            .flat_map(|benchmark| benchmark.checks().map(move |(target, check)| Numbered { benchmark, target, check }))
            .filter(|numbered| numbered.check.control == control)
            .collect()
    }

    /// Returns the number to show for a control if no benchmark is selected: that in the benchmark for the newest
    /// Kubernetes version, or, if only benchmarks without a version range include it, that in the last of them.
    pub fn newest_check_of(&self, control: &str) -> Option<Numbered<'_>> {
        let numbers = self.checks_of(control);
        let versioned = numbers.iter().rev().find(|numbered| numbered.benchmark.kubernetes.is_some());
        versioned.or(numbers.last()).copied()
    }
}

/// Splits a benchmark name for version-aware comparison: `eks-1.10.0` sorts after `eks-1.9.0`.
fn edition(name: &str) -> Vec<(u32, &str)> {
    name.split(['-', '.']).map(|part| (part.parse().unwrap_or(0), part)).collect()
}
