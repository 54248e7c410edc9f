//! The requirements of CIS, from `cis.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use super::mutant::Direction;

/// The table, by control.
pub struct Table(BTreeMap<String, Mapping>);

/// The requirement of one control.
pub enum Asked {
    /// All of these settings must hold.
    Settings(Vec<Setting>),
    Files(Files),
    /// The control can only be tested by hand-written mutants.
    ByHand,
}

/// A setting, with values that pass and fail.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The program.
    pub of: String,
    pub flag: String,
    pub key: Option<String>,
    pub entry: Option<String>,
    pub file: Option<Named>,
    #[serde(default)]
    pub good: Vec<Value>,
    #[serde(default)]
    pub bad: Vec<Value>,
    pub unset: Direction,
    /// Whether a zero duration in the configuration file counts as unset.
    #[serde(default)]
    pub zero_in_file_is_unset: bool,
    /// Whether the default differs if no configuration file is used; facts cover that.
    #[serde(default)]
    pub unset_depends_on_file: bool,
}

/// A setting in a file of its own.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub named_by: String,
    pub key: String,
}

/// Files, and their required mode or owner.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    #[serde(default)]
    pub paths: Vec<String>,
    pub below: Option<String>,
    #[serde(default)]
    pub names: String,
    #[serde(default)]
    pub directories: bool,
    /// Whether `paths` are directories.
    #[serde(default)]
    pub directory: bool,
    pub also: Option<String>,
    pub named_by: Option<Argument>,
    pub mode: Option<String>,
    pub owner: Option<String>,
    pub missing: Option<Direction>,
}

/// An argument that names a file.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    pub of: String,
    pub flag: String,
}

impl Setting {
    /// Returns the values that lead to a verdict.
    pub fn values(&self, direction: Direction) -> &[Value] {
        match direction {
            Direction::Pass => &self.good,
            Direction::Fail => &self.bad,
        }
    }

    /// Returns a value that leads to a verdict; `None` if only leaving the setting out does.
    pub fn value(&self, direction: Direction) -> Option<&Value> {
        self.values(direction).first()
    }
}

impl Table {
    pub fn read() -> Self {
        Self(serde_yaml::from_str(include_str!("cis.yaml")).expect("cis.yaml is a table"))
    }

    /// Returns the controls in the table.
    pub fn controls(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns a benchmark's requirement for a control; `None` if the table has none.
    pub fn asked(&self, control: &str, benchmark: &str) -> Option<Asked> {
        let mut row = self.0.get(control)?.clone();
        let other = row.remove("in").and_then(|mut others| others.as_mapping_mut()?.remove(benchmark));
        if let Some(Value::Mapping(other)) = other {
            row.extend(other);
        }
        let asked = if row.contains_key("by_hand") {
            Ok(Asked::ByHand)
        } else if let Some(all) = row.remove("all") {
            serde_yaml::from_value(all).map(Asked::Settings)
        } else if row.contains_key("of") {
            serde_yaml::from_value(Value::Mapping(row)).map(|setting| Asked::Settings(vec![setting]))
        } else {
            serde_yaml::from_value(Value::Mapping(row)).map(Asked::Files)
        };
        Some(asked.unwrap_or_else(|error| panic!("cis.yaml: {control}: {error}")))
    }
}
