//! The sections of the text report, which distinguish more than kube-bench's four states.

use std::str::FromStr;

use model::{Check, Disposition, Report, Verdict};

/// The section of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Scored checks that failed.
    Fail,
    /// Scored checks that are unknown. They count as failures.
    Unknown,
    /// Unscored checks that failed or are unknown.
    Warn,
    /// Checks that a person has to assess.
    Manual,
    /// Checks that the profile or the user skips.
    Skipped,
    /// Checks that do not apply to this node.
    NotApplicable,
    /// Checks that passed.
    Pass,
}

impl Section {
    /// All sections, in print order.
    pub const ALL: [Self; 7] =
        [Self::Fail, Self::Unknown, Self::Warn, Self::Manual, Self::Skipped, Self::NotApplicable, Self::Pass];

    /// Returns the section of a check.
    pub const fn of(check: &Check) -> Self {
        match (check.disposition, check.verdict) {
            (Disposition::Skipped, _) => Self::Skipped,
            (_, Verdict::NotApplicable) => Self::NotApplicable,
            (_, Verdict::Pass) => Self::Pass,
            (_, Verdict::Manual) => Self::Manual,
            (_, Verdict::Fail) if check.scored => Self::Fail,
            (_, Verdict::Unknown) if check.scored => Self::Unknown,
            (_, Verdict::Fail | Verdict::Unknown) => Self::Warn,
        }
    }

    /// The name as typed: `not-applicable`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Warn => "warn",
            Self::Manual => "manual",
            Self::Skipped => "skipped",
            Self::NotApplicable => "not-applicable",
            Self::Pass => "pass",
        }
    }

    /// The name as printed: `not applicable`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NotApplicable => "not applicable",
            _ => self.name(),
        }
    }
}

/// A set of sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sections(u8);

impl Sections {
    /// The empty set.
    pub const NONE: Self = Self(0);
    /// All sections.
    pub const ALL: Self = Self((1 << Section::ALL.len()) - 1);
    /// The sections to act on: failed and unknown checks.
    pub const URGENT: Self = Self::NONE.with(Section::Fail).with(Section::Unknown);

    /// Returns the set with one more section.
    #[must_use]
    pub const fn with(self, section: Section) -> Self {
        Self(self.0 | 1 << section as u8)
    }

    /// Returns the union of both sets.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether the set contains a section.
    pub const fn has(self, section: Section) -> bool {
        self.0 & 1 << section as u8 != 0
    }

    /// Iterates over the sections of the set, in the order of [`Section::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Section> {
        Section::ALL.into_iter().filter(move |section| self.has(*section))
    }
}

impl Default for Sections {
    /// Returns the sections that a person may have to act on.
    fn default() -> Self {
        Self::URGENT.with(Section::Warn)
    }
}

/// Removes the checks of all other sections from a report, and groups that become empty.
pub fn keep(report: &mut Report, sections: Sections) {
    for target in &mut report.targets {
        for group in &mut target.groups {
            group.checks.retain(|check| sections.has(Section::of(check)));
        }
        target.groups.retain(|group| !group.checks.is_empty());
    }
}

/// The error for a name that is not a section's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}`: not known (use fail, unknown, warn, manual, skipped, not-applicable, pass or all)")]
pub struct UnknownSection(pub String);

impl FromStr for Sections {
    type Err = UnknownSection;

    /// Parses the name of one section, or `all`.
    fn from_str(name: &str) -> Result<Self, UnknownSection> {
        if name == "all" {
            return Ok(Self::ALL);
        }
        let named = Section::ALL.into_iter().find(|section| section.name() == name);
        named.map(|section| Self::NONE.with(section)).ok_or_else(|| UnknownSection(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_typed() {
        for section in Section::ALL {
            let one: Sections = section.name().parse().expect("known");
            assert_eq!(one.iter().collect::<Vec<_>>(), [section]);
        }
        assert_eq!("all".parse(), Ok(Sections::ALL));
        assert_eq!(Sections::ALL.iter().collect::<Vec<_>>(), Section::ALL);
        assert_eq!(Sections::default().iter().collect::<Vec<_>>(), [Section::Fail, Section::Unknown, Section::Warn]);
        let error = "failed".parse::<Sections>().expect_err("unknown").to_string();
        assert!(Section::ALL.into_iter().all(|section| error.contains(section.name())), "{error}");
    }
}
