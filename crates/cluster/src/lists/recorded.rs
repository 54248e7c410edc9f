//! A recorded cluster, as written by [`record`](super::record).

use std::collections::BTreeMap;

use probe::{Cause, Reason};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::cluster::{About, Cluster, Listing, Shown};
use crate::resource::Resource;

/// The format version of recordings that is written, and the only one accepted.
pub(super) const FORM: u32 = 2;

/// A recording that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecordedError(String);

/// A recorded cluster in memory.
#[derive(Debug)]
pub struct Recorded {
    about: About,
    text: String,
    lists: BTreeMap<Resource, (Listing, Vec<std::ops::Range<usize>>)>,
}

/// The whole file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct File<'t> {
    pub(super) recorded_cluster: u32,
    pub(super) source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) remarks: Vec<String>,
    #[serde(borrow)]
    pub(super) lists: BTreeMap<String, List<'t>>,
}

/// A list in the recording.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct List<'t> {
    pub(super) state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Told>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) items: Vec<&'t RawValue>,
}

/// How a list ended.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    Complete,
    Absent,
    Unknown,
}

/// Why a list is unknown.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    pub(super) cause: String,
    pub(super) subject: String,
    pub(super) detail: String,
}

/// The causes, by name in recordings.
pub(super) const CAUSES: [(Cause, &str); 5] = [
    (Cause::PermissionDenied, "permission-denied"),
    (Cause::TimedOut, "timed-out"),
    (Cause::Malformed, "malformed"),
    (Cause::NotRecorded, "not-recorded"),
    (Cause::System, "system"),
];

impl Recorded {
    /// Parses a recording.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not a recording.
    pub fn parse(name: &str, text: String) -> Result<Self, RecordedError> {
        let file: File<'_> = serde_json::from_str(&text)
            .map_err(|error| RecordedError(format!("{name}: not a recorded cluster: {error}")))?;
        if file.recorded_cluster != FORM {
            return Err(RecordedError(format!(
                "{name}: recording format {}, but this version reads format {FORM} (record the cluster again)",
                file.recorded_cluster
            )));
        }
        let mut lists = BTreeMap::new();
        for (resource, list) in &file.lists {
            // Lists added by newer versions are ignored.
            let Some(resource) = Resource::named(resource) else { continue };
            let places = list.items.iter().map(|item| {
                let start = item.get().as_ptr() as usize - text.as_ptr() as usize;
                start..start + item.get().len()
            });
            lists.insert(resource, (list.listing(name), places.collect()));
        }
        let about = About { source: name.to_owned(), version: file.version, remarks: file.remarks };
        Ok(Self { about, text, lists })
    }
}

impl List<'_> {
    fn listing(&self, name: &str) -> Listing {
        match (self.state, &self.reason) {
            (State::Complete, _) => Listing::Complete,
            (State::Absent, _) => Listing::Absent,
            (State::Unknown, Some(Told { cause, subject, detail })) => {
                let cause = CAUSES.iter().find(|(_, name)| name == cause).map_or(Cause::System, |(cause, _)| *cause);
                Listing::Unknown(Reason::new(cause, subject, detail.clone()))
            }
            (State::Unknown, None) => Listing::Unknown(Reason::new(Cause::System, name, "not known when recorded")),
        }
    }
}

impl Cluster for Recorded {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn list(&self, resource: Resource, visit: &mut dyn FnMut(Shown<'_>)) -> Listing {
        let Some((listing, places)) = self.lists.get(&resource) else {
            let detail = format!("not in {} (record the cluster again)", self.about.source);
            return Listing::Unknown(Reason::new(Cause::NotRecorded, resource, detail));
        };
        for place in places {
            if let Ok(object) = serde_json::from_str(&self.text[place.clone()]) {
                visit(Shown::Object(object));
            }
        }
        listing.clone()
    }
}
