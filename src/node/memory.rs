//! A node that is asked each question once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::watch;
use probe::{Answer, Node, Observed, Question};

/// How many questions a node is asked or more: room is made for them at once, since making room again and again means
/// hashing every question anew. As many as a table of 256 has room for.
const USUAL: usize = 224;

/// Remembers every answer of a node, so that all who ask see the same, on whichever thread.
#[derive(Debug)]
pub struct Remembered<N> {
    node: N,
    answers: Mutex<HashMap<Question, Observed<Answer>>>,
}

impl<N: Node> Remembered<N> {
    /// Nothing asked yet.
    pub fn new(node: N) -> Self {
        Self { node, answers: Mutex::new(HashMap::with_capacity(USUAL)) }
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

    fn answers(&self) -> MutexGuard<'_, HashMap<Question, Observed<Answer>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<N: Node> Node for Remembered<N> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        if let Some(answer) = self.answers().get(question) {
            return watch::reconsidered(question, answer).unwrap_or_else(|| answer.clone());
        }
        // Not locked while the node is asked: it may ask back, or never answer.
        let answer = watch::ask(question, || self.node.ask(question));
        self.answers().insert(question.clone(), answer.clone());
        answer
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
