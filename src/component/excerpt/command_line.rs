//! Excerpts of command lines, in which only the flags that are read keep their values.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use definitions::SharedText;

/// The prefix of a placeholder for a withheld word. Equal words get equal placeholders.
pub const WITHHELD: &str = "(withheld";

/// The placeholder for a variable's name that may instead be part of a secret.
const UNNAMED: &str = "WITHHELD";

/// The longest name of an unknown flag that is shown, in bytes.
const LONGEST_NAME: usize = 64;

/// The suffix of embedding programs' flags whose values are arguments of components.
const NESTED: &str = "-arg";

/// The known flags, programs and variables.
#[derive(Debug, Clone, Default)]
pub struct Sets {
    /// The flags whose values are read, with two dashes.
    pub read: BTreeSet<SharedText>,
    /// All known flags, whether or not their values are read.
    pub known: BTreeSet<SharedText>,
    /// The flags that take no value.
    pub boolean: BTreeSet<SharedText>,
    /// The names of programs, and the words behind them that select one.
    pub programs: BTreeSet<String>,
    /// The names of the variables that are read.
    pub variables: BTreeSet<String>,
    /// The flags that name a database, of whose URL only the scheme is read.
    pub databases: BTreeSet<SharedText>,
}

/// Makes excerpts of command lines and the like. A single instance is used for a whole node, so that equal words stay
/// equal.
pub struct CommandLines<'a> {
    sets: &'a Sets,
    /// Masks a value if its name or format is a secret's.
    mask: &'a dyn Fn(&str, &str) -> String,
    /// Returns the program that a word, as part of a script, starts.
    starts: &'a dyn Fn(&str) -> Option<String>,
    withheld: RefCell<HashMap<String, usize>>,
}

/// The role of the next word.
enum Next {
    /// Any word.
    Word,
    /// The value of this flag, which is read.
    Value(String),
    /// The value of a flag, which is not read.
    Withheld,
}

impl<'a> CommandLines<'a> {
    /// Creates an instance with these flags and words. `mask` masks a value by its name, and `starts` finds the program
    /// that a script starts.
    pub fn new(
        sets: &'a Sets,
        mask: &'a dyn Fn(&str, &str) -> String,
        starts: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        Self { sets, mask, starts, withheld: RefCell::default() }
    }

