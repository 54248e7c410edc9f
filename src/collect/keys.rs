//! Tells private keys from certificates: by the settings that name the files, by the files' own names and, if those do
//! not decide, by their contents.

use std::ffi::OsStr;

use definitions::benchmark::{Holding, Holds};
use probe::{Answer, Cause, FileKind, Observed, Question, Reason};

use super::place::Places;
use super::seen::Seen;
use super::wildcard::matches;

/// Calls `show` for each file in `seen`, or below a directory in `seen`, that is a private key or a certificate, as
/// `holding` requires. `named` is what the settings that name the files expect in them.
pub(super) fn among(
    places: &Places<'_>,
    seen: &[Seen],
    named: Option<Holds>,
    holding: Holding,
    show: &mut dyn FnMut(Seen),
) {
    let mut look = Look { places, holding, left: MOST };
    for seen in seen {
        match &seen.metadata {
            Observed::Present(metadata) if metadata.kind == FileKind::Directory => {
                places.below(seen, "*", false, &mut |file| {
                    let taken = of_name(file.location.path.file_name().unwrap_or_default());
                    look.kept(file, taken).into_iter().for_each(&mut *show);
                });
            }
            _ => look.kept(seen.clone(), of_setting(named)).into_iter().for_each(&mut *show),
        }
    }
}

/// The maximum number of files to search at one place.
const MOST: usize = 2_000;

/// A search for private keys or certificates.
struct Look<'a> {
    places: &'a Places<'a>,
    holding: Holding,
    /// The number of files that may still be searched.
    left: usize,
}

/// What is known of a file before its contents are searched.
#[derive(Clone, Copy)]
enum Taken {
    /// It is a private key.
    Key,
    /// It is a certificate, and also a private key if it contains one.
    Certificate,
    /// It is a certificate, unless it contains a private key.
    CertificateUnlessKey,
    /// It is a private key if it contains one, otherwise neither.
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
    } else if ends(&["*.crt", "*.cert", "*.cer", "*.pem"]) {
        Taken::CertificateUnlessKey
    } else {
        Taken::Neither
    }
}

impl Look<'_> {
    /// The file if it is one of those wanted; unknown if that cannot be determined.
    fn kept(&mut self, seen: Seen, taken: Taken) -> Option<Seen> {
        // A file that could not be examined may contain anything.
        if seen.metadata.as_present().is_none() {
            return Some(seen);
        }
        let is_wanted = match (taken, self.holding) {
            (Taken::Key, Holding::Keys) | (Taken::Certificate, Holding::Certificates) => Ok(true),
            (Taken::Key | Taken::KeyOrNeither, Holding::Certificates) | (Taken::Neither, _) => Ok(false),
            (Taken::CertificateUnlessKey, Holding::Certificates) => self.holds_key(&seen).map(|is_key| !is_key),
            (_, Holding::Keys) => self.holds_key(&seen),
        };
        match is_wanted {
            Ok(true) => Some(seen),
            Ok(false) => None,
            Err(why) => Some(Seen { metadata: Observed::Unknown(why), ..seen }),
        }
    }

    fn holds_key(&mut self, seen: &Seen) -> Result<bool, Reason> {
        let Some(left) = self.left.checked_sub(1) else {
            let detail = format!("one file more than the {MOST} that are searched for keys; check it by hand");
            return Err(Reason::new(Cause::TooLarge, &seen.location, detail));
        };
        self.left = left;
        match self.places.node.ask(&Question::PrivateKey(seen.location.clone())) {
            Observed::Present(Answer::Truth(truth)) => Ok(truth),
            Observed::Present(_) | Observed::Absent => Ok(false),
            Observed::Unknown(why) => Err(why),
        }
    }
}
