//! The state of a shell: variables, arguments, position and remaining budget.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::budget::{Budget, Run};
use super::streams::Streams;
use super::view::View;
use probe::Node;

/// The value of `$PATH`.
pub(super) const PATH: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The approximate overhead of a variable, in bytes.
const BYTES_OF_A_VARIABLE: usize = 64;

/// The arguments of a command, starting with its name.
pub(super) type Arguments = Vec<Vec<u8>>;

/// A shell or a subshell.
#[derive(Clone)]
pub(super) struct Shell<'n> {
    pub(super) node: Rc<View<'n>>,
    pub(super) budget: Rc<Budget>,
    /// Shared by subshells until one of them sets a variable.
    pub(super) variables: Rc<BTreeMap<String, Rc<[u8]>>>,
    /// `$1` and so on.
    pub(super) arguments: Rc<Arguments>,
    /// `$0`, the prefix of its messages.
    pub(super) name: Rc<[u8]>,
    /// The line of the current command.
    pub(super) line: usize,
    /// `$?`
    pub(super) status: i32,
    /// The commands that run concurrently, for `ps`.
    pub(super) beside: Rc<Vec<Arguments>>,
    /// The number of enclosing loops.
    pub(super) loops: usize,
}

impl<'n> Shell<'n> {
    /// Creates a shell named `/bin/sh`.
    pub(super) fn new(node: &'n dyn Node, budget: Rc<Budget>) -> Self {
        Self {
            node: Rc::new(View::new(node, budget.clone())),
            budget,
            variables: Rc::new(BTreeMap::from([
                ("PATH".to_owned(), Rc::from(PATH)),
                ("PWD".to_owned(), Rc::from(b"/".as_slice())),
            ])),
            arguments: Rc::default(),
            name: Rc::from(b"/bin/sh".as_slice()),
            line: 1,
            status: 0,
            beside: Rc::default(),
            loops: 0,
        }
    }

    /// Returns a subshell, whose changes do not affect this one.
    pub(super) fn part(&self) -> Self {
        Self { loops: 0, ..self.clone() }
    }

    /// Prints an error message with the shell's prefix.
    pub(super) fn complain(&self, message: &[u8], streams: &Streams) -> Run<()> {
        let line = format!(": {}: ", self.line);
        streams.errors.write(&[&self.name, line.as_bytes(), message, b"\n"].concat(), &self.budget)
    }

    /// The value of a variable, if set.
    pub(super) fn variable(&self, name: &str) -> Option<Rc<[u8]>> {
        match name {
            "?" => Some(self.status.to_string().into_bytes().into()),
            "#" => Some(self.arguments.len().to_string().into_bytes().into()),
            "$" => Some(Rc::from(b"2".as_slice())),
            "!" | "-" => Some(Rc::default()),
            "0" => Some(self.name.clone()),
            _ => match name.parse::<usize>() {
                Ok(number) => self.arguments.get(number.checked_sub(1)?).map(|value| Rc::from(value.as_slice())),
                Err(_) => self.variables.get(name).cloned(),
            },
        }
    }

    pub(super) fn assign(&mut self, name: &str, value: &[u8]) -> Run<()> {
        self.budget.bytes(name.len() + value.len())?;
        self.set(name, Some(Rc::from(value)))?;
        Ok(())
    }

    /// Sets or unsets a variable; returns its old value.
    pub(super) fn set(&mut self, name: &str, value: Option<Rc<[u8]>>) -> Run<Option<Rc<[u8]>>> {
        if Rc::strong_count(&self.variables) > 1 {
            // All variables are copied.
            self.budget.look(self.variables.len().saturating_mul(BYTES_OF_A_VARIABLE))?;
            self.budget.bytes(self.variables.len().saturating_mul(BYTES_OF_A_VARIABLE))?;
        }
        let variables = Rc::make_mut(&mut self.variables);
        Ok(match value {
            Some(value) => variables.insert(name.to_owned(), value),
            None => variables.remove(name),
        })
    }
}
