//! Parses the expression of `find`.

use super::super::context::Context;
use crate::budget::Run;
use crate::pattern::Pattern;
use probe::FileKind;
use sorting::Sorting;

/// The maximum depth of nested parentheses.
const MOST_LEVELS: usize = 32;

#[derive(Debug, Clone)]
pub(super) enum Expression {
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Test(Test),
}

#[derive(Debug, Clone)]
pub(super) enum Test {
    True,
    Name {
        pattern: Pattern,
        fold: bool,
    },
    Path(Pattern),
    Kinds(Vec<FileKind>),
    /// `how` is the prefix: `-`, `/` or neither.
    Permissions {
        how: u8,
        mode: u32,
    },
    User(u32),
    Group(u32),
    NoUser,
    NoGroup,
    Empty,
    Print,
    PrintNull,
    Prune,
    /// `-exec … ;`
    Run(Vec<Vec<u8>>),
    /// `-exec … {} +`, without the braces.
    Gather(Vec<Vec<u8>>),
}

/// Options for the whole walk.
#[derive(Debug, Default)]
pub(super) struct FindOptions {
    pub(super) least: usize,
    pub(super) most: Option<usize>,
    /// Whether the expression has an action, which replaces the default of printing.
    pub(super) acts: bool,
}

/// Parses an expression from words; the inner error is `find`'s message.
pub(super) fn parse(words: &[Vec<u8>], context: &Context<'_, '_>) -> Run<Result<(Expression, FindOptions), Vec<u8>>> {
    let mut parser = Parser { words, at: 0, options: FindOptions::default(), context };
    if words.is_empty() {
        return Ok(Ok((Expression::Test(Test::True), parser.options)));
    }
    match parser.either(0)? {
        Ok(expression) if parser.at == words.len() => Ok(Ok((expression, parser.options))),
        Ok(_) => Ok(Err(b"invalid expression; you have too many ')'".to_vec())),
        Err(message) => Ok(Err(message)),
    }
}

struct Parser<'p, 'c, 'n> {
    words: &'p [Vec<u8>],
    at: usize,
    options: FindOptions,
    context: &'p Context<'c, 'n>,
}

type Parsed = Run<Result<Expression, Vec<u8>>>;

