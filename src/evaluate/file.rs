//! Judges files against an expectation.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::{Cause, Evidence, Found, Listed, LookedAt, Requirement, Source};

use crate::collect::inventory::Presence;
use crate::collect::observations::{FilesAt, Observations};
use crate::collect::owners::Owners;
use crate::collect::seen::{Alike, Looked, Seen};
use definitions::SharedText;
use definitions::benchmark::{CLUSTER_DIRECTORY, Expectation, FileCondition, Holding, Missing, PlaceName};
use probe::{Observed, Reason, comparable};

use super::judgement::{Judgement, Outcome, Verdict};
use super::owned::Allowed;
use super::{absent, certificate, expected, said};

/// The permission bits of a mode.
const MODE_BITS: u32 = 0o7777;

/// The files at the places of an audit.
pub(super) struct Files<'a> {
    pub(super) places: &'a [PlaceName],
    pub(super) below: Option<&'a SharedText>,
    pub(super) directories: bool,
    pub(super) holding: Option<Holding>,
}

impl<'a> Files<'a> {
    /// Every file observed there, without duplicates.
    pub(super) fn seen(&self, observations: &'a Observations<'_>) -> Vec<&'a Seen> {
        let mut known = BTreeSet::new();
        let seen = self.looked(observations).flat_map(|looked| &looked.seen);
        seen.filter(|seen| known.insert((&seen.location.root, comparable(seen.lies_at()), seen.is_unknown()))).collect()
    }

    /// The files observed there that are only counted: for each set of attributes, the number of files.
    fn others(&self, observations: &'a Observations<'_>) -> impl Iterator<Item = (Alike, usize)> {
        self.looked(observations).flat_map(|looked| looked.others.iter().map(|(alike, count)| (*alike, *count)))
    }

    fn looked(&self, observations: &'a Observations<'_>) -> impl Iterator<Item = &'a Looked> {
        self.places.iter().filter_map(|place| {
            let (place, below) = (place.clone(), self.below.cloned());
            observations.files.get(&FilesAt { place, below, directories: self.directories, holding: self.holding })
        })
    }
}

/// Judges all files: one violation is enough to fail.
///
/// `seen` is the result of [`Files::seen`].
pub(super) fn judge(
    expectation: &Expectation,
    files: &Files<'_>,
    seen: &[&Seen],
    observations: &Observations<'_>,
) -> (Verdict, Vec<Evidence>) {
    let Expectation::File(condition) = expectation else {
        // The loader allows only file expectations for an audit of files.
        return (Verdict::Pass, Vec::new());
    };
    let mut judgements = Vec::new();
    let mut there = false;
    let allowed = Allowed::of(&condition.owned_by, observations);
    let mut certificates =
        condition.certificate.as_ref().map(|wanted| certificate::Judge::new(wanted, &observations.certificates));
    for seen in seen {
        match &seen.metadata {
            Observed::Present(metadata) => {
                there = true;
                let source = Source::File { path: seen.path.clone() };
                judgements.push(judge_file(condition, &source, Alike::of(metadata), &allowed, observations));
                judgements.extend(certificates.iter_mut().flat_map(|judge| judge.file(seen)));
                if let Some(says) = &condition.says {
                    judgements.extend(said::judge(says, seen, observations));
                }
            }
            Observed::Unknown(why) => {
                there = true;
                judgements.push(Judgement::unknown(why.clone()));
            }
            Observed::Absent => {}
        }
    }
    judgements.extend(judge_others(condition, files, &allowed, observations));
    if !there {
        return missing(condition, files, seen, observations);
    }
    if condition.missing == Missing::Fail {
        judgements
            .extend(seen.iter().filter(|seen| seen.metadata == Observed::Absent).map(|seen| named_but_absent(seen)));
    }
    let Judgement { outcome, evidence } = Judgement::all(judgements);
    let verdict = match outcome {
        Outcome::Pass if condition.says.as_ref().is_some_and(said::needs_review) => Verdict::Manual,
        Outcome::Pass => Verdict::Pass,
        Outcome::Fail => Verdict::Fail,
        Outcome::Unknown(why) => Verdict::Unknown(why),
    };
    (verdict, evidence)
}

/// The maximum number of kinds of unlisted files that get evidence of their own.
const MOST_KINDS: usize = 100;

