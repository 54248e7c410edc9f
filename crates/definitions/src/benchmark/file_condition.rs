//! Conditions on files.

use serde::{Deserialize, Serialize};

use super::{PlaceName, Value};
use crate::SharedText;

/// The conditions that every audited file must satisfy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCondition {
    /// `mode`: the most permissive mode allowed, as octal text such as `"600"`, or a parameter.
    pub mode: Option<Value>,
    /// `owner`: `user:group`, by the names the node uses.
    pub owner: Option<Value>,
    /// `owned_by`: the users who may own the file, whatever its group; empty for no restriction.
    pub owned_by: Vec<OwnedBy>,
    /// `certificate`: conditions on each certificate in the file.
    pub certificate: Option<CertificateCondition>,
    /// `says`: a condition on the contents: nothing that counts as a fault for this kind of file.
    pub says: Option<SaysCondition>,
    /// The outcome if the file does not exist although the component is on the node.
    pub missing: Missing,
}

/// A user who may own a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnedBy {
    /// A user name as the node defines it: `etcd`. `root` always means user ID 0.
    Named(SharedText),
    /// A user ID, which need not belong to an account.
    Numbered(u32),
    /// The owner of the file at a place: `cluster-directory.directory`.
    OwnerOf(PlaceName),
}

/// A condition on a file's contents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaysCondition {
    /// The format to read the file as: one of [`SAYS`].
    pub kind: SharedText,
    /// `names`: names that decide what counts as a fault for this kind, such as the machine's own users.
    pub names: Vec<SharedText>,
}

/// The file formats whose contents can be judged as a whole.
pub const SAYS: [&str; 10] = [
    "accounts",
    "audit-policy",
    "authorized-keys",
    "capabilities",
    "containers",
    "git",
    "passwords",
    "registries",
    "shell",
    "sudoers",
];

/// Conditions on each certificate in a file, which must always be currently valid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateCondition {
    /// `days_left`: the number of days for which it must remain valid, or a parameter; 0 if omitted.
    pub days_left: Option<Value>,
    /// `ca_days_left`: the same for CA certificates; defaults to `days_left`.
    pub ca_days_left: Option<Value>,
    /// `subject_group`: an organization (O) that the subject must contain; CA certificates are exempt.
    pub subject_group: Option<Value>,
}

impl CertificateCondition {
    /// Returns the values with the keys under which definitions write them.
    pub(crate) fn values(&self) -> [(&'static str, &Option<Value>); 3] {
        [("days_left", &self.days_left), ("ca_days_left", &self.ca_days_left), ("subject_group", &self.subject_group)]
    }
}

/// The outcome if a file does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Missing {
    /// The control requires the file.
    Fail,
    /// The control applies only if the file exists.
    NotApplicable,
    /// The file must not exist.
    Pass,
}
