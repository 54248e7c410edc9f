//! The definitions that came with the program.

use std::sync::OnceLock;

use definitions::Definitions;

/// Written by the build script. It is not packed: what a run does not look at stays where it is.
static COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/definitions.postcard"));

static SHARED: OnceLock<Definitions> = OnceLock::new();

/// The definitions that came with the program, read anew.
///
/// # Panics
///
/// Never, unless the program was put together from two builds: the build script writes what is read here.
pub fn definitions() -> Definitions {
    postcard::from_bytes(COMPILED).expect("the build script has written the definitions")
}

/// The same, read once and kept until the program ends: giving back each of their thousands of texts would take longer than
/// a small node takes to check.
pub fn shared() -> &'static Definitions {
    SHARED.get_or_init(definitions)
}
