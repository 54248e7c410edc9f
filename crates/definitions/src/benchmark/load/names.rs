//! Parses names and numbers with a fixed format: targets, minor releases, check numbers.

use std::str::FromStr;

use crate::benchmark::reader::Problem;
use crate::benchmark::{KubernetesVersion, Target};

/// Parses a target. Aliases are refused, so that definitions use the same names as reports.
pub(crate) fn target_name(text: &str) -> Result<Target, Problem> {
    Target::ALL
        .into_iter()
        .find(|target| target.name() == text)
        .ok_or_else(|| Problem::unknown("unknown-target", "target", text, Target::ALL.map(Target::name)))
}

/// Parses a Kubernetes minor release, written as `1.32`.
pub(super) fn release_line(text: &str) -> Result<KubernetesVersion, Problem> {
    match KubernetesVersion::from_str(text) {
        Ok(version) if version.to_string() == text => Ok(version),
        Ok(version) => Err(Problem::new("bad-version", format!("{text:?} is more than a release line"))
            .hint(format!("write \"{version}\""))),
        Err(_) => Err(Problem::new("bad-version", format!("{text:?} is not a Kubernetes release line"))
            .hint("write it as \"1.32\"")),
    }
}

/// Splits a number at its dots; `None` if it contains anything but digits and dots.
pub(super) fn dotted(number: &str) -> Option<Vec<u32>> {
    number.split('.').map(|part| part.chars().all(|c| c.is_ascii_digit()).then(|| part.parse().ok())?).collect()
}
