//! A node whose answers are remembered, so that each question is asked once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::budget::Budget;
use super::subject::subject;
use super::watch;
use probe::{Answer, Cause, Excerpt, Form, Location, Node, Observed, Question, Reason};
use sorting::Sorting;

/// The number of questions that room is reserved for, since growing the table means hashing every question anew. A node
/// is asked at least as many, and they fit a table of 256.
const USUAL: usize = 224;

/// The detail for an answer that a recording has no room for.
pub(super) const TOO_LARGE: &str = "exceeds what is recorded";

/// Remembers the answers of a node, so that all callers get the same answers on whichever thread.
#[derive(Debug)]
pub struct Remembered<N> {
    node: N,
    answers: Mutex<Answers>,
    /// How files were read, if that is to be recorded.
    noted: Option<Mutex<Noted>>,
}

#[derive(Debug)]
struct Answers {
    known: HashMap<Question, Kept>,
    budget: Budget,
    /// Whether there was no room for something.
    is_incomplete: bool,
}

/// A remembered answer.
#[derive(Debug)]
enum Kept {
    Whole(Observed<Answer>),
    /// A digest of an answer that is too large to be remembered: it is asked for again and compared.
    Digest(u64),
}

/// How files were read.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted {
    /// The parts that were read, by file and form.
    pub(super) excerpts: BTreeMap<Location, BTreeMap<Form, BTreeSet<String>>>,
    /// The files that were read as a whole.
    pub(super) whole: BTreeSet<Location>,
}

impl<N: Node> Remembered<N> {
    /// Creates it with unlimited memory.
    pub fn new(node: N) -> Self {
        Self::within(node, Budget::unlimited())
    }

    /// Creates it with memory for this budget.
    pub fn within(node: N, budget: Budget) -> Self {
        let answers = Answers { known: HashMap::with_capacity(USUAL), budget, is_incomplete: false };
        Self { node, answers: Mutex::new(answers), noted: None }
    }

    /// Creates it with unlimited memory; also notes how files are read, so that it can be recorded.
    pub fn noting(node: N) -> Self {
        Self::noting_within(node, Budget::unlimited())
    }

    /// Creates it with memory for this budget; also notes how files are read, so that it can be recorded.
    pub fn noting_within(node: N, budget: Budget) -> Self {
        Self { noted: Some(Mutex::default()), ..Self::within(node, budget) }
    }

    /// Returns how files were read.
    pub(super) fn noted(&self) -> Noted {
        self.note(|noted, _| noted.clone()).unwrap_or_default()
    }

    /// Returns the questions asked so far, in their order.
    pub(super) fn questions(&self) -> Vec<Question> {
        let mut asked: Vec<Question> = self.answers().known.keys().cloned().collect();
        asked.order();
        asked
    }

    /// Whether a question has an answer other than absent or unknown.
    pub(super) fn holds(&self, question: &Question) -> bool {
        matches!(self.answers().known.get(question), Some(Kept::Whole(Observed::Present(_)) | Kept::Digest(_)))
    }

    /// Returns the answer to a question that was asked. Answers that were not remembered are unknown.
    pub(super) fn known(&self, question: &Question) -> Option<Observed<Answer>> {
        self.answers().known.get(question).map(|kept| kept.answer(question))
    }

    /// Returns the questions asked so far with their answers, in order. Answers that were not remembered are unknown.
    pub fn asked(&self) -> Vec<(Question, Observed<Answer>)> {
        let answers = self.answers();
        let whole = |(question, kept): (&Question, &Kept)| (question.clone(), kept.answer(question));
        let mut asked: Vec<_> = answers.known.iter().map(whole).collect();
        asked.order_by(|(one, _), (other, _)| one.cmp(other));
        asked
    }

    /// Whether there was no room for something: an answer, which must then be asked for again, or a part of a
    /// recording.
    pub fn is_incomplete(&self) -> bool {
        self.answers().is_incomplete
    }

    /// Records that there was no room for something.
    pub(super) fn leave_out(&self) {
        self.answers().is_incomplete = true;
    }

