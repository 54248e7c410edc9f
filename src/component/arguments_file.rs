//! Parses argument files as `kubelite`, the program of `MicroK8s`, does.
//!
//! Source: `ReadArgsFromFile` of <https://github.com/canonical/kubernetes/tree/microk8s>, `os.ExpandEnv` of Go.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::arguments::{GivenBy, Word};
use super::set_in::SetIn;

/// Returns the words of an argument file, with variables not yet expanded. Lines are split at every space, `#` starts a
/// comment only at the start of a line, and quotes are removed wherever they are.
pub fn words_of_arguments_file(file: &str, bytes: &[u8]) -> Vec<Word> {
    let text = String::from_utf8_lossy(bytes);
    let mut words = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let set_in = SetIn { file: file.to_owned(), line: Some(index + 1) };
        let given_by = Some(Arc::new(GivenBy::File { set_in, key: None }));
        let line = line.replace(['"', '\''], "");
        words.extend(line.split(' ').map(|word| Word { text: word.to_owned(), given_by: given_by.clone() }));
    }
    words
}

/// Returns the names of the variables that the words refer to.
pub fn variables_in(words: &[Word]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for word in words {
        expand_variables(&word.text, &mut |name| {
            names.insert(name.to_owned());
            Some(String::new())
        });
    }
    names
}

/// Expands the variables in a text, `$NAME` and `${NAME}`, as Go does; none if `value` returns none for one of them.
pub fn expand_variables(text: &str, value: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
    let mut expanded = String::new();
    let mut rest = text;
    // Once no closing brace is left, searching for one again would make this quadratic.
    let mut has_brace = true;
    while let Some(at) = rest.find('$') {
        expanded.push_str(rest.get(..at)?);
        rest = rest.get(at + 1..)?;
        if rest.is_empty() {
            expanded.push('$');
            break;
        }
        let (name, length) = variable(rest, &mut has_brace);
        match name {
            // Go drops an invalid name, together with its brace.
            "" if length > 0 => {}
            "" => expanded.push('$'),
            name => expanded.push_str(&value(name)?),
        }
        rest = rest.get(length..)?;
    }
    expanded.push_str(rest);
    Some(expanded)
}

/// Returns the variable's name at the start of a text, and its length in bytes, including braces.
fn variable<'t>(text: &'t str, has_brace: &mut bool) -> (&'t str, usize) {
    let is_special = |letter: char| matches!(letter, '*' | '#' | '$' | '@' | '!' | '?' | '-' | '0'..='9');
    if let Some(inner) = text.strip_prefix('{') {
        let end = if *has_brace { inner.find('}') } else { None };
        *has_brace = end.is_some();
        return match end {
            Some(0) => ("", 2),
            Some(end) => (inner.get(..end).unwrap_or_default(), end + 2),
            None => ("", 1),
        };
    }
    if text.starts_with(is_special) {
        return (text.get(..1).unwrap_or_default(), 1);
    }
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_as_go_does_it() {
        let value = |name: &str| match name {
            "A" => Some("/a".to_owned()),
            "none" => None,
            _ => Some(String::new()),
        };
        let table = [
            ("${A}/b", Some("/a/b")),
            ("$A/b", Some("/a/b")),
            ("$A_B/b", Some("/b")),
            ("x${}y", Some("xy")),
            ("x${A", Some("xA")),
            ("100$", Some("100$")),
            ("a$ b", Some("a$ b")),
            ("$$A", Some("A")),
            ("$1A", Some("A")),
            ("${none}", None),
            ("$é", Some("$é")),
            ("", Some("")),
        ];
        for (text, expected) in table {
            assert_eq!(expand_variables(text, &mut |name| value(name)).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn files_are_cut_at_spaces() {
        let file = "  --a=\"x,y\"\n\n# --b\n#~c\n--d e --f='g h' # i\n";
        let words = words_of_arguments_file("f", file.as_bytes());
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["--a=x,y", "--d", "e", "--f=g", "h", "#", "i"]);
        let lines: Vec<_> = words
            .iter()
            .map(|word| match word.given_by.as_deref() {
                Some(GivenBy::File { set_in, .. }) => set_in.line,
                _ => None,
            })
            .collect();
        assert_eq!(lines, [Some(1), Some(5), Some(5), Some(5), Some(5), Some(5), Some(5)]);
    }
}
