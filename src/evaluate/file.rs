//! An expectation of files against what lies there.

use std::collections::BTreeSet;

use crate::collect::inventory::Presence;
use crate::collect::observations::{FilesAt, Observations};
use crate::collect::owners::Owners;
use crate::collect::seen::{Looked, Seen};
use crate::finding::{Evidence, Source, Verdict};
use definitions::benchmark::{Expectation, FileDemand, Holding, Missing, PlaceName};
use probe::{Metadata, Observed};

use super::absent;
use super::judgement::{Judgement, Outcome};
use super::phrase;

/// The bits that a mode is made of.
const MODE_BITS: u32 = 0o7777;

/// What lies at the places of an audit.
pub(super) struct Files<'a> {
    pub(super) places: &'a [PlaceName],
    pub(super) below: Option<&'a String>,
    pub(super) directories: bool,
    pub(super) holding: Option<Holding>,
}

impl<'a> Files<'a> {
    /// Everything that was seen there, each thing once.
    pub(super) fn seen(&self, observations: &'a Observations<'_>) -> Vec<&'a Seen> {
        let mut known = BTreeSet::new();
        let seen = self.looked(observations).flat_map(|looked| &looked.seen);
        seen.filter(|seen| known.insert((&seen.location.root, seen.lies_at(), seen.is_unknown()))).collect()
    }

    fn looked(&self, observations: &'a Observations<'_>) -> impl Iterator<Item = &'a Looked> {
        self.places.iter().filter_map(|place| {
            let (place, below) = (place.clone(), self.below.cloned());
            observations.files.get(&FilesAt { place, below, directories: self.directories, holding: self.holding })
        })
    }
}

/// Judges all files: one that is wrong is enough to fail.
pub(super) fn judge(
    expectation: &Expectation,
    files: &Files<'_>,
    observations: &Observations<'_>,
) -> (Verdict, Vec<Evidence>) {
    let Expectation::File(demand) = expectation else {
        // The loader lets only files stand beside an audit of files.
        return (Verdict::Pass, Vec::new());
    };
    let seen = files.seen(observations);
    let mut judgements = Vec::new();
    let mut there = false;
    for seen in &seen {
        match &seen.metadata {
            Observed::Present(metadata) => {
                there = true;
                judgements.push(judge_file(demand, seen, metadata, &observations.owners));
            }
            Observed::Unknown(why) => {
                there = true;
                judgements.push(Judgement::unknown(why.clone()));
            }
            Observed::Absent => {}
        }
    }
    if !there {
        return missing(demand, files, &seen, observations);
    }
    if demand.missing == Missing::Fail {
        judgements
            .extend(seen.iter().filter(|seen| seen.metadata == Observed::Absent).map(|seen| named_but_absent(seen)));
    }
    let Judgement { outcome, evidence } = Judgement::all(judgements);
    let verdict = match outcome {
        Outcome::Pass => Verdict::Pass,
        Outcome::Fail => Verdict::Fail,
        Outcome::Unknown(why) => Verdict::Unknown(why),
    };
    (verdict, evidence)
}

fn named_but_absent(seen: &Seen) -> Judgement {
    let found = match &seen.named_by {
        Some(named_by) => format!("not there, though named by {named_by}"),
        None => "not there".to_owned(),
    };
    let source = Source::File { path: seen.path.clone() };
    Judgement::new(false, Evidence { source, found, expected: "a file".to_owned(), offends: true })
}

/// Nothing is there: what that means depends on whether the component is.
fn missing(
    demand: &FileDemand,
    files: &Files<'_>,
    seen: &[&Seen],
    observations: &Observations<'_>,
) -> (Verdict, Vec<Evidence>) {
    let component = files.places.first().map_or("", |place| place.component.as_str());
    let definition = observations.library.components.get(component);
    let whole = definition.and_then(|definition| definition.part_of.as_deref()).unwrap_or(component);
    let name = observations.library.components.get(whole).map_or(whole, |component| component.name.as_str());
    match observations.presence.get(component) {
        None | Some(Presence::Absent) => {
            return (Verdict::NotApplicable(absent::reason(whole, name, observations)), Vec::new());
        }
        Some(Presence::Embedded(program)) if seen.is_empty() => {
            let reason = format!("{name} is part of {program}, which uses no such file for it");
            return (Verdict::NotApplicable(reason), Vec::new());
        }
        Some(Presence::Unknown(why)) => return (Verdict::Unknown(why.clone()), Vec::new()),
        Some(Presence::Running | Presence::Embedded(_) | Presence::Installed(_)) => {}
    }
    // What runs says that there is no such file: that is no gap.
    if seen.is_empty()
        && let Some(nothing) = files.looked(observations).find_map(|looked| looked.nothing.as_ref())
    {
        return (Verdict::NotApplicable(nothing.clone()), Vec::new());
    }
    let looked_for = looked_for(files, observations);
    match demand.missing {
        Missing::NotApplicable => {
            let named = seen.iter().find_map(|seen| Some((seen, seen.named_by.as_ref()?)));
            let reason = match (files.below, files.holding, named) {
                (_, _, Some((seen, named_by))) => format!("{}, named by {named_by}, is not there", seen.path),
                (Some(pattern), ..) => format!("nothing named {pattern} lies below {looked_for}"),
                (None, Some(holding), None) => format!("no {} lie below {looked_for}", holding.described()),
                (None, None, None) => format!("no such file on this node (looked for {looked_for})"),
            };
            (Verdict::NotApplicable(reason), Vec::new())
        }
        Missing::Fail => {
            let mut evidence: Vec<Evidence> = seen.iter().flat_map(|seen| named_but_absent(seen).evidence).collect();
            if evidence.is_empty() {
                let found = match (files.below, files.holding) {
                    (Some(pattern), _) => format!("nothing named {pattern} below {looked_for}"),
                    (None, Some(holding)) => format!("no {} below {looked_for}", holding.described()),
                    (None, None) => format!("no file (looked for {looked_for})"),
                };
                let source = Source::Component { component: name.to_owned() };
                evidence.push(Evidence { source, found, expected: "a file".to_owned(), offends: true });
            }
            (Verdict::Fail, evidence)
        }
    }
}