/// Judges the files that are only counted, by kind. Beyond [`MOST_KINDS`], only the totals of passing and failing files
/// are reported.
fn judge_others(
    condition: &FileCondition,
    files: &Files<'_>,
    allowed: &Allowed,
    observations: &Observations<'_>,
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    let count: usize = files.others(observations).map(|(_, count)| count).sum();
    if (condition.certificate.is_some() || condition.says.is_some()) && count > 0 {
        let detail = format!("{count} more files were not searched (check them by hand)");
        let places = shortened(&candidates(files, observations));
        judgements.push(Judgement::unknown(Reason::new(probe::Cause::TooLarge, places, detail)));
    }
    let mut unlisted = [0, 0];
    for (index, (alike, count)) in files.others(observations).enumerate() {
        let judgement = judge_file(condition, &Source::Further { count }, alike, allowed, observations);
        let violates = judgement.evidence.iter().any(|piece| piece.violates);
        match (index < MOST_KINDS || matches!(judgement.outcome, Outcome::Unknown(_)), violates) {
            (true, _) => judgements.push(judgement),
            (false, true) => unlisted[1] += count,
            (false, false) => unlisted[0] += count,
        }
    }
    for (count, violates) in unlisted.into_iter().zip([false, true]).filter(|(count, _)| *count > 0) {
        let source = Source::Further { count };
        let evidence = Evidence { source, found: Found::Unlisted, expected: None, violates };
        judgements.push(Judgement::new(!violates, evidence));
    }
    judgements
}

fn named_but_absent(seen: &Seen) -> Judgement {
    let found = Found::Missing { named_by: seen.named_by.clone() };
    let source = Source::File { path: seen.path.clone() };
    Judgement::new(false, Evidence { source, found, expected: Some(expected::a_file(true)), violates: true })
}

/// The verdict when no file exists; it depends on whether the component does.
fn missing(
    condition: &FileCondition,
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
            let reason = absent::reason(whole, name, observations);
            return (Verdict::not_applicable(Cause::ComponentAbsent, name, reason), Vec::new());
        }
        Some(Presence::Unknown(why)) => return (Verdict::Unknown(why.clone()), Vec::new()),
        Some(_) if condition.missing == Missing::Pass => return (Verdict::Pass, Vec::new()),
        Some(Presence::Embedded(program)) if seen.is_empty() => {
            let reason = format!("{name} is part of {program}, which uses no such file for it");
            return (Verdict::not_applicable(Cause::PartOfProgram, name, reason), Vec::new());
        }
        Some(Presence::Running | Presence::Embedded(_) | Presence::Installed(_)) => {}
    }
    // The running component states that there is no such file, so nothing is missing.
    if seen.is_empty()
        && let Some(nothing) = files.looked(observations).find_map(|looked| looked.nothing.as_ref())
    {
        return (Verdict::not_applicable(Cause::NoSuchFile, name, nothing), Vec::new());
    }
    match condition.missing {
        Missing::Pass => (Verdict::Pass, Vec::new()),
        Missing::NotApplicable => {
            let named = seen.iter().find_map(|seen| Some((seen, seen.named_by.as_ref()?)));
            let looked_for = shortened(&candidates(files, observations));
            let reason = match (files.below, files.holding, named) {
                (_, _, Some((seen, named_by))) => format!("{}, named by {named_by}, does not exist", seen.path),
                (Some(pattern), ..) => format!("nothing named {pattern} exists below {looked_for}"),
                (None, Some(holding), None) => format!("no {} exist below {looked_for}", holding.described()),
                (None, None, None) => format!("no such file on this node (looked for {looked_for})"),
            };
            (Verdict::not_applicable(Cause::NoSuchFile, name, reason), Vec::new())
        }
        Missing::Fail => {
            let mut evidence: Vec<Evidence> = seen.iter().flat_map(|seen| named_but_absent(seen).evidence).collect();
            if evidence.is_empty() {
                let found = Found::NoFile {
                    pattern: files.below.map(SharedText::to_string),
                    holding: files.holding.filter(|_| files.below.is_none()).map(|it| it.described().to_owned()),
                    looked_for: listed(&candidates(files, observations)),
                };
                let source = Source::Component { component: name.to_owned() };
                evidence.push(Evidence { source, found, expected: Some(expected::a_file(true)), violates: true });
            }
            (Verdict::Fail, evidence)
        }
    }
}

/// The usual paths of the places.
fn candidates<'s>(files: &Files<'_>, observations: &'s Observations<'_>) -> Vec<Cow<'s, str>> {
    let of_place = |name: &PlaceName| {
        let place = observations.library.components.get(&name.component)?.places.get(&name.place)?;
        let directory = observations.cluster_directory.as_ref();
        Some(place.candidates.iter().map(move |path| match (path.strip_prefix(CLUSTER_DIRECTORY), directory) {
            (Some(rest), Some(directory)) => Cow::Owned(format!("{}{rest}", directory.display())),
            _ => Cow::Borrowed(path.as_str()),
        }))
    };
    files.places.iter().filter_map(of_place).flatten().collect()
}

