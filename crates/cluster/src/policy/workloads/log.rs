//! What was seen of pods, as short entries that are merged where they are alike.

/// An object by the numbers of its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) namespace: u32,
    pub(super) kind: u32,
    pub(super) name: u32,
}

/// Whether pods carry a token that the API server accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    /// They do.
    Mounted,
    /// They do not.
    None,
    /// They will if their service account does not say otherwise.
    AsAccountSays,
}

/// Where pods were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Source {
    /// They run, or will soon.
    Pods,
    /// They are what a template makes.
    Template,
}

/// Pods of one object that are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Alike {
    pub(super) source: Source,
    /// What they do.
    pub(super) profile: u32,
    /// The service account that they run under.
    pub(super) account: u32,
    pub(super) token: Token,
}

/// Pods of one object that are alike, and how many they are; 0 of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) alike: Alike,
    pub(super) count: u32,
}

/// Entries, of which those that are alike are merged now and then.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    entries: Vec<Entry>,
    merged: usize,
}

impl Log {
    /// Adds an entry.
    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        if self.entries.len() > self.merged * 2 + 4096 {
            merge(&mut self.entries);
            self.merged = self.entries.len();
        }
    }

    /// The entries, in no order.
    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }
}

/// Sorts entries by their numbers, and merges those that are alike.
pub(super) fn merge(entries: &mut Vec<Entry>) {
    entries.sort_unstable();
    entries.dedup_by(|later, first| {
        let same = (later.key, later.alike) == (first.key, first.alike);
        if same {
            first.count = first.count.saturating_add(later.count);
        }
        same
    });
}

#[cfg(test)]
mod tests {
    use super::{Alike, Entry, Key, Log, Source, Token, merge};

    #[test]
    fn entries_that_are_alike_take_the_room_of_one() {
        let entry = |name, profile| Entry {
            key: Key { namespace: 0, kind: 0, name },
            alike: Alike { source: Source::Pods, profile, account: 0, token: Token::None },
            count: 1,
        };
        let mut log = Log::default();
        for number in 0..100_000 {
            log.push(entry(number % 3, number % 2));
        }
        assert!(log.entries.len() <= 2 * 6 + 4096);
        let mut entries = log.into_entries();
        merge(&mut entries);
        let counts: Vec<u32> = entries.iter().map(|entry| entry.count).collect();
        assert_eq!((counts.len(), counts.iter().sum::<u32>()), (6, 100_000));
    }
}
