//! `xargs`

use super::context::Context;
use super::options::Known;
use crate::budget::Budget;
use crate::budget::Run;
use crate::streams::{Input, Streams};
use crate::view::Lack;

/// The approximate overhead of an argument, in bytes.
const BYTES_OF_AN_ITEM: usize = 48;

const KNOWN: Known = Known {
    short: "I:r0n:",
    long: &[("no-run-if-empty", b'r'), ("null", b'0'), ("replace", b'I'), ("max-args", b'n')],
    leading: true,
};

/// Runs a command with arguments from standard input.
pub(super) fn xargs(context: &mut Context<'_, '_>) -> Run<i32> {
    let Some(given) = context.options(KNOWN)? else { return Ok(1) };
    let command = if given.operands.is_empty() { vec![b"echo".to_vec()] } else { given.operands.clone() };
    let mark = given.value(b'I').map(<[u8]>::to_vec);
    let input = context.streams.input.rest();
    context.shell.budget.look(input.len())?;
    let items = if given.has(b'0') {
        let body = input.strip_suffix(b"\0").unwrap_or(&input);
        let many = body.split(|byte| *byte == 0).count();
        context.shell.budget.bytes(many.saturating_mul(BYTES_OF_AN_ITEM))?;
        if input.is_empty() { Vec::new() } else { body.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect() }
    } else {
        // The amount of white space bounds the number of items.
        let many = input.iter().filter(|byte| byte.is_ascii_whitespace()).count();
        context.shell.budget.bytes(many.saturating_mul(BYTES_OF_AN_ITEM))?;
        match items(&input, mark.is_some()) {
            Ok(items) => items,
            Err(kind) => {
                let text = format!(
                    "unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"
                );
                context.complain(text.as_bytes())?;
                return Ok(1);
            }
        }
    };
    // The number of items per run.
    let most = match (&mark, given.value(b'n')) {
        (Some(_), _) => 1,
        (None, None) => usize::MAX,
        (None, Some(most)) => match String::from_utf8_lossy(most).parse() {
            Ok(most) if most > 0 => most,
            _ => return Err(context.refuse("a number that is none")),
        },
    };
    let mut runs: Vec<&[Vec<u8>]> = items.chunks(most).collect();
    if items.is_empty() && !given.has(b'r') && !given.has(b'I') {
        runs.push(&[]);
    }
    let streams = Streams { input: Input::default(), ..context.streams.clone() };
    let mut status = 0;
    let budget = context.shell.budget.clone();
    for items in runs {
        let arguments = match (&mark, items) {
            (Some(mark), [item]) => {
                let replaced = command.iter().map(|argument| replaced(argument, mark, item, &budget));
                replaced.collect::<Run<Vec<Vec<u8>>>>()?
            }
            _ => {
                budget.bytes(command.iter().chain(items).map(|argument| argument.len() + BYTES_OF_AN_ITEM).sum())?;
                [&command, items].concat()
            }
        };
        match run(context, &arguments, &streams)? {
            Ok(0) => {}
            Ok(255) => {
                let name = String::from_utf8_lossy(arguments.first().map_or(&[][..], Vec::as_slice)).into_owned();
                context.complain(format!("{name}: exited with status 255; aborting").as_bytes())?;
                return Ok(124);
            }
            Ok(_) => status = 123,
            Err(lack) => {
                let name = arguments.first().cloned().unwrap_or_default();
                context.complain(&[&name, b": ".as_slice(), lack.text().as_bytes()].concat())?;
                return Ok(if lack == Lack::NotFound { 127 } else { 126 });
            }
        }
    }
    Ok(status)
}

/// Runs a program; the first argument is its name.
fn run(context: &mut Context<'_, '_>, arguments: &Vec<Vec<u8>>, streams: &Streams) -> Run<Result<i32, Lack>> {
    let name = arguments.first().cloned().unwrap_or_default();
    let budget = context.shell.budget.clone();
    budget.deeper(|| context.shell.program(&name, arguments, streams))
}

/// Replaces the mark in an argument with an item.
pub(super) fn replaced(argument: &[u8], mark: &[u8], item: &[u8], budget: &Budget) -> Run<Vec<u8>> {
    budget.bytes(argument.len() + BYTES_OF_AN_ITEM)?;
    budget.look(argument.len().saturating_add(mark.len()))?;
    let mut text = Vec::new();
    let mut rest = argument;
    while !rest.is_empty() {
        if !mark.is_empty()
            && let Some(after) = rest.strip_prefix(mark)
        {
            budget.bytes(item.len())?;
            text.extend(item);
            rest = after;
        } else if let Some((byte, after)) = rest.split_first() {
            text.push(*byte);
            rest = after;
        }
    }
    Ok(text)
}

/// Splits the input into items at unquoted white space, or at line breaks (`-I`).
fn items(input: &[u8], by_lines: bool) -> Result<Vec<Vec<u8>>, &'static str> {
    let mut items = Vec::new();
    let mut item: Option<Vec<u8>> = None;
    let mut quote: Option<u8> = None;
    let mut bytes = input.iter();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(b'\''), b'\n') => return Err("single"),
            (Some(_), b'\n') => return Err("double"),
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'\'' | b'"') => {
                quote = Some(*byte);
                item.get_or_insert_default();
            }
            (None, b'\\') => item.get_or_insert_default().extend(bytes.next()),
            (None, b'\n') => items.extend(item.take()),
            // Leading blanks of a line are not part of the item.
            (None, b' ' | b'\t') if !by_lines || item.is_none() => items.extend(item.take()),
            (_, byte) => item.get_or_insert_default().push(*byte),
        }
    }
    match quote {
        Some(b'\'') => return Err("single"),
        Some(_) => return Err("double"),
        None => {}
    }
    items.extend(item);
    Ok(items)
}
