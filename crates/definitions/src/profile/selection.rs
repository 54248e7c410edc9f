//! What a profile says of a benchmark's checks.

use crate::benchmark::{Benchmark, Check, Target};

use super::{Adjustment, NumberSkip, Profile, UnlessSet};

/// Why a check is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkipReason {
    /// Why, in our own words.
    pub reason: String,
    /// Where that is written.
    pub source: String,
    /// The numbers that the source itself gives.
    pub guide_ids: Vec<String>,
    /// The setting that has it judged after all where it is set.
    pub unless_set: Option<UnlessSet>,
}

/// A number that a profile skips though it is not the control that the list's author meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mistaken<'p> {
    /// What the profile says.
    pub skip: &'p NumberSkip,
    /// The check that the number stands for, and that is therefore left out by mistake.
    pub check: &'p Check,
}

impl Profile {
    /// Whether the profile leaves a check out, and why.
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

    /// The parameters that the profile sets otherwise for a control.
    pub fn adjusted(&self, control: &str) -> Option<&Adjustment> {
        self.adjust.iter().find(|adjustment| adjustment.control == control)
    }

    /// The numbers that mean another control in this benchmark than the list's author thought.
    pub fn mistaken<'p>(&'p self, benchmark: &'p Benchmark) -> Vec<Mistaken<'p>> {
        self.numbers_in(benchmark)
            .filter_map(|skip| {
                let check = benchmark.target(skip.target)?.check(&skip.id)?;
                (check.control != skip.meant).then_some(Mistaken { skip, check })
            })
            .collect()
    }

    /// Numbers mean something in the one benchmark that the profile goes with, and nowhere else.
    fn numbers_in<'p>(&'p self, benchmark: &Benchmark) -> impl Iterator<Item = &'p NumberSkip> + use<'p> {
        let goes = self.benchmark.as_deref() == Some(benchmark.name.as_str());
        self.skip_numbers.iter().filter(move |_| goes)
    }
}
