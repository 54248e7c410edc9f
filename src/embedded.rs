//! The definitions compiled into the program.

use std::sync::OnceLock;

use definitions::Definitions;
use definitions::benchmark::{Target, TargetIndex};

/// Written by the build script. Not compressed, so that pages a run does not touch are never read from disk.
static COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/definitions.postcard"));

static SHARED: OnceLock<Definitions> = OnceLock::new();

/// Deserializes the built-in definitions.
///
/// # Panics
///
/// Panics only if the program was linked from two different builds: the build script writes the bytes read here.
pub fn definitions() -> Definitions {
    definitions::read(COMPILED).expect("the build script has written the definitions")
}

/// Returns the built-in definitions, deserialized once and kept until the process exits: freeing their thousands of
/// strings would take longer than checking a small node.
pub fn shared() -> &'static Definitions {
    SHARED.get_or_init(definitions)
}

/// Reads ahead what a run of these benchmarks (only these targets, if given) needs of the definitions, while another
/// thread does something else.
pub fn read_ahead<'n>(benchmarks: impl IntoIterator<Item = &'n str>, targets: Option<&[Target]>) {
    let Definitions { library, profiles } = shared();
    let _ = (library.controls.len(), profiles.len());
    for benchmark in benchmarks.into_iter().filter_map(|name| library.benchmark(name)) {
        let is_wanted = |index: &&TargetIndex| targets.is_none_or(|targets| targets.contains(&index.target));
        for check in benchmark.targets.iter().filter(is_wanted).flat_map(TargetIndex::checks) {
            if let Some(control) = library.controls.get(&check.control) {
                control.read_ahead();
            }
        }
    }
}
