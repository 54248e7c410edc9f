//! Time limits.

use std::time::Duration;

use probe::{Answer, Observed};

/// The time limits of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the whole run; `None` if it is unlimited.
    pub deadline: Option<Duration>,
    /// For one answer of the system.
    pub answer: Duration,
    /// For all missing answers together; after that, each gets a moment.
    pub total: Duration,
    /// For work in progress when the deadline passes, such as computation.
    pub grace: Duration,
    /// For writing a file.
    pub written: Duration,
    /// For the reader of standard output; `None` if it is unlimited.
    pub printed: Option<Duration>,
}

/// For one answer of the system.
const ANSWER: Duration = Duration::from_secs(10);
/// For all missing answers together.
const TOTAL: Duration = Duration::from_secs(30);
/// For one answer once `TOTAL` is used up.
const MOMENT: Duration = Duration::from_millis(250);
/// For an answer that was missing before.
const KNOWN: Duration = Duration::from_secs(1);
/// For writing a file, without a deadline.
const WRITTEN: Duration = Duration::from_mins(1);

impl Limits {
    /// Returns the limits of a run with this deadline.
    pub fn within(deadline: Option<Duration>) -> Self {
        let part = |of: Duration, parts: u32| deadline.map_or(of, |deadline| of.min(deadline / parts));
        Self {
            deadline,
            answer: part(ANSWER, 4),
            total: part(TOTAL, 2),
            grace: ANSWER,
            written: deadline.map_or(WRITTEN, |_| WRITTEN / 4),
            printed: deadline.map(|_| ANSWER),
        }
    }

    /// Returns how long to wait for the next answer, after `waited` so far; `is_known` if it was missing before.
    pub(super) fn patience(&self, waited: Duration, is_known: bool) -> Duration {
        if is_known {
            self.answer.min(KNOWN)
        } else if waited + self.answer <= self.total {
            self.answer
        } else {
            self.answer.min(MOMENT)
        }
    }
}

/// Formats a duration: `10 seconds`, `0.5 seconds`.
pub(super) fn in_words(time: Duration) -> String {
    let plural = if time == Duration::from_secs(1) { "" } else { "s" };
    match time.subsec_millis() {
        0 => format!("{} second{plural}", time.as_secs()),
        millis => {
            let part = format!("{millis:03}");
            format!("{}.{} seconds", time.as_secs(), part.trim_end_matches('0'))
        }
    }
}

/// Returns the approximate size of an answer in bytes; users of the node may make it arbitrarily large.
pub(super) fn size(answer: &Observed<Answer>) -> usize {
    match answer {
        Observed::Present(answer) => match answer {
            Answer::Text(text) => text.len(),
            Answer::Arguments(arguments) => arguments.iter().map(|argument| argument.len() + 1).sum(),
            Answer::Variables(variables) => variables.values().map(Vec::len).sum(),
            Answer::Content(content) => content.bytes.len(),
            Answer::Certificates(held) => held.size(),
            Answer::Entries(entries) => entries.iter().map(|entry| entry.name.len()).sum(),
            Answer::ProcessTable(_)
            | Answer::Accounts(_)
            | Answer::Processes(_)
            | Answer::Standing(_)
            | Answer::Metadata(_)
            | Answer::Truth(_)
            | Answer::Time(_) => 0,
        },
        Observed::Absent | Observed::Unknown(_) => 0,
    }
}
