//! Reads native reports back, strictly: complete ones of this schema version only.

use std::borrow::Cow;
use std::fmt::Write;

use model::{Misfit, Report, SCHEMA};
use serde::Deserialize;
use serde_json::error::Category;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::escape;

/// The largest report that is read, in bytes.
pub const MOST_BYTES: u64 = 64 << 20;

/// The maximum number of values in a report: a value of a few bytes takes hundreds in memory.
const MOST_VALUES: usize = 1_000_000;

/// Why a report cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{place}: {problem}", place = .place.map_or_else(String::new, |(line, column)| format!(":{line}:{column}")))]
pub struct Refused {
    /// The file name.
    pub file: String,
    /// Line and column, from 1, if known.
    pub place: Option<(usize, usize)>,
    /// What is wrong, and what to do about it.
    pub problem: String,
}

/// The schema version of a report, whatever else it contains.
#[derive(Deserialize)]
struct Head {
    schema: u64,
}

/// Reads a native report.
///
/// # Errors
///
/// If it has a different schema version, is truncated, or is inconsistent with the model.
pub fn read(file: &str, bytes: &[u8]) -> Result<Report, Refused> {
    let refused = |place, problem| Refused { file: file.to_owned(), place, problem };
    if bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() > MOST_VALUES {
        let problem = format!("more than {MOST_VALUES} values, the limit (give a file of --format native)");
        return Err(refused(None, problem));
    }
    let report: Report = serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let place = (line > 0).then_some((line, column.max(1)));
        if let Ok(Head { schema }) = serde_json::from_slice(bytes)
            && schema != u64::from(SCHEMA)
        {
            let problem = format!(
                "schema {schema}: this program reads schema {SCHEMA} only (use the kube-assay that wrote it, or save the \
                 report again with --format native)"
            );
            return refused(None, problem);
        }
        if error.classify() == Category::Eof {
            return refused(place, "ends too early (copy the whole file, or save the report again)".to_owned());
        }
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        let path = path_at(bytes, line, column);
        let path = if path.is_empty() { path } else { format!("{path}: ") };
        let problem = format!("{path}{} (give a file that was saved with --format native)", escape::line(&shortened(said)));
        refused(place, problem)
    })?;
    report.fits().and_then(|()| has_times(&report)).map_err(|misfit| {
        let place = place_of(bytes, &misfit.path);
        let misfit = misfit.to_string();
        refused(place, format!("{} (save the report again with --format native)", escape::line(&shortened(&misfit))))
    })?;
    Ok(report)
}

/// Checks that the run's times are valid.
fn has_times(report: &Report) -> Result<(), Misfit> {
    for (path, time) in [("run.started", &report.run.started), ("run.finished", &report.run.finished)] {
        if OffsetDateTime::parse(time, &Rfc3339).is_err() {
            let problem = format!("{time:?} is not a time (RFC 3339, such as 2026-03-01T12:30:05Z)");
            return Err(Misfit { path: path.to_owned(), problem });
        }
    }
    Ok(())
}

/// Returns the start and end of a message that may quote a value as long as the file.
fn shortened(said: &str) -> Cow<'_, str> {
    // Longer than any message about a field of the model.
    const MOST: usize = 600;
    if said.len() <= MOST {
        return Cow::Borrowed(said);
    }
    let head = &said[..said.floor_char_boundary(MOST / 3)];
    let tail = &said[said.ceil_char_boundary(said.len() - MOST / 3)..];
    Cow::Owned(format!("{head} ... {tail}"))
}

/// Returns the path of the field at a line and column: `targets[0].groups[1].id`.
fn path_at(bytes: &[u8], line: usize, column: usize) -> String {
    // Two passes, so that the path is written only once, not for each of a million items.
    let mut last = 0_usize;
    walk(bytes, &mut |at, _| {
        let is_before = (at.line, at.column) <= (line, column);
        last += usize::from(is_before);
        is_before
    });
    let mut found = String::new();
    walk(bytes, &mut |_, steps| {
        last = last.saturating_sub(1);
        if last == 0 {
            found = path(steps);
        }
        last > 0
    });
    escape::line(&found).into_owned()
}

