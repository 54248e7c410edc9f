//! All definitions of a run.

use serde::{Deserialize, Serialize};

use crate::benchmark::{Deferred, Diagnostics, Library, SourceFile};
use crate::profile::{self, Profile};

/// All definitions of a run: the library and the profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Definitions {
    /// Components, controls and benchmarks.
    pub library: Library,
    /// The profiles, sorted by name.
    pub profiles: Deferred<Vec<Profile>>,
}

impl Definitions {
    /// Returns the profile with this name.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }
}

/// Loads files on top of existing definitions. An item with an existing name replaces it.
///
/// Returns all mistakes in all files as the error.
pub fn load_with(
    base: &Definitions,
    benchmark_files: &[SourceFile],
    profile_files: &[SourceFile],
) -> Result<Definitions, Diagnostics> {
    let (mut library, profiles) = profile::load_all((&base.library, &base.profiles), benchmark_files, profile_files)?;
    library.wanted.take_profiles(&profiles);
    Ok(Definitions { library, profiles: profiles.into() })
}
