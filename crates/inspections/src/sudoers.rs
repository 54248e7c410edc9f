//! sudo's rules: users who do not need a password. Source: sudoers(5).

use std::collections::BTreeMap;

use crate::kind::{Remark, shown};

/// The most levels of aliases that are resolved.
const DEPTH: usize = 8;
/// The most users of a rule that are examined individually.
const MOST_USERS: usize = 1000;

/// A rule that matters.
enum Rule {
    /// `User_Alias`: a name and its members.
    Alias(String, Vec<String>),
    /// These users need no password.
    NoPassword(Vec<String>),
    /// Another file or directory is included.
    Include(String),
}

/// The lines with their numbers; continued lines are joined and numbered by their first.
fn lines(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut all = text.lines().enumerate();
    std::iter::from_fn(move || {
        let (index, first) = all.next()?;
        let mut whole = first.to_owned();
        while whole.ends_with('\\') {
            whole.pop();
            match all.next() {
                Some((_, more)) => whole.push_str(more),
                None => break,
            }
        }
        Some((index + 1, whole))
    })
}

/// A line without its comment; a `#` before a digit starts a user ID.
fn without_comment(line: &str) -> &str {
    let bytes = line.as_bytes();
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'#' if !quoted && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => return &line[..at],
            _ => {}
        }
    }
    line
}

fn rules(text: &str) -> Vec<(usize, Rule)> {
    let mut rules = Vec::new();
    for (line, whole) in lines(text) {
        let whole = whole.trim();
        let included = ["#includedir", "#include", "@includedir", "@include"];
        let include =
            included.iter().find_map(|word| whole.strip_prefix(word)).filter(|rest| rest.starts_with([' ', '\t']));
        if let Some(path) = include {
            rules.push((
                line,
                Rule::Include(path.trim_matches(|letter: char| letter == '"' || letter.is_whitespace()).to_owned()),
            ));
            continue;
        }
        let whole = without_comment(whole).trim_end();
        if let Some(rest) = whole.strip_prefix("User_Alias") {
            rules.extend(aliases(rest).into_iter().map(|alias| (line, alias)));
        } else if ["Host_Alias", "Runas_Alias", "Cmnd_Alias", "Cmd_Alias"].iter().any(|word| whole.starts_with(word)) {
            // These aliases do not contain users.
        } else if let Some(rest) = whole.strip_prefix("Defaults") {
            rules.extend(defaults(rest).map(|rule| (line, rule)));
        } else if has_tag(whole) {
            rules.push((line, Rule::NoPassword(users(whole))));
        }
    }
    rules
}

/// `A = x, y : B = z`
fn aliases(text: &str) -> Vec<Rule> {
    let alias = |part: &str| {
        let (name, members) = part.split_once('=')?;
        let members = members.split(',').map(|name| unquoted(name).to_owned()).filter(|name| !name.is_empty());
        Some(Rule::Alias(name.trim().to_owned(), members.collect()))
    };
    text.split(':').filter_map(alias).collect()
}

/// `Defaults:user !authenticate`
fn defaults(text: &str) -> Option<Rule> {
    let (scope, settings) = text.split_once([' ', '\t'])?;
    let is_off = |setting: &str| {
        let joined: String = setting.split_whitespace().collect();
        joined == "!authenticate"
    };
    if !settings.split(',').any(is_off) {
        return None;
    }
    let users = match scope.strip_prefix(':') {
        Some(users) => users.split(',').map(|user| unquoted(user).to_owned()).collect(),
        // Defaults for hosts, commands or run-as users are taken to apply to all users.
        None => vec!["ALL".to_owned()],
    };
    Some(Rule::NoPassword(users))
}

/// Whether a rule has the tag `NOPASSWD:`.
fn has_tag(rule: &str) -> bool {
    const TAG: &str = "NOPASSWD";
    rule.match_indices(TAG).any(|(at, _)| {
        let before = rule[..at].chars().next_back();
        let is_word = before.is_none_or(|letter| !letter.is_ascii_alphanumeric() && letter != '_');
        is_word && rule[at + TAG.len()..].trim_start_matches([' ', '\t']).starts_with(':')
    })
}

