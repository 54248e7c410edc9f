//! The property of native reports in `tests/program/report/fuzzed.rs`.

#![no_main]

#[path = "../../tests/program/report/fuzzed.rs"]
mod fuzzed;
#[path = "../../tests/program/report/junit.rs"]
#[allow(dead_code, unused_imports, reason = "what its own tests need is elsewhere")]
mod junit;
#[path = "../../tests/program/report/sample.rs"]
#[allow(dead_code, reason = "what its own tests need is elsewhere")]
mod sample;

use fuzzed::render;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzzed::hold(bytes);
});
