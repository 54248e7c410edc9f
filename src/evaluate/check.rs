//! A selection against a observations: the findings.

use crate::collect::inventory::Presence;
use crate::collect::observations::Observations;
use crate::finding::secret::mask_text;
use crate::finding::{Evidence, Finding, FindingGroup, Source, TargetFindings, Verdict};
use crate::select::{SelectedCheck, Selection};
use definitions::benchmark::{Audit, Control, Expectation, text};
use probe::{Cause, Why};

use super::file::{self, Files};
use super::judgement::{Judgement, Outcome};
use super::skip::{self, Standing};
use super::{absent, phrase, remedy, setting, unit};

/// Judges everything that was selected.
pub fn assess(selection: &Selection, observations: &Observations<'_>) -> Vec<TargetFindings> {
    let paths = without_secrets(&observations.paths);
    selection
        .targets
        .iter()
        .map(|target| TargetFindings {
            target: target.target,
            id: target.id.clone(),
            title: target.title.clone(),
            groups: target
                .groups
                .iter()
                .map(|group| FindingGroup {
                    id: group.id.clone(),
                    title: group.title.clone(),
                    findings: group.checks.iter().map(|check| finding(check, observations, &paths)).collect(),
                })
                .collect(),
        })
        .collect()
}

/// The paths as remediations may show them.
fn without_secrets(paths: &text::Paths) -> text::Paths {
    let masked = |(name, path): (&String, &String)| (name.clone(), mask_text(path).into_owned());
    paths.iter().map(|(component, places)| (component.clone(), places.iter().map(masked).collect())).collect()
}

fn finding(selected: &SelectedCheck, observations: &Observations<'_>, usual: &text::Paths) -> Finding {
    let SelectedCheck { check, control, skip, .. } = selected;
    let answer = match skip.as_ref().map(|skip| (skip, skip::standing(skip, observations))) {
        Some((skip, Standing::Stands)) => Answer::bare(Verdict::Skipped(skip::told(skip))),
        Some((_, Standing::Unknown(why))) => unskipped(selected, observations).in_doubt(why),
        Some((_, Standing::TakenBack)) | None => unskipped(selected, observations),
    };
    let mut evidence = answer.evidence;
    evidence.sort_by_key(|evidence| !evidence.offends);
    let found = evidence.iter().map(found).collect::<Vec<_>>().join("\n");
    let mut remediation = remedy::remedy(control, &evidence, observations, usual);
    if let (Verdict::Manual, Some(review)) = (&answer.verdict, &control.review) {
        remediation = format!("{}\n{remediation}", review.trim_end());
    }
    Finding {
        id: check.id.clone(),
        control: check.control.clone(),
        title: text::render(&control.title, &control.parameters, usual).into_owned(),
        assessment: check.assessment,
        scored: check.scored,
        verdict: answer.verdict,
        looked_at: answer.looked_at,
        expected: answer.expected,
        found,
        evidence,
        remediation,
    }
}

/// What comes of a check that nobody leaves out.
fn unskipped(selected: &SelectedCheck, observations: &Observations<'_>) -> Answer {
    let SelectedCheck { check, control, exempt, .. } = selected;
    let answer = match &control.expect {
        Some(expectation) if check.evaluate => answer(control, expectation, observations),
        expectation => match expectation.as_ref().or(control.shows.as_ref()) {
            Some(expectation) => answer(control, expectation, observations).unjudged(control, observations),
            None => Answer::bare(Verdict::Manual),
        },
    };
    match exempt {
        Some(because) if answer.lacks_only() || answer.is_of_no_use(control) => {
            exempted(answer, because, control, observations)
        }
        _ => answer,
    }
}

/// What came of one check, before the texts.
struct Answer {
    verdict: Verdict,
    evidence: Vec<Evidence>,
    looked_at: String,
    expected: String,
}

impl Answer {
    const fn bare(verdict: Verdict) -> Self {
        Self { verdict, evidence: Vec::new(), looked_at: String::new(), expected: String::new() }
    }

    /// The same where it is not known whether the check is left out: only what passes in either case stays.
    fn in_doubt(self, why: Why) -> Self {
        match self.verdict {
            Verdict::Fail | Verdict::NotApplicable(_) => Self { verdict: Verdict::Unknown(why), ..self },
            _ => self,
        }
    }

