//! Values that depend on the Kubernetes minor release.

use serde::{Deserialize, Serialize};
use sorting::Sorting;

use super::KubernetesVersion;

/// Values by the minor release from which each holds, oldest first. The oldest also holds for earlier releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByVersion<T> {
    first: T,
    changes: Vec<(KubernetesVersion, T)>,
}

impl<T> ByVersion<T> {
    /// Creates a value that holds for every version.
    pub const fn always(value: T) -> Self {
        Self { first: value, changes: Vec::new() }
    }

    /// Creates values from pairs of first release and value, in any order; `None` if there are none.
    pub fn since(mut values: Vec<(KubernetesVersion, T)>) -> Option<Self> {
        values.order_by_key(|(from, _)| *from);
        let mut values = values.into_iter();
        let (_, first) = values.next()?;
        Some(Self { first, changes: values.collect() })
    }

    /// Returns the value in this release.
    pub fn at(&self, version: KubernetesVersion) -> &T {
        let change = self.changes.iter().rev().find(|(from, _)| *from <= version);
        change.map_or(&self.first, |(_, value)| value)
    }

    /// Returns the values possible on a node: one if its version is known, otherwise all from
    /// [`KubernetesVersion::OLDEST`] on.
    pub fn possible(&self, version: Option<KubernetesVersion>) -> Vec<&T> {
        match version {
            Some(version) => vec![self.at(version)],
            None => self.spans().into_iter().map(|(_, _, value)| value).collect(),
        }
    }

    /// Returns all values from [`KubernetesVersion::OLDEST`] on, oldest first, each with the release it holds from
    /// (`None` for the oldest) and the release in which it ends (`None` for the newest).
    fn spans(&self) -> Vec<(Option<KubernetesVersion>, Option<KubernetesVersion>, &T)> {
        let later = || self.changes.iter().filter(|(from, _)| *from > KubernetesVersion::OLDEST);
        let ends = later().map(|(from, _)| Some(*from)).chain([None]);
        let oldest = std::iter::once((None, self.at(KubernetesVersion::OLDEST)));
        let values = oldest.chain(later().map(|(from, value)| (Some(*from), value)));
        values.zip(ends).map(|((from, value), end)| (from, end, value)).collect()
    }

    /// Returns the values as text, for one version or for all: `8080 before Kubernetes 1.20; 0 from 1.20 on`. `word`
    /// receives each value with a release in which it holds.
    pub fn in_words(
        &self,
        version: Option<KubernetesVersion>,
        word: impl Fn(&T, KubernetesVersion) -> String,
    ) -> String {
        if let Some(version) = version {
            return word(self.at(version), version);
        }
        let mut named = false;
        let mut line = |line: KubernetesVersion| {
            let name = if named { "" } else { "Kubernetes " };
            named = true;
            format!("{name}{line}")
        };
        let parts = self.spans().into_iter().map(|(from, end, value)| {
            let value = word(value, from.unwrap_or(KubernetesVersion::OLDEST));
            match (from, end) {
                (None, None) => value,
                (None, Some(end)) => format!("{value} before {}", line(end)),
                (Some(from), _) => format!("{value} from {} on", line(from)),
            }
        });
        parts.collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn line(minor: u16) -> KubernetesVersion {
        KubernetesVersion { major: 1, minor }
    }

    fn changing() -> ByVersion<&'static str> {
        ByVersion::since(vec![(line(20), "0"), (line(10), "80"), (line(15), "8080"), (line(24), "gone")]).expect("some")
    }

    #[test]
    fn each_line_has_the_last_value_before_it() {
        let table =
            [(9, "80"), (14, "80"), (15, "8080"), (19, "8080"), (20, "0"), (23, "0"), (24, "gone"), (40, "gone")];
        for (minor, expected) in table {
            assert_eq!(*changing().at(line(minor)), expected, "1.{minor}");
        }
        assert_eq!(*changing().at(KubernetesVersion { major: 2, minor: 0 }), "gone");
    }

    #[test]
    fn without_a_version_every_value_that_still_counts_is_possible() {
        let possible: Vec<&str> = changing().possible(None).into_iter().copied().collect();
        assert_eq!(possible, ["8080", "0", "gone"]);
        assert_eq!(changing().possible(Some(line(20))), [&"0"]);
        assert_eq!(ByVersion::always("x").possible(None), [&"x"]);
        assert_eq!(ByVersion::<&str>::since(Vec::new()), None);
    }

    #[test]
    fn words_name_the_lines_only_where_they_differ() {
        let word = |value: &&str, _| (*value).to_owned();
        assert_eq!(changing().in_words(None, word), "8080 before Kubernetes 1.20; 0 from 1.20 on; gone from 1.24 on");
        assert_eq!(changing().in_words(Some(line(30)), word), "gone");
        assert_eq!(ByVersion::always("x").in_words(None, word), "x");
    }
}
