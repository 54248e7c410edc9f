//! A node that was written down.

use super::recording::{Recording, RecordingError, ReplayedNode, SyntheticNode};
use probe::{Answer, Excerpt, Location, Node, Observed, Question};

/// A recorded node: what was once asked of a real one, or one that was made up.
#[derive(Debug)]
pub struct Recorded {
    world: World,
}

#[derive(Debug)]
enum World {
    /// What was not asked is unknown.
    Replayed(ReplayedNode),
    /// What is not named is not there.
    Synthetic(SyntheticNode),
}

impl Recorded {
    /// Reads a recorded node from the text of its file; `name` is the file's, for errors.
    pub fn parse(name: &str, text: &str) -> Result<Self, RecordingError> {
        Self::new(Recording::parse(name, text)?).map_err(|detail| RecordingError {
            name: name.to_owned(),
            place: None,
            detail,
        })
    }

    /// The node of a recording, or what in it cannot be.
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
