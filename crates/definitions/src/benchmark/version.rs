//! Kubernetes versions, reduced to major and minor, which is all that benchmarks depend on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::suggestion::quoted;

/// A Kubernetes minor release, such as 1.32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KubernetesVersion {
    /// The major version.
    pub major: u16,
    /// The minor version.
    pub minor: u16,
}

/// A text that is not a Kubernetes version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: not a Kubernetes version (write it as 1.32 or v1.32.4)", quoted(.0))]
pub struct VersionError(pub String);

impl KubernetesVersion {
    /// The oldest minor release that definitions cover: that of the oldest benchmark.
    pub const OLDEST: Self = Self { major: 1, minor: 15 };
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for KubernetesVersion {
    type Err = VersionError;

    /// Parses `1.32`, `v1.32.4`, `1.32+` and `v1.32.4-eks-1-32-14`; patch version and suffix are ignored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || VersionError(text.to_owned());
        let bare = text.trim();
        let bare = bare.strip_prefix('v').unwrap_or(bare);
        let (major, rest) = bare.split_once('.').ok_or_else(refused)?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (minor, rest) = rest.split_at(digits);
        if !matches!(rest.chars().next(), None | Some('.' | '+' | '-' | '_')) {
            return Err(refused());
        }
        match (major.parse(), minor.parse()) {
            (Ok(major), Ok(minor)) => Ok(Self { major, minor }),
            _ => Err(refused()),
        }
    }
}
