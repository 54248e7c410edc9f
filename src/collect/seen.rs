//! What was seen of files and directories.

use std::collections::BTreeSet;
use std::path::Path;

use probe::{Location, Metadata, Observed, Reason, comparable};

/// A file or directory that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its path, for people.
    pub path: String,
    /// Where it was asked for.
    pub location: Location,
    /// What named it, where something did: `--kubeconfig of kube-scheduler`.
    pub named_by: Option<String>,
    /// What is there.
    pub metadata: Observed<Metadata>,
}

impl Seen {
    /// Something of which it is only known why it is not.
    pub(super) fn unknown(why: Reason) -> Self {
        let (path, location) = (why.subject.clone(), Location::node(why.subject.as_str()));
        Self { path, location, named_by: None, metadata: Observed::Unknown(why) }
    }

    /// Whether it is not known what is there.
    pub const fn is_unknown(&self) -> bool {
        matches!(self.metadata, Observed::Unknown(_))
    }

    /// Where it lies: what is there, links resolved, or else where it was asked for.
    pub fn lies_at(&self) -> &Path {
        match &self.metadata {
            Observed::Present(metadata) => &metadata.resolved,
            Observed::Absent | Observed::Unknown(_) => &self.location.path,
        }
    }
}

/// What there is at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// What was seen.
    pub seen: Vec<Seen>,
    /// Why there is nothing to see, where that is no gap: what runs uses no such file.
    pub nothing: Option<String>,
}

/// Each thing once, whatever names lead to it; that something is not known of it is one thing more.
pub(super) fn unique(seen: Vec<Seen>) -> Vec<Seen> {
    if seen.len() < 2 {
        return seen;
    }
    let mut known = BTreeSet::new();
    seen.into_iter()
        .filter(|seen| known.insert((seen.location.root, comparable(seen.lies_at()).into_owned(), seen.is_unknown())))
        .collect()
}
