//! Judges the selected checks against the observations of a node.

use model::{
    Assessment, Cause as ReasonCause, Check, Disposition, Evidence, Found, Group, LookedAt, Severity, Source, Target,
};
use redact::{Bounds, mask_text};
use sorting::Sorting;

use crate::collect::inventory::Presence;
use crate::collect::observations::Observations;
use crate::select::{SelectedCheck, Selection};
use definitions::SharedText;
use definitions::benchmark::{self, Audit, Control, ControlSeverity, Expectation, text};
use probe::{Cause, Reason};

use super::expected;
use super::file::{self, Files};
use super::judgement::{Judgement, Outcome, Verdict};
use super::objects::Judges;
use super::skip::{self, Standing};
use super::{absent, remedy, setting, unit};

/// Judges every selected check.
pub fn assess(selection: &Selection<'_>, observations: &Observations<'_>, judges: Judges<'_>) -> Vec<Target> {
    let mut paths = without_secrets(&observations.paths);
    paths.insert(text::SNIPPET.into(), observations.library.snippets.to_value());
    let mut bounds = Bounds::default();
    selection
        .targets
        .iter()
        .map(|target| Target {
            name: target.target.name().to_owned(),
            benchmark: None,
            id: target.id.to_owned(),
            title: target.title.to_owned(),
            groups: target
                .groups
                .iter()
                .map(|group| Group {
                    id: group.id.to_owned(),
                    title: group.title.to_owned(),
                    checks: group
                        .checks
                        .iter()
                        .map(|check| {
                            let mut check = judged_check(check, observations, judges, &paths);
                            bounds.check(&mut check);
                            check
                        })
                        .collect(),
                })
                .collect(),
        })
        .collect()
}

/// The paths with secrets masked, as remediations may show them.
fn without_secrets(paths: &text::Paths) -> text::Paths {
    let masked = |(name, path): (&SharedText, &SharedText)| (name.clone(), mask_text(path).into_owned().into());
    sorting::map(paths.iter().map(|(component, places)| (component.clone(), sorting::map(places.iter().map(masked)))))
}

/// Judges one check. A skipped check is judged like any other, but not counted.
fn judged_check(
    selected: &SelectedCheck<'_>,
    observations: &Observations<'_>,
    judges: Judges<'_>,
    usual: &text::Paths,
) -> Check {
    let SelectedCheck { check, control, skip, .. } = selected;
    let answer = unskipped(selected, observations, judges);
    let (answer, skip) = match skip.as_ref().map(|skip| (skip, skip::standing(skip, observations))) {
        Some((skip, Standing::Stands)) => (answer, Some(skip::told(skip))),
        Some((_, Standing::Unknown(why))) => (answer.in_doubt(why), None),
        Some((_, Standing::TakenBack)) | None => (answer, None),
    };
    let mut evidence = answer.evidence;
    evidence.order_by_key(|evidence| !evidence.violates);
    // A skipped check leaves nothing to fix on this node, so only the general remediation is given.
    let to_fix = if skip.is_some() { &[][..] } else { &evidence };
    let mut remediation = remedy::remedy(control, to_fix, observations, usual);
    if let (Verdict::Manual, Some(review), None) = (&answer.verdict, &control.review, &skip) {
        remediation = format!("{}\n{remediation}", review.trim_end());
    }
    let (verdict, reason) = answer.verdict.told();
    Check {
        id: check.id.to_string(),
        control: Some(check.control.to_string()),
        title: text::render(&control.title, &control.parameters, usual).into_owned(),
        level: selected.level,
        severity: Some(match control.severity {
            ControlSeverity::Low => Severity::Low,
            ControlSeverity::Medium => Severity::Medium,
            ControlSeverity::High => Severity::High,
            ControlSeverity::Critical => Severity::Critical,
        }),
        scored: check.scored,
        assessment: Some(match check.assessment {
            benchmark::Assessment::Automated => Assessment::Automated,
            benchmark::Assessment::Manual => Assessment::Manual,
        }),
        verdict,
        reason,
        disposition: if skip.is_some() { Disposition::Skipped } else { Disposition::Counted },
        skip,
        looked_at: answer.looked_at,
        expected: answer.expected,
        evidence,
        remediation,
        defined_at: None,
        replaces: None,
    }
}

