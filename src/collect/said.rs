//! Reads files whose contents are judged as a whole.

use std::collections::{BTreeMap, BTreeSet};

use definitions::SharedText;
use definitions::benchmark::{Control, Expectation, FileCondition, SaysCondition};
use inspections::{Kind, Remark};
use probe::{Cause, Excerpt, Form, Location, Node, Observed, Reason};

use crate::component::{audit_policy_remarks, capability_remarks};

use super::ask;
use super::observations::{FilesAt, looked_at};
use super::seen::{Looked, Seen};

/// The remarks on files, by the file, the kind of content, and the names that decide what is a violation.
pub type Said = BTreeMap<(Location, SharedText, Vec<SharedText>), Observed<Vec<Remark>>>;

/// The maximum size in bytes of a file to read; YAML has its own limits.
const MOST_BYTES: usize = 1 << 20;

/// The kinds that are YAML, with the key paths that each reads.
const AUDIT_POLICY: (&str, &[&str]) = ("audit-policy", &["kind", "rules"]);
const CAPABILITIES: (&str, &[&str]) = (
    "capabilities",
    &[
        "spec.containers[*].name",
        "spec.containers[*].securityContext",
        "spec.initContainers[*].name",
        "spec.initContainers[*].securityContext",
        "spec.volumes[*].hostPath.path",
    ],
);

/// Reads the files whose contents controls judge.
pub(super) fn look(node: &dyn Node, controls: &[&Control], files: &BTreeMap<FilesAt, Looked>) -> Said {
    let mut said = Said::new();
    for control in controls {
        let Some(Expectation::File(FileCondition { says: Some(says), .. })) = &control.expect else { continue };
        for looked in looked_at(control, files) {
            for file in &looked.seen {
                let key = (file.location.clone(), says.kind.clone(), says.names.clone());
                if file.metadata.as_present().is_some() && !said.contains_key(&key) {
                    said.insert(key, of_file(node, file, says));
                }
            }
        }
    }
    said
}

fn of_file(node: &dyn Node, file: &Seen, says: &SaysCondition) -> Observed<Vec<Remark>> {
    let SaysCondition { kind, names } = says;
    let names: Vec<String> = names.iter().map(SharedText::to_string).collect();
    let excerpt = || match [AUDIT_POLICY, CAPABILITIES].into_iter().find(|(name, _)| name == kind) {
        Some((_, parts)) => Excerpt::new(Form::Document, parts.iter().copied()),
        None => Excerpt::new(Form::Said, [kind.as_str()]),
    };
    ask::read(node, &file.location, &excerpt).and_then(|content| {
        let shown = file.location.to_string();
        let remarks = match kind.as_str() {
            "audit-policy" => audit_policy_remarks(&shown, &content.bytes),
            "capabilities" => capability_remarks(&shown, &content.bytes, &names),
            kind => {
                let name = file.location.path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
                let mode = file.metadata.as_present().map_or(0, |metadata| metadata.mode);
                let remarks = |bytes| match Kind::named(kind) {
                    Some(kind) => kind
                        .remarks(bytes, &name, mode, &names)
                        .map_err(|why| Reason::new(Cause::Malformed, &file.location, why)),
                    None => Ok(Vec::new()),
                };
                whole(&file.location, &content.bytes).and_then(remarks)
            }
        };
        match remarks {
            Ok(remarks) => Observed::Present(remarks),
            Err(why) => Observed::Unknown(why),
        }
    })
}

/// Returns what a recording keeps of a file.
///
/// # Errors
///
/// Returns an error if the file is too large to read.
pub(super) fn kept(location: &Location, parts: &BTreeSet<String>, bytes: &[u8]) -> Result<Vec<u8>, Reason> {
    let bytes = whole(location, bytes)?;
    let kind = parts.iter().find_map(|part| Kind::named(part));
    Ok(kind.map(|kind| kind.kept(bytes).into_bytes()).unwrap_or_default())
}

/// Returns the contents of a file if it is not too large.
///
/// # Errors
///
/// Returns an error if it is.
pub(super) fn whole<'b>(location: &Location, bytes: &'b [u8]) -> Result<&'b [u8], Reason> {
    if bytes.len() <= MOST_BYTES {
        return Ok(bytes);
    }
    let detail = format!("is larger than {MOST_BYTES} bytes (check it by hand)");
    Err(Reason::new(Cause::TooLarge, location, detail))
}
