//! What was seen for and against a control, until it is judged.

use crate::policy::{Judgement, Outcome, Seen};
use crate::rbac::Rbac;

/// Offenders, exemptions and notes.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) offenders: Vec<Seen>,
    pub(super) exempt: Vec<(Seen, String)>,
    pub(super) noted: Vec<Seen>,
}

impl Collected {
    /// Adds what speaks against the control, unless a reason exempts it.
    pub(super) fn add(&mut self, seen: Seen, exempt: Option<&str>) {
        match exempt {
            Some(reason) => self.exempt.push((seen, reason.to_owned())),
            None => self.offenders.push(seen),
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
        Judgement { outcome, offenders: self.offenders, exempt: self.exempt, noted: self.noted }
    }
}
