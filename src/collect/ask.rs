//! Short questions.

use probe::{Answer, Content, Location, Node, Observed, Question, Reason};

/// What a file holds; none where that is not known.
pub(crate) fn content(node: &dyn Node, path: &str) -> Option<Content> {
    match node.ask(&Question::Content(Location::node(path))) {
        Observed::Present(Answer::Content(content)) => Some(content),
        _ => None,
    }
}

/// Whether something is known to lie at a path of the node.
pub(crate) fn is_there(node: &dyn Node, path: &str) -> bool {
    node.ask(&Question::Metadata(Location::node(path))).as_present().is_some()
}

/// Whether something lies at a path of the node, where that is known.
pub(crate) fn lies_there(node: &dyn Node, path: &str) -> Result<bool, Reason> {
    match node.ask(&Question::Metadata(Location::node(path))) {
        Observed::Present(_) => Ok(true),
        Observed::Absent => Ok(false),
        Observed::Unknown(why) => Err(why),
    }
}

/// A short text; none where it is not known.
pub(crate) fn text(node: &dyn Node, question: &Question) -> Option<String> {
    match node.ask(question) {
        Observed::Present(Answer::Text(text)) => Some(text),
        _ => None,
    }
}

/// Whether something lies at a path, and is root's.
pub(crate) fn is_roots(node: &dyn Node, path: &str) -> bool {
    matches!(
        node.ask(&Question::Metadata(Location::node(path))),
        Observed::Present(Answer::Metadata(there)) if there.uid == 0
    )
}
