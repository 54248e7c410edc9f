//! Kubeconfigs: they are read, or refused, without contacting a server.

#![allow(clippy::disallowed_methods, reason = "a kubeconfig is a file")]

use std::fs;

use kubernetes::{Options, Source, connect};

/// A secret, and the only place where it counts as one.
const SECRET: &str = "let-me-in";
const PLACE: &str = "token: let-me-in";

/// Any text is accepted, or refused with a single line that contains no control character and no token from the file.
pub fn hold(bytes: &[u8]) -> String {
    let directory = std::env::temp_dir();
    let thread = std::thread::current().id();
    let path = directory.join(format!("kube-assay-kubeconfig-{}-{thread:?}", std::process::id()));
    fs::write(&path, bytes).expect("it is written");
    let connected = connect(&Options::new(Source::File(path.clone()), "fuzz"));
    fs::remove_file(&path).expect("it is removed");
    match connected {
        Ok(_) => "connected".to_owned(),
        Err(reason) => {
            let words = reason.to_string();
            assert!(words.chars().all(|character| !character.is_control()), "{words:?}");
            assert!(words.len() < 8 << 10, "{} bytes", words.len());
            let text = String::from_utf8_lossy(bytes);
            // In quotes it may be part of a path, which errors do quote.
            let is_secret = text.matches(SECRET).count() == 1 && text.contains(PLACE) && !text.contains(['"', '\'']);
            assert!(!is_secret || !words.contains(SECRET), "{words}");
            // The name of the file and the position differ from run to run.
            let said = words.rsplit(": ").next().unwrap_or_default();
            said.chars().filter(|character| !character.is_ascii_digit()).take(40).collect()
        }
    }
}
