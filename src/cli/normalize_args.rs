//! Normalizes command lines as kube-bench's users write them to what clap expects.
//!
//! Options may precede or follow the subcommand. Those before it are moved behind it, so that all of them add up,
//! conflict and override each other as if they had been given together. Switches accept `=true` and `=false`, as Go's
//! do, and `-v` may be followed by a number. `help` ignores options.

use std::cell::LazyCell;
use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, Command};

/// The options that a command line may contain.
pub(super) struct KnownOptions {
    /// Searched first: most command lines use no others.
    usual: LazyCell<Command>,
    /// The complete program, with all subcommands built.
    all: LazyCell<Command>,
    /// Whether `_` and `-` are interchangeable in names.
    either_dash: bool,
}

impl KnownOptions {
    /// Searches the options of `usual`, then those of all subcommands of `all`; each is built only when needed.
    pub(super) fn new(usual: fn() -> Command, all: fn() -> Command) -> Self {
        Self { usual: LazyCell::new(usual), all: LazyCell::new(all), either_dash: false }
    }

    /// Accepts `--exit_code` as `--exit-code`, and `--log-dir` as `--log_dir`.
    pub(super) fn with_either_dash(self) -> Self {
        Self { either_dash: true, ..self }
    }

    /// Returns the complete program.
    pub(super) fn program(&self) -> &Command {
        &self.all
    }

    /// Returns the option that a word names, if the program has it.
    fn option<'a>(&'a self, word: &'a OsStr) -> Option<TypedOption<'a>> {
        // Option names are UTF-8; a word with a value that is not stays unchanged.
        let word = word.to_str()?;
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let is_same = |known: &str| {
                let same_letter =
                    |(a, b): (char, char)| a == b || (self.either_dash && matches!((a, b), ('-', '_') | ('_', '-')));
                known.len() == name.len() && known.chars().zip(name.chars()).all(same_letter)
            };
            let is_called = |arg: &Arg| {
                arg.get_long().is_some_and(is_same)
                    || arg.get_all_aliases().is_some_and(|names| names.into_iter().any(is_same))
            };
            let arg = self.find(is_called)?;
            return Some(TypedOption { arg, value, is_long: true });
        }
        let mut letters = word.strip_prefix('-')?.chars();
        let short = letters.next()?;
        let arg = self.find(|arg| arg.get_short() == Some(short))?;
        let value = Some(letters.as_str()).filter(|value| !value.is_empty());
        Some(TypedOption { arg, value, is_long: false })
    }

    fn find(&self, is_wanted: impl Fn(&Arg) -> bool) -> Option<&Arg> {
        // Help takes effect where it stands, so it is not moved.
        let is_wanted = |arg: &Arg| is_wanted(arg) && !matches!(arg.get_action(), ArgAction::Help);
        if let Some(found) = self.usual.get_arguments().find(|arg| is_wanted(arg)) {
            return Some(found);
        }
        let commands = [&*self.all].into_iter().chain(self.all.get_subcommands());
        commands.flat_map(Command::get_arguments).find(|arg| is_wanted(arg))
    }

    /// Returns the options given that the subcommand lacks, as they were typed, each with the subcommands that have it.
    pub(super) fn foreign(&self, normalized: &Normalized) -> Vec<(String, Vec<&str>)> {
        let name = normalized.subcommand.as_deref().unwrap_or(OsStr::new(DEFAULT));
        let subcommand = self.all.find_subcommand(name);
        let mut foreign: Vec<(String, Vec<&str>)> = Vec::new();
        let mut words = normalized.options.iter().take_while(|word| *word != "--");
        while let Some(word) = words.next() {
            let Some(option) = self.option(word) else { continue };
            if option.takes_next() {
                words.next();
            }
            let Some(name) = option.arg.get_long() else { continue };
            let has_it = |command: &Command| command.get_arguments().any(|arg| arg.get_long() == Some(name));
            let called = match option.arg.get_short() {
                Some(short) if !option.is_long => format!("-{short}"),
                _ => format!("--{name}"),
            };
            if subcommand.is_none_or(has_it) || foreign.iter().any(|(known, _)| *known == called) {
                continue;
            }
            let others = self.all.get_subcommands().filter(|command| has_it(command)).map(Command::get_name);
            foreign.push((called, others.collect()));
        }
        foreign
    }
}

/// The subcommand that runs if none is named.
pub(super) const DEFAULT: &str = "run";

/// The words of a command line, in the order in which clap parses them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Normalized {
    program: Option<OsString>,
    /// The subcommand, if one is named.
    pub(super) subcommand: Option<OsString>,
    /// All other words, options first.
    pub(super) options: Vec<OsString>,
}

impl Normalized {
    /// Returns all words, the program's name first.
    pub(super) fn words(&self) -> impl Iterator<Item = &OsString> {
        self.program.iter().chain(&self.subcommand).chain(&self.options)
    }

