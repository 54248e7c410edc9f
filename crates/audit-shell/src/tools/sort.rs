//! `sort` and `uniq`, in the C locale.

use sorting::Sorting;

use super::context::Context;
use super::options::Known;
use crate::budget::Run;

/// Sorts the lines of all files together.
pub(super) fn sort(context: &mut Context<'_, '_>) -> Run<i32> {
    let long = &[("unique", b'u'), ("reverse", b'r'), ("numeric-sort", b'n')];
    let Some(mut given) = context.options(Known { short: "urn", long, leading: false })? else { return Ok(2) };
    if given.operands.is_empty() {
        given.operands.push(b"-".to_vec());
    }
    let mut held = Vec::new();
    for path in &given.operands {
        match context.content(path)? {
            Ok(bytes) => {
                context.shell.budget.bytes(bytes.len())?;
                held.push(bytes);
            }
            Err(lack) => {
                context.complain(&[b"cannot read: ", &path[..], b": ", lack.text().as_bytes()].concat())?;
                return Ok(2);
            }
        }
    }
    let (numeric, unique, reverse) = (given.has(b'n'), given.has(b'u'), given.has(b'r'));
    let mut all: Vec<(f64, &[u8])> = Vec::new();
    for bytes in &held {
        all.extend(context.all_lines(bytes)?.into_iter().map(|line| (if numeric { number(line) } else { 0.0 }, line)));
    }
    // Each of n lines is compared about log2(n) times.
    let bytes: usize = held.iter().map(Vec::len).sum();
    let rounds = usize::try_from(all.len().checked_ilog2().unwrap_or(0)).unwrap_or(0);
    context.shell.budget.look(bytes.saturating_add(all.len().saturating_mul(16)).saturating_mul(rounds))?;
    all.order_by(|(value, one), (others, other)| {
        let ordered = if numeric { value.total_cmp(others) } else { one.cmp(other) };
        // Lines with equal keys are ordered by their text, unless only one of them is kept.
        let ordered = if unique { ordered } else { ordered.then_with(|| one.cmp(other)) };
        if reverse { ordered.reverse() } else { ordered }
    });
    if unique {
        all.dedup_by(
            |(value, one), (others, other)| {
                if numeric { value.total_cmp(others).is_eq() } else { one == other }
            },
        );
    }
    for (_, line) in all {
        context.shell.budget.step()?;
        context.line(line)?;
    }
    Ok(0)
}

/// The number at the start of a line.
fn number(line: &[u8]) -> f64 {
    let text = line.trim_ascii_start();
    let end = text
        .iter()
        .enumerate()
        .take_while(|(at, byte)| byte.is_ascii_digit() || **byte == b'.' || (*at == 0 && **byte == b'-'))
        .count();
    String::from_utf8_lossy(text.get(..end).unwrap_or_default()).parse().unwrap_or(0.0)
}

/// Removes repeated adjacent lines.
pub(super) fn uniq(context: &mut Context<'_, '_>) -> Run<i32> {
    let long = &[("count", b'c'), ("repeated", b'd'), ("unique", b'u')];
    let Some(given) = context.options(Known { short: "cdu", long, leading: false })? else { return Ok(1) };
    let path = match given.operands.as_slice() {
        [] => b"-".to_vec(),
        [path] => path.clone(),
        _ => return Err(context.refuse("an output file")),
    };
    let bytes = match context.content(&path)? {
        Ok(bytes) => bytes,
        Err(lack) => {
            context.complain(&[&path, b": ".as_slice(), lack.text().as_bytes()].concat())?;
            return Ok(1);
        }
    };
    let lines = context.all_lines(&bytes)?;
    for group in lines.chunk_by(|one, other| one == other) {
        let Some(line) = group.first() else { continue };
        if (given.has(b'd') && group.len() < 2) || (given.has(b'u') && group.len() > 1) {
            continue;
        }
        let count = if given.has(b'c') { format!("{:>7} ", group.len()) } else { String::new() };
        context.line(&[count.as_bytes(), line].concat())?;
    }
    Ok(0)
}
