//! Reads the operating system's release file.

use probe::{Excerpt, Form, Node};

use super::ask::content;

/// The values of an os-release file that distinguish platforms; empty if not set.
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
    /// Whether the system was built with `OSTree`: `OSTREE_VERSION` is set.
    pub(crate) is_ostree: bool,
}

/// The keys that are read.
const READ: [&str; 5] = ["ID", "VERSION_ID", "VARIANT_ID", "OPENSHIFT_VERSION", "OSTREE_VERSION"];

/// Reads the node's os-release file from the first of its two paths that exists.
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
