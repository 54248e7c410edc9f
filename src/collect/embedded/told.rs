//! What a k3s is told, as data.

use crate::component::EmbedderOptions;
use probe::Reason;

/// The program, as definitions name it.
pub(super) const PROGRAM: &str = "k3s";

/// What a k3s is told.
#[derive(Debug)]
pub(super) struct K3s {
    pub(super) told: Result<Told, Reason>,
}

/// What its options say.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) options: EmbedderOptions,
    /// Its file of settings, be it there or not.
    pub(super) settings: String,
    /// Its directory.
    pub(super) data: String,
    /// Where it keeps the cluster's data.
    pub(super) store: Result<Store, Reason>,
}

/// Where a cluster's data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    /// In an etcd within k3s, here or in other servers.
    Etcd,
    /// In another database.
    Kine,
    /// In an etcd of others.
    ExternalEtcd,
}

impl K3s {
    /// Its file of settings, be it there or not; none where that is not known.
    pub(super) fn settings(&self) -> Option<&str> {
        self.told.as_ref().ok().map(|told| told.settings.as_str())
    }
}
