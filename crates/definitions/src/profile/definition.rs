//! The contents of a profile.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::SharedText;
use crate::benchmark::{Platform, Setting, Target, Value};

/// The checks that a platform's hardening guide excludes, and the parameters that it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name that `--profile` takes: the file's name without its extension.
    pub name: SharedText,
    /// What the profile is for, in one line.
    pub title: SharedText,
    /// The only benchmark the profile can be used with; required with `skip_numbers`.
    pub benchmark: Option<SharedText>,
    /// The platforms the profile is written for; empty if it names none.
    pub platforms: Vec<Platform>,
    /// Controls to skip, whatever their number in a benchmark.
    pub skip: Vec<ControlSkip>,
    /// Check numbers to skip, whatever control they refer to: only to reproduce a published list.
    pub skip_numbers: Vec<NumberSkip>,
    /// Controls whose parameters the profile changes.
    pub adjust: Vec<Adjustment>,
}

/// A skipped control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlSkip {
    /// The control's key.
    pub control: SharedText,
    /// Why it is skipped, in our own words.
    pub reason: SharedText,
    /// The document that says so.
    pub source: SharedText,
    /// The numbers that the guide itself uses for it.
    pub guide_ids: Vec<SharedText>,
    /// The setting that cancels the skip when it is set; without one, the control is always skipped.
    pub unless_set: Option<UnlessSet>,
}

/// A component's setting that cancels a skip when it is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlessSet {
    /// The component's key.
    pub component: SharedText,
    /// The argument, the key in the configuration file, or both.
    pub setting: Setting,
}

/// A check number skipped in the profile's one benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberSkip {
    /// The target that the number is in.
    pub target: Target,
    /// The check number: `1.2.1`.
    pub id: SharedText,
    /// The control that the list's author meant. The number may stand for a different control in that benchmark.
    pub meant: SharedText,
    /// Why it is skipped, in our own words.
    pub reason: SharedText,
    /// The document that says so.
    pub source: SharedText,
}

/// A control's parameters, changed for a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// The control's key.
    pub control: SharedText,
    /// The parameters, by name.
    pub with: BTreeMap<SharedText, Value>,
    /// Why they are changed.
    pub reason: SharedText,
    /// The document that says so.
    pub source: SharedText,
}
