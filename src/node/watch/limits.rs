//! How long is waited.

use std::time::Duration;

use probe::{Answer, Observed};

/// How long a run waits, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the whole run; none: as long as it takes.
    pub deadline: Option<Duration>,
    /// For one answer of the system.
    pub answer: Duration,
    /// For answers that do not come, in all; those that come later get a moment each.
    pub total: Duration,
    /// For what was asked already when the run is due, such as computing.
    pub grace: Duration,
    /// For a file that is written.
    pub written: Duration,
    /// For the reader of standard output; `None`: as long as it takes.
    pub printed: Option<Duration>,
}

/// For one answer of the system.
const ANSWER: Duration = Duration::from_secs(10);
/// For all that do not come.
const TOTAL: Duration = Duration::from_secs(30);
/// For an answer after that.
const MOMENT: Duration = Duration::from_millis(250);
/// For an answer that is known not to come.
const KNOWN: Duration = Duration::from_secs(1);
/// For a file that is written, where there is no deadline.
const WRITTEN: Duration = Duration::from_mins(1);

impl Limits {
    /// Those of a run that may take so long.
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

    /// How long is waited for the next answer, after so much waiting; `is_known` is one that did not come before.
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

/// A length of time: `10 seconds`, `0.5 seconds`.
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

/// Approximately how many bytes an answer has; users of the node may make it arbitrarily large.
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