    /// Moves words that look like options, but are unknown to the program and accepted by `is_name`, behind `--`. None
    /// if there are no such words.
    pub(super) fn with_names(&self, known: &KnownOptions, is_name: impl Fn(&str) -> bool) -> Option<Self> {
        let (mut options, mut names) = (Vec::new(), Vec::new());
        let mut words = self.options.iter();
        let mut rest: Vec<&OsString> = Vec::new();
        while let Some(word) = words.next() {
            if word == "--" {
                rest.extend(words.by_ref());
            } else if let Some(option) = known.option(word) {
                options.push(word.clone());
                if option.takes_next() {
                    options.extend(words.next().cloned());
                }
            } else if word.to_str().is_some_and(&is_name) {
                names.push(word.clone());
            } else {
                options.push(word.clone());
            }
        }
        if names.is_empty() {
            return None;
        }
        options.push("--".into());
        options.extend(names);
        options.extend(rest.into_iter().cloned());
        Some(Self { options, ..self.clone() })
    }
}

/// Normalizes the words of a command line, the program's name first, for clap.
pub(super) fn normalize(known: &KnownOptions, words: impl IntoIterator<Item = OsString>) -> Normalized {
    let words: Vec<OsString> = words.into_iter().collect();
    if let [program, subcommand, options @ ..] = words.as_slice()
        && !known.either_dash
        && names_subcommand(subcommand)
        && options.iter().all(|word| is_read_as_it_is(word))
    {
        // Nothing would change, whatever the options are. Building all known options takes longer than this test.
        let (program, subcommand) = (Some(program.clone()), Some(subcommand.clone()));
        return Normalized { program, subcommand, options: options.to_vec() };
    }
    let mut words = words.into_iter().peekable();
    let program = words.next();
    let mut subcommand = None;
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    while let Some(word) = words.next() {
        let options = if subcommand.is_some() { &mut behind } else { &mut before };
        let is_option = word.as_encoded_bytes().starts_with(b"-");
        match known.option(&word).filter(|_| is_option) {
            Some(option) if option.is_verbosity() && option.value.is_none() => {
                let number = words.next_if(|next| next.to_str().is_some_and(|next| next.parse::<i64>().is_ok()));
                options.push(verbosity(number.as_deref()));
            }
            Some(option) => {
                let takes_next = option.takes_next();
                options.extend(option.spelt(&word));
                options.extend(words.next_if(|_| takes_next));
            }
            None if subcommand.is_none() && !is_option => subcommand = Some(word),
            // Whether an unknown option takes the next word as its value is unknown too, so clap reports the error on
            // the original words. After `--` nothing is an option.
            None if subcommand.is_none() || word == "--" => {
                options.push(word);
                options.extend(words.by_ref());
            }
            None => options.push(word),
        }
    }
    // The argument of `help` is a subcommand; options are dropped.
    if subcommand.as_deref() == Some(OsStr::new("help")) {
        before.clear();
        behind.retain(|word| !word.as_encoded_bytes().starts_with(b"-"));
    }
    // Words after the subcommand come last: the last occurrence of a repeated option counts.
    before.extend(behind);
    Normalized { program, subcommand, options: before }
}

/// Whether the first word is a subcommand with options of its own.
fn names_subcommand(word: &OsStr) -> bool {
    !word.as_encoded_bytes().starts_with(b"-") && word != "help"
}

/// Whether a word after the subcommand never changes: no short option, no `-v` with a number, no switch with a value.
fn is_read_as_it_is(word: &OsStr) -> bool {
    let Some(long) = word.as_encoded_bytes().strip_prefix(b"--") else {
        return !word.as_encoded_bytes().starts_with(b"-");
    };
    let Ok(long) = std::str::from_utf8(long) else { return false };
    let is_switched = |(_, value): (&str, &str)| go_bool(value).is_some();
    !long.is_empty() && long != "v" && !long.starts_with("verbose") && !long.split_once('=').is_some_and(is_switched)
}

/// An option as it appears in a word.
struct TypedOption<'a> {
    arg: &'a Arg,
    /// The value in the same word.
    value: Option<&'a str>,
    is_long: bool,
}

impl TypedOption<'_> {
    /// Whether the next word is its value.
    fn takes_next(&self) -> bool {
        self.value.is_none() && self.arg.get_action().takes_values() && !self.arg.is_require_equals_set()
    }

    fn is_verbosity(&self) -> bool {
        self.arg.get_id() == "verbose"
    }

    /// Returns the option in clap's spelling; none for a switch that is turned off.
    fn spelt(&self, word: &OsStr) -> Option<OsString> {
        let name = self.arg.get_long().unwrap_or_default();
        match (self.arg.get_action(), self.value.map(|value| (value, go_bool(value)))) {
            (_, Some((value, _))) if self.is_verbosity() => {
                let value = value.strip_prefix('=').unwrap_or(value);
                Some(verbosity(Some(OsStr::new(value))))
            }
            (ArgAction::SetTrue, Some((_, Some(on)))) => on.then(|| format!("--{name}").into()),
            (_, Some((_, Some(on)))) if self.arg.is_require_equals_set() => Some(format!("--{name}={on}").into()),
            (_, Some((value, _))) if self.is_long => Some(format!("--{name}={value}").into()),
            (_, None) if self.is_long => Some(format!("--{name}").into()),
            _ => Some(word.to_owned()),
        }
    }
}

