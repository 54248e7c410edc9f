//! The users who may own a file.

use definitions::benchmark::{OwnedBy, PlaceName};
use probe::{Cause, Observed, Reason};

use crate::collect::observations::{FilesAt, Observations};
use crate::collect::owners::Owners;

/// The users who may own files, as far as they are known.
pub(super) struct Allowed {
    users: Vec<User>,
    /// Why one of them is not known.
    unknown: Option<Reason>,
}

/// A user, by name or by ID.
enum User {
    Named(String),
    Numbered(u32),
}

impl Allowed {
    pub(super) fn of(wanted: &[OwnedBy], observations: &Observations<'_>) -> Self {
        let mut allowed = Self { users: Vec::new(), unknown: None };
        for one in wanted {
            match one {
                // `root` is ID 0, whatever the node calls it.
                OwnedBy::Named(name) if name == "root" => allowed.users.push(User::Numbered(0)),
                OwnedBy::Named(name) => allowed.users.push(User::Named(name.to_string())),
                OwnedBy::Numbered(number) => allowed.users.push(User::Numbered(*number)),
                OwnedBy::OwnerOf(place) => match owner_of(place, observations) {
                    Ok(uids) => allowed.users.extend(uids.into_iter().map(User::Numbered)),
                    Err(why) => allowed.unknown = Some(why),
                },
            }
        }
        allowed
    }

    /// Whether the user with this ID is one of them.
    ///
    /// # Errors
    ///
    /// Returns the reason if that cannot be determined.
    pub(super) fn hold(&self, uid: u32, owners: &Observed<Owners>) -> Result<bool, Reason> {
        let name = owners.as_present().and_then(|owners| owners.user(uid));
        let is = |user: &User| match user {
            User::Named(named) => name == Some(named.as_str()),
            User::Numbered(number) => *number == uid,
        };
        if self.users.iter().any(is) {
            return Ok(true);
        }
        let by_name = self.users.iter().any(|user| matches!(user, User::Named(_)));
        match (&self.unknown, owners) {
            (Some(why), _) => Err(why.clone()),
            (None, Observed::Unknown(why)) if by_name => Err(why.clone()),
            (None, _) => Ok(false),
        }
    }

    /// Their names, or their IDs where the node has no name.
    pub(super) fn in_words(&self, owners: &Observed<Owners>) -> Vec<String> {
        let owners = owners.as_present();
        let mut names = Vec::new();
        for user in &self.users {
            let name = match user {
                User::Named(name) => name.clone(),
                User::Numbered(0) => "root".to_owned(),
                User::Numbered(number) => {
                    owners.and_then(|owners| owners.user(*number)).map_or_else(|| number.to_string(), str::to_owned)
                }
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// The IDs of the owners of the files at a place.
fn owner_of(place: &PlaceName, observations: &Observations<'_>) -> Result<Vec<u32>, Reason> {
    let looked = observations.files.get(&FilesAt::all_of(place));
    let mut uids = Vec::new();
    for seen in looked.into_iter().flat_map(|looked| &looked.seen) {
        match &seen.metadata {
            Observed::Present(metadata) => uids.push(metadata.uid),
            Observed::Unknown(why) => return Err(why.clone()),
            Observed::Absent => {}
        }
    }
    if uids.is_empty() {
        let PlaceName { component, place } = place;
        let detail = "is not there, so who may own the file is not known";
        return Err(Reason::new(Cause::Vanished, format!("{component}.{place}"), detail));
    }
    Ok(uids)
}
