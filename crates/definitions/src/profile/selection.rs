//! Applies a profile to a benchmark's checks.

use crate::benchmark::{Benchmark, Check, Target};

use super::{Adjustment, NumberSkip, Profile, UnlessSet};
use crate::SharedText;

/// Why a check is skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkipReason {
    /// The reason, in our own words.
    pub reason: SharedText,
    /// The document that says so.
    pub source: SharedText,
    /// The numbers that the document itself uses.
    pub guide_ids: Vec<SharedText>,
    /// The setting that cancels the skip when it is set.
    pub unless_set: Option<UnlessSet>,
}

/// A number in a skip list that stands for a different control than the list's author meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistaken<'p> {
    /// The profile's entry.
    pub skip: &'p NumberSkip,
    /// The check with that number, which is therefore skipped by mistake.
    pub check: &'p Check,
}

impl Profile {
    /// Returns why the profile skips a check; `None` if it does not.
    pub fn skip_for(&self, benchmark: &Benchmark, target: Target, check: &Check) -> Option<SkipReason> {
        if let Some(skip) = self.skip.iter().find(|skip| skip.control == check.control) {
            return Some(SkipReason {
                reason: skip.reason.clone(),
                source: skip.source.clone(),
                guide_ids: skip.guide_ids.clone(),
                unless_set: skip.unless_set.clone(),
            });
        }
        self.numbers_in(benchmark).find(|skip| skip.target == target && skip.id == check.id).map(|skip| SkipReason {
            reason: skip.reason.clone(),
            source: skip.source.clone(),
            guide_ids: vec![skip.id.clone()],
            unless_set: None,
        })
    }

    /// Returns the profile's parameters for a control.
    pub fn adjusted(&self, control: &str) -> Option<&Adjustment> {
        self.adjust.iter().find(|adjustment| adjustment.control == control)
    }

    /// Returns the skipped numbers that stand for a different control in this benchmark than the list's author meant.
    pub fn mistaken<'p>(&'p self, benchmark: &'p Benchmark) -> Vec<Mistaken<'p>> {
        self.numbers_in(benchmark)
            .filter_map(|skip| {
                let check = benchmark.target(skip.target)?.check(&skip.id)?;
                (check.control != skip.meant).then_some(Mistaken { skip, check })
            })
            .collect()
    }

    /// Returns the numbers to skip in a benchmark: none unless it is the one the profile is written for.
    fn numbers_in<'p>(&'p self, benchmark: &Benchmark) -> impl Iterator<Item = &'p NumberSkip> + use<'p> {
        let goes = self.benchmark.as_deref() == Some(benchmark.name.as_str());
        self.skip_numbers.iter().filter(move |_| goes)
    }
}
