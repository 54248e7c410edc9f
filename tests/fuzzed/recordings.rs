//! Untrusted recordings of nodes: they are read within limits, or refused with a location. A recording that is read
//! answers questions.

use std::path::PathBuf;
use std::sync::LazyLock;

use definitions::Definitions;
use kube_assay::collect::take_inventory;
use kube_assay::embedded;
use kube_assay::node::{Recorded, Recording};
use probe::{Location, Node as _, Question, Root};

static DEFINITIONS: LazyLock<Definitions> = LazyLock::new(embedded::definitions);

/// Input: the text of a recording.
pub fn hold(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let refused = |why: &kube_assay::node::RecordingError| {
        assert_eq!(why.name, "node.yaml");
        // In YAML a carriage return ends a line too, and an error may be located after the last line.
        let lines = text.split(['\n', '\r']).count() + 1;
        assert!(why.place.is_none_or(|(line, column)| line <= lines && column <= text.len() + 2), "{why:?}");
        assert!(why.detail.len() <= 4 * text.len() + 1024, "{} bytes are said of {}", why.detail.len(), text.len());
        format!("refused: {}", why.detail)
    };
    let recording = match Recording::parse("node.yaml", &text) {
        Ok(recording) => recording,
        Err(why) => return refused(&why),
    };
    what_is_written_is_read(&recording);
    let node = match Recorded::new(recording) {
        Ok(node) => node,
        Err(why) => return format!("refused: {why}"),
    };
    let paths = ["/", "/etc/kubernetes", "/etc/passwd", "/etc/kubernetes/manifests/x.yaml", "a/../../b", ""];
    for root in [Root::Node, Root::Process(2)] {
        for path in paths.map(PathBuf::from) {
            let location = Location { root, path };
            for question in [
                Question::Metadata,
                Question::Content,
                Question::Directory,
                Question::PrivateKey,
                Question::Certificates,
            ] {
                let question = question(location.clone());
                assert_eq!(node.ask(&question), node.ask(&question), "two answers to {question:?}");
            }
        }
    }
    let inventory = take_inventory(&node, &DEFINITIONS.library);
    format!("{} components run, {} are ignored", inventory.instances.len(), inventory.ignored.len())
}

/// Checks that a recording survives being written and read again.
fn what_is_written_is_read(recording: &Recording) {
    let text = recording.to_yaml().expect("what was read can be written");
    let again = Recording::parse("again.yaml", &text).unwrap_or_else(|why| panic!("{why}\n{text}"));
    assert_eq!(&again, recording, "{text}");
}
