//! `tr`

use super::context::Context;
use super::options::Known;
use crate::budget::Run;
use crate::pattern::class;

/// Replaces, deletes or squeezes bytes.
pub(super) fn tr(context: &mut Context<'_, '_>) -> Run<i32> {
    let long = &[("delete", b'd'), ("squeeze-repeats", b's'), ("complement", b'c')];
    let Some(given) = context.options(Known { short: "dscC", long, leading: true })? else { return Ok(1) };
    let mut sets = Vec::new();
    for operand in &given.operands {
        // Two bytes of a set can expand to 256.
        context.shell.budget.bytes(operand.len().saturating_mul(128))?;
        sets.push(set(operand).ok_or_else(|| context.refuse("a set of this form"))?);
    }
    let (delete, squeeze) = (given.has(b'd'), given.has(b's'));
    let complement = given.has(b'c') || given.has(b'C');
    let (first, second) = match (sets.as_slice(), delete, squeeze) {
        ([first], true, false) | ([first], false, true) => (first.clone(), None),
        ([first, second], false, _) | ([first, second], true, true) => (first.clone(), Some(second.clone())),
        _ => {
            context.usage("missing operand")?;
            return Ok(1);
        }
    };
    let first: Vec<u8> = if complement { (0..=255).filter(|byte| !first.contains(byte)).collect() } else { first };
    let squeezed = if squeeze { second.clone().unwrap_or_else(|| first.clone()) } else { Vec::new() };
    // The replacement of each byte; `None` if it is deleted.
    let mut becomes: Vec<Option<u8>> = (0..=255).map(Some).collect();
    for (place, byte) in first.iter().enumerate().rev() {
        if let Some(entry) = becomes.get_mut(usize::from(*byte)) {
            *entry = match &second {
                _ if delete => None,
                Some(second) => second.get(place).or(second.last()).copied().or(Some(*byte)),
                None => Some(*byte),
            };
        }
    }
    let mut is_squeezed = [false; 256];
    for byte in squeezed {
        if let Some(entry) = is_squeezed.get_mut(usize::from(byte)) {
            *entry = true;
        }
    }
    let input = context.streams.input.rest();
    context.shell.budget.look(input.len())?;
    let mut output: Vec<u8> = Vec::with_capacity(input.len());
    for byte in input {
        let Some(byte) = becomes.get(usize::from(byte)).copied().flatten() else { continue };
        if output.last() == Some(&byte) && is_squeezed.get(usize::from(byte)) == Some(&true) {
            continue;
        }
        output.push(byte);
    }
    context.print(&output)?;
    Ok(0)
}

/// Expands a set to its bytes; `None` if its syntax is not supported.
fn set(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        if let Some(inside) = rest.strip_prefix(b"[:") {
            let end = inside.windows(2).position(|pair| pair == b":]")?;
            for (first, last) in class(inside.get(..end)?)? {
                bytes.extend(*first..=*last);
            }
            rest = inside.get(end + 2..)?;
            continue;
        }
        if !byte.is_ascii() || rest.starts_with(b"[=") {
            return None;
        }
        let (byte, after) = if *byte == b'\\' { escaped(after)? } else { (*byte, after) };
        match after {
            [b'-', last, more @ ..] if *last != b'\\' => {
                if byte > *last || *last == b'[' {
                    return None;
                }
                bytes.extend(byte..=*last);
                rest = more;
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    Some(bytes)
}

/// Resolves the escape after a backslash.
fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    let (byte, rest) = text.split_first()?;
    Some(match byte {
        b'n' => (b'\n', rest),
        b't' => (b'\t', rest),
        b'r' => (b'\r', rest),
        b'0'..=b'7' => {
            let length = text.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let digits = std::str::from_utf8(text.get(..length)?).ok()?;
            (u8::from_str_radix(digits, 8).ok()?, text.get(length..)?)
        }
        b'a' | b'b' | b'f' | b'v' => return None,
        byte => (*byte, rest),
    })
}
