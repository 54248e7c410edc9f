//! Shell startup files and history: variables set to literal values.

use crate::kind::{Remark, shown};

/// Variables whose values are paths, not secrets.
pub const PATH_VARIABLES: [&str; 1] = ["EKSA_GIT_PRIVATE_KEY"];

/// The value assigned to a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value<'t> {
    /// A literal text.
    Text(&'t str),
    /// The output of a command.
    Command,
    /// An expansion of other variables.
    Variable,
}

/// The assignments to variables with upper-case names, with their line numbers.
fn assignments(text: &str) -> impl Iterator<Item = (usize, &str, Value<'_>)> {
    text.lines().enumerate().flat_map(|(index, line)| {
        line.match_indices('=').filter_map(move |(at, _)| {
            let (before, after) = (&line[..at], &line[at + 1..]);
            let start = before
                .rfind(|letter: char| !is_of_name(letter))
                .map_or(0, |last| last + before[last..].chars().next().map_or(1, char::len_utf8));
            let name = &before[start..];
            let is_start = before[..start].chars().next_back().is_none_or(|letter| {
                letter.is_ascii_whitespace() || [';', '&', '|', '(', '{', '#', '\'', '"', '`'].contains(&letter)
            });
            let is_name = name.starts_with(|letter: char| letter.is_ascii_uppercase() || letter == '_');
            let value = value(after)?;
            (is_start && is_name).then_some((index + 1, name, value))
        })
    })
}

const fn is_of_name(letter: char) -> bool {
    letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_'
}

/// The value after `=`; `None` if it is empty or a placeholder (`<password>`).
fn value(text: &str) -> Option<Value<'_>> {
    let until = |text: &'_ str, end: char| text.find(end).unwrap_or(text.len());
    let (word, expands) = if let Some(quoted) = text.strip_prefix('\'') {
        (&quoted[..until(quoted, '\'')], false)
    } else if let Some(quoted) = text.strip_prefix('"') {
        (&quoted[..until(quoted, '"')], true)
    } else {
        let end = |letter: char| letter.is_ascii_whitespace() || [';', '&', '|', ')', '\'', '"'].contains(&letter);
        (&text[..text.find(end).unwrap_or(text.len())], true)
    };
    if word.is_empty() || word.starts_with('<') {
        None
    } else if expands && (word.contains("$(") || word.contains('`')) {
        Some(Value::Command)
    } else if expands && word.contains('$') && !word.starts_with("$HOME/") && !word.starts_with("${HOME}/") {
        Some(Value::Variable)
    } else {
        Some(Value::Text(word))
    }
}

/// The lines where a variable is set, and the path it is set to; `None` for a value that is not a plain path. A path
/// may start with `~` or `$HOME` for the home directory.
pub fn paths<'t>(text: &'t str, variable: &str) -> Vec<(usize, Option<&'t str>)> {
    let path = |value| match value {
        Value::Text(path) => Some(path).filter(|path| is_plain(path)),
        Value::Command | Value::Variable => None,
    };
    assignments(text).filter(|(_, name, _)| *name == variable).map(|(line, _, value)| (line, path(value))).collect()
}

/// Whether a value is a literal path, apart from a leading home directory.
fn is_plain(path: &str) -> bool {
    let home = ["$HOME/", "${HOME}/"].into_iter().find_map(|home| path.strip_prefix(home));
    !home.unwrap_or(path).contains(['$', '`', '\'', '"', '=', '\\'])
}

pub(crate) fn remarks(text: &str, names: &[String]) -> Vec<Remark> {
    let remark = |(line, name, value): (usize, &str, Value<'_>)| {
        let (is, violates) = match value {
            Value::Text(_) => ("is set to a value that stands there", true),
            Value::Command => ("is set to what a command prints", false),
            Value::Variable => ("is set by another variable", false),
        };
        names.iter().any(|known| known == name).then(|| Remark {
            line,
            text: format!("{} {is}", shown(name)),
            violates,
        })
    };
    assignments(text).filter_map(remark).collect()
}

