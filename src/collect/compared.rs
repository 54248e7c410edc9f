//! The files named by settings that a control compares with each other, since one file may have many paths.

use std::collections::BTreeMap;

use crate::component::{Instance, Reading};
use definitions::benchmark::{Audit, Component, Control, Library, Operator, Setting};
use probe::{Answer, Location, Metadata, Node, Observed, Question};

/// Looks up the files named by the compared settings of all running instances, without those that do not exist.
pub(super) fn look(
    node: &dyn Node,
    library: &Library,
    instances: &BTreeMap<String, Vec<Instance>>,
    controls: &[&Control],
) -> BTreeMap<Location, Metadata> {
    let mut seen = BTreeMap::new();
    let mut look_at = |component: &Component, setting: &Setting| {
        for location in
            instances.get(component.key.as_str()).into_iter().flatten().filter_map(|it| named(it, component, setting))
        {
            let answer = node.ask(&Question::Metadata(location.clone()));
            if let Observed::Present(Answer::Metadata(metadata)) = answer {
                seen.insert(location, metadata);
            }
        }
    };
    for control in controls {
        let Audit::Settings { component } = &control.audit else { continue };
        let Some(component) = library.with_process(component) else { continue };
        for condition in control.settings() {
            let compared = condition.comparisons.iter().filter(|condition| condition.operator == Operator::DiffersFrom);
            for (other, setting) in compared.filter_map(|condition| other(&condition.operand.to_string(), library)) {
                look_at(component, &condition.setting);
                look_at(other, &setting);
            }
        }
    }
    seen
}

/// The component and the setting of an operand `COMPONENT --flag`.
pub fn other<'l>(operand: &str, library: &'l Library) -> Option<(&'l Component, Setting)> {
    let (component, flag) = operand.split_once(' ')?;
    let setting = Setting::of_flag(flag);
    Some((library.components.get(component)?, setting))
}

/// The location of the file that a setting names; `None` if it names none or is not known.
pub fn named(instance: &Instance, component: &Component, setting: &Setting) -> Option<Location> {
    match instance.read(setting, component) {
        Reading::Set { given, origin } if !given.is_empty() => instance.locate(&given.text(), &origin, component).ok(),
        _ => None,
    }
}
