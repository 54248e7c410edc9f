//! Reads the wanted settings of TOML configuration files, with their lines.
//!
//! Source: <https://toml.io/en/v1.0.0>.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use toml_parser::decoder::Encoding;
use toml_parser::parser::{EventReceiver, RecursionGuard, parse_document};
use toml_parser::{ErrorSink, ParseError, Raw, Source, Span};

use probe::{Cause, Reason};

/// The largest file that is parsed, in bytes; files of container runtimes have a few kilobytes.
const MOST_BYTES: usize = 512 << 10;
/// The maximum nesting depth of arrays and inline tables.
const DEPTH: u32 = 64;
/// How many parts of a key are kept, and how many bytes of each: wanted keys have fewer.
const MOST_PARTS: usize = 12;
const MOST_LETTERS: usize = 128;

/// The wanted settings of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Toml {
    settings: Vec<TomlSetting>,
    /// The first two parts of the keys of all tables in the file.
    tables: BTreeSet<[String; 2]>,
}

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TomlSetting {
    /// The parts of its key.
    pub key: Vec<String>,
    /// The value, or the items of a list of scalars: strings decoded, everything else as written.
    pub items: Vec<String>,
    /// Whether the value is a list.
    pub is_list: bool,
    /// The line, from 1.
    pub line: usize,
}

impl Toml {
    /// Reads the `wanted` settings of a file.
    ///
    /// # Errors
    ///
    /// Returns a reason if the file is not TOML (malformed, with the line) or larger than 512 KiB.
    pub fn parse(file: &str, bytes: &[u8], wanted: &[&[&str]]) -> Result<Self, Reason> {
        if bytes.len() > MOST_BYTES {
            let detail = format!("is larger than {} KiB, the limit for TOML", MOST_BYTES >> 10);
            return Err(Reason::new(Cause::TooLarge, file, detail));
        }
        let malformed = |detail: String| Reason::new(Cause::Malformed, file, detail);
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("is no UTF-8".to_owned()))?;
        let source = Source::new(text);
        let tokens = source.lex().into_vec();
        let mut reader = Reader::new(source, wanted);
        let mut fault: Option<ParseError> = None;
        parse_document(&tokens, &mut RecursionGuard::new(&mut reader, DEPTH), &mut fault);
        match fault {
            None => Ok(reader.found),
            Some(fault) => {
                let at = fault.unexpected().or_else(|| fault.context()).map_or(0, |span| span.start());
                let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
                Err(malformed(format!("line {line}: {}", fault.description())))
            }
        }
    }

    /// Returns the last occurrence of a setting.
    pub fn get(&self, key: &[&str]) -> Option<&TomlSetting> {
        self.settings.iter().rev().find(|setting| setting.key == key)
    }

    /// Whether the file contains a table whose key starts with these two parts.
    pub fn speaks_of(&self, table: [&str; 2]) -> bool {
        self.tables.iter().any(|known| known == &table)
    }

    /// Returns the settings and the tables of wanted keys as TOML that reads the same, each setting on its original
    /// line.
    pub fn essential(&self, wanted: &[&[&str]], shown: &dyn Fn(&str) -> String) -> String {
        let mut text = String::new();
        let mut line = 1;
        for setting in &self.settings {
            while line < setting.line {
                text.push('\n');
                line += 1;
            }
            let key: Vec<String> = setting.key.iter().map(|part| quoted(part)).collect();
            let items: Vec<String> = setting.items.iter().map(|item| quoted(&shown(item))).collect();
            let value = if setting.is_list { format!("[{}]", items.join(", ")) } else { items.concat() };
            let _ = writeln!(text, "{} = {value}", key.join("."));
            line += 1;
        }
        let is_wanted = |table: &&[String; 2]| wanted.iter().any(|key| key.iter().take(2).eq(table.iter()));
        for [first, second] in self.tables.iter().filter(is_wanted) {
            let _ = writeln!(text, "[{}.{}]", quoted(first), quoted(second));
        }
        text
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

/// Collects the wanted settings from the parser's events.
struct Reader<'a> {
    source: Source<'a>,
    wanted: &'a [&'a [&'a str]],
    found: Toml,
    line: usize,
    /// The key of the last table header.
    table: Key,
    /// The inline tables, with their keys, and the lists around the current position.
    within: Vec<Within>,
    /// The key that is being read.
    key: Key,
    /// The wanted list that is being read, and its nesting depth.
    list: Option<(TomlSetting, usize)>,
}

enum Within {
    Table(Key),
    List,
}

/// A key, cut to slightly more than the length of wanted keys.
#[derive(Default, Clone)]
struct Key {
    parts: Vec<String>,
    is_longer: bool,
}

impl Key {
    fn push(&mut self, part: &str) {
        if self.parts.len() == MOST_PARTS {
            self.is_longer = true;
        } else {
            // No wanted key has a part this long, nor one that ends in a line break.
            let part = part.get(..MOST_LETTERS).map_or_else(|| part.to_owned(), |start| format!("{start}\n"));
            self.parts.push(part);
        }
    }

    fn extend(&mut self, other: &Self) {
        for part in &other.parts {
            self.push(part);
        }
        self.is_longer |= other.is_longer;
    }
}

impl<'a> Reader<'a> {
    fn new(source: Source<'a>, wanted: &'a [&'a [&'a str]]) -> Self {
        let (table, key, within) = (Key::default(), Key::default(), Vec::new());
        Self { source, wanted, found: Toml::default(), line: 1, table, within, key, list: None }
    }

    /// Returns the full key at the current position; none in a list of tables.
    fn whole(&self) -> Option<Key> {
        let mut whole = self.table.clone();
        for within in &self.within {
            match within {
                Within::Table(key) => whole.extend(key),
                Within::List => return None,
            }
        }
        whole.extend(&self.key);
        Some(whole).filter(|key| !key.is_longer)
    }

    fn note_table(&mut self, key: &Key) {
        if let [first, second, ..] = key.parts.as_slice() {
            self.found.tables.insert([first.clone(), second.clone()]);
        }
    }

    /// Returns the setting that starts here, if it is wanted.
    fn setting(&mut self, is_list: bool) -> Option<TomlSetting> {
        let key = self.whole()?;
        if key.parts.len() > 2 {
            self.note_table(&key);
        }
        let is_wanted = self.wanted.iter().any(|wanted| *wanted == key.parts);
        is_wanted.then(|| TomlSetting { key: key.parts, items: Vec::new(), is_list, line: self.line })
    }

    fn decoded(&self, span: Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) -> String {
        let Some(raw) = self.source.get(span) else { return String::new() };
        let mut text = Cow::Borrowed("");
        let _kind = Raw::new_unchecked(raw.as_str(), encoding, span).decode_scalar(&mut text, error);
        text.into_owned()
    }

    fn count_lines(&mut self, span: Span) {
        let text = self.source.get(span).map_or("", |raw| raw.as_str());
        self.line += text.matches('\n').count();
    }
}