/// The users at the start of a rule: comma-separated names, up to the host.
fn users(rule: &str) -> Vec<String> {
    let mut users = Vec::new();
    let (mut name, mut quoted, mut after_comma) = (String::new(), false, true);
    let mut letters = rule.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' => name.extend(letters.next()),
            ',' if !quoted => {
                users.push(std::mem::take(&mut name));
                after_comma = true;
                continue;
            }
            ' ' | '\t' if !quoted => {
                // The list continues if a comma stands before or after the blanks.
                while letters.peek().is_some_and(|letter| matches!(letter, ' ' | '\t')) {
                    letters.next();
                }
                if after_comma && name.is_empty() || letters.peek() == Some(&',') {
                    continue;
                }
                break;
            }
            letter => name.push(letter),
        }
        after_comma = false;
    }
    users.push(name);
    users.retain(|name| !name.is_empty());
    users
}

fn unquoted(name: &str) -> &str {
    name.trim().trim_matches('"')
}

/// Whether sudo reads files of this name in an included directory.
fn is_read(name: &str) -> bool {
    name == "sudoers" || !(name.contains('.') || name.ends_with('~'))
}

/// A rule and its users, with aliases resolved.
enum Resolved {
    NoPassword(Vec<String>),
    Include(String),
}

fn resolved(text: &str) -> Vec<(usize, Resolved)> {
    let rules = rules(text);
    let aliases: BTreeMap<&str, &[String]> = sorting::map(rules.iter().filter_map(|(_, rule)| match rule {
        Rule::Alias(name, members) => Some((name.as_str(), members.as_slice())),
        _ => None,
    }));
    let resolve = |(line, rule): &(usize, Rule)| {
        let resolved = match rule {
            Rule::Alias(..) => return None,
            Rule::Include(path) => Resolved::Include(path.clone()),
            Rule::NoPassword(users) => {
                let (mut budget, mut named) = (MOST_USERS, Vec::new());
                for user in users {
                    resolve(user, &aliases, DEPTH, &mut budget, &mut named);
                }
                if budget == 0 {
                    named = vec!["more users than are listed here".to_owned()];
                }
                Resolved::NoPassword(named)
            }
        };
        Some((*line, resolved))
    };
    rules.iter().filter_map(resolve).collect()
}

pub(crate) fn remarks(text: &str, name: &str, allowed: &[String]) -> Vec<Remark> {
    /// The number of users named in full.
    const NAMED: usize = 5;
    if !is_read(name) {
        return Vec::new();
    }
    let remark = |(line, resolved): (usize, Resolved)| match resolved {
        Resolved::Include(path) => Remark { line, text: format!("reads {} too", shown(&path)), violates: false },
        Resolved::NoPassword(named) => {
            let others: Vec<&String> = named.iter().filter(|name| !allowed.contains(name)).collect();
            let violates = !others.is_empty();
            let told = if violates { others } else { named.iter().collect() };
            let more = if told.len() > NAMED { format!(" and {} more", told.len() - NAMED) } else { String::new() };
            let told: Vec<String> = told.into_iter().take(NAMED).map(|name| shown(name)).collect();
            let text = if told.is_empty() {
                "no password, but the rule names no user".to_owned()
            } else {
                format!("no password for {}{more}", told.join(", "))
            };
            Remark { line, text, violates }
        }
    };
    resolved(text).into_iter().map(remark).collect()
}

/// Resolves a name to users. Excluded users (`!name`) do need a password.
fn resolve(name: &str, aliases: &BTreeMap<&str, &[String]>, depth: usize, budget: &mut usize, named: &mut Vec<String>) {
    if *budget == 0 || name.starts_with('!') {
        return;
    }
    *budget -= 1;
    match aliases.get(name) {
        Some(members) if depth > 0 => {
            for member in *members {
                resolve(member, aliases, depth - 1, budget, named);
            }
        }
        _ => named.push(name.to_owned()),
    }
}

pub(crate) fn kept(text: &str) -> Vec<(usize, String)> {
    let kept = |(line, resolved)| {
        let text = match resolved {
            Resolved::NoPassword(users) if users.is_empty() => "\"\" ALL = NOPASSWD: ALL".to_owned(),
            Resolved::NoPassword(users) => {
                let users: Vec<String> = users.iter().map(|name| written(name)).collect();
                format!("{} ALL = NOPASSWD: ALL", users.join(","))
            }
            Resolved::Include(path) => format!("@include {path}"),
        };
        (line, text)
    };
    resolved(text).into_iter().map(kept).collect()
}

