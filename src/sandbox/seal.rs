//! The rooms of the file system that stay open: Landlock, as much of it as the kernel has.
//!
//! It binds the calling thread and those that it starts from then on. Besides the files it closes the ways to other
//! processes: `/proc/PID/root`, `cwd` and `exe` lead nowhere any more, whatever is allowed. Descriptors that are open stay
//! open.

use std::os::fd::BorrowedFd;

use landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, PathBeneath, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, make_bitflags,
};

use super::UNAVAILABLE;

/// The newest version whose rights are asked for; of an older kernel's those that it has.
const NEWEST: ABI = ABI::V10;

/// Leaves reading of what lies below the directories `read`, and writing of files in the directories `write`; no network,
/// no signal to other processes, no abstract socket of theirs. Answers with the version of Landlock.
///
/// # Errors
///
/// In words why it is not in force.
pub fn seal(read: &[BorrowedFd<'_>], write: &[BorrowedFd<'_>]) -> Result<u8, String> {
    let reading = make_bitflags!(AccessFs::{ReadFile | ReadDir});
    // A new file, renamed over the old one; the old one, where it is a mount point. A directory is opened to have its
    // entries on the disk.
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

/// The same for programs that the user allows: they read and run what lies below `read`, and write files in `write` and to
/// the devices `devices`; no signal to other processes.
///
/// # Errors
///
/// In words why it is not in force.
pub fn seal_programs(
    read: &[BorrowedFd<'_>],
    write: &[BorrowedFd<'_>],
    devices: &[BorrowedFd<'_>],
) -> Result<u8, String> {
    let reading = AccessFs::from_read(NEWEST);
    // Sockets, and what devices are asked, are the programs' own affair.
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

/// The version that is in force.
fn in_force(status: Result<RestrictionStatus, RulesetError>) -> Result<u8, String> {
    // The library's words for errors would bring in how all of its types are printed.
    let Ok(status) = status else { return Err("the kernel refuses its rules".to_owned()) };
    match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, LandlockStatus::NotEnabled) => Err("not enabled in this kernel".to_owned()),
        (RulesetStatus::NotEnforced, _) => Err(UNAVAILABLE.to_owned()),
        (_, LandlockStatus::Available { effective_abi, .. }) => Ok(effective_abi as u8),
        _ => Err("not in force".to_owned()),
    }
}
