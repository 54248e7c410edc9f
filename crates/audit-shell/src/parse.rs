//! Parses the text of an audit into a tree, with `dash`'s grammar.

mod word;

use std::cell::Cell;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_while};
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{opt, peek, recognize, verify};
use nom::error::ErrorKind;
use nom::{IResult, Parser};

use super::tree::{
    Chain, Command, Connector, List, Pipeline, Redirection, RedirectionKind, Script, Shape, SyntaxError,
};

/// The maximum length of a text, in bytes: audits are a hundredth of it, and a tree is a few hundred times as large as
/// its text.
const MOST_BYTES: usize = 128 << 10;

/// The maximum depth of nested compound commands and substitutions.
const MOST_LEVELS: usize = 40;

/// Reserved words, which are not commands.
const RESERVED: [&str; 15] =
    ["!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "then", "until", "while"];

/// The words that end a list of commands inside a compound command.
const CLOSING: [&str; 8] = ["}", "do", "done", "elif", "else", "esac", "fi", "then"];

/// Why and where a text cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault<'a> {
    at: &'a str,
    why: Reason,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    /// A syntax error that a shell would report too.
    Syntax(String),
    /// Syntax that is refused before the audit runs.
    Refused(&'static str),
}

impl<'a> nom::error::ParseError<&'a str> for Fault<'a> {
    fn from_error_kind(at: &'a str, _: ErrorKind) -> Self {
        Self { at, why: Reason::Refused("cannot be read") }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

type Parsed<'a, T> = IResult<&'a str, T, Fault<'a>>;

/// Why an audit is refused before it runs: the line and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) line: usize,
    pub(super) detail: String,
}

/// Parses a whole audit.
pub(super) fn script(text: &str) -> Result<Script, Refusal> {
    if text.len() > MOST_BYTES {
        return Err(Refusal { line: 1, detail: "is longer than an audit may be".to_owned() });
    }
    Grammar::new(text, 1, 0).script()
}

/// The grammar of one text.
struct Grammar<'a> {
    text: &'a str,
    /// The line on which the text begins.
    first_line: usize,
    /// The offsets of its line breaks.
    breaks: Vec<usize>,
    levels: Cell<usize>,
}

impl<'a> Grammar<'a> {
    fn new(text: &'a str, first_line: usize, level: usize) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        Self { text, first_line, breaks, levels: Cell::new(level) }
    }

    /// Parses line by line, up to the first error.
    fn script(&self) -> Result<Script, Refusal> {
        let mut script = Script::default();
        let mut rest = self.text;
        loop {
            rest = newlines(rest);
            if rest.is_empty() {
                return Ok(script);
            }
            match self.line(rest) {
                Ok((after, list)) => {
                    script.lines.push(list);
                    rest = after;
                }
                Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => {
                    let line = self.line_of(fault.at);
                    match fault.why {
                        Reason::Refused(detail) => return Err(Refusal { line, detail: detail.to_owned() }),
                        Reason::Syntax(message) => script.error = Some(SyntaxError { line, message }),
                    }
                    return Ok(script);
                }
                Err(nom::Err::Incomplete(_)) => {
                    return Err(Refusal { line: self.line_of(rest), detail: "ends too early".to_owned() });
                }
            }
        }
    }

    /// The line on which the rest of the text begins.
    fn line_of(&self, rest: &str) -> usize {
        let before = self.text.len().saturating_sub(rest.len());
        self.first_line + self.breaks.partition_point(|at| *at < before)
    }

    /// Parses one level deeper, unless the limit is reached.
    fn deeper<T>(&self, input: &'a str, parse: impl FnOnce(&'a str) -> Parsed<'a, T>) -> Parsed<'a, T> {
        if self.levels.get() >= MOST_LEVELS {
            return refused(input, "is nested too deep");
        }
        self.levels.set(self.levels.get() + 1);
        let parsed = parse(input);
        self.levels.set(self.levels.get() - 1);
        parsed
    }

