//! `sed`: addresses, `s`, `p`, `d`, `q`, `=` and blocks; no commands that write files or run programs.

use super::context::Context;
use super::options::Known;
use crate::budget::Run;
use crate::budget::Stop;
use crate::regex::{Dialect, Manner, Problem, Regular};

/// The maximum depth of nested blocks.
const MOST_LEVELS: usize = 32;

#[derive(Debug)]
enum Address {
    Line(usize),
    Last,
    Matching(Regular),
}

#[derive(Debug)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    /// The index of its range, to track whether the current line is inside.
    range: usize,
    action: Action,
}

#[derive(Debug)]
enum Action {
    Substitute { regular: Regular, replacement: Vec<Piece>, every: bool, print: bool, nth: usize },
    Print,
    Delete,
    Quit(i32),
    Number,
    Block(Vec<Command>),
}

/// A part of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Group(usize),
}

/// How execution continues after a command.
enum Next {
    On,
    Deleted,
    Quit(i32),
}

/// Edits lines.
pub(super) fn sed(context: &mut Context<'_, '_>) -> Run<i32> {
    let long = &[("quiet", b'n'), ("silent", b'n'), ("expression", b'e'), ("regexp-extended", b'E')];
    let Some(mut given) = context.options(Known { short: "ne:Er", long, leading: false })? else { return Ok(1) };
    let mut scripts: Vec<Vec<u8>> =
        given.options.iter().filter(|(letter, _)| *letter == b'e').map(|(_, value)| value.clone()).collect();
    if scripts.is_empty() {
        if given.operands.is_empty() {
            return Err(context.refuse("a call without a script"));
        }
        scripts.push(given.operands.remove(0));
    }
    let script = scripts.join(&b'\n');
    let extended = given.has(b'E') || given.has(b'r');
    let mut parser = Parser { rest: &script, extended, ranges: 0, context };
    let commands = parser.block(0)?;
    if !parser.rest.is_empty() {
        return Err(context.refuse("a script with an extra closing brace"));
    }
    let ranges = parser.ranges;
    if given.operands.is_empty() {
        given.operands.push(b"-".to_vec());
    }
    let mut status = 0;
    let mut held = Vec::new();
    for path in &given.operands {
        match context.content(path)? {
            Ok(bytes) => {
                context.shell.budget.bytes(bytes.len())?;
                held.push(bytes);
            }
            Err(lack) => {
                let what = match lack {
                    crate::view::Lack::IsADirectory => {
                        format!("couldn't edit {}: not a regular file", String::from_utf8_lossy(path))
                    }
                    lack => format!("can't read {}: {}", String::from_utf8_lossy(path), lack.text()),
                };
                if what.starts_with("couldn't") {
                    return Err(context.refuse("a directory"));
                }
                context.complain(what.as_bytes())?;
                status = 2;
            }
        }
    }
    let mut all: Vec<(&[u8], bool)> = Vec::new();
    for bytes in &held {
        all.extend(context.all_lines(bytes)?.into_iter().map(|line| (line, true)));
        if !bytes.is_empty()
            && let Some((_, ended)) = all.last_mut()
        {
            *ended = bytes.ends_with(b"\n");
        }
    }
    let mut editor = Editor { context, quiet: given.has(b'n'), inside: vec![None; ranges], last: all.len() };
    for (index, (line, ended)) in all.into_iter().enumerate() {
        editor.context.shell.budget.look(line.len())?;
        let mut line = line.to_vec();
        let next = editor.line(&commands, &mut line, index + 1, ended)?;
        if !editor.quiet && !matches!(next, Next::Deleted) {
            editor.print(&line, ended)?;
        }
        if let Next::Quit(status) = next {
            return Ok(status);
        }
    }
    Ok(status)
}

struct Editor<'e, 'c, 'n> {
    context: &'e Context<'c, 'n>,
    quiet: bool,
    /// For each range, whether the current line is inside, and its last line if known.
    inside: Vec<Option<usize>>,
    last: usize,
}