    /// The same for a person to judge: what was seen, or why nothing was, and what it was compared with is left out.
    fn unjudged(self, control: &Control, observations: &Observations<'_>) -> Self {
        let mut evidence: Vec<Evidence> = self
            .evidence
            .into_iter()
            .map(|evidence| Evidence { expected: String::new(), offends: false, ..evidence })
            .collect();
        let unseen = match &self.verdict {
            Verdict::Unknown(why) => Some((why.subject.clone(), why.detail.clone())),
            // What a benchmark asks of a component is no question where it is not; what a person may want to see is.
            Verdict::NotApplicable(reason) if control.shows.is_none() => {
                let name = subject(&control.audit, observations);
                let said = reason.strip_prefix(&format!("{name} is ")).unwrap_or(reason).to_owned();
                Some((name, said))
            }
            _ => None,
        };
        evidence.extend(unseen.map(|(component, found)| Evidence {
            source: Source::Component { component },
            found,
            expected: String::new(),
            offends: false,
        }));
        Self { verdict: Verdict::Manual, evidence, expected: String::new(), ..self }
    }

    /// Whether it speaks of something that may have no effect, whoever has set it.
    fn is_of_no_use(&self, control: &Control) -> bool {
        let is_judged = matches!(self.verdict, Verdict::Pass | Verdict::Fail | Verdict::Unknown(_));
        is_judged && control.applies.as_ref().is_some_and(|applies| applies.even_if_set)
    }

    /// Whether it fails for what is not set or not there, and for nothing else.
    fn lacks_only(&self) -> bool {
        let lacking =
            |evidence: &&Evidence| matches!(evidence.source, Source::Default { .. } | Source::Component { .. });
        let mut offenders = self.evidence.iter().filter(|evidence| evidence.offends).peekable();
        self.verdict == Verdict::Fail && offenders.peek().is_some() && offenders.all(|offender| lacking(&offender))
    }
}

/// An answer where the control says nothing on this platform, if what that depends on is so on this node.
fn exempted(answer: Answer, because: &str, control: &Control, observations: &Observations<'_>) -> Answer {
    let exempt = |answer| Answer { verdict: Verdict::NotApplicable(because.to_owned()), ..answer };
    let condition = control.applies.as_ref().and_then(|applies| applies.condition.as_ref());
    let (Some(condition), Audit::Settings { component }) = (condition, &control.audit) else { return exempt(answer) };
    let Some(component) = observations.library.with_process(component) else { return answer };
    let judgement = setting::judge(condition, component, observations);
    // Of what does not run, no condition holds.
    if judgement.outcome != Outcome::Pass || judgement.evidence.is_empty() {
        return answer;
    }
    let unoffending = |evidence| Evidence { offends: false, ..evidence };
    let evidence = answer.evidence.into_iter().map(unoffending).chain(judgement.evidence).collect();
    exempt(Answer { evidence, ..answer })
}

fn answer(control: &Control, expectation: &Expectation, observations: &Observations<'_>) -> Answer {
    match &control.audit {
        Audit::Review => Answer::bare(Verdict::Manual),
        Audit::Files { places, below, directories, holding } => {
            let files = Files { places, below: below.as_ref(), directories: *directories, holding: *holding };
            let (verdict, evidence) = file::judge(expectation, &files, observations);
            let expected = match expectation {
                Expectation::File(demand) => file::phrase_with_mode(demand, &files, observations),
                _ => phrase::phrase(expectation),
            };
            Answer { verdict, evidence, looked_at: file::looked_at(expectation, &files, observations), expected }
        }
        Audit::Settings { component } | Audit::Unit { component } => {
            of_component(&control.audit, component, expectation, observations)
        }
    }
}