    /// Parses a line of commands.
    fn line(&self, input: &'a str) -> Parsed<'a, List> {
        let mut list = List::new();
        let mut rest = input;
        loop {
            let (after, mut chain) = self.chain(rest)?;
            rest = blanks(after);
            let separator = separator(rest);
            if let Some((mark, after)) = separator {
                chain.background = mark == '&';
                rest = blanks(after);
            }
            list.push(chain);
            if rest.is_empty() || rest.starts_with('\n') {
                return Ok((rest, list));
            }
            if separator.is_none() {
                return unexpected(rest, None);
            }
        }
    }

    /// Parses commands up to a closing word or operator.
    fn list(&self, input: &'a str) -> Parsed<'a, List> {
        self.deeper(input, |input| {
            let mut list = List::new();
            let mut rest = newlines(input);
            loop {
                let (after, mut chain) = self.chain(rest)?;
                rest = blanks(after);
                let mut separated = rest.starts_with('\n');
                if let Some((mark, after)) = separator(rest) {
                    chain.background = mark == '&';
                    rest = after;
                    separated = true;
                }
                list.push(chain);
                rest = newlines(rest);
                let closes = rest.is_empty()
                    || rest.starts_with(')')
                    || rest.starts_with(";;")
                    || reserved(rest).is_some_and(|word| CLOSING.contains(&word));
                if closes || !separated {
                    return Ok((rest, list));
                }
            }
        })
    }

    fn chain(&self, input: &'a str) -> Parsed<'a, Chain> {
        let (mut rest, first) = self.pipeline(input)?;
        let mut chain = Chain { first, rest: Vec::new(), background: false };
        loop {
            rest = blanks(rest);
            let connector: Parsed<'a, &str> = alt((tag("&&"), tag("||"))).parse(rest);
            let Ok((after, mark)) = connector else { return Ok((rest, chain)) };
            let connector = if mark == "&&" { Connector::And } else { Connector::Or };
            let (after, pipeline) = self.pipeline(newlines(after))?;
            chain.rest.push((connector, pipeline));
            rest = after;
        }
    }

    fn pipeline(&self, input: &'a str) -> Parsed<'a, Pipeline> {
        let mut rest = blanks(input);
        let mut negated = false;
        if reserved(rest) == Some("!") {
            negated = true;
            rest = blanks(rest.get(1..).unwrap_or_default());
        }
        let mut commands = Vec::new();
        loop {
            let (after, command) = self.command(rest)?;
            commands.push(command);
            rest = blanks(after);
            if rest.starts_with("||") {
                return Ok((rest, Pipeline { negated, commands }));
            }
            let bar: Parsed<'a, char> = char('|').parse(rest);
            let Ok((after, _)) = bar else { return Ok((rest, Pipeline { negated, commands })) };
            rest = newlines(after);
        }
    }

    fn command(&self, input: &'a str) -> Parsed<'a, Command> {
        let input = blanks(input);
        let line = self.line_of(input);
        let (rest, shape) = if let Some(inside) = input.strip_prefix('(') {
            let (rest, list) = self.list(inside)?;
            (close(rest, ")")?, Shape::Subshell(list))
        } else {
            match reserved(input) {
                Some("{") => {
                    let (rest, list) = self.list(after_word(input, "{"))?;
                    (close(rest, "}")?, Shape::Group(list))
                }
                Some("if") => self.if_command(after_word(input, "if"))?,
                Some("for") => self.for_command(after_word(input, "for"))?,
                Some(word @ ("while" | "until")) => {
                    let (rest, condition) = self.list(after_word(input, word))?;
                    let (rest, body) = self.body(rest)?;
                    (rest, Shape::While { until: word == "until", condition, body })
                }
                Some("case") => self.case_command(after_word(input, "case"))?,
                Some(_) => return unexpected(input, None),
                None => return self.simple(input),
            }
        };
        let (rest, redirections) = self.redirections(rest)?;
        Ok((rest, Command { line, shape, redirections }))
    }

    fn if_command(&self, input: &'a str) -> Parsed<'a, Shape> {
        let mut branches = Vec::new();
        let mut rest = input;
        loop {
            let (after, condition) = self.list(rest)?;
            let (after, then) = self.list(close(after, "then")?)?;
            branches.push((condition, then));
            match reserved(after) {
                Some("elif") => rest = after_word(after, "elif"),
                Some("else") => {
                    let (after, otherwise) = self.list(after_word(after, "else"))?;
                    return Ok((close(after, "fi")?, Shape::If { branches, otherwise }));
                }
                _ => return Ok((close(after, "fi")?, Shape::If { branches, otherwise: List::new() })),
            }
        }
    }

    fn for_command(&self, input: &'a str) -> Parsed<'a, Shape> {
        let input = blanks(input);
        let named: Parsed<'a, &str> = name(input);
        let Ok((rest, variable)) = named else { return syntax(input, "Bad for loop variable") };
        let mut rest = newlines(rest);
        let mut words = None;
        if word_is(rest, "in") {
            rest = blanks(after_word(rest, "in"));
            let mut given = Vec::new();
            while let (after, Some(word)) = self.word(rest)? {
                given.push(word);
                rest = blanks(after);
            }
            if !rest.starts_with([';', '\n']) || rest.starts_with(";;") {
                return unexpected(rest, None);
            }
            words = Some(given);
        }
        let rest = newlines(rest.strip_prefix(';').unwrap_or(rest));
        let (rest, body) = self.body(rest)?;
        Ok((rest, Shape::For { variable: variable.to_owned(), words, body }))
    }

    /// Parses `do … done`.
    fn body(&self, input: &'a str) -> Parsed<'a, List> {
        let (rest, body) = self.list(close(input, "do")?)?;
        Ok((close(rest, "done")?, body))
    }

    fn case_command(&self, input: &'a str) -> Parsed<'a, Shape> {
        let (rest, Some(word)) = self.word(blanks(input))? else { return unexpected(blanks(input), None) };
        let rest = newlines(rest);
        if !word_is(rest, "in") {
            return unexpected(rest, Some("in"));
        }
        let mut rest = newlines(after_word(rest, "in"));
        let mut arms = Vec::new();
        while reserved(rest) != Some("esac") {
            rest = blanks(rest.strip_prefix('(').unwrap_or(rest));
            let mut patterns = Vec::new();
            loop {
                let (after, Some(pattern)) = self.word(rest)? else { return unexpected(rest, Some(")")) };
                patterns.push(pattern);
                rest = blanks(after);
                match rest.strip_prefix('|') {
                    Some(after) => rest = blanks(after),
                    None => break,
                }
            }
            rest = newlines(close(rest, ")")?);
            let mut list = List::new();
            if !rest.starts_with(";;") && reserved(rest) != Some("esac") {
                (rest, list) = self.list(rest)?;
            }
            arms.push((patterns, list));
            match rest.strip_prefix(";;") {
                Some(after) => rest = newlines(after),
                None => break,
            }
        }
        Ok((close(rest, "esac")?, Shape::Case { word, arms }))
    }

    /// Parses assignments, words and redirections in any order.
    fn simple(&self, input: &'a str) -> Parsed<'a, Command> {
        // dash notes the line after reading the first word.
        let mut line = None;
        let (mut assignments, mut words, mut redirections) = (Vec::new(), Vec::new(), Vec::new());
        let mut rest = input;
        loop {
            if rest.len() < input.len() {
                line = line.or_else(|| Some(self.line_of(rest)));
            }
            rest = blanks(rest);
            if let (after, Some(redirection)) = self.redirection(rest)? {
                redirections.push(redirection);
                rest = after;
                continue;
            }
            if words.is_empty()
                && let Ok((after, (name, _))) = (name, char('=')).parse(rest)
            {
                let (after, value) = self.word(after)?;
                assignments.push((name.to_owned(), value.unwrap_or_default()));
                rest = after;
                continue;
            }
            if words.len() == 1 && rest.starts_with('(') && assignments.is_empty() && redirections.is_empty() {
                return self.function(rest);
            }
            let (after, word) = self.word(rest)?;
            let Some(word) = word else { break };
            words.push(word);
            rest = after;
        }
        if assignments.is_empty() && words.is_empty() && redirections.is_empty() {
            return unexpected(rest, None);
        }
        let line = line.unwrap_or_else(|| self.line_of(rest));
        Ok((rest, Command { line, shape: Shape::Simple { assignments, words }, redirections }))
    }

    fn function(&self, input: &'a str) -> Parsed<'a, Command> {
        let line = self.line_of(input);
        let rest = blanks(input.strip_prefix('(').unwrap_or(input));
        if !rest.starts_with(')') {
            return unexpected(rest, Some(")"));
        }
        let rest = newlines(rest.strip_prefix(')').unwrap_or(rest));
        let (rest, body) = self.deeper(rest, |rest| self.command(rest))?;
        Ok((rest, Command { line, shape: Shape::Function(Box::new(body)), redirections: Vec::new() }))
    }

    fn redirections(&self, input: &'a str) -> Parsed<'a, Vec<Redirection>> {
        let mut redirections = Vec::new();
        let mut rest = blanks(input);
        while let (after, Some(redirection)) = self.redirection(rest)? {
            redirections.push(redirection);
            rest = blanks(after);
        }
        Ok((rest, redirections))
    }

    fn redirection(&self, input: &'a str) -> Parsed<'a, Option<Redirection>> {
        let marks = alt((tag("<<"), tag(">>"), tag(">&"), tag("<&"), tag(">|"), tag("<>"), tag("<"), tag(">")));
        let start: Parsed<'a, (Option<&str>, &str)> = (opt(digit1), marks).parse(input);
        let Ok((rest, (number, mark))) = start else { return Ok((input, None)) };
        if mark == "<<" {
            return if rest.starts_with('<') {
                syntax(rest, "redirection unexpected")
            } else {
                refused(input, "a here-document is not interpreted")
            };
        }
        let kind = match mark {
            "<" | "<>" => RedirectionKind::From,
            "<&" | ">&" => RedirectionKind::Copy,
            _ => RedirectionKind::To,
        };
        let usual = u32::from(!mark.starts_with('<'));
        let stream = number.and_then(|number| number.parse().ok()).unwrap_or(usual);
        let rest = blanks(rest);
        let (rest, Some(word)) = self.word(rest)? else { return unexpected(rest, None) };
        Ok((rest, Some(Redirection { stream, kind, word })))
    }
}

/// Skips spaces, escaped line breaks, and a comment.
fn blanks(input: &str) -> &str {
    let mut rest = input;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        match rest.strip_prefix("\\\n") {
            Some(joined) => rest = joined,
            None => break,
        }
    }
    if rest.starts_with('#') {
        let comment: IResult<&str, &str> = take_till(|letter| letter == '\n').parse(rest);
        return comment.map_or(rest, |(after, _)| after);
    }
    rest
}

/// Skips spaces, comments and line breaks.
fn newlines(input: &str) -> &str {
    let mut rest = blanks(input);
    while let Some(next) = rest.strip_prefix('\n') {
        rest = blanks(next);
    }
    rest
}

/// Parses `;` or `&`, and returns the rest.
fn separator(input: &str) -> Option<(char, &str)> {
    if input.starts_with(";;") || input.starts_with("&&") {
        return None;
    }
    let mark: IResult<&str, char> = one_of(";&").parse(input);
    mark.ok().map(|(rest, mark)| (mark, rest))
}

/// Parses a variable name.
fn name(input: &str) -> Parsed<'_, &str> {
    let first =
        verify(peek(nom::character::complete::anychar), |letter: &char| letter.is_ascii_alphabetic() || *letter == '_');
    recognize((first, take_while(|letter: char| letter.is_ascii_alphanumeric() || letter == '_'))).parse(input)
}

/// Whether a character ends an unquoted word.
fn ends_word(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

/// Whether the next word is exactly this one, unquoted.
fn word_is(input: &str, word: &str) -> bool {
    input.strip_prefix(word).is_some_and(|rest| rest.chars().next().is_none_or(ends_word))
}

/// The reserved word at the start of the input.
fn reserved(input: &str) -> Option<&'static str> {
    RESERVED.iter().find(|word| word_is(input, word)).copied()
}

fn after_word<'a>(input: &'a str, word: &str) -> &'a str {
    input.strip_prefix(word).unwrap_or(input)
}

/// Skips a word or operator that is required here.
fn close<'a>(input: &'a str, expected: &str) -> Result<&'a str, nom::Err<Fault<'a>>> {
    if expected == ")" {
        if let Some(rest) = input.strip_prefix(')') {
            return Ok(rest);
        }
    } else if word_is(input, expected) {
        return Ok(after_word(input, expected));
    }
    unexpected(input, Some(expected)).map(|(rest, ())| rest)
}

/// The error for a token that is not allowed here.
fn unexpected<'a, T>(input: &'a str, expected: Option<&str>) -> Parsed<'a, T> {
    let marks = ["&&", "||", ";;", ";", "&", "|", "(", ")"];
    let token = if input.is_empty() {
        "end of file".to_owned()
    } else if input.starts_with('\n') {
        "newline".to_owned()
    } else if let Some(mark) = marks.iter().find(|mark| input.starts_with(**mark)) {
        format!("\"{mark}\"")
    } else if input.starts_with(['<', '>']) {
        "redirection".to_owned()
    } else if let Some(word) = reserved(input) {
        format!("\"{word}\"")
    } else {
        "word".to_owned()
    };
    let expecting = expected.map(|expected| format!(" (expecting \"{expected}\")")).unwrap_or_default();
    syntax(input, format!("{token} unexpected{expecting}"))
}

fn syntax<T>(at: &str, message: impl Into<String>) -> Parsed<'_, T> {
    Err(nom::Err::Failure(Fault { at, why: Reason::Syntax(message.into()) }))
}

fn refused<'a, T>(at: &'a str, what: &'static str) -> Parsed<'a, T> {
    Err(nom::Err::Failure(Fault { at, why: Reason::Refused(what) }))
}
