//! Rules as text, for paths: `rule 2: get, list secrets`.

use std::fmt::Write as _;

use super::objects::Rule;
use crate::policy::ObjectName;

/// The most items shown of a list.
const SHOWN: usize = 8;
/// The most characters shown of an item.
const LENGTH: usize = 100;

/// An object as text: `ClusterRole admin` or `Role ns/name`.
pub(crate) fn object_words(object: &ObjectName) -> String {
    let ObjectName { kind, namespace, name } = object;
    if namespace.is_empty() {
        format!("{kind} {}", cut(name))
    } else {
        format!("{kind} {}/{}", cut(namespace), cut(name))
    }
}

/// The rule with index `place` as text, which counts rules from 1.
pub(crate) fn rule_words(place: usize, rule: &Rule) -> String {
    let mut words = format!("rule {}: {}", place + 1, listed(&rule.verbs));
    if !rule.resources.is_empty() {
        match rule.api_groups.as_slice() {
            [group] if group.is_empty() => _ = write!(words, " {}", listed(&rule.resources)),
            [group] => {
                let resources: Vec<_> =
                    rule.resources.iter().map(|resource| format!("{}.{}", cut(resource), cut(group))).collect();
                _ = write!(words, " {}", listed(&resources));
            }
            groups => {
                let groups: Vec<_> = groups
                    .iter()
                    .map(|group| if group.is_empty() { "\"\"".to_owned() } else { cut(group).to_owned() })
                    .collect();
                _ = write!(words, " {} (API groups {})", listed(&rule.resources), listed(&groups));
            }
        }
    }
    if !rule.non_resource_urls.is_empty() {
        _ = write!(words, " {}", listed(&rule.non_resource_urls));
    }
    if !rule.resource_names.is_empty() {
        _ = write!(words, " named {}", listed(&rule.resource_names));
    }
    words
}

/// A list as text; a shortened one ends in `+2 more`.
pub(crate) fn listed(items: &[String]) -> String {
    let mut words = items.iter().take(SHOWN).map(|item| cut(item)).collect::<Vec<_>>().join(", ");
    if items.len() > SHOWN {
        _ = write!(words, ", +{} more", items.len() - SHOWN);
    }
    words
}

fn cut(item: &str) -> &str {
    item.char_indices().nth(LENGTH).map_or(item, |(end, _)| &item[..end])
}
