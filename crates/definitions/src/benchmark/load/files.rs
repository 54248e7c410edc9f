//! Reads the expectations of file audits.

use crate::benchmark::reader::{Fields, Problem, Reader, item_span};
use crate::benchmark::tree::{Content, Node, Span};
use crate::benchmark::{
    CertificateCondition, Expectation, FileCondition, Missing, OwnedBy, SAYS, SaysCondition, Value,
};

use super::components::Components;
use super::value::{Use, fits, of_certificate, value};
use crate::SharedText;

/// The conditions on files.
const CONDITIONS: [&str; 5] = ["mode", "owner", "owned_by", "certificate", "says"];

/// Reads the `expect` of a file audit.
pub(super) fn of_files(reader: &mut Reader<'_>, at: Span, node: &Node, components: &Components) -> Expectation {
    let known: Vec<&str> = CONDITIONS.into_iter().chain(["names", "file", "missing"]).collect();
    let fields = reader.fields("\"expect\"", at, node, &known);
    if let Some(file) = fields.get("file") {
        absence(reader, &fields, file.key.span, &file.value);
        return Expectation::File(FileCondition {
            mode: None,
            owner: None,
            owned_by: Vec::new(),
            certificate: None,
            says: None,
            missing: Missing::Pass,
        });
    }
    let mode = operand(reader, &fields, "mode", Use::Mode);
    let owner = operand(reader, &fields, "owner", Use::Owner);
    let owned_by = owned_by(reader, &fields, components);
    let certificate = fields.get("certificate").map(|entry| certificate(reader, entry.key.span, &entry.value));
    let says = says(reader, &fields);
    if CONDITIONS.iter().all(|name| fields.get(name).is_none()) && !fields.in_doubt() {
        let problem = Problem::new("no-condition", "the expectation has no condition")
            .hint(format!("one of: {}, file", CONDITIONS.join(", ")));
        reader.refuse(at, problem);
    }
    let words = [("fail", Missing::Fail), ("not-applicable", Missing::NotApplicable)];
    let missing = fields
        .required(reader, "missing")
        .and_then(|node| reader.word("\"missing\"", node, &words))
        .unwrap_or(Missing::Fail);
    Expectation::File(FileCondition { mode, owner, owned_by, certificate, says, missing })
}

/// Reads `file: { absent: true }`, which excludes all other conditions.
fn absence(reader: &mut Reader<'_>, fields: &Fields<'_>, at: Span, node: &Node) {
    for other in CONDITIONS.iter().chain(&["names", "missing"]).filter_map(|name| fields.get(name)) {
        let problem = Problem::new("contradiction", format!("{:?} beside \"file\"", other.key.text))
            .hint("set an expectation of the file, or that it is absent");
        reader.refuse(other.key.span, problem);
    }
    let within = reader.fields("\"file\"", at, node, &["absent"]);
    let Some(node) = within.required(reader, "absent") else { return };
    if reader.boolean("\"absent\"", node) == Some(false) {
        let problem = Problem::new("wrong-value", "\"absent\" can only be true")
            .hint("to expect a file, give its mode or owner, and missing: fail");
        reader.refuse(node.span, problem);
    }
}

/// Reads the allowed owners of a file: users by name or number, and places whose owner is allowed.
fn owned_by(reader: &mut Reader<'_>, fields: &Fields<'_>, components: &Components) -> Vec<OwnedBy> {
    let texts = fields.texts(reader, "owned_by");
    let Some(node) = fields.value("owned_by") else { return Vec::new() };
    if let Some(owner) = fields.get("owner") {
        let problem = Problem::new("contradiction", "\"owner\" beside \"owned_by\"").hint("give one of them");
        reader.refuse(owner.key.span, problem);
    }
    let one = |reader: &mut Reader<'_>, text: &SharedText| {
        let span = item_span(node, text);
        if text.contains('.') {
            return reader.keep(span, components.place(text)).map(OwnedBy::OwnerOf);
        }
        if let Ok(number) = text.parse() {
            return Some(OwnedBy::Numbered(number));
        }
        let is_name = !text.is_empty() && !text.contains(|letter: char| letter.is_whitespace() || letter == ':');
        let problem = Problem::new("wrong-value", format!("{text:?} is no user"))
            .hint("give a name, a number, or COMPONENT.PLACE for the owner of what lies there");
        reader.keep(span, if is_name { Ok(OwnedBy::Named(text.clone())) } else { Err(problem) })
    };
    texts.iter().filter_map(|text| one(reader, text)).collect()
}

/// Reads the condition on a file's contents.
fn says(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<SaysCondition> {
    let names = fields.texts(reader, "names");
    let Some(entry) = fields.get("says") else {
        if let Some(names) = fields.get("names") {
            let problem = Problem::new("contradiction", "\"names\" without \"says\"").hint("leave it out");
            reader.refuse(names.key.span, problem);
        }
        return None;
    };
    let kind = reader.text("\"says\"", &entry.value)?;
    if !SAYS.contains(&kind.as_str()) {
        reader.refuse(entry.value.span, Problem::unknown("unknown-word", "kind of file", &kind, SAYS));
    }
    Some(SaysCondition { kind, names })
}

/// Reads the conditions on certificates.
fn certificate(reader: &mut Reader<'_>, at: Span, node: &Node) -> CertificateCondition {
    let known = CertificateCondition::default().values().map(|(name, _)| name);
    let fields = reader.fields("\"certificate\"", at, node, &known);
    if known.iter().all(|name| fields.get(name).is_none()) && !fields.in_doubt() {
        let problem = Problem::new("no-condition", "\"certificate\" has no condition");
        reader.refuse(at, problem.hint(format!("one of: {}", known.join(", "))));
    }
    let [days_left, ca_days_left, subject_group] =
        known.map(|name| operand(reader, &fields, name, of_certificate(name)));
    CertificateCondition { days_left, ca_days_left, subject_group }
}

/// Reads the value of a condition.
fn operand(reader: &mut Reader<'_>, fields: &Fields<'_>, name: &str, used: Use) -> Option<Value> {
    let node = fields.value(name)?;
    // An unquoted mode is ambiguous: parsers disagree on the base of its digits.
    if let (Use::Mode, Content::Scalar { text, plain: true }) = (used, &node.content)
        && text.chars().all(|c| c.is_ascii_digit())
        && !text.is_empty()
    {
        let message = format!("\"mode\" must be an octal mode, at most 7777, not the number {text}");
        let problem = Problem::new("wrong-value", message).hint(format!("put it in quotes: \"{text}\""));
        reader.refuse(node.span, problem);
        return None;
    }
    let operand = value(reader, &format!("{name:?}"), node)?;
    let fit = match operand {
        Value::Null => Err(Problem::new("wrong-value", format!("{name:?} is compared with nothing"))
            .hint("give a value, or leave the condition out")),
        _ => fits(used, &operand),
    };
    reader.keep(node.span, fit)?;
    Some(operand)
}
