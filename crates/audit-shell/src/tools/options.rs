//! Parses options as GNU's programs do: anywhere before `--`, with combined short options and long options.

/// The maximum number of options in a call.
const MOST_OPTIONS: usize = 256;

/// Parsed options and operands.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// The letter of each option, and its value.
    pub(super) options: Vec<(u8, Vec<u8>)>,
    pub(super) operands: Vec<Vec<u8>>,
}

impl Given {
    pub(super) fn has(&self, letter: u8) -> bool {
        self.options.iter().any(|(given, _)| *given == letter)
    }

    /// The last value of an option.
    pub(super) fn value(&self, letter: u8) -> Option<&[u8]> {
        self.options.iter().rev().find(|(given, _)| *given == letter).map(|(_, value)| value.as_slice())
    }
}

/// Errors in options.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// An unsupported option.
    Unknown(String),
    /// An option without its required value.
    Lacks(char),
    /// Too many options, which are searched linearly.
    TooMany,
}

/// The options that a program supports.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// Letters, each followed by a colon if it takes a value.
    pub(super) short: &'static str,
    pub(super) long: &'static [(&'static str, u8)],
    /// Whether the first operand ends the options.
    pub(super) leading: bool,
}

/// Parses the arguments of a program.
pub(super) fn read(arguments: &[Vec<u8>], known: Known) -> Result<Given, Wrong> {
    let takes = |letter: u8| {
        let at = known.short.bytes().position(|byte| byte == letter && letter != b':')?;
        Some(known.short.as_bytes().get(at + 1) == Some(&b':'))
    };
    let mut given = Given::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if given.options.len() > MOST_OPTIONS {
            return Err(Wrong::TooMany);
        }
        if argument == b"--" {
            given.operands.extend(rest.cloned());
            break;
        }
        if let Some(long) = argument.strip_prefix(b"--") {
            let text = String::from_utf8_lossy(long).into_owned();
            let (name, value) = text.split_once('=').map_or((text.as_str(), None), |(name, value)| (name, Some(value)));
            let Some((_, letter)) = known.long.iter().find(|(known, _)| *known == name) else {
                return Err(Wrong::Unknown(format!("--{name}")));
            };
            let value = match (value, takes(*letter)) {
                (Some(value), _) => value.as_bytes().to_vec(),
                (None, Some(true)) => rest.next().cloned().ok_or(Wrong::Lacks(char::from(*letter)))?,
                (None, _) => Vec::new(),
            };
            given.options.push((*letter, value));
            continue;
        }
        let Some(letters) = argument.strip_prefix(b"-").filter(|letters| !letters.is_empty()) else {
            given.operands.push(argument.clone());
            if known.leading {
                given.operands.extend(rest.cloned());
                break;
            }
            continue;
        };
        let mut letters = letters;
        while let Some((letter, after)) = letters.split_first() {
            if given.options.len() > MOST_OPTIONS {
                return Err(Wrong::TooMany);
            }
            match takes(*letter) {
                None => return Err(Wrong::Unknown(format!("-{}", char::from(*letter)))),
                Some(false) => given.options.push((*letter, Vec::new())),
                Some(true) => {
                    let value = if after.is_empty() {
                        rest.next().cloned().ok_or(Wrong::Lacks(char::from(*letter)))?
                    } else {
                        after.to_vec()
                    };
                    given.options.push((*letter, value));
                    break;
                }
            }
            letters = after;
        }
    }
    Ok(given)
}

impl super::Context<'_, '_> {
    /// The options of this program; `None` if one lacks its value, which has then been reported.
    pub(super) fn options(&self, known: Known) -> super::Run<Option<Given>> {
        match read(&self.arguments, known) {
            Ok(given) => Ok(Some(given)),
            Err(Wrong::Unknown(option)) => Err(self.refuse(&format!("the option {option}"))),
            Err(Wrong::TooMany) => Err(self.refuse("a call with so many options")),
            Err(Wrong::Lacks(letter)) => {
                self.usage(&format!("option requires an argument -- '{letter}'"))?;
                Ok(None)
            }
        }
    }
}