    /// Returns the underlying node.
    pub fn node(&self) -> &N {
        &self.node
    }

    /// Updates the notes, if they are kept, with whether there is room for anything new.
    fn note<T>(&self, note: impl FnOnce(&mut Noted, bool) -> T) -> Option<T> {
        let noted = self.noted.as_ref()?;
        let has_room = !self.answers().budget.is_used_up();
        Some(note(&mut noted.lock().unwrap_or_else(PoisonError::into_inner), has_room))
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, question: &Question) -> Observed<Answer> {
        let mut answers = self.answers();
        match answers.known.get(question) {
            Some(Kept::Whole(answer)) => {
                return watch::reconsidered(question, answer).unwrap_or_else(|| answer.clone());
            }
            None if answers.budget.is_used_up() => {
                answers.is_incomplete = true;
                return unknown(question, Cause::TooLarge, TOO_LARGE);
            }
            Some(Kept::Digest(_)) | None => {}
        }
        drop(answers);
        // Not locked while the node is asked: it may ask back, or never answer.
        let answer = watch::ask(question, || self.node.ask(question));
        self.answers().keep(question, answer)
    }
}

impl Answers {
    /// Remembers an answer if there is room. Returns the answer that the caller should get.
    fn keep(&mut self, question: &Question, answer: Observed<Answer>) -> Observed<Answer> {
        let Self { known, budget, is_incomplete } = self;
        match known.get(question) {
            // Another thread asked meanwhile and got this answer.
            Some(Kept::Whole(first)) => return first.clone(),
            Some(Kept::Digest(first)) => {
                let is_other = match &answer {
                    // The cause may be on our side, so it does not show that the file has changed.
                    Observed::Unknown(_) => false,
                    answer => digest(known.hasher(), answer) != Some(*first),
                };
                return if is_other { changed(question) } else { answer };
            }
            None => {}
        }
        if budget.takes(question, &answer) {
            known.insert(question.clone(), Kept::Whole(answer.clone()));
            return answer;
        }
        *is_incomplete = true;
        if let Some(digest) = digest(known.hasher(), &answer)
            && budget.takes(question, &Observed::Absent)
        {
            known.insert(question.clone(), Kept::Digest(digest));
        }
        answer
    }
}

impl Kept {
    fn answer(&self, question: &Question) -> Observed<Answer> {
        match self {
            Self::Whole(answer) => answer.clone(),
            Self::Digest(_) => unknown(question, Cause::TooLarge, TOO_LARGE),
        }
    }
}

impl<N: Node> Node for Remembered<N> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        if let Question::Content(location) = question {
            self.note(|noted, has_room| has_room && noted.whole.insert(location.clone()));
        }
        self.answer(question)
    }

    fn read(&self, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        self.note(|noted, has_room| {
            if has_room || noted.excerpts.contains_key(location) {
                let Excerpt { form, parts } = excerpt();
                let forms = noted.excerpts.entry(location.clone()).or_default();
                forms.entry(form).or_default().extend(parts);
            }
        });
        let question = || Question::Content(location.clone());
        if !self.node.remembers() {
            return self.answer(&question());
        }
        let answer = self.node.read(location, excerpt);
        if self.noted.is_some() && answer.as_present().is_none() {
            // The reason may be independent of the parts read, so the recording needs the answer for the whole file.
            self.answer(&question());
        }
        answer
    }

    fn remembers(&self) -> bool {
        true
    }
}

/// Returns a digest of a file's content; `None` for other answers, which are large only if they change all the time.
fn digest(state: &RandomState, answer: &Observed<Answer>) -> Option<u64> {
    match answer {
        Observed::Present(Answer::Content(content)) => Some(state.hash_one(&content.bytes)),
        _ => None,
    }
}

fn changed(question: &Question) -> Observed<Answer> {
    unknown(question, Cause::Vanished, "changed while it was read")
}

