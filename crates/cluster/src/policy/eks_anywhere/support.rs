//! Supported versions and their end dates, as data with a date.

use serde::Deserialize;

use crate::eks_anywhere::{Date, Minor};

/// A table of supported versions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// The date of the last verification.
    as_of: Date,
    /// The months between EKS Anywhere minor versions.
    cadence_months: u8,
    /// EKS Anywhere minor versions, newest first.
    eks_anywhere: Vec<Minor>,
    /// The number of EKS Anywhere minor versions that are supported.
    supported: usize,
    /// Kubernetes minor versions.
    kubernetes: Vec<KubernetesSupport>,
    /// The newest Bottlerocket by first Kubernetes minor version, newest first.
    bottlerocket: Vec<Bottlerocket>,
}

/// The support of a Kubernetes minor version.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KubernetesSupport {
    version: Minor,
    pub(super) standard: End,
    pub(super) extended: End,
}

/// When support ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum End {
    /// On this date, which is the last supported day.
    On(Date),
    /// The date is not known; whether support had ended on the table's date.
    State(State),
}

/// Whether support had ended on the table's date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Ended,
    Lasts,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bottlerocket {
    from: Minor,
    version: String,
}

impl Support {
    /// The date of the last verification.
    pub(super) const fn as_of(&self) -> Date {
        self.as_of
    }

    /// Whether newer versions may have been released since the table's date.
    pub(super) fn is_old(&self, today: Date) -> bool {
        today > self.as_of.months_later(self.cadence_months)
    }

    /// The oldest supported EKS Anywhere minor version.
    pub(super) fn oldest(&self) -> Option<Minor> {
        self.eks_anywhere.iter().take(self.supported).min().copied()
    }

    /// The support of a Kubernetes minor version. Support has ended for versions older than the table's.
    pub(super) fn kubernetes(&self, version: Minor) -> Option<KubernetesSupport> {
        let known = self.kubernetes.iter().find(|known| known.version == version).copied();
        let is_older = self.kubernetes.iter().all(|known| version < known.version);
        known.or_else(|| {
            let ended = End::State(State::Ended);
            is_older.then_some(KubernetesSupport { version, standard: ended, extended: ended })
        })
    }

    /// The newest Bottlerocket for a Kubernetes minor version.
    pub(super) fn bottlerocket(&self, kubernetes: Minor) -> Option<&str> {
        self.bottlerocket.iter().find(|row| row.from <= kubernetes).map(|row| row.version.as_str())
    }
}

impl End {
    /// Whether support has ended today; `None` if the table does not say.
    pub(super) fn has_ended(self, today: Date, is_old: bool) -> Option<bool> {
        match self {
            Self::On(day) => Some(today > day),
            Self::State(State::Ended) => Some(true),
            Self::State(State::Lasts) => (!is_old).then_some(false),
        }
    }

    /// Formats as `on 2026-08-31`, or with the table's date.
    pub(super) fn words(self, as_of: Date) -> String {
        match self {
            Self::On(day) => format!("on {day}"),
            Self::State(State::Ended) => format!("before {as_of}"),
            Self::State(State::Lasts) => format!("after {as_of}"),
        }
    }
}
