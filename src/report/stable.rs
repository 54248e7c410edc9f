//! Texts that are stable across runs.
//!
//! DefectDojo and others recognize a finding by a hash of its texts. Process IDs differ in each run, so they are
//! removed.

use std::borrow::Cow;

/// Removes process IDs from a text: `kube-apiserver (process 812) --profiling` becomes `kube-apiserver --profiling`,
/// `process 812` becomes `process`.
pub fn without_processes(text: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, word, after)) = next(rest) {
        match (before.strip_suffix(" ("), after.strip_prefix(')')) {
            (Some(before), Some(after)) => {
                kept.push_str(before);
                rest = after;
            }
            _ => {
                kept.push_str(before);
                kept.push_str(word);
                rest = after;
            }
        }
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// Finds the next `process 812` or `processes 812, 900`; returns the text before it, its word, and the text after its
/// numbers.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    // A single letter is found much faster than a word, of which most texts have none.
    for (at, _) in text.match_indices('p') {
        let (before, found) = text.split_at(at);
        let Some(tail) = found.strip_prefix("process") else { continue };
        let tail = tail.strip_prefix("es").unwrap_or(tail);
        if let Some(after) = tail.strip_prefix(' ').and_then(after_numbers) {
            let (word, _) = found.split_at(found.len() - tail.len());
            return Some((before, word, after));
        }
    }
    None
}

/// Returns the text behind `812, 900` or `812, 900 and 3 more`; none if it does not start with a number.
fn after_numbers(text: &str) -> Option<&str> {
    let after_digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut end = match after_digits(text) {
        0 => return None,
        // Process 1 has the same ID in each run.
        1 if text.starts_with('1') && !text.starts_with("1, ") => return None,
        digits => digits,
    };
    while let Some(more) = text.get(end..).and_then(|rest| rest.strip_prefix(", ")) {
        match after_digits(more) {
            0 => break,
            digits => end += ", ".len() + digits,
        }
    }
    let after = text.get(end..)?;
    let rest = after.strip_prefix(" and ").map(|rest| rest.split_at(after_digits(rest)));
    Some(match rest {
        Some((digits, rest)) if !digits.is_empty() => rest.strip_prefix(" more").unwrap_or(after),
        _ => after,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_processes_are_left_out() {
        for (text, stable) in [
            ("kube-apiserver (process 812) --profiling: found true", "kube-apiserver --profiling: found true"),
            ("--profiling of kube-apiserver (processes 812, 900)", "--profiling of kube-apiserver"),
            ("process 9's environment: permission denied", "process's environment: permission denied"),
            ("processes 1, 2 belong to no service", "processes belong to no service"),
            ("etcd (processes 812, 900 and 31 more)", "etcd"),
            ("processes 812, 900 and others, 7 more", "processes and others, 7 more"),
            ("process 812 and 7", "process and 7"),
            ("process 7, and (process 8), 9", "process, and, 9"),
            ("process 1, 2, x", "process, x"),
            ("process 12, without a process 1", "process, without a process 1"),
            ("(process 3; started by process 4)", "(process; started by process)"),
        ] {
            assert_eq!(without_processes(text), stable);
        }
    }

    #[test]
    fn other_texts_stay() {
        for text in
            ["", "process", "process ", "processes run", "processor 12", "12 processes", "preprocess: 5", "ß process é"]
        {
            assert!(matches!(without_processes(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