/// What comes of the settings of a component, or of the unit that runs it.
fn of_component(audit: &Audit, component: &str, expectation: &Expectation, observations: &Observations<'_>) -> Answer {
    let expected = phrase::phrase(expectation);
    let Some(component) = observations.library.with_process(component) else {
        // The loader refuses this; a library that was built by hand may still hold it.
        let why = Why::new(Cause::Malformed, component, "no such component (correct the control)");
        return Answer { expected, ..Answer::bare(Verdict::Unknown(why)) };
    };
    let is_unit = matches!(audit, Audit::Unit { .. });
    let looked_at = if is_unit {
        unit::looked_at(expectation, component, observations)
    } else {
        setting::looked_at(expectation, component, observations)
    };
    let name = &component.name;
    let (verdict, evidence) = match observations.presence.get(&component.key) {
        // A unit's files say what it is whether it runs or not.
        Some(Presence::Running | Presence::Embedded(_) | Presence::Installed(_)) if is_unit => {
            match unit::judge(expectation, component, observations) {
                Some(judgement) => judged(judgement),
                None => (
                    Verdict::NotApplicable(format!("{name} runs in a container, not in a unit of its own")),
                    Vec::new(),
                ),
            }
        }
        Some(Presence::Running | Presence::Embedded(_)) => judged(setting::judge(expectation, component, observations)),
        Some(Presence::Installed(path)) => {
            let not_running = || {
                let detail = format!("not running, though {path} is there (start it, or read its settings by hand)");
                Why::new(Cause::NotRunning, name, detail)
            };
            (Verdict::Unknown(observations.unlisted.clone().unwrap_or_else(not_running)), Vec::new())
        }
        Some(Presence::Unknown(why)) => (Verdict::Unknown(why.clone()), Vec::new()),
        Some(Presence::Absent) | None => {
            (Verdict::NotApplicable(absent::reason(&component.key, name, observations)), Vec::new())
        }
    };
    Answer { verdict, evidence, looked_at, expected }
}

/// The name of the component whose settings or files are looked at.
fn subject(audit: &Audit, observations: &Observations<'_>) -> String {
    let key = match audit {
        Audit::Settings { component } | Audit::Unit { component } => component.as_str(),
        Audit::Files { places, .. } => places.first().map_or("", |place| place.component.as_str()),
        Audit::Review => "",
    };
    observations.library.with_process(key).map_or(key, |component| component.name.as_str()).to_owned()
}

fn judged(judgement: Judgement) -> (Verdict, Vec<Evidence>) {
    let verdict = match judgement.outcome {
        Outcome::Pass => Verdict::Pass,
        Outcome::Fail => Verdict::Fail,
        Outcome::Unknown(why) => Verdict::Unknown(why),
    };
    (verdict, judgement.evidence)
}

/// One line of what was found, as kube-bench prints it where that fits: `--profiling=true`, `permissions=644 /a/b`.
fn found(evidence: &Evidence) -> String {
    match &evidence.source {
        Source::Argument { flag, .. } => format!("{flag}={}", evidence.found),
        Source::Variable { name, .. } => format!("{name}={}", evidence.found),
        Source::Setting { key, path, .. } => format!("{key}: {} ({path})", evidence.found),
        Source::File { path } => format!("{} {path}", evidence.found),
        Source::Default { setting, .. } => format!("{setting}: {}", evidence.found),
        Source::Component { component } => format!("{component}: {}", evidence.found),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use definitions::benchmark::{Assessment, Check, Library, Platform, Remediation};
    use probe::Observed;

    #[test]
    fn the_remediation_is_that_of_the_platform() {
        let library = Library::default();
        let control = Control {
            key: "house/lock".to_owned(),
            title: "The door is locked".to_owned(),
            rationale: "Anybody might come in.".to_owned(),
            remediation: Remediation {
                default: "Lock {{house.door}}.".to_owned(),
                by_platform: BTreeMap::from([(Platform::EksAl2, "Call the janitor for {{house.door}}.".to_owned())]),
            },
            review: None,
            references: Vec::new(),
            parameters: BTreeMap::new(),
            audit: Audit::Review,
            expect: None,
            shows: None,
            applies: None,
        };
        let check = Check {
            id: "1.1".to_owned(),
            control: control.key.clone(),
            with: BTreeMap::new(),
            scored: true,
            assessment: Assessment::Manual,
            evaluate: true,
        };
        let selected = SelectedCheck { check, control, skip: None, exempt: None };
        let observations = |platform| Observations {
            owners: Observed::Absent,
            instances: BTreeMap::new(),
            presence: BTreeMap::new(),
            unlisted: None,
            files: BTreeMap::new(),
            units: BTreeMap::new(),
            paths: BTreeMap::from([(
                "house".to_owned(),
                BTreeMap::from([("door".to_owned(), "/srv/door".to_owned())]),
            )]),
            named: BTreeMap::new(),
            read_only: None,
            compared: BTreeMap::new(),
            platform,
            version: None,
            library: &library,
        };
        let table = [
            (None, "Lock /srv/door."),
            (Some(Platform::Kubeadm), "Lock /srv/door."),
            (Some(Platform::EksAl2), "Call the janitor for /srv/door."),
        ];
        for (platform, expected) in table {
            let observations = observations(platform);
            assert_eq!(finding(&selected, &observations, &observations.paths).remediation, expected, "{platform:?}");
        }
    }
}
