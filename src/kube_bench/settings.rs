//! The settings of `config.yaml`: names are case-insensitive, and a benchmark's settings override the common ones.

use std::collections::BTreeMap;

use super::remark::Remark;
use yaml::{Content, Node};

/// A setting, or a mapping of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Settings {
    /// A single value, as written.
    Text(String),
    /// A list of values.
    List(Vec<String>),
    /// Settings by lowercase name.
    Map(BTreeMap<String, Settings>),
}

impl Default for Settings {
    fn default() -> Self {
        Self::Map(BTreeMap::new())
    }
}

impl Settings {
    /// Parses a settings file; an empty one has no settings.
    pub(super) fn read(file: &str, text: &str) -> Result<Self, Remark> {
        let document = yaml::parse(text).map_err(|fault| Remark::at(file, fault.line, fault.message))?;
        match document.root {
            None => Ok(Self::default()),
            Some(root) if root.is_null() => Ok(Self::default()),
            Some(root) => match Self::of(&root) {
                Some(settings @ Self::Map(_)) => Ok(settings),
                _ => Err(Remark::at(file, root.line, "settings must be a mapping of names to values")),
            },
        }
    }

    fn of(node: &Node) -> Option<Self> {
        match &node.content {
            Content::Scalar { .. } if node.is_null() => None,
            Content::Scalar { text, .. } => Some(Self::Text(text.clone())),
            Content::List(items) => Some(Self::List(
                items
                    .iter()
                    .filter_map(|item| match &item.content {
                        Content::Scalar { text, .. } => Some(text.clone()),
                        Content::List(_) | Content::Map(_) => None,
                    })
                    .collect(),
            )),
            Content::Map(entries) => Some(Self::Map(sorting::map(
                entries.iter().filter_map(|entry| Some((entry.key.to_lowercase(), Self::of(&entry.value)?))),
            ))),
        }
    }

    /// Returns these settings overridden by others: mappings are merged, everything else is replaced.
    pub(super) fn overlaid(self, over: Self) -> Self {
        match (self, over) {
            (Self::Map(mut settings), Self::Map(over)) => {
                for (name, value) in over {
                    let value = match settings.remove(&name) {
                        Some(under) => under.overlaid(value),
                        None => value,
                    };
                    settings.insert(name, value);
                }
                Self::Map(settings)
            }
            (_, over) => over,
        }
    }

    /// A setting by its name.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(settings) => settings.get(&name.to_lowercase()),
            Self::Text(_) | Self::List(_) => None,
        }
    }

    /// A mapping by its name; `None` if it is a value.
    pub(super) fn map(&self, name: &str) -> Option<&Self> {
        self.get(name).filter(|settings| matches!(settings, Self::Map(_)))
    }

    /// The items of a list, or the words of a text.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Self::List(items)) => items.clone(),
            Some(Self::Text(text)) => text.split_whitespace().map(str::to_owned).collect(),
            Some(Self::Map(_)) | None => Vec::new(),
        }
    }

    /// A single value.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Self::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether a setting is true.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text == "1" || yaml::boolean(text) == Some(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Settings {
        Settings::read("config.yaml", text).unwrap_or_else(|remark| panic!("{remark}"))
    }

    #[test]
    fn a_benchmarks_settings_lie_over_the_common_ones() {
        let common = read("Node:\n  kubelet:\n    optional: true\n    bins: [a, b]\n    confs: [/a]\n    svc: ~\n");
        let own = read("---\nnode:\n  Kubelet:\n    confs: /b /c\n    bins:\n");
        let settings = common.overlaid(own);
        let kubelet = settings.map("NODE").and_then(|node| node.map("kubelet")).expect("a kubelet");
        assert!(kubelet.flag("optional"));
        assert_eq!(kubelet.list("bins"), ["a", "b"]);
        assert_eq!(kubelet.list("confs"), ["/b", "/c"]);
        assert_eq!(kubelet.get("svc"), None);
        assert_eq!(kubelet.map("bins"), None);
    }

    #[test]
    fn files_without_settings_are_empty_and_others_refused() {
        assert_eq!(read("---\n# nothing\n"), Settings::default());
        assert_eq!(read(""), Settings::default());
        assert_eq!(
            Settings::read("x/config.yaml", "- a").map_err(|remark| remark.to_string()),
            Err("x/config.yaml:1: settings must be a mapping of names to values".to_owned())
        );
        assert_eq!(
            Settings::read("x/config.yaml", "a:\n\tb: 1\n").map_err(|remark| remark.to_string()),
            Err("x/config.yaml:2: a tab in the indentation (YAML takes spaces only)".to_owned())
        );
    }
}
