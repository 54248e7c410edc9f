//! Collects what a control's judgement is made of.

use std::fmt::Display;

use probe::{Cause, Reason};

use crate::Listed;
use crate::policy::{Judgement, ObjectName, Outcome, Seen};

/// How many items of each kind are kept; the rest is counted.
const MOST: usize = 5_000;

/// What was seen for a control.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    offenders: Vec<Seen>,
    exempt: Vec<(Seen, String)>,
    noted: Vec<Seen>,
    more: usize,
    gap: Option<Reason>,
    /// What the control has been held against.
    applied: bool,
}

impl Verdict {
    /// Adds an offender.
    pub(super) fn fails(&mut self, seen: Seen) {
        self.applied = true;
        if self.offenders.len() < MOST { self.offenders.push(seen) } else { self.more += 1 }
    }

    /// Adds what would offend, and is exempt.
    pub(super) fn exempts(&mut self, seen: Seen, reason: &str) {
        self.applied = true;
        if self.exempt.len() < MOST { self.exempt.push((seen, reason.to_owned())) } else { self.more += 1 }
    }

    /// Adds an offender, or what is exempt where there is a reason for it.
    pub(super) fn adds(&mut self, seen: Seen, exempt: Option<&str>) {
        match exempt {
            Some(reason) => self.exempts(seen, reason),
            None => self.fails(seen),
        }
    }

    /// Adds what a person should know.
    pub(super) fn notes(&mut self, seen: Seen) {
        if self.noted.len() < MOST { self.noted.push(seen) } else { self.more += 1 }
    }

    /// Says that the control applies to something that was seen.
    pub(super) const fn applies(&mut self) {
        self.applied = true;
    }

    /// Says that something was not seen. The first reason is told.
    pub(super) fn misses(&mut self, reason: Reason) {
        self.gap.get_or_insert(reason);
    }

    /// Says that a list was not seen as a whole.
    pub(super) fn lacks<T>(&mut self, list: &Listed<T>) {
        if let Some(reason) = &list.missing {
            self.misses(reason.clone());
        }
    }

    /// The judgement of a control that objects decide: failed, unknown or passed; or not applicable, where it applies to
    /// nothing.
    pub(super) fn judged(self, absent: impl FnOnce() -> Reason) -> Judgement {
        self.with(Outcome::Pass, absent)
    }

    /// The judgement of a control that a person decides where nothing speaks against it.
    pub(super) fn manual(self, absent: impl FnOnce() -> Reason) -> Judgement {
        self.with(Outcome::Manual, absent)
    }

    fn with(self, otherwise: Outcome, absent: impl FnOnce() -> Reason) -> Judgement {
        let Self { mut offenders, mut exempt, mut noted, more, gap, applied } = self;
        let outcome = match gap {
            _ if !offenders.is_empty() => Outcome::Fail,
            Some(reason) => Outcome::Unknown(reason),
            None if applied => otherwise,
            None => Outcome::NotApplicable(absent()),
        };
        for list in [&mut offenders, &mut noted] {
            list.sort_unstable();
            list.dedup();
        }
        exempt.sort_unstable();
        exempt.dedup();
        if more > 0 {
            noted.push(seen(
                &ObjectName { kind: String::new(), namespace: String::new(), name: String::new() },
                format!("{more} more not listed"),
            ));
        }
        Judgement { outcome, offenders, exempt, noted }
    }
}

/// What was found in an object.
pub(super) fn seen(object: &ObjectName, found: impl Into<String>) -> Seen {
    Seen { object: object.clone(), part: None, path: Vec::new(), found: found.into() }
}

/// What was found at a field of an object.
pub(super) fn at(object: &ObjectName, field: impl Into<String>, found: impl Into<String>) -> Seen {
    Seen { part: Some(field.into()), ..seen(object, found) }
}

/// Why something that should be there is not known.
pub(super) fn unknown(subject: impl Display, detail: impl Into<String>) -> Reason {
    Reason::new(Cause::System, subject, detail)
}

/// Why a control has nothing to say.
pub(super) fn absent(subject: &str, detail: &str) -> Reason {
    Reason::new(Cause::System, subject, detail)
}
