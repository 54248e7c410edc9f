//! The directory of a cluster that is administered from this machine.

use std::path::{Path, PathBuf};

use definitions::benchmark::{BelongsTo, CLUSTER_DIRECTORY, Component};
use probe::{Answer, Cause, FileKind, Location, Node, Observed, Question, Reason};

use super::inventory::{Inventory, Presence};
use super::place::Places;

/// The error for a cluster directory that is missing or not a directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("--cluster-dir {}: {problem} (give the directory in which eksctl anywhere keeps the cluster, by its path on that \
         machine)", .directory.display())]
pub struct NoDirectory {
    /// The path as given.
    pub directory: PathBuf,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Inventory<'_> {
    /// Adds the components that belong to the cluster in this directory, if one is given. If the directory does not
    /// look like that of a cluster, their presence is unknown.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not an existing directory.
    pub fn administer(&mut self, node: &dyn Node, directory: Option<&Path>) -> Result<(), NoDirectory> {
        let Some(directory) = directory else { return Ok(()) };
        let refused = |problem| Err(NoDirectory { directory: directory.to_owned(), problem });
        let mut unseen = None;
        match node.ask(&Question::Metadata(Location::node(directory))) {
            Observed::Absent => return refused("there is no such directory"),
            Observed::Present(Answer::Metadata(metadata)) if metadata.kind != FileKind::Directory => {
                return refused("is not a directory");
            }
            Observed::Present(_) => {}
            Observed::Unknown(why) => unseen = Some(why),
        }
        self.cluster_directory = Some(directory.to_owned());
        let library = self.library;
        let of_directory = |component: &&Component| component.belongs_to == Some(BelongsTo::ClusterDirectory);
        for component in library.components.values().filter(of_directory) {
            let presence = match &unseen {
                Some(why) => Presence::Unknown(why.clone()),
                None => self.presence_in(node, directory, component),
            };
            self.presence.insert(component.key.to_string(), presence);
        }
        Ok(())
    }

    fn presence_in(&self, node: &dyn Node, directory: &Path, component: &Component) -> Presence {
        let places = Places { node, inventory: self, directories: false };
        let (mut unseen, mut looked_for) = (None, Vec::new());
        for place in component.places.values().filter(|place| place.evidence) {
            for seen in places.at(component, place) {
                match seen.metadata {
                    Observed::Present(_) => return Presence::Installed(directory.display().to_string()),
                    Observed::Unknown(why) => unseen = unseen.or(Some(why)),
                    Observed::Absent => {}
                }
            }
            let names = place.candidates.iter().map(|path| path.strip_prefix(CLUSTER_DIRECTORY).unwrap_or(path));
            looked_for.extend(names.map(|name| name.trim_start_matches('/')));
        }
        if looked_for.is_empty() {
            return Presence::Installed(directory.display().to_string());
        }
        Presence::Unknown(unseen.unwrap_or_else(|| {
            let detail = format!(
                "is not known to be a cluster's: it has no {} (give the directory in which eksctl anywhere keeps the \
                 cluster)",
                looked_for.join(", ")
            );
            Reason::new(Cause::System, directory.display(), detail)
        }))
    }
}
