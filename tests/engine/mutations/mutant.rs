//! Mutants: changes to a node that must change one verdict.

use serde::Deserialize;

use super::machine::Machine;

/// The verdict that a change leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Pass,
    Fail,
}

impl Direction {
    pub const fn opposite(self) -> Self {
        match self {
            Self::Pass => Self::Fail,
            Self::Fail => Self::Pass,
        }
    }

    /// Returns the verdict's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }
}

/// A node with the opposite verdict, and its mutants.
pub struct Family {
    /// A description of the original node.
    pub before_title: String,
    pub before: Machine,
    /// The verdict expected of all mutants; the original node must have the opposite.
    pub expected: Direction,
    pub mutants: Vec<Mutant>,
}

/// A node after a change.
pub struct Mutant {
    /// A description of the change.
    pub title: String,
    pub after: Machine,
}

impl Family {
    pub fn new(expected: Direction, title: impl Into<String>, before: Machine) -> Self {
        Self { before_title: title.into(), before, expected, mutants: Vec::new() }
    }

    /// Adds a mutant.
    pub fn add(&mut self, title: impl Into<String>, after: Machine) {
        self.mutants.push(Mutant { title: title.into(), after });
    }

    /// Returns the family with another mutant.
    #[must_use]
    pub fn with(mut self, title: impl Into<String>, after: Machine) -> Self {
        self.add(title, after);
        self
    }
}
