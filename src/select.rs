//! Which checks are run, and which are left out and why.

use std::borrow::Cow;
use std::collections::BTreeSet;

use definitions::benchmark::{Benchmark, Check, Control, Library, Platform, Target};
use definitions::profile::{Profile, UnlessSet};

/// What the user chose of a benchmark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The targets to run, in this order.
    pub targets: Vec<Target>,
    /// Only these checks; all where it is empty.
    pub checks: BTreeSet<String>,
    /// Only these groups; all where it is empty.
    pub groups: BTreeSet<String>,
    /// Checks, groups or controls to skip.
    pub skip: BTreeSet<String>,
    /// Leave out checks of a higher level.
    pub level: Option<u8>,
    /// Leave out scored checks.
    pub without_scored: bool,
    /// Leave out checks that are not scored.
    pub without_unscored: bool,
}

/// What is run: a part of a benchmark, with everything that a profile changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection<'l> {
    /// In the order of the choice.
    pub targets: Vec<SelectedTarget<'l>>,
}

/// A target with the checks that are run of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedTarget<'l> {
    /// Which.
    pub target: Target,
    /// The number of its section.
    pub id: &'l str,
    /// The section's name.
    pub title: &'l str,
    /// Groups that have checks left.
    pub groups: Vec<SelectedGroup<'l>>,
}

/// A group with the checks that are run of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedGroup<'l> {
    /// Its number.
    pub id: &'l str,
    /// Its name.
    pub title: &'l str,
    /// In the order of the benchmark.
    pub checks: Vec<SelectedCheck<'l>>,
}

/// A check to run, or to report as left out.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedCheck<'l> {
    /// The number and what goes with it.
    pub check: &'l Check,
    /// Its level; none where the benchmark has no levels.
    pub level: Option<u8>,
    /// The control, with the parameters of this benchmark and profile.
    pub control: Control,
    /// Why it is left out, where it is, if no setting of the node takes that back.
    pub skip: Option<SkippedBy>,
    /// Why the control says nothing on this node's platform where nothing is set or there, if it does not.
    pub exempt: Option<String>,
}

/// Who leaves a check out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkippedBy {
    /// The user, with `--skip` of this.
    User(String),
    /// The profile.
    Profile {
        /// Its name.
        profile: String,
        /// The reason.
        reason: String,
        /// Where that is written.
        source: String,
        /// The guide's own numbers.
        guide_ids: Vec<String>,
        /// The setting that has it judged after all where it is set.
        unless_set: Option<Box<UnlessSet>>,
    },
}

impl SkippedBy {
    /// The setting that has the check judged after all where it is set; none where it is left out in any case.
    pub fn unless_set(&self) -> Option<&UnlessSet> {
        match self {
            Self::User(_) => None,
            Self::Profile { unless_set, .. } => unless_set.as_deref(),
        }
    }
}

impl<'l> Selection<'l> {
    /// Selects from `benchmark` what the user chose, with `profile` laid over it, for a node of this platform.
    ///
    /// Targets that the benchmark lacks are passed over: the command line refuses them where a user named them.
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
                // Room for all at once: they are large, and would move each time there is no more room.
                let mut checks = Vec::with_capacity(group.checks.len());
                let selected =
                    group.checks.iter().filter(|check| chosen(check, &group.id, choice)).filter_map(|check| {
                        let control = library.controls.get(&check.control)?.to_value();
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
                        let control = control.into_with(&with);
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

    /// Whether there is no check in it, not even one to report as left out.
    pub fn is_empty(&self) -> bool {
        self.targets.iter().all(|target| target.groups.is_empty())
    }

    /// The controls that are judged, or may be, or are looked at for people who judge them, each as the check needs it.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.targets
            .iter()
            .flat_map(|target| &target.groups)
            .flat_map(|group| &group.checks)
            .filter(|selected| selected.skip.as_ref().is_none_or(|skip| skip.unless_set().is_some()))
            .map(|selected| &selected.control)
    }
}

fn chosen(check: &Check, group: &str, choice: &Choice) -> bool {
    let by_number = match (choice.checks.is_empty(), choice.groups.is_empty()) {
        (true, true) => true,
        _ => {
            choice.checks.contains(&check.id) || choice.checks.contains(&check.control) || choice.groups.contains(group)
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
        profile: profile.name.clone(),
        reason: skip.reason,
        source: skip.source,
        guide_ids: skip.guide_ids,
        unless_set: skip.unless_set.map(Box::new),
    })
}
