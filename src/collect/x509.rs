//! The certificates in files.

use std::collections::BTreeMap;
use std::path::Path;

use definitions::benchmark::{Control, Expectation, FileCondition};
use probe::{Answer, CertificateFile, Certificates, Location, Node, Observed, Question};

use super::observations::{FilesAt, looked_at};
use super::seen::Looked;

/// The certificates that were read, and when.
#[derive(Debug, Clone)]
pub struct CertificatesSeen {
    /// The time of the node, or of its recording, in seconds since 1970 (UTC).
    pub time: Observed<i64>,
    /// The certificates in each file.
    pub files: BTreeMap<Location, Observed<Certificates>>,
}

impl Default for CertificatesSeen {
    fn default() -> Self {
        Self { time: Observed::Absent, files: BTreeMap::new() }
    }
}

/// Reads the certificates in the files for which controls expect some, and in the files that those name.
pub(super) fn look(node: &dyn Node, controls: &[&Control], files: &BTreeMap<FilesAt, Looked>) -> CertificatesSeen {
    let mut seen = CertificatesSeen::default();
    for control in controls {
        let Some(Expectation::File(FileCondition { certificate: Some(_), .. })) = &control.expect else { continue };
        for looked in looked_at(control, files) {
            for file in looked.seen.iter().filter(|file| file.metadata.as_present().is_some()) {
                let named: Vec<Location> = match seen.at(node, &file.location) {
                    Observed::Present(held) => held.named.iter().map(|it| named_at(&file.location, it)).collect(),
                    Observed::Absent | Observed::Unknown(_) => Vec::new(),
                };
                // Files named by these in turn are not followed, since these should be certificates.
                for location in &named {
                    seen.at(node, location);
                }
            }
        }
    }
    if !seen.files.is_empty() {
        seen.time = node.ask(&Question::Time).and_then(|answer| match answer {
            Answer::Time(time) => Observed::Present(time),
            _ => Observed::Absent,
        });
    }
    seen
}

impl CertificatesSeen {
    fn at(&mut self, node: &dyn Node, location: &Location) -> &Observed<Certificates> {
        self.files.entry(location.clone()).or_insert_with(|| {
            node.ask(&Question::Certificates(location.clone())).and_then(|answer| match answer {
                Answer::Certificates(held) => Observed::Present(held),
                _ => Observed::Absent,
            })
        })
    }
}

/// Returns the location of a file that a kubeconfig names. The path is not normalized, because the targets of links are
/// not known here.
pub fn named_at(kubeconfig: &Location, named: &CertificateFile) -> Location {
    let directory = kubeconfig.path.parent().unwrap_or(Path::new("/"));
    Location { root: kubeconfig.root, path: directory.join(&named.path) }
}
