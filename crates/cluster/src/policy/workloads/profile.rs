//! Combinations of findings, deduplicated, in bounded memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::finding::{Finding, Kind};
use super::intern::Interner;

/// The most bytes kept of a text.
const LONGEST: usize = 256;
/// The most distinct findings kept with details.
const FINDINGS: usize = 100_000;
/// The most findings of one pod kept with details.
const OF_ONE_POD: usize = 256;
/// The most findings in all combinations together before details are dropped.
const NUMBERS: usize = 2_000_000;
/// Replaces details that were dropped.
const MORE: &str = "more than is listed";

/// A finding with interned strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Kept {
    pub(super) kind: Kind,
    pub(super) container: Option<u32>,
    pub(super) found: u32,
}

/// Interned strings, findings, and combinations of findings.
#[derive(Debug, Clone, Default)]
pub(super) struct Profiles {
    pub(super) texts: Interner<Arc<str>>,
    pub(super) findings: Interner<Kept>,
    pub(super) combinations: Interner<Arc<[u32]>>,
    numbers: usize,
}

impl Profiles {
    /// The number of a text, which is truncated if too long.
    pub(super) fn text(&mut self, text: &str) -> u32 {
        let mut end = text.len().min(LONGEST);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.texts.number(&text[..end], |text| Arc::from(text))
    }

    /// The number of a combination of findings.
    pub(super) fn profile(&mut self, found: &BTreeSet<Finding<'_>>) -> u32 {
        let detailed = if self.numbers < NUMBERS { OF_ONE_POD } else { 0 };
        let mut numbers: Vec<u32> =
            found.iter().enumerate().map(|(index, finding)| self.finding(finding, index < detailed)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        if !self.combinations.knows(numbers.as_slice()) {
            self.numbers += numbers.len();
        }
        self.combinations.number(numbers.as_slice(), |numbers| Arc::from(numbers))
    }

    fn finding(&mut self, finding: &Finding<'_>, detailed: bool) -> u32 {
        let full = self.findings.values().len() >= FINDINGS;
        let kept = if detailed && !full {
            Kept {
                kind: finding.kind,
                container: finding.container.map(|container| self.text(container)),
                found: self.text(&finding.found),
            }
        } else {
            Kept { kind: finding.kind, container: None, found: self.text(MORE) }
        };
        self.findings.number(&kept, |kept| *kept)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::BTreeSet;

    use super::{FINDINGS, Finding, Kind, LONGEST, NUMBERS, Profiles};

    fn finding<'a>(container: &'a str, found: &'a str) -> Finding<'a> {
        Finding { kind: Kind::Root, container: Some(container), found: Cow::Borrowed(found) }
    }

    #[test]
    fn equal_combinations_have_one_number() {
        let mut profiles = Profiles::default();
        let first = profiles.profile(&BTreeSet::from([finding("a", "x"), finding("b", "x")]));
        assert_eq!(profiles.profile(&BTreeSet::from([finding("b", "x"), finding("a", "x")])), first);
        assert_ne!(profiles.profile(&BTreeSet::from([finding("a", "x")])), first);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        let mut profiles = Profiles::default();
        let number = profiles.text(&format!("{}ü", "x".repeat(LONGEST - 1)));
        assert_eq!(profiles.texts.values()[number as usize].len(), LONGEST - 1);
    }

    #[test]
    fn details_are_bounded_and_kinds_are_kept() {
        let mut profiles = Profiles::default();
        for number in 0..FINDINGS + 1_000 {
            profiles.profile(&BTreeSet::from([finding(&number.to_string(), "x")]));
        }
        assert_eq!(profiles.findings.values().len(), FINDINGS + 1);
        let names: Vec<String> = (0..1_000).map(|number| number.to_string()).collect();
        let number = profiles.profile(&names.iter().map(|name| finding(name, "y")).collect());
        assert!(!profiles.combinations.values()[number as usize].is_empty());
        profiles.numbers = NUMBERS;
        assert_eq!(
            profiles.profile(&BTreeSet::from([finding("a", "z")])),
            profiles.profile(&BTreeSet::from([finding("b", "z")])),
        );
    }
}