/// Returns the line and column of the field with this path, or of its closest ancestor.
fn place_of(bytes: &[u8], wanted: &str) -> Option<(usize, usize)> {
    let mut found = None;
    walk(bytes, &mut |at, steps| {
        let rest = rest_behind(wanted, steps);
        let holds = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        if holds && !at.is_end {
            found = Some((at.line, at.column));
        }
        rest != Some("")
    });
    found
}

/// A step of a path: a key, or the index of an item.
enum Step {
    /// The key, cut to the length shown.
    Key(String),
    Item(usize),
}

fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        // Writing to a String cannot fail.
        let _ = match step {
            Step::Key(key) if path.is_empty() => write!(path, "{key}"),
            Step::Key(key) => write!(path, ".{key}"),
            Step::Item(number) => write!(path, "[{number}]"),
        };
    }
    path
}

/// Returns the rest of a path that starts with these steps; none if it does not.
fn rest_behind<'p>(path: &'p str, steps: &[Step]) -> Option<&'p str> {
    let mut rest = path;
    for (depth, step) in steps.iter().enumerate() {
        rest = match step {
            Step::Key(key) => {
                let dot = if depth == 0 { "" } else { "." };
                rest.strip_prefix(dot)?.strip_prefix(key.as_str())?
            }
            Step::Item(number) => {
                let (digits, behind) = rest.strip_prefix('[')?.split_once(']')?;
                (digits.parse() == Ok(*number)).then_some(behind)?
            }
        };
    }
    Some(rest)
}

/// A position in a text: line and column in bytes, from 1.
#[derive(Clone, Copy)]
struct At {
    line: usize,
    column: usize,
    /// Whether a list or map ends here; the path is that of what contains it.
    is_end: bool,
}

/// Walks through JSON, complete or not, and visits each key, item and end with its path until `visit` returns false.
fn walk(bytes: &[u8], visit: &mut dyn FnMut(At, &[Step]) -> bool) {
    // The parser's own depth limit.
    const DEEPEST: usize = 128;
    // Every name in the model is much shorter.
    const LONGEST_KEY: usize = 64;
    let mut at = At { line: 1, column: 0, is_end: false };
    let (mut steps, mut text): (Vec<Step>, Vec<u8>) = (Vec::new(), Vec::new());
    let (mut in_text, mut escaped, mut is_key) = (false, false, false);
    for byte in bytes {
        if *byte == b'\n' {
            at = At { line: at.line + 1, column: 0, is_end: false };
            continue;
        }
        at.column += 1;
        let mut goes_on = true;
        match (byte, in_text) {
            (b'"', true) if !escaped => {
                in_text = false;
                if let Some(Step::Key(key)) = steps.last_mut().filter(|_| std::mem::take(&mut is_key)) {
                    *key = String::from_utf8_lossy(&text).into_owned();
                    goes_on = visit(at, &steps);
                }
            }
            (_, true) => {
                if text.len() < LONGEST_KEY {
                    text.push(*byte);
                }
                escaped = *byte == b'\\' && !escaped;
            }
            (b'"', false) => {
                in_text = true;
                escaped = false;
                text.clear();
            }
            (b'{', false) => {
                steps.push(Step::Key(String::new()));
                is_key = true;
                goes_on = steps.len() <= DEEPEST;
            }
            (b'[', false) => {
                steps.push(Step::Item(0));
                goes_on = steps.len() <= DEEPEST && visit(at, &steps);
            }
            (b'}' | b']', false) => {
                steps.pop();
                is_key = false;
                goes_on = visit(At { is_end: true, ..at }, &steps);
            }
            (b',', false) => match steps.last_mut() {
                Some(Step::Item(number)) => {
                    *number += 1;
                    goes_on = visit(at, &steps);
                }
                _ => is_key = true,
            },
            _ => {}
        }
        if !goes_on {
            return;
        }
    }
}
