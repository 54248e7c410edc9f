//! The arguments that a program passes automatically to the components that it embeds, according to definitions.

use std::collections::BTreeMap;

use definitions::SharedText;
use definitions::benchmark::{KubernetesVersion, Passed, PassedWhen};
use probe::Reason;

/// The release lines that a program may belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lines {
    /// The oldest.
    pub(super) from: KubernetesVersion,
    /// The newest; `None` if it may belong to any newer one.
    pub(super) to: Option<KubernetesVersion>,
}

/// What is known about an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PassedOutcome {
    /// It is passed with this value.
    Passed(String),
    /// It is not known whether it is passed, or with what value.
    Open(Open),
}

/// Why the value of an argument is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Open {
    /// It depends on the machine or the cluster.
    Value,
    /// It depends on the version.
    Version,
    /// It depends on something that could not be observed.
    Unseen(Reason),
}

/// The facts that decide which cases apply.
pub(super) struct Facts<'a> {
    pub(super) lines: Lines,
    /// Whether a condition holds for the program's settings.
    pub(super) holds: &'a dyn Fn(PassedWhen) -> Result<bool, Reason>,
    /// Whether the user gives a flag to the component.
    pub(super) gives: &'a dyn Fn(&str) -> bool,
    /// Fills in the placeholders of a value; `None` if that is not possible.
    pub(super) fill: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a path exists.
    pub(super) is_there: &'a dyn Fn(&str) -> Result<bool, Reason>,
}

/// The prefix of values that are paths in the program's own directory.
const OWN_PATH: &str = "{data}/";

/// Returns the arguments that are passed, and those that may be.
pub(super) fn outcomes(
    passed: &BTreeMap<SharedText, Vec<Passed>>,
    facts: &Facts<'_>,
) -> BTreeMap<String, PassedOutcome> {
    sorting::map(passed.iter().filter_map(|(flag, cases)| Some((flag.to_string(), outcome(cases, facts)?))))
}

fn outcome(cases: &[Passed], facts: &Facts<'_>) -> Option<PassedOutcome> {
    for case in cases {
        if case.unless.iter().any(|flag| (facts.gives)(flag)) {
            continue;
        }
        match case.when.map_or(Ok(true), facts.holds) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(why) => return Some(PassedOutcome::Open(Open::Unseen(why))),
        }
        let value = case.value.as_deref().and_then(facts.fill);
        // Files that newer releases write and pass do not exist with older ones.
        let shows = case.before.is_none() && case.value.as_deref().is_some_and(|value| value.starts_with(OWN_PATH));
        let passes = match (in_all(case, facts.lines), &value) {
            (None, Some(path)) if shows => (facts.is_there)(path).map(Some),
            (passes, _) => Ok(passes),
        };
        return match (passes, value) {
            (Ok(Some(false)), _) => continue,
            (Ok(Some(true)), Some(value)) => Some(PassedOutcome::Passed(value)),
            (Ok(Some(true)), None) => Some(PassedOutcome::Open(Open::Value)),
            (Ok(None), _) => Some(PassedOutcome::Open(Open::Version)),
            (Err(why), _) => Some(PassedOutcome::Open(Open::Unseen(why))),
        };
    }
    None
}

/// Whether a case applies to all the possible release lines, or to none of them; `None` if it applies to some.
fn in_all(case: &Passed, lines: Lines) -> Option<bool> {
    let Lines { from, to } = lines;
    let begins_later = case.since.is_some_and(|since| to.is_some_and(|to| to < since));
    let ended_before = case.before.is_some_and(|before| before <= from);
    if begins_later || ended_before {
        return Some(false);
    }
    let begins_within = case.since.is_some_and(|since| from < since);
    let ends_within = case.before.is_some_and(|before| to.is_none_or(|to| before <= to));
    let is_unsure = case.unsure.iter().any(|line| from <= *line && to.is_none_or(|to| *line <= to));
    (!begins_within && !ends_within && !is_unsure).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn line(minor: u16) -> KubernetesVersion {
        KubernetesVersion { major: 1, minor }
    }

    fn case(since: Option<u16>, before: Option<u16>, unsure: &[u16]) -> Passed {
        Passed {
            value: Some("x".into()),
            when: None,
            unless: Vec::new(),
            since: since.map(line),
            before: before.map(line),
            unsure: unsure.iter().copied().map(line).collect(),
        }
    }

    #[test]
    fn a_case_counts_where_every_possible_line_has_it() {
        let table = [
            (case(None, None, &[]), 27, None, Some(true)),
            (case(Some(32), None, &[]), 27, None, None),
            (case(Some(32), None, &[]), 32, None, Some(true)),
            (case(Some(32), None, &[]), 27, Some(31), Some(false)),
            (case(Some(32), None, &[]), 32, Some(32), Some(true)),
            (case(None, Some(32), &[]), 27, None, None),
            (case(None, Some(32), &[]), 27, Some(31), Some(true)),
            (case(None, Some(32), &[]), 32, None, Some(false)),
            (case(None, None, &[32]), 33, Some(33), Some(true)),
            (case(None, None, &[32]), 27, Some(31), Some(true)),
            (case(None, None, &[32]), 32, Some(32), None),
            (case(None, None, &[32]), 31, None, None),
            (case(Some(30), None, &[30, 31]), 29, Some(29), Some(false)),
            (case(Some(30), None, &[30, 31]), 31, Some(31), None),
            (case(Some(30), None, &[30, 31]), 34, Some(34), Some(true)),
        ];
        for (case, from, to, expected) in table {
            let lines = Lines { from: line(from), to: to.map(line) };
            assert_eq!(in_all(&case, lines), expected, "{case:?} in {lines:?}");
        }
    }
}
