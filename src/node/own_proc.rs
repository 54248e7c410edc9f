//! This program's own `/proc`, through which it reopens descriptors and lists directories, whatever node is inspected.

use std::fs;
use std::path::Path;

use super::open_error::OpenError;
use super::proc_mount::is_proc_mount;

/// Its path.
const PROC: &str = "/proc";

/// Checks that it is mounted and belongs to this process's PID namespace. Otherwise directories could not be listed,
/// and would be taken for missing.
pub(super) fn check() -> Result<(), OpenError> {
    let refused = |detail: &str| Err(OpenError { place: PROC.into(), detail: detail.to_owned() });
    if !is_proc_mount(Path::new(PROC)) {
        return refused("not a proc file system (mount one: mount -t proc proc /proc)");
    }
    if fs::metadata("/proc/self/fd").is_err() {
        return refused(
            "does not show kube-assay itself, so it belongs to another PID namespace (run kube-assay in that namespace: in \
             a Job, set hostPID: true)",
        );
    }
    Ok(())
}
