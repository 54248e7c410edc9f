//! How a finding is mended, by platform where that differs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Platform;

/// How to mend what a control found. Its texts may hold `{{parameter}}` and `{{COMPONENT.PLACE}}` (the path found on
/// the node, or its first candidate).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remediation {
    /// For every platform that has no text of its own.
    pub default: String,
    /// The platforms that are mended in another way. Each text stands alone: it takes the default's place.
    pub by_platform: BTreeMap<Platform, String>,
}

impl Remediation {
    /// The text for a platform; the default where it has none, and where the platform is not known.
    pub fn on(&self, platform: Option<Platform>) -> &str {
        platform.and_then(|platform| self.by_platform.get(&platform)).unwrap_or(&self.default)
    }

    /// All texts, the default first.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.default.as_str()).chain(self.by_platform.values().map(String::as_str))
    }

    /// The texts of platforms, each once with all that share it, in the order of [`Platform::ALL`].
    pub fn differing(&self) -> Vec<(Vec<Platform>, &str)> {
        let mut found: Vec<(Vec<Platform>, &str)> = Vec::new();
        for (platform, text) in &self.by_platform {
            match found.iter_mut().find(|(_, known)| known == text) {
                Some((platforms, _)) => platforms.push(*platform),
                None => found.push((vec![*platform], text)),
            }
        }
        found
    }
}
