//! Parses command lines as the components themselves do.

use std::collections::BTreeMap;
use std::sync::Arc;

use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::combinator::{all_consuming, opt, rest};
use nom::sequence::preceded;
use nom::{IResult, Parser};

use definitions::benchmark::{Component, Grammar};
use probe::{Cause, NOT_RECORDED, Reason};

use super::excerpt::WITHHELD;
use super::set_in::SetIn;
use super::value::word;

/// A flag given on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The name with two dashes, with underscores turned into dashes if the component does so.
    pub flag: String,
    /// The value; `true` for a boolean flag without one. None if the line ends before the value.
    ///
    /// Invalid UTF-8 is replaced with U+FFFD.
    pub value: Option<String>,
    /// Where it comes from, if not from the process's own command line.
    pub given_by: Option<Arc<GivenBy>>,
}

/// The origin of an argument that is not on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenBy {
    /// A file.
    File {
        /// The file, and the line in it.
        set_in: SetIn,
        /// The file's name for it, if that is not the flag: `kube-apiserver-arg profiling`.
        key: Option<String>,
    },
    /// The program that embeds the component: `k3s`.
    Embedder(String),
}

/// A word of a command line, and its origin.
#[derive(Debug, Clone)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Where it comes from, if not from the process's own command line.
    pub given_by: Option<Arc<GivenBy>>,
}

/// The flags of one command line, in order.
///
/// Source: pflag as Kubernetes' components set it up
/// (<https://kubernetes.io/docs/reference/command-line-tools-reference/>), Go's `flag` for etcd.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    given: Vec<Argument>,
    /// Flags for which it is unknown whether they are given, or with what value.
    unknown: BTreeMap<String, Reason>,
}

impl Arguments {
    /// Parses `words`, the first `skipped` of which name the program (`hyperkube kubelet`: two).
    pub fn read(words: &[Vec<u8>], skipped: usize, component: &Component) -> Self {
        let word = |word: &Vec<u8>| Word { text: String::from_utf8_lossy(word).into_owned(), given_by: None };
        Self::of_words(words.iter().skip(skipped).map(word).collect(), component)
    }

    /// Parses words that do not include the program's name.
    pub fn of_words(words: Vec<Word>, component: &Component) -> Self {
        let mut found = Vec::new();
        let mut words = words.into_iter().peekable();
        while let Some(Word { text: word, given_by }) = words.next() {
            if word == "--" {
                break;
            }
            let Some((name, value)) = split(&word, component.grammar) else {
                match component.grammar {
                    // pflag continues after a word that is not a flag; Go's `flag` package stops there.
                    Grammar::Kubernetes => {
                        // `-v 2` is the only shorthand that the components have.
                        if word == "-v" {
                            words.next();
                        }
                        continue;
                    }
                    Grammar::Etcd | Grammar::Go => break,
                }
            };
            let flag = format!("--{}", normalised(name, component.grammar));
            let value = match value {
                Some(value) => Some(value.to_owned()),
                None if component.flags.boolean.iter().any(|known| *known == flag) => Some("true".to_owned()),
                // An unknown flag before another flag is assumed to be a boolean: guessing otherwise would hide the
                // other flag.
                None if !known(component, &flag) && words.peek().is_some_and(|next| next.text.starts_with("--")) => {
                    Some("true".to_owned())
                }
                None => words.next().map(|word| word.text),
            };
            found.push(Argument { flag, value, given_by });
        }
        let mut arguments = Self { given: found, unknown: BTreeMap::new() };
        let withheld = |argument: &&Argument| argument.value.as_ref().is_some_and(|value| value.starts_with(WITHHELD));
        let withheld: Vec<String> =
            arguments.given.iter().filter(withheld).map(|argument| argument.flag.clone()).collect();
        for flag in withheld {
            let why = Reason::new(Cause::NotRecorded, format!("{} {flag}", component.name), NOT_RECORDED);
            arguments.leave_open(flag, why);
        }
        arguments
    }

