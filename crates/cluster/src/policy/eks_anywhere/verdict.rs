//! Collects the findings for a control.

use std::fmt::Display;

use probe::{Cause, Reason};

use crate::Listed;
use crate::policy::{Judgement, ObjectName, Outcome, Seen};

/// The most items kept of each kind; further ones are counted.
const MOST: usize = 5_000;

/// The findings for a control.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    offenders: Vec<Seen>,
    exempt: Vec<(Seen, String)>,
    noted: Vec<Seen>,
    more: usize,
    gap: Option<Reason>,
    /// Whether the control applies to any object.
    applied: bool,
}

impl Verdict {
    /// Adds an offender.
    pub(super) fn fails(&mut self, seen: Seen) {
        self.applied = true;
        if self.offenders.len() < MOST { self.offenders.push(seen) } else { self.more += 1 }
    }

    /// Adds an exempt offender.
    pub(super) fn exempts(&mut self, seen: Seen, reason: &str) {
        self.applied = true;
        if self.exempt.len() < MOST { self.exempt.push((seen, reason.to_owned())) } else { self.more += 1 }
    }

    /// Adds an offender, or an exempt one if there is a reason.
    pub(super) fn adds(&mut self, seen: Seen, exempt: Option<&str>) {
        match exempt {
            Some(reason) => self.exempts(seen, reason),
            None => self.fails(seen),
        }
    }

    /// Adds a note for the user.
    pub(super) fn notes(&mut self, seen: Seen) {
        if self.noted.len() < MOST { self.noted.push(seen) } else { self.more += 1 }
    }

    /// Records that the control applies to an object.
    pub(super) const fn applies(&mut self) {
        self.applied = true;
    }

    /// Records missing evidence. The first reason is reported.
    pub(super) fn misses(&mut self, reason: Reason) {
        self.gap.get_or_insert(reason);
    }

    /// Records that a list is incomplete.
    pub(super) fn lacks<T>(&mut self, list: &Listed<T>) {
        if let Some(reason) = &list.missing {
            self.misses(reason.clone());
        }
    }

    /// The judgement of a control decided by objects: fail, unknown or pass; not applicable if it applies to nothing.
    pub(super) fn judged(self, absent: impl FnOnce() -> Reason) -> Judgement {
        self.with(Outcome::Pass, absent)
    }

    /// The judgement of a control that is manual unless it fails.
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

/// A finding in an object.
pub(super) fn seen(object: &ObjectName, found: impl Into<String>) -> Seen {
    Seen { object: object.clone(), part: None, path: Vec::new(), found: found.into() }
}

/// A finding at a field of an object.
pub(super) fn at(object: &ObjectName, field: impl Into<String>, found: impl Into<String>) -> Seen {
    Seen { part: Some(field.into()), ..seen(object, found) }
}

/// The reason why an expected object is unknown.
pub(super) fn unknown(subject: impl Display, detail: impl Into<String>) -> Reason {
    Reason::new(Cause::System, subject, detail)
}

/// The reason why a control does not apply.
pub(super) fn absent(subject: &str, detail: &str) -> Reason {
    Reason::new(Cause::System, subject, detail)
}
