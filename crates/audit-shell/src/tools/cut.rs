//! `cut`

use sorting::Sorting;

use super::context::{Context, lines};
use super::options::Known;
use crate::budget::Run;

/// Prints fields or bytes of lines.
pub(super) fn cut(context: &mut Context<'_, '_>) -> Run<i32> {
    let long =
        &[("delimiter", b'd'), ("fields", b'f'), ("characters", b'c'), ("bytes", b'b'), ("only-delimited", b's')];
    let Some(mut given) = context.options(Known { short: "d:f:c:b:s", long, leading: false })? else { return Ok(1) };
    let by_fields = given.has(b'f');
    let Some(list) = [b'f', b'c', b'b'].into_iter().find_map(|letter| given.value(letter)).map(<[u8]>::to_vec) else {
        context.usage("you must specify a list of bytes, characters, or fields")?;
        return Ok(1);
    };
    let Some(ranges) = ranges(&list) else { return Err(context.refuse("a list that is none")) };
    let delimiter = match given.value(b'd') {
        None => b'\t',
        Some([byte]) => *byte,
        Some(_) => {
            context.usage("the delimiter must be a single character")?;
            return Ok(1);
        }
    };
    // The ranges are sorted and do not overlap.
    let is_wanted = |place: usize| {
        let next = ranges.partition_point(|(_, last)| *last < place);
        ranges.get(next).is_some_and(|(first, _)| *first <= place)
    };
    if given.operands.is_empty() {
        given.operands.push(b"-".to_vec());
    }
    let mut status = 0;
    for path in &given.operands {
        let bytes = match context.content(path)? {
            Ok(bytes) => bytes,
            Err(lack) => {
                context.complain(&[path, b": ".as_slice(), lack.text().as_bytes()].concat())?;
                status = 1;
                continue;
            }
        };
        for line in lines(&bytes).0 {
            context.shell.budget.look(line.len())?;
            if !by_fields {
                let kept: Vec<u8> =
                    line.iter().enumerate().filter(|(at, _)| is_wanted(at + 1)).map(|(_, byte)| *byte).collect();
                context.line(&kept)?;
            } else if line.contains(&delimiter) {
                let fields = line.split(|byte| *byte == delimiter).enumerate();
                let kept: Vec<&[u8]> = fields.filter(|(at, _)| is_wanted(at + 1)).map(|(_, field)| field).collect();
                context.line(&kept.join(&delimiter))?;
            } else if !given.has(b's') {
                context.line(line)?;
            }
        }
    }
    Ok(status)
}

/// Parses a list of ranges: `1`, `2-4`, `5-` or `-3`, separated by commas.
fn ranges(written: &[u8]) -> Option<Vec<(usize, usize)>> {
    let text = std::str::from_utf8(written).ok()?;
    let mut ranges = text
        .split([',', ' '])
        .map(|range| {
            let (first, last) = match range.split_once('-') {
                None => (range.parse().ok()?, range.parse().ok()?),
                Some(("", "")) => return None,
                Some(("", last)) => (1, last.parse().ok()?),
                Some((first, "")) => (first.parse().ok()?, usize::MAX),
                Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
            };
            (first > 0 && first <= last).then_some((first, last))
        })
        .collect::<Option<Vec<(usize, usize)>>>()?;
    ranges.order();
    ranges.dedup_by(|(first, last), (_, known)| {
        let overlaps = *first <= *known;
        if overlaps {
            *known = (*known).max(*last);
        }
        overlaps
    });
    Some(ranges)
}
