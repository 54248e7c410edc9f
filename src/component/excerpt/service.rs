//! Excerpts of what tells a service what to do: units, files of variables, files of arguments; and of lines of values.

use std::collections::BTreeSet;

use super::command_line::{CommandLines, WITHHELD};
use crate::component::service_environment::{Entry, SECTION, entries, pair, quoted};
use crate::component::unit::{Assignment, essential_of_unit};

/// What is read of a unit: what it starts, the variables and the settings (`Service.Restart`) that are named in `parts`,
/// and where further variables come from. Every line stays where it is.
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
            // That there is one at all is read too.
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

/// What is read of a file of variables: those of these names. Every line stays where it is.
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

/// What is read of a file of variables where only names count. Every line stays where it is.
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

/// A value as a file of variables can have it.
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

/// What is read of a file of arguments, as snaps have it: its words, on their lines.
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

/// What is read of lines of `NAME=value`: the first of each name.
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

/// Lines without those at the end that hold nothing.
fn joined(mut lines: Vec<String>) -> Vec<u8> {
    while lines.pop_if(|line| line.is_empty()).is_some() {}
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().into_bytes()
}