    /// Iterates over all flags, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Argument> {
        self.given.iter()
    }

    /// Appends these to earlier arguments.
    #[must_use]
    pub fn after(self, mut earlier: Self) -> Self {
        earlier.given.extend(self.given);
        earlier.unknown.extend(self.unknown);
        earlier
    }

    /// Keeps only the arguments that satisfy `is_kept`.
    pub fn retain(&mut self, is_kept: impl Fn(&Argument) -> bool) {
        self.given.retain(is_kept);
    }

    /// Records that the value of a flag is unknown.
    pub fn leave_open(&mut self, flag: String, why: Reason) {
        self.unknown.entry(flag).or_insert(why);
    }

    /// Returns why it is unknown whether a flag is given, or with what value; none if it is known.
    pub fn unknown(&self, flag: &str) -> Option<&Reason> {
        self.unknown.get(flag)
    }

    /// Returns the origin of the last occurrence of a flag; none if that is the command line itself.
    pub(super) fn given_by(&self, flag: &str) -> Option<&GivenBy> {
        self.given.iter().rev().find(|argument| argument.flag == flag)?.given_by.as_deref()
    }

    /// Whether the flag is given.
    pub fn has(&self, flag: &str) -> bool {
        self.given.iter().any(|argument| argument.flag == flag)
    }

    /// Returns the value of a flag; the last occurrence wins.
    pub fn last(&self, flag: &str) -> Option<&str> {
        self.given.iter().rev().find(|argument| argument.flag == flag).and_then(|argument| argument.value.as_deref())
    }

    /// Iterates over all values of a flag, in order.
    pub fn values<'a>(&'a self, flag: &'a str) -> impl Iterator<Item = &'a str> {
        self.given.iter().filter(move |argument| argument.flag == flag).filter_map(|argument| argument.value.as_deref())
    }

    /// Returns the items of a list flag: occurrences accumulate, items are separated as in CSV.
    pub fn items(&self, flag: &str) -> Vec<String> {
        self.values(flag).flat_map(split_items).collect()
    }

    /// Returns the value of an entry of a map flag; the last occurrence wins.
    pub fn entry(&self, flag: &str, entry: &str) -> Option<String> {
        self.entries(flag, entry).last().map(str::to_owned)
    }

    /// Iterates over all values of an entry of a map flag, in order.
    pub fn entries<'a>(&'a self, flag: &'a str, entry: &'a str) -> impl Iterator<Item = &'a str> {
        self.values(flag)
            .flat_map(|value| value.split(','))
            .filter_map(|pair| pair.split_once('='))
            .filter(move |(key, _)| without_component(key.trim()) == entry)
            .map(|(_, value)| value.trim())
    }
}

/// Removes the component from a gate's key (`kube:NAME`) if it is Kubernetes; other components have gates of their own.
///
/// Source: `ComponentGlobalsRegistry` in
/// <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/component-base/compatibility/registry.go>.
fn without_component(key: &str) -> &str {
    match key.split_once(':') {
        Some(("" | "kube", gate)) => gate.trim(),
        _ => key,
    }
}

/// Whether the definitions contain the type of the flag's value.
fn known(component: &Component, flag: &str) -> bool {
    let flags = &component.flags;
    [&*flags.boolean, &flags.list, &flags.map, &flags.duration].iter().any(|kind| kind.iter().any(|name| name == flag))
        || component.defaults.contains_key(flag)
        || component.places.values().any(|place| place.follow.iter().any(|follow| follow.flag.as_deref() == Some(flag)))
        || component
            .config
            .as_ref()
            .is_some_and(|config| config.flag == flag || config.drop_ins.as_deref() == Some(flag))
}

/// Splits a word that is a flag into its name, without dashes, and the value behind `=`.
fn split(word: &str, grammar: Grammar) -> Option<(&str, Option<&str>)> {
    all_consuming(|input| flag(input, grammar)).parse(word).ok().map(|(_, parts)| parts)
}

fn flag(input: &str, grammar: Grammar) -> IResult<&str, (&str, Option<&str>)> {
    let (input, _) = match grammar {
        Grammar::Kubernetes => tag("--").parse(input)?,
        Grammar::Etcd | Grammar::Go => alt((tag("--"), tag("-"))).parse(input)?,
    };
    let (input, name) = word(|c| c != '=')(input)?;
    let (input, value) = opt(preceded(tag("="), rest)).parse(input)?;
    if name.starts_with('-') {
        return Err(nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Tag)));
    }
    Ok((input, (name, value)))
}

/// Returns a flag's name in the component's spelling: Kubernetes accepts underscores for dashes.
pub(super) fn normalised(name: &str, grammar: Grammar) -> String {
    match grammar {
        Grammar::Kubernetes => name.replace('_', "-"),
        Grammar::Etcd | Grammar::Go => name.to_owned(),
    }
}

/// Splits a value into items as pflag's string slices do (one CSV record).
pub(super) fn split_items(value: &str) -> Vec<String> {
    if value.is_empty() {
        return Vec::new();
    }
    let mut items = Vec::new();
    let mut item = String::new();
    let mut quoted = false;
    let mut characters = value.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                item.push('"');
                characters.next();
            }
            '"' if quoted => quoted = false,
            '"' if item.is_empty() => quoted = true,
            ',' if !quoted => items.push(std::mem::take(&mut item)),
            _ => item.push(c),
        }
    }
    items.push(item);
    items
}

impl FromIterator<Argument> for Arguments {
    fn from_iter<I: IntoIterator<Item = Argument>>(arguments: I) -> Self {
        Self { given: arguments.into_iter().collect(), unknown: BTreeMap::new() }
    }
}
