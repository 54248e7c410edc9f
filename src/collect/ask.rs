//! Helpers for common questions.

use probe::{Answer, Cause, Content, Excerpt, Location, NOT_RECORDED, Node, Observed, Question, Reason};

/// The maximum size in bytes of a unit, or of a file of variables or arguments, each line of which is parsed into an
/// object.
const MOST_LINES: usize = 256 << 10;

/// Reads an excerpt of a file whose lines are parsed into objects; `None` if the file does not exist.
pub(crate) fn lines(
    node: &dyn Node,
    location: &Location,
    excerpt: &dyn Fn() -> Excerpt,
) -> Result<Option<Vec<u8>>, Reason> {
    match read(node, location, excerpt) {
        Observed::Present(Content { bytes, .. }) if bytes.len() > MOST_LINES => {
            let most = MOST_LINES >> 10;
            let detail = format!("{} bytes exceed the limit of {most} KiB for such a file", bytes.len());
            Err(Reason::new(Cause::TooLarge, location, detail))
        }
        Observed::Present(content) => Ok(Some(content.bytes)),
        Observed::Absent => Ok(None),
        Observed::Unknown(why) => Err(why),
    }
}

/// Reads an excerpt of a file; unknown if a recording lacks a part of it.
pub(crate) fn read(node: &dyn Node, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Content> {
    read_settings(node, location, excerpt).and_then(|content| {
        if content.unrecorded.is_empty() {
            Observed::Present(content)
        } else {
            Observed::Unknown(Reason::new(Cause::NotRecorded, location, NOT_RECORDED))
        }
    })
}

/// Reads an excerpt of a file, for callers that check for themselves which parts a recording lacks.
pub(crate) fn read_settings(node: &dyn Node, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Content> {
    node.read(location, excerpt).and_then(|answer| match answer {
        Answer::Content(content) => Observed::Present(content),
        _ => Observed::Absent,
    })
}

/// Reads an excerpt of a file; `None` if the file does not exist or is not known.
pub(crate) fn content(node: &dyn Node, path: &str, excerpt: &dyn Fn() -> Excerpt) -> Option<Content> {
    read(node, &Location::node(path), excerpt).present()
}

/// Whether a path is known to exist on the node.
pub(crate) fn is_there(node: &dyn Node, path: &str) -> bool {
    node.ask(&Question::Metadata(Location::node(path))).as_present().is_some()
}

/// Whether a path exists on the node, or why that is not known.
pub(crate) fn lies_there(node: &dyn Node, path: &str) -> Result<bool, Reason> {
    match node.ask(&Question::Metadata(Location::node(path))) {
        Observed::Present(_) => Ok(true),
        Observed::Absent => Ok(false),
        Observed::Unknown(why) => Err(why),
    }
}

/// The text that answers a question; `None` if it is not known.
pub(crate) fn text(node: &dyn Node, question: &Question) -> Option<String> {
    match node.ask(question) {
        Observed::Present(Answer::Text(text)) => Some(text),
        _ => None,
    }
}

/// Whether a path exists and is owned by root.
pub(crate) fn is_roots(node: &dyn Node, path: &str) -> bool {
    matches!(
        node.ask(&Question::Metadata(Location::node(path))),
        Observed::Present(Answer::Metadata(there)) if there.uid == 0
    )
}
