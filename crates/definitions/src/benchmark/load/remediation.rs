//! Reads a control's `remediation`: a string, or a mapping of strings by platform.

use std::collections::BTreeMap;

use crate::benchmark::platform::FAMILIES;
use crate::benchmark::reader::{Fields, Problem, Reader};
use crate::benchmark::tree::{Content, Node, Span};
use crate::benchmark::{Platform, Remediation};

/// The key of the text for platforms without one of their own.
const DEFAULT: &str = "default";

/// Reads the remediation of a control.
pub(super) fn remediation(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Remediation {
    let Some(node) = fields.required(reader, "remediation") else { return Remediation::default() };
    match node.content {
        Content::Mapping(_) => {}
        Content::Scalar { .. } => {
            let default = reader.text("\"remediation\"", node).unwrap_or_default();
            return Remediation { default, differing: Vec::new() };
        }
        Content::Sequence(_) => {
            reader.wrong_type("\"remediation\"", "a string, or a mapping of strings by platform", node);
            return Remediation::default();
        }
    }
    let at = fields.get("remediation").map_or(node.span, |entry| entry.key.span);
    by_platform(reader, at, node)
}

fn by_platform(reader: &mut Reader<'_>, at: Span, node: &Node) -> Remediation {
    let mut known: Vec<&'static str> = vec![DEFAULT];
    known.extend(Platform::ALL.map(Platform::name));
    known.extend(FAMILIES.iter().map(|family| family.name));
    let texts = reader.fields("\"remediation\"", at, node, &known);
    let default = texts.text(reader, DEFAULT).unwrap_or_default();
    let mut by_platform = BTreeMap::new();
    for platform in Platform::ALL {
        if let Some(text) = texts.text_if_any(reader, platform.name()) {
            by_platform.insert(platform, text);
        }
    }
    for family in &FAMILIES {
        let Some(entry) = texts.get(family.name) else { continue };
        let is_platform = family.members.iter().any(|member| member.name() == family.name);
        if !is_platform && family.members.iter().all(|member| texts.get(member.name()).is_some()) {
            let message = format!("{:?} beside a text for each of its platforms", family.name);
            reader.refuse(entry.key.span, Problem::new("contradiction", message).hint("leave it out: nothing uses it"));
            continue;
        }
        // A platform's own text takes precedence over that of its family.
        let Some(text) = texts.text_if_any(reader, family.name) else { continue };
        for member in family.members {
            by_platform.entry(*member).or_insert_with(|| text.clone());
        }
    }
    let mut remediation = Remediation { default, differing: Vec::new() };
    for (platform, text) in by_platform {
        remediation.insert(platform, text);
    }
    remediation
}

/// Returns the node of each text in a remediation.
pub(super) fn nodes(node: &Node) -> Vec<&Node> {
    match &node.content {
        Content::Mapping(entries) => entries.iter().map(|entry| &entry.value).collect(),
        _ => vec![node],
    }
}
