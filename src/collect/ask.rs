//! Short questions.

use probe::{Answer, Cause, Content, Location, Node, Observed, Question, Reason};

/// The most bytes of a unit, or of a file of variables or arguments: each line becomes a thing of its own.
const MOST_LINES: usize = 256 << 10;

/// What a file of lines holds, each of which becomes a thing of its own; none where it is not there.
pub(crate) fn lines(node: &dyn Node, location: &Location) -> Result<Option<Vec<u8>>, Reason> {
    match node.ask(&Question::Content(location.clone())) {
        Observed::Present(Answer::Content(Content { bytes })) if bytes.len() > MOST_LINES => {
            let most = MOST_LINES >> 10;
            let detail = format!("{} bytes are more than the {most} KiB that are read of such a file", bytes.len());
            Err(Reason::new(Cause::TooLarge, location, detail))
        }
        Observed::Present(Answer::Content(content)) => Ok(Some(content.bytes)),
        Observed::Present(_) | Observed::Absent => Ok(None),
        Observed::Unknown(why) => Err(why),
    }
}

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