/// A name, escaped as in a rule.
fn written(name: &str) -> String {
    let mut written = String::new();
    for (at, letter) in name.char_indices() {
        // The first letter is always escaped: the name may be a sudo keyword.
        if at == 0 || matches!(letter, ' ' | '\t' | ',' | '"' | '\\' | '#') {
            written.push('\\');
        }
        written.push(letter);
    }
    written
}

#[cfg(test)]
mod tests {
    use crate::Kind;

    fn said(text: &str) -> Vec<(usize, String, bool)> {
        let allowed = ["capv".to_owned(), "ec2-user".to_owned()];
        let remarks = Kind::Sudoers.remarks(text.as_bytes(), "sudoers", 0o440, &allowed).expect("read");
        remarks.into_iter().map(|remark| (remark.line, remark.text, remark.violates)).collect()
    }

    #[test]
    fn who_needs_no_password_is_named() {
        let table = [
            ("capv ALL=(ALL) NOPASSWD:ALL", "no password for capv", false),
            ("capv\tALL = (ALL:ALL) NOPASSWD : ALL", "no password for capv", false),
            ("alice ALL=(ALL) NOPASSWD:ALL", "no password for alice", true),
            ("capv, alice ALL=(ALL) NOPASSWD:ALL", "no password for alice", true),
            ("capv ,ec2-user ALL=NOPASSWD: /bin/ls", "no password for capv, ec2-user", false),
            ("%sudo ALL=(ALL) NOPASSWD:ALL", "no password for %sudo", true),
            ("ALL ALL=(ALL) NOPASSWD:ALL", "no password for ALL", true),
            ("#1000 ALL=(ALL) NOPASSWD:ALL", "no password for #1000", true),
            ("\"a b\" ALL=NOPASSWD: ALL", "no password for a b", true),
            ("alice ALL=(ALL) PASSWD: /bin/a, \\\n  NOPASSWD: ALL", "no password for alice", true),
            ("Defaults !authenticate", "no password for ALL", true),
            ("Defaults:alice env_reset, !authenticate", "no password for alice", true),
            ("Defaults:capv !authenticate", "no password for capv", false),
            ("User_Alias OPS = alice, bob\nOPS ALL=NOPASSWD: ALL", "no password for alice, bob", true),
            ("User_Alias OPS = capv : B = OPS\nB ALL=NOPASSWD: ALL", "no password for capv", false),
            ("User_Alias OPS = OPS\nOPS ALL=NOPASSWD: ALL", "no password for OPS", true),
            ("@include /etc/sudoers.more", "reads /etc/sudoers.more too", false),
            ("#includedir /etc/sudoers.d", "reads /etc/sudoers.d too", false),
        ];
        for (text, expected, violates) in table {
            let remarks = said(text);
            let last = remarks.last().map(|(_, text, violates)| (text.as_str(), *violates));
            assert_eq!(last, Some((expected, violates)), "{text}");
        }
    }

    #[test]
    fn what_asks_for_a_password_is_no_remark() {
        let table = [
            "alice ALL=(ALL) ALL",
            "# alice ALL=(ALL) NOPASSWD:ALL",
            "alice ALL=(ALL) ALL # NOPASSWD: not",
            "alice ALL=(ALL) /bin/echo_NOPASSWDS",
            "Defaults authenticate",
            "Defaults env_reset",
            "Cmnd_Alias X = /bin/a NOPASSWD: b",
            "",
        ];
        for text in table {
            assert_eq!(said(text), [], "{text}");
        }
    }

    #[test]
    fn files_that_sudo_passes_over_say_nothing() {
        let text = b"alice ALL=NOPASSWD: ALL";
        for (name, expected) in [("90-cloud-init-users", 1), ("a.bak", 0), ("a~", 0), ("sudoers", 1)] {
            assert_eq!(Kind::Sudoers.remarks(text, name, 0o440, &[]).expect("read").len(), expected, "{name}");
        }
    }
}
