//! Reads levels and severities.

use crate::benchmark::reader::{Fields, Problem, Reader};
use crate::benchmark::tree::Node;
use crate::benchmark::{ControlSeverity, Value};

use super::value::value;

/// Reads a level: 1 or 2.
pub(super) fn level(reader: &mut Reader<'_>, node: &Node) -> Option<u8> {
    match value(reader, "\"level\"", node)? {
        Value::Integer(1) => Some(1),
        Value::Integer(2) => Some(2),
        other => {
            let message = format!("\"level\" cannot be {:?}", other.to_string());
            reader.refuse(node.span, Problem::new("wrong-value", message).hint("1 or 2, as CIS has them"));
            None
        }
    }
}

/// Reads the severity of a control.
pub(super) fn severity(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<ControlSeverity> {
    let words = ControlSeverity::ALL.map(|severity| (severity.name(), severity));
    fields.required(reader, "severity").and_then(|node| reader.word("\"severity\"", node, &words))
}