/// Returns the answer to a check, not considering skips.
fn unskipped(selected: &SelectedCheck<'_>, observations: &Observations<'_>, judges: Judges<'_>) -> Answer {
    let SelectedCheck { check, control, exempt, .. } = selected;
    if let Some(answer) = judges.judge(control) {
        return answer;
    }
    let answer = match &control.expect {
        Some(expectation) if check.evaluate => answer(control, expectation, observations),
        expectation => match expectation.as_ref().or(control.shows.as_deref()) {
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

/// The answer to one check, before its texts are rendered.
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) evidence: Vec<Evidence>,
    pub(super) looked_at: Option<LookedAt>,
    pub(super) expected: Option<model::Expectation>,
}

impl Answer {
    const fn bare(verdict: Verdict) -> Self {
        Self { verdict, evidence: Vec::new(), looked_at: None, expected: None }
    }

    /// The answer when it is not known whether the check is skipped: a failure or "not applicable" becomes unknown.
    fn in_doubt(self, why: Reason) -> Self {
        match self.verdict {
            Verdict::Fail | Verdict::NotApplicable(_) => Self { verdict: Verdict::Unknown(why), ..self },
            _ => self,
        }
    }

    /// The answer left for manual review: the evidence without expectations, and why anything was not observed.
    fn unjudged(self, control: &Control, observations: &Observations<'_>) -> Self {
        let mut evidence: Vec<Evidence> = self
            .evidence
            .into_iter()
            .map(|evidence| Evidence { expected: None, violates: false, ..evidence })
            .collect();
        let unseen = match &self.verdict {
            Verdict::Unknown(why) => Some((why.subject.clone(), why.detail.clone())),
            // If its component is absent, the benchmark's expectation is moot, which the reviewer should know; what
            // `shows` lists may be of interest even then.
            Verdict::NotApplicable(reason) if control.shows.is_none() => {
                let name = subject(&control.audit, observations);
                let detail = &reason.detail;
                let said = detail.strip_prefix(&format!("{name} is ")).unwrap_or(detail).to_owned();
                Some((name, said))
            }
            _ => None,
        };
        evidence.extend(unseen.map(|(component, found)| Evidence {
            source: Source::Component { component },
            found: Found::Unseen(found),
            expected: None,
            violates: false,
        }));
        Self { verdict: Verdict::Manual, evidence, expected: None, ..self }
    }

    /// Whether the answer is about a setting that may have no effect even when it is set.
    fn is_of_no_use(&self, control: &Control) -> bool {
        let is_judged = matches!(self.verdict, Verdict::Pass | Verdict::Fail | Verdict::Unknown(_));
        is_judged && control.applies.as_ref().is_some_and(|applies| applies.even_if_set)
    }

    /// Whether the check fails only because something is not set or does not exist.
    fn lacks_only(&self) -> bool {
        let lacking =
            |evidence: &&Evidence| matches!(evidence.source, Source::Default { .. } | Source::Component { .. });
        let mut offenders = self.evidence.iter().filter(|evidence| evidence.violates).peekable();
        self.verdict == Verdict::Fail && offenders.peek().is_some() && offenders.all(|offender| lacking(&offender))
    }
}

/// Makes an answer "not applicable" on an exempt platform, provided that the control's condition, if any, holds on this
/// node.
fn exempted(answer: Answer, because: &str, control: &Control, observations: &Observations<'_>) -> Answer {
    let exempt = |answer| {
        let subject = subject(&control.audit, observations);
        Answer { verdict: Verdict::not_applicable(ReasonCause::Platform, subject, because), ..answer }
    };
    let condition = control.applies.as_ref().and_then(|applies| applies.condition.as_ref());
    let (Some(condition), Audit::Settings { component }) = (condition, &control.audit) else { return exempt(answer) };
    let Some(component) = observations.library.with_process(component) else { return answer };
    let judgement = setting::judge(condition, component, observations);
    // Without a running instance, the judgement passes with no evidence; the condition does not hold then.
    if judgement.outcome != Outcome::Pass || judgement.evidence.is_empty() {
        return answer;
    }
    let unviolating = |evidence| Evidence { violates: false, ..evidence };
    let evidence = answer.evidence.into_iter().map(unviolating).chain(judgement.evidence).collect();
    exempt(Answer { evidence, ..answer })
}

fn answer(control: &Control, expectation: &Expectation, observations: &Observations<'_>) -> Answer {
    match &control.audit {
        Audit::Review => Answer::bare(Verdict::Manual),
        Audit::Files { places, below, directories, holding } => {
            let files = Files { places, below: below.as_ref(), directories: *directories, holding: *holding };
            let seen = files.seen(observations);
            let (verdict, evidence) = file::judge(expectation, &files, &seen, observations);
            let looked_at = Some(file::looked_at(expectation, &files, &seen, observations));
            Answer { verdict, evidence, looked_at, expected: Some(expected::expectation(expectation)) }
        }
        Audit::Settings { component } | Audit::Unit { component } => {
            of_component(&control.audit, component, expectation, observations)
        }
    }
}

/// Returns the answer for the settings of a component, or for the unit that runs it.
fn of_component(audit: &Audit, component: &str, expectation: &Expectation, observations: &Observations<'_>) -> Answer {
    let expected = Some(expected::expectation(expectation));
    let Some(component) = observations.library.with_process(component) else {
        // The loader rejects this, but a library built by hand may contain it.
        let why = Reason::new(Cause::Malformed, component, "no such component (correct the control)");
        return Answer { expected, ..Answer::bare(Verdict::Unknown(why)) };
    };
    let is_unit = matches!(audit, Audit::Unit { .. });
    let looked_at = Some(if is_unit {
        unit::looked_at(expectation, component, observations)
    } else {
        setting::looked_at(expectation, component, observations)
    });
    let name = component.name.as_str();
    let (verdict, evidence) = match observations.presence.get(component.key.as_str()) {
        // The files of a unit can be judged whether or not it is running.
        Some(Presence::Running | Presence::Embedded(_) | Presence::Installed(_)) if is_unit => {
            match unit::judge(expectation, component, observations) {
                Some(judgement) => judged(judgement),
                None => (
                    Verdict::not_applicable(
                        ReasonCause::InContainer,
                        name,
                        format!("{name} runs in a container, not in a unit of its own"),
                    ),
                    Vec::new(),
                ),
            }
        }
        Some(Presence::Running | Presence::Embedded(_)) => judged(setting::judge(expectation, component, observations)),
        Some(Presence::Installed(path)) => {
            let not_running = || {
                let detail = format!("not running, although {path} exists (start it, or check its settings by hand)");
                Reason::new(Cause::NotRunning, name, detail)
            };
            (Verdict::Unknown(observations.unlisted.clone().unwrap_or_else(not_running)), Vec::new())
        }
        Some(Presence::Unknown(why)) => (Verdict::Unknown(why.clone()), Vec::new()),
        Some(Presence::Absent) | None => {
            let reason = absent::reason(&component.key, name, observations);
            (Verdict::not_applicable(ReasonCause::ComponentAbsent, name, reason), Vec::new())
        }
    };
    Answer { verdict, evidence, looked_at, expected }
}

/// The name of the component whose settings or files are checked.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::collect::x509::CertificatesSeen;
    use definitions::benchmark::{Assessment, Background, Check, Library, Platform, Remediation};
    use probe::Observed;

    #[test]
    fn the_remediation_is_that_of_the_platform() {
        let library = Library::default();
        let control = Control {
            key: "house/lock".into(),
            title: "The door is locked".into(),
            level: 1,
            severity: ControlSeverity::Low,
            background: Background::default().into(),
            remediation: Remediation {
                default: "Lock {{house.door}}.".into(),
                differing: vec![(
                    vec![Platform::EksAl2],
                    SharedText::from("Call the janitor for {{house.door}}.").into(),
                )],
            },
            review: None,
            parameters: BTreeMap::new(),
            audit: Audit::Review,
            expect: None,
            objects: None,
            aws: None,
            shows: None,
            applies: None,
        };
        let check = Check {
            id: "1.1".into(),
            level: None,
            control: control.key.clone(),
            with: BTreeMap::new(),
            scored: true,
            assessment: Assessment::Manual,
            evaluate: true,
        };
        let selected =
            SelectedCheck { check: &check, level: Some(1), control: Box::new(control), skip: None, exempt: None };
        let observations = |platform| Observations {
            owners: Observed::Absent,
            instances: BTreeMap::new(),
            presence: BTreeMap::new(),
            cluster_directory: None,
            unlisted: None,
            files: BTreeMap::new(),
            units: BTreeMap::new(),
            paths: BTreeMap::from([("house".into(), BTreeMap::from([("door".into(), "/srv/door".into())]))]),
            named: BTreeMap::new(),
            read_only: None,
            compared: BTreeMap::new(),
            platform,
            version: None,
            said: BTreeMap::new(),
            certificates: CertificatesSeen::default(),
            library: &library,
        };
        let table = [
            (None, "Lock /srv/door."),
            (Some(Platform::Kubeadm), "Lock /srv/door."),
            (Some(Platform::EksAl2), "Call the janitor for /srv/door."),
        ];
        for (platform, expected) in table {
            let observations = observations(platform);
            assert_eq!(
                judged_check(&selected, &observations, Judges::default(), &observations.paths).remediation,
                expected,
                "{platform:?}"
            );
        }
    }
}
