//! The platforms that are recognized by the layout of their nodes.

use crate::collect::layout::signs::Signs;
use crate::collect::layout::table::LAYOUTS;
use definitions::benchmark::Platform;

use super::detected::DetectedPlatform;

impl Signs<'_> {
    /// The platform with a known layout; `None` if no layout matches. Evidence for other platforms is kept.
    pub(super) fn known_layout(&self) -> Option<DetectedPlatform> {
        let mut found = LAYOUTS.iter().filter_map(|layout| Some((layout, self.evidence(layout)?)));
        let (layout, evidence) = found.next()?;
        let others = found.filter(|(other, _)| !layout.uses.contains(&other.platform));
        let of_kubeadm = self.kubelet_of_kubeadm().filter(|_| !layout.uses.contains(&Platform::Kubeadm));
        let contrary: Vec<String> = others
            .filter_map(|(_, evidence)| evidence.into_iter().next())
            .chain(of_kubeadm)
            .chain(self.eks_signs())
            .collect();
        let system = self.os_sentence().filter(|said| !evidence.contains(said));
        let evidence = evidence.into_iter().chain(system).collect();
        Some(DetectedPlatform { contrary, ..self.detected(layout.platform, evidence) })
    }
}
