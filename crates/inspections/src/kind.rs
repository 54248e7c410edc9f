//! The kinds of files that are inspected, and remarks on them.

use sorting::Sorting;

use crate::{accounts, authorized_keys, containers, git, passwords, registry, shell, sudoers};

/// The most remarks per file; further ones are counted.
pub const MOST_REMARKS: usize = 200;

/// The most characters of a name in a remark.
const LONGEST: usize = 80;

/// The kind of a file's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// sudo's rules: who may run commands as another user without a password (sudoers(5)).
    Sudoers,
    /// `/etc/shadow`: users with a password (shadow(5)).
    Passwords,
    /// `/etc/passwd`: who may log in (passwd(5)).
    Accounts,
    /// SSH keys that may log in (sshd(8), `AUTHORIZED_KEYS FILE FORMAT`), or the JSON user data of Bottlerocket's
    /// admin container, which contains such lines.
    AuthorizedKeys,
    /// containerd's registries, in `hosts.toml` or its own configuration: registries without certificate verification,
    /// and credentials in files that others can read.
    Registries,
    /// The configuration of a Git clone: tokens in URLs (git-config(1)).
    Git,
    /// Shell startup files and history: variables set to literal values.
    Shell,
    /// Docker's state file of a container (`config.v2.json`): whether it runs.
    Containers,
}

/// A remark on a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The line number, from 1.
    pub line: usize,
    /// A short text without secrets.
    pub text: String,
    /// Whether it is a violation.
    pub violates: bool,
}

impl Remark {
    /// The remarks on one file up to the limit, violations first so that other remarks do not displace them.
    pub fn bounded(mut remarks: Vec<Self>) -> Vec<Self> {
        if remarks.len() > MOST_REMARKS {
            remarks.order_by_key(|remark| (!remark.violates, remark.line));
            let violates = remarks.iter().skip(MOST_REMARKS).any(|remark| remark.violates);
            let (line, count) = (remarks[MOST_REMARKS].line, remarks.len() - MOST_REMARKS);
            remarks.truncate(MOST_REMARKS);
            remarks.push(Self { line, text: format!("{count} more"), violates });
        }
        remarks
    }
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Sudoers,
        Self::Passwords,
        Self::Accounts,
        Self::AuthorizedKeys,
        Self::Registries,
        Self::Git,
        Self::Shell,
        Self::Containers,
    ];

    /// The kind's name in definitions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sudoers => "sudoers",
            Self::Passwords => "passwords",
            Self::AuthorizedKeys => "authorized-keys",
            Self::Registries => "registries",
            Self::Git => "git",
            Self::Accounts => "accounts",
            Self::Shell => "shell",
            Self::Containers => "containers",
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether remarks need review even if none is a violation.
    pub const fn needs_review(self) -> bool {
        matches!(self, Self::AuthorizedKeys | Self::Shell)
    }

    /// Returns the remarks on a file. `name` is its base name, `mode` its permission bits, and `names` lists what the
    /// kind compares with: the machine's users, variables, or containers.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not of this kind.
    pub fn remarks(self, text: &[u8], name: &str, mode: u32, names: &[String]) -> Result<Vec<Remark>, String> {
        let text = String::from_utf8_lossy(text);
        let remarks = match self {
            Self::Sudoers => sudoers::remarks(&text, name, names),
            Self::Passwords => passwords::remarks(&text, names),
            Self::Accounts => accounts::remarks(&text, names),
            Self::AuthorizedKeys => authorized_keys::remarks(&text),
            Self::Registries => registry::remarks(&text, mode),
            Self::Git => git::remarks(&text),
            Self::Shell => shell::remarks(&text, names),
            Self::Containers => containers::remarks(&text, names)?,
        };
        Ok(Remark::bounded(remarks))
    }

    /// Returns a text without secrets that gives the same remarks on the same lines.
    pub fn kept(self, text: &[u8]) -> String {
        let text = String::from_utf8_lossy(text);
        let parts = match self {
            Self::Sudoers => sudoers::kept(&text),
            Self::Passwords => passwords::kept(&text),
            Self::AuthorizedKeys => authorized_keys::kept(&text),
            Self::Registries => registry::kept(&text),
            Self::Git => git::kept(&text),
            Self::Accounts => accounts::kept(&text),
            Self::Shell => shell::kept(&text),
            Self::Containers => containers::kept(&text),
        };
        let mut kept = String::new();
        let mut line = 1;
        for (at, part) in parts {
            for _ in line..at {
                kept.push('\n');
            }
            line = line.max(at);
            kept.push_str(&part);
            kept.push(' ');
        }
        kept
    }
}

/// A name for display: one line, of limited length.
pub(crate) fn shown(name: &str) -> String {
    let mut shown: String =
        name.chars().take(LONGEST).map(|letter| if letter.is_control() { '?' } else { letter }).collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{MOST_REMARKS, Remark};

    #[test]
    fn what_may_be_hides_nothing_that_should_not_be() {
        let remark = |line, violates| Remark { line, text: String::new(), violates };
        let mut many: Vec<Remark> = (1..=MOST_REMARKS + 5).map(|line| remark(line, false)).collect();
        many.push(remark(MOST_REMARKS + 6, true));
        let bounded = Remark::bounded(many);
        assert_eq!(bounded.len(), MOST_REMARKS + 1);
        assert!(bounded[0].violates);
        assert_eq!((bounded[MOST_REMARKS].text.as_str(), bounded[MOST_REMARKS].violates), ("6 more", false));
        let all = Remark::bounded((0..=MOST_REMARKS).map(|line| remark(line, true)).collect());
        assert!(all[MOST_REMARKS].violates, "what is counted counts");
    }
}
