//! What is asked beside the node's files: the kubelet itself, where the user allows it.

use std::cell::RefCell;

use crate::collect::inventory::Inventory;
use crate::component::Instance;
use crate::detect::DetectedVersion;
use crate::finding::Notice;
use crate::node::{LiveOptions, kubelet_version};
use probe::{Answer, Node, Observed, Question, Why};

/// Whoever may be asked for the Kubernetes version where the node does not show it.
pub(super) struct Elsewhere<'a> {
    /// Where the node is that kubelets may be run of; none where they may not.
    kubelets: Option<LiveOptions>,
    node: &'a dyn Node,
    /// Why nothing was answered.
    refused: RefCell<Vec<Why>>,
}

impl<'a> Elsewhere<'a> {
    pub(super) fn new(kubelets: Option<LiveOptions>, node: &'a dyn Node) -> Self {
        Self { kubelets, node, refused: RefCell::default() }
    }

    /// What `kubelet --version` says, of the first kubelet of the inventory that can be run.
    pub(super) fn ask(&self, inventory: &Inventory<'_>) -> Option<DetectedVersion> {
        let place = self.kubelets.as_ref()?;
        // Of the programs that hold a kubelet within themselves, k3s alone is known to tell its version and no more.
        let can_be_asked = |kubelet: &&Instance| {
            kubelet.embedded_in.as_deref().is_none_or(|program| program.split([' ', '-']).next() == Some("k3s"))
        };
        inventory.of("kubelet").iter().filter(can_be_asked).find_map(|kubelet| self.ask_kubelet(place, kubelet.pid))
    }

    /// What kept a kubelet from answering, which belongs into the report.
    pub(super) fn notices(self) -> impl Iterator<Item = Notice> {
        self.refused.into_inner().into_iter().map(|why| Notice { code: "kubelet-not-asked", text: why.to_string() })
    }

    fn ask_kubelet(&self, place: &LiveOptions, pid: i32) -> Option<DetectedVersion> {
        let Observed::Present(Answer::Text(path)) = self.node.ask(&Question::Executable(pid)) else { return None };
        match kubelet_version(place, pid, &path) {
            Ok(spelt) => {
                let is_version = |word: &&str| word.starts_with('v') && word.contains('.');
                let version = spelt.split_ascii_whitespace().find(is_version)?.parse().ok()?;
                Some(DetectedVersion { version, evidence: format!("{path} --version says {spelt}"), spelt })
            }
            Err(why) => {
                self.refused.borrow_mut().push(why);
                None
            }
        }
    }
}
