//! Compact entries for pods; equal entries are merged.

/// An object with interned strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) namespace: u32,
    pub(super) kind: u32,
    pub(super) name: u32,
}

/// Whether pods mount a token that the API server accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    /// Mounted.
    Mounted,
    /// Not mounted.
    None,
    /// The service account decides.
    AsAccountSays,
}

/// Where a finding comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Source {
    /// Existing pods.
    Pods,
    /// A pod template.
    Template,
    /// Static pods, defined by a manifest on the node.
    Static,
}

/// The node that pods run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RunsOn {
    /// No node, or not scheduled yet.
    Nowhere,
    /// The node with this name, interned.
    Node(u32),
    /// Several nodes.
    Several,
}

/// The properties by which pods are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Alike {
    pub(super) source: Source,
    /// The number of the combination of findings.
    pub(super) profile: u32,
    /// The service account.
    pub(super) account: u32,
    pub(super) token: Token,
}

/// Equal pods of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) alike: Alike,
    pub(super) runs_on: RunsOn,
    pub(super) count: u32,
}

/// A list of entries that is merged whenever its length has doubled.
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

    /// The entries, in any order.
    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }
}

/// Sorts entries, and merges equal ones.
pub(super) fn merge(entries: &mut Vec<Entry>) {
    entries.sort_unstable();
    entries.dedup_by(|later, first| {
        let same = (later.key, later.alike) == (first.key, first.alike);
        if same {
            first.count = first.count.saturating_add(later.count);
            if first.runs_on != later.runs_on {
                first.runs_on = RunsOn::Several;
            }
        }
        same
    });
}

#[cfg(test)]
mod tests {
    use super::{Alike, Entry, Key, Log, RunsOn, Source, Token, merge};

    #[test]
    fn entries_that_are_alike_take_the_room_of_one() {
        let entry = |name, profile| Entry {
            key: Key { namespace: 0, kind: 0, name },
            alike: Alike { source: Source::Pods, profile, account: 0, token: Token::None },
            runs_on: RunsOn::Node(name),
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
