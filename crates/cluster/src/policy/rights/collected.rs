//! What was seen for and against a control, until it is judged.

use crate::policy::{Judgement, ObjectName, Outcome, Seen};
use crate::rbac::Rbac;

/// How many offenders, and how many exemptions, are listed: who may write bindings can write any number.
const LISTED: usize = 10_000;
/// How many notes are.
const NOTED: usize = 1_000;

/// Offenders, exemptions and notes.
#[derive(Debug, Default)]
pub(super) struct Collected {
    offenders: Vec<Seen>,
    exempt: Vec<(Seen, String)>,
    noted: Vec<Seen>,
    /// The first offender that is not listed, and how many are not.
    more: Option<(ObjectName, usize)>,
}

impl Collected {
    /// With offenders that others have seen.
    pub(super) fn with(offenders: &[Seen]) -> Self {
        Self { offenders: offenders.to_vec(), ..Self::default() }
    }

    /// Adds what speaks against the control, unless a reason exempts it.
    pub(super) fn add(&mut self, seen: Seen, exempt: Option<&str>) {
        match exempt {
            Some(reason) if self.exempt.len() < LISTED => self.exempt.push((seen, reason.to_owned())),
            Some(_) => {}
            None if self.offenders.len() < LISTED => self.offenders.push(seen),
            None => self.more.get_or_insert((seen.object, 0)).1 += 1,
        }
    }

    /// Adds what a person should know.
    pub(super) fn note(&mut self, seen: Seen) {
        if self.noted.len() < NOTED {
            self.noted.push(seen);
        }
    }

    /// The judgement: an offender fails whatever else was not seen, and without one everything must have been seen.
    pub(super) fn judged(self, rbac: &Rbac) -> Judgement {
        self.judged_or(rbac, Outcome::Pass)
    }

    /// The same, with another outcome where everything was seen and nothing speaks against it.
    pub(super) fn judged_or(mut self, rbac: &Rbac, otherwise: Outcome) -> Judgement {
        let outcome = if self.offenders.is_empty() {
            rbac.missing().first().map_or(otherwise, |reason| Outcome::Unknown(reason.clone()))
        } else {
            Outcome::Fail
        };
        for list in [&mut self.offenders, &mut self.noted] {
            list.sort();
            list.dedup();
        }
        self.exempt.sort();
        self.exempt.dedup();
        self.noted.extend(self.more.map(|(object, count)| Seen {
            object,
            part: None,
            path: Vec::new(),
            found: format!("from here on, {count} more are not listed"),
        }));
        Judgement { outcome, offenders: self.offenders, exempt: self.exempt, noted: self.noted }
    }
}
