//! The `manifests` property of `tests/fuzzed`.

#![no_main]

#[path = "../../tests/fuzzed/mod.rs"]
#[expect(dead_code, reason = "one property of all")]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzzed::manifests::hold(bytes);
});
