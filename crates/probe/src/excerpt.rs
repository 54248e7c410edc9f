//! What is read of a file.

use std::collections::BTreeSet;

/// Said of what a recording does not hold.
pub const NOT_RECORDED: &str = "not recorded (record the node again with this version)";

/// Said of a file of which no excerpt can be made that says the same.
pub const UNTOLD: &str =
    "is not recorded, since the parts that are read cannot be separated from the rest (check the node itself)";

/// What is read of a file: a recording holds that much of it and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excerpt {
    /// What the file is read as.
    pub form: Form,
    /// Which parts are read, in the words of the form; none where the form says it all.
    pub parts: BTreeSet<String>,
}

impl Excerpt {
    /// These parts of a file of this form.
    pub fn new<P: Into<String>>(form: Form, parts: impl IntoIterator<Item = P>) -> Self {
        Self { form, parts: parts.into_iter().map(Into::into).collect() }
    }

    /// The parts of this excerpt that another one lacks.
    pub fn beyond(&self, other: &BTreeSet<String>) -> Vec<String> {
        let is_within = |part: &str| {
            let holds = |known: &String| {
                part.strip_prefix(known.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '~']))
            };
            other.iter().any(holds)
        };
        self.parts.iter().filter(|part| !other.contains(*part) && !is_within(part)).cloned().collect()
    }
}

/// What a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// YAML or JSON, of which key paths are read: the settings of a component, of a static pod, of a network.
    Document,
    /// TOML, of which settings are read: what a container runtime is told.
    Toml,
    /// A systemd unit: its command, its variables of these names, and settings.
    Unit,
    /// A file of variables, of which those of these names are read.
    Variables,
    /// A file of variables, of which the names are read and no value.
    Names,
    /// A file of arguments, as snaps have them.
    Arguments,
    /// What a container runtime keeps of a container, in JSON.
    Container,
    /// `NAME=value` lines, of which the first of each name is read: what an operating system says of itself.
    Lines,
    /// A file whose contents are judged as a whole: what is said of it, as the kind that is its one part.
    Said,
    /// What dpkg, a snap, kubeadm or `MicroShift` say of the version or the images of Kubernetes.
    Version,
}