impl<'p> Parser<'p, '_, '_> {
    fn peek(&self) -> Option<&'p [u8]> {
        self.words.get(self.at).map(Vec::as_slice)
    }

    fn next(&mut self) -> Option<&'p [u8]> {
        let word = self.peek()?;
        self.at += 1;
        Some(word)
    }

    fn either(&mut self, level: usize) -> Parsed {
        let mut parts = Vec::new();
        loop {
            match self.both(level)? {
                Ok(part) => parts.push(part),
                Err(message) => return Ok(Err(message)),
            }
            if !matches!(self.peek(), Some(b"-o" | b"-or")) {
                return Ok(Ok(Expression::Or(parts)));
            }
            self.at += 1;
        }
    }

    fn both(&mut self, level: usize) -> Parsed {
        let mut parts = Vec::new();
        loop {
            match self.one(level)? {
                Ok(part) => parts.push(part),
                Err(message) => return Ok(Err(message)),
            }
            match self.peek() {
                Some(b"-a" | b"-and") => self.at += 1,
                None | Some(b"-o" | b"-or" | b")") => return Ok(Ok(Expression::And(parts))),
                Some(_) => {}
            }
        }
    }

    fn one(&mut self, level: usize) -> Parsed {
        if level > MOST_LEVELS {
            return Err(self.context.refuse("so deep an expression"));
        }
        let Some(word) = self.next() else {
            return Err(self.context.refuse("an expression that ends early"));
        };
        match word {
            b"!" | b"-not" => Ok(self.one(level + 1)?.map(|inner| Expression::Not(Box::new(inner)))),
            b"(" => {
                let inner = self.either(level + 1)?;
                if inner.is_ok() && self.next() != Some(b")") {
                    return Err(self.context.refuse("an unclosed bracket"));
                }
                Ok(inner)
            }
            word => Ok(self.test(word)?.map(Expression::Test)),
        }
    }

    fn test(&mut self, word: &[u8]) -> Run<Result<Test, Vec<u8>>> {
        let shown = String::from_utf8_lossy(word).into_owned();
        let plain = match word {
            b"-print" => Some(Test::Print),
            b"-print0" => Some(Test::PrintNull),
            b"-prune" => Some(Test::Prune),
            b"-empty" => Some(Test::Empty),
            b"-nouser" => Some(Test::NoUser),
            b"-nogroup" => Some(Test::NoGroup),
            // The whole node counts as one file system.
            b"-true" | b"-xdev" | b"-mount" | b"-noleaf" => Some(Test::True),
            b"-exec" => return self.command().map(Ok),
            _ => None,
        };
        if let Some(test) = plain {
            self.options.acts |= matches!(test, Test::Print | Test::PrintNull);
            return Ok(Ok(test));
        }
        let known: [&[u8]; 11] = [
            b"-name",
            b"-iname",
            b"-path",
            b"-wholename",
            b"-type",
            b"-perm",
            b"-user",
            b"-group",
            b"-maxdepth",
            b"-mindepth",
            b"-uid",
        ];
        if !known.contains(&word) {
            let changing: [&[u8]; 8] =
                [b"-delete", b"-fprint", b"-fprint0", b"-fprintf", b"-ok", b"-execdir", b"-okdir", b"-fls"];
            return Err(if changing.contains(&word) {
                self.context.changes(&shown)
            } else {
                self.context.refuse(&format!("the word {shown}"))
            });
        }
        let Some(value) = self.next() else { return Ok(Err(format!("missing argument to `{shown}'").into_bytes())) };
        let text = String::from_utf8_lossy(value).into_owned();
        let budget = &self.context.shell.budget;
        let number = || text.parse::<usize>().map_err(|_| self.context.refuse(&format!("{shown} {text}")));
        Ok(Ok(match word {
            b"-name" => Test::Name { pattern: Pattern::of_argument(value, budget)?, fold: false },
            b"-iname" => Test::Name { pattern: Pattern::of_argument(&value.to_ascii_lowercase(), budget)?, fold: true },
            b"-path" | b"-wholename" => Test::Path(Pattern::of_argument(value, budget)?),
            b"-type" => {
                let kinds: Option<Vec<FileKind>> = text.split(',').map(kind).collect();
                let mut kinds = kinds.ok_or_else(|| self.context.refuse(&format!("-type {text}")))?;
                kinds.order();
                kinds.dedup();
                Test::Kinds(kinds)
            }
            b"-perm" => {
                let (how, digits) = match value.split_first() {
                    Some((how @ (b'-' | b'/'), _)) => (*how, text.get(1..).unwrap_or_default()),
                    _ => (0, text.as_str()),
                };
                let mode = u32::from_str_radix(digits, 8).ok().filter(|mode| *mode <= 0o7777);
                let mode = mode.ok_or_else(|| self.context.refuse(&format!("-perm {text}")))?;
                Test::Permissions { how, mode }
            }
            b"-user" | b"-uid" => match self.context.shell.node.user_id(&text)?.or_else(|| text.parse().ok()) {
                Some(id) => Test::User(id),
                None => return Ok(Err(format!("‘{text}’ is not the name of a known user").into_bytes())),
            },
            b"-group" => match self.context.shell.node.group_id(&text)?.or_else(|| text.parse().ok()) {
                Some(id) => Test::Group(id),
                None => return Ok(Err(format!("‘{text}’ is not the name of an existing group").into_bytes())),
            },
            b"-maxdepth" => {
                let most = number()?;
                self.options.most = Some(most);
                Test::True
            }
            _ => {
                let least = number()?;
                self.options.least = least;
                Test::True
            }
        }))
    }

    /// Parses the words of `-exec` up to `;` or `{} +`.
    fn command(&mut self) -> Run<Test> {
        let mut words: Vec<Vec<u8>> = Vec::new();
        self.options.acts = true;
        while let Some(word) = self.next() {
            if word == b";" && !words.is_empty() {
                return Ok(Test::Run(words));
            }
            if word == b"+" && words.last().is_some_and(|last| last == b"{}") {
                words.pop();
                return Ok(Test::Gather(words));
            }
            words.push(word.to_vec());
        }
        Err(self.context.refuse("-exec without an end"))
    }
}

fn kind(letter: &str) -> Option<FileKind> {
    Some(match letter {
        "f" => FileKind::File,
        "d" => FileKind::Directory,
        "l" => FileKind::Link,
        "p" => FileKind::Fifo,
        "s" => FileKind::Socket,
        "b" | "c" => FileKind::Device,
        _ => return None,
    })
}
