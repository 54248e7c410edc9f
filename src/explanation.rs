//! Everything about a control, as data: `explain` prints it as text, and `tests/program/docs` as the pages of
//! `docs/controls/`.
//!
//! Both are built from the same data, so they cannot disagree. The Markdown writer lives with the test that keeps the
//! pages up to date: the program itself never prints Markdown and should not carry the code.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::evaluate;
use crate::report::words;
use definitions::SharedText;
use definitions::benchmark::platform;
use definitions::benchmark::{
    Audit, Component, Control, Expectation, Follow, Library, Numbered, Place, PlaceName, Setting, ShownBy, text,
};

/// A control's explanation, with all texts rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The control's key.
    pub key: String,
    /// Its title, with the parameters of the newest benchmark that uses it.
    pub title: String,
    /// The severity of a failure: `high`.
    pub severity: &'static str,
    /// Why it matters.
    pub rationale: String,
    /// A description of what is checked; none if only a person can judge it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<String>,
    /// The same, with only the first of the usual places.
    #[serde(skip)]
    pub looked_at_in_short: Option<String>,
    /// The platforms on which the control does not apply, and why.
    #[serde(rename = "not_applicable_on", skip_serializing_if = "Option::is_none")]
    pub exempt: Option<Exempt>,
    /// Instructions for a manual review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
    /// The name of the predicate that judges the cluster's objects, in runs that read them.
    #[serde(skip)]
    pub predicate: Option<String>,
    /// The expectation of the cluster's objects, in runs that read them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_of_objects: Option<String>,
    /// The expectation of the AWS evidence, in runs that have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_of_aws: Option<String>,
    /// The expectations; a single entry if all benchmarks agree.
    pub expected: Vec<Expected>,
    /// The accepted values, if there is a long list of them, each with the benchmarks that accept it.
    #[serde(skip)]
    pub accepted: Vec<Accepted>,
    /// The component's behaviour when a setting is unset.
    pub defaults: Vec<DefaultValue>,
    /// The remediation, with the usual paths.
    pub remediation: String,
    /// The remediations of platforms for which it differs. The usual candidates may be wrong on a single platform, so
    /// paths are named by their place: `<kubelet.config>`. A finding contains the node's actual path.
    #[serde(rename = "remediation_on")]
    pub on_platforms: Vec<OnPlatforms>,
    /// Its numbers in the benchmarks.
    pub numbers: Vec<Number>,
    /// Further reading: URLs.
    pub references: Vec<String>,
}

/// The expectation of some of the benchmarks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// The expectation as text, which gives only the length of a long list.
    #[serde(rename = "text")]
    pub words: String,
    /// The items of that list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<String>,
    /// The benchmarks, by name.
    pub benchmarks: Vec<String>,
}

/// An item of a long list of accepted values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// The item: `TLS_AES_128_GCM_SHA256`.
    pub item: String,
    /// The benchmarks that accept it, by name.
    pub benchmarks: Vec<String>,
}

/// A component's behaviour when a setting is unset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DefaultValue {
    /// The flag.
    pub flag: String,
    /// The meaning of the unset flag.
    pub meaning: String,
}

/// Platforms on which a control does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exempt {
    /// Their display names.
    pub platforms: String,
    /// The reason.
    pub because: String,
}

/// The remediation for some platforms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnPlatforms {
    /// Their display names.
    pub platforms: String,
    /// The text.
    pub text: String,
}

/// The control's number in a benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Number {
    /// The benchmark's name.
    pub benchmark: String,
    /// The number.
    pub id: String,
    /// The target.
    pub target: &'static str,
    /// The assessment printed beside the title: `Manual`.
    #[serde(serialize_with = "in_small_letters")]
    pub assessment: &'static str,
    /// The level; none if the benchmark has no levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// Whether a failure counts as FAIL rather than WARN.
    pub scored: bool,
    /// The source: `CIS Kubernetes Benchmark 1.12.0, section 1.2.1`.
    pub source: String,
}