impl Editor<'_, '_, '_> {
    fn print(&self, line: &[u8], ended: bool) -> Run<()> {
        if ended { self.context.line(line) } else { self.context.print(line) }
    }

    fn line(&mut self, commands: &[Command], line: &mut Vec<u8>, number: usize, ended: bool) -> Run<Next> {
        for command in commands {
            self.context.shell.budget.step()?;
            if self.applies(command, line, number)? == command.negated {
                continue;
            }
            match &command.action {
                Action::Print => self.print(line, ended)?,
                Action::Number => self.context.line(number.to_string().as_bytes())?,
                Action::Delete => return Ok(Next::Deleted),
                Action::Quit(status) => return Ok(Next::Quit(*status)),
                Action::Block(commands) => match self.line(commands, line, number, ended)? {
                    Next::On => {}
                    next => return Ok(next),
                },
                Action::Substitute { regular, replacement, every, print, nth } => {
                    if self.substitute(line, regular, replacement, *every, *nth)? && *print {
                        self.print(line, ended)?;
                    }
                }
            }
        }
        Ok(Next::On)
    }

    fn matches(&self, address: &Address, line: &[u8], number: usize) -> Run<bool> {
        match address {
            Address::Line(wanted) => Ok(number == *wanted),
            Address::Last => Ok(number == self.last),
            Address::Matching(regular) => regular.is_match(line, &self.context.shell.budget),
        }
    }

    fn applies(&mut self, command: &Command, line: &[u8], number: usize) -> Run<bool> {
        let Some(from) = &command.from else { return Ok(true) };
        let Some(to) = &command.to else { return self.matches(from, line, number) };
        let inside = self.inside.get(command.range).copied().flatten();
        if inside.is_some() {
            let ends = match to {
                Address::Line(last) => number >= *last,
                to => self.matches(to, line, number)?,
            };
            // A range whose end is an earlier line number covers only its first line.
            let past = matches!(to, Address::Line(last) if number > *last);
            if ends && let Some(state) = self.inside.get_mut(command.range) {
                *state = None;
            }
            if !past {
                return Ok(true);
            }
        }
        if !self.matches(from, line, number)? {
            return Ok(false);
        }
        let single = matches!(to, Address::Line(last) if *last <= number);
        if !single && let Some(state) = self.inside.get_mut(command.range) {
            *state = Some(number);
        }
        Ok(true)
    }

    fn substitute(
        &self,
        line: &mut Vec<u8>,
        regular: &Regular,
        replacement: &[Piece],
        every: bool,
        nth: usize,
    ) -> Run<bool> {
        let budget = &self.context.shell.budget;
        let mut text = Vec::new();
        let (mut start, mut copied, mut count, mut changed) = (0, 0, 0, false);
        let mut last_end = None;
        while start <= line.len() {
            let Some(captures) = regular.find(line, start, budget)? else { break };
            let Some(whole) = captures.get(0) else { break };
            // An empty match directly after another match is ignored.
            if whole.is_empty() && last_end == Some(whole.start()) {
                start = whole.end() + 1;
                continue;
            }
            last_end = Some(whole.end());
            count += 1;
            if count >= nth {
                let before = line.get(copied..whole.start()).unwrap_or_default();
                budget.bytes(before.len())?;
                text.extend(before);
                for piece in replacement {
                    let bytes = match piece {
                        Piece::Text(bytes) => bytes,
                        Piece::Group(group) => captures.get(*group).map_or(&[][..], |found| found.as_bytes()),
                    };
                    budget.bytes(bytes.len())?;
                    budget.look(bytes.len())?;
                    text.extend(bytes);
                }
                copied = whole.end();
                changed = true;
                if !every {
                    break;
                }
            }
            start = if whole.is_empty() { whole.end() + 1 } else { whole.end() };
        }
        if changed {
            let after = line.get(copied..).unwrap_or_default();
            budget.bytes(after.len())?;
            text.extend(after);
            *line = text;
        }
        Ok(changed)
    }
}

struct Parser<'s, 'p, 'c, 'n> {
    rest: &'s [u8],
    extended: bool,
    ranges: usize,
    context: &'p Context<'c, 'n>,
}

