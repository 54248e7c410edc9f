//! What a verdict rests on.

use std::fmt;

/// One thing that was seen, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where.
    pub source: Source,
    /// What was found: a value as the node holds it (secrets masked), a mode as octal digits, or a sentence.
    pub found: String,
    /// What was expected of it.
    pub expected: String,
    /// Whether it speaks against the check.
    pub offends: bool,
}

impl fmt::Display for Evidence {
    /// `kube-apiserver (process 812) --profiling: found true, expected false`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}", self.source, self.found)?;
        if self.expected.is_empty() { Ok(()) } else { write!(f, ", expected {}", self.expected) }
    }
}

/// Where something was seen. Texts may hold whatever a node holds: reports escape them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// An argument of a process.
    Argument {
        /// The component: `kube-apiserver`.
        component: String,
        /// The process.
        pid: i32,
        /// The flag: `--anonymous-auth`.
        flag: String,
    },
    /// A variable in a process's environment.
    Variable {
        /// The component.
        component: String,
        /// The process.
        pid: i32,
        /// The variable's name.
        name: String,
    },
    /// A value in a configuration file.
    Setting {
        /// The file.
        path: String,
        /// The line, from 1, where it is known.
        line: Option<usize>,
        /// The key path.
        key: String,
    },
    /// The mode or owner of a file or directory.
    File {
        /// Its path on the node.
        path: String,
    },
    /// The component's own default, since nothing sets the value.
    Default {
        /// The component.
        component: String,
        /// The process, where there is one.
        pid: Option<i32>,
        /// The flag or key.
        setting: String,
    },
    /// The component itself: that it is there, or not.
    Component {
        /// Its name.
        component: String,
    },
}

impl Source {
    /// The kind, for machines: `argument`, `variable`, `setting`, `file`, `default`, `component`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Argument { .. } => "argument",
            Self::Variable { .. } => "variable",
            Self::Setting { .. } => "setting",
            Self::File { .. } => "file",
            Self::Default { .. } => "default",
            Self::Component { .. } => "component",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument { component, pid, flag } => write!(f, "{component} (process {pid}) {flag}"),
            Self::Variable { component, pid, name } => write!(f, "{component} (process {pid}) ${name}"),
            Self::Setting { path, line: Some(line), key } => write!(f, "{path}:{line} {key}"),
            Self::Setting { path, line: None, key } => write!(f, "{path} {key}"),
            Self::File { path } => f.write_str(path),
            Self::Default { component, pid: Some(pid), setting } => {
                write!(f, "{component} (process {pid}) {setting}")
            }
            Self::Default { component, pid: None, setting } => write!(f, "{component} {setting}"),
            Self::Component { component } => f.write_str(component),
        }
    }
}
