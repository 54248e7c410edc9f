//! The options given to k3s, as data.

use crate::component::EmbedderOptions;
use probe::Reason;

/// The program's name in definitions.
pub(super) const PROGRAM: &str = "k3s";

/// The options given to a k3s process, or why they are not known.
#[derive(Debug)]
pub(super) struct K3s {
    pub(super) told: Result<Told, Reason>,
}

/// The options given to k3s, and what follows from them.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) options: EmbedderOptions,
    /// Its settings file, whether or not it exists.
    pub(super) settings: String,
    /// Its data directory.
    pub(super) data: String,
    /// Where it keeps the cluster's data.
    pub(super) store: Result<Store, Reason>,
}

/// Where a cluster's data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    /// In the etcd that is part of k3s, on this or other servers.
    Etcd,
    /// In another database.
    Kine,
    /// In a separate etcd cluster.
    ExternalEtcd,
}

impl K3s {
    /// The settings file, whether or not it exists; `None` if its path is not known.
    pub(super) fn settings(&self) -> Option<&str> {
        self.told.as_ref().ok().map(|told| told.settings.as_str())
    }
}
