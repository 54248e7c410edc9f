//! A node that is asked each question once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::budget::Budget;
use super::subject::subject;
use probe::{Answer, Cause, Node, Observed, Question, Reason};

/// How many questions a node is asked or more: room is made for them at once, since making room again and again means
/// hashing every question anew.
const USUAL: usize = 256;

/// Remembers the answers of a node, so that all who ask see the same.
#[derive(Debug)]
pub struct Remembered<N> {
    node: N,
    answers: RefCell<Answers>,
}

#[derive(Debug)]
struct Answers {
    known: HashMap<Question, Kept>,
    budget: Budget,
    /// Whether an answer was not remembered.
    is_incomplete: bool,
}

/// What is remembered of an answer.
#[derive(Debug)]
enum Kept {
    Whole(Observed<Answer>),
    /// By what to know it again: it is too large to be remembered, and asked for anew.
    Digest(u64),
}

impl<N: Node> Remembered<N> {
    /// Nothing asked yet; every answer will be remembered.
    pub fn new(node: N) -> Self {
        Self::within(node, Budget::unlimited())
    }

    /// Nothing asked yet; so much will be remembered.
    pub fn within(node: N, budget: Budget) -> Self {
        Self {
            node,
            answers: RefCell::new(Answers { known: HashMap::with_capacity(USUAL), budget, is_incomplete: false }),
        }
    }

    /// What was asked so far with its answers, in the order of the questions. What was not remembered is unknown.
    pub fn asked(&self) -> Vec<(Question, Observed<Answer>)> {
        let answers = self.answers.borrow();
        let whole = |(question, kept): (&Question, &Kept)| {
            let answer = match kept {
                Kept::Whole(answer) => answer.clone(),
                Kept::Digest(_) => unknown(question, Cause::TooLarge, "is larger than what is recorded"),
            };
            (question.clone(), answer)
        };
        let mut asked: Vec<_> = answers.known.iter().map(whole).collect();
        asked.sort_by(|(one, _), (other, _)| one.cmp(other));
        asked
    }

    /// Whether some answer was not remembered, for want of room.
    pub fn is_incomplete(&self) -> bool {
        self.answers.borrow().is_incomplete
    }

    /// The node itself.
    pub fn node(&self) -> &N {
        &self.node
    }
}

impl<N: Node> Node for Remembered<N> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        if let Some(Kept::Whole(answer)) = self.answers.borrow().known.get(question) {
            return answer.clone();
        }
        // Not borrowed while the node is asked: it may ask back.
        let answer = self.node.ask(question);
        let Answers { known, budget, is_incomplete } = &mut *self.answers.borrow_mut();
        if budget.takes(question, &answer) {
            known.insert(question.clone(), Kept::Whole(answer.clone()));
            return answer;
        }
        *is_incomplete = true;
        let Some(digest) = digest(known.hasher(), &answer) else { return answer };
        match known.get(question) {
            Some(Kept::Digest(before)) if *before != digest => {
                unknown(question, Cause::Vanished, "changed while it was looked at")
            }
            Some(_) => answer,
            None => {
                if budget.takes(question, &Observed::Absent) {
                    known.insert(question.clone(), Kept::Digest(digest));
                }
                answer
            }
        }
    }
}

/// By what to know what a file holds. Other answers are large only where something goes on all the time.
fn digest(state: &RandomState, answer: &Observed<Answer>) -> Option<u64> {
    match answer {
        Observed::Present(Answer::Content(content)) => Some(state.hash_one(&content.bytes)),
        _ => None,
    }
}

fn unknown(question: &Question, cause: Cause, detail: &str) -> Observed<Answer> {
    Observed::Unknown(Reason::new(cause, subject(question), detail))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use probe::{Content, Location};

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

    /// Answers with large files, another one each time where they `change`.
    struct Large {
        asked: Cell<u8>,
        change: bool,
    }

    impl Node for Large {
        fn ask(&self, _: &Question) -> Observed<Answer> {
            self.asked.set(self.asked.get() + 1);
            let byte = if self.change { self.asked.get() } else { 0 };
            Observed::Present(Answer::Content(Content { bytes: vec![byte; 1 << 20] }))
        }
    }

    #[test]
    fn what_is_too_large_is_asked_for_again_and_must_be_the_same() {
        let question = Question::Content(Location::node("/a"));
        for change in [false, true] {
            let node = Remembered::within(Large { asked: Cell::new(0), change }, Budget::of_run());
            let first = node.ask(&question);
            assert!(first.as_present().is_some() && node.is_incomplete());
            match node.ask(&question) {
                again @ Observed::Present(_) => assert!(!change && again == first),
                Observed::Unknown(why) => assert!(change && why.to_string() == "/a: changed while it was looked at"),
                Observed::Absent => panic!("absent"),
            }
            assert_eq!(node.node().asked.get(), 2);
            let asked = node.asked();
            let [(_, Observed::Unknown(why))] = asked.as_slice() else { panic!("{asked:?}") };
            assert_eq!(why.to_string(), "/a: is larger than what is recorded");
        }
        let node = Remembered::new(Large { asked: Cell::new(0), change: true });
        assert_eq!(node.ask(&question), node.ask(&question));
        assert!(!node.is_incomplete());
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