    /// The known flags, programs and variables.
    pub const fn sets(&self) -> &'a Sets {
        self.sets
    }

    /// Returns a value that is read, masked if its name or format is a secret's.
    pub fn shown(&self, name: &str, value: &str) -> String {
        (self.mask)(name, value)
    }

    /// Returns the placeholder for a word that is not read, equal for equal words. It preserves what readers need of
    /// any word: whether it contains a dash, the variables it refers to, and whether it contains a systemd specifier.
    pub fn withheld(&self, word: &str) -> String {
        if word.is_empty() {
            return String::new();
        }
        let next = self.withheld.borrow().len() + 1;
        let number = *self.withheld.borrow_mut().entry(word.to_owned()).or_insert(next);
        let mut stands = format!("{WITHHELD}{}{number})", if word.contains('-') { '-' } else { ':' });
        for name in references(word) {
            // A password may contain a dollar sign, and nothing of it may stay.
            let is_usual = name.starts_with('{') || !name.contains(|c: char| c.is_ascii_lowercase());
            stands.push('$');
            stands.push_str(if name.is_empty() || (is_usual && names_a_variable(&name)) { &name } else { UNNAMED });
        }
        if super::super::service_environment::plain(word).is_none() {
            stands.push('%');
        }
        stands
    }

    /// Returns the excerpt of a command line, whose first word may name the program.
    pub fn words<W: AsRef<str>>(&self, words: &[W], has_program: bool) -> Vec<String> {
        let mut next = Next::Word;
        let mut is_program = has_program;
        words
            .iter()
            .map(|word| {
                let word = word.as_ref();
                if std::mem::take(&mut is_program) {
                    return self.shown("", word);
                }
                let role = std::mem::replace(&mut next, Next::Word);
                match &role {
                    Next::Value(flag) if !word.starts_with("--") => return self.value(flag, word),
                    Next::Withheld if !word.starts_with('-') => return self.positional(word),
                    Next::Value(_) | Next::Withheld | Next::Word => {}
                }
                let (text, then) = self.word(word);
                next = then;
                // Readers that take the previous flag for a boolean take a flag here as such, others as a value. The
                // excerpt serves both.
                match role {
                    Next::Value(flag) if self.is_shown_behind(&flag, word) => word.to_owned(),
                    _ => text,
                }
            })
            .collect()
    }

    fn word(&self, word: &str) -> (String, Next) {
        if matches!(word, "" | "-" | "--") {
            return (word.to_owned(), Next::Word);
        }
        let Some(option) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
            return (self.positional(word), Next::Word);
        };
        let dashes = word.get(..word.len() - option.len()).unwrap_or_default();
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        let flag = self.flag(name);
        let shown = if self.is_shown(name, dashes, &flag) { name.to_owned() } else { self.withheld(name) };
        match value {
            Some(value) => (format!("{dashes}{shown}={}", self.value(&flag, value)), Next::Word),
            None if self.sets.boolean.contains(flag.as_str()) => (format!("{dashes}{shown}"), Next::Word),
            None if self.is_read(&flag) => (format!("{dashes}{shown}"), Next::Value(flag)),
            None => (format!("{dashes}{shown}"), Next::Withheld),
        }
    }

    /// Whether a flag may be shown whole because it may instead be the value of the flag before it, which is read. Not
    /// if it looks like a secret in either reading.
    fn is_shown_behind(&self, flag: &str, word: &str) -> bool {
        let name = word.trim_start_matches('-');
        let (name, value) = name.split_once('=').unwrap_or((name, ""));
        self.sets.read.contains(flag)
            && !self.sets.databases.contains(flag)
            && self.shown(flag, word) == word
            && self.shown(&self.flag(name), value) == value
    }

    /// Returns a flag by its known spelling.
    fn flag(&self, name: &str) -> String {
        let flag = format!("--{name}");
        let dashed = flag.replace('_', "-");
        let is_known =
            |flag: &String| self.sets.read.contains(flag.as_str()) || self.sets.known.contains(flag.as_str());
        if !is_known(&flag) && is_known(&dashed) { dashed } else { flag }
    }

    fn is_read(&self, flag: &str) -> bool {
        self.sets.read.contains(flag) || self.sets.databases.contains(flag) || flag.ends_with(NESTED)
    }

    /// Whether the name of a flag may be shown: it is known, or it looks like a plain name.
    fn is_shown(&self, name: &str, dashes: &str, flag: &str) -> bool {
        let is_known = self.sets.known.contains(flag) || self.is_read(flag);
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        let is_name = name.len() <= LONGEST_NAME
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(letter);
        is_known || (is_name && (dashes == "--" || name.len() == 1) && self.shown("", name) == name)
    }

    /// Returns the excerpt of a flag's value.
    pub fn value(&self, flag: &str, value: &str) -> String {
        if self.sets.databases.contains(flag) {
            return schemes(value);
        }
        if self.sets.read.contains(flag) {
            return self.shown(flag, value);
        }
        if flag.ends_with(NESTED) { self.nested(value) } else { self.withheld(value) }
    }

    /// Returns the excerpt of an argument that a program passes on: `max-pods=5`, `--max-pods=5`.
    pub fn nested(&self, argument: &str) -> String {
        let name = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-')).unwrap_or(argument);
        let dashes = argument.get(..argument.len() - name.len()).unwrap_or_default();
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (name, None),
        };
        // A trailing plus or minus adds to the program's own default.
        let flag = self.flag(name.strip_suffix(['+', '-']).unwrap_or(name));
        let shown = if self.is_shown(name.strip_suffix('+').unwrap_or(name), "--", &flag) {
            name.to_owned()
        } else {
            self.withheld(name)
        };
        match value {
            Some(value) => format!("{dashes}{shown}={}", self.value(&flag, value)),
            None => format!("{dashes}{shown}"),
        }
    }

    /// Returns the excerpt of a word that is neither a flag nor a flag's value.
    fn positional(&self, word: &str) -> String {
        let is_program = |name: &str| self.sets.programs.contains(name);
        let file = word.rsplit('/').next().unwrap_or_default();
        let image = file.split(['@', ':']).next().unwrap_or_default();
        let is_named = is_program(word) || is_program(file) || (word.contains('/') && is_program(image));
        if is_named && !word.contains(|c: char| c.is_whitespace() || c == '=') {
            return self.shown("", word);
        }
        // The word is a single variable, which expands to words.
        let name = word.strip_prefix('$');
        if name.is_some_and(|name| references(word) == [name] && names_a_variable(name)) {
            return word.to_owned();
        }
        match (self.starts)(word) {
            Some(program) => format!("exec {program} {}", self.withheld(word)),
            None => self.withheld(word),
        }
    }

    /// Returns the excerpt of an environment variable's value.
    pub fn variable(&self, name: &str, value: &str) -> String {
        let is_read = self.sets.variables.contains(name);
        // The value consists of options, all of which are added to a command line.
        if !is_read && (value.contains(char::is_whitespace) || value.starts_with('-')) {
            let words: Vec<&str> = value.split_ascii_whitespace().collect();
            return self.words(&words, false).join(" ");
        }
        self.shown(name, value)
    }

    /// Like [`Self::variable`], for bytes, which stay unchanged if they are shown whole.
    pub fn bytes_of_variable(&self, name: &str, value: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(value);
        let kept = self.variable(name, &text);
        if kept == text { value.to_vec() } else { kept.into_bytes() }
    }

    /// Returns the excerpt of a command line, program first, as bytes. Words that are shown whole stay unchanged, even
    /// if they are not valid UTF-8.
    pub fn bytes(&self, words: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let texts: Vec<Cow<'_, str>> = words.iter().map(|word| String::from_utf8_lossy(word)).collect();
        let kept = self.words(&texts, true).into_iter().zip(words).zip(&texts);
        kept.map(|((kept, word), text)| if kept == *text { word.clone() } else { kept.into_bytes() }).collect()
    }
}

