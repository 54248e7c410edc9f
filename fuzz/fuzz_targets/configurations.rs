//! Any bytes as a configuration file of a node: they are read or refused with a place, the same way each time, and what
//! is read can be printed.

#![no_main]

use kube_assay::component::Document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let read = Document::parse("/config.yaml", bytes);
    match &read {
        Ok(document) => {
            let _ = document.root().value.to_string();
            let mut merged = document.clone();
            merged.merge(document.clone());
        }
        Err(why) => assert_eq!(why.subject, "/config.yaml"),
    }
    assert_eq!(format!("{read:?}"), format!("{:?}", Document::parse("/config.yaml", bytes)), "read in two ways");
});
