//! Versions of nodes and of the API server.

use probe::{Cause, Reason};

use super::{Evidence, judged, seen};
use crate::policy::{Judgement, Outcome};

/// The API server's minor version since which kubelets may be three minor versions older; two before.
const THREE_OLDER: u64 = 28;

/// Kubelets are at most one minor version older than the API server. Up to the supported skew, the control is manual.
pub(super) fn kubelet_skew(evidence: &Evidence<'_>) -> Judgement {
    let server = evidence.server.and_then(minor);
    let (mut offenders, mut noted, mut weighs) = (Vec::new(), Vec::new(), false);
    let mut gap = evidence.nodes.missing.clone();
    let Some(server) = server else {
        let why = Reason::new(Cause::System, "version", "the API server did not report its version");
        return judged(Vec::new(), Vec::new(), Some(&why));
    };
    let supported = if server >= THREE_OLDER { 3 } else { 2 };
    for node in &evidence.nodes.items {
        let version = node.status.node_info.kubelet_version.as_str();
        let found = format!("kubelet {version}, API server 1.{server}");
        let seen = seen("Node", "", &node.metadata.name, found);
        match minor(version) {
            None => {
                let why = format!("reports a kubelet version that is not a Kubernetes version: {version:?}");
                gap.get_or_insert_with(|| Reason::new(Cause::Malformed, format!("node {}", node.metadata.name), why));
            }
            Some(kubelet) if kubelet > server || server - kubelet > supported => offenders.push(seen),
            Some(kubelet) if server - kubelet > 1 => {
                weighs = true;
                noted.push(seen);
            }
            Some(_) => {}
        }
    }
    let judgement = judged(offenders, noted, gap.as_ref());
    if judgement.outcome == Outcome::Pass && weighs {
        return Judgement { outcome: Outcome::Manual, ..judgement };
    }
    judgement
}

/// The minor version: `33` for `v1.33.4-eks-abcdef`.
fn minor(version: &str) -> Option<u64> {
    let rest = version.strip_prefix('v').unwrap_or(version).strip_prefix("1.")?;
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).map_or(rest, |end| &rest[..end]);
    digits.parse().ok()
}
