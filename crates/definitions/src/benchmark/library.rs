//! All definitions together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sorting::Sorting;

use super::{Benchmark, Check, Component, Control, Deferred, KubernetesVersion, Platform, Role, Target, Wanted};

/// All definitions that a run knows, checked against each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Library {
    /// By key.
    pub components: BTreeMap<String, Component>,
    /// What components are to the cluster, by key, as far as they say something of what a node does. Apart from the
    /// components, since it decides which targets a node has, and not what a check finds.
    pub roles: BTreeMap<String, Role>,
    /// By key.
    pub controls: Deferred<BTreeMap<String, Deferred<Control>>>,
    /// Texts that remediations share, by name.
    pub snippets: Deferred<BTreeMap<String, String>>,
    /// By name.
    pub benchmarks: Deferred<BTreeMap<String, Benchmark>>,
    /// What the controls look for.
    pub wanted: Wanted,
}

/// How well a benchmark goes with a Kubernetes version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// It is for this version.
    Exact,
    /// None is for this version, and this is the one for the next newer versions.
    Newer,
    /// The version is newer than any that a benchmark is for: this is the newest benchmark.
    NewestKnown,
    /// The version is older than any that a benchmark is for: this is the oldest benchmark.
    Older,
}

/// A number under which a benchmark asks for a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered<'l> {
    /// The benchmark.
    pub benchmark: &'l Benchmark,
    /// Where in it.
    pub target: Target,
    /// The check, with its number.
    pub check: &'l Check,
}

impl Library {
    /// The benchmark of this name.
    pub fn benchmark(&self, name: &str) -> Option<&Benchmark> {
        self.benchmarks.get(name)
    }

    /// The control of this key.
    pub fn control(&self, key: &str) -> Option<&Control> {
        self.controls.get(key).map(|control| &**control)
    }

    /// The component of this key.
    pub fn component(&self, key: &str) -> Option<&Component> {
        self.components.get(key)
    }

    /// The keys of the components of this role, in their order.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &str> {
        self.roles.iter().filter(move |(_, of)| **of == role).map(|(key, _)| key.as_str())
    }

    /// Whether a component is of this role.
    pub fn is_of_role(&self, key: &str, role: Role) -> bool {
        self.roles.get(key) == Some(&role)
    }

    /// The component whose process another one's settings are: itself, or what it is part of.
    pub fn with_process(&self, key: &str) -> Option<&Component> {
        let component = self.component(key)?;
        component.part_of.as_ref().map_or(Some(component), |owner| self.component(owner))
    }

    /// The benchmark for a Kubernetes version; none if no benchmark says which versions it is for.
    ///
    /// Only benchmarks with a `kubernetes` range take part: one that is for a platform, and is asked for by its name,
    /// leaves the range out. Where several are for the same version, the one whose range begins last is taken.
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

    /// The benchmark that is for a platform whatever its Kubernetes version; none if no benchmark says so.
    ///
    /// Where several do, the newest edition is taken: the last name, its numbers compared as numbers.
    pub fn benchmark_on(&self, platform: Platform) -> Option<&Benchmark> {
        self.benchmarks
            .values()
            .filter(|benchmark| benchmark.platforms.contains(&platform))
            .max_by_key(|benchmark| edition(&benchmark.name))
    }

    /// The benchmarks in the order of the Kubernetes versions that they are for; those that say none come last.
    pub fn oldest_first(&self) -> Vec<&Benchmark> {
        let mut benchmarks: Vec<&Benchmark> = self.benchmarks.values().collect();
        benchmarks.order_by_key(|benchmark| {
            (benchmark.kubernetes.is_none(), benchmark.kubernetes.map(|range| range.from), &benchmark.name)
        });
        benchmarks
    }

    /// The numbers that a control bears, the benchmarks as in [`Self::oldest_first`].
    pub fn checks_of(&self, control: &str) -> Vec<Numbered<'_>> {
        self.oldest_first()
            .into_iter()
            .flat_map(|benchmark| benchmark.checks().map(move |(target, check)| Numbered { benchmark, target, check }))
            .filter(|numbered| numbered.check.control == control)
            .collect()
    }

    /// The number by which a control is shown where no benchmark is chosen: that of the newest Kubernetes version, or,
    /// where only benchmarks that are for a platform have it, the last of these.
    pub fn newest_check_of(&self, control: &str) -> Option<Numbered<'_>> {
        let numbers = self.checks_of(control);
        let versioned = numbers.iter().rev().find(|numbered| numbered.benchmark.kubernetes.is_some());
        versioned.or(numbers.last()).copied()
    }
}

/// A name in parts that compare as people read them: `eks-1.10.0` comes after `eks-1.9.0`.
fn edition(name: &str) -> Vec<(u32, &str)> {
    name.split(['-', '.']).map(|part| (part.parse().unwrap_or(0), part)).collect()
}
