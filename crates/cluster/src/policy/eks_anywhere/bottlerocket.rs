//! Bottlerocket: its version, and how it is updated.

use probe::{Cause, Reason};

use super::evidence::Evidence;
use super::verdict::{Verdict, absent, seen};
use crate::eks_anywhere::{Minor, numbers};
use crate::nodes::Node;
use crate::policy::{Judgement, ObjectName};

/// The label with a node's updater interface version.
const LABEL: (&str, &str) = ("bottlerocket.aws/updater-interface-version", "2.0.0");

fn object(node: &Node) -> ObjectName {
    ObjectName { kind: "Node".to_owned(), namespace: String::new(), name: node.metadata.name.clone() }
}

/// The Bottlerocket nodes and their versions.
fn nodes<'a>(evidence: &Evidence<'a>) -> impl Iterator<Item = (&'a Node, &'a str)> {
    evidence.nodes.items.iter().filter_map(|node| {
        let version = node.status.node_info.os_image.strip_prefix("Bottlerocket OS")?;
        Some((node, version.split_ascii_whitespace().next().unwrap_or_default()))
    })
}

fn no_nodes() -> Reason {
    absent("Bottlerocket", "no node of this cluster runs it")
}

/// Nodes run the newest Bottlerocket for their Kubernetes version.
pub(super) fn version(evidence: &Evidence<'_>) -> Judgement {
    let (mut verdict, support) = (Verdict::default(), evidence.support);
    verdict.lacks(evidence.nodes);
    for (node, version) in nodes(evidence) {
        verdict.applies();
        let kubelet = &node.status.node_info.kubelet_version;
        let newest = Minor::parse(kubelet).and_then(|minor| support.bottlerocket(minor));
        let found = numbers(version);
        match (found, newest, newest.and_then(numbers)) {
            (Some(own), Some(newest), Some(known)) if own < known => {
                let found = format!("Bottlerocket {version}, {newest} is current for {kubelet}");
                verdict.fails(seen(&object(node), found));
            }
            (Some(_), Some(_), Some(_)) => {}
            _ => {
                let image = &node.status.node_info.os_image;
                let detail =
                    format!("`{image}` with kubelet `{kubelet}` is not in the table of versions (update kube-assay)");
                verdict.misses(Reason::new(Cause::Malformed, object(node), detail));
            }
        }
    }
    if nodes(evidence).next().is_some() && support.is_old(evidence.today) {
        verdict.misses(outdated(evidence));
    }
    verdict.judged(no_nodes)
}

/// The reason when the table is out of date.
pub(super) fn outdated(evidence: &Evidence<'_>) -> Reason {
    let subject = format!("table of versions as of {}", evidence.support.as_of());
    Reason::new(Cause::System, subject, "newer ones may have been released since (update kube-assay)")
}

/// An operator updates Bottlerocket between upgrades of the cluster.
pub(super) fn operator(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::default();
    let shadows = &evidence.objects.shadows;
    verdict.lacks(evidence.nodes);
    let mut is_updated = true;
    for (node, _) in nodes(evidence) {
        verdict.applies();
        let label = node.metadata.labels.get(LABEL.0).map(String::as_str);
        let has_shadow = shadows
            .items
            .iter()
            .any(|shadow| shadow.metadata.name.strip_prefix("brs-").is_some_and(|name| name == node.metadata.name));
        let found = match label {
            Some(value) if value == LABEL.1 && has_shadow => continue,
            Some(value) if value == LABEL.1 => "labelled for the update operator, which does not know it".to_owned(),
            Some(value) => format!("{}: {value}, expected {}", LABEL.0, LABEL.1),
            None => "not labelled for the update operator: only upgrades of the cluster update it".to_owned(),
        };
        is_updated = false;
        verdict.notes(seen(&object(node), found));
    }
    if nodes(evidence).next().is_some() {
        verdict.lacks(shadows);
    }
    if is_updated { verdict.judged(no_nodes) } else { verdict.manual(no_nodes) }
}
