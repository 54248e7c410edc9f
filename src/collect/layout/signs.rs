//! The evidence from which a node's platform is detected.

use crate::component::Instance;
use definitions::benchmark::Role;
use probe::Node;

use super::super::inventory::Inventory;
use super::super::os_release::{self, OsRelease};

/// The evidence from which a node's platform is detected.
pub(crate) struct Signs<'a> {
    pub(crate) node: &'a dyn Node,
    pub(crate) inventory: &'a Inventory<'a>,
    pub(crate) os: Option<OsRelease>,
}

impl<'a> Signs<'a> {
    pub(crate) fn of(node: &'a dyn Node, inventory: &'a Inventory<'a>) -> Self {
        Self { node, inventory, os: os_release::read(node) }
    }
}

impl Signs<'_> {
    /// The kubelets that are separate processes.
    pub(crate) fn kubelets(&self) -> impl Iterator<Item = &Instance> {
        self.inventory.own("kubelet")
    }

    /// The evidence of a control plane on this node.
    pub(crate) fn control_plane(&self) -> Option<String> {
        self.inventory.library.of_role(Role::ControlPlane).find_map(|key| self.inventory.sentence_on(key))
    }

    pub(crate) fn is_bottlerocket(&self) -> bool {
        self.os.as_ref().is_some_and(|os| os.id == "bottlerocket")
    }

    pub(crate) fn os_sentence(&self) -> Option<String> {
        let OsRelease { path, id, version, variant, .. } = self.os.as_ref()?;
        let said = [("ID", id), ("VARIANT_ID", variant), ("VERSION_ID", version)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>();
        (!said.is_empty()).then(|| format!("{} in {path}", said.join(", ")))
    }
}
