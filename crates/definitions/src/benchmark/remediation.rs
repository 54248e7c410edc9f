//! How a finding is fixed, per platform where that differs.

use serde::{Deserialize, Serialize};

use super::{Deferred, Platform};
use crate::SharedText;

/// How to fix a failed control. The texts may contain `{{parameter}}`, `{{COMPONENT.PLACE}}` (the path found on the
/// node, or its first candidate) and `{{snippet.NAME}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Remediation {
    /// The text for every platform without one of its own.
    pub default: SharedText,
    /// The texts that replace the default, each listed once with the platforms it applies to.
    pub differing: Vec<(Vec<Platform>, Deferred<SharedText>)>,
}

impl Remediation {
    /// Returns the text for a platform; the default if it has none of its own or is unknown.
    pub fn on(&self, platform: Option<Platform>) -> &str {
        platform.and_then(|platform| self.of(platform)).unwrap_or(&self.default)
    }

    /// Returns a platform's own text, if it has one.
    pub fn of(&self, platform: Platform) -> Option<&str> {
        let text = self.differing.iter().find(|(platforms, _)| platforms.contains(&platform));
        text.map(|(_, text)| text.as_str())
    }

    /// Returns all texts, the default first.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.default.as_str()).chain(self.differing.iter().map(|(_, text)| text.as_str()))
    }

    /// Sets the text for a platform.
    pub fn insert(&mut self, platform: Platform, text: SharedText) {
        match self.differing.iter_mut().find(|(_, known)| **known == text) {
            Some((platforms, _)) => platforms.push(platform),
            None => self.differing.push((vec![platform], text.into())),
        }
    }
}
