//! What a profile says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::benchmark::{Platform, Setting, Target, Value};

/// What a platform's guide leaves out or asks for otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name that `--profile` takes, after its file.
    pub name: String,
    /// What it is for, in one line.
    pub title: String,
    /// The only benchmark that it can be used with, where it speaks of numbers.
    pub benchmark: Option<String>,
    /// The platforms that it is written for; empty where it says none.
    pub platforms: Vec<Platform>,
    /// Controls that are left out, under whatever number a benchmark gives them.
    pub skip: Vec<ControlSkip>,
    /// Numbers to skip, whatever they mean: only to reproduce a published list.
    pub skip_numbers: Vec<NumberSkip>,
    /// Parameters that are set otherwise.
    pub adjust: Vec<Adjustment>,
}

/// A control that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlSkip {
    /// The control's key.
    pub control: String,
    /// Why, in our own words.
    pub reason: String,
    /// Where that is written.
    pub source: String,
    /// The guide's own numbers for it.
    pub guide_ids: Vec<String>,
    /// The setting that has it judged after all where it is set; none where it is left out in any case.
    pub unless_set: Option<UnlessSet>,
}

/// A setting of a component that takes a skip back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlessSet {
    /// The component's key.
    pub component: String,
    /// The argument, the key of its configuration file, or both.
    pub setting: Setting,
}

/// A number that is left out of the profile's one benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberSkip {
    /// Where the number is used.
    pub target: Target,
    /// The number.
    pub id: String,
    /// The control that the list's author meant, which need not be what the number means in that benchmark.
    pub meant: String,
    /// Why, in our own words.
    pub reason: String,
    /// Where that is written.
    pub source: String,
}

/// Parameters of a control that a platform sets otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// The control's key.
    pub control: String,
    /// The parameters.
    pub with: BTreeMap<String, Value>,
    /// Why.
    pub reason: String,
    /// Where that is written.
    pub source: String,
}
