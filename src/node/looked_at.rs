//! Which files this process looked at, so that it overwrites none of them.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::sync::{Mutex, PoisonError};

/// Device and inode of each regular file. Of the process, not of a node: whatever it opens counts, in whichever root.
static FILES: Mutex<BTreeSet<(u64, u64)>> = Mutex::new(BTreeSet::new());

/// Remembers a regular file that is looked at; other files are passed over.
pub fn look_at(found: &Metadata) {
    if found.is_file() {
        FILES.lock().unwrap_or_else(PoisonError::into_inner).insert((found.dev(), found.ino()));
    }
}

/// Whether this process looked at the regular file of this device and inode.
pub fn is_looked_at(device: u64, inode: u64) -> bool {
    FILES.lock().unwrap_or_else(PoisonError::into_inner).contains(&(device, inode))
}
