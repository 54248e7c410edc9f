//! Careful traversal of a path, so that nothing on a file system that did not answer is asked again.
//!
//! It only finds out where the path leads; the target is then resolved by [`FileTree`](super::root::FileTree) as usual.

use std::fs;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use nix::fcntl::{OFlag, openat, readlinkat};
use nix::sys::stat::Mode;

use super::errors::Failure;
use super::watch::{self, NoAnswer, Step, step};

/// The maximum number of links that are followed, as in the kernel.
const MOST_LINKS: usize = 40;

/// Returns the mount that `path` below `root` is on, found step by step. Returns `None` if the path cannot be followed
/// to its end, in which case the resolver reports why.
///
/// # Errors
///
/// If the path leads to a file system that did not answer.
pub(super) fn tread(root: &impl AsFd, path: &Path) -> Result<Option<u32>, Failure> {
    let Some(start) = mount_of(root) else { return Ok(None) };
    watch::note_root(start);
    // The directories traversed so far, to which `..` returns.
    let mut way: Vec<(OwnedFd, u32)> = Vec::new();
    let mut rest: Vec<PathBuf> = parts(path);
    let mut links = 0;
    while let Some(part) = rest.pop() {
        if part.as_os_str() == ".." {
            way.pop();
            continue;
        }
        let mount = way.last().map_or(start, |(_, mount)| *mount);
        let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let open = || match way.last() {
            Some((directory, _)) => openat(directory, &part, flags, Mode::empty()),
            None => openat(root, &part, flags, Mode::empty()),
        };
        let Ok(found) = waited(mount, path, open)? else { return Ok(None) };
        let Some(mount) = mount_of(&found) else { return Ok(None) };
        match waited(mount, path, || readlinkat(&found, ""))? {
            Ok(target) => {
                links += 1;
                if links > MOST_LINKS {
                    return Ok(None);
                }
                let target = PathBuf::from(target);
                if target.is_absolute() {
                    way.clear();
                }
                rest.extend(parts(&target));
            }
            Err(_) => way.push((found, mount)),
        }
    }
    let mount = way.last().map_or(start, |(_, mount)| *mount);
    // Fails if the mount did not answer before.
    waited(mount, path, || ())?;
    Ok(Some(mount))
}

fn waited<T>(mount: u32, path: &Path, act: impl FnOnce() -> T) -> Result<T, Failure> {
    step(Step::mount(mount), Some(path), act).map_err(|NoAnswer| Failure::unanswered())
}

/// Splits a path into its components, in reverse order.
fn parts(path: &Path) -> Vec<PathBuf> {
    let is_step = |part: &Component<'_>| matches!(part, Component::Normal(_) | Component::ParentDir);
    path.components().rev().filter(is_step).map(|part| PathBuf::from(part.as_os_str())).collect()
}

/// Returns the ID of the mount that a handle is on. The kernel knows it without asking the file system.
fn mount_of(handle: &impl AsFd) -> Option<u32> {
    let mut text = String::new();
    let file = fs::File::open(format!("/proc/self/fdinfo/{}", handle.as_fd().as_raw_fd())).ok()?;
    file.take(4096).read_to_string(&mut text).ok()?;
    text.lines().find_map(|line| line.strip_prefix("mnt_id:")).and_then(|id| id.trim().parse().ok())
}
