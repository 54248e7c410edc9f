//! How a finding is fixed, by platform where that differs.

use serde::{Deserialize, Serialize};

use super::{Deferred, Platform};

/// How to fix what a control found. Its texts may hold `{{parameter}}`, `{{COMPONENT.PLACE}}` (the path found on the
/// node, or its first candidate) and `{{snippet.NAME}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Remediation {
    /// For every platform that has no text of its own.
    pub default: String,
    /// The other texts, each once, with the platforms that it is for: it replaces the default there.
    pub differing: Vec<(Vec<Platform>, Deferred<String>)>,
}

impl Remediation {
    /// The text for a platform; the default where it has none, and where the platform is not known.
    pub fn on(&self, platform: Option<Platform>) -> &str {
        platform.and_then(|platform| self.of(platform)).unwrap_or(&self.default)
    }

    /// The text of a platform that has one of its own.
    pub fn of(&self, platform: Platform) -> Option<&str> {
        let text = self.differing.iter().find(|(platforms, _)| platforms.contains(&platform));
        text.map(|(_, text)| text.as_str())
    }

    /// All texts, the default first.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.default.as_str()).chain(self.differing.iter().map(|(_, text)| text.as_str()))
    }

    /// Sets the text of a platform.
    pub fn insert(&mut self, platform: Platform, text: String) {
        match self.differing.iter_mut().find(|(_, known)| **known == text) {
            Some((platforms, _)) => platforms.push(platform),
            None => self.differing.push((vec![platform], text.into())),
        }
    }
}