impl Explanation {
    /// Explains a control by its use in all benchmarks, or in one.
    pub fn of(library: &Library, control: &Control, only: Option<&str>) -> Self {
        let uses: Vec<Numbered<'_>> = library
            .checks_of(&control.key)
            .into_iter()
            .filter(|used| only.is_none_or(|only| used.benchmark.name == only))
            .collect();
        // With `only`, the parameters are those of that benchmark.
        let shown = match only {
            Some(_) => uses.last().copied(),
            None => library.newest_check_of(&control.key),
        };
        let shown = shown.map_or_else(|| control.clone(), |used| control.with(&used.check.with));
        let paths = usual_paths(library);
        let render = |text: &str| text::render(text, &shown.parameters, &paths).trim_end().to_owned();
        let expected = if control.expect.is_some() { expected(control, &uses) } else { Vec::new() };
        Self {
            key: control.key.to_string(),
            title: render(&shown.title),
            severity: control.severity.name(),
            rationale: control.background.rationale.to_string(),
            looked_at: looked_at(library, control, usize::MAX),
            looked_at_in_short: looked_at(library, control, 1),
            exempt: control.applies.as_ref().map(|applies| Exempt {
                platforms: match applies.not_on.as_slice() {
                    [] => "any platform".to_owned(),
                    platforms => platform::titles(platforms),
                },
                because: applies.because.trim_end().to_owned(),
            }),
            review: control.review.as_ref().map(SharedText::to_string),
            predicate: control.objects.as_ref().map(|objects| objects.predicate.to_string()),
            expected_of_objects: control.objects.as_ref().map(|objects| objects.expected.to_string()),
            expected_of_aws: control.aws.as_ref().map(|aws| aws.expected.to_string()),
            accepted: accepted(&expected, &uses),
            expected,
            defaults: defaults(library, control),
            remediation: render(&shown.remediation.default),
            on_platforms: shown
                .remediation
                .differing
                .iter()
                .map(|(platforms, text)| OnPlatforms {
                    platforms: platform::titles(platforms),
                    text: text::render(text, &shown.parameters, &place_names(library)).trim_end().to_owned(),
                })
                .collect(),
            numbers: uses.iter().map(|used| number(used, control)).collect(),
            references: control.background.references.iter().map(SharedText::to_string).collect(),
        }
    }
}

/// Serializes an assessment as reports do: `manual`.
fn in_small_letters<S: Serializer>(word: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&word.to_lowercase())
}

fn number(used: &Numbered<'_>, control: &Control) -> Number {
    let id = &used.check.id;
    let is_section = id.starts_with(|c: char| c.is_ascii_digit());
    let source = format!("{}, {}{id}", used.benchmark.title, if is_section { "section " } else { "" });
    Number {
        benchmark: used.benchmark.name.to_string(),
        id: id.to_string(),
        target: used.target.name(),
        assessment: used.check.assessment.name(),
        level: used.benchmark.level_of(used.check, control),
        scored: used.check.scored,
        source,
    }
}

