//! Lines about a check that several formats print.

use std::borrow::Cow;

use model::{Check, Disposition, Evidence, Skip, Source, Verdict};

use super::summary::of_verdict;
use super::words::{self, Words};

/// The longest value on one line, in characters; the JSON report contains it whole.
const LONGEST: usize = 200;

/// Returns a line with the violations of a check that failed, or why it is unknown; none for other verdicts.
///
/// `kube-apiserver (process 812) --profiling: found true, expected false; +2 more`
pub fn objection(check: &Check) -> Option<String> {
    match (check.disposition, check.verdict) {
        (Disposition::Counted, Verdict::Fail) => Some(violation(check)),
        (Disposition::Counted, Verdict::Unknown) => Some(format!("not known: {}", clipped(&words::unknown(check)))),
        _ => None,
    }
}

/// Returns a line saying why a stricter verdict replaced the rule file's; none if it did not.
///
/// `not PASS as in kube-bench: …`
pub fn replaced(check: &Check) -> Option<String> {
    let was = of_verdict(check.replaces?, check.scored).name();
    Some(format!("not {was} as in kube-bench: {}", clipped(&words::reason(check))))
}

/// Returns a line with the evidence for a manual check; none if there is no evidence, or for other verdicts.
///
/// `manual: kube-apiserver (process 812) --request-timeout: found not set (default 1m0s); +1 more`
pub fn sight(check: &Check) -> Option<String> {
    let (Disposition::Counted, Verdict::Manual) = (check.disposition, check.verdict) else { return None };
    let first = in_line(check.evidence.first()?);
    match check.evidence.iter().map(Evidence::count).sum::<usize>() {
        0 | 1 => Some(format!("manual: {first}")),
        all => Some(format!("manual: {first}; +{} more", all - 1)),
    }
}

fn violation(check: &Check) -> String {
    let mut violating = check.evidence.iter().filter(|evidence| evidence.violates);
    if let Some(reason) = &check.reason {
        return clipped(&reason.detail).into_owned();
    }
    // The output of an audit is compared as a whole.
    let is_piece = |evidence: &&Evidence| evidence.source != Source::Audit;
    let Some(first) = violating.next().or_else(|| check.evidence.first()).filter(is_piece) else {
        let found = words::found(check);
        let found = if found.is_empty() { "nothing" } else { &found };
        return match words::phrase(check).as_str() {
            "" => format!("found {}", clipped(found)),
            expected => format!("found {}, expected {}", clipped(found), clipped(expected)),
        };
    };
    let mut first_line = in_line(first);
    if first.expected.is_none()
        && let Some(expected) = &check.expected
    {
        // Cluster objects and file contents have no requirement of their own; the check's expectation applies.
        let expected = words::expectation(expected);
        first_line = format!("{first_line}, expected {}", clipped(&expected));
    }
    let first = first_line;
    match violating.map(Evidence::count).sum::<usize>() {
        0 => first,
        more => format!("{first}; +{more} more"),
    }
}

/// Formats evidence as one line of bounded length.
fn in_line(evidence: &Evidence) -> String {
    let found = Words(&evidence.found).to_string();
    let line = format!("{}: found {}", Words(&evidence.source), clipped(&found));
    match &evidence.expected {
        Some(expected) => format!("{line}, expected {}", clipped(&words::short(expected))),
        None => line,
    }
}

/// Returns a line saying why a check does not count; none if it counts.
///
/// `skipped by eks-anywhere: … (SOURCE, listed there as 1.2.3)`
pub fn exemption(check: &Check) -> Option<String> {
    match (&check.skip, check.verdict, &check.reason) {
        (Some(skip), ..) => Some(skipped(skip)),
        (None, Verdict::NotApplicable, Some(reason)) => Some(format!("not applicable: {}", clipped(&reason.detail))),
        _ => None,
    }
}

fn skipped(skip: &Skip) -> String {
    let by = skip.profile.as_ref().map_or_else(String::new, |profile| format!(" by {profile}"));
    let listed = (!skip.guide_ids.is_empty()).then(|| format!("listed there as {}", skip.guide_ids.join(", ")));
    let origin: Vec<&str> = skip.source.iter().map(String::as_str).chain(listed.as_deref()).collect();
    let origin = if origin.is_empty() { String::new() } else { format!(" ({})", origin.join("; ")) };
    format!("skipped{by}: {}{origin}", skip.reason)
}

fn clipped(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or(text)).into(),
        None => Cow::Borrowed(text),
    }
}
