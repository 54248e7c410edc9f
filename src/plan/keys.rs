//! Which files are private keys and which are certificates: by what names them, by their own names, and where those do
//! not tell, by what is in them.

use std::ffi::OsStr;

use crate::benchmark::{Holding, Holds};
use crate::probe::{Answer, FileKind, Observed, Question, Why};

use super::place::{Places, Seen, matches};

/// Of what was seen, and of what lies below the directories among it, the files that are `holding`. `named` is what
/// settings take the files for that they name.
pub(super) fn among(places: &Places<'_>, seen: &[Seen], named: Option<Holds>, holding: Holding) -> Vec<Seen> {
    let mut found = Vec::new();
    for seen in seen {
        match &seen.metadata {
            Observed::Present(metadata) if metadata.kind == FileKind::Directory => {
                let below = places.below(seen, "*", false).into_iter();
                found.extend(below.filter_map(|file| kept(places, file, of_name, holding)));
            }
            _ => found.extend(kept(places, seen.clone(), |_| of_setting(named), holding)),
        }
    }
    found
}

/// What is known of a file before a look inside.
#[derive(Clone, Copy)]
enum Taken {
    /// It is a private key.
    Key,
    /// It is a certificate, and a private key too if one is in it.
    Certificate,
    /// It is a certificate, unless a private key is in it.
    CertificateUnlessKey,
    /// It is a private key if one is in it, else neither.
    KeyOrNeither,
    /// It is neither.
    Neither,
}

fn of_setting(named: Option<Holds>) -> Taken {
    match named {
        Some(Holds::Keys) => Taken::Key,
        Some(Holds::Certificates) => Taken::Certificate,
        Some(Holds::Either) => Taken::KeyOrNeither,
        None => Taken::Neither,
    }
}

fn of_name(name: &OsStr) -> Taken {
    let ends = |patterns: &[&str]| patterns.iter().any(|pattern| matches(pattern, name));
    if ends(&["*.key", "*-key.pem", "*_key.pem", "*.key.pem", "key.pem"]) {
        Taken::Key
    } else if ends(&["*.crt", "*.cert", "*.cer"]) {
        Taken::CertificateUnlessKey
    } else if ends(&["*.pem"]) {
        Taken::CertificateUnlessKey
    } else {
        Taken::Neither
    }
}

/// The file, where it is one of those that are asked for; unknown where that cannot be known.
fn kept(places: &Places<'_>, seen: Seen, taken: impl Fn(&OsStr) -> Taken, holding: Holding) -> Option<Seen> {
    // What could not be looked at may be anything.
    if seen.metadata.as_present().is_none() {
        return Some(seen);
    }
    let name = seen.location.path.file_name().unwrap_or_default();
    let is_wanted = match (taken(name), holding) {
        (Taken::Key, Holding::Keys) | (Taken::Certificate, Holding::Certificates) => Ok(true),
        (Taken::Key | Taken::KeyOrNeither, Holding::Certificates) | (Taken::Neither, _) => Ok(false),
        (Taken::CertificateUnlessKey, Holding::Certificates) => holds_key(places, &seen).map(|is_key| !is_key),
        (_, Holding::Keys) => holds_key(places, &seen),
    };
    match is_wanted {
        Ok(true) => Some(seen),
        Ok(false) => None,
        Err(why) => Some(Seen { metadata: Observed::Unknown(why), ..seen }),
    }
}

fn holds_key(places: &Places<'_>, seen: &Seen) -> Result<bool, Why> {
    match places.node.ask(&Question::PrivateKey(seen.location.clone())) {
        Observed::Present(Answer::Truth(truth)) => Ok(truth),
        Observed::Present(_) | Observed::Absent => Ok(false),
        Observed::Unknown(why) => Err(why),
    }
}
