//! Reads lists of platforms.

use crate::benchmark::Platform;
use crate::benchmark::reader::{Fields, Problem, Reader, item_span};

/// Reads the platforms listed under an optional key.
pub(crate) fn platforms(reader: &mut Reader<'_>, fields: &Fields<'_>, name: &str) -> Vec<Platform> {
    let Some(node) = fields.value(name) else { return Vec::new() };
    let texts = reader.texts(&format!("{name:?}"), node).unwrap_or_default();
    let mut platforms = Vec::new();
    for text in &texts {
        let found = text
            .parse::<Platform>()
            .map_err(|text| Problem::unknown("unknown-platform", "platform", &text, Platform::ALL.map(Platform::name)));
        let Some(platform) = reader.keep(item_span(node, text), found) else { continue };
        if platforms.contains(&platform) {
            reader.refuse(node.span, Problem::new("duplicate-entry", format!("{text:?} is listed twice")));
        } else {
            platforms.push(platform);
        }
    }
    platforms
}
