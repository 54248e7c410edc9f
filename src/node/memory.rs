//! A node that is asked each question once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::watch;
use probe::{Answer, Excerpt, Form, Location, Node, Observed, Question};

/// How many questions a node is asked or more: room is made for them at once, since making room again and again means
/// hashing every question anew. As many as a table of 256 has room for.
const USUAL: usize = 224;

/// Remembers every answer of a node, so that all who ask see the same, on whichever thread.
#[derive(Debug)]
pub struct Remembered<N> {
    node: N,
    answers: Mutex<HashMap<Question, Observed<Answer>>>,
    /// Who read which file for what, where that is to be written down.
    noted: Option<Mutex<Noted>>,
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
    /// Nothing asked yet.
    pub fn new(node: N) -> Self {
        Self { node, answers: Mutex::new(HashMap::with_capacity(USUAL)), noted: None }
    }

    /// Nothing asked yet; for what files are read is noted, so that it can be written down.
    pub fn noting(node: N) -> Self {
        Self { noted: Some(Mutex::default()), ..Self::new(node) }
    }

    /// For what files were read.
    pub(super) fn noted(&self) -> Noted {
        self.note(|noted| noted.clone()).unwrap_or_default()
    }

    /// What was asked so far, in the order of the questions.
    pub(super) fn questions(&self) -> Vec<Question> {
        let mut asked: Vec<Question> = self.answers().keys().cloned().collect();
        asked.sort();
        asked
    }

    /// Whether a question has an answer, and none that nothing is there or known.
    pub(super) fn holds(&self, question: &Question) -> bool {
        matches!(self.answers().get(question), Some(Observed::Present(_)))
    }

    /// The answer to a question, where it was asked.
    pub(super) fn known(&self, question: &Question) -> Option<Observed<Answer>> {
        self.answers().get(question).cloned()
    }

    /// What was asked so far with its answers, in the order of the questions.
    pub fn asked(&self) -> Vec<(Question, Observed<Answer>)> {
        let answers = self.answers();
        let mut asked: Vec<_> = answers.iter().map(|(question, answer)| (question.clone(), answer.clone())).collect();
        asked.sort_by(|(one, _), (other, _)| one.cmp(other));
        asked
    }

    /// The node itself.
    pub fn node(&self) -> &N {
        &self.node
    }

    /// Notes something, where that is wanted.
    fn note<T>(&self, note: impl FnOnce(&mut Noted) -> T) -> Option<T> {
        self.noted.as_ref().map(|noted| note(&mut noted.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<Question, Observed<Answer>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<N: Node> Remembered<N> {
    fn answer(&self, question: &Question) -> Observed<Answer> {
        if let Some(answer) = self.answers().get(question) {
            return watch::reconsidered(question, answer).unwrap_or_else(|| answer.clone());
        }
        // Not locked while the node is asked: it may ask back, or never answer.
        let answer = watch::ask(question, || self.node.ask(question));
        self.answers().insert(question.clone(), answer.clone());
        answer
    }
}

impl<N: Node> Node for Remembered<N> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        if let Question::Content(location) = question {
            self.note(|noted| noted.whole.insert(location.clone()));
        }
        self.answer(question)
    }

    fn read(&self, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        self.note(|noted| {
            let Excerpt { form, parts } = excerpt();
            let forms = noted.excerpts.entry(location.clone()).or_default();
            forms.entry(form).or_default().extend(parts);
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use probe::Location;

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
