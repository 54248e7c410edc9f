//! Path normalization.

use std::borrow::Cow;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};

/// Makes `path` absolute and resolves `.` and `..` lexically. Good enough to name a path or to match a mount by prefix,
/// but never used to open one.
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

/// Returns bytes that are equal exactly if two paths are equal, which `Path` decides component by component. Most paths
/// are already normalized and returned as they are: bytes compare and hash many times faster than components.
pub fn comparable(path: &Path) -> Cow<'_, [u8]> {
    let bytes = path.as_os_str().as_bytes();
    let mut before = 0;
    // A path is normalized unless a slash is followed by another slash or a dot.
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
