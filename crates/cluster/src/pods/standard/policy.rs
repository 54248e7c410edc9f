//! Policies: a level of the Pod Security Standards at a Kubernetes version.

use std::fmt;
use std::str::FromStr;

/// The newest supported minor version of Kubernetes, and the default for `latest`.
pub const NEWEST: u64 = 36;

/// A level of the Pod Security Standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// No restrictions.
    Privileged,
    /// Known privilege escalations are forbidden.
    Baseline,
    /// Hardening is required.
    Restricted,
}

impl Level {
    /// The name, as in labels.
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

    /// Parses the value of the label `pod-security.kubernetes.io/enforce`.
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        [Self::Privileged, Self::Baseline, Self::Restricted]
            .into_iter()
            .find(|level| level.name() == text)
            .ok_or_else(|| PolicyError::Level(text.to_owned()))
    }
}

/// A version of the Pod Security Standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// The standards of Kubernetes 1.x.
    Minor(u64),
    /// The API server's own version.
    Latest,
}

impl FromStr for Version {
    type Err = PolicyError;

    /// Parses the value of the label `pod-security.kubernetes.io/enforce-version`: `latest` or `v1.30`.
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

/// A level at a version, such as `restricted:v1.30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Policy {
    /// The level.
    pub level: Level,
    /// The version.
    pub version: Version,
}

impl Policy {
    /// A level at the latest version.
    pub const fn latest(level: Level) -> Self {
        Self { level, version: Version::Latest }
    }

    /// The minor version that an API server of version 1.`latest` evaluates, at most its own.
    pub fn minor(self, latest: u64) -> u64 {
        match self.version {
            Version::Minor(minor) => minor.min(latest),
            Version::Latest => latest,
        }
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    /// Parses `restricted:v1.30`, or `restricted` for the latest version.
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

impl Level {
    /// All levels.
    pub const ALL: [Self; 3] = [Self::Privileged, Self::Baseline, Self::Restricted];
}

/// Why a text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// An invalid level.
    #[error("{0:?}: not a Pod Security level (privileged, baseline or restricted)")]
    Level(String),
    /// An invalid version.
    #[error("{0:?}: not a Pod Security version (latest or v1.MINOR)")]
    Version(String),
}
