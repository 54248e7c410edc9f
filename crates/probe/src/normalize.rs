//! Paths without detours.

use std::borrow::Cow;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};

/// `path` from `/`, with `.` and `..` taken by the word: good enough to name it or to tell a mount by its begin, never
/// used to open it.
pub fn normalize(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(name) => tidy.push(name),
            Component::ParentDir => {
                tidy.pop();
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    tidy
}

/// Bytes that two paths have in common where they are equal as paths, whose parts count. Most are written without detours
/// and are these bytes themselves, which compare and hash many times faster than parts.
pub fn comparable(path: &Path) -> Cow<'_, [u8]> {
    let bytes = path.as_os_str().as_bytes();
    let mut before = 0;
    // Only what comes behind a slash can be a detour: another one, or a dot.
    let has_none =
        bytes.iter().all(|byte| std::mem::replace(&mut before, *byte) != b'/' || !matches!(byte, b'/' | b'.'));
    if (has_none && before != b'/') || bytes.split(|byte| *byte == b'/').skip(1).all(|part| !matches!(part, b"" | b"."))
    {
        return Cow::Borrowed(bytes);
    }
    let same: PathBuf = path.components().collect();
    Cow::Owned(same.into_os_string().into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detours_are_taken_by_the_word() {
        for (path, expected) in [("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/../..", "/"), ("a//b/", "/a/b"), ("", "/")] {
            assert_eq!(normalize(Path::new(path)), Path::new(expected), "{path}");
        }
    }

    #[test]
    fn equal_paths_are_comparable() {
        for path in
            ["", "/", "//", "/a/b", "/a//b", "/a/./b/", "/a/b/.", "./a", "./a/", "a", "/ab", "/a/../b", "..", "."]
        {
            for other in ["/", "/a/b", "./a", "a", "/ab", "/b", "..", ""] {
                let (path, other) = (Path::new(path), Path::new(other));
                assert_eq!(comparable(path) == comparable(other), path == other, "{path:?} and {other:?}");
            }
        }
    }
}
