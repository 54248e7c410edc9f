//! What a check counts as for people: more than kube-bench's four states tell apart.

use std::str::FromStr;

use model::{Check, Disposition, Report, Verdict};

/// What a check counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Scored, and failed.
    Fail,
    /// Scored, and unknown. It counts as a failure.
    Unknown,
    /// Not scored, and failed or unknown.
    Warn,
    /// For a person to judge.
    Manual,
    /// Skipped by the profile or the user.
    Skipped,
    /// About nothing on this node.
    NotApplicable,
    /// Passed.
    Pass,
}

impl Section {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Self; 7] =
        [Self::Fail, Self::Unknown, Self::Warn, Self::Manual, Self::Skipped, Self::NotApplicable, Self::Pass];

    /// What this check counts as.
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

    /// As it is typed: `not-applicable`.
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

    /// As it is printed: `not applicable`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NotApplicable => "not applicable",
            _ => self.name(),
        }
    }
}

/// A choice of sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sections(u8);

impl Sections {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self((1 << Section::ALL.len()) - 1);
    /// What has to be acted on: failures, and what is unknown.
    pub const URGENT: Self = Self::NONE.with(Section::Fail).with(Section::Unknown);

    /// These and one more.
    #[must_use]
    pub const fn with(self, section: Section) -> Self {
        Self(self.0 | 1 << section as u8)
    }

    /// All of both.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether this is one of them.
    pub const fn has(self, section: Section) -> bool {
        self.0 & 1 << section as u8 != 0
    }

    /// Those that are chosen, in the order of [`Section::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Section> {
        Section::ALL.into_iter().filter(move |section| self.has(*section))
    }
}

impl Default for Sections {
    /// What a person may have to act on.
    fn default() -> Self {
        Self::URGENT.with(Section::Warn)
    }
}

/// Leaves out of a report the checks of all other sections, and groups that are empty then.
pub fn keep(report: &mut Report, sections: Sections) {
    for target in &mut report.targets {
        for group in &mut target.groups {
            group.checks.retain(|check| sections.has(Section::of(check)));
        }
        target.groups.retain(|group| !group.checks.is_empty());
    }
}

/// A name that is no section's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}`: not known (use fail, unknown, warn, manual, skipped, not-applicable, pass or all)")]
pub struct UnknownSection(pub String);

impl FromStr for Sections {
    type Err = UnknownSection;

    /// The section of that name, or `all`.
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
