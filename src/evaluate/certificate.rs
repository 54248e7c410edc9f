//! Judges the certificates in files against an expectation.

use std::collections::BTreeSet;

use definitions::benchmark::{CertificateCondition, Value};
use model::{Evidence, Found, Source};
use probe::{BrokenCertificate, Cause, Certificate, Certificates, Location, Observed, Reason};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::collect::seen::Seen;
use crate::collect::x509::{CertificatesSeen, named_at};

use super::expected;
use super::judgement::Judgement;

/// Seconds per day.
const DAY: i64 = 24 * 60 * 60;

/// Judges a node's certificates against limits. Each file is judged once, however many others refer to it.
pub(super) struct Judge<'a> {
    condition: &'a CertificateCondition,
    seen: &'a CertificatesSeen,
    judged: BTreeSet<&'a Location>,
}

impl<'a> Judge<'a> {
    pub(super) const fn new(condition: &'a CertificateCondition, seen: &'a CertificatesSeen) -> Self {
        Self { condition, seen, judged: BTreeSet::new() }
    }

    /// Judges the certificates in an existing file, and those in the files it refers to.
    pub(super) fn file(&mut self, file: &'a Seen) -> Vec<Judgement> {
        let mut judgements = Vec::new();
        let Some(held) = self.held(&file.location, &mut judgements) else { return judgements };
        let mut clients = clients_in(held);
        let mut is_empty = held.found.is_empty() && held.broken.is_empty();
        for named in &held.named {
            is_empty = false;
            let location = named_at(&file.location, named);
            match self.seen.files.get_key_value(&location) {
                Some((_, Observed::Absent)) | None => judgements.push(unknown(
                    &location,
                    format!("does not exist, although {} names it ({})", file.path, named.key),
                )),
                Some((location, _)) => {
                    let before = judgements.len();
                    if let Some(held) = self.held(location, &mut judgements) {
                        clients += clients_in(held);
                        if held.found.is_empty() && held.broken.is_empty() {
                            judgements.push(unknown(location, HOLDS_NONE.to_owned()));
                        }
                    } else if judgements.len() == before {
                        // Already judged under another name.
                        clients += 1;
                    }
                }
            }
        }
        if is_empty {
            judgements.push(unknown(&file.location, HOLDS_NONE.to_owned()));
        } else if let Some(group) = self.condition.subject_group.as_ref().filter(|_| clients == 0) {
            let detail =
                format!("holds no certificates other than CA certificates, so none with O={group} in the subject");
            judgements.push(unknown(&file.location, detail));
        }
        judgements
    }

    /// Returns the contents of a file after judging its certificates; `None` if it was judged before or could not be
    /// read.
    fn held(&mut self, location: &'a Location, judgements: &mut Vec<Judgement>) -> Option<&'a Certificates> {
        if !self.judged.insert(location) {
            return None;
        }
        let held = match self.seen.files.get(location)? {
            Observed::Present(held) => held,
            Observed::Unknown(why) => {
                judgements.push(Judgement::unknown(why.clone()));
                return None;
            }
            Observed::Absent => {
                let why = Reason::new(Cause::Vanished, location, "disappeared while it was read");
                judgements.push(Judgement::unknown(why));
                return None;
            }
        };
        judgements.extend(held.found.iter().map(|certificate| self.certificate(location, certificate)));
        judgements.extend(held.broken.iter().map(|BrokenCertificate { key, detail }| {
            let key = key.as_ref().map_or_else(String::new, |key| format!("{key}: "));
            unknown(location, format!("{key}{detail}"))
        }));
        Some(held)
    }

    fn certificate(&self, location: &Location, certificate: &Certificate) -> Judgement {
        let now = match &self.seen.time {
            Observed::Present(now) => *now,
            Observed::Unknown(why) => return Judgement::unknown(why.clone()),
            Observed::Absent => {
                return Judgement::unknown(Reason::new(Cause::System, "the time", "is not known"));
            }
        };
        let Certificate { key, subject, groups, issuer, not_before, not_after, is_ca, .. } = certificate;
        let least = expected::days_left(self.condition, *is_ca);
        let group = self.condition.subject_group.as_ref().filter(|_| !is_ca).map(Value::to_string);
        let left = not_after.saturating_sub(now);
        let is_valid = *not_before <= now && left >= 0 && left / DAY >= least;
        let passes = is_valid && group.is_none_or(|group| groups.contains(&group));
        let source = match key {
            Some(key) => Source::Setting { path: location.to_string(), line: None, key: key.clone() },
            None => Source::File { path: location.to_string() },
        };
        let found = Found::Certificate(Box::new(model::Certificate {
            subject: subject.clone(),
            issuer: issuer.clone(),
            ca: *is_ca,
            not_before: written(*not_before),
            not_after: written(*not_after),
            at: written(now),
            days_left: left.div_euclid(DAY),
        }));
        let expected = Some(expected::certificate(self.condition, *is_ca));
        Judgement::new(passes, Evidence { source, found, expected, violates: !passes })
    }
}

const HOLDS_NONE: &str = "holds no readable certificate (replace it)";

fn unknown(location: &Location, detail: String) -> Judgement {
    Judgement::unknown(Reason::new(Cause::Malformed, location, detail))
}

/// The number of certificates that are not CA certificates, or may not be.
fn clients_in(held: &Certificates) -> usize {
    held.found.iter().filter(|it| !it.is_ca).count() + held.broken.len()
}

/// Formats a time for reports. No certificate's time is beyond the year 9999.
fn written(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_else(|| seconds.to_string())
}
