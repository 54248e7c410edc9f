//! Everything that the chosen controls need to have seen of a node.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::component::Instance;
use definitions::benchmark::text::mentioned;
use definitions::benchmark::{Audit, Control, Holding, KubernetesVersion, PlaceName, Platform};
use probe::{Location, Metadata, Observed, Reason};

use super::inventory::Presence;
use super::out_of_reach::ReadOnlySystem;
use super::owners::Owners;
use super::run_by::RunBy;
use super::said::Said;
use super::seen::{Looked, Seen};
use super::x509::CertificatesSeen;

/// What was seen, ready to be judged. Nothing in it asks the node again.
#[derive(Debug, Clone)]
pub struct Observations<'a> {
    /// The names of the node's users and groups.
    pub owners: Observed<Owners>,
    /// The running components, by key, with the files that their arguments name.
    pub instances: BTreeMap<String, Vec<Instance>>,
    /// Whether each component belongs on this node.
    pub presence: BTreeMap<String, Presence>,
    /// The directory of the cluster that is administered from here, where the user names one.
    pub cluster_directory: Option<PathBuf>,
    /// Why the processes could not be listed, where that is so.
    pub unlisted: Option<Reason>,
    /// What lies at each place that a control looks at.
    pub files: BTreeMap<FilesAt, Looked>,
    /// The systemd units that run the components whose units a control looks at, by component.
    pub units: BTreeMap<String, Vec<RunBy>>,
    /// The path of each place for remediations: found, or the first candidate; quoted for a shell. By component and place.
    pub paths: BTreeMap<String, BTreeMap<String, String>>,
    /// What lies at the paths for remediations, where they were found.
    pub named: BTreeMap<PlaceName, Seen>,
    /// The operating system, where its own files cannot be changed while it runs.
    pub read_only: Option<ReadOnlySystem>,
    /// What lies where settings lead that are compared with each other.
    pub compared: BTreeMap<Location, Metadata>,
    /// How the node was put together, where that is known: remediations follow it.
    pub platform: Option<Platform>,
    /// The node's Kubernetes version, where it is known: defaults and the stages of feature gates follow it.
    pub version: Option<KubernetesVersion>,
    /// What files say whose contents are judged as a whole.
    pub said: Said,
    /// What the files say in which controls expect certificates.
    pub certificates: CertificatesSeen,
    /// The definitions.
    pub library: &'a definitions::benchmark::Library,
}

/// A place and what of it is looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilesAt {
    /// The place.
    pub place: PlaceName,
    /// The files below it whose names match, where it is a directory.
    pub below: Option<String>,
    /// The directories too.
    pub directories: bool,
    /// The files there, in directories at any depth, that hold this.
    pub holding: Option<Holding>,
}

impl FilesAt {
    /// All that lies at a place itself.
    pub fn all_of(place: &PlaceName) -> Self {
        Self { place: place.clone(), below: None, directories: false, holding: None }
    }
}

/// What lies at the places that a control looks at; nothing where it looks at no files.
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
    /// The running instances of a component.
    pub fn of(&self, component: &str) -> &[Instance] {
        self.instances.get(component).map_or(&[], Vec::as_slice)
    }
}

/// The places that a text names, as `{{COMPONENT.PLACE}}`: component and place.
pub fn mentioned_in(text: &str) -> impl Iterator<Item = (&str, &str)> {
    mentioned(text).filter_map(|name| name.split_once('.'))
}

/// A path as a remediation names it, in one line: in quotes where a shell would make more of it than a path. Control
/// characters, and bytes that are no text, stand as numbers, as `$'…'` has them (POSIX.1-2024).
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
