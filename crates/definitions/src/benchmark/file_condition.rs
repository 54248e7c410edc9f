//! What is expected of files.

use serde::{Deserialize, Serialize};

use super::{PlaceName, Value};

/// What is expected of each file that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCondition {
    /// `mode`: no permission bits beyond these, an octal text such as `"600"` or a parameter.
    pub mode: Option<Value>,
    /// `owner`: `user:group`, by the node's own names.
    pub owner: Option<Value>,
    /// `owned_by`: one of these users owns it, whatever its group; anyone where it is empty.
    pub owned_by: Vec<OwnedBy>,
    /// `certificate`: what each certificate in it must be.
    pub certificate: Option<CertificateCondition>,
    /// `says`: nothing that its kind calls a fault.
    pub says: Option<SaysCondition>,
    /// The outcome where nothing is there though the component is on the node.
    pub missing: Missing,
}

/// A user who may own a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnedBy {
    /// One by name, which is the node's own: `etcd`. root is 0 whatever the node calls it.
    Named(String),
    /// One by number, which no account need have.
    Numbered(u32),
    /// The owner of what lies at a place: `cluster-directory.directory`.
    OwnerOf(PlaceName),
}

/// What is expected of what a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaysCondition {
    /// What it is read as: one of [`SAYS`].
    pub kind: String,
    /// `names`: those by which the kind tells what is a fault, such as the machine's own users.
    pub names: Vec<String>,
}

/// What files can be read as, whose contents are judged as a whole.
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

/// What is expected of each certificate in a file, which must be valid at any rate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateCondition {
    /// `days_left`: for how many days more it must be valid, or a parameter; 0 where it is not given.
    pub days_left: Option<Value>,
    /// `ca_days_left`: the same of a CA's certificate; that of the others where it is not given.
    pub ca_days_left: Option<Value>,
    /// `subject_group`: an organization that the subject must name, unless it is a CA's.
    pub subject_group: Option<Value>,
}

impl CertificateCondition {
    /// Its values, by the keys under which they are written.
    pub(crate) fn values(&self) -> [(&'static str, &Option<Value>); 3] {
        [("days_left", &self.days_left), ("ca_days_left", &self.ca_days_left), ("subject_group", &self.subject_group)]
    }
}

/// What it means that nothing is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Missing {
    /// The control asks for the file.
    Fail,
    /// The control speaks of the file only where there is one.
    NotApplicable,
    /// There must be no such file.
    Pass,
}
