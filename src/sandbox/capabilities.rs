//! The capabilities of this thread and of the threads it starts.

use rustix::io;
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set, set_capabilities};

/// The purpose for which capabilities are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Reading files that only their owner may read: with the capability that allows nothing else if it is available,
    /// otherwise with the one that also allows writing.
    Reading,
    /// Also writing where only another user may, and giving a file to its owner.
    Writing,
    /// No purpose.
    Nothing,
}

/// Permanently drops all capabilities of this thread that are not needed. Returns the names of the ones kept.
///
/// # Errors
///
/// If the capabilities could not be changed; the error is the reason as text.
pub fn keep_capabilities(need: Need) -> Result<Vec<String>, String> {
    let reduced = || -> io::Result<CapabilitySet> {
        let kept = needed(need, capabilities(None)?.effective);
        // Kernels before 4.3 have no ambient capabilities.
        let _ = clear_ambient_capability_set();
        set_capabilities(
            None,
            CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() },
        )?;
        Ok(kept)
    };
    reduced().map(names).map_err(|error| error.to_string())
}

/// Returns the capabilities of `had` that are needed.
fn needed(need: Need, had: CapabilitySet) -> CapabilitySet {
    let reading = match had & CapabilitySet::DAC_READ_SEARCH {
        none if none.is_empty() => CapabilitySet::DAC_OVERRIDE,
        found => found,
    };
    had & match need {
        Need::Reading => reading,
        Need::Writing => reading | CapabilitySet::DAC_OVERRIDE | CapabilitySet::CHOWN | CapabilitySet::FOWNER,
        Need::Nothing => CapabilitySet::empty(),
    }
}

fn names(set: CapabilitySet) -> Vec<String> {
    set.iter_names().map(|(name, _)| name.to_owned()).collect()
}

/// Whether this thread may create namespaces.
pub fn may_make_namespaces() -> bool {
    capabilities(None).is_ok_and(|had| had.effective.contains(CapabilitySet::SYS_ADMIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_kept_of_what_there_is() {
        let all = CapabilitySet::all();
        let pod = CapabilitySet::DAC_READ_SEARCH | CapabilitySet::SYS_PTRACE;
        let writer = CapabilitySet::DAC_OVERRIDE | CapabilitySet::SYS_PTRACE | CapabilitySet::NET_ADMIN;
        let none = CapabilitySet::empty();
        let table: [(Need, CapabilitySet, &[&str]); 12] = [
            (Need::Reading, all, &["DAC_READ_SEARCH"]),
            (Need::Reading, pod, &["DAC_READ_SEARCH"]),
            (Need::Reading, writer, &["DAC_OVERRIDE"]),
            (Need::Reading, none, &[]),
            (Need::Writing, all, &["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER"]),
            (Need::Writing, pod, &["DAC_READ_SEARCH"]),
            (Need::Writing, writer, &["DAC_OVERRIDE"]),
            (Need::Writing, none, &[]),
            (Need::Nothing, all, &[]),
            (Need::Nothing, pod, &[]),
            (Need::Nothing, writer, &[]),
            (Need::Nothing, none, &[]),
        ];
        for (need, had, expected) in table {
            assert_eq!(names(needed(need, had)), expected, "{need:?} of {had:?}");
        }
    }
}
