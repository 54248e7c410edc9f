//! The names of an order, held against the benchmark that is run.

use std::collections::BTreeSet;

use crate::benchmark::{Benchmark, Target};
use crate::finding::Notice;

use super::order::{GROUP, Order, OrderError};

/// Refuses numbers that the benchmark lacks, and tells of those that lie in a target that is not run.
pub(super) fn check_names(
    benchmark: &Benchmark,
    order: &Order,
    targets: &[Target],
    notices: &mut Vec<Notice>,
) -> Result<(), OrderError> {
    let mut checks = BTreeSet::new();
    let mut groups = BTreeSet::new();
    let mut run = BTreeSet::new();
    for index in &benchmark.targets {
        for group in &index.groups {
            groups.insert(group.id.clone());
            for check in &group.checks {
                checks.extend([check.id.clone(), check.control.clone()]);
                if targets.contains(&index.target) {
                    run.extend([check.id.clone(), check.control.clone(), group.id.clone()]);
                }
            }
        }
    }
    let either: BTreeSet<String> = checks.union(&groups).cloned().collect();
    let mut mistakes = Vec::new();
    for (kind, names, known) in
        [("check", &order.checks, &checks), (GROUP, &order.groups, &groups), ("check or group", &order.skip, &either)]
    {
        mistakes.extend(names.difference(known).map(|name| OrderError::Unknown {
            kind,
            name: name.clone(),
            within: Some(benchmark.name.clone()),
            known: known.iter().cloned().collect(),
        }));
    }
    match mistakes.pop() {
        None => {}
        Some(only) if mistakes.is_empty() => return Err(only),
        Some(last) => {
            mistakes.push(last);
            return Err(OrderError::Several(mistakes));
        }
    }
    for name in order.checks.union(&order.groups).filter(|name| !run.contains(*name)) {
        notices.push(Notice {
            code: "target-not-run",
            text: format!("{name}: belongs to a target that is not run here (give --targets)"),
        });
    }
    Ok(())
}
