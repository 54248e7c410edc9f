//! Paths without detours.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detours_are_taken_by_the_word() {
        for (path, expected) in [("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/../..", "/"), ("a//b/", "/a/b"), ("", "/")] {
            assert_eq!(normalize(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}
