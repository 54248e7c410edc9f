//! Splits audits into words and matches them against templates.
//!
//! Differences of spelling without meaning are normalised: paths of commands, quotes, line ends, `[` for `test`, an
//! enclosing shell. The remaining words must match a template exactly.

use std::collections::BTreeMap;

/// Commands whose path is ignored.
const COMMANDS: [&str; 10] = ["ps", "grep", "cat", "sh", "bash", "stat", "find", "xargs", "sed", "awk"];

/// The words of an audit by the template's placeholders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found(BTreeMap<String, Vec<String>>);

impl Found {
    /// The first word for a placeholder, if the template has it.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.first().map(String::as_str)
    }

    /// The first word for a placeholder; empty if the template does not have it.
    pub(super) fn one(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// All words for a placeholder.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        self.0.get(name).map_or_else(Vec::new, |words| words.iter().map(String::as_str).collect())
    }
}

/// Splits an audit into normalised words.
pub(super) fn words(audit: &str) -> Vec<String> {
    let unquoted: String = audit
        .trim()
        .replace("\\\n", " ")
        .replace('\n', " ; ")
        .replace("2>/dev/null", " ")
        .replace("2> /dev/null", " ")
        .replace("${kubeletbin:-kubelet}", "$kubeletbin")
        .replace("$(", " $( ")
        .replace(';', " ; ")
        .replace("||", " OR ")
        .replace('|', " | ")
        .chars()
        .filter(|c| !matches!(c, '\'' | '"' | '\\'))
        .collect();
    let mut words: Vec<String> = Vec::new();
    for word in unquoted.split_whitespace() {
        // The end of a command substitution, not of a group in a sed expression.
        let (word, closes) = match word.strip_suffix(')') {
            Some(before) if words.iter().any(|word| word == "$(") => (before, true),
            _ => (word, false),
        };
        for word in assignment(word) {
            push(&mut words, word);
        }
        if closes {
            push(&mut words, ")");
        }
    }
    while words.last().is_some_and(|word| word == ";") {
        words.pop();
    }
    if let [shell, option, ..] = words.as_slice()
        && matches!(shell.as_str(), "sh" | "bash")
        && option == "-c"
    {
        words.drain(..2);
    }
    while words.first().is_some_and(|word| word == ";") {
        words.remove(0);
    }
    words
}

/// Splits `NAME=value` into `NAME=` and the value.
fn assignment(word: &str) -> Vec<&str> {
    let Some((name, value)) = word.split_once('=') else { return vec![word] };
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
        return vec![word];
    }
    let name = word.get(..=name.len()).unwrap_or(word);
    [name, value].into_iter().filter(|part| !part.is_empty()).collect()
}

fn push(words: &mut Vec<String>, word: &str) {
    let last = words.last().map_or("", String::as_str);
    let command = word.rsplit('/').next().unwrap_or(word);
    let is_path = word.strip_suffix(command).is_some_and(|path| matches!(path, "/bin/" | "/usr/bin/"));
    let word = match word {
        "" | "--no-run-if-empty" => return,
        // Line ends that do not end a command.
        ";" if matches!(last, "" | ";" | "then" | "do" | "else" | "|" | "OR" | "-c") => return,
        "[" => "test",
        "]" if words.iter().any(|word| word == "test") => return,
        "-d" | "-f" if last == "test" => "-e",
        _ if is_path && COMMANDS.contains(&command) => command,
        "OR" => "||",
        word => word,
    };
    words.push(word.to_owned());
}

/// Matches an audit against the first template that covers all its words.
pub(super) fn first_of(templates: &[&str], words: &[String]) -> Option<Found> {
    beginning(templates, words).filter(|(_, length)| *length == words.len()).map(|(found, _)| found)
}

/// Replaces the first part of an audit that matches a template with one word, and returns the placeholders' words.
pub(super) fn replaced(templates: &[&str], by: &str, words: &[String]) -> Option<(Found, Vec<String>)> {
    (0..words.len()).find_map(|start| {
        let (before, rest) = words.split_at(start);
        let (found, length) = beginning(templates, rest)?;
        let after = rest.iter().skip(length).cloned();
        Some((found, before.iter().cloned().chain([by.to_owned()]).chain(after).collect()))
    })
}

/// Matches the beginning of an audit against templates, and returns the number of words matched. A template that covers
/// the whole audit is preferred, then the first.
fn beginning(templates: &[&str], words: &[String]) -> Option<(Found, usize)> {
    let found = templates.iter().filter_map(|template| {
        let template: Vec<&str> = template.split_whitespace().collect();
        let mut found = Found::default();
        let length = taken(&template, words, &mut found)?;
        Some((found, length))
    });
    found.reduce(|first, other| if other.1 > first.1 { other } else { first })
}

/// The number of words that a template matches. `<name>` is one word or a part of one, the same wherever it occurs;
/// `<name..>` is several words up to the template's next word.
fn taken(template: &[&str], words: &[String], found: &mut Found) -> Option<usize> {
    let mut rest = words;
    for (index, part) in template.iter().enumerate() {
        let place = part.split_once('<').and_then(|(before, rest)| Some((before, rest.split_once('>')?)));
        let Some((before, (name, behind))) = place else {
            let (word, others) = rest.split_first()?;
            if word != part {
                return None;
            }
            rest = others;
            continue;
        };
        if let Some(name) = name.strip_suffix("..") {
            let end = template.get(index + 1);
            let length = rest.iter().take_while(|word| end.is_none_or(|end| word != end) && !is_syntax(word)).count();
            let (several, others) = rest.split_at(length);
            if several.is_empty() {
                return None;
            }
            found.0.insert(name.to_owned(), several.to_vec());
            rest = others;
            continue;
        }
        let (word, others) = rest.split_first()?;
        let word = word.strip_prefix(before)?.strip_suffix(behind)?;
        if word.is_empty() || is_syntax(word) {
            return None;
        }
        match found.0.get(name) {
            Some(earlier) if earlier.first().map(String::as_str) != Some(word) => return None,
            Some(_) => {}
            None => {
                found.0.insert(name.to_owned(), vec![word.to_owned()]);
            }
        }
        rest = others;
    }
    Some(words.len() - rest.len())
}

/// Whether a word is shell syntax.
fn is_syntax(word: &str) -> bool {
    matches!(word, ";" | "|" | "||" | "&&" | "$(" | ")" | "if" | "then" | "else" | "fi" | "do" | "done")
}
