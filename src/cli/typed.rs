//! What was typed, as kube-bench's users type it, spelt as clap reads it.
//!
//! Options count alike before and after the subcommand, so that those before it are moved behind it: then all of them
//! add up, contradict and override each other as if they stood together. Switches may say `=true` and `=false` as Go's
//! do, and `-v` may stand alone or before its number. `help` has no use for any.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, Command};

/// `words` (the program's name first) as `command` reads them.
pub(super) fn spelt(command: &Command, words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words = words.into_iter().peekable();
    let program = words.next();
    let mut subcommand = None;
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    while let Some(word) = words.next() {
        let options = if subcommand.is_some() { &mut behind } else { &mut before };
        let is_option = word.as_encoded_bytes().starts_with(b"-");
        match option(command, &word) {
            Some(option) if option.is_verbosity() && option.value.is_none() => {
                let number = words.next_if(|next| next.to_str().is_some_and(|next| next.parse::<u8>().is_ok()));
                options.push(verbosity(number.as_deref()));
            }
            Some(option) => {
                let takes_next = option.takes_next();
                options.extend(option.spelt(&word));
                options.extend(words.next_if(|_| takes_next));
            }
            None if subcommand.is_none() && !is_option => subcommand = Some(word),
            // Of an option that is not known, it is not known either whether the next word is its value: clap says of
            // the words as they are what is wrong. Nothing behind `--` is an option.
            None if subcommand.is_none() || word == "--" => {
                options.push(word);
                options.extend(words.by_ref());
            }
            None => options.push(word),
        }
    }
    // What is helped with is a subcommand, whatever the options.
    if subcommand.as_deref() == Some(OsStr::new("help")) {
        before.clear();
        behind.retain(|word| !word.as_encoded_bytes().starts_with(b"-"));
    }
    // What stood behind the subcommand comes last: of an option that is given twice, the last counts.
    program.into_iter().chain(subcommand).chain(before).chain(behind).collect()
}

/// An option as it stands in a word.
struct Typed<'a> {
    arg: &'a Arg,
    /// What stands behind it in the same word.
    value: Option<&'a str>,
}

/// The option that a word names, where the program has it.
fn option<'a>(command: &'a Command, word: &'a OsStr) -> Option<Typed<'a>> {
    // An option's name is text; a value behind it that is none leaves the word as it is.
    let word = word.to_str()?;
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let arg = command.get_arguments().find(|arg| arg.get_long() == Some(name))?;
        return Some(Typed { arg, value });
    }
    let mut letters = word.strip_prefix('-')?.chars();
    let short = letters.next()?;
    let arg = command.get_arguments().find(|arg| arg.get_short() == Some(short))?;
    let value = Some(letters.as_str()).filter(|value| !value.is_empty());
    Some(Typed { arg, value })
}

impl Typed<'_> {
    /// Whether the next word is its value.
    fn takes_next(&self) -> bool {
        self.value.is_none() && self.arg.get_action().takes_values() && !self.arg.is_require_equals_set()
    }

    fn is_verbosity(&self) -> bool {
        self.arg.get_id() == "verbose"
    }

    /// The option as clap reads it; nothing where it is switched off.
    fn spelt(&self, word: &OsStr) -> Option<OsString> {
        let name = self.arg.get_long().unwrap_or_default();
        match (self.arg.get_action(), self.value.map(|value| (value, go_bool(value)))) {
            (_, Some((value, _))) if self.is_verbosity() => {
                let value = value.strip_prefix('=').unwrap_or(value);
                Some(verbosity(Some(OsStr::new(value))))
            }
            (ArgAction::SetTrue, Some((_, Some(on)))) => on.then(|| format!("--{name}").into()),
            (_, Some((_, Some(on)))) if self.arg.is_require_equals_set() => Some(format!("--{name}={on}").into()),
            _ => Some(word.to_owned()),
        }
    }
}

fn verbosity(number: Option<&OsStr>) -> OsString {
    let mut word = OsString::from("--verbose=");
    word.push(number.unwrap_or(OsStr::new("1")));
    word
}

/// What Go's `strconv.ParseBool` takes.
fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::arguments::Arguments;

    fn after(typed: &str) -> String {
        let words = std::iter::once("kube-assay").chain(typed.split_whitespace()).map(OsString::from);
        let spelt = spelt(&Arguments::command(), words);
        let spelt: Vec<String> = spelt.into_iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
        spelt.join(" ")
    }

    #[test]
    fn options_stand_behind_the_subcommand() {
        for (typed, expected) in [
            ("", ""),
            ("--json", "--json"),
            ("run --json", "run --json"),
            ("--json run", "run --json"),
            ("--skip 1.1 run --skip 1.2", "run --skip 1.1 --skip 1.2"),
            ("--node run run", "run --node run"),
            ("--node=run run", "run --node=run"),
            ("-s run demo", "demo -s run"),
            ("-srun demo", "demo -srun"),
            ("--scored run", "run --scored"),
            ("--scored=false run", "run --scored=false"),
            ("--json explain --root", "explain --json --root"),
            ("--json --unheard-of run", "--json --unheard-of run"),
            ("-- run", "-- run"),
            ("--json -- run", "--json -- run"),
            ("run -- --json", "run -- --json"),
            ("--root", "--root"),
            ("--help run", "--help run"),
            ("help run", "help run"),
            ("--root / help --json run -v 3 --help", "help run"),
        ] {
            assert_eq!(after(typed), expected, "{typed}");
        }
    }

    #[test]
    fn verbosity_takes_a_number_or_none() {
        for (typed, expected) in [
            ("-v", "--verbose=1"),
            ("-v run", "run --verbose=1"),
            ("-v 3 run", "run --verbose=3"),
            ("-v3 run", "run --verbose=3"),
            ("-v=3 run", "run --verbose=3"),
            ("--verbose=3", "--verbose=3"),
            ("run -v 2 --json", "run --verbose=2 --json"),
            ("explain -v 1.1.1", "explain --verbose=1 1.1.1"),
        ] {
            assert_eq!(after(typed), expected, "{typed}");
        }
    }

    #[test]
    fn switches_take_what_gos_do() {
        for (typed, expected) in [
            ("--json=true", "--json"),
            ("--json=false --junit=1", "--junit"),
            ("--scored=0 --unscored=T", "--scored=false --unscored=true"),
            ("--json=perhaps", "--json=perhaps"),
            ("--node=true", "--node=true"),
        ] {
            assert_eq!(after(typed), expected, "{typed}");
        }
    }
}
