//! What ways of setting up nodes are known by.

use definitions::benchmark::Platform;

/// What a way of setting up nodes leaves on them.
pub(crate) struct Layout {
    pub(crate) platform: Platform,
    /// What it uses itself, whose signs do not speak against it.
    pub(crate) uses: &'static [Platform],
    pub(crate) signs: &'static [Sign],
}

/// One thing that speaks for a layout.
pub(crate) struct Sign {
    pub(crate) of: Of,
    pub(crate) is: Text,
    /// Whether it is enough alone; else another one is needed, and a process must show one of them.
    pub(crate) is_sure: bool,
}

/// What a sign is seen by.
#[derive(Clone, Copy)]
pub(crate) enum Of {
    /// The first word of the name of a program that holds components within itself.
    Embedder,
    /// The systemd service to which a component belongs.
    Service,
    /// The program that a component runs.
    Program,
    /// The cgroup in which a component runs.
    Cgroup,
    /// One of these flags of a component.
    Flag { component: &'static str, flags: &'static [&'static str] },
    /// A label that a kubelet gives its node.
    Label,
    /// The operating system's `ID`.
    System,
    /// The version of `OpenShift` that the operating system names.
    OpenShiftVersion,
    /// What lies there and is root's: one of these paths.
    File,
}

/// What a text has to be.
pub(crate) enum Text {
    AnyOf(&'static [&'static str]),
    Begins(&'static str),
    Ends(&'static str),
    Holds(&'static str),
    /// Anything but nothing.
    Any,
}

impl Text {
    pub(super) fn fits(&self, text: &str) -> bool {
        match self {
            Self::AnyOf(known) => known.contains(&text),
            Self::Begins(begin) => text.starts_with(begin),
            Self::Ends(end) => text.ends_with(end),
            Self::Holds(part) => text.contains(part),
            Self::Any => !text.is_empty(),
        }
    }
}

impl Of {
    /// Whether a process shows it.
    pub(super) const fn is_process(self) -> bool {
        !matches!(self, Self::System | Self::OpenShiftVersion | Self::File)
    }
}
