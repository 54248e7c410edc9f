//! Minor versions of Kubernetes and EKS Anywhere.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A minor version, such as `1.33` or `0.26`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minor {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl Minor {
    /// Creates a minor version.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Parses the minor version of `1.33`, `v0.26.1`, `v1.32.4-eks-abc`, or `v0.26.0-dev+build.1`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?;
        let digits = minor.find(|character: char| !character.is_ascii_digit()).unwrap_or(minor.len());
        Some(Self { major, minor: minor[..digits].parse().ok()? })
    }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl<'de> Deserialize<'de> for Minor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}`: expected a version such as \"1.33\"")))
    }
}

/// The numbers of a version such as `1.62.0`, for comparisons.
pub fn numbers(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
    let mut number = || {
        let part = parts.next()?;
        let digits = part.find(|character: char| !character.is_ascii_digit()).unwrap_or(part.len());
        part[..digits].parse().ok()
    };
    Some([number()?, number()?, number()?])
}

#[cfg(test)]
mod tests {
    use super::{Minor, numbers};

    #[test]
    fn versions_are_read() {
        let table = [
            ("1.33", Some(Minor::new(1, 33))),
            ("v0.26.1", Some(Minor::new(0, 26))),
            ("v1.32.4-eks-abcdef", Some(Minor::new(1, 32))),
            ("v0.26.0-dev+build.1", Some(Minor::new(0, 26))),
            ("1.33+", Some(Minor::new(1, 33))),
            ("1", None),
            ("", None),
            ("v.", None),
            ("1.x", None),
            ("1.99999999999", None),
        ];
        for (text, version) in table {
            assert_eq!(Minor::parse(text), version, "{text}");
        }
        assert_eq!(numbers("1.62.0"), Some([1, 62, 0]));
        assert_eq!(numbers("1.62.0-rc1"), Some([1, 62, 0]));
        assert_eq!(numbers("1.62"), None);
    }
}
