//! Collects the findings for a control.

use crate::policy::{Judgement, ObjectName, Outcome, Seen};
use crate::rbac::Rbac;

/// The most offenders and the most exemptions listed, since anyone may create any number of bindings.
const LISTED: usize = 10_000;
/// The most notes listed.
const NOTED: usize = 1_000;

/// Offenders, exemptions and notes.
#[derive(Debug, Default)]
pub(super) struct Collected {
    offenders: Vec<Seen>,
    exempt: Vec<(Seen, String)>,
    noted: Vec<Seen>,
    /// The first offender that is not listed, and the number of such offenders.
    more: Option<(ObjectName, usize)>,
}

impl Collected {
    /// Starts with offenders found elsewhere.
    pub(super) fn with(offenders: &[Seen]) -> Self {
        Self { offenders: offenders.to_vec(), ..Self::default() }
    }

    /// Adds an offender, or an exemption if there is a reason.
    pub(super) fn add(&mut self, seen: Seen, exempt: Option<&str>) {
        match exempt {
            Some(reason) if self.exempt.len() < LISTED => self.exempt.push((seen, reason.to_owned())),
            Some(_) => {}
            None if self.offenders.len() < LISTED => self.offenders.push(seen),
            None => self.more.get_or_insert((seen.object, 0)).1 += 1,
        }
    }

    /// Adds a note.
    pub(super) fn note(&mut self, seen: Seen) {
        if self.noted.len() < NOTED {
            self.noted.push(seen);
        }
    }

    /// The judgement: fail if there are offenders, unknown if a list is incomplete, pass otherwise.
    pub(super) fn judged(self, rbac: &Rbac) -> Judgement {
        self.judged_or(rbac, Outcome::Pass)
    }

    /// Like [`Self::judged`], with another outcome instead of pass.
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
            found: format!("+{count} more, from this one on"),
        }));
        Judgement { outcome, offenders: self.offenders, exempt: self.exempt, noted: self.noted }
    }
}
