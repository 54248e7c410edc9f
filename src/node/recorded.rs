//! A recorded node.

use super::recording::{Recording, RecordingError, ReplayedNode, SyntheticNode};
use probe::{Answer, Excerpt, Location, Node, Observed, Question};

/// A recorded node: the recording of a real one, or a made-up one.
#[derive(Debug)]
pub struct Recorded {
    world: World,
}

#[derive(Debug)]
enum World {
    /// The recording of a real node: everything that was not asked is unknown.
    Replayed(ReplayedNode),
    /// A made-up node: everything that is not named is absent.
    Synthetic(SyntheticNode),
}

impl Recorded {
    /// Parses a recorded node from the text of its file; `name` is the file's, for errors.
    pub fn parse(name: &str, text: &str) -> Result<Self, RecordingError> {
        Self::new(Recording::parse(name, text)?).map_err(|detail| RecordingError {
            name: name.to_owned(),
            place: None,
            detail,
        })
    }

    /// Creates the node of a recording; the error says what in it is not possible.
    pub fn new(recording: Recording) -> Result<Self, String> {
        let world = if recording.is_asked()? {
            World::Replayed(ReplayedNode::new(recording)?)
        } else {
            World::Synthetic(SyntheticNode::new(recording)?)
        };
        Ok(Self { world })
    }
}

impl Node for Recorded {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        match &self.world {
            World::Replayed(node) => node.ask(question),
            World::Synthetic(node) => node.ask(question),
        }
    }

    fn read(&self, location: &Location, excerpt: &dyn Fn() -> Excerpt) -> Observed<Answer> {
        match &self.world {
            World::Replayed(node) => node.read(location, excerpt),
            World::Synthetic(node) => node.read(location, excerpt),
        }
    }

    fn remembers(&self) -> bool {
        matches!(self.world, World::Replayed(_))
    }
}
