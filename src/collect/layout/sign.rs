//! The signs by which layouts are recognized.

use definitions::benchmark::Platform;

/// What a platform leaves on its nodes.
pub(crate) struct Layout {
    pub(crate) platform: Platform,
    /// The platforms that it builds on, whose signs are not evidence against it.
    pub(crate) uses: &'static [Platform],
    pub(crate) signs: &'static [Sign],
}

/// One sign of a layout.
pub(crate) struct Sign {
    pub(crate) of: Of,
    pub(crate) is: Text,
    /// Whether it is sufficient alone. If not, another sign is needed, and one of them must come from a process.
    pub(crate) is_sure: bool,
}

/// Where a sign is found.
#[derive(Clone, Copy)]
pub(crate) enum Of {
    /// The first word of the name of a program that embeds components.
    Embedder,
    /// The systemd service that a component belongs to.
    Service,
    /// The program that a component runs.
    Program,
    /// The cgroup in which a component runs.
    Cgroup,
    /// One of these flags of a component.
    Flag { component: &'static str, flags: &'static [&'static str] },
    /// A label that a kubelet sets on its node.
    Label,
    /// The operating system's `ID`.
    System,
    /// The `OpenShift` version that the operating system names.
    OpenShiftVersion,
    /// One of these paths, which must exist and be owned by root.
    File,
}

/// A condition on a text.
pub(crate) enum Text {
    AnyOf(&'static [&'static str]),
    Begins(&'static str),
    Ends(&'static str),
    Holds(&'static str),
    /// Any non-empty text.
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
    /// Whether it comes from a process.
    pub(super) const fn is_process(self) -> bool {
        !matches!(self, Self::System | Self::OpenShiftVersion | Self::File)
    }
}
