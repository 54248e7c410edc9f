//! Numbers the checks of a converted benchmark, in an order and form that the loader accepts.

use std::collections::{BTreeMap, BTreeSet};

use super::super::rules::{Check, Controls, Group};
use super::{Entry, without_templates};
use definitions::benchmark::Target;
use sorting::Sorting;

/// The targets of a benchmark.
#[derive(Default)]
pub(super) struct Index {
    sections: Vec<Section>,
}

/// A target.
pub(super) struct Section {
    /// `None` if the project has no such target; the section is then not written.
    target: Option<Target>,
    /// The number.
    pub(super) id: String,
    /// The title.
    pub(super) title: String,
    groups: Vec<Numbers>,
    /// The numbers assigned so far.
    seen: BTreeSet<String>,
    /// How often each number occurs in the rule file.
    times: BTreeMap<String, usize>,
}

/// A group of checks.
pub(super) struct Numbers {
    /// The number.
    pub(super) id: String,
    /// The title.
    pub(super) title: String,
    /// The checks, with their numbers.
    pub(super) checks: Vec<(String, Entry)>,
}

/// The number assigned to a check.
pub(super) struct Numbered {
    /// The number.
    pub(super) number: String,
    /// The number of its group.
    group: String,
    /// A remark, if the number differs from the rule file's.
    pub(super) remark: Option<String>,
}

impl Index {
    /// Adds a target and returns it.
    pub(super) fn section(&mut self, target: Option<Target>, controls: &Controls) -> &mut Section {
        let id = if controls.id.trim().is_empty() { controls.target.clone() } else { controls.id.trim().to_owned() };
        let section = Section {
            target,
            title: one_line(&controls.text).unwrap_or_else(|| format!("Section {id}")),
            id,
            groups: Vec::new(),
            seen: BTreeSet::new(),
            times: BTreeMap::new(),
        };
        self.sections.push(section);
        // The section was pushed above, so the index is valid.
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    /// Whether it has no checks.
    pub(super) fn is_empty(&self) -> bool {
        self.sections().next().is_none()
    }

    /// The targets that have checks.
    pub(super) fn sections(&self) -> impl Iterator<Item = (Target, &Section)> {
        self.sections
            .iter()
            .filter_map(|section| Some((section.target?, section)))
            .filter(|(_, section)| section.groups.iter().any(|group| !group.checks.is_empty()))
    }
}

impl Section {
    /// Returns the number of a check: the rule file's, if the loader accepts it.
    ///
    /// Numbers are unique in a target. If they consist of digits and dots, each must begin with its group's, and each
    /// group's with its section's. Others are kept with a word before them.
    pub(super) fn number(&mut self, group: &Group, check: &Check) -> Numbered {
        let within = |number: &str, whole: &str| {
            !is_dotted(number) || number.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'))
        };
        let group_number = match group.id.trim() {
            "" => format!("group-{}", check.line),
            id if id == self.id || within(id, &self.id) => id.to_owned(),
            id => format!("rule-{id}"),
        };
        let mut number = match check.id.trim() {
            "" => format!("rule-{}", check.line),
            id if within(id, &group_number) => id.to_owned(),
            id => format!("rule-{id}"),
        };
        let once = number.clone();
        let mut times = self.times.get(&once).copied().unwrap_or(1);
        while self.seen.contains(&number) {
            times += 1;
            number = format!("{once}-{times}");
        }
        self.times.insert(once, times);
        self.seen.insert(number.clone());
        let remark = (number != check.id).then(|| {
            let Check { id, .. } = check;
            format!(
                "check {id:?} of group {:?} is called {number} in the index, where numbers are unique and begin with \
                 their group's",
                group.id
            )
        });
        Numbered { number, group: group_number, remark }
    }

    /// Adds a check. Groups with the same number are merged.
    pub(super) fn add(&mut self, group: &Group, numbered: Numbered, entry: Entry) {
        let check = (numbered.number, entry);
        match self.groups.iter_mut().find(|known| known.id == numbered.group) {
            Some(known) => known.checks.push(check),
            None => {
                let title = one_line(&group.text).unwrap_or_else(|| format!("Group {}", numbered.group));
                self.groups.push(Numbers { id: numbered.group, title, checks: vec![check] });
            }
        }
    }

    /// Returns the groups and their checks in the order of their numbers; names follow numbers in their original order.
    pub(super) fn groups(&self) -> Vec<(&Numbers, Vec<(String, &Entry)>)> {
        let mut groups: Vec<(&Numbers, Vec<&(String, Entry)>)> = self
            .groups
            .iter()
            .map(|group| {
                let mut checks: Vec<&(String, Entry)> = group.checks.iter().collect();
                checks.order_by_key(|(number, _)| order(number));
                (group, checks)
            })
            .collect();
        // A group for the whole section has numbers such as 2.1, which are sorted among those of the other groups.
        groups.order_by_key(|(group, checks)| {
            order(checks.first().map_or(group.id.as_str(), |(number, _)| number.as_str()))
        });
        let mut last = Vec::new();
        let mut in_order = |number: &str| match order(number) {
            (false, parts) if parts < last => format!("late-{number}"),
            (is_name, parts) => {
                if !is_name {
                    last = parts;
                }
                number.to_owned()
            }
        };
        groups
            .into_iter()
            .map(|(group, checks)| {
                let checks = checks.into_iter().map(|(number, entry)| (in_order(number), entry)).collect();
                (group, checks)
            })
            .collect()
    }
}

/// Whether a number consists of digits and dots.
fn is_dotted(number: &str) -> bool {
    number.split('.').all(|part| part.chars().all(|c| c.is_ascii_digit()) && part.parse::<u32>().is_ok())
}

/// The sort key of a number.
fn order(number: &str) -> (bool, Vec<u32>) {
    if is_dotted(number) {
        (false, number.split('.').filter_map(|part| part.parse().ok()).collect())
    } else {
        (true, Vec::new())
    }
}

/// Joins a text into one line; `None` if it is empty.
fn one_line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then(|| without_templates(&line))
}
