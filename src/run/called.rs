//! What users call things: the kinds of names, the option that takes each, and lookup of controls by names other than
//! their keys.

use std::collections::BTreeSet;

use definitions::Definitions;
use definitions::SharedText;
use definitions::benchmark::suggestion::{nearest, quoted};
use definitions::benchmark::{Benchmark, Control, KubernetesVersion, Library, Setting, Target, text};

/// The most controls that a hint names.
const NAMED: usize = 4;

/// Titles are searched only if at least one word has this many characters; of a phrase, only the first `MOST_WORDS`
/// words count.
const SHORTEST_WORD: usize = 3;
const MOST_WORDS: usize = 12;

/// A kind of name, as messages refer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A benchmark.
    Benchmark,
    /// A profile.
    Profile,
    /// A target.
    Target,
    /// The number of a check.
    Check,
    /// The number of a group.
    Group,
    /// A number of a check or a group.
    CheckOrGroup,
    /// The key of a control.
    Control,
    /// What `explain` takes: a control or a number.
    ControlOrNumber,
}

impl Kind {
    /// Returns the word for this kind.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Benchmark => "benchmark",
            Self::Profile => "profile",
            Self::Target => "target",
            Self::Check => "check",
            Self::Group => "group",
            Self::CheckOrGroup => "check or group",
            Self::Control => "control",
            Self::ControlOrNumber => "control or number",
        }
    }

    /// Returns the option that takes a name of this kind.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Benchmark => "--benchmark",
            Self::Profile => "--profile",
            Self::Target => "--targets",
            Self::Check | Self::Control | Self::ControlOrNumber => "--check",
            Self::Group => "--group",
            Self::CheckOrGroup => "--skip",
        }
    }

    /// Whether names of the other kind count as this kind too, or are distinguished more carefully elsewhere.
    fn covers(self, other: Self) -> bool {
        self == other
            || matches!(
                (self, other),
                (
                    Self::Check | Self::Group | Self::CheckOrGroup | Self::ControlOrNumber,
                    Self::Check | Self::Group | Self::Control
                )
            )
    }
}

/// Aliases of two of the targets.
const OTHER_TARGETS: [&str; 2] = ["worker", "control-plane"];

/// Returns the names of all targets, aliases included.
pub fn targets() -> impl Iterator<Item = &'static str> {
    Target::ALL.into_iter().map(Target::name).chain(OTHER_TARGETS)
}

/// Returns the names of every kind; kinds that are rarely mistaken for others come first.
fn names(definitions: &Definitions) -> [(Kind, BTreeSet<&str>); 6] {
    let library = &definitions.library;
    let checks = || library.benchmarks.values().flat_map(Benchmark::checks).map(|(_, check)| check.id.as_str());
    let groups = || {
        let targets = library.benchmarks.values().flat_map(|benchmark| &benchmark.targets);
        targets.flat_map(|target| &target.groups).map(|group| group.id.as_str())
    };
    [
        (Kind::Benchmark, library.benchmarks.keys().map(SharedText::as_str).collect()),
        (Kind::Profile, definitions.profiles.iter().map(|profile| profile.name.as_str()).collect()),
        (Kind::Target, targets().collect()),
        (Kind::Check, checks().collect()),
        (Kind::Group, groups().collect()),
        (Kind::Control, library.controls.keys().map(SharedText::as_str).collect()),
    ]
}

/// Returns the kind of a name that is not of the wanted kind.
pub fn elsewhere(definitions: &Definitions, wanted: Kind, name: &str) -> Option<Kind> {
    let mut others = names(definitions).into_iter().filter(|(kind, _)| !wanted.covers(*kind));
    others.find(|(_, names)| names.contains(name)).map(|(kind, _)| kind)
}

/// Returns the kind of a name; none if nothing has this name.
pub fn kind_of(definitions: &Definitions, name: &str) -> Option<Kind> {
    names(definitions).into_iter().find(|(_, names)| names.contains(name)).map(|(kind, _)| kind)
}

/// Whether a name can only be a Kubernetes version.
pub fn is_version(name: &str) -> bool {
    let is_short = name.trim_start_matches('v').split('.').count() <= 3;
    is_short && name.parse().is_ok_and(|version: KubernetesVersion| version >= KubernetesVersion::OLDEST)
}

