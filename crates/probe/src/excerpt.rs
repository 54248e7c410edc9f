//! Excerpts: the parts of a file that are read and recorded.

use std::collections::BTreeSet;

/// The detail for anything that a recording does not contain.
pub const NOT_RECORDED: &str = "not recorded (record the node again with this version)";

/// The detail for a file from which no equivalent excerpt can be made.
pub const UNTOLD: &str =
    "is not recorded, since the parts that are read cannot be separated from the rest (check the node itself)";

/// The parts of a file that are read; a recording contains exactly these.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excerpt {
    /// The format that the file is read as.
    pub form: Form,
    /// The parts that are read, in the notation of the form; empty if the form alone defines them.
    pub parts: BTreeSet<String>,
}

impl Excerpt {
    /// Creates an excerpt of these parts of a file of this form.
    pub fn new<P: Into<String>>(form: Form, parts: impl IntoIterator<Item = P>) -> Self {
        Self { form, parts: parts.into_iter().map(Into::into).collect() }
    }

    /// Returns the parts of this excerpt that `other` does not cover.
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

/// The format that a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// YAML or JSON, read by key path: the settings of a component, a static pod or a network.
    Document,
    /// TOML, read by key: the settings of a container runtime.
    Toml,
    /// A systemd unit: its command, the named variables, and settings.
    Unit,
    /// A file of variables, of which only the named ones are read.
    Variables,
    /// A file of variables, of which only the names are read, not the values.
    Names,
    /// A file of arguments, as used by snaps.
    Arguments,
    /// A container runtime's JSON record of a container.
    Container,
    /// `NAME=value` lines, such as `os-release`, where the first line of each name counts.
    Lines,
    /// A file that is evaluated as a whole; its only part names the kind of evaluation.
    Said,
    /// A file of dpkg, a snap, kubeadm or `MicroShift` that states the Kubernetes version or images.
    Version,
}
