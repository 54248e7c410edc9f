//! The system call filter, which applies to the calling thread and to all threads it starts from then on.

use std::process;

use nix::sys::prctl::set_no_new_privs;
use seccompiler::{BpfProgram, Error, apply_filter};

use super::{UNAVAILABLE, calls};

/// The set of system calls that are allowed; all others are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Calls for inspecting a node.
    Looking,
    /// Also calls for querying an API server.
    #[cfg(feature = "cluster")]
    Asking,
    /// All calls except those that no audit program needs, plus creating PID namespaces for programs.
    Starting,
    /// As `Starting`, but for the programs themselves, which cannot create PID namespaces.
    Programs,
    /// As `Programs`, for programs that share a PID namespace with other processes, which they cannot signal or change.
    OneGroup,
}

/// The kernel's identifier of this architecture; `None` if no filter is defined for it.
const ARCHITECTURE: Option<u32> = if cfg!(target_arch = "x86_64") {
    Some(0xc000_003e)
} else if cfg!(target_arch = "aarch64") {
    Some(0xc000_00b7)
} else {
    None
};

/// Drops every privilege that executing a program could add, and all system calls except `allowed`.
///
/// # Errors
///
/// If the filter could not be installed; the error is the reason as text. Whatever can be dropped is dropped.
pub fn refuse_calls(allowed: Calls) -> Result<(), String> {
    set_no_new_privs().map_err(|error| format!("no_new_privs: {}", error.desc()))?;
    let Some(filter) = filter(allowed, process::id()) else {
        return Err(format!("no filter for {}", std::env::consts::ARCH));
    };
    apply_filter(&filter).map_err(|error| match error {
        Error::Prctl(error) | Error::Seccomp(error) => refused(&error),
        // The remaining errors concern thread synchronization and empty filters, which do not occur here.
        _ => UNAVAILABLE.to_owned(),
    })
}

/// Returns the filter program for the process with this PID; `None` on architectures without a filter.
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

/// Returns why the kernel rejected the filter, as text.
fn refused(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(nix::libc::ENOSYS | nix::libc::EINVAL) => UNAVAILABLE.to_owned(),
        _ => error.to_string(),
    }
}
