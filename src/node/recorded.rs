//! A node that was written down.

use super::recording::{AskedNode, MadeUpNode, Recording, RecordingError};
use probe::{Answer, Node, Observed, Question};

/// A recorded node: what was once asked of a real one, or one that was made up.
#[derive(Debug)]
pub struct Recorded {
    world: World,
}

#[derive(Debug)]
enum World {
    /// What was not asked is unknown.
    Asked(AskedNode),
    /// What is not named is not there.
    MadeUp(MadeUpNode),
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
            World::Asked(AskedNode::new(recording)?)
        } else {
            World::MadeUp(MadeUpNode::new(recording)?)
        };
        Ok(Self { world })
    }
}

impl Node for Recorded {
    fn ask(&self, question: &Question) -> Observed<Answer> {
        match &self.world {
            World::Asked(node) => node.ask(question),
            World::MadeUp(node) => node.ask(question),
        }
    }
}
