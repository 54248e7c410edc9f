//! The images of workloads, deduplicated, in bounded memory.

use std::collections::BTreeSet;

use super::log::{Key, Source};

/// The most images kept per list.
const MOST: usize = 200_000;

/// The image of a container, with interned strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ImageEntry {
    pub(super) key: Key,
    pub(super) source: Source,
    pub(super) container: u32,
    pub(super) image: u32,
    /// Whether the reference is a valid image name.
    pub(super) is_name: bool,
}

/// The images of a list.
#[derive(Debug, Clone, Default)]
pub(super) struct Images {
    kept: BTreeSet<ImageEntry>,
    more: usize,
}

impl Images {
    /// Adds an image.
    pub(super) fn push(&mut self, entry: ImageEntry) {
        if self.kept.len() < MOST {
            self.kept.insert(entry);
        } else if !self.kept.contains(&entry) {
            self.more += 1;
        }
    }

    /// Adds the images of another list.
    pub(super) fn append(&mut self, mut other: Self) {
        self.kept.append(&mut other.kept);
        self.more += other.more;
    }

    /// The number of images that were not kept.
    pub(super) const fn more(&self) -> usize {
        self.more
    }

    /// The images by top-level controller; those of a template only if it has no pods.
    pub(super) fn into_entries(self, top: impl Fn(Key) -> Key) -> Vec<ImageEntry> {
        let entries: BTreeSet<ImageEntry> =
            self.kept.into_iter().map(|entry| ImageEntry { key: top(entry.key), ..entry }).collect();
        let with_pods: BTreeSet<Key> =
            entries.iter().filter(|entry| entry.source == Source::Pods).map(|entry| entry.key).collect();
        let counts = |entry: &ImageEntry| entry.source != Source::Template || !with_pods.contains(&entry.key);
        entries.into_iter().filter(counts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{ImageEntry, Images, Key, MOST, Source};

    #[test]
    fn more_than_are_kept_are_counted_and_known_ones_are_not() {
        let entry = |image| ImageEntry {
            key: Key { namespace: 0, kind: 0, name: 0 },
            source: Source::Pods,
            container: 0,
            image,
            is_name: true,
        };
        let mut images = Images::default();
        let most = u32::try_from(MOST).expect("a small number");
        for image in 0..most {
            images.push(entry(image));
        }
        images.push(entry(7));
        assert_eq!(images.more(), 0);
        images.push(entry(most));
        assert_eq!(images.more(), 1);
        assert_eq!(images.into_entries(|key| key).len(), MOST);
    }
}
