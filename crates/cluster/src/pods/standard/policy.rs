//! Policies of the Pod Security Standards: a level as of a Kubernetes version.

use std::fmt;
use std::str::FromStr;

/// The newest minor version of Kubernetes whose policies are known well, and what `latest` is unless a caller says
/// otherwise.
pub const NEWEST: u64 = 36;

/// A level of the standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Everything is allowed.
    Privileged,
    /// What is known to lead out of a container is not.
    Baseline,
    /// What pods are hardened with is asked for.
    Restricted,
}

impl Level {
    /// As in labels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

impl FromStr for Level {
    type Err = PolicyError;

    /// Reads the value of a label `pod-security.kubernetes.io/enforce`.
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        [Self::Privileged, Self::Baseline, Self::Restricted]
            .into_iter()
            .find(|level| level.name() == text)
            .ok_or_else(|| PolicyError::Level(text.to_owned()))
    }
}

/// A version of the standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// That of Kubernetes 1.x.
    Minor(u64),
    /// That of the API server.
    Latest,
}

impl FromStr for Version {
    type Err = PolicyError;

    /// Reads the value of a label `pod-security.kubernetes.io/enforce-version`: `latest` or `v1.30`.
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        text.strip_prefix("v1.")
            .filter(|minor| {
                minor.bytes().all(|byte| byte.is_ascii_digit()) && (*minor == "0" || !minor.starts_with('0'))
            })
            .and_then(|minor| minor.parse().ok())
            .map(Self::Minor)
            .ok_or_else(|| PolicyError::Version(text.to_owned()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minor(minor) => write!(f, "v1.{minor}"),
            Self::Latest => f.write_str("latest"),
        }
    }
}

/// A level as of a version, written `restricted:v1.30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Policy {
    /// The level.
    pub level: Level,
    /// The version.
    pub version: Version,
}

impl Policy {
    /// The policy of this level of the API server's version.
    pub const fn latest(level: Level) -> Self {
        Self { level, version: Version::Latest }
    }

    /// The minor version that an API server of version 1.`latest` judges by: no newer one than its own.
    pub fn minor(self, latest: u64) -> u64 {
        match self.version {
            Version::Minor(minor) => minor.min(latest),
            Version::Latest => latest,
        }
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    /// Reads `restricted:v1.30` or, for the latest version, `restricted`.
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        match text.split_once(':') {
            Some((level, version)) => Ok(Self { level: level.parse()?, version: version.parse()? }),
            None => Ok(Self::latest(text.parse()?)),
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level.name(), self.version)
    }
}

/// Why a text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not a level.
    #[error("{0:?}: not a Pod Security level (privileged, baseline or restricted)")]
    Level(String),
    /// Not a version.
    #[error("{0:?}: not a Pod Security version (latest or v1.MINOR)")]
    Version(String),
}
