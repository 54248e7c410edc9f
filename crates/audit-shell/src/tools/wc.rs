//! `wc`

use super::context::Context;
use super::options::Known;
use crate::budget::Run;

/// Counts lines, words and bytes.
pub(super) fn wc(context: &mut Context<'_, '_>) -> Run<i32> {
    let long = &[("lines", b'l'), ("words", b'w'), ("bytes", b'c'), ("chars", b'm')];
    let Some(mut given) = context.options(Known { short: "lwcm", long, leading: false })? else { return Ok(1) };
    let from_input = given.operands.is_empty();
    if from_input {
        given.operands.push(b"-".to_vec());
    }
    let wanted: Vec<u8> = b"lwmc".iter().copied().filter(|letter| given.has(*letter)).collect();
    let wanted = if wanted.is_empty() { b"lwc".to_vec() } else { wanted };
    let (mut status, mut rows) = (0, Vec::new());
    for path in &given.operands {
        match context.content(path)? {
            Ok(bytes) => rows.push((counts(&bytes, &wanted), path.clone())),
            Err(lack) => {
                context.complain(&[path, b": ".as_slice(), lack.text().as_bytes()].concat())?;
                // A row for a directory is not supported. Missing files have no row.
                if lack == crate::view::Lack::IsADirectory {
                    return Err(context.refuse("a directory"));
                }
                status = 1;
            }
        }
    }
    if given.operands.len() > 1 {
        let total =
            (0..wanted.len()).map(|column| rows.iter().filter_map(|(counts, _)| counts.get(column)).sum()).collect();
        rows.push((total, b"total".to_vec()));
    }
    let widest = rows.iter().flat_map(|(counts, _)| counts).max().map_or(1, |count: &usize| count.to_string().len());
    // wc uses the width of the total size in bytes where it is known in advance.
    let width = match (wanted.len(), from_input, rows.len()) {
        (1, _, 1) => 1,
        (_, true, _) => 7,
        _ => widest,
    };
    if width > 1 && !from_input && !wanted.contains(&b'c') {
        return Err(context.refuse("this form of output"));
    }
    for (counts, path) in rows {
        let numbers: Vec<String> = counts.iter().map(|count| format!("{count:>width$}")).collect();
        let mut line = numbers.join(" ").into_bytes();
        if !from_input {
            line.push(b' ');
            line.extend(path);
        }
        context.line(&line)?;
    }
    Ok(status)
}

fn counts(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    let count = |letter: &u8| match letter {
        b'l' => bytes.split(|byte| *byte == b'\n').count() - 1,
        b'w' => {
            let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 11;
            bytes.split(is_space).filter(|word| !word.is_empty()).count()
        }
        b'm' => String::from_utf8_lossy(bytes).chars().count(),
        _ => bytes.len(),
    };
    wanted.iter().map(count).collect()
}
