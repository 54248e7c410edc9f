//! Phrases that more than one format prints.

use crate::finding::{Evidence, Finding, Skip, Verdict};

/// How much of a value is shown in one line; the JSON has it whole.
const LONGEST: usize = 200;

/// In one line, what speaks against a check that failed, or why it could not be known; none for the other verdicts.
///
/// `kube-apiserver (process 812) --profiling: found true, expected false; +2 more`
pub fn objection(finding: &Finding) -> Option<String> {
    match &finding.verdict {
        Verdict::Fail => Some(offence(finding)),
        Verdict::Unknown(why) => Some(format!("not known: {}", clipped(&why.to_string()))),
        Verdict::Pass | Verdict::Manual | Verdict::Skipped(_) | Verdict::NotApplicable(_) => None,
    }
}

/// In one line, what was seen for the person who judges a check; none where nothing was, or where it is judged.
///
/// `manual: kube-apiserver (process 812) --request-timeout: found not set (default 1m0s); +1 more`
pub fn sight(finding: &Finding) -> Option<String> {
    let Verdict::Manual = finding.verdict else { return None };
    let first = finding.evidence.first()?;
    let first = Evidence { found: clipped(&first.found), ..first.clone() };
    match finding.evidence.len() {
        1 => Some(format!("manual: {first}")),
        all => Some(format!("manual: {first}; +{} more", all - 1)),
    }
}

fn offence(finding: &Finding) -> String {
    let mut offenders = finding.evidence.iter().filter(|evidence| evidence.offends);
    let Some(first) = offenders.next().or_else(|| finding.evidence.first()) else {
        let found = if finding.found.is_empty() { "nothing" } else { &finding.found };
        return match finding.expected.as_str() {
            "" => format!("found {}", clipped(found)),
            expected => format!("found {}, expected {}", clipped(found), clipped(expected)),
        };
    };
    let mut clipped_first = first.clone();
    clipped_first.found = clipped(&first.found);
    clipped_first.expected = clipped(&first.expected);
    match offenders.count() {
        0 => clipped_first.to_string(),
        more => format!("{clipped_first}; +{more} more"),
    }
}

/// Why a check does not count here; none for the verdicts that do.
///
/// `skipped by eks-anywhere: … (SOURCE, listed there as 1.2.3)`
pub fn exemption(finding: &Finding) -> Option<String> {
    match &finding.verdict {
        Verdict::Skipped(skip) => Some(skipped(skip)),
        Verdict::NotApplicable(reason) => Some(format!("not applicable: {}", clipped(reason))),
        Verdict::Pass | Verdict::Fail | Verdict::Manual | Verdict::Unknown(_) => None,
    }
}

fn skipped(skip: &Skip) -> String {
    let by = skip.profile.as_ref().map_or_else(String::new, |profile| format!(" by {profile}"));
    let listed = (!skip.guide_ids.is_empty()).then(|| format!("listed there as {}", skip.guide_ids.join(", ")));
    let origin: Vec<&str> = skip.source.iter().map(String::as_str).chain(listed.as_deref()).collect();
    let origin = if origin.is_empty() { String::new() } else { format!(" ({})", origin.join("; ")) };
    format!("skipped{by}: {}{origin}", skip.reason)
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}
