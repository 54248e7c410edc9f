//! `grep`, `egrep` and `fgrep`

use super::context::Context;
use super::options::{Given, Known};
use crate::budget::Run;
use crate::regex::{Dialect, Manner, Problem, Regular};
use crate::view::Lack;

const KNOWN: Known = Known {
    short: "EFGivcnqsowxlLhHae:f:A:B:C:m:r",
    long: &[
        ("extended-regexp", b'E'),
        ("fixed-strings", b'F'),
        ("ignore-case", b'i'),
        ("invert-match", b'v'),
        ("count", b'c'),
        ("line-number", b'n'),
        ("quiet", b'q'),
        ("silent", b'q'),
        ("no-messages", b's'),
        ("only-matching", b'o'),
        ("word-regexp", b'w'),
        ("line-regexp", b'x'),
        ("files-with-matches", b'l'),
        ("no-filename", b'h'),
        ("with-filename", b'H'),
        ("text", b'a'),
        ("regexp", b'e'),
        ("after-context", b'A'),
        ("before-context", b'B'),
        ("context", b'C'),
        ("max-count", b'm'),
        // The output is not a terminal.
        ("color", b'U'),
        ("colour", b'U'),
    ],
    leading: false,
};

pub(super) fn grep(context: &mut Context<'_, '_>) -> Run<i32> {
    grep_as(context, false, false)
}

pub(super) fn egrep(context: &mut Context<'_, '_>) -> Run<i32> {
    context.complain(b"warning: egrep is obsolescent; using grep -E")?;
    context.name = b"grep".to_vec();
    grep_as(context, true, false)
}

pub(super) fn fgrep(context: &mut Context<'_, '_>) -> Run<i32> {
    context.complain(b"warning: fgrep is obsolescent; using grep -F")?;
    context.name = b"grep".to_vec();
    grep_as(context, false, true)
}

/// The output options.
#[expect(clippy::struct_excessive_bools, reason = "independent command-line switches of a program")]
struct Printing {
    inverted: bool,
    count: bool,
    numbers: bool,
    quiet: bool,
    matches: bool,
    names: bool,
    with_name: bool,
    before: usize,
    after: usize,
    most: Option<usize>,
}

fn grep_as(context: &mut Context<'_, '_>, extended: bool, fixed: bool) -> Run<i32> {
    let Some(mut given) = context.options(KNOWN)? else {
        return Ok(2);
    };
    if given.has(b'f') || given.has(b'L') || given.has(b'r') {
        return Err(context.refuse("an option like -f, -L or -r"));
    }
    let mut patterns: Vec<Vec<u8>> =
        given.options.iter().filter(|(letter, _)| *letter == b'e').map(|(_, value)| value.clone()).collect();
    if patterns.is_empty() {
        if given.operands.is_empty() {
            let text = b"Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";
            context.streams.errors.write(text, &context.shell.budget)?;
            return Ok(2);
        }
        patterns.push(given.operands.remove(0));
    }
    let last =
        given.options.iter().rev().find(|(letter, _)| matches!(letter, b'E' | b'F' | b'G')).map(|(letter, _)| *letter);
    let manner = Manner {
        extended: last.map_or(extended, |letter| letter == b'E'),
        fixed: last.map_or(fixed, |letter| letter == b'F'),
        ignore_case: given.has(b'i'),
        whole_words: given.has(b'w'),
        whole_lines: given.has(b'x'),
        ..Manner::new(Dialect::Grep, false)
    };
    let alternatives: Vec<&[u8]> = patterns.iter().flat_map(|pattern| pattern.split(|byte| *byte == b'\n')).collect();
    let regular = match Regular::new(&alternatives, manner, &context.shell.budget)? {
        Ok(regular) => regular,
        Err(Problem::Invalid(what)) => {
            context.complain(what.as_bytes())?;
            return Ok(2);
        }
        Err(Problem::Unknown(what)) => return Err(context.refuse(what)),
    };
    let printing = printing(context, &given)?;
    // grep exits early if nothing can match, without printing counts.
    let nothing = patterns.iter().all(Vec::is_empty) && printing.inverted && !manner.whole_words && !manner.whole_lines;
    if nothing || printing.most == Some(0) {
        return Ok(1);
    }
    if given.operands.is_empty() {
        given.operands.push(b"-".to_vec());
    }
    let (mut found_any, mut failed) = (false, false);
    for path in &given.operands {
        match context.content(path)? {
            Ok(bytes) => {
                found_any |= search(context, path, &bytes, &regular, &printing)?;
                if found_any && printing.quiet {
                    return Ok(0);
                }
            }
            Err(lack) => {
                failed = true;
                if !given.has(b's') {
                    context.complain(&[path, b": ".as_slice(), lack.text().as_bytes()].concat())?;
                }
                // A directory can be opened, but has no matches.
                if lack == Lack::IsADirectory {
                    search(context, path, b"", &regular, &printing)?;
                }
            }
        }
    }
    Ok(if failed { 2 } else { i32::from(!found_any) })
}

