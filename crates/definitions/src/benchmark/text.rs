//! Fills in the `{{…}}` placeholders of titles and remediations.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use super::reader::Problem;
use super::{PlaceName, Value};
use crate::SharedText;

/// The paths that `{{COMPONENT.PLACE}}` stands for, by component and place, and the snippets, under [`SNIPPET`].
pub type Paths = BTreeMap<SharedText, BTreeMap<SharedText, SharedText>>;

/// Returns the text with parameters and paths filled in. Lists are joined by commas, as in arguments.
///
/// Loading ensures that a text only refers to existing parameters and places; if the caller does not pass one of them,
/// the text is returned unchanged.
pub fn render<'t>(text: &'t str, parameters: &BTreeMap<SharedText, Value>, paths: &Paths) -> Cow<'t, str> {
    render_with(text, parameters, &[paths])
}

/// Like [`render()`], with several maps of paths, of which earlier ones take precedence.
pub fn render_with<'t>(text: &'t str, parameters: &BTreeMap<SharedText, Value>, paths: &[&Paths]) -> Cow<'t, str> {
    if opened(text).is_none() {
        return Cow::Borrowed(text);
    }
    fill(text, parameters, paths).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// A `{{…}}` placeholder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Placeholder {
    /// `{{at_most}}`
    Parameter(SharedText),
    /// `{{apiserver.manifest}}`
    Place(PlaceName),
    /// `{{snippet.eks-anywhere-upgrade}}`
    Snippet(SharedText),
}

/// The prefix of snippet names. No component may have this key.
pub const SNIPPET: &str = "snippet";

impl fmt::Display for Placeholder {
    /// Writes the placeholder as it appears in a text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name) => write!(f, "{{{{{name}}}}}"),
            Self::Place(PlaceName { component, place }) => write!(f, "{{{{{component}.{place}}}}}"),
            Self::Snippet(name) => write!(f, "{{{{{SNIPPET}.{name}}}}}"),
        }
    }
}

/// Returns the placeholders of a text.
pub(crate) fn placeholders(text: &str) -> Result<Vec<Placeholder>, Problem> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{{") {
        let (inside, after) = inside
            .split_once("}}")
            .ok_or_else(|| Problem::new("bad-template", "\"{{\" without \"}}\"").hint("close it, as in {{name}}"))?;
        // These texts support none of the escapes, comments and blocks of template languages.
        if before.ends_with('\\') || after.starts_with('}') || !inside.chars().all(is_plain) || inside.is_empty() {
            let hint = "only {{parameter}}, {{COMPONENT.PLACE}} and {{snippet.NAME}} are filled in";
            return Err(Problem::new("bad-template", format!("\"{{{{{inside}}}}}\" cannot be filled in")).hint(hint));
        }
        found.push(match place_name(inside) {
            Some(PlaceName { component, place }) if component == SNIPPET => Placeholder::Snippet(place),
            Some(name) => Placeholder::Place(name),
            None => Placeholder::Parameter(inside.into()),
        });
        rest = after;
    }
    Ok(found)
}

fn is_plain(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.')
}

/// Splits `COMPONENT.PLACE`; `None` if the text has another form.
pub(crate) fn place_name(text: &str) -> Option<PlaceName> {
    let (component, place) = text.split_once('.')?;
    (!component.is_empty() && !place.is_empty() && !place.contains('.'))
        .then(|| PlaceName { component: component.into(), place: place.into() })
}

/// Replaces each placeholder by its value; `None` if one has no value. Checked texts contain plain names only, so no
/// template parser is needed.
fn fill(text: &str, parameters: &BTreeMap<SharedText, Value>, paths: &[&Paths]) -> Option<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = opened(rest) {
        let (name, after) = at_pair(inside, '}', "}}")?;
        filled.push_str(before);
        match name.split_once('.') {
            Some((component, place)) => {
                filled.push_str(paths.iter().find_map(|paths| paths.get(component)?.get(place))?);
            }
            None => filled.push_str(&parameters.get(name)?.to_string()),
        }
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// Returns the contents of each `{{…}}` in a text.
pub fn mentioned(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (name, after) = at_pair(opened(rest)?.1, '}', "}}")?;
        rest = after;
        Some(name)
    })
}

/// Splits a text at the first `{{`.
fn opened(text: &str) -> Option<(&str, &str)> {
    at_pair(text, '{', "{{")
}

/// Splits a text at the first `pair`, which is `letter` twice. Texts are long and have few pairs: searching for a
/// single character takes a tenth of the time of searching for two.
fn at_pair<'t>(text: &'t str, letter: char, pair: &str) -> Option<(&'t str, &'t str)> {
    let mut places = text.match_indices(letter).map(|(at, _)| text.split_at(at));
    places.find_map(|(before, rest)| Some((before, rest.strip_prefix(pair)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_braces_is_mentioned() {
        for (text, expected) in [
            ("", &[][..]),
            ("chmod {{at_most}} {{kubelet.config}}", &["at_most", "kubelet.config"]),
            ("{{a}}{b}{{c}} {{d", &["a", "c"]),
            ("'{\"a\": {\"b\": 1}}'", &[]),
        ] {
            assert_eq!(mentioned(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn the_first_two_braces_count() {
        for text in ["", "{", "a{b", "{{", "a{{b}}", "{a{{b", "{{{x", "a { {{b}}{{c}}", "ä{{ö", "}}{", "}}}", "a}b}}c"]
        {
            assert_eq!(opened(text), text.split_once("{{"), "{text}");
            assert_eq!(at_pair(text, '}', "}}"), text.split_once("}}"), "{text}");
        }
    }
}
