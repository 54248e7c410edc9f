//! The files that this process has inspected, so that it overwrites none of them.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::sync::{Mutex, PoisonError};

/// Device and inode of each regular file. Global to the process rather than to a node: files in all roots count.
static FILES: Mutex<BTreeSet<(u64, u64)>> = Mutex::new(BTreeSet::new());

/// Records a regular file as inspected; other files are ignored.
pub fn look_at(found: &Metadata) {
    if found.is_file() {
        FILES.lock().unwrap_or_else(PoisonError::into_inner).insert((found.dev(), found.ino()));
    }
}

/// Whether this process has inspected the regular file with this device and inode.
pub fn is_looked_at(device: u64, inode: u64) -> bool {
    FILES.lock().unwrap_or_else(PoisonError::into_inner).contains(&(device, inode))
}
