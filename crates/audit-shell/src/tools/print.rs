//! `echo` and `printf`

use super::context::Context;
use crate::budget::Run;
use crate::budget::Stop;
use crate::state::Shell;
use crate::streams::Streams;

/// The maximum width of a conversion.
const MOST_WIDTH: usize = 4096;

/// The output of `echo`. The builtin of `dash` interprets backslashes; the program only does with `-e`.
pub(crate) fn echo(arguments: &[Vec<u8>], escapes: bool) -> Vec<u8> {
    let (silent, arguments) = match arguments.split_first() {
        Some((first, rest)) if first == b"-n" => (true, rest),
        _ => (false, arguments),
    };
    let mut text = arguments.join(&b' ');
    if escapes {
        let (unescaped, ended) = unescaped(&text, true);
        text = unescaped;
        if ended {
            return text;
        }
    }
    if !silent {
        text.push(b'\n');
    }
    text
}

/// `/bin/echo`
pub(super) fn echo_program(context: &mut Context<'_, '_>) -> Run<i32> {
    let escapes = context.arguments.first().is_some_and(|first| first == b"-e");
    let arguments = context.arguments.get(usize::from(escapes)..).unwrap_or_default();
    context.print(&echo(arguments, escapes))?;
    Ok(0)
}

/// `/usr/bin/printf`
pub(super) fn printf_program(context: &mut Context<'_, '_>) -> Run<i32> {
    if context.arguments.is_empty() {
        context.usage("missing operand")?;
        return Ok(1);
    }
    printf(context.shell, &context.arguments.clone(), context.streams)
}

/// Resolves backslash escapes, and returns whether `\c` ended the text. With `zero`, octal numbers start with a zero,
/// as in `echo`.
fn unescaped(text: &[u8], zero: bool) -> (Vec<u8>, bool) {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        let Some((letter, after)) = after.split_first() else {
            bytes.push(b'\\');
            break;
        };
        rest = after;
        let octal = |digits: &[u8], most: usize| {
            let length = digits.iter().take(most).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let value = digits.iter().take(length).fold(0_u32, |value, byte| value * 8 + u32::from(byte - b'0'));
            (u8::try_from(value & 255).unwrap_or(0), length)
        };
        match letter {
            b'a' => bytes.push(7),
            b'b' => bytes.push(8),
            b'c' if zero => return (bytes, true),
            b'f' => bytes.push(12),
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'v' => bytes.push(11),
            b'\\' => bytes.push(b'\\'),
            b'0' if zero => {
                let (value, length) = octal(after, 3);
                bytes.push(value);
                rest = after.get(length..).unwrap_or_default();
            }
            b'0'..=b'7' if !zero => {
                let digits: Vec<u8> = std::iter::once(*letter).chain(after.iter().copied().take(2)).collect();
                let (value, length) = octal(&digits, 3);
                bytes.push(value);
                rest = after.get(length - 1..).unwrap_or_default();
            }
            letter => bytes.extend([b'\\', *letter]),
        }
    }
    (bytes, false)
}

/// Prints arguments with a format, which is reused until all arguments are consumed.
pub(crate) fn printf(shell: &mut Shell<'_>, arguments: &[Vec<u8>], streams: &Streams) -> Run<i32> {
    let Some((format, mut values)) = arguments.split_first() else { return Ok(0) };
    let mut status = 0;
    loop {
        let before = values.len();
        let mut text = Vec::new();
        let ended = once(shell, format, &mut values, &mut text, streams, &mut status)?;
        streams.output.write(&text, &shell.budget)?;
        shell.budget.step()?;
        if ended || values.is_empty() || values.len() == before {
            return Ok(status);
        }
    }
}

/// Applies the format once; returns whether output ends here.
fn once(
    shell: &Shell<'_>,
    format: &[u8],
    values: &mut &[Vec<u8>],
    text: &mut Vec<u8>,
    streams: &Streams,
    status: &mut i32,
) -> Run<bool> {
    let refused = |what: &str| Stop::Refused(format!("line {}: printf: {what} is not interpreted", shell.line));
    let mut rest = format;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        text.extend(unescaped(rest.get(..at).unwrap_or_default(), false).0);
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix(b"%") {
            text.push(b'%');
            rest = after;
            continue;
        }
        let take = |rest: &mut &[u8], wanted: fn(&u8) -> bool| {
            let length = rest.iter().take_while(|byte| wanted(byte)).count();
            let (taken, after) = rest.split_at(length);
            *rest = after;
            String::from_utf8_lossy(taken).into_owned()
        };
        let flags = take(&mut rest, |byte| matches!(byte, b'-' | b'0' | b'+' | b' ' | b'#'));
        let width = take(&mut rest, u8::is_ascii_digit).parse().unwrap_or(0_usize);
        let precision = rest.strip_prefix(b".").map(|after| {
            rest = after;
            take(&mut rest, u8::is_ascii_digit).parse().unwrap_or(0_usize)
        });
        if width > MOST_WIDTH {
            return Err(refused("so wide a column"));
        }
        let Some((conversion, after)) = rest.split_first() else { return Err(refused("a format that ends early")) };
        rest = after;
        shell.budget.step()?;
        let (value, more) = values.split_first().map_or((None, &[][..]), |(value, more)| (Some(value.clone()), more));
        *values = more;
        let mut body = match conversion {
            b's' => value.unwrap_or_default(),
            b'b' => {
                let (body, ended) = unescaped(&value.unwrap_or_default(), true);
                if ended {
                    text.extend(body);
                    return Ok(true);
                }
                body
            }
            b'c' => value.unwrap_or_default().into_iter().take(1).collect(),
            b'd' | b'i' | b'u' => {
                let value = value.unwrap_or_default();
                let written = String::from_utf8_lossy(&value).into_owned();
                match written.trim().parse::<i64>() {
                    Ok(number) => number.to_string().into_bytes(),
                    Err(_) if value.is_empty() => b"0".to_vec(),
                    Err(_) => {
                        let message = format!("printf: {written}: expected numeric value");
                        shell.complain(message.as_bytes(), streams)?;
                        *status = 1;
                        b"0".to_vec()
                    }
                }
            }
            _ => return Err(refused(&format!("%{}", char::from(*conversion)))),
        };
        if let Some(precision) = precision {
            if *conversion != b's' {
                return Err(refused("a precision of numbers"));
            }
            body.truncate(precision);
        }
        let fill = width.saturating_sub(body.len());
        // A short format can require much padding.
        shell.budget.bytes(fill)?;
        if flags.contains(['0', '+', ' ', '#']) {
            return Err(refused("this flag"));
        }
        if flags.contains('-') {
            text.extend(body);
            text.extend(std::iter::repeat_n(b' ', fill));
        } else {
            text.extend(std::iter::repeat_n(b' ', fill));
            text.extend(body);
        }
    }
    text.extend(unescaped(rest, false).0);
    Ok(false)
}
