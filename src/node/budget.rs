//! How much of a node is read in one run, and how much of that is remembered.
//!
//! Users who start processes and write files on the node partly determine what a run reads. Therefore the run as a
//! whole has a limit, in addition to the one for each file.

use std::mem::size_of;
use std::sync::atomic::{AtomicU64, Ordering};

use probe::{Answer, Entry, Observed, Process, Question};

use super::errors::Failure;

/// The maximum size of an answer that a run remembers whole: nearly all have a hundredth of it.
const LARGEST: usize = 64 << 10;

/// The total size of the answers that a run remembers.
const ROOM: usize = 4 << 20;

/// The same limits for a recording, which is made from what is remembered.
const LARGEST_RECORDED: usize = 2 << 20;
const ROOM_OF_RECORDING: usize = 4 << 20;

/// With less room than this left, a recording asks nothing new: every benchmark would ask each question again.
const LEAST_OF_RECORDING: usize = 16 << 10;

/// The number of bytes of large files that a run reads.
pub(super) const MOST_READ: u64 = 128 << 20;

/// The size from which a file counts as large: reading a smaller one costs less than finding it.
const LARGE: u64 = 64 << 10;

/// The limits for remembered answers, in bytes.
#[derive(Debug)]
pub struct Budget {
    left: usize,
    largest: usize,
    /// With less than this left, nothing new is asked.
    least: usize,
}

impl Budget {
    /// Returns no limits: for tests and small nodes.
    pub const fn unlimited() -> Self {
        Self { left: usize::MAX, largest: usize::MAX, least: 0 }
    }

    /// Returns the limits of a run, which asks again for whatever it does not remember.
    pub const fn of_run() -> Self {
        Self { left: ROOM, largest: LARGEST, least: 0 }
    }

    /// Returns the limits of a recording, in which whatever it does not remember is unknown.
    pub const fn of_recording() -> Self {
        Self { left: ROOM_OF_RECORDING, largest: LARGEST_RECORDED, least: LEAST_OF_RECORDING }
    }

    /// Whether so little is left that nothing new should be asked.
    pub(super) const fn is_used_up(&self) -> bool {
        self.left < self.least
    }

    /// Reserves room for an answer. Returns whether there was enough.
    pub(super) fn takes(&mut self, question: &Question, answer: &Observed<Answer>) -> bool {
        let weight = weight(question, answer);
        let left = self.left.checked_sub(weight).filter(|_| weight <= self.largest);
        left.inspect(|left| self.left = *left).is_some()
    }
}

/// Returns the approximate size in bytes of a question and its answer.
fn weight(question: &Question, answer: &Observed<Answer>) -> usize {
    let asked = match question {
        Question::Metadata(at)
        | Question::Content(at)
        | Question::Directory(at)
        | Question::PrivateKey(at)
        | Question::Certificates(at) => at.path.as_os_str().len(),
        _ => 0,
    };
    let answered = match answer {
        Observed::Absent => 0,
        Observed::Unknown(why) => why.subject.len() + why.detail.len(),
        Observed::Present(answer) => match answer {
            // Shared with the callers.
            Answer::Accounts(_)
            | Answer::ProcessTable(_)
            | Answer::Standing(_)
            | Answer::Truth(_)
            | Answer::Time(_) => 0,
            Answer::Certificates(held) => held.size(),
            Answer::Text(text) => text.len(),
            Answer::Processes(processes) => {
                (processes.listed.len() + processes.passed_over.len()).saturating_mul(2 * size_of::<Process>())
            }
            Answer::Arguments(words) => words.iter().map(|word| word.len() + 2 * size_of::<Vec<u8>>()).sum(),
            Answer::Variables(set) => set.iter().map(|(name, value)| name.len() + value.len()).sum(),
            Answer::Metadata(found) => found.resolved.as_os_str().len(),
            Answer::Content(content) => content.bytes.len(),
            Answer::Entries(entries) => entries.iter().map(|entry| entry.name.len() + size_of::<Entry>()).sum(),
        },
    };
    asked + answered + size_of::<Question>() + size_of::<Observed<Answer>>()
}

/// How many bytes of large files may still be read.
#[derive(Debug)]
pub(super) struct Reading {
    left: AtomicU64,
}

impl Reading {
    pub(super) const fn new() -> Self {
        Self { left: AtomicU64::new(MOST_READ) }
    }

    /// Accounts for reading a file of this size.
    pub(super) fn take(&self, size: u64) -> Result<(), Failure> {
        if size < LARGE {
            return Ok(());
        }
        let take = |left: u64| left.checked_sub(size);
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.map(|_| ()).map_err(|_| Failure::too_much(size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probe::{Content, Location};

    fn content(size: usize) -> Observed<Answer> {
        Observed::Present(Answer::Content(Content::whole(vec![0; size])))
    }

    #[test]
    fn what_is_too_large_takes_no_room_from_others() {
        let question = Question::Content(Location::node("/a"));
        let mut budget = Budget::of_run();
        assert!(!budget.takes(&question, &content(LARGEST + 1)));
        let count = (0..1000).filter(|_| budget.takes(&question, &content(LARGEST / 2))).count();
        assert!((ROOM / LARGEST..=2 * ROOM / LARGEST).contains(&count), "{count}");
        let mut unlimited = Budget::unlimited();
        assert!((0..1000).all(|_| unlimited.takes(&question, &content(LARGEST + 1))));
    }

    #[test]
    fn small_files_are_always_read() {
        let reading = Reading::new();
        for _ in 0..MOST_READ >> 24 {
            assert_eq!(reading.take(16 << 20), Ok(()));
        }
        assert!(reading.take(LARGE).is_err());
        assert_eq!(reading.take(LARGE - 1), Ok(()));
    }
}