/// Returns the schemes of database URLs, `https://`, without the rest, which may be secret.
pub(super) fn schemes(urls: &str) -> String {
    let scheme = |url: &str| url.split_once("://").map_or_else(String::new, |(scheme, _)| format!("{scheme}://"));
    urls.split(',').map(scheme).collect::<Vec<_>>().join(",")
}

/// The longest run of letters mixed with digits in a variable's name, in bytes.
const LONGEST_RUN: usize = 10;

/// Whether a reference, in braces or not, looks like a variable's usual name, and not like a part of a password hash
/// between dollar signs: `KUBELET_EXTRA_ARGS`, but not `6` or `F5Jx5fExrKuPp53xLKQ`.
fn names_a_variable(reference: &str) -> bool {
    let name = reference.trim_start_matches('{').trim_end_matches('}');
    let is_mixed = |run: &str| run.contains(|c: char| c.is_ascii_digit()) && run.contains(|c: char| c.is_alphabetic());
    let has_two_cases =
        |run: &str| run.contains(|c: char| c.is_ascii_uppercase()) && run.contains(|c: char| c.is_ascii_lowercase());
    let is_part =
        |run: &str| run.len() <= LONGEST_RUN || !(is_mixed(run) || (has_two_cases(run) && run.len() > 2 * LONGEST_RUN));
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.len() <= LONGEST_NAME
        && name.split('_').all(is_part)
}

/// Returns the variables that a word refers to, as written in units and argument files; empty for a single dollar sign.
fn references(word: &str) -> Vec<String> {
    let name = |text: &str| {
        let (open, text) = text.strip_prefix('{').map_or(("", text), |text| ("{", text));
        let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
        let close =
            if open.is_empty() || !text.get(end..).is_some_and(|rest| rest.starts_with('}')) { "" } else { "}" };
        format!("{open}{}{close}", text.get(..end).unwrap_or_default())
    };
    word.split('$').skip(1).map(name).collect()
}
