//! All definitions of a run together.

use serde::{Deserialize, Serialize};

use crate::benchmark::{Deferred, Diagnostics, Library, SourceFile};
use crate::profile::{self, Profile};

/// All that a run knows of what should be so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Definitions {
    /// Components, controls and benchmarks.
    pub library: Library,
    /// Profiles, by name.
    pub profiles: Deferred<Vec<Profile>>,
}

impl Definitions {
    /// The profile of this name.
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.name == name)
    }
}

/// Adds files to definitions: what has the name of something known replaces it. All mistakes are told at once.
pub fn load_with(
    base: &Definitions,
    benchmark_files: &[SourceFile],
    profile_files: &[SourceFile],
) -> Result<Definitions, Diagnostics> {
    let (mut library, profiles) = profile::load_all((&base.library, &base.profiles), benchmark_files, profile_files)?;
    library.wanted.take_profiles(&profiles);
    Ok(Definitions { library, profiles: profiles.into() })
}
