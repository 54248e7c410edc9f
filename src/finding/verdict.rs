//! The answer to one check.

use probe::Why;

use super::State;

/// The answer to one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is as the benchmark wants it.
    Pass,
    /// It is not.
    Fail,
    /// A person must judge it.
    Manual,
    /// A profile or the user leaves it out.
    Skipped(Skip),
    /// What it speaks of is not on this node; the text says what and why.
    NotApplicable(String),
    /// It could not be known.
    Unknown(Why),
}

/// Why a check is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The profile that says so; none where the user did (`--skip`).
    pub profile: Option<String>,
    /// The reason.
    pub reason: String,
    /// Where the reason is written.
    pub source: Option<String>,
    /// The numbers under which the profile's guide lists it, which need not be this benchmark's.
    pub guide_ids: Vec<String>,
}

impl Verdict {
    /// The word for it in reports: `pass`, `not-applicable`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Manual => "manual",
            Self::Skipped(_) => "skipped",
            Self::NotApplicable(_) => "not-applicable",
            Self::Unknown(_) => "unknown",
        }
    }

    /// What kube-bench's four states make of it. Ignorance counts as failure (fail closed).
    pub const fn state(&self, scored: bool) -> State {
        match self {
            Self::Pass => State::Pass,
            Self::Fail | Self::Unknown(_) if scored => State::Fail,
            Self::Fail | Self::Unknown(_) | Self::Manual => State::Warn,
            Self::Skipped(_) | Self::NotApplicable(_) => State::Info,
        }
    }
}
