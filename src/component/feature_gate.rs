//! Feature gates that are set as a group.

use definitions::benchmark::{Component, FEATURE_GATES, GATE_GROUPS, KubernetesVersion, Setting, Stage};
use probe::{Cause, Reason};

use super::instance::{Given, Instance, Origin, Reading};
use super::value::parse_boolean;

/// The groups, and the stage of the gates that each one sets.
const GROUPS: [(&str, Stage); 2] = [(GATE_GROUPS[0], Stage::Alpha), (GATE_GROUPS[1], Stage::Beta)];

/// The value that groups give to a gate that is not set individually.
#[derive(Debug, Clone, PartialEq)]
pub enum Grouped {
    /// No group sets it; its default applies.
    No,
    /// A group sets it.
    Set {
        /// The value.
        given: Given,
        /// What sets the group.
        origin: Origin,
        /// The group's name.
        group: &'static str,
        /// The gate's stage, which makes it part of the group.
        stage: Stage,
    },
    /// Unknown, with the reason.
    Unknown(Reason),
}

impl Instance {
    /// Returns the value that `AllAlpha` or `AllBeta` gives to the gate of `setting`, if it is not set individually.
    ///
    /// An individual value always takes precedence over a group, in any order. Which group contains a gate depends on
    /// the version; a gate that is GA, deprecated or removed is in none.
    ///
    /// Source: `setUnsetAlphaGates` in
    /// <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/component-base/featuregate/feature_gate.go>.
    pub fn read_group(&self, setting: &Setting, component: &Component, version: Option<KubernetesVersion>) -> Grouped {
        let (Some(FEATURE_GATES), Some(gate)) = (setting.flag.as_deref(), setting.entry.as_deref()) else {
            return Grouped::No;
        };
        if GROUPS.iter().any(|(group, _)| *group == gate) {
            return Grouped::No;
        }
        let groups = GROUPS.map(|(group, stage)| (stage, self.group(setting, component, group)));
        if groups.iter().all(|(_, grouped)| *grouped == Grouped::No) {
            return Grouped::No;
        }
        let subject = || format!("{} (process {}) {FEATURE_GATES} {gate}", self.name, self.pid);
        let Some(states) = component.feature_gates.get(gate) else {
            let detail = "a group of gates is set, and nothing here says whether it is alpha or beta (list it under \
                          \"feature_gates\" of its component)";
            return Grouped::Unknown(Reason::new(Cause::Malformed, subject(), detail));
        };
        let of_stage = |stage: Stage| {
            let grouped = groups.iter().find(|(of, _)| *of == stage);
            grouped.map_or(Grouped::No, |(_, grouped)| grouped.clone())
        };
        let mut possible = states.possible(version).into_iter().map(|state| of_stage(state.stage));
        let first = possible.next().unwrap_or(Grouped::No);
        if possible.all(|other| other == first) {
            return first;
        }
        let detail = "a group of gates is set, and whether it is of that group depends on the Kubernetes version, which \
                      the node does not show (give --version)";
        Grouped::Unknown(Reason::new(Cause::System, subject(), detail))
    }

    /// Returns the value of one group.
    fn group(&self, setting: &Setting, component: &Component, group: &'static str) -> Grouped {
        let Some(stage) = GROUPS.iter().find_map(|(name, stage)| (*name == group).then_some(*stage)) else {
            return Grouped::No;
        };
        // If gates are also a key of a configuration file, they form one map, in which the last value wins. Otherwise
        // each of several flags is applied as it is parsed, and which one wins depends on the version.
        if setting.key.is_none() {
            let mut given = self.arguments.entries(FEATURE_GATES, group).map(parse_boolean);
            let first = given.next();
            if given.any(|other| Some(other) != first) {
                let subject = format!("{} (process {}) {FEATURE_GATES} {group}", self.name, self.pid);
                let detail = "is given twice, once as true and once as false (give it once)";
                return Grouped::Unknown(Reason::new(Cause::Malformed, subject, detail));
            }
        }
        let of_group = Setting { file: None, ..setting.clone() }.entry(group);
        match self.read(&of_group, component) {
            Reading::Set { given, origin } => Grouped::Set { given, origin, group, stage },
            Reading::Unset(_) => Grouped::No,
            Reading::Unknown(why) => Grouped::Unknown(why),
        }
    }
}
