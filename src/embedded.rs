//! The definitions that came with the program.

use definitions::Definitions;

/// Written by the build script: packed, since that spares the program 0.2 MB.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/definitions.postcard.lz4"));

/// The definitions that came with the program.
///
/// # Panics
///
/// Never, unless the program was put together from two builds: the build script writes what is read here.
pub fn definitions() -> Definitions {
    let compiled = lz4_flex::decompress_size_prepended(PACKED).expect("the build script has packed the definitions");
    postcard::from_bytes(&compiled).expect("the build script has written the definitions")
}
