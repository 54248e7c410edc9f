//! Parses words: quotes, variables and substitutions.

use nom::Parser;
use nom::bytes::complete::{take_till1, take_while1};
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{opt, recognize};

use super::{Fault, Grammar, Parsed, close, ends_word, name, refused, syntax};
use crate::tree::{Change, Parameter, Part, Script, Word};

/// What ends a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// A character that ends unquoted words.
    Blank,
    /// The brace of `${…}`.
    Brace,
}

impl<'a> Grammar<'a> {
    /// Parses a word, if there is one.
    pub(super) fn word(&self, input: &'a str) -> Parsed<'a, Option<Word>> {
        let (rest, word) = self.word_until(input, End::Blank, false)?;
        Ok((rest, Some(word).filter(|word| !word.0.is_empty())))
    }

    fn word_until(&self, input: &'a str, end: End, in_quotes: bool) -> Parsed<'a, Word> {
        let mut parts = Vec::new();
        let mut rest = input;
        while let Some(letter) = rest.chars().next() {
            let ends = match end {
                End::Blank => ends_word(letter),
                End::Brace => letter == '}',
            };
            if ends {
                break;
            }
            let inside = rest.get(letter.len_utf8()..).unwrap_or_default();
            rest = match letter {
                '\\' => {
                    let Some(next) = inside.chars().next() else {
                        parts.push(text("\\", true));
                        rest = inside;
                        break;
                    };
                    if next != '\n' {
                        parts.push(text(next.encode_utf8(&mut [0; 4]), true));
                    }
                    inside.get(next.len_utf8()..).unwrap_or_default()
                }
                '\'' if !in_quotes => {
                    let Some((quoted, after)) = inside.split_once('\'') else {
                        return refused(rest, "has an unclosed quote");
                    };
                    parts.push(text(quoted, true));
                    after
                }
                '"' => {
                    let (after, quoted) = self.double_quoted(inside)?;
                    parts.extend(quoted);
                    after
                }
                '$' => {
                    let (after, part) = self.dollar(rest, in_quotes)?;
                    parts.push(part);
                    after
                }
                '`' => {
                    let (after, part) = self.backquoted(inside, in_quotes)?;
                    parts.push(part);
                    after
                }
                _ => {
                    let plain = |letter: char| match end {
                        End::Blank => ends_word(letter) || matches!(letter, '\\' | '\'' | '"' | '$' | '`'),
                        End::Brace => matches!(letter, '}' | '\\' | '\'' | '"' | '$' | '`'),
                    };
                    let run: Parsed<'a, &str> = take_till1(plain).parse(rest);
                    // A quote that is literal inside other quotes.
                    let (after, run) = run.unwrap_or((inside, rest.get(..letter.len_utf8()).unwrap_or_default()));
                    parts.push(text(run, in_quotes));
                    after
                }
            };
        }
        Ok((rest, Word(parts)))
    }

    /// Parses the content of double quotes, after the opening one.
    fn double_quoted(&self, input: &'a str) -> Parsed<'a, Vec<Part>> {
        // Empty quotes are a word, too.
        let mut parts = vec![text("", true)];
        let mut rest = input;
        while let Some(letter) = rest.chars().next() {
            let inside = rest.get(letter.len_utf8()..).unwrap_or_default();
            rest = match letter {
                '"' => return Ok((inside, parts)),
                '\\' => {
                    let escaped: Parsed<'a, char> = one_of("$`\"\\\n").parse(inside);
                    match escaped {
                        Ok((after, '\n')) => after,
                        Ok((after, letter)) => {
                            parts.push(text(letter.encode_utf8(&mut [0; 4]), true));
                            after
                        }
                        Err(_) => {
                            parts.push(text("\\", true));
                            inside
                        }
                    }
                }
                '$' => {
                    let (after, part) = self.dollar(rest, true)?;
                    parts.push(part);
                    after
                }
                '`' => {
                    let (after, part) = self.backquoted(inside, true)?;
                    parts.push(part);
                    after
                }
                _ => {
                    let run: Parsed<'a, &str> =
                        take_till1(|letter| matches!(letter, '"' | '\\' | '$' | '`')).parse(rest);
                    let (after, run) = run?;
                    parts.push(text(run, true));
                    after
                }
            };
        }
        refused(input, "has an unclosed quote")
    }

    /// Parses an expansion that starts with a dollar sign.
    fn dollar(&self, input: &'a str, quoted: bool) -> Parsed<'a, Part> {
        let rest = input.strip_prefix('$').unwrap_or(input);
        if let Some(inside) = rest.strip_prefix("((") {
            return arithmetic(inside);
        }
        if let Some(inside) = rest.strip_prefix('(') {
            let (rest, list) = if super::newlines(inside).starts_with(')') {
                (super::newlines(inside), Vec::new())
            } else {
                self.list(inside)?
            };
            let lines = if list.is_empty() { Vec::new() } else { vec![list] };
            return Ok((close(rest, ")")?, Part::Output { commands: Script { lines, error: None }, quoted }));
        }
        if let Some(inside) = rest.strip_prefix('{') {
            return self.deeper(inside, |inside| self.braces(inside, quoted));
        }
        let special = recognize(one_of::<_, _, Fault<'a>>("@*#?$!-0123456789"));
        match nom::branch::alt((name, special)).parse(rest) {
            Ok((rest, name)) => {
                let parameter = Parameter { name: name.to_owned(), change: Change::None };
                Ok((rest, Part::Parameter { parameter, quoted }))
            }
            Err(_) => Ok((rest, text("$", quoted))),
        }
    }

    /// Parses `${…}` after its opening brace.
    fn braces(&self, input: &'a str, quoted: bool) -> Parsed<'a, Part> {
        let known = |rest: &'a str, name: &str, change: Change| {
            let parameter = Parameter { name: name.to_owned(), change };
            Ok((rest, Part::Parameter { parameter, quoted }))
        };
        let any_name = || {
            let special = recognize(one_of::<_, _, Fault<'a>>("@*#?$!-"));
            nom::branch::alt((name, digit1, special))
        };
        let length: Parsed<'a, (char, &str, char)> = (char('#'), any_name(), char('}')).parse(input);
        if let Ok((rest, (_, name, _))) = length {
            return known(rest, name, Change::Length);
        }
        let Ok((rest, name)) = any_name().parse(input) else { return self.unknown_braces(input, quoted) };
        if let Some(rest) = rest.strip_prefix('}') {
            return known(rest, name, Change::None);
        }
        let otherwise: Parsed<'a, (Option<char>, char)> = (opt(char(':')), one_of("-=?+")).parse(rest);
        if let Ok((rest, (colon, how))) = otherwise {
            let (rest, word) = self.brace_word(rest, quoted)?;
            return known(rest, name, Change::Otherwise { how, colon: colon.is_some(), word });
        }
        let without: Parsed<'a, &str> = take_while1(|letter| matches!(letter, '%' | '#')).parse(rest);
        if let Ok((after, mark)) = without
            && matches!(mark, "%" | "%%" | "#" | "##")
        {
            let (rest, pattern) = self.brace_word(after, false)?;
            let change = Change::Without { suffix: mark.starts_with('%'), longest: mark.len() == 2, pattern };
            return known(rest, name, change);
        }
        self.unknown_braces(rest, quoted)
    }

    fn brace_word(&self, input: &'a str, in_quotes: bool) -> Parsed<'a, Word> {
        let (rest, word) = self.word_until(input, End::Brace, in_quotes)?;
        match rest.strip_prefix('}') {
            Some(rest) => Ok((rest, word)),
            None => syntax(rest, "Missing '}'"),
        }
    }

    /// Skips a form that is not in POSIX.
    fn unknown_braces(&self, input: &'a str, in_quotes: bool) -> Parsed<'a, Part> {
        let (rest, _) = self.brace_word(input, in_quotes)?;
        Ok((rest, Part::Unknown("a form of ${…} that is not interpreted")))
    }

    /// Parses the content of backquotes, after the opening one.
    fn backquoted(&self, input: &'a str, quoted: bool) -> Parsed<'a, Part> {
        let mut script = String::new();
        let mut letters = input.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '`' => {
                    let rest = input.get(at + 1..).unwrap_or_default();
                    return self.deeper(rest, |rest| {
                        match Grammar::new(&script, self.line_of(input), self.levels.get()).script() {
                            Ok(Script { error: Some(error), .. }) => syntax(input, error.message),
                            Ok(commands) => Ok((rest, Part::Output { commands, quoted })),
                            Err(refusal) if refusal.detail.contains("deep") => refused(input, "is nested too deep"),
                            Err(_) => refused(input, "has a substitution that is not interpreted"),
                        }
                    });
                }
                '\\' => match letters.next() {
                    Some((_, letter @ ('`' | '$' | '\\'))) => script.push(letter),
                    Some((_, '"')) if quoted => script.push('"'),
                    Some((_, '\n')) => {}
                    Some((_, letter)) => script.extend(['\\', letter]),
                    None => script.push('\\'),
                },
                letter => script.push(letter),
            }
        }
        refused(input, "has a backquote that is not closed")
    }
}

/// Skips `$((…))` after its opening parentheses: recognised, but not interpreted.
fn arithmetic(input: &str) -> Parsed<'_, Part> {
    let mut open = 2_usize;
    for (at, letter) in input.char_indices() {
        match letter {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            let rest = input.get(at + 1..).unwrap_or_default();
            return Ok((rest, Part::Unknown("arithmetic, which is not interpreted")));
        }
    }
    refused(input, "has an unclosed bracket")
}

fn text(text: &str, quoted: bool) -> Part {
    Part::Text { text: text.to_owned(), quoted }
}
