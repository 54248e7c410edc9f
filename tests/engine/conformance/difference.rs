//! An intended difference, and its reason.

use serde::Deserialize;

use super::comparison::Run;
use super::verdict::{Ours, Theirs};

/// An entry of `differences.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Difference {
    pub(crate) nodes: Vec<String>,
    /// The names of benchmarks; one that ends in `*` is a prefix.
    pub(crate) benchmarks: Vec<String>,
    pub(crate) target: String,
    /// The controls by key, which unlike numbers is stable.
    pub(crate) controls: Names,
    /// kube-bench's statuses.
    pub(crate) theirs: Vec<String>,
    /// Our verdict.
    pub(crate) ours: String,
    /// A text that our reason must contain, so that `controls: all` covers no more than intended.
    pub(crate) saying: Option<String>,
    /// Why ours is right.
    pub(crate) reason: String,
}

/// Some controls, or all.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Names {
    These(Vec<String>),
    All(All),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum All {
    All,
}

impl Names {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::All(All::All) => true,
            Self::These(names) => names.iter().any(|known| known == name),
        }
    }

    /// Returns the listed names; empty if all are meant.
    pub(crate) fn listed(&self) -> &[String] {
        match self {
            Self::All(All::All) => &[],
            Self::These(names) => names,
        }
    }
}

impl Difference {
    /// Reads the entries of a file.
    pub(crate) fn parse(text: &str) -> Result<Vec<Self>, String> {
        const FEWEST_WORDS: usize = 8;
        let entries: Vec<Self> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        for entry in &entries {
            if entry.reason.split_whitespace().count() < FEWEST_WORDS {
                return Err(format!("{entry}: {:?} is no reason", entry.reason));
            }
            if entry.nodes.is_empty() || entry.benchmarks.is_empty() || entry.theirs.is_empty() {
                return Err(format!("{entry}: names no node, no benchmark, or none of their states"));
            }
            if entry.controls.listed().is_empty() && entry.saying.is_none() {
                return Err(format!("{entry}: with controls: all it must say which by saying:"));
            }
        }
        Ok(entries)
    }

    /// Whether the entry covers this difference.
    pub(crate) fn covers(&self, run: &Run, theirs: &Theirs, ours: &Ours) -> bool {
        self.nodes.contains(&run.node)
            && self.benchmarks.iter().any(|pattern| is_of(&run.benchmark, pattern))
            && self.target == ours.target
            && self.controls.has(&ours.control)
            && self.theirs.contains(&theirs.status)
            && self.ours == ours.verdict
            && self.saying.as_ref().is_none_or(|words| ours.reason.contains(words))
    }
}

/// Whether a pattern matches a benchmark.
pub(crate) fn is_of(benchmark: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(benchmark == pattern, |beginning| benchmark.starts_with(beginning))
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let controls = self.controls.listed();
        let controls = if controls.is_empty() { "all".to_owned() } else { controls.join(" ") };
        write!(
            f,
            "listed difference ({}; {}; {}; {}; theirs {}, ours {})",
            self.nodes.join(" "),
            self.benchmarks.join(" "),
            self.target,
            controls,
            self.theirs.join(" or "),
            self.ours
        )
    }
}
