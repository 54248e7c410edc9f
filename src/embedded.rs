//! The definitions that came with the program.

use definitions::Definitions;

/// Written by the build script. It is not packed: what a run does not look at stays where it is.
static COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/definitions.postcard"));

/// The definitions that came with the program.
///
/// # Panics
///
/// Never, unless the program was put together from two builds: the build script writes what is read here.
pub fn definitions() -> Definitions {
    postcard::from_bytes(COMPILED).expect("the build script has written the definitions")
}
