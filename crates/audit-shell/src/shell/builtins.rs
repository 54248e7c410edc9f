//! The shell's builtins.

use std::rc::Rc;

use crate::budget::{Run, Stop};
use crate::state::{PATH, Shell};
use crate::streams::Streams;
use crate::tools;

/// The names of the builtins.
const NAMES: [&str; 19] = [
    ":", "[", "break", "cd", "command", "continue", "echo", "eval", "exit", "export", "false", "printf", "read",
    "shift", "test", "true", "type", "unset", "set",
];

/// Whether the shell has a builtin of this name.
pub(crate) fn is_builtin(name: &[u8]) -> bool {
    NAMES.iter().any(|known| known.as_bytes() == name)
}

impl Shell<'_> {
    /// Runs a builtin; returns `None` if there is none of this name.
    pub(super) fn builtin(&mut self, name: &[u8], arguments: &[Vec<u8>], streams: &Streams) -> Run<Option<i32>> {
        let given = arguments.get(1..).unwrap_or_default();
        let first = given.first().map(Vec::as_slice);
        let number = |text: Option<&[u8]>, usual: usize| match text {
            None => Ok(usual),
            Some(text) => match String::from_utf8_lossy(text).parse() {
                Ok(number) => Ok(number),
                Err(_) => {
                    Err(Stop::Refused(format!("line {}: {} is no number", self.line, String::from_utf8_lossy(text))))
                }
            },
        };
        let status = match name {
            b":" | b"true" => 0,
            b"false" => 1,
            b"exit" => {
                let usual = usize::try_from(self.status).unwrap_or(0);
                return Err(Stop::Exit(i32::try_from(number(first, usual)? & 255).unwrap_or(0)));
            }
            // Outside a loop they do nothing.
            b"break" | b"continue" if self.loops == 0 => 0,
            b"break" => return Err(Stop::Break(number(first, 1)?)),
            b"continue" => return Err(Stop::Continue(number(first, 1)?)),
            b"test" | b"[" => {
                let (status, message) = tools::test(self, name, given, false)?;
                if let Some(message) = message {
                    self.complain(&[name, b": ".as_slice(), message.as_slice()].concat(), streams)?;
                }
                status
            }
            b"echo" => {
                let text = tools::echo(given, true);
                streams.output.write(&text, &self.budget)?;
                0
            }
            b"printf" => match first {
                Some(_) => tools::printf(self, given, streams)?,
                None => {
                    self.complain(b"printf: usage: printf format [arg ...]", streams)?;
                    2
                }
            },
            b"export" | b"unset" => {
                for argument in given {
                    let text = String::from_utf8_lossy(argument).into_owned();
                    if name == b"unset" {
                        self.set(&text, None)?;
                    } else if let Some((name, value)) = text.split_once('=') {
                        self.assign(name, value.as_bytes())?;
                    }
                }
                0
            }
            b"shift" => {
                let count = number(first, 1)?.min(self.arguments.len());
                self.budget.look(self.arguments.len().saturating_mul(size_of::<Vec<u8>>()))?;
                Rc::make_mut(&mut self.arguments).drain(..count);
                0
            }
            b"eval" => return self.eval(given, streams).map(Some),
            b"read" => self.read(given, streams)?,
            b"command" => return self.command_builtin(given, streams).map(Some),
            b"cd" | b"set" | b"type" | b"." | b"exec" | b"trap" | b"alias" | b"local" | b"return" | b"wait"
            | b"umask" | b"ulimit" | b"getopts" | b"readonly" | b"source" | b"kill" | b"times" | b"hash" | b"jobs" => {
                let name = String::from_utf8_lossy(name);
                return Err(Stop::Refused(format!("line {}: {name} is not interpreted", self.line)));
            }
            _ => return Ok(None),
        };
        Ok(Some(status))
    }

    fn eval(&mut self, given: &[Vec<u8>], streams: &Streams) -> Run<i32> {
        let text = given.join(&b' ');
        let text = String::from_utf8_lossy(&text);
        self.budget.parse(text.len())?;
        let script = super::parse::script(&text)
            .map_err(|refusal| Stop::Refused(format!("line {}: in eval: {}", self.line, refusal.detail)))?;
        self.status = 0;
        let budget = self.budget.clone();
        budget.deeper(|| {
            for list in &script.lines {
                self.list(list, streams)?;
            }
            Ok(())
        })?;
        match script.error {
            Some(error) => {
                self.complain(format!("eval: Syntax error: {}", error.message).as_bytes(), streams)?;
                Err(Stop::Exit(2))
            }
            None => Ok(self.status),
        }
    }

    /// Runs `command -v NAME…` or `command NAME …`.
    fn command_builtin(&mut self, given: &[Vec<u8>], streams: &Streams) -> Run<i32> {
        let Some((first, rest)) = given.split_first() else { return Ok(0) };
        if first != b"-v" {
            let budget = self.budget.clone();
            return budget.deeper(|| match self.builtin(first, given, streams)? {
                Some(status) => Ok(status),
                None => self.run(&given.to_vec(), streams),
            });
        }
        let Some(name) = rest.first() else { return Ok(0) };
        if is_builtin(name) {
            streams.output.write(&[name, b"\n".as_slice()].concat(), &self.budget)?;
            return Ok(0);
        }
        let path = PATH.split(|byte| *byte == b':');
        let places: Vec<Vec<u8>> = if name.contains(&b'/') {
            vec![name.clone()]
        } else {
            path.map(|directory| [directory, b"/", name].concat()).collect()
        };
        for place in places {
            if let Ok(found) = self.node.metadata(&place)?
                && found.kind == probe::FileKind::File
                && found.mode & 0o111 != 0
            {
                streams.output.write(&[&place, b"\n".as_slice()].concat(), &self.budget)?;
                return Ok(0);
            }
        }
        Ok(127)
    }

    /// Runs `read [-r] NAME…`.
    fn read(&mut self, given: &[Vec<u8>], streams: &Streams) -> Run<i32> {
        let raw = given.first().is_some_and(|option| option == b"-r");
        let names: Vec<String> =
            given.iter().skip(usize::from(raw)).map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        if names.is_empty() {
            self.complain(b"read: arg count", streams)?;
            return Ok(2);
        }
        if let Some(option) = names.iter().find(|name| name.starts_with('-')) {
            return Err(Stop::Refused(format!("line {}: read {option} is not interpreted", self.line)));
        }
        if self.variable("IFS").is_some() {
            return Err(Stop::Refused(format!("line {}: read with IFS is not interpreted", self.line)));
        }
        // Each byte, and whether a backslash preceded it.
        let mut line: Vec<(u8, bool)> = Vec::new();
        let mut status = 1;
        while let Some((bytes, ended)) = streams.input.line() {
            self.budget.look(bytes.len())?;
            status = i32::from(!ended);
            let mut joined = false;
            let mut rest = bytes.iter();
            while let Some(byte) = rest.next() {
                match (byte, raw) {
                    (b'\\', false) => match rest.next() {
                        Some(byte) => line.push((*byte, true)),
                        None => joined = ended,
                    },
                    (0, _) => {}
                    (byte, _) => line.push((*byte, false)),
                }
            }
            if !joined {
                break;
            }
        }
        let is_blank = |letter: &(u8, bool)| !letter.1 && matches!(letter.0, b' ' | b'\t' | b'\n');
        let mut rest: &[(u8, bool)] = &line;
        for (index, name) in names.iter().enumerate() {
            let start = rest.iter().position(|letter| !is_blank(letter)).unwrap_or(rest.len());
            rest = rest.get(start..).unwrap_or_default();
            let mut end = rest.iter().position(is_blank).unwrap_or(rest.len());
            if index + 1 == names.len() {
                end = rest.iter().rposition(|letter| !is_blank(letter)).map_or(0, |last| last + 1);
            }
            let (field, after) = rest.split_at(end.min(rest.len()));
            let field: Vec<u8> = field.iter().map(|(byte, _)| *byte).collect();
            self.assign(name, &field)?;
            rest = after;
        }
        Ok(status)
    }
}
