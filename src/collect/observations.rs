//! The observations of a node that the chosen controls need.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::component::Instance;
use definitions::SharedText;
use definitions::benchmark::text::{self, mentioned};
use definitions::benchmark::{Audit, Control, Holding, KubernetesVersion, PlaceName, Platform};
use probe::{Location, Metadata, Observed, Reason};

use super::inventory::Presence;
use super::out_of_reach::ReadOnlySystem;
use super::owners::Owners;
use super::run_by::RunBy;
use super::said::Said;
use super::seen::{Looked, Seen};
use super::x509::CertificatesSeen;

/// The observations, ready to be judged without asking the node again.
#[derive(Debug, Clone)]
pub struct Observations<'a> {
    /// The names of the node's users and groups.
    pub owners: Observed<Owners>,
    /// The running components, by key, with the files that their arguments name.
    pub instances: BTreeMap<String, Vec<Instance>>,
    /// Whether each component belongs on this node.
    pub presence: BTreeMap<String, Presence>,
    /// The directory of the cluster that is administered from this machine, if the user specifies one.
    pub cluster_directory: Option<PathBuf>,
    /// Why the processes could not be listed, if so.
    pub unlisted: Option<Reason>,
    /// The files at each place that a control checks.
    pub files: BTreeMap<FilesAt, Looked>,
    /// The systemd units of the components whose units a control checks, by component.
    pub units: BTreeMap<String, Vec<RunBy>>,
    /// The path of each place for remediations, by component and place: the one found, or the first candidate; quoted
    /// for a shell.
    pub paths: text::Paths,
    /// The files at the paths for remediations, if they were found.
    pub named: BTreeMap<PlaceName, Seen>,
    /// The operating system, if its own files cannot be changed while it runs.
    pub read_only: Option<ReadOnlySystem>,
    /// The files named by settings that are compared with each other.
    pub compared: BTreeMap<Location, Metadata>,
    /// How the node was provisioned, if known; remediations depend on it.
    pub platform: Option<Platform>,
    /// The node's Kubernetes version, if known; defaults and the stages of feature gates depend on it.
    pub version: Option<KubernetesVersion>,
    /// The remarks on files whose contents are judged as a whole.
    pub said: Said,
    /// The contents of the files in which controls expect certificates.
    pub certificates: CertificatesSeen,
    /// The definitions.
    pub library: &'a definitions::benchmark::Library,
}

/// A place, and which of its files are checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilesAt {
    /// The place.
    pub place: PlaceName,
    /// A pattern for the names of files below it, to be checked instead if it is a directory.
    pub below: Option<SharedText>,
    /// Whether directories are checked too.
    pub directories: bool,
    /// What the files there, at any depth, must contain to be checked.
    pub holding: Option<Holding>,
}

impl FilesAt {
    /// The files at the place itself.
    pub fn all_of(place: &PlaceName) -> Self {
        Self { place: place.clone(), below: None, directories: false, holding: None }
    }
}

/// Returns the files at the places that a control checks; nothing if it checks no files.
pub(super) fn looked_at<'f>(
    control: &Control,
    files: &'f BTreeMap<FilesAt, Looked>,
) -> impl Iterator<Item = &'f Looked> {
    let places = match &control.audit {
        Audit::Files { places, below, directories, holding } => Some((places, below, *directories, *holding)),
        _ => None,
    };
    places.into_iter().flat_map(move |(places, below, directories, holding)| {
        let at = move |place: &PlaceName| FilesAt { place: place.clone(), below: below.clone(), directories, holding };
        places.iter().filter_map(move |place| files.get(&at(place)))
    })
}

impl Observations<'_> {
    /// Returns the running instances of a component.
    pub fn of(&self, component: &str) -> &[Instance] {
        self.instances.get(component).map_or(&[], Vec::as_slice)
    }
}

/// Returns the places that a text mentions as `{{COMPONENT.PLACE}}`: component and place.
pub fn mentioned_in(text: &str) -> impl Iterator<Item = (&str, &str)> {
    mentioned(text).filter_map(|name| name.split_once('.'))
}

/// Formats a path for a remediation, on one line, and quoted if it contains characters that are special to a shell.
/// Control characters, and bytes that are not text, are escaped as numbers in `$'…'` (POSIX.1-2024).
pub fn in_command(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+,:@%=".contains(letter);
    match std::str::from_utf8(bytes) {
        Ok(path) if path.chars().all(is_plain) => path.to_owned(),
        Ok(path) if !path.chars().any(char::is_control) => format!("'{}'", path.replace('\'', r"'\''")),
        _ => {
            let mut quoted = String::from("$'");
            for byte in bytes {
                match byte {
                    b'\'' | b'\\' => quoted.extend(['\\', char::from(*byte)]),
                    b' '..=b'~' => quoted.push(char::from(*byte)),
                    _ => {
                        let _ = write!(quoted, "\\{byte:03o}");
                    }
                }
            }
            quoted + "'"
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn a_path_in_a_command_stays_one_word() {
        let table = [
            ("/etc/kubernetes/pki", "/etc/kubernetes/pki"),
            ("/a b", "'/a b'"),
            ("/$(reboot)", "'/$(reboot)'"),
            ("/it's", r"'/it'\''s'"),
            ("/ä", "'/ä'"),
            ("/a\n[PASS] it's\\", r"$'/a\012[PASS] it\'s\\'"),
            ("/\u{9b}2J", r"$'/\302\2332J'"),
        ];
        for (path, expected) in table {
            assert_eq!(in_command(Path::new(path)), expected);
        }
        assert_eq!(in_command(Path::new(OsStr::from_bytes(b"/a\xff"))), r"$'/a\377'");
    }
}
