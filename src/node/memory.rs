//! A node that is asked each question once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::budget::Budget;
use super::subject::subject;
use super::watch;
use probe::{Answer, Cause, Excerpt, Form, Location, Node, Observed, Question, Reason};
use sorting::Sorting;

/// How many questions a node is asked or more: room is made for them at once, since making room again and again means
/// hashing every question anew. As many as a table of 256 has room for.
const USUAL: usize = 224;

/// Said of what a recording has no room for.
pub(super) const TOO_LARGE: &str = "exceeds what is recorded";

/// Remembers the answers of a node, so that all who ask see the same, on whichever thread.
#[derive(Debug)]
pub struct Remembered<N> {
    node: N,
    answers: Mutex<Answers>,
    /// Who read which file for what, where that is to be written down.
    noted: Option<Mutex<Noted>>,
}

#[derive(Debug)]
struct Answers {
    known: HashMap<Question, Kept>,
    budget: Budget,
    /// Whether there was no room for something.
    is_incomplete: bool,
}

/// What is remembered of an answer.
#[derive(Debug)]
enum Kept {
    Whole(Observed<Answer>),
    /// By what to know it again: it is too large to be remembered, and asked for anew.
    Digest(u64),
}

/// For what files were read.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted {
    /// The parts that were read, by file and what it was read as.
    pub(super) excerpts: BTreeMap<Location, BTreeMap<Form, BTreeSet<String>>>,
    /// The files of which the whole was read.
    pub(super) whole: BTreeSet<Location>,
}

impl<N: Node> Remembered<N> {
    /// Nothing asked yet; every answer will be remembered.
    pub fn new(node: N) -> Self {
        Self::within(node, Budget::unlimited())
    }

    /// Nothing asked yet; so much will be remembered.
    pub fn within(node: N, budget: Budget) -> Self {
        let answers = Answers { known: HashMap::with_capacity(USUAL), budget, is_incomplete: false };
        Self { node, answers: Mutex::new(answers), noted: None }
    }

    /// Nothing asked yet; every answer will be remembered, and for what files are read is noted, so that it can be written
    /// down.
    pub fn noting(node: N) -> Self {
        Self::noting_within(node, Budget::unlimited())
    }

    /// The same, where so much will be remembered.
    pub fn noting_within(node: N, budget: Budget) -> Self {
        Self { noted: Some(Mutex::default()), ..Self::within(node, budget) }
    }

    /// For what files were read.
    pub(super) fn noted(&self) -> Noted {
        self.note(|noted, _| noted.clone()).unwrap_or_default()
    }

    /// What was asked so far, in the order of the questions.
    pub(super) fn questions(&self) -> Vec<Question> {
        let mut asked: Vec<Question> = self.answers().known.keys().cloned().collect();
        asked.order();
        asked
    }

    /// Whether a question has an answer, and none that nothing is there or known.
    pub(super) fn holds(&self, question: &Question) -> bool {
        matches!(self.answers().known.get(question), Some(Kept::Whole(Observed::Present(_)) | Kept::Digest(_)))
    }

    /// The answer to a question, where it was asked. What was not remembered is unknown.
    pub(super) fn known(&self, question: &Question) -> Option<Observed<Answer>> {
        self.answers().known.get(question).map(|kept| kept.answer(question))
    }

    /// What was asked so far with its answers, in the order of the questions. What was not remembered is unknown.
    pub fn asked(&self) -> Vec<(Question, Observed<Answer>)> {
        let answers = self.answers();
        let whole = |(question, kept): (&Question, &Kept)| (question.clone(), kept.answer(question));
        let mut asked: Vec<_> = answers.known.iter().map(whole).collect();
        asked.order_by(|(one, _), (other, _)| one.cmp(other));
        asked
    }

    /// Whether there was no room for something: an answer that can be had again only by asking anew, or a part of a
    /// recording.
    pub fn is_incomplete(&self) -> bool {
        self.answers().is_incomplete
    }

    /// Notes that there was no room for something.
    pub(super) fn leave_out(&self) {
        self.answers().is_incomplete = true;
    }

    /// The node itself.
    pub fn node(&self) -> &N {
        &self.node
    }

    /// Notes something, where that is wanted; there may be no room for anything new.
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
    /// Remembers an answer as far as there is room; what those are to see who asked.
    fn keep(&mut self, question: &Question, answer: Observed<Answer>) -> Observed<Answer> {
        let Self { known, budget, is_incomplete } = self;
        match known.get(question) {
            // Who asked meanwhile has seen that one.
            Some(Kept::Whole(first)) => return first.clone(),
            Some(Kept::Digest(first)) => {
                let is_other = match &answer {
                    // Why it is not known may have to do with us.
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
            // Why there is none may be so whatever is read of it.
            self.answer(&question());
        }
        answer
    }

    fn remembers(&self) -> bool {
        true
    }
}

/// By what to know what a file holds. Other answers are large only where something goes on all the time.
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

    /// Answers with how often it was asked.
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

    /// Answers with large files, another one each time where they `change`.
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
