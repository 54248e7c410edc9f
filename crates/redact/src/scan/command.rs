//! Options by which programs take passwords: `curl -u user:password`, `mysql -ppassword`, `sshpass -p password`.

use std::ops::Range;

use super::{Manner, Scan, first, is_blank};
use crate::secrecy::{hides, secrecy};

/// How an option takes a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// As the next word, or directly behind its letter.
    Word,
    /// Only directly behind its letter; the next word is something else.
    Attached,
    /// As `user:password`.
    Pair,
}

/// A program, and the short options by which it takes secrets.
type Command = (&'static str, &'static [(&'static str, Given)]);

const PASSWORD: &[(&str, Given)] = &[("p", Given::Word)];
const OF_MYSQL: &[(&str, Given)] = &[("p", Given::Attached)];
const OF_LDAP: &[(&str, Given)] = &[("w", Given::Word)];
const OF_REGISTRIES: &[(&str, Given)] = &[];

/// The programs whose options are known.
const COMMANDS: &[Command] = &[
    ("curl", &[("u", Given::Pair), ("U", Given::Pair)]),
    ("etcdctl", &[]),
    ("wget", &[]),
    ("mysql", OF_MYSQL),
    ("mysqldump", OF_MYSQL),
    ("mysqladmin", OF_MYSQL),
    ("mysqlimport", OF_MYSQL),
    ("mysqlcheck", OF_MYSQL),
    ("mysqlshow", OF_MYSQL),
    ("mariadb", OF_MYSQL),
    ("mariadb-dump", OF_MYSQL),
    ("mariadb-admin", OF_MYSQL),
    ("sshpass", PASSWORD),
    // `docker login`, `podman login`, `helm registry login` and similar commands.
    ("login", PASSWORD),
    ("mongo", PASSWORD),
    ("mongosh", PASSWORD),
    ("mongodump", PASSWORD),
    ("mongorestore", PASSWORD),
    ("mongoexport", PASSWORD),
    ("redis-cli", &[("a", Given::Word)]),
    ("ldapsearch", OF_LDAP),
    ("ldapmodify", OF_LDAP),
    ("ldapadd", OF_LDAP),
    ("ldapdelete", OF_LDAP),
    ("ldapwhoami", OF_LDAP),
    ("ldappasswd", OF_LDAP),
    ("sqlcmd", &[("P", Given::Word)]),
    ("ipmitool", &[("P", Given::Word)]),
    ("smbclient", &[("U", Given::Word)]),
    ("http", &[("a", Given::Pair)]),
    ("ctr", &[("u", Given::Pair)]),
    ("crictl", OF_REGISTRIES),
    ("skopeo", OF_REGISTRIES),
    ("psql", OF_REGISTRIES),
];

/// The longest name of a program, in bytes.
const LONGEST: usize = 16;

/// The long options of any program that take `user:password`.
const PAIR_OPTIONS: [&str; 6] = ["user", "proxy-user", "creds", "src-creds", "dest-creds", "userpass"];

/// Whether an option of this name may take `user:password`.
pub(crate) fn is_pair_option(name: &str) -> bool {
    PAIR_OPTIONS.contains(&name)
}

/// Whether the text is `user:password`, not two IDs or a user and the group of the same name.
pub(crate) fn is_pair(text: &str) -> bool {
    text.split_once(':').is_some_and(|(user, password)| {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_ids = user.len() < 12 && password.len() < 12 && is_number(user) && is_number(password);
        !password.is_empty() && user != password && !is_ids && !password.starts_with("//")
    })
}

/// Returns the program that a word of a command line names, if its options are known.
fn command(word: &[u8]) -> Option<&'static Command> {
    let tail = word.get(word.len().saturating_sub(LONGEST + 1)..)?;
    let name = tail.rsplit(|byte| matches!(byte, b'/' | b'=')).next()?;
    COMMANDS.iter().find(|(known, _)| known.as_bytes() == name)
}

/// Returns how an option takes a secret, and the length of the option's letter.
fn short_option(command: &Command, option: &str) -> Option<(Given, usize)> {
    let (_, options) = command;
    options.iter().find(|(letter, _)| option.starts_with(letter)).map(|(letter, given)| (*given, letter.len()))
}

/// The last known command before a position in a line.
#[derive(Debug, Default)]
pub(super) struct Search<'t> {
    /// The byte offset up to which the text was searched.
    at: usize,
    command: Option<&'static Command>,
    text: &'t [u8],
}

impl<'t> Search<'t> {
    /// Starts a new line at `at`; `goes_on` if it continues the command of the previous line.
    pub(super) fn line(&mut self, at: usize, goes_on: bool) {
        if !goes_on {
            (self.at, self.command) = (at, None);
        }
    }

    fn before(&mut self, text: &'t [u8], end: usize) -> Option<&'static Command> {
        self.text = text;
        let is_break = |byte: u8| {
            is_blank(byte)
                || matches!(byte, b'"' | b'\'' | b'`' | b';' | b'|' | b'&' | b'(' | b',' | b'[' | b'=' | b':')
        };
        while self.at < end {
            let word_end = first(text, self.at, is_break).min(end);
            if let Some(found) = text.get(self.at..word_end).and_then(command) {
                self.command = Some(found);
            }
            self.at = word_end + 1;
        }
        self.command
    }
}

impl Scan<'_> {
    /// Returns the secret value of the option whose dash is at `sign`.
    pub(super) fn option(&mut self, sign: usize) -> Option<Range<usize>> {
        if self.byte(sign + 1) == Some(b'-') {
            return self.long_option(sign + 2);
        }
        let letter = self.byte(sign + 1).filter(u8::is_ascii_alphabetic)?;
        if !matches!(letter, b'u' | b'U' | b'p' | b'P' | b'a' | b'w') {
            return None;
        }
        let command = self.command.before(self.bytes, sign)?;
        let (given, length) = short_option(command, self.part(sign + 1..sign + 2))?;
        let start = sign + 1 + length;
        let behind = self.behind_blanks(start);
        if behind > start && given == Given::Attached {
            return None;
        }
        self.option_value(behind, |value| given != Given::Pair || value.contains(':'))
    }

    /// Returns the secret value of `--name value`.
    fn long_option(&mut self, start: usize) -> Option<Range<usize>> {
        let end = first(self.bytes, start, |byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
        let behind = self.behind_blanks(end);
        if behind == end {
            return None;
        }
        let name = self.part(start..end);
        if is_pair_option(name) {
            return self.option_value(behind, is_pair);
        }
        let known = secrecy(name);
        let is_command = self.manner != Manner::Sentence;
        if !hides(known, "opaque") || !(is_command || self.command.before(self.bytes, start).is_some()) {
            return None;
        }
        self.option_value(behind, |value| hides(known, value))
    }

    /// Returns a value, quoted or not, if it is a secret.
    fn option_value(&mut self, start: usize, is_secret: impl Fn(&str) -> bool) -> Option<Range<usize>> {
        let place = match self.byte(start)? {
            quote @ (b'"' | b'\'') => start + 1..first(self.bytes, start + 1, |byte| byte == quote || byte == b'\n'),
            _ => start..self.word_end(start),
        };
        let value = self.part(place.clone());
        let is_value = !value.is_empty() && !value.starts_with('-') && value != crate::MASK && value != "\\";
        (is_value && is_secret(value)).then_some(place)
    }
}

/// The words of a command line, as in the arguments of a process.
#[derive(Debug, Default)]
pub(crate) struct Line {
    command: Option<&'static Command>,
    /// How the previous word takes a secret, if this word is its value.
    awaited: Option<Given>,
}

impl Line {
    /// Returns the part of the next word that the words before it show to be a secret.
    pub(crate) fn secret(&mut self, word: &str) -> Option<Range<usize>> {
        if let Some(given) = self.awaited.take()
            && !word.starts_with('-')
        {
            let is_secret = given != Given::Pair || is_pair(word);
            return is_secret.then_some(0..word.len());
        }
        if let Some(found) = command(word.as_bytes()) {
            self.command = Some(found);
            return None;
        }
        if let Some(name) = word.strip_prefix("--") {
            self.awaited = is_pair_option(name).then_some(Given::Pair);
            return None;
        }
        let (given, length) = short_option(self.command?, word.strip_prefix('-')?)?;
        let start = 1 + length;
        if start == word.len() {
            self.awaited = Some(given).filter(|given| *given != Given::Attached);
            return None;
        }
        let is_secret = given != Given::Pair || word.contains(':');
        is_secret.then_some(start..word.len())
    }
}
