//! The definitions that came with the program.

use std::sync::OnceLock;

use definitions::Definitions;
use definitions::benchmark::{Target, TargetIndex};

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

/// Reads ahead what a run by these benchmarks takes of the definitions, of some targets only where these are given, while
/// another thread does something else.
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
