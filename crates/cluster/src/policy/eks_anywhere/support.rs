//! Supported versions and end dates: data as of a certain day.

use serde::Deserialize;

use crate::eks_anywhere::{Date, Minor};

/// A table of versions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// The day it was verified.
    as_of: Date,
    /// How many months pass between minor versions of EKS Anywhere.
    cadence_months: u8,
    /// Minor versions of EKS Anywhere, the newest first.
    eks_anywhere: Vec<Minor>,
    /// How many of them are supported.
    supported: usize,
    /// Minor versions of Kubernetes.
    kubernetes: Vec<KubernetesSupport>,
    /// The newest Bottlerocket, by the first minor version of Kubernetes that it is for; the newest first.
    bottlerocket: Vec<Bottlerocket>,
}

/// The support of a minor version of Kubernetes.
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
    /// On this day, which is the last one.
    On(Date),
    /// As of the table's day.
    State(State),
}

/// Whether support had ended on the table's day.
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
    /// The day the table was verified.
    pub(super) const fn as_of(&self) -> Date {
        self.as_of
    }

    /// Whether a newer version may have been released since.
    pub(super) fn is_old(&self, today: Date) -> bool {
        today > self.as_of.months_later(self.cadence_months)
    }

    /// The oldest minor version of EKS Anywhere that is supported.
    pub(super) fn oldest(&self) -> Option<Minor> {
        self.eks_anywhere.iter().take(self.supported).min().copied()
    }

    /// The support of a minor version of Kubernetes. Older ones than the table's have ended.
    pub(super) fn kubernetes(&self, version: Minor) -> Option<KubernetesSupport> {
        let known = self.kubernetes.iter().find(|known| known.version == version).copied();
        let is_older = self.kubernetes.iter().all(|known| version < known.version);
        known.or_else(|| {
            let ended = End::State(State::Ended);
            is_older.then_some(KubernetesSupport { version, standard: ended, extended: ended })
        })
    }

    /// The newest Bottlerocket for a minor version of Kubernetes.
    pub(super) fn bottlerocket(&self, kubernetes: Minor) -> Option<&str> {
        self.bottlerocket.iter().find(|row| row.from <= kubernetes).map(|row| row.version.as_str())
    }
}

impl End {
    /// Whether it has ended today; `None` if the table cannot tell.
    pub(super) fn has_ended(self, today: Date, is_old: bool) -> Option<bool> {
        match self {
            Self::On(day) => Some(today > day),
            Self::State(State::Ended) => Some(true),
            Self::State(State::Lasts) => (!is_old).then_some(false),
        }
    }

    /// `on 2026-08-31`, or the table's day.
    pub(super) fn words(self, as_of: Date) -> String {
        match self {
            Self::On(day) => format!("on {day}"),
            Self::State(State::Ended) => format!("before {as_of}"),
            Self::State(State::Lasts) => format!("after {as_of}"),
        }
    }
}
