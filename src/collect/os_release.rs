//! What a node's operating system says of itself.

use probe::{Excerpt, Form, Node};

use super::ask::content;

/// The parts of an os-release file that tell platforms apart; empty where it says nothing.
pub(crate) struct OsRelease {
    /// The file.
    pub(crate) path: &'static str,
    /// `ID`: `bottlerocket`, `amzn`.
    pub(crate) id: String,
    /// `VERSION_ID`: `2023`.
    pub(crate) version: String,
    /// `VARIANT_ID`: `aws-k8s-1.32`.
    pub(crate) variant: String,
    /// `OPENSHIFT_VERSION`: `4.18`.
    pub(crate) openshift: String,
    /// Whether `OSTree` put the system together: `OSTREE_VERSION` is there.
    pub(crate) is_ostree: bool,
}

/// What is read of it.
const READ: [&str; 5] = ["ID", "VERSION_ID", "VARIANT_ID", "OPENSHIFT_VERSION", "OSTREE_VERSION"];

/// Reads the node's os-release: the first of its two places that is there.
pub(crate) fn read(node: &dyn Node) -> Option<OsRelease> {
    ["/etc/os-release", "/usr/lib/os-release"].iter().find_map(|path| {
        let content = content(node, path, &|| Excerpt::new(Form::Lines, READ))?;
        let text = content.text();
        let assignments: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('=')).collect();
        let value = |key: &str| {
            let found = assignments.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
            found.unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned()
        };
        let is_ostree = !value("OSTREE_VERSION").is_empty();
        Some(OsRelease {
            path,
            id: value("ID"),
            version: value("VERSION_ID"),
            variant: value("VARIANT_ID"),
            openshift: value("OPENSHIFT_VERSION"),
            is_ostree,
        })
    })
}
