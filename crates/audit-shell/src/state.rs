//! What a shell keeps: its variables, its arguments, where it is and what it may still use up.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::budget::{Budget, Run};
use super::streams::Streams;
use super::view::View;
use probe::Node;

/// What `$PATH` is.
pub(super) const PATH: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// About as much as a variable takes beside its value.
const BYTES_OF_A_VARIABLE: usize = 64;

/// What a command is started with, its name first.
pub(super) type Arguments = Vec<Vec<u8>>;

/// A shell, or a part of one that runs on its own.
#[derive(Clone)]
pub(super) struct Shell<'n> {
    pub(super) node: Rc<View<'n>>,
    pub(super) budget: Rc<Budget>,
    /// Shared by the parts of a shell until one of them sets a variable.
    pub(super) variables: Rc<BTreeMap<String, Rc<[u8]>>>,
    /// `$1` and so on.
    pub(super) arguments: Rc<Arguments>,
    /// `$0`, with which its messages begin.
    pub(super) name: Rc<[u8]>,
    /// The line of the command that runs.
    pub(super) line: usize,
    /// `$?`
    pub(super) status: i32,
    /// What runs beside the command, as `ps` would show it.
    pub(super) beside: Rc<Vec<Arguments>>,
    /// How many loops it is in.
    pub(super) loops: usize,
}

impl<'n> Shell<'n> {
    /// A shell that begins, named `/bin/sh`.
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

    /// A part that changes nothing of this one.
    pub(super) fn part(&self) -> Self {
        Self { loops: 0, ..self.clone() }
    }

    /// Says something, as a shell says it.
    pub(super) fn complain(&self, message: &[u8], streams: &Streams) -> Run<()> {
        let line = format!(": {}: ", self.line);
        streams.errors.write(&[&self.name, line.as_bytes(), message, b"\n"].concat(), &self.budget)
    }

    /// The value of a variable, where it is set.
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

    /// Sets a variable, or unsets it; its old value.
    pub(super) fn set(&mut self, name: &str, value: Option<Rc<[u8]>>) -> Run<Option<Rc<[u8]>>> {
        if Rc::strong_count(&self.variables) > 1 {
            // They are all copied.
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
