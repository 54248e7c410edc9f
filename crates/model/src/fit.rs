//! The consistency of a report that was read: what the types cannot enforce.

use std::collections::BTreeSet;
use std::fmt;

use crate::{Check, Disposition, Report, Verdict};

/// The largest plausible number of items and of lines in a file.
const MOST: usize = 1 << 31;

/// A field of a report that is inconsistent with the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The path of the field: `targets[0].groups[1].checks[2].skip`.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.problem)
    }
}

impl Report {
    /// Checks that the report is consistent, as every report is that a run writes.
    ///
    /// # Errors
    ///
    /// Returns the first inconsistent field.
    pub fn fits(&self) -> Result<(), Misfit> {
        let mut targets = BTreeSet::new();
        for (t, target) in self.targets.iter().enumerate() {
            if !targets.insert((&target.benchmark, &target.name)) {
                return Err(misfit(format!("targets[{t}].name"), format!("{}: a second time", target.name)));
            }
            if let Some(name) = target.benchmark.as_ref()
                && !self.run.further.iter().any(|benchmark| benchmark.name == *name)
            {
                return Err(misfit(format!("targets[{t}].benchmark"), format!("{name}: not among run.further")));
            }
            let (mut groups, mut checks) = (BTreeSet::new(), BTreeSet::new());
            for (g, group) in target.groups.iter().enumerate() {
                if !groups.insert(&group.id) {
                    return Err(misfit(format!("targets[{t}].groups[{g}].id"), format!("{}: a second time", group.id)));
                }
                for (c, check) in group.checks.iter().enumerate() {
                    let path = |field: &str| format!("targets[{t}].groups[{g}].checks[{c}].{field}");
                    // Third-party rule files may give two checks the same number; their lines distinguish them.
                    let place = check.defined_at.as_ref().map(|place| (&place.file, place.line));
                    if !checks.insert((&check.id, place)) {
                        return Err(misfit(path("id"), format!("{}: a second time in the target", check.id)));
                    }
                    if let Some((field, problem)) = of_check(check) {
                        return Err(misfit(path(field), problem.to_owned()));
                    }
                }
            }
        }
        Ok(())
    }
}

const fn misfit(path: String, problem: String) -> Misfit {
    Misfit { path, problem }
}

/// Returns the first inconsistent field of a check, and what is wrong with it.
fn of_check(check: &Check) -> Option<(&'static str, &'static str)> {
    let needs_reason = matches!(check.verdict, Verdict::Unknown | Verdict::NotApplicable);
    let lines = check.defined_at.iter().map(|place| place.line);
    match (check.disposition, &check.skip) {
        (Disposition::Skipped, None) => return Some(("skip", "missing, though the check is skipped")),
        (Disposition::Counted, Some(_)) => return Some(("skip", "given, though the check is counted")),
        (Disposition::Skipped, Some(_)) | (Disposition::Counted, None) => {}
    }
    if needs_reason && check.reason.is_none() {
        return Some(("reason", "missing, though the check is unknown or not applicable"));
    }
    if check.level.is_some_and(|level| !(1..=2).contains(&level)) {
        return Some(("level", "neither 1 nor 2"));
    }
    let violates = check.evidence.iter().any(|evidence| evidence.violates);
    match check.verdict {
        Verdict::Pass if violates => return Some(("verdict", "pass, though evidence violates the expectation")),
        Verdict::Manual if violates => return Some(("verdict", "manual, though evidence violates the expectation")),
        // A rule file's check may fail with a reason instead.
        Verdict::Fail if !violates && !check.evidence.is_empty() && check.reason.is_none() => {
            return Some(("verdict", "fail, though no evidence violates the expectation"));
        }
        _ => {}
    }
    if check.evidence.iter().any(|evidence| evidence.count() == 0 || evidence.count() > MOST) {
        return Some(("evidence", "of no number of things that there can be"));
    }
    if lines.into_iter().any(|line| line == 0 || line > MOST) {
        return Some(("defined_at", "no line of a file"));
    }
    None
}