impl Parser<'_, '_, '_, '_> {
    fn refuse(&self, what: &str) -> Stop {
        self.context.refuse(what)
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn next(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn skip(&mut self, wanted: &[u8]) {
        while self.peek().is_some_and(|byte| wanted.contains(&byte)) {
            self.next();
        }
    }

    fn block(&mut self, level: usize) -> Run<Vec<Command>> {
        if level > MOST_LEVELS {
            return Err(self.refuse("so deep a script"));
        }
        let mut commands = Vec::new();
        loop {
            self.skip(b" \t\n;");
            match self.peek() {
                None | Some(b'}') => return Ok(commands),
                Some(b'#') => return Err(self.refuse("a comment in a script")),
                Some(_) => commands.push(self.command(level)?),
            }
        }
    }

    fn command(&mut self, level: usize) -> Run<Command> {
        let from = self.address()?;
        self.skip(b" \t");
        let mut to = None;
        let mut range = 0;
        if self.peek() == Some(b',') && from.is_some() {
            self.next();
            self.skip(b" \t");
            to = self.address()?;
            if to.is_none() {
                return Err(self.refuse("an address of this form"));
            }
            range = self.ranges;
            self.ranges += 1;
        }
        self.skip(b" \t");
        let mut negated = false;
        while self.peek() == Some(b'!') {
            negated = true;
            self.next();
            self.skip(b" \t");
        }
        let action = match self.next() {
            Some(b'{') => {
                let commands = self.block(level + 1)?;
                if self.next() != Some(b'}') {
                    return Err(self.refuse("an unclosed brace"));
                }
                Action::Block(commands)
            }
            Some(b'p') => Action::Print,
            Some(b'd') => Action::Delete,
            Some(b'=') => Action::Number,
            Some(b'q') => {
                self.skip(b" \t");
                Action::Quit(self.number().and_then(|number| i32::try_from(number).ok()).unwrap_or(0) & 255)
            }
            Some(b's') => self.substitution()?,
            Some(other) => return Err(self.refuse(&format!("the command {}", char::from(other)))),
            None => return Err(self.refuse("an address without a command")),
        };
        self.skip(b" \t");
        match self.peek() {
            None | Some(b';' | b'\n' | b'}') => {}
            Some(_) => return Err(self.refuse("a command of this form")),
        }
        Ok(Command { from, to, negated, range, action })
    }

    fn number(&mut self) -> Option<usize> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    fn address(&mut self) -> Run<Option<Address>> {
        match self.peek() {
            Some(b'0'..=b'9') => match self.number() {
                Some(number) if number > 0 && self.peek() != Some(b'~') => Ok(Some(Address::Line(number))),
                _ => Err(self.refuse("an address of this form")),
            },
            Some(b'$') => {
                self.next();
                Ok(Some(Address::Last))
            }
            Some(b'/') => {
                self.next();
                let pattern = self.until(b'/')?;
                let fold = self.peek() == Some(b'I');
                if fold {
                    self.next();
                }
                self.regular(&pattern, fold).map(|regular| Some(Address::Matching(regular)))
            }
            _ => Ok(None),
        }
    }

    fn regular(&self, pattern: &[u8], fold: bool) -> Run<Regular> {
        if pattern.is_empty() {
            return Err(self.refuse("the last expression again"));
        }
        let manner = Manner { ignore_case: fold, ..Manner::new(Dialect::Sed, self.extended) };
        Regular::new(&[pattern], manner, &self.context.shell.budget)?.map_err(|problem| match problem {
            Problem::Invalid(what) | Problem::Unknown(what) => self.refuse(what),
        })
    }

    /// Reads up to the delimiter and skips it; an escaped delimiter is literal.
    fn until(&mut self, delimiter: u8) -> Run<Vec<u8>> {
        let mut text = Vec::new();
        while let Some(byte) = self.next() {
            match byte {
                b'\\' => match self.next() {
                    // Escaping stays necessary if the delimiter is special in regular expressions.
                    Some(next) if next == delimiter => {
                        if b".*[]^$+?(){}|&\\0123456789".contains(&delimiter) {
                            text.push(b'\\');
                        }
                        text.push(next);
                    }
                    Some(next) => text.extend([b'\\', next]),
                    None => return Err(self.refuse("a command that ends early")),
                },
                byte if byte == delimiter => return Ok(text),
                byte => text.push(byte),
            }
        }
        Err(self.refuse("a command that ends early"))
    }

    fn substitution(&mut self) -> Run<Action> {
        let delimiter = match self.next() {
            Some(byte) if byte != b'\n' && byte != b'\\' => byte,
            _ => return Err(self.refuse("a delimiter of this kind")),
        };
        let pattern = self.until(delimiter)?;
        let replacement = self.until(delimiter)?;
        let (mut every, mut print, mut fold, mut nth) = (false, false, false, 1);
        while let Some(byte) = self.peek() {
            match byte {
                b'g' => every = true,
                b'p' => print = true,
                b'i' | b'I' => fold = true,
                b'1'..=b'9' => {
                    nth = self.number().unwrap_or(1);
                    continue;
                }
                b'e' | b'w' | b'm' | b'M' => return Err(self.refuse(&format!("the flag {}", char::from(byte)))),
                _ => break,
            }
            self.next();
        }
        let regular = self.regular(&pattern, fold)?;
        let replacement = self.replacement(&replacement)?;
        Ok(Action::Substitute { regular, replacement, every, print, nth })
    }

    fn replacement(&self, text: &[u8]) -> Run<Vec<Piece>> {
        let mut pieces = Vec::new();
        let mut plain = Vec::new();
        let mut rest = text.iter();
        while let Some(byte) = rest.next() {
            let group = match byte {
                b'&' => Some(0),
                b'\\' => match rest.next() {
                    Some(digit @ b'0'..=b'9') => Some(usize::from(digit - b'0')),
                    Some(b'n') => {
                        plain.push(b'\n');
                        None
                    }
                    Some(b't') => {
                        plain.push(b'\t');
                        None
                    }
                    Some(b'a' | b'f' | b'v' | b'r' | b'd' | b'o' | b'x' | b'c' | b'L' | b'U' | b'l' | b'u' | b'E') => {
                        return Err(self.refuse("an escape in a replacement"));
                    }
                    Some(byte) => {
                        plain.push(*byte);
                        None
                    }
                    None => None,
                },
                byte => {
                    plain.push(*byte);
                    None
                }
            };
            if let Some(group) = group {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(Piece::Group(group));
            }
        }
        pieces.push(Piece::Text(plain));
        Ok(pieces)
    }
}