pub(crate) fn kept(text: &str) -> Vec<(usize, String)> {
    let kept = |(line, name, value): (usize, &str, Value<'_>)| {
        let value = match value {
            Value::Text(path) if PATH_VARIABLES.contains(&name) => {
                let path = if is_plain(path) { format!("\"{path}\"") } else { "$masked".to_owned() };
                return (line, format!("{name}={path}"));
            }
            Value::Text(_) => "masked",
            Value::Command => "$(masked)",
            Value::Variable => "$masked",
        };
        (line, format!("{name}={value}"))
    };
    assignments(text).map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::paths;
    use crate::Kind;

    #[test]
    fn values_that_stand_in_a_file_are_told_from_others() {
        const STANDS: Option<(&str, bool)> = Some(("EKSA_VSPHERE_PASSWORD is set to a value that stands there", true));
        const COMMAND: Option<(&str, bool)> = Some(("EKSA_VSPHERE_PASSWORD is set to what a command prints", false));
        let table = [
            ("export EKSA_VSPHERE_PASSWORD='canary'", STANDS),
            ("EKSA_VSPHERE_PASSWORD=canary eksctl anywhere create cluster", STANDS),
            (": 1700000000:0;export EKSA_VSPHERE_PASSWORD=\"canary\"", STANDS),
            ("docker run -e EKSA_VSPHERE_PASSWORD=canary tools", STANDS),
            ("#export EKSA_VSPHERE_PASSWORD='can$(a)ry'", STANDS),
            ("export EKSA_VSPHERE_PASSWORD=$(pass show vsphere)", COMMAND),
            ("export EKSA_VSPHERE_PASSWORD=\"`cat p`\"", COMMAND),
            (
                "export EKSA_VSPHERE_PASSWORD=\"$VCENTER\"",
                Some(("EKSA_VSPHERE_PASSWORD is set by another variable", false)),
            ),
            ("export EKSA_VSPHERE_PASSWORD='<password>'", None),
            ("export EKSA_VSPHERE_PASSWORD=", None),
            ("unset EKSA_VSPHERE_PASSWORD; OTHER=canary", None),
            ("MY_EKSA_VSPHERE_PASSWORD=canary", None),
            ("--flag=EKSA_VSPHERE_PASSWORD=canary", None),
            ("read -rs EKSA_VSPHERE_PASSWORD", None),
        ];
        let names = ["EKSA_VSPHERE_PASSWORD".to_owned()];
        for (line, expected) in table {
            let remarks = Kind::Shell.remarks(line.as_bytes(), ".bashrc", 0o600, &names).expect("read");
            let said = remarks.first().map(|remark| (remark.text.as_str(), remark.violates));
            assert_eq!(said, expected, "{line}");
            let kept = Kind::Shell.kept(line.as_bytes());
            assert!(!kept.contains("canary") && !kept.contains("pass show"), "{kept}");
        }
    }

    #[test]
    fn paths_are_kept_where_a_variable_names_one() {
        let text = "export EKSA_GIT_PRIVATE_KEY=~/.ssh/git\nEKSA_GIT_PRIVATE_KEY=\"$HOME/.ssh/id\"\n\
                    export EKSA_GIT_PRIVATE_KEY=$(find-key)\nexport EKSA_GIT_PRIVATE_KEY=$OTHER\nKEY=/etc/x\n";
        let found = [(1, Some("~/.ssh/git")), (2, Some("$HOME/.ssh/id")), (3, None), (4, None)];
        assert_eq!(paths(text, "EKSA_GIT_PRIVATE_KEY"), found);
        let kept = Kind::Shell.kept(text.as_bytes());
        assert_eq!(paths(&kept, "EKSA_GIT_PRIVATE_KEY"), found);
        assert!(!kept.contains("/etc/x"), "{kept}");
    }
}
