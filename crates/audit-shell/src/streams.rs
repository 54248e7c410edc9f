//! Where the commands of an audit read from and print to: memory, never a file.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::budget::{Budget, Run};

/// What a command can read; those who share it read on where the other stopped.
#[derive(Debug, Clone, Default)]
pub(super) struct Input {
    bytes: Rc<Vec<u8>>,
    at: Rc<Cell<usize>>,
}

impl Input {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Rc::new(bytes), at: Rc::default() }
    }

    /// All that is left.
    pub(super) fn rest(&self) -> Vec<u8> {
        let rest = self.bytes.get(self.at.get()..).unwrap_or_default().to_vec();
        self.at.set(self.bytes.len());
        rest
    }

    /// The next line without its end, and whether it had one; none where nothing is left.
    pub(super) fn line(&self) -> Option<(Vec<u8>, bool)> {
        let rest = self.bytes.get(self.at.get()..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().to_vec();
        self.at.set(self.at.get() + line.len() + usize::from(end.is_some()));
        Some((line, end.is_some()))
    }
}

/// Where a command prints to.
#[derive(Debug, Clone)]
pub(super) enum Sink {
    /// `/dev/null`
    Nowhere,
    Memory(Rc<RefCell<Vec<u8>>>),
}

impl Sink {
    pub(super) fn memory() -> Self {
        Self::Memory(Rc::default())
    }

    pub(super) fn write(&self, bytes: &[u8], budget: &Budget) -> Run<()> {
        budget.bytes(bytes.len())?;
        if let Self::Memory(memory) = self {
            memory.borrow_mut().extend_from_slice(bytes);
        }
        Ok(())
    }

    /// What was printed, which is forgotten.
    pub(super) fn take(&self) -> Vec<u8> {
        match self {
            Self::Nowhere => Vec::new(),
            Self::Memory(memory) => std::mem::take(&mut memory.borrow_mut()),
        }
    }
}

/// The three streams of a command.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    pub(super) input: Input,
    pub(super) output: Sink,
    pub(super) errors: Sink,
}