/// Returns the distinct expectations, in the order of the benchmarks that introduced them.
fn expected(control: &Control, uses: &[Numbered<'_>]) -> Vec<Expected> {
    let mut found: Vec<Expected> = Vec::new();
    for used in uses {
        let (words, listed) = match &control.with(&used.check.with).expect {
            Some(expectation) if used.check.evaluate => {
                let expectation = evaluate::expectation(expectation);
                (words::expectation(&expectation), words::long_lists(&expectation).concat())
            }
            _ => ("judged by a person".to_owned(), Vec::new()),
        };
        let name = &used.benchmark.name;
        match found.iter_mut().find(|known| known.words == words && known.listed == listed) {
            // A benchmark may use the same control in two targets.
            Some(known) if known.benchmarks.iter().any(|known| name == known) => {}
            Some(known) => known.benchmarks.push(name.to_string()),
            None => found.push(Expected { words, listed, benchmarks: vec![name.to_string()] }),
        }
    }
    found
}

/// Returns the items of all lists, sorted, each with the benchmarks that accept it, in benchmark order.
fn accepted(expected: &[Expected], uses: &[Numbered<'_>]) -> Vec<Accepted> {
    let items: BTreeSet<&String> = sorting::set(expected.iter().flat_map(|expected| &expected.listed));
    let accepts = |name: &String, item: &String| {
        expected.iter().any(|expected| expected.benchmarks.contains(name) && expected.listed.contains(item))
    };
    items
        .into_iter()
        .map(|item| {
            let mut benchmarks: Vec<String> = uses.iter().map(|used| used.benchmark.name.to_string()).collect();
            benchmarks.retain(|name| accepts(name, item));
            benchmarks.dedup();
            Accepted { item: item.clone(), benchmarks }
        })
        .collect()
}

fn defaults(library: &Library, control: &Control) -> Vec<DefaultValue> {
    let shown = control.expect.as_ref().or(control.shows.as_deref());
    let (Audit::Settings { component }, Some(expectation)) = (&control.audit, shown) else {
        return Vec::new();
    };
    let Some(component) = library.with_process(component) else { return Vec::new() };
    let mut told = BTreeSet::new();
    settings(expectation)
        .into_iter()
        .filter_map(|setting| Some((setting.flag.as_ref()?, setting.entry.as_deref())))
        .filter(|named| told.insert(*named))
        .filter_map(|(flag, entry)| {
            let meaning = component.default_in_words(flag, entry, None)?;
            let flag = entry.map_or_else(|| flag.clone(), |entry| format!("{flag} {entry}").into());
            Some(DefaultValue { flag: flag.to_string(), meaning })
        })
        .collect()
}

/// Returns the settings that an expectation refers to.
fn settings(expectation: &Expectation) -> Vec<&Setting> {
    match expectation {
        Expectation::All(parts) | Expectation::Any(parts) => parts.iter().flat_map(settings).collect(),
        Expectation::Setting(condition) => vec![&condition.setting],
        Expectation::File(_) => Vec::new(),
    }
}

/// Describes what is checked, naming at most `listed` of the usual places of each file.
fn looked_at(library: &Library, control: &Control, listed: usize) -> Option<String> {
    match &control.audit {
        Audit::Review => None,
        Audit::Settings { component } => {
            let component = library.with_process(component);
            let name = component.map_or("", |component| component.name.as_str());
            if let Some(shows) = &control.shows {
                let flags: Vec<&str> =
                    settings(shows).into_iter().filter_map(|setting| setting.flag.as_deref()).collect();
                return Some(format!("{} of every {name} process of this node (shown, not judged)", flags.join(", ")));
            }
            let file = component.and_then(|component| component.config.as_ref());
            let file = file.map_or_else(String::new, |config| match &config.drop_ins {
                Some(drop_ins) => format!(", the file that {} names, and those in {drop_ins}", config.flag),
                None => format!(", and the file that {} names", config.flag),
            });
            Some(format!("the arguments of every {name} process of this node{file}"))
        }
        Audit::Unit { component } => {
            let component = library.with_process(component);
            let name = component.map_or("", |component| component.name.as_str());
            let unit = component.and_then(|component| component.unit.as_deref()).unwrap_or_default();
            Some(format!(
                "the systemd unit that runs {name} ({unit}, if the process does not show it), with its drop-ins"
            ))
        }
        Audit::Files { places, below, holding, .. } => {
            let places: Vec<String> = places.iter().map(|place| place_in_words(library, place, listed)).collect();
            let below = match (below, holding) {
                (Some(pattern), _) => format!("{pattern} below "),
                (None, Some(holding)) => format!("{} among ", holding.described()),
                (None, None) => String::new(),
            };
            Some(format!("{below}{}", places.join("; ")))
        }
    }
}

fn place_in_words(library: &Library, name: &PlaceName, listed: usize) -> String {
    let place = library.component(&name.component).and_then(|component| component.places.get(&name.place));
    let Some(place) = place else { return String::new() };
    let mut ways = Vec::new();
    let named = settings_in_words(place, |follow| follow.beside.is_none());
    if !named.is_empty() {
        ways.push(format!("what {named} names"));
    }
    let named = settings_in_words(place, |follow| follow.beside.is_some());
    if !named.is_empty() {
        ways.push(format!("the files next to the one that {named} names"));
    }
    if place.static_pod {
        ways.push("the manifest of the static pod that runs it".to_owned());
        ways.push("the file that holds the arguments of its service".to_owned());
    }
    ways.extend(place.shown_by.map(|shown_by| match shown_by {
        ShownBy::Service => "the unit of the service that runs it, with its drop-ins".to_owned(),
        ShownBy::Runtimes => "where the running container runtimes look for it".to_owned(),
        ShownBy::Arguments => "the files from which its service takes the arguments".to_owned(),
    }));
    if !place.candidates.is_empty() {
        let shown: Vec<&str> = place.candidates.iter().take(listed).map(SharedText::as_str).collect();
        let others = place.arguments.len() + place.distributions.values().map(Vec::len).sum::<usize>();
        let more = match place.candidates.len() - shown.len() + others {
            0 => String::new(),
            1 => " or another usual place".to_owned(),
            more => format!(" or one of {more} other usual places"),
        };
        ways.push(format!("{}{more}", shown.join(", ")));
    }
    ways.join(", or else ")
}

/// Lists the settings that name a place, without duplicates and shortened if there are many.
fn settings_in_words(place: &Place, is_meant: impl Fn(&Follow) -> bool) -> String {
    const SHOWN: usize = 6;
    let mut named: Vec<&str> = Vec::new();
    for follow in place.follow.iter().filter(|follow| is_meant(follow)) {
        named.extend(follow.flag.as_deref().or(follow.key.as_deref()).filter(|name| !named.contains(name)));
    }
    match named.get(..SHOWN) {
        Some(shown) if named.len() > SHOWN => {
            format!("{} or one of {} other settings", shown.join(", "), named.len() - SHOWN)
        }
        _ => named.join(" or "),
    }
}

/// Returns the first candidate of every place.
fn usual_paths(library: &Library) -> text::Paths {
    paths(library, |_, _, place| place.candidates.first().cloned())
}

/// Returns a placeholder for every place: `<kubelet's config>`.
fn place_names(library: &Library) -> text::Paths {
    paths(library, |component, name, _| Some(format!("<{}'s {}>", component.name, name.replace('-', " ")).into()))
}

fn paths(library: &Library, path: impl Fn(&Component, &str, &Place) -> Option<SharedText>) -> text::Paths {
    let places_of = |component: &Component| {
        let places = component.places.iter();
        let mut named = BTreeMap::new();
        named.extend(places.filter_map(|(name, place)| Some((name.clone(), path(component, name, place)?))));
        named
    };
    let places = library.components.values().map(|component| (component.key.clone(), places_of(component)));
    let mut paths = text::Paths::new();
    paths.extend(places.chain([(text::SNIPPET.into(), library.snippets.to_value())]));
    paths
}
