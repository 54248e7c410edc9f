//! `head` and `tail`

use super::context::{Context, quoted};
use super::options::Known;
use crate::budget::Run;
use crate::view::Lack;

const KNOWN: Known = Known {
    short: "n:c:q",
    long: &[("lines", b'n'), ("bytes", b'c'), ("quiet", b'q'), ("silent", b'q')],
    leading: false,
};

/// Prints the beginning of files.
pub(super) fn head(context: &mut Context<'_, '_>) -> Run<i32> {
    ends(context, |bytes, number, sign, unit| {
        let keep = if sign == Some(b'-') { unit.count(bytes).saturating_sub(number) } else { number };
        bytes.get(..unit.start(bytes, keep)).unwrap_or_default()
    })
}

/// Prints the end of files.
pub(super) fn tail(context: &mut Context<'_, '_>) -> Run<i32> {
    ends(context, |bytes, number, sign, unit| {
        let skip = if sign == Some(b'+') { number.saturating_sub(1) } else { unit.count(bytes).saturating_sub(number) };
        bytes.get(unit.start(bytes, skip)..).unwrap_or_default()
    })
}

/// The unit of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Bytes,
    Lines,
}

impl Unit {
    /// The number of units.
    fn count(self, bytes: &[u8]) -> usize {
        match self {
            Self::Bytes => bytes.len(),
            Self::Lines => bytes.split_inclusive(|byte| *byte == b'\n').count(),
        }
    }

    /// The offset of the unit with this number, counted from 0.
    fn start(self, bytes: &[u8], number: usize) -> usize {
        match self {
            Self::Bytes => number.min(bytes.len()),
            Self::Lines => bytes.split_inclusive(|byte| *byte == b'\n').take(number).map(<[u8]>::len).sum(),
        }
    }
}

/// Selects the part of a file to print, by a number and the sign before it.
type Cut = fn(&[u8], usize, Option<u8>, Unit) -> &[u8];

fn ends(context: &mut Context<'_, '_>, cut: Cut) -> Run<i32> {
    // `-5` means `-n 5`.
    if let Some(first) = context.arguments.first_mut()
        && first.len() > 1
        && first.starts_with(b"-")
        && first.get(1..).is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
    {
        first.insert(1, b'n');
    }
    let Some(mut given) = context.options(KNOWN)? else { return Ok(1) };
    let by_bytes = given.options.last().is_some_and(|(letter, _)| *letter == b'c');
    let value = given.value(if by_bytes { b'c' } else { b'n' }).unwrap_or(b"10").to_vec();
    let sign = value.first().copied().filter(|byte| matches!(byte, b'+' | b'-'));
    let digits = value.get(usize::from(sign.is_some())..).unwrap_or_default();
    let Ok(number) = String::from_utf8_lossy(digits).parse::<usize>() else {
        return Err(context.refuse("a number that is none"));
    };
    let unit = if by_bytes { Unit::Bytes } else { Unit::Lines };
    if given.operands.is_empty() {
        given.operands.push(b"-".to_vec());
    }
    let titled = given.operands.len() > 1 && !given.has(b'q');
    let (mut status, mut begun) = (0, false);
    for path in &given.operands {
        let held = context.content(path)?;
        // A directory can be opened, but reading it fails.
        let opened = matches!(held, Ok(_) | Err(Lack::IsADirectory));
        if titled && opened {
            let gap: &[u8] = if begun { b"\n" } else { b"" };
            let shown: &[u8] = if path == b"-" { b"standard input" } else { path };
            context.line(&[gap, b"==> ", shown, b" <=="].concat())?;
        }
        begun |= opened;
        let (before, after): (&[u8], &[u8]) = match held {
            Ok(bytes) => {
                context.print(cut(&bytes, number, sign, unit))?;
                continue;
            }
            Err(Lack::IsADirectory) => (b"error reading ", b": "),
            Err(_) => (b"cannot open ", b" for reading: "),
        };
        let lack = held.err().map_or("", Lack::text);
        context.complain(&[before, &quoted(path), after, lack.as_bytes()].concat())?;
        status = 1;
    }
    Ok(status)
}
