//! What users call things: the kinds of names there are, the option that takes each, and controls by what else they are
//! called than by their keys.

use std::collections::BTreeSet;

use definitions::Definitions;
use definitions::benchmark::suggestion::{nearest, quoted};
use definitions::benchmark::{Benchmark, Control, KubernetesVersion, Library, Setting, Target, text};

/// How many controls a hint names.
const NAMED: usize = 4;

/// The shortest word by which titles are searched, and how many words of a phrase count.
const SHORTEST_WORD: usize = 3;
const MOST_WORDS: usize = 12;

/// A kind of names, in the words of messages.
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
    /// What `explain` takes.
    ControlOrNumber,
}

impl Kind {
    /// The word for it.
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

    /// The option that takes such a name.
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

    /// Whether names of the other kind are names of this one too, or are told apart with more care elsewhere.
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

/// What else users call two of the targets.
const OTHER_TARGETS: [&str; 2] = ["worker", "control-plane"];

/// All names of targets.
pub fn targets() -> impl Iterator<Item = &'static str> {
    Target::ALL.into_iter().map(Target::name).chain(OTHER_TARGETS)
}

/// The names of every kind, those first that are seldom taken for others.
fn names(definitions: &Definitions) -> [(Kind, BTreeSet<&str>); 6] {
    let library = &definitions.library;
    let checks = || library.benchmarks.values().flat_map(Benchmark::checks).map(|(_, check)| check.id.as_str());
    let groups = || {
        let targets = library.benchmarks.values().flat_map(|benchmark| &benchmark.targets);
        targets.flat_map(|target| &target.groups).map(|group| group.id.as_str())
    };
    [
        (Kind::Benchmark, library.benchmarks.keys().map(String::as_str).collect()),
        (Kind::Profile, definitions.profiles.iter().map(|profile| profile.name.as_str()).collect()),
        (Kind::Target, targets().collect()),
        (Kind::Check, checks().collect()),
        (Kind::Group, groups().collect()),
        (Kind::Control, library.controls.keys().map(String::as_str).collect()),
    ]
}

/// What a name is that is not of the wanted kind.
pub fn elsewhere(definitions: &Definitions, wanted: Kind, name: &str) -> Option<Kind> {
    let mut others = names(definitions).into_iter().filter(|(kind, _)| !wanted.covers(*kind));
    others.find(|(_, names)| names.contains(name)).map(|(kind, _)| kind)
}

/// What a name is; none where it is nothing.
pub fn kind_of(definitions: &Definitions, name: &str) -> Option<Kind> {
    names(definitions).into_iter().find(|(_, names)| names.contains(name)).map(|(kind, _)| kind)
}

/// Whether a name is a version of Kubernetes, and nothing else.
pub fn is_version(name: &str) -> bool {
    let is_short = name.trim_start_matches('v').split('.').count() <= 3;
    is_short && name.parse().is_ok_and(|version: KubernetesVersion| version >= KubernetesVersion::OLDEST)
}

/// What a misspelt name of the wanted kind was probably meant to be: `did you mean --profile eks-anywhere?`
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

/// The question whether one of these controls is meant.
fn found(controls: &[&str]) -> Option<String> {
    let named: Vec<String> = controls.iter().take(NAMED).map(|control| quoted(control)).collect();
    match (named.as_slice(), controls.len()) {
        ([], _) => None,
        ([only], _) => Some(format!("did you mean {only}?")),
        ([first @ .., last], all) if all <= NAMED => Some(format!("did you mean {} or {last}?", first.join(", "))),
        (named, all) => Some(format!("did you mean {} or one of {} more?", named.join(", "), all - named.len())),
    }
}

/// The controls that bear this as the last part of their key, or that are about this setting: a flag with or without
/// dashes, a key of a configuration file, an entry of a map such as a feature gate.
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

/// The controls in whose titles or keys all of these words stand, in any case.
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

/// Words as they stand in titles, where they are misspelt.
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

/// The controls whose names, or those of whose settings, this is nearest to.
pub fn controls_near<'l>(library: &'l Library, name: &str) -> Vec<&'l str> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (key, control) in &library.controls {
        known.insert(tail(key));
        known.extend(settings(control).into_iter().flat_map(words_of));
    }
    nearest(name, known).map_or_else(Vec::new, |name| controls_called(library, name))
}

/// A control's title, as the newest benchmark that uses it has it.
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
    flag.iter().chain(key).chain(entry).chain(file).map(String::as_str)
}
