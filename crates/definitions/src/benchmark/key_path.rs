//! Key paths: the location of a setting in a configuration file.
//!
//! `a.b` is a key within a key, `[*]` every item of a list, `[0]` a single item, `[resources=secrets|*.*]` the first
//! item whose `resources` equals or includes one of these values, and a final `~` the names of the keys. Keys may
//! contain dashes and any other character that is not path punctuation: `client-transport-security.cert-file`.

use std::fmt;
use std::str::FromStr;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::{char, digit1};
use nom::combinator::{all_consuming, map, map_res, opt, value};
use nom::multi::{many0, separated_list1};
use nom::sequence::{delimited, preceded, separated_pair};
use nom::{IResult, Parser};

/// The path from the top of a document to a setting: a key, then further steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPath(pub Vec<Step>);

/// One step of a [`KeyPath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `a`: the value under this key.
    Key(String),
    /// `[*]`: every item of the list.
    Every,
    /// `[0]`: the item at this index, from 0.
    Item(usize),
    /// `[key=a|b]`: the first item whose value under `key` equals, or as a list includes, one of `values`.
    Where {
        /// The key in the item.
        key: String,
        /// The accepted values.
        values: Vec<String>,
    },
    /// `~`: the names of the mapping's keys. Only as the last step.
    Names,
}

/// A text that is not a key path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("key path {path:?} cannot be parsed from character {character} on")]
pub struct KeyPathError {
    /// The text.
    pub path: String,
    /// The position of the first unexpected character, from 1.
    pub character: usize,
}

impl FromStr for KeyPath {
    type Err = KeyPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let at = |rest: &str| KeyPathError {
            path: text.to_owned(),
            character: text.get(..text.len() - rest.len()).unwrap_or("").chars().count() + 1,
        };
        match all_consuming(steps).parse(text) {
            Ok((_, steps)) => Ok(Self(steps)),
            Err(nom::Err::Error(error) | nom::Err::Failure(error)) => Err(at(error.input)),
            Err(nom::Err::Incomplete(_)) => Err(at("")),
        }
    }
}

fn steps(input: &str) -> IResult<&str, Vec<Step>> {
    let more = many0(alt((preceded(char('.'), key), bracket)));
    map((key, more, opt(value(Step::Names, char('~')))), |(first, more, names)| {
        [first].into_iter().chain(more).chain(names).collect()
    })
    .parse(input)
}

fn key(input: &str) -> IResult<&str, Step> {
    map(name, |name| Step::Key(name.to_owned())).parse(input)
}

fn bracket(input: &str) -> IResult<&str, Step> {
    delimited(
        char('['),
        alt((
            value(Step::Every, tag("*")),
            map_res(digit1, |digits: &str| digits.parse().map(Step::Item)),
            map(separated_pair(name, char('='), separated_list1(char('|'), item)), |(key, values)| Step::Where {
                key: key.to_owned(),
                values: values.into_iter().map(str::to_owned).collect(),
            }),
        )),
        char(']'),
    )
    .parse(input)
}

fn name(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| {
        !matches!(c, '.' | '[' | ']' | '~' | '=' | '|' | '*') && !c.is_whitespace() && !c.is_control()
    })
    .parse(input)
}

/// Parses one of the values of `[key=…]`, which may contain dots and asterisks (`*.*`).
fn item(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| !matches!(c, '[' | ']' | '|') && !c.is_whitespace() && !c.is_control()).parse(input)
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if index == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Every => f.write_str("[*]")?,
                Step::Item(place) => write!(f, "[{place}]")?,
                Step::Where { key, values } => write!(f, "[{key}={}]", values.join("|"))?,
                Step::Names => f.write_str("~")?,
            }
        }
        Ok(())
    }
}