fn unknown(question: &Question, cause: Cause, detail: &str) -> Observed<Answer> {
    Observed::Unknown(Reason::new(cause, subject(question), detail))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

    use super::*;
    use probe::{Content, Location};

    /// Answers with the number of times it was asked.
    struct Counting(AtomicU32);

    impl Node for Counting {
        fn ask(&self, _: &Question) -> Observed<Answer> {
            let before = self.0.fetch_add(1, Ordering::Relaxed);
            Observed::Present(Answer::Text((before + 1).to_string()))
        }
    }

    #[test]
    fn each_question_is_asked_once() {
        let node = Remembered::new(Counting(AtomicU32::new(0)));
        let first = node.ask(&Question::HostName);
        assert_eq!(node.ask(&Question::HostName), first);
        assert_ne!(node.ask(&Question::Accounts), first);
        assert_eq!(node.node().0.load(Ordering::Relaxed), 2);
    }

    /// Answers with large files, which differ each time if `change` is set.
    struct Large {
        asked: AtomicU8,
        change: bool,
    }

    impl Node for Large {
        fn ask(&self, _: &Question) -> Observed<Answer> {
            let asked = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
            let byte = if self.change { asked } else { 0 };
            Observed::Present(Answer::Content(Content::whole(vec![byte; 1 << 20])))
        }
    }

    #[test]
    fn what_is_too_large_is_asked_for_again_and_must_be_the_same() {
        let question = Question::Content(Location::node("/a"));
        for change in [false, true] {
            let node = Remembered::within(Large { asked: AtomicU8::new(0), change }, Budget::of_run());
            let first = node.ask(&question);
            assert!(first.as_present().is_some() && node.is_incomplete());
            match node.ask(&question) {
                again @ Observed::Present(_) => assert!(!change && again == first),
                Observed::Unknown(why) => assert!(change && why.to_string() == "/a: changed while it was read"),
                Observed::Absent => panic!("absent"),
            }
            assert_eq!(node.node().asked.load(Ordering::Relaxed), 2);
            let asked = node.asked();
            let [(_, Observed::Unknown(why))] = asked.as_slice() else { panic!("{asked:?}") };
            assert_eq!(why.to_string(), "/a: exceeds what is recorded");
        }
        let node = Remembered::new(Large { asked: AtomicU8::new(0), change: true });
        assert_eq!(node.ask(&question), node.ask(&question));
        assert!(!node.is_incomplete());
    }

    #[test]
    fn a_recording_that_is_full_asks_nothing_new() {
        struct Long(AtomicU32);
        impl Node for Long {
            fn ask(&self, _: &Question) -> Observed<Answer> {
                self.0.fetch_add(1, Ordering::Relaxed);
                Observed::Present(Answer::Text("x".repeat(10_000)))
            }
        }
        let node = Remembered::noting_within(Long(AtomicU32::new(0)), Budget::of_recording());
        let first = node.ask(&Question::Cgroup(0));
        let unknown = (1..2000).filter(|pid| node.ask(&Question::Cgroup(*pid)).as_present().is_none()).count();
        assert!(node.is_incomplete() && unknown > 1000, "{unknown}");
        let asked = usize::try_from(node.node().0.load(Ordering::Relaxed)).expect("a count");
        assert!(asked <= 2000 - unknown, "{asked}");
        assert_eq!(node.ask(&Question::Cgroup(0)), first, "what is remembered stays");
        node.read(&Location::node("/a"), &|| Excerpt::new(Form::Lines, ["A"]));
        node.ask(&Question::Content(Location::node("/b")));
        assert!(node.noted().excerpts.is_empty() && node.noted().whole.is_empty());
    }

    #[test]
    fn what_was_asked_has_one_order() {
        let questions = [Question::Metadata(Location::node("/b")), Question::HostName, Question::Cgroup(3)];
        let orders = [[0, 1, 2], [2, 1, 0], [1, 2, 0]].map(|order| {
            let node = Remembered::new(Counting(AtomicU32::new(0)));
            for index in order {
                node.ask(&questions[index]);
            }
            node.asked().into_iter().map(|(question, _)| question).collect::<Vec<_>>()
        });
        assert_eq!(orders[0], orders[1]);
        assert_eq!(orders[1], orders[2]);
        assert_eq!(orders[0].len(), 3);
    }
}
