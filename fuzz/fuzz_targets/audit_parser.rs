//! Any text as an audit: the parser terminates and is deterministic.

#![no_main]

use audit_shell::{commands, is_interpreted};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|script: &str| {
    let found = commands(script);
    match &found {
        Ok(names) => {
            for name in names {
                is_interpreted(name);
            }
        }
        Err(error) => {
            // An error may be on the line after a final line break.
            let lines = script.bytes().filter(|byte| *byte == b'\n').count() + 1;
            assert!((1..=lines).contains(&error.line), "line {} of {lines}", error.line);
        }
    }
    assert_eq!(found, commands(script), "the same text is read in two ways");
});
