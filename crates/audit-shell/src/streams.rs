//! The streams of an audit's commands, which are in memory, never files.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::budget::{Budget, Run};

/// An input. Clones share the read position.
#[derive(Debug, Clone, Default)]
pub(super) struct Input {
    bytes: Rc<Vec<u8>>,
    at: Rc<Cell<usize>>,
}

impl Input {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: Rc::new(bytes), at: Rc::default() }
    }

    /// Reads everything left.
    pub(super) fn rest(&self) -> Vec<u8> {
        let rest = self.bytes.get(self.at.get()..).unwrap_or_default().to_vec();
        self.at.set(self.bytes.len());
        rest
    }

    /// Reads the next line without its line break, and whether it had one; `None` at the end.
    pub(super) fn line(&self) -> Option<(Vec<u8>, bool)> {
        let rest = self.bytes.get(self.at.get()..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().to_vec();
        self.at.set(self.at.get() + line.len() + usize::from(end.is_some()));
        Some((line, end.is_some()))
    }
}

/// The destination of a command's output.
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

    /// Takes the output and clears it.
    pub(super) fn take(&self) -> Vec<u8> {
        match self {
            Self::Nowhere => Vec::new(),
            Self::Memory(memory) => std::mem::take(&mut memory.borrow_mut()),
        }
    }
}

/// The three standard streams of a command.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    pub(super) input: Input,
    pub(super) output: Sink,
    pub(super) errors: Sink,
}