/// The maximum number of paths to list.
const SHOWN: usize = 3;

/// The first few paths, and how many more there are.
fn listed(paths: &[Cow<'_, str>]) -> Listed {
    Listed::of(paths.iter().map(AsRef::as_ref), SHOWN)
}

/// Like [`listed`], as text.
fn shortened(paths: &[Cow<'_, str>]) -> String {
    let Listed { first, more } = listed(paths);
    let text = first.join(", ");
    if more == 0 { text } else { format!("{text} and {more} more") }
}

/// What was checked; `seen` is the result of [`Files::seen`].
pub(super) fn looked_at(
    expectation: &Expectation,
    files: &Files<'_>,
    seen: &[&Seen],
    observations: &Observations<'_>,
) -> LookedAt {
    let (mode, owner, certificate, content) = match expectation {
        Expectation::File(FileCondition { mode, owner, owned_by, certificate, says, .. }) => {
            (mode.is_some(), owner.is_some() || !owned_by.is_empty(), certificate.is_some(), says.is_some())
        }
        _ => (true, true, false, false),
    };
    let paths: Vec<Cow<'_, str>> = seen.iter().map(|seen| Cow::Borrowed(seen.path.as_str())).collect();
    let paths = if paths.is_empty() { candidates(files, observations) } else { paths };
    LookedAt::Files { mode, owner, certificate, content, paths: listed(&paths) }
}

fn judge_file(
    condition: &FileCondition,
    source: &Source,
    file: Alike,
    allowed: &Allowed,
    observations: &Observations<'_>,
) -> Judgement {
    let owners = &observations.owners;
    let mut parts = Vec::new();
    if condition.missing == Missing::Pass {
        parts.push(compared(false, source.clone(), Found::Present, expected::a_file(false)));
    }
    if let Some(at_most) = &condition.mode {
        let at_most = at_most.to_string();
        let mode = file.mode & MODE_BITS;
        // The loader accepts only octal digits.
        let passes = u32::from_str_radix(&at_most, 8).is_ok_and(|at_most| mode & !at_most == 0);
        let found = Found::Mode(format!("{mode:o}"));
        parts.push(compared(passes, source.clone(), found, expected::mode(at_most)));
    }
    if let Some(owner) = &condition.owner {
        let expected = owner.to_string();
        parts.push(match owner_is(&expected, file, owners) {
            Err(why) => Judgement::unknown(why),
            Ok(passes) => compared(passes, source.clone(), owner_of(file, owners), expected::owner(expected)),
        });
    }
    if !condition.owned_by.is_empty() {
        parts.push(match allowed.hold(file.uid, owners) {
            Err(why) => Judgement::unknown(why),
            Ok(passes) => {
                let expected = expected::owned_by(allowed.in_words(owners));
                compared(passes, source.clone(), owner_of(file, owners), expected)
            }
        });
    }
    Judgement::all(parts)
}

fn compared(passes: bool, source: Source, found: Found, expected: Requirement) -> Judgement {
    Judgement::new(passes, Evidence { source, found, expected: Some(expected), violates: !passes })
}

/// Whether the owner is `user:group`. `root` is ID 0, whatever the node calls it; other names are looked up on the
/// node.
fn owner_is(expected: &str, file: Alike, owners: &Observed<Owners>) -> Result<bool, probe::Reason> {
    let Some((user, group)) = expected.split_once(':') else { return Ok(false) };
    let known = match owners {
        Observed::Present(owners) => Some(owners),
        Observed::Unknown(why) if user != "root" || group != "root" => return Err(why.clone()),
        Observed::Absent | Observed::Unknown(_) => None,
    };
    let user_matches = match user {
        "root" => file.uid == 0,
        user => known.is_some_and(|owners| owners.user(file.uid) == Some(user)),
    };
    let group_matches = match group {
        "root" => file.gid == 0,
        group => known.is_some_and(|owners| owners.group(file.gid) == Some(group)),
    };
    Ok(user_matches && group_matches)
}

/// The owner of a file, by name where the node has one.
fn owner_of(file: Alike, owners: &Observed<Owners>) -> Found {
    let owners = owners.as_present();
    let user = owners.and_then(|owners| owners.user(file.uid)).map(str::to_owned);
    let group = owners.and_then(|owners| owners.group(file.gid)).map(str::to_owned);
    Found::Owner { user, group, uid: file.uid, gid: file.gid }
}
