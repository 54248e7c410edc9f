//! Excerpts of the files that configure a service (units, environment files, argument files) and of `NAME=value` lines.

use std::collections::BTreeSet;

use super::command_line::{CommandLines, WITHHELD};
use crate::component::service_environment::{Entry, SECTION, entries, pair, quoted};
use crate::component::unit::{Assignment, essential_of_unit};

/// Returns an excerpt of a unit: what it starts, the variables and settings (`Service.Restart`) named in `parts`, and
/// the sources of further variables. Lines keep their numbers.
pub fn unit_excerpt(bytes: &[u8], parts: &BTreeSet<String>, lines: &CommandLines<'_>) -> Vec<u8> {
    essential_of_unit(bytes, |assignment| {
        let Assignment { name, value, section, .. } = assignment;
        let key = assignment.key();
        if parts.contains(&key) {
            return Some(lines.shown(name, value));
        }
        if &**section != SECTION {
            return None;
        }
        let kept = |of: &dyn Fn(&str) -> Option<String>| {
            let words = assignment.words();
            let kept: Vec<String> = words.iter().filter_map(|word| of(word)).map(|word| quoted(&word)).collect();
            (!kept.is_empty() || value.is_empty()).then(|| kept.join(" "))
        };
        let given = |word: &str| {
            let (name, value) = pair(word).filter(|(name, _)| parts.contains(*name))?;
            Some(format!("{name}={}", lines.variable(name, value)))
        };
        match name.as_str() {
            "ExecStart" => {
                let words = lines.words(&assignment.words(), true);
                Some(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
            }
            // Readers also need to know that there is an `Environment`.
            "Environment" => Some(kept(&given).unwrap_or_else(|| quoted(WITHHELD))),
            "UnsetEnvironment" | "PassEnvironment" => kept(&|word| match word.split_once('=') {
                Some(_) => given(word),
                None => parts.contains(word).then(|| word.to_owned()),
            }),
            "EnvironmentFile" => Some(lines.shown("", value)),
            _ => None,
        }
    })
}

/// Returns an excerpt of an environment file with the variables of these names. Lines keep their numbers.
pub fn variables_excerpt(bytes: &[u8], names: &BTreeSet<String>, lines: &CommandLines<'_>) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut kept = vec![String::new(); text.lines().count()];
    for Entry { name, value, first, last } in entries(&text) {
        if !names.contains(&name) {
            continue;
        }
        let shown = lines.variable(&name, &value);
        let whole = text.lines().take(last).skip(first - 1).map(str::to_owned);
        let changed = std::iter::once(format!("{name}={}", in_quotes(&shown)));
        let said: Vec<String> = if shown == value { whole.collect() } else { changed.collect() };
        for (kept, line) in kept.iter_mut().skip(first - 1).zip(said) {
            *kept = line;
        }
    }
    joined(kept)
}

/// Returns an excerpt of an environment file with these names only, without values. Lines keep their numbers.
pub fn names_excerpt(bytes: &[u8], names: &BTreeSet<String>) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut kept = vec![String::new(); text.lines().count()];
    for Entry { name, first, .. } in entries(&text).into_iter().filter(|entry| names.contains(&entry.name)) {
        if let Some(kept) = kept.get_mut(first - 1) {
            *kept = format!("{name}=");
        }
    }
    joined(kept)
}

/// Quotes a value for an environment file.
fn in_quotes(value: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in value.chars() {
        if matches!(letter, '"' | '\\' | '`' | '$') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted + "\""
}

/// Returns an excerpt of an argument file as snaps use it: its words, on their original lines.
pub fn arguments_excerpt(bytes: &[u8], lines: &CommandLines<'_>) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let of_lines: Vec<Vec<String>> = text
        .lines()
        .map(|line| {
            let line = line.trim();
            let is_read = !line.is_empty() && !line.starts_with('#');
            let words = line.replace(['"', '\''], "");
            if is_read { words.split(' ').map(str::to_owned).collect() } else { Vec::new() }
        })
        .collect();
    let mut words = lines.words(&of_lines.concat(), false).into_iter();
    joined(of_lines.iter().map(|line| words.by_ref().take(line.len()).collect::<Vec<_>>().join(" ")).collect())
}

/// Returns an excerpt of `NAME=value` lines: the first one of each name.
pub fn lines_excerpt(bytes: &[u8], names: &BTreeSet<String>, lines: &CommandLines<'_>) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut left: BTreeSet<&str> = sorting::set(names.iter().map(String::as_str));
    let mut kept = String::new();
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        if left.remove(name) {
            kept.extend([name, "=", &lines.shown(name, value), "\n"]);
        }
    }
    kept.into_bytes()
}

/// Joins lines, without the empty ones at the end.
fn joined(mut lines: Vec<String>) -> Vec<u8> {
    while lines.pop_if(|line| line.is_empty()).is_some() {}
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().into_bytes()
}
