//! The definitions of a run: those that the build has embedded, and those that the user adds.

use serde::{Deserialize, Serialize};

use crate::benchmark::{Diagnostics, Library, SourceFile};
use crate::profile::{self, Profile};

/// Written by the build script: packed, since that spares the program 0.2 MB.
static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/definitions.postcard.lz4"));

/// All that a run knows of what should be so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definitions {
    /// Components, controls and benchmarks.
    pub library: Library,
    /// Profiles, by name.
    pub profiles: Vec<Profile>,
}

impl Definitions {
    /// The profile of this name.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }
}

/// The definitions that came with the program.
///
/// # Panics
///
/// Never, unless the program was put together from two builds: the build script writes what is read here.
pub fn embedded() -> Definitions {
    let compiled = lz4_flex::decompress_size_prepended(PACKED).expect("the build script has packed the definitions");
    let (library, profiles) = postcard::from_bytes(&compiled).expect("the build script has written the definitions");
    Definitions { library, profiles }
}

/// Adds files to definitions: what has the name of something known replaces it. All mistakes are told at once.
pub fn load_with(
    base: &Definitions,
    benchmark_files: &[SourceFile],
    profile_files: &[SourceFile],
) -> Result<Definitions, Diagnostics> {
    let (library, profiles) = profile::load_all((&base.library, &base.profiles), benchmark_files, profile_files)?;
    Ok(Definitions { library, profiles })
}
