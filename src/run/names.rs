//! Validates the names of a request against the benchmarks they may refer to.

use std::collections::{BTreeMap, BTreeSet};

use definitions::Definitions;
use definitions::benchmark::{Benchmark, Target};
use model::Notice;

use super::called::Kind;
use super::request::{BenchmarkChoice, RequestError, RunRequest, TOLD};

/// The names by which checks are chosen.
pub(super) struct Names<'b> {
    /// The benchmark, if there is only one.
    within: Option<&'b str>,
    /// Numbers of checks, and keys of controls.
    checks: BTreeSet<&'b str>,
    groups: BTreeSet<&'b str>,
    /// The target of each section; empty for several benchmarks, since each numbers its sections differently.
    sections: BTreeMap<&'b str, Target>,
}

impl<'b> Names<'b> {
    /// Collects the names of these benchmarks.
    pub(super) fn of(benchmarks: impl IntoIterator<Item = &'b Benchmark>) -> Self {
        let (mut checks, mut groups, mut sections) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        let mut of = BTreeSet::new();
        for benchmark in benchmarks {
            of.insert(benchmark.name.as_str());
            for index in &benchmark.targets {
                sections.insert(index.id.as_str(), index.target);
                groups.extend(index.groups.iter().map(|group| group.id.as_str()));
                let of_target = index.groups.iter().flat_map(|group| &group.checks);
                checks.extend(of_target.flat_map(|check| [check.id.as_str(), check.control.as_str()]));
            }
        }
        let within = if of.len() == 1 { of.first().copied() } else { None };
        if within.is_none() {
            sections.clear();
        }
        Self { within, checks, groups, sections }
    }

    pub(super) fn has_check(&self, name: &str) -> bool {
        self.checks.contains(name)
    }

    pub(super) fn has_group(&self, name: &str) -> bool {
        self.groups.contains(name)
    }

    /// Rejects the unknown names of a request, all in one error.
    fn refuse_unknown(&self, request: &RunRequest, definitions: &Definitions) -> Result<(), RequestError> {
        let either: BTreeSet<&str> = sorting::set(self.checks.union(&self.groups).copied());
        let unknown = [
            (Kind::Check, &request.checks, &self.checks),
            (Kind::Group, &request.groups, &self.groups),
            (Kind::CheckOrGroup, &request.skip, &either),
        ];
        let mut unknown = unknown.into_iter().flat_map(|(kind, names, known)| {
            names.iter().filter(|name| !known.contains(name.as_str())).map(move |name| (kind, name, known))
        });
        let told = unknown.by_ref().take(TOLD).map(|(kind, name, known)| match self.other_kind(kind, name) {
            Some((is, instead)) => {
                let within = self.within.map(str::to_owned);
                RequestError::OtherKind { kind, name: name.clone(), is, within, instead }
            }
            None => RequestError::unknown(kind, name, self.within, known.iter().copied(), definitions),
        });
        let told = told.collect();
        RequestError::refuse(told, unknown.count())
    }

    /// Returns what a name of another kind is, and what to give instead.
    fn other_kind(&self, kind: Kind, name: &str) -> Option<(&'static str, String)> {
        if self.has_group(name) {
            return Some(("group", format!("give --group {name}")));
        }
        if self.has_check(name) {
            let is = if name.contains('/') { "control" } else { "check" };
            return Some((is, format!("give --check {name}")));
        }
        let target = self.sections.get(name)?;
        let instead = if kind == Kind::CheckOrGroup {
            let below = |group: &&&str| group.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
            let groups: Vec<&str> = self.groups.iter().filter(below).copied().collect();
            format!("give its groups: --skip {}", groups.join(","))
        } else {
            format!("give --targets {target}")
        };
        Some(("section", instead))
    }
}

/// Rejects names that none of the benchmarks has, and reports those of a target that is not run. Each benchmark is
/// paired with the targets that are run.
pub(super) fn check_names(
    definitions: &Definitions,
    benchmarks: &[(&Benchmark, Vec<Target>)],
    request: &RunRequest,
    notices: &mut Vec<Notice>,
) -> Result<(), RequestError> {
    if let (Some(_), Some((first, _))) = (request.level, benchmarks.first())
        && benchmarks.iter().all(|(benchmark, _)| !benchmark.has_levels)
    {
        return Err(RequestError::NoLevels { benchmark: first.name.to_string() });
    }
    if [&request.checks, &request.groups, &request.skip].into_iter().all(BTreeSet::is_empty) {
        return Ok(());
    }
    Names::of(benchmarks.iter().map(|(benchmark, _)| *benchmark)).refuse_unknown(request, definitions)?;
    let mut run = BTreeSet::new();
    for (benchmark, targets) in benchmarks {
        for index in benchmark.targets.iter().filter(|index| targets.contains(&index.target)) {
            for group in &index.groups {
                run.insert(group.id.as_str());
                run.extend(group.checks.iter().flat_map(|check| [check.id.as_str(), check.control.as_str()]));
            }
        }
    }
    for name in request.checks.union(&request.groups).filter(|name| !run.contains(name.as_str())) {
        notices.push(Notice {
            code: "target-not-run".into(),
            text: format!("{name}: belongs to a target that is not checked here (pass --targets)"),
        });
    }
    Ok(())
}

impl RunRequest {
    /// Returns the part of this request that concerns a benchmark: its targets, and the names it has. None if names
    /// were given and the benchmark has none of them.
    pub fn within(&self, benchmark: &Benchmark) -> Option<Self> {
        let has_target = |target: &Target| benchmark.target(*target).is_some();
        let targets: Vec<Target> = match &self.targets {
            Some(targets) => targets.iter().copied().filter(has_target).collect(),
            None => benchmark.targets.iter().map(|index| index.target).collect(),
        };
        let names = Names::of([benchmark]);
        let of_it = |chosen: &BTreeSet<String>, known: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
            chosen.iter().filter(|name| known(name)).cloned().collect()
        };
        let checks = of_it(&self.checks, &|name| names.has_check(name));
        let groups = of_it(&self.groups, &|name| names.has_group(name));
        let nothing_left = |all: &BTreeSet<String>, left: &BTreeSet<String>| left.is_empty() && !all.is_empty();
        if targets.is_empty() || nothing_left(&self.checks, &checks) || nothing_left(&self.groups, &groups) {
            return None;
        }
        let skip = of_it(&self.skip, &|name| names.has_check(name) || names.has_group(name));
        let benchmark = BenchmarkChoice::Named(benchmark.name.to_string());
        Some(Self { benchmark, further: Vec::new(), targets: Some(targets), checks, groups, skip, ..self.clone() })
    }
}

/// Rejects names that no benchmark has.
///
/// # Errors
///
/// If any name is unknown, with all of them in one error.
pub fn check_names_in_any(definitions: &Definitions, request: &RunRequest) -> Result<(), RequestError> {
    Names::of(definitions.library.benchmarks.values()).refuse_unknown(request, definitions)
}
