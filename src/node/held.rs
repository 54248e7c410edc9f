//! Handles on processes, taken before this program drops its rights: afterwards the kernel no longer lets it follow
//! their links.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::descriptors::reserve_more;
use super::errors::Failure;
use super::processes::Stamp;

/// The handles on one process, and what was read of it.
#[derive(Debug)]
pub(super) struct Held {
    /// Identifies the process.
    pub(super) stamp: Stamp,
    pub(super) executable: Result<String, Failure>,
    /// The metadata of its executable; `None` if its link is an ordinary one.
    pub(super) file: Option<Result<Metadata, Failure>>,
    /// Its executable, if programs may be run.
    pub(super) program: Option<File>,
    pub(super) working_directory: Result<String, Failure>,
    pub(super) network: Option<PathBuf>,
    /// Its environment, opened but not read.
    pub(super) environment: Result<File, Failure>,
}

/// A file that is read from its start, independently of other readers.
pub(super) struct At<'f> {
    file: &'f File,
    place: u64,
}

impl<'f> At<'f> {
    pub(super) fn new(file: &'f File) -> Self {
        Self { file, place: 0 }
    }
}

impl Read for At<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(room, self.place)?;
        self.place += u64::try_from(read).unwrap_or_default();
        Ok(read)
    }
}

/// The number of descriptors that each held process may need: its root, environment, program, and what is opened below
/// its root.
const EACH: usize = 12;

/// The number of descriptors that everything else needs.
const ELSE: usize = 160;

/// The maximum number of held processes.
const MOST: usize = 4096;

/// Returns how many of `wanted` processes can be held. Raises the limit of open descriptors if necessary, up to the
/// hard limit.
pub(super) fn room_for(wanted: usize) -> usize {
    let needed = wanted.min(MOST) * EACH + ELSE;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 0 };
    let more = u64::try_from(needed).unwrap_or(u64::MAX).min(hard);
    let is_raised = more > soft && setrlimit(Resource::RLIMIT_NOFILE, more, hard).is_ok();
    let have = usize::try_from(if is_raised { more } else { soft }).unwrap_or(usize::MAX);
    reserve_more(needed.min(have));
    (have.saturating_sub(ELSE) / EACH).min(wanted).min(MOST)
}

/// Divides `room` between three kinds of processes, given their numbers: `outside` of pods and containers, `contained`
/// in them, and `others` of other users. If the room is too small, `contained` gets at most a third and `others` at
/// most a sixth of it, plus whatever the remaining kinds do not need.
pub(super) fn shares(room: usize, outside: usize, contained: usize, others: usize) -> (usize, usize, usize) {
    let of_others = others.min((room / 6).max(room.saturating_sub(outside + contained)));
    let of_contained = contained.min((room / 3).max(room.saturating_sub(outside + of_others)));
    let of_outside = outside.min(room.saturating_sub(of_contained + of_others));
    (of_outside, of_contained, of_others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_the_room_of_those_before_them() {
        for (there, expected) in [
            // There is room for all.
            ((10, 20, 30), (10, 20, 30)),
            ((60, 0, 0), (60, 0, 0)),
            ((0, 0, 60), (0, 0, 60)),
            // Too little room.
            ((10, 1000, 0), (10, 50, 0)),
            ((10, 1000, 1000), (10, 40, 10)),
            ((30, 1000, 1000), (30, 20, 10)),
            ((1000, 1000, 1000), (30, 20, 10)),
            ((1000, 5, 0), (55, 5, 0)),
            ((5, 5, 1000), (5, 5, 50)),
        ] {
            let (outside, contained, others) = there;
            let found = shares(60, outside, contained, others);
            assert_eq!(found, expected, "{there:?}");
            assert!(found.0 + found.1 + found.2 <= 60, "{there:?}");
        }
        assert_eq!(shares(0, 5, 5, 5), (0, 0, 0));
    }
}
