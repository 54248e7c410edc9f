//! Limits on how many of a node's processes are treated as components, and on how much of their command lines is kept.

use probe::{Answer, Cause, Node, Observed, Question, Reason};

/// The maximum number of processes that are examined as components; further ones are unknown.
const MOST_BELIEVED: usize = 1000;

/// The maximum number of bytes of components' command lines to keep. Each word counts `OF_WORD` in addition to its
/// bytes.
const MOST_KEPT: usize = 2 << 20;
const OF_WORD: usize = 64;

/// The maximum number of bytes of command lines to read, including those of processes that turn out not to be
/// components.
const MOST_READ: usize = 32 << 20;

/// The number of bytes to count for a command line that is too long to read whole.
const OF_TOO_LONG: usize = 1 << 20;

/// What is left of these limits.
pub(super) struct Allowance {
    places: usize,
    room: usize,
    reading: usize,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { places: MOST_BELIEVED, room: MOST_KEPT, reading: MOST_READ }
    }
}

/// A command line, or why it is not known.
type Words = Result<Vec<Vec<u8>>, Reason>;

impl Allowance {
    /// Takes one of the places for processes.
    ///
    /// # Errors
    ///
    /// Returns a message if none is left.
    pub(super) fn take_place(&mut self) -> Result<(), String> {
        let left = self.places.checked_sub(1);
        let left = left.ok_or_else(|| {
            format!("not looked at: there are more than {MOST_BELIEVED} such processes (check it by hand)")
        })?;
        self.places = left;
        Ok(())
    }

    /// The command line of a process; `None` if the process has exited.
    pub(super) fn arguments(&mut self, node: &dyn Node, pid: i32) -> Option<Words> {
        if self.reading == 0 {
            let detail = format!("not read: those of this node are more than {} MiB", MOST_READ >> 20);
            return Some(Err(too_large(pid, detail)));
        }
        let words = match node.ask(&Question::Arguments(pid)) {
            Observed::Present(Answer::Arguments(words)) => Ok(words),
            Observed::Unknown(why) if why.cause != Cause::Vanished => Err(why),
            _ => return None,
        };
        let read = match &words {
            Ok(words) => size(words),
            Err(why) if why.cause == Cause::TooLarge => OF_TOO_LONG,
            Err(_) => 0,
        };
        self.reading = self.reading.saturating_sub(read);
        Some(words)
    }

    /// Returns the command line if there is room to keep it, otherwise the reason.
    pub(super) fn keep(&mut self, pid: i32, words: Words) -> Words {
        let words = words?;
        let Some(left) = self.room.checked_sub(size(&words)) else {
            let detail = format!("not kept: those of all components are more than {} MiB", MOST_KEPT >> 20);
            return Err(too_large(pid, detail));
        };
        self.room = left;
        Ok(words)
    }
}

fn too_large(pid: i32, detail: String) -> Reason {
    Reason::new(Cause::TooLarge, format!("process {pid}'s command line"), detail)
}

/// The number of bytes that a command line counts.
fn size(words: &[Vec<u8>]) -> usize {
    words.iter().map(|word| word.len() + OF_WORD).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Large;

    impl Node for Large {
        fn ask(&self, _: &Question) -> Observed<Answer> {
            Observed::Present(Answer::Arguments(vec![vec![0; 1 << 20]]))
        }
    }

    #[test]
    fn what_is_not_read_or_kept_is_unknown() {
        let mut allowance = Allowance::default();
        let read: Vec<Words> = (1..40).filter_map(|pid| allowance.arguments(&Large, pid)).collect();
        assert_eq!((read.len(), read.iter().filter(|words| words.is_ok()).count()), (39, 32));
        let kept: Vec<Words> = read.into_iter().zip(1..).map(|(words, pid)| allowance.keep(pid, words)).collect();
        assert_eq!(kept.iter().filter(|words| words.is_ok()).count(), 1);
        let said = |pid: usize| kept[pid - 1].as_ref().expect_err("too much").to_string();
        assert_eq!(said(2), "process 2's command line: not kept: those of all components are more than 2 MiB");
        assert_eq!(said(39), "process 39's command line: not read: those of this node are more than 32 MiB");
        assert_eq!(allowance.keep(1, Ok(vec![vec![0; 9]])), Ok(vec![vec![0; 9]]), "what is small has room still");
    }

    #[test]
    fn so_many_processes_are_components() {
        let mut allowance = Allowance::default();
        assert!((0..MOST_BELIEVED).all(|_| allowance.take_place().is_ok()));
        assert!(allowance.take_place().is_err_and(|why| why.contains("more than 1000 such processes")));
    }
}