impl EventReceiver for Reader<'_> {
    fn std_table_open(&mut self, _span: Span, _error: &mut dyn ErrorSink) {
        self.table = Key::default();
        self.key = Key::default();
    }

    fn std_table_close(&mut self, _span: Span, _error: &mut dyn ErrorSink) {
        self.table = std::mem::take(&mut self.key);
        self.note_table(&self.table.clone());
    }

    fn array_table_open(&mut self, span: Span, error: &mut dyn ErrorSink) {
        self.std_table_open(span, error);
    }

    fn array_table_close(&mut self, span: Span, error: &mut dyn ErrorSink) {
        self.std_table_close(span, error);
        // No wanted setting is in an array of tables.
        self.table.is_longer = true;
    }

    fn inline_table_open(&mut self, _span: Span, _error: &mut dyn ErrorSink) -> bool {
        let key = std::mem::take(&mut self.key);
        self.within.push(Within::Table(key));
        true
    }

    fn inline_table_close(&mut self, _span: Span, _error: &mut dyn ErrorSink) {
        self.within.pop();
        self.key = Key::default();
    }

    fn array_open(&mut self, _span: Span, _error: &mut dyn ErrorSink) -> bool {
        if self.list.is_none() {
            self.list = self.setting(true).map(|setting| (setting, self.within.len()));
        }
        self.key = Key::default();
        self.within.push(Within::List);
        true
    }

    fn array_close(&mut self, _span: Span, _error: &mut dyn ErrorSink) {
        self.within.pop();
        if let Some((setting, _)) = self.list.take_if(|(_, depth)| *depth == self.within.len()) {
            self.found.settings.push(setting);
        }
    }

    fn simple_key(&mut self, span: Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        let Some(raw) = self.source.get(span) else { return };
        let mut text = Cow::Borrowed("");
        Raw::new_unchecked(raw.as_str(), encoding, span).decode_key(&mut text, error);
        self.key.push(&text);
    }

    fn scalar(&mut self, span: Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        let text = self.decoded(span, encoding, error);
        let depth = self.within.len();
        match &mut self.list {
            Some((setting, list)) if *list + 1 == depth => setting.items.push(text),
            Some(_) => {}
            None => {
                if let Some(mut setting) = self.setting(false) {
                    setting.items.push(text);
                    self.found.settings.push(setting);
                }
            }
        }
        self.key = Key::default();
        self.count_lines(span);
    }

    // The parser reports invalid comments and line breaks only when they are decoded.
    fn comment(&mut self, span: Span, error: &mut dyn ErrorSink) {
        if let Some(raw) = self.source.get(span) {
            raw.decode_comment(error);
        }
    }

    fn newline(&mut self, span: Span, error: &mut dyn ErrorSink) {
        if let Some(raw) = self.source.get(span) {
            raw.decode_newline(error);
        }
        self.line += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: &[&[&str]] = &[&["version"], &["imports"], &["plugins", "io.x.cri", "cni", "conf_dir"]];

    fn said(text: &str) -> String {
        match Toml::parse("/f", text.as_bytes(), WANTED) {
            Err(why) => why.to_string(),
            Ok(toml) => {
                let said =
                    toml.settings.iter().map(|it| format!("{}:{}={}", it.line, it.key.join("/"), it.items.join("|")));
                said.collect::<Vec<_>>().join(" ")
            }
        }
    }

    #[test]
    fn settings_are_found_however_they_are_written() {
        let table = [
            ("version = 2\n", "1:version=2"),
            ("[plugins.\"io.x.cri\".cni]\n  conf_dir = '/a' # as it is\n", "2:plugins/io.x.cri/cni/conf_dir=/a"),
            ("[plugins.'io.x.cri']\ncni.conf_dir = \"/\\u0061\"\n", "2:plugins/io.x.cri/cni/conf_dir=/a"),
            (
                "[plugins]\n[plugins.\"io.x.cri\"]\ncni = { bin_dir = '/b', conf_dir = '/a' }",
                "3:plugins/io.x.cri/cni/conf_dir=/a",
            ),
            (
                "plugins.'io.x.cri'.cni.conf_dir = '''\n/a'''\nversion = 3",
                "1:plugins/io.x.cri/cni/conf_dir=/a 3:version=3",
            ),
            ("imports = [\n '/a/*.toml', # first\n \"b\",\n]\nversion=2", "1:imports=/a/*.toml|b 5:version=2"),
            ("imports = []", "1:imports="),
            ("[plugins.io.x.cri.cni]\nconf_dir = '/a'", ""),
            ("[[plugins]]\nversion = 1\n", ""),
            ("[other]\nversion = 1\n", ""),
            ("x = [{version = 1}]", ""),
            ("imports = [['a'], 'b']", "1:imports=b"),
            ("# version = 2\n", ""),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_toml_is_said_with_its_line() {
        for (text, line) in [
            ("version = \n", 1),
            ("a = 1\nb = 'x\n", 2),
            ("a = 1\n\n[t\n", 3),
            ("=", 1),
            ("a b", 1),
            // Not a valid line break, not a valid character in a comment.
            ("a = 1\r\n\rb = 2\n", 2),
            ("a = 1\n# c\rb = 2\n", 2),
            ("a = 1\n# \0\n", 2),
        ] {
            assert!(said(text).starts_with(&format!("/f: line {line}: ")), "{text:?}: {}", said(text));
        }
        let why = Toml::parse("/f", b"a = '\xff'", WANTED).expect_err("no text");
        assert_eq!(why.to_string(), "/f: is no UTF-8");
    }

    #[test]
    fn no_file_costs_more_than_its_length() {
        let deep = format!("version = 2\na = {}", "[".repeat(200_000));
        assert!(Toml::parse("/f", deep.as_bytes(), WANTED).is_err());
        let long = format!("[{}b]\n{}", "a.".repeat(100_000), "c = 1\n".repeat(20_000));
        assert_eq!(said(&long), "");
        let wide = format!("[\"{}\"]\n{}", "a".repeat(200_000), "c = 1\n".repeat(20_000));
        assert_eq!(said(&wide), "");
        let large = "#".repeat(MOST_BYTES + 1);
        assert_eq!(said(&large), "/f: is larger than 512 KiB, the limit for TOML");
    }

    #[test]
    fn what_is_kept_says_the_same() {
        let text = "version = 2\n[plugins.\"io.x.cri\".cni]\nconf_dir = \"/a\\\"b\"\n[plugins.\"io.x.cri\".registry.configs.r.auth]\npassword = 'p'\n";
        let toml = Toml::parse("/f", text.as_bytes(), WANTED).expect("TOML");
        let kept = toml.essential(WANTED, &str::to_owned);
        assert!(!kept.contains("password") && !kept.contains("auth"), "{kept}");
        let again = Toml::parse("/f", kept.as_bytes(), WANTED).expect("TOML");
        assert_eq!(again, toml);
        assert!(again.speaks_of(["plugins", "io.x.cri"]) && !again.speaks_of(["plugins", "other"]));
    }
}