/// Suggests what a misspelt name of the wanted kind was meant to be: `did you mean --profile eks-anywhere?`
pub fn near(definitions: &Definitions, wanted: Kind, name: &str) -> Option<String> {
    if matches!(wanted, Kind::Check | Kind::CheckOrGroup | Kind::ControlOrNumber) {
        let controls = found(&controls_called(&definitions.library, name))
            .or_else(|| found(&controls_titled(&definitions.library, name)))
            .or_else(|| found(&controls_near(&definitions.library, name)))
            .or_else(|| found(&controls_titled(&definitions.library, &spelt_as_in_titles(&definitions.library, name))));
        if controls.is_some() {
            return controls;
        }
    }
    let mut others = names(definitions).into_iter().filter(|(kind, _)| !wanted.covers(*kind));
    let near = others.find_map(|(kind, names)| Some((kind, nearest(name, names)?.to_owned())));
    near.map(|(kind, name)| format!("did you mean {} {name}?", kind.option()))
}

/// Formats the suggestion of these controls.
fn found(controls: &[&str]) -> Option<String> {
    let named: Vec<String> = controls.iter().take(NAMED).map(|control| quoted(control)).collect();
    match (named.as_slice(), controls.len()) {
        ([], _) => None,
        ([only], _) => Some(format!("did you mean {only}?")),
        ([first @ .., last], all) if all <= NAMED => Some(format!("did you mean {} or {last}?", first.join(", "))),
        (named, all) => Some(format!("did you mean {} or one of {} more?", named.join(", "), all - named.len())),
    }
}

/// Returns the controls whose key ends with this name, or that read this setting: a flag with or without dashes, a key
/// of a configuration file, an entry of a map such as a feature gate.
pub fn controls_called<'l>(library: &'l Library, name: &str) -> Vec<&'l str> {
    let name = name.split_once('=').map_or(name, |(name, _)| name);
    let is_called =
        |other: &str| other.eq_ignore_ascii_case(name) || other.trim_start_matches('-').eq_ignore_ascii_case(name);
    if name.trim_start_matches('-').is_empty() {
        return Vec::new();
    }
    let is_about = |control: &Control| settings(control).into_iter().flat_map(words_of).any(is_called);
    let controls = library.controls.iter();
    controls.filter(|(key, control)| is_called(tail(key)) || is_about(control)).map(|(key, _)| key.as_str()).collect()
}

/// Returns the controls whose titles or keys contain all of these words, ignoring case.
pub fn controls_titled<'l>(library: &'l Library, words: &str) -> Vec<&'l str> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).take(MOST_WORDS).collect();
    if words.is_empty() || words.iter().all(|word| word.chars().count() < SHORTEST_WORD) {
        return Vec::new();
    }
    let has_all = |key: &str, control: &Control| {
        let text = format!("{} {key}", title(library, control)).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    let controls = library.controls.iter();
    controls.filter(|(key, control)| has_all(key, control)).map(|(key, _)| key.as_str()).collect()
}

/// Replaces each word with the most similar word of the titles.
fn spelt_as_in_titles(library: &Library, words: &str) -> String {
    let titles: Vec<String> = library.controls.values().map(|control| control.title.to_lowercase()).collect();
    let is_part = |letter: char| !letter.is_alphanumeric();
    let known: BTreeSet<&str> =
        titles.iter().flat_map(|title| title.split(is_part)).filter(|word| word.len() > 2).collect();
    let spelt = words.split_whitespace().take(MOST_WORDS).map(|word| {
        let word = word.to_lowercase();
        nearest(&word, known.iter().copied()).map_or(word.clone(), str::to_owned)
    });
    spelt.collect::<Vec<_>>().join(" ")
}

/// Returns the controls whose name, or the name of one of whose settings, is the most similar to this one.
pub fn controls_near<'l>(library: &'l Library, name: &str) -> Vec<&'l str> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (key, control) in &library.controls {
        known.insert(tail(key));
        known.extend(settings(control).into_iter().flat_map(words_of));
    }
    nearest(name, known).map_or_else(Vec::new, |name| controls_called(library, name))
}

/// Returns a control's title, with the parameters of the newest benchmark that uses it.
pub fn title(library: &Library, control: &Control) -> String {
    let newest = library.newest_check_of(&control.key);
    let with = newest.map(|numbered| control.with(&numbered.check.with));
    let control = with.as_ref().unwrap_or(control);
    text::render(&control.title, &control.parameters, &text::Paths::new()).into_owned()
}

fn tail(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

fn settings(control: &Control) -> Vec<&Setting> {
    let shown = control.shows.iter().flat_map(|shows| shows.settings());
    control.settings().chain(shown).map(|condition| &condition.setting).collect()
}

fn words_of(setting: &Setting) -> impl Iterator<Item = &str> {
    let Setting { flag, key, entry, file } = setting;
    let file = file.iter().flat_map(|file| [&file.named_by, &file.key]);
    flag.iter().chain(key).chain(entry).chain(file).map(SharedText::as_str)
}
