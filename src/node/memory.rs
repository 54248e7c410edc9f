//! A node that is asked each question once.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use probe::{Answer, Excerpt, Form, Location, Node, Observed, Question};

/// How many questions a node is asked or more: room is made for them at once, since making room again and again means
/// hashing every question anew.
const USUAL: usize = 256;

/// Remembers every answer of a node, so that all who ask see the same.
#[derive(Debug)]
pub struct Remembered<N> {
    node: N,
    answers: RefCell<HashMap<Question, Observed<Answer>>>,
    /// Who read which file for what, where that is to be written down.
    noted: Option<RefCell<Noted>>,
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
        Self { node, answers: RefCell::new(HashMap::with_capacity(USUAL)), noted: None }
    }

    /// Nothing asked yet; for what files are read is noted, so that it can be written down.
    pub fn noting(node: N) -> Self {
        Self { noted: Some(RefCell::default()), ..Self::new(node) }
    }

    /// For what files were read.
    pub(super) fn noted(&self) -> Noted {
        self.noted.as_ref().map(|noted| noted.borrow().clone()).unwrap_or_default()
    }

    /// What was asked so far, in the order of the questions.
    pub(super) fn questions(&self) -> Vec<Question> {
        let mut asked: Vec<Question> = self.answers.borrow().keys().cloned().collect();
        asked.sort();
        asked
    }

    /// Whether a question has an answer, and none that nothing is there or known.
    pub(super) fn holds(&self, question: &Question) -> bool {
        matches!(self.answers.borrow().get(question), Some(Observed::Present(_)))
    }

    /// The answer to a question, where it was asked.
    pub(super) fn known(&self, question: &Question) -> Option<Observed<Answer>> {
        self.answers.borrow().get(question).cloned()
    }

    /// What was asked so far with its answers, in the order of the questions.
    pub fn asked(&self) -> Vec<(Question, Observed<Answer>)> {
        let answers = self.answers.borrow();
        let mut asked: Vec<_> = answers.iter().map(|(question, answer)| (question.clone(), answer.clone())).collect();
        asked.sort_by(|(one, _), (other, _)| one.cmp(other));
        asked
    }

    /// The node itself.
    pub fn node(&self) -> &N {
        &self.node
    }
}

impl<N: Node> Remembered<N> {
    fn answer(&self, question: &Question) -> Observed<Answer> {
        if let Some(answer) = self.answers.borrow().get(question) {
            return answer.clone();
        }
        // Not borrowed while the node is asked: it may ask back.
        let answer = self.node.ask(question);
        self.answers.borrow_mut().insert(question.clone(), answer.clone());
        answer
    }
}

impl<N: Node> Node for Remembered<N> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        if let (Some(noted), Question::Content(location)) = (&self.noted, question) {
            noted.borrow_mut().whole.insert(location.clone());
        }
        self.answer(question)
    }

    fn read(&self, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        if let Some(noted) = &self.noted {
            let Excerpt { form, parts } = excerpt();
            let mut noted = noted.borrow_mut();
            let forms = noted.excerpts.entry(location.clone()).or_default();
            forms.entry(form).or_default().extend(parts);
        }
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
    use std::cell::Cell;

    use super::*;
    use probe::Location;

    /// Answers with how often it was asked.
    struct Counting(Cell<u32>);

    impl Node for Counting {
        fn ask(&self, _: &Question) -> Observed<Answer> {
            self.0.set(self.0.get() + 1);
            Observed::Present(Answer::Text(self.0.get().to_string()))
        }
    }

    #[test]
    fn each_question_is_asked_once() {
        let node = Remembered::new(Counting(Cell::new(0)));
        let first = node.ask(&Question::HostName);
        assert_eq!(node.ask(&Question::HostName), first);
        assert_ne!(node.ask(&Question::Accounts), first);
        assert_eq!(node.node().0.get(), 2);
    }

    #[test]
    fn what_was_asked_has_one_order() {
        let questions = [Question::Metadata(Location::node("/b")), Question::HostName, Question::Cgroup(3)];
        let orders = [[0, 1, 2], [2, 1, 0], [1, 2, 0]].map(|order| {
            let node = Remembered::new(Counting(Cell::new(0)));
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
