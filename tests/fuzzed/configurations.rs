//! A configuration file of a node: it is parsed, or refused with a location, deterministically, and can be printed.

use kube_assay::component::Document;

/// Input: the bytes of the file.
pub fn hold(bytes: &[u8]) -> String {
    let read = Document::parse("/config.yaml", bytes);
    assert_eq!(format!("{read:?}"), format!("{:?}", Document::parse("/config.yaml", bytes)), "read in two ways");
    match read {
        Ok(document) => {
            let lines = document.root().value.to_string().lines().count();
            let mut merged = document.clone();
            merged.merge(document);
            format!("read, {lines} lines")
        }
        Err(why) => {
            assert_eq!(why.subject, "/config.yaml");
            format!("refused: {}", why.detail)
        }
    }
}
