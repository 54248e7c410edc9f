//! Judges the content of files against an expectation.

use definitions::benchmark::SaysCondition;
use inspections::{Kind, Remark};
use model::{Evidence, Found, Source};
use probe::{Cause, Observed, Reason};

use crate::collect::observations::Observations;
use crate::collect::seen::Seen;

use super::judgement::Judgement;

/// Judges the content of an existing file.
pub(super) fn judge(says: &SaysCondition, file: &Seen, observations: &Observations<'_>) -> Vec<Judgement> {
    let key = (file.location.clone(), says.kind.clone(), says.names.clone());
    let remarks = match observations.said.get(&key) {
        Some(Observed::Present(remarks)) => remarks,
        Some(Observed::Unknown(why)) => return vec![Judgement::unknown(why.clone())],
        Some(Observed::Absent) | None => {
            let why = Reason::new(Cause::Vanished, &file.location, "disappeared while it was read");
            return vec![Judgement::unknown(why)];
        }
    };
    if remarks.is_empty() {
        let source = Source::File { path: file.path.clone() };
        let found = Found::Value { value: format!("nothing of {}", said_of(says)), notes: Vec::new() };
        return vec![Judgement::new(true, Evidence { source, found, expected: None, violates: false })];
    }
    let judgement = |Remark { line, text, violates }: &Remark| {
        let source = Source::Setting { path: file.path.clone(), line: Some(*line), key: says.kind.to_string() };
        let found = Found::Value { value: text.clone(), notes: Vec::new() };
        Judgement::new(!violates, Evidence { source, found, expected: None, violates: *violates })
    };
    remarks.iter().map(judgement).collect()
}

/// Whether remarks of this kind need manual review even if none is a violation.
pub(super) fn needs_review(says: &SaysCondition) -> bool {
    Kind::named(&says.kind).is_some_and(Kind::needs_review)
}

/// The subject of a kind of remark.
fn said_of(says: &SaysCondition) -> &'static str {
    match says.kind.as_str() {
        "accounts" => "further users",
        "audit-policy" => "Secrets' contents",
        "authorized-keys" => "keys",
        "capabilities" => "capabilities",
        "containers" => "such containers",
        "git" => "credentials",
        "passwords" => "passwords",
        "registries" => "unverified registries and credentials",
        "shell" => "such variables",
        _ => "users without a password",
    }
}

/// The content that is expected of a file, as text.
pub(super) fn wanted(says: &SaysCondition) -> &'static str {
    match says.kind.as_str() {
        "accounts" => "no user who can log in except the machine's own",
        "audit-policy" => "rules that log requests, but not the contents of Secrets",
        "authorized-keys" => "no weak key",
        "capabilities" => "no further capabilities",
        "containers" => "no such container that runs",
        "git" => "no credentials",
        "passwords" => "the machine's users have no password, and no other user has an empty one",
        "shell" => "no values of such variables",
        "registries" => "verified registries, and no credentials that every user can read",
        _ => "a password for everyone but the machine's own users",
    }
}
