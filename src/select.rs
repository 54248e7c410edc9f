//! Selects the checks to run, and records which are skipped and why.

use std::borrow::Cow;
use std::collections::BTreeSet;

use definitions::SharedText;
use definitions::benchmark::{Benchmark, Check, Control, Library, Platform, Target};
use definitions::profile::{Profile, UnlessSet};

/// The user's selection from a benchmark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The targets to run, in this order.
    pub targets: Vec<Target>,
    /// Only these checks; all if empty.
    pub checks: BTreeSet<String>,
    /// Only these groups; all if empty.
    pub groups: BTreeSet<String>,
    /// Checks, groups or controls to skip.
    pub skip: BTreeSet<String>,
    /// Leaves out checks above this level.
    pub level: Option<u8>,
    /// Leaves out scored checks.
    pub without_scored: bool,
    /// Leaves out unscored checks.
    pub without_unscored: bool,
}

/// The selected part of a benchmark, with the profile's changes applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection<'l> {
    /// The targets, in the order of the choice.
    pub targets: Vec<SelectedTarget<'l>>,
}

/// A target with its selected checks.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedTarget<'l> {
    /// The target.
    pub target: Target,
    /// The number of its section.
    pub id: &'l str,
    /// The section's name.
    pub title: &'l str,
    /// The groups that have selected checks.
    pub groups: Vec<SelectedGroup<'l>>,
}

/// A group with its selected checks.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedGroup<'l> {
    /// The group's number.
    pub id: &'l str,
    /// The group's title.
    pub title: &'l str,
    /// The checks, in benchmark order.
    pub checks: Vec<SelectedCheck<'l>>,
}

/// A check to run, or to report as skipped.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedCheck<'l> {
    /// The check: its number, control, parameters and assessment.
    pub check: &'l Check,
    /// The check's level; none if the benchmark has no levels.
    pub level: Option<u8>,
    /// The control, with the parameters of this benchmark and profile.
    pub control: Box<Control>,
    /// Why it is skipped, if it is; for a profile, a setting of the node may still [undo](SkippedBy::unless_set) this.
    pub skip: Option<SkippedBy>,
    /// Why the control does not apply on this platform when nothing is set or present, if it does not.
    pub exempt: Option<String>,
}

/// What skips a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkippedBy {
    /// The user, with `--skip` of this name.
    User(String),
    /// The profile.
    Profile {
        /// The profile's name.
        profile: String,
        /// The reason.
        reason: String,
        /// The source of the reason.
        source: String,
        /// The guide's own numbers.
        guide_ids: Vec<String>,
        /// The setting that, when set, has the check judged anyway.
        unless_set: Option<Box<UnlessSet>>,
    },
}

impl SkippedBy {
    /// Returns the setting that, when set, has the check judged anyway; none if it is skipped in any case.
    pub fn unless_set(&self) -> Option<&UnlessSet> {
        match self {
            Self::User(_) => None,
            Self::Profile { unless_set, .. } => unless_set.as_deref(),
        }
    }
}

impl<'l> Selection<'l> {
    /// Selects the user's choice from `benchmark`, with `profile` applied, for a node of this platform.
    ///
    /// Targets that the benchmark lacks are ignored: the command line rejects those that a user named.
    pub fn of(
        library: &Library,
        benchmark: &'l Benchmark,
        profile: Option<&Profile>,
        platform: Option<Platform>,
        choice: &Choice,
    ) -> Self {
        let mut targets = Vec::new();
        for target in &choice.targets {
            let Some(index) = benchmark.targets.iter().find(|index| index.target == *target) else { continue };
            let mut groups = Vec::new();
            for group in &index.groups {
                // Reserved up front: the elements are large, and growing the vector would move them.
                let mut checks = Vec::with_capacity(group.checks.len());
                let selected =
                    group.checks.iter().filter(|check| chosen(check, &group.id, choice)).filter_map(|check| {
                        let mut control = library.controls.get(&check.control)?.to_boxed();
                        let level = benchmark.level_of(check, &control);
                        if level > choice.level.or(level) {
                            return None;
                        }
                        let mut with = Cow::Borrowed(&check.with);
                        if let Some(adjustment) = profile.and_then(|profile| profile.adjusted(&check.control)) {
                            with.to_mut().extend(adjustment.with.clone());
                        }
                        let skip = skipped_by_user(check, &group.id, choice)
                            .or_else(|| skipped_by_profile(benchmark, profile, *target, check));
                        let exempt = control.exempt_on(platform).map(str::to_owned);
                        control.fill(&with);
                        Some(SelectedCheck { check, level, control, skip, exempt })
                    });
                checks.extend(selected);
                if !checks.is_empty() {
                    groups.push(SelectedGroup { id: &group.id, title: &group.title, checks });
                }
            }
            targets.push(SelectedTarget { target: *target, id: &index.id, title: &index.title, groups });
        }
        Self { targets }
    }

    /// Whether it has no checks, not even one to report as skipped.
    pub fn is_empty(&self) -> bool {
        self.targets.iter().all(|target| target.groups.is_empty())
    }

    /// Returns the controls that are or may be judged, or whose values are shown for a manual review, each with the
    /// check's parameters.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.targets
            .iter()
            .flat_map(|target| &target.groups)
            .flat_map(|group| &group.checks)
            .filter(|selected| selected.skip.as_ref().is_none_or(|skip| skip.unless_set().is_some()))
            .map(|selected| &*selected.control)
    }
}

fn chosen(check: &Check, group: &str, choice: &Choice) -> bool {
    let by_number = match (choice.checks.is_empty(), choice.groups.is_empty()) {
        (true, true) => true,
        _ => {
            choice.checks.contains(check.id.as_str())
                || choice.checks.contains(check.control.as_str())
                || choice.groups.contains(group)
        }
    };
    by_number && !if check.scored { choice.without_scored } else { choice.without_unscored }
}

fn skipped_by_user(check: &Check, group: &str, choice: &Choice) -> Option<SkippedBy> {
    [check.id.as_str(), check.control.as_str(), group]
        .into_iter()
        .find(|name| choice.skip.contains(*name))
        .map(|name| SkippedBy::User(name.to_owned()))
}

fn skipped_by_profile(
    benchmark: &Benchmark,
    profile: Option<&Profile>,
    target: Target,
    check: &Check,
) -> Option<SkippedBy> {
    let profile = profile?;
    profile.skip_for(benchmark, target, check).map(|skip| SkippedBy::Profile {
        profile: profile.name.to_string(),
        reason: skip.reason.to_string(),
        source: skip.source.to_string(),
        guide_ids: skip.guide_ids.iter().map(SharedText::to_string).collect(),
        unless_set: skip.unless_set.map(Box::new),
    })
}