/// The paths at which the places usually lie.
pub(super) fn looked_for(files: &Files<'_>, observations: &Observations<'_>) -> String {
    let paths: Vec<&str> = files
        .places
        .iter()
        .filter_map(|place| observations.library.components.get(&place.component)?.places.get(&place.place))
        .flat_map(|place| place.candidates.iter().map(String::as_str))
        .collect();
    shortened(&paths)
}

/// The first few, and how many more.
fn shortened(paths: &[&str]) -> String {
    const SHOWN: usize = 3;
    let text = paths.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match paths.len().checked_sub(SHOWN) {
        None | Some(0) => text,
        Some(more) => format!("{text} and {more} more"),
    }
}

/// What was looked at, in one line.
pub(super) fn looked_at(expectation: &Expectation, files: &Files<'_>, observations: &Observations<'_>) -> String {
    let subject = match expectation {
        Expectation::File(FileDemand { mode: Some(_), owner: None, .. }) => "mode of",
        Expectation::File(FileDemand { mode: None, owner: Some(_), .. }) => "owner of",
        _ => "mode and owner of",
    };
    let seen = files.seen(observations);
    let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
    if paths.is_empty() {
        return format!("{subject} {}", looked_for(files, observations));
    }
    format!("{subject} {}", shortened(&paths))
}

fn judge_file(demand: &FileDemand, seen: &Seen, metadata: &Metadata, owners: &Observed<Owners>) -> Judgement {
    let source = || Source::File { path: seen.path.clone() };
    let mut parts = Vec::new();
    if let Some(at_most) = &demand.mode {
        let at_most = at_most.to_string();
        let mode = metadata.mode & MODE_BITS;
        // The loader lets only octal digits through.
        let passes = u32::from_str_radix(&at_most, 8).is_ok_and(|at_most| mode & !at_most == 0);
        let expected = phrase::expected_mode(&at_most);
        parts.push(Judgement::new(
            passes,
            Evidence { source: source(), found: format!("permissions={mode:o}"), expected, offends: !passes },
        ));
    }
    if let Some(owner) = &demand.owner {
        let expected = owner.to_string();
        parts.push(match owner_is(&expected, metadata, owners) {
            Err(why) => Judgement::unknown(why),
            Ok(passes) => {
                let found = format!("ownership={}", owner_of(metadata, owners));
                Judgement::new(passes, Evidence { source: source(), found, expected, offends: !passes })
            }
        });
    }
    Judgement::all(parts)
}

/// Whether `user:group` owns it. The kernel's root is 0 whatever the node calls it; other names are the node's own.
fn owner_is(expected: &str, metadata: &Metadata, owners: &Observed<Owners>) -> Result<bool, probe::Why> {
    let Some((user, group)) = expected.split_once(':') else { return Ok(false) };
    let known = match owners {
        Observed::Present(owners) => Some(owners),
        Observed::Unknown(why) if user != "root" || group != "root" => return Err(why.clone()),
        Observed::Absent | Observed::Unknown(_) => None,
    };
    let user_matches = match user {
        "root" => metadata.uid == 0,
        user => known.is_some_and(|owners| owners.user(metadata.uid) == Some(user)),
    };
    let group_matches = match group {
        "root" => metadata.gid == 0,
        group => known.is_some_and(|owners| owners.group(metadata.gid) == Some(group)),
    };
    Ok(user_matches && group_matches)
}

/// `user:group (uid:gid)`, numbers alone where the node has no names for them.
fn owner_of(metadata: &Metadata, owners: &Observed<Owners>) -> String {
    let owners = owners.as_present();
    let user = owners.and_then(|owners| owners.user(metadata.uid));
    let group = owners.and_then(|owners| owners.group(metadata.gid));
    let name = |name: Option<&str>, id: u32| name.map_or_else(|| id.to_string(), str::to_owned);
    format!("{}:{} ({}:{})", name(user, metadata.uid), name(group, metadata.gid), metadata.uid, metadata.gid)
}

/// kube-bench's phrase, with the mode that decides: the first that offends, else the first.
pub(super) fn phrase_with_mode(demand: &FileDemand, files: &Files<'_>, observations: &Observations<'_>) -> String {
    let at_most = demand.mode.as_ref().and_then(|mode| u32::from_str_radix(&mode.to_string(), 8).ok());
    let modes: Vec<u32> = files
        .seen(observations)
        .iter()
        .filter_map(|seen| seen.metadata.as_present())
        .map(|metadata| metadata.mode & MODE_BITS)
        .collect();
    let offending = modes.iter().find(|mode| at_most.is_some_and(|at_most| **mode & !at_most != 0));
    phrase::file_phrase(demand, offending.or(modes.first()).copied())
}
