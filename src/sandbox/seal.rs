//! Landlock: restricts which parts of the file system remain accessible, as far as the kernel supports it.
//!
//! It applies to the calling thread and the threads it starts from then on. It also blocks access to other processes:
//! `/proc/PID/root`, `cwd` and `exe` can no longer be followed, whatever is allowed. Open descriptors stay open.

use std::os::fd::BorrowedFd;

use landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, PathBeneath, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, make_bitflags,
};

use super::UNAVAILABLE;

/// The newest Landlock version whose rights are handled; an older kernel handles those that it knows.
const NEWEST: ABI = ABI::V10;

/// Allows only reading below the directories `read` and writing files in the directories `write`. Denies network
/// access, signals to other processes and their abstract sockets. Returns the Landlock version in force.
///
/// # Errors
///
/// If nothing could be enforced; the error is the reason as text.
pub fn seal(read: &[BorrowedFd<'_>], write: &[BorrowedFd<'_>]) -> Result<u8, String> {
    let reading = make_bitflags!(AccessFs::{ReadFile | ReadDir});
    // A new file is renamed over the old one, but an old file that is a mount point is overwritten. Directories are
    // opened to sync their entries to disk.
    let writing = reading | make_bitflags!(AccessFs::{WriteFile | Truncate | MakeReg | RemoveFile});
    let handled = AccessFs::from_all(NEWEST);
    let restricted = || -> Result<RestrictionStatus, RulesetError> {
        let mut ruleset = Ruleset::default()
            .handle_access(handled)?
            .handle_access(AccessNet::from_all(NEWEST))?
            .scope(Scope::from_all(NEWEST))?
            .create()?;
        for (places, access) in [(read, reading), (write, writing)] {
            for place in places {
                ruleset = ruleset.add_rule(PathBeneath::new(place, access))?;
            }
        }
        ruleset.restrict_self()
    };
    in_force(restricted())
}

/// Restricts programs that the user allows: they may read and run what is below `read`, and write files in `write` and
/// to the devices `devices`. Denies signals to other processes. Returns the Landlock version in force.
///
/// # Errors
///
/// If nothing could be enforced; the error is the reason as text.
pub fn seal_programs(
    read: &[BorrowedFd<'_>],
    write: &[BorrowedFd<'_>],
    devices: &[BorrowedFd<'_>],
) -> Result<u8, String> {
    let reading = AccessFs::from_read(NEWEST);
    // Unix sockets and device ioctls are left to the programs.
    let handled = AccessFs::from_all(NEWEST) & !make_bitflags!(AccessFs::{ResolveUnix | IoctlDev});
    let to_device = make_bitflags!(AccessFs::{ReadFile | WriteFile | Truncate});
    let restricted = || -> Result<RestrictionStatus, RulesetError> {
        let mut ruleset = Ruleset::default().handle_access(handled)?.scope(Scope::Signal)?.create()?;
        for (places, access) in [(read, reading), (write, handled), (devices, to_device)] {
            for place in places {
                ruleset = ruleset.add_rule(PathBeneath::new(place, access))?;
            }
        }
        ruleset.restrict_self()
    };
    in_force(restricted())
}

/// Returns the Landlock version in force, or why nothing is enforced.
fn in_force(status: Result<RestrictionStatus, RulesetError>) -> Result<u8, String> {
    // Formatting the library's errors would pull in the formatting code of all of its types.
    let Ok(status) = status else { return Err("the kernel refuses its rules".to_owned()) };
    match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, LandlockStatus::NotEnabled) => Err("not enabled in this kernel".to_owned()),
        (RulesetStatus::NotEnforced, _) => Err(UNAVAILABLE.to_owned()),
        (_, LandlockStatus::Available { effective_abi, .. }) => Ok(effective_abi as u8),
        _ => Err("not in force".to_owned()),
    }
}
