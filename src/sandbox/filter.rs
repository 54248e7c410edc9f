//! The filter of system calls, in force for the calling thread and for all that it starts from then on.

use std::process;

use nix::sys::prctl::set_no_new_privs;
use seccompiler::{BpfProgram, Error, apply_filter};

use super::{UNAVAILABLE, calls};

/// Which system calls are carried out; the others are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Those that looking needs.
    Looking,
    /// The same, and those that asking an API server needs.
    #[cfg(feature = "cluster")]
    Asking,
    /// All but those that no program of an audit needs; process numbers of their own are made for programs.
    Starting,
    /// The same for programs, which make no process numbers.
    Programs,
    /// The same for programs that share their process numbers with others: they cannot signal or change any.
    OneGroup,
}

/// What the kernel calls the architecture of this program; none where it has no filter here.
const ARCHITECTURE: Option<u32> = if cfg!(target_arch = "x86_64") {
    Some(0xc000_003e)
} else if cfg!(target_arch = "aarch64") {
    Some(0xc000_00b7)
} else {
    None
};

/// Gives up every privilege that a program could bring, and all system calls but these.
///
/// # Errors
///
/// In words why the filter is not in force. What could be given up is given up.
pub fn refuse_calls(allowed: Calls) -> Result<(), String> {
    set_no_new_privs().map_err(|error| format!("no_new_privs: {}", error.desc()))?;
    let Some(filter) = filter(allowed, process::id()) else {
        return Err(format!("no filter for {}", std::env::consts::ARCH));
    };
    apply_filter(&filter).map_err(|error| match error {
        Error::Prctl(error) | Error::Seccomp(error) => refused(&error),
        // It has no threads to bind, and its program is not empty.
        _ => UNAVAILABLE.to_owned(),
    })
}

/// The program that decides for the process with this number which of its calls are carried out; none for architectures
/// that are not known here.
pub fn filter(allowed: Calls, pid: u32) -> Option<BpfProgram> {
    let rules = match allowed {
        Calls::Looking => calls::looking(pid),
        #[cfg(feature = "cluster")]
        Calls::Asking => calls::asking(pid),
        Calls::Starting => calls::starting(),
        Calls::Programs => calls::programs(),
        Calls::OneGroup => calls::programs_of_one_group(),
    };
    ARCHITECTURE.map(|architecture| rules.assemble(architecture))
}

/// Why the kernel takes no filter.
fn refused(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(nix::libc::ENOSYS | nix::libc::EINVAL) => UNAVAILABLE.to_owned(),
        _ => error.to_string(),
    }
}