fn verbosity(number: Option<&OsStr>) -> OsString {
    let mut word = OsString::from("--verbose=");
    word.push(number.unwrap_or(OsStr::new("1")));
    word
}

/// Parses a boolean as Go's `strconv.ParseBool` does.
pub(super) fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Parser, Subcommand};

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(subcommand)]
        command: Option<Named>,
        #[command(flatten)]
        usual: Usual,
    }

    #[derive(Subcommand)]
    #[command(defer = true)]
    enum Named {
        Run(Usual),
        Explain { name: String },
        Record(Recording),
    }

    #[derive(Args)]
    #[expect(clippy::struct_excessive_bools, reason = "they are switches")]
    struct Usual {
        #[arg(long)]
        json: bool,
        #[arg(long)]
        junit: bool,
        #[arg(long)]
        skip: Vec<String>,
        #[arg(long)]
        node: Option<String>,
        #[arg(long)]
        root: Option<String>,
        #[arg(short = 's', long)]
        targets: Vec<String>,
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
        scored: bool,
        #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", action = ArgAction::Set)]
        unscored: bool,
        #[arg(short = 'v', long, alias = "v", num_args = 0..=1, require_equals = true)]
        verbose: Option<i64>,
        #[arg(long)]
        exit_code: Option<u8>,
        #[arg(long = "log_dir")]
        log_dir: Option<String>,
    }

    #[derive(Args)]
    struct Recording {
        #[arg(short = 'o', long)]
        file: Option<String>,
    }

    fn all() -> Command {
        let mut program = <Program as clap::CommandFactory>::command();
        program.build();
        program
    }

    fn known() -> KnownOptions {
        KnownOptions::new(|| Usual::augment_args(Command::new("usual")), all)
    }

    fn normalized(known: &KnownOptions, typed: &str) -> Normalized {
        normalize(known, std::iter::once("kube-assay").chain(typed.split_whitespace()).map(OsString::from))
    }

    fn joined(normalized: &Normalized) -> String {
        let words: Vec<_> = normalized.words().skip(1).map(|word| word.to_string_lossy()).collect();
        words.join(" ")
    }

    fn after(typed: &str) -> String {
        joined(&normalized(&known(), typed))
    }

    #[test]
    fn what_is_read_as_it_is_needs_no_options() {
        let nothing = || KnownOptions::new(|| unreachable!("the usual options"), || unreachable!("all options"));
        for typed in ["run", "run --json --node x", "run --node=x --no-such x y", "explain 1.2.3 --scored"] {
            assert_eq!(joined(&normalized(&nothing(), typed)), typed);
        }
        for (typed, expected) in [
            ("run --json=true --node x", "run --json --node x"),
            ("run --scored=F", "run --scored=false"),
            ("run --verbose 2", "run --verbose=2"),
            ("run -v", "run --verbose=1"),
            ("run --skip --verbose x", "run --skip --verbose x"),
            ("run -- --json=false", "run -- --json=false"),
        ] {
            assert_eq!(after(typed), expected, "{typed}");
        }
    }

    #[test]
    fn options_of_one_subcommand_alone_are_known_before_it() {
        assert_eq!(after("-o run record"), "record -o run");
        assert_eq!(after("--file=run --json record"), "record --file=run --json");
    }

    #[test]
    fn either_dash_is_kube_benchs_alone() {
        let lenient = known().with_either_dash();
        for (typed, expected) in [
            ("--exit_code 3 run", "run --exit-code 3"),
            ("--exit_code=3", "--exit-code=3"),
            ("--log-dir x run", "run --log_dir x"),
            ("--log_dir=x", "--log_dir=x"),
            ("--exit.code", "--exit.code"),
        ] {
            assert_eq!(joined(&normalized(&lenient, typed)), expected, "{typed}");
        }
        assert_eq!(after("--exit_code 3 run"), "--exit_code 3 run");
    }

    #[test]
    fn what_a_subcommand_lacks_is_found_with_its_owners() {
        let known = known();
        let found = |typed: &str| known.foreign(&normalized(&known, typed));
        assert_eq!(found("run --json --node --file"), []);
        assert_eq!(
            found("record --json --node --file --json"),
            [("--json".to_owned(), vec!["run"]), ("--node".to_owned(), vec!["run"]),]
        );
        assert_eq!(found("run -o x -- --file"), [("-o".to_owned(), vec!["record"])]);
        assert_eq!(found("--json --unheard-of"), []);
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
            ("--v=3 run", "run --verbose=3"),
            ("--v 3 run", "run --verbose=3"),
            ("run --v", "run --verbose=1"),
            ("run -v -1", "run --verbose=-1"),
            ("-v 1000", "--verbose=1000"),
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