fn printing(context: &Context<'_, '_>, given: &Given) -> Run<Printing> {
    let number = |letter: u8| match given.value(letter) {
        None => Ok(None),
        Some(value) => {
            let parsed = String::from_utf8_lossy(value).parse::<usize>();
            parsed.map(Some).map_err(|_| context.refuse("a number that is none"))
        }
    };
    let around = number(b'C')?.unwrap_or(0);
    Ok(Printing {
        inverted: given.has(b'v'),
        count: given.has(b'c'),
        numbers: given.has(b'n'),
        quiet: given.has(b'q'),
        matches: given.has(b'o'),
        names: given.has(b'l'),
        with_name: given.has(b'H') || (given.operands.len() > 1 && !given.has(b'h')),
        before: number(b'B')?.unwrap_or(around),
        after: number(b'A')?.unwrap_or(around),
        most: number(b'm')?,
    })
}

/// Searches one file; returns whether anything matched.
fn search(context: &Context<'_, '_>, path: &[u8], bytes: &[u8], regular: &Regular, how: &Printing) -> Run<bool> {
    let budget = context.shell.budget.clone();
    let lines = context.all_lines(bytes)?;
    let is_binary = bytes.contains(&0);
    let shown: &[u8] = if path == b"-" { b"(standard input)" } else { path };
    let mut count = 0_usize;
    // The first line not yet printed, and the number of context lines still due after the last match.
    let (mut unprinted, mut owed) = (0_usize, 0_usize);
    let prefix = |number: usize, mark: &[u8]| {
        let mut text = Vec::new();
        if how.with_name {
            text.extend([shown, mark].concat());
        }
        if how.numbers {
            text.extend([number.to_string().as_bytes(), mark].concat());
        }
        text
    };
    for (index, line) in lines.iter().enumerate() {
        let found = regular.is_match(line, &budget)? != how.inverted;
        if found && how.most.is_none_or(|most| count < most) {
            count += 1;
            if how.quiet || how.names {
                break;
            }
            if how.count {
                continue;
            }
            if is_binary {
                context.line(&[b"grep: ", shown, b": binary file matches"].concat())?;
                return Ok(true);
            }
            if how.matches {
                if !how.inverted {
                    print_matches(context, regular, line, &prefix(index + 1, b":"))?;
                }
                continue;
            }
            let first = index.saturating_sub(how.before).max(unprinted);
            if first > unprinted && count > 1 && (how.before > 0 || how.after > 0) {
                context.line(b"--")?;
            }
            for (number, line) in lines.iter().enumerate().take(index).skip(first) {
                context.line(&[&prefix(number + 1, b"-"), *line].concat())?;
            }
            if how.with_name || how.numbers {
                context.print(&prefix(index + 1, b":"))?;
            }
            context.line(line)?;
            unprinted = index + 1;
            owed = how.after;
        } else if owed > 0 && !how.count && !how.matches && !is_binary {
            owed -= 1;
            context.line(&[&prefix(index + 1, b"-"), *line].concat())?;
            unprinted = index + 1;
        } else if how.most.is_some_and(|most| count >= most) {
            break;
        }
    }
    if how.names && count > 0 && !how.quiet {
        context.line(shown)?;
    } else if how.count && !how.quiet && !how.names {
        let name = if how.with_name { [shown, b":"].concat() } else { Vec::new() };
        context.line(&[&name, count.to_string().as_bytes()].concat())?;
    }
    Ok(count > 0)
}

/// Prints each non-empty match on its own line (`-o`).
fn print_matches(context: &Context<'_, '_>, regular: &Regular, line: &[u8], prefix: &[u8]) -> Run<()> {
    let mut start = 0;
    while start <= line.len() {
        let found = regular.find(line, start, &context.shell.budget)?;
        let Some(found) = found.and_then(|captures| captures.get(0)) else { break };
        if found.is_empty() {
            start = found.end() + 1;
            continue;
        }
        context.line(&[prefix, found.as_bytes()].concat())?;
        start = found.end();
    }
    Ok(())
}
