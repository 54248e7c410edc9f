//! `sort` and `uniq`, as in the C locale.

use super::options::Known;
use super::{Context, Run, lines};

/// Sorts the lines of all files together.
pub(super) fn sort(context: &mut Context<'_, '_>) -> Run<i32> {
    let long = &[("unique", b'u'), ("reverse", b'r'), ("numeric-sort", b'n')];
    let Some(mut given) = context.options(Known { short: "urn", long, leading: false })? else { return Ok(2) };
    if given.operands.is_empty() {
        given.operands.push(b"-".to_vec());
    }
    let mut all = Vec::new();
    for path in &given.operands {
        match context.content(path)? {
            Ok(bytes) => all.extend(lines(&bytes).0.into_iter().map(<[u8]>::to_vec)),
            Err(lack) => {
                context.complain(&[b"cannot read: ", &path[..], b": ", lack.text().as_bytes()].concat())?;
                return Ok(2);
            }
        }
    }
    let numeric = given.has(b'n');
    all.sort_by(|one, other| {
        let ordered = if numeric { number(one).total_cmp(&number(other)) } else { one.cmp(other) };
        // Lines that count as equal are still put in order, unless only one of them is kept.
        let ordered = if given.has(b'u') { ordered } else { ordered.then_with(|| one.cmp(other)) };
        if given.has(b'r') { ordered.reverse() } else { ordered }
    });
    if given.has(b'u') {
        all.dedup_by(|one, other| if numeric { number(one).total_cmp(&number(other)).is_eq() } else { one == other });
    }
    for line in all {
        context.shell.budget.step()?;
        context.line(&line)?;
    }
    Ok(0)
}

/// The number with which a line begins.
fn number(line: &[u8]) -> f64 {
    let text = line.trim_ascii_start();
    let end = text
        .iter()
        .enumerate()
        .take_while(|(at, byte)| byte.is_ascii_digit() || **byte == b'.' || (*at == 0 && **byte == b'-'))
        .count();
    String::from_utf8_lossy(text.get(..end).unwrap_or_default()).parse().unwrap_or(0.0)
}

/// Leaves one of equal lines that follow each other.
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
    let lines = lines(&bytes).0;
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
