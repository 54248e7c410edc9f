//! Mutants: a node, and changes to it that must turn one verdict.

use serde::Deserialize;

use super::machine::Machine;

/// What a verdict is turned to.
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

    /// The verdict's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }
}

/// A node of the opposite verdict, and the mutants that are made of it.
pub struct Family {
    /// What the node is before, in words.
    pub before_title: String,
    pub before: Machine,
    /// The verdict that all mutants must have; the node before must have the opposite.
    pub expected: Direction,
    pub mutants: Vec<Mutant>,
}

/// A node after a change.
pub struct Mutant {
    /// The change, in words.
    pub title: String,
    pub after: Machine,
}

impl Family {
    pub fn new(expected: Direction, title: impl Into<String>, before: Machine) -> Self {
        Self { before_title: title.into(), before, expected, mutants: Vec::new() }
    }

    /// One more mutant.
    pub fn add(&mut self, title: impl Into<String>, after: Machine) {
        self.mutants.push(Mutant { title: title.into(), after });
    }

    /// This family with one more mutant.
    #[must_use]
    pub fn with(mut self, title: impl Into<String>, after: Machine) -> Self {
        self.add(title, after);
        self
    }
}
