//! A node with a limit on how much is read, for examining processes that are not trusted yet.
//!
//! Tenants decide what is in their pods, and so what the runtime records about them. However much that is, it does not
//! reduce what can be read of the node's own components.

use std::cell::Cell;

use probe::{Answer, Cause, Excerpt, Location, Node, Observed, Question, Reason};

/// The maximum number of bytes to read.
pub(super) const MOST: usize = 32 << 20;

/// The number of bytes that a directory entry counts.
const OF_ENTRY: usize = 64;

/// Answers questions until the limit is reached.
pub(super) struct Rationed<'a> {
    node: &'a dyn Node,
    left: Cell<usize>,
}

impl<'a> Rationed<'a> {
    pub(super) const fn new(node: &'a dyn Node) -> Self {
        Self { node, left: Cell::new(MOST) }
    }

    /// Whether the limit is reached.
    pub(super) const fn is_used_up(&self) -> bool {
        self.left.get() == 0
    }
}

impl Rationed<'_> {
    /// Returns the answer of `read` and counts its size, unless the limit is reached.
    fn within(&self, at: &Location, read: impl FnOnce() -> Observed<Answer>) -> Observed<Answer> {
        if self.is_used_up() {
            let detail = format!("not read: container data exceeds {} MiB", MOST >> 20);
            return Observed::Unknown(Reason::new(Cause::TooLarge, at, detail));
        }
        let answer = read();
        let size = match &answer {
            Observed::Present(Answer::Content(content)) => content.bytes.len(),
            Observed::Present(Answer::Entries(entries)) => entries.len().saturating_mul(OF_ENTRY),
            _ => 0,
        };
        self.left.set(self.left.get().saturating_sub(size));
        answer
    }
}

impl Node for Rationed<'_> {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        match question {
            Question::Content(at) | Question::Directory(at) => self.within(at, || self.node.ask(question)),
            _ => self.node.ask(question),
        }
    }

    fn read(&self, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        self.within(location, || self.node.read(location, excerpt))
    }

    fn remembers(&self) -> bool {
        self.node.remembers()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probe::{Content, Form};

    struct Endless;

    impl Node for Endless {
        fn ask(&self, _: &Question) -> Observed<Answer> {
            Observed::Present(Answer::Content(Content::whole(vec![0; 1 << 20])))
        }
    }

    #[test]
    fn so_much_is_read_and_no_more() {
        let node = Rationed::new(&Endless);
        let question = Question::Content(Location::node("/a"));
        let read = (0..100).take_while(|_| node.ask(&question).as_present().is_some()).count();
        assert_eq!(read, MOST >> 20);
        let node = Rationed::new(&Endless);
        let excerpt = || Excerpt::new(Form::Container, [""; 0]);
        let read = (0..100).take_while(|_| node.read(&Location::node("/a"), &excerpt).as_present().is_some()).count();
        assert_eq!(read, MOST >> 20);
        assert!(node.ask(&Question::HostName).as_present().is_some(), "short answers are given all the same");
    }
}
