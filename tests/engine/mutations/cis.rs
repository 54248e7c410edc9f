//! What CIS asks for, from `cis.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use super::mutant::Direction;

/// The table, by control.
pub struct Table(BTreeMap<String, Mapping>);

/// What is asked for under one control.
pub enum Asked {
    /// All of these settings.
    Settings(Vec<Setting>),
    Files(Files),
    /// Only mutants written by hand can try it.
    ByHand,
}

/// A setting, and values of it.
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
    /// A duration of zero in the configuration file is as good as none.
    #[serde(default)]
    pub zero_in_file_is_unset: bool,
    /// Whether unset means another thing where no file of settings is in use; facts try that.
    #[serde(default)]
    pub unset_depends_on_file: bool,
}

/// A file of its own for a setting.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub named_by: String,
    pub key: String,
}

/// Files, and how they should be.
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
    /// `paths` are directories.
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
    /// Values that lead to a verdict.
    pub fn values(&self, direction: Direction) -> &[Value] {
        match direction {
            Direction::Pass => &self.good,
            Direction::Fail => &self.bad,
        }
    }

    /// A value that leads to a verdict; none where only leaving it out does.
    pub fn value(&self, direction: Direction) -> Option<&Value> {
        self.values(direction).first()
    }
}

impl Table {
    pub fn read() -> Self {
        Self(serde_yaml::from_str(include_str!("cis.yaml")).expect("cis.yaml is a table"))
    }

    /// The controls of the table.
    pub fn controls(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What a benchmark asks for under a control; none where the table does not say it.
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
