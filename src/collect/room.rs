//! The limit on how much is kept of the configuration files of a node's components.

use std::cell::Cell;

use crate::component::Document;
use probe::{Cause, Location, Reason};

/// The maximum number of values in all the files that are kept; an ordinary node has about a hundredth of it.
const MOST: usize = 40_000;

/// Room for configuration files.
#[derive(Debug, Clone)]
pub(super) struct Room(Cell<usize>);

impl Default for Room {
    fn default() -> Self {
        Self(Cell::new(MOST))
    }
}

impl Room {
    /// Returns the document if there is room for it, otherwise the reason.
    pub(super) fn keep(&self, location: &Location, document: Document) -> Result<Document, Reason> {
        let Some(left) = self.0.get().checked_sub(document.values()) else {
            let detail = format!("not kept: the configuration files of this node have more than {MOST} values");
            return Err(Reason::new(Cause::TooLarge, location, detail));
        };
        self.0.set(left);
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_takes_no_room_from_others() {
        let document = |count: usize| {
            let text = format!("a: [{}]\n", "1,".repeat(count));
            Document::parse("f", text.as_bytes()).expect("this is YAML")
        };
        let (room, location) = (Room::default(), Location::node("/a"));
        let kept = |count: usize| room.keep(&location, document(count)).map(|_| ()).map_err(|why| why.to_string());
        assert_eq!(kept(25_000), Ok(()));
        let refused = "/a: not kept: the configuration files of this node have more than 40000 values";
        assert_eq!(kept(25_000), Err(refused.to_owned()));
        assert_eq!(kept(14_000), Ok(()));
    }
}
