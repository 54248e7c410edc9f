//! Finds the processes that may be asked about, so that what only this program's full rights can observe is looked up
//! first.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::{Enclosure, whereabouts};
use definitions::SharedText;
use definitions::benchmark::Component;
use probe::{Accounts, Answer, Node, Observed, Process, Question};
use sorting::Sorting;

use super::identity;

/// Processes with the names of components, by process ID, the most important first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Processes outside pods and containers, which only root and the components' own users can start.
    pub outside: Vec<i32>,
    /// Processes in pods and containers. Tenants may have started any number of them, so one of each kind comes first.
    pub contained: Vec<i32>,
}

/// Finds the processes that [`take_inventory`](super::take_inventory) may ask about.
pub fn candidates(node: &dyn Node, components: &BTreeMap<SharedText, Component>) -> Candidates {
    let accounts = accounts(node);
    let users = identity::users(components, &accounts);
    let Observed::Present(Answer::Processes(processes)) = node.ask(&processes(components, &users)) else {
        return Candidates::default();
    };
    let cgroup = |pid| match node.ask(&Question::Cgroup(pid)) {
        Observed::Present(Answer::Text(text)) => text,
        _ => String::new(),
    };
    let first = cgroup(1);
    let (mut outside, mut contained) = (Vec::new(), Vec::new());
    for Process { pid, called, uid } in processes.listed {
        match whereabouts(&cgroup(pid), &first).enclosure {
            Some(Enclosure::Pod { uid: pod, container }) => contained.push((pid, (pod, container, called))),
            Some(Enclosure::Container { id, .. }) => contained.push((pid, (id, None, called))),
            None => outside.push((pid, uid)),
        }
    }
    // Root's processes come before those of any other user.
    let (mut of_root, of_others): (Vec<_>, Vec<_>) = outside.into_iter().partition(|(_, uid)| *uid == 0);
    of_root.order();
    let of_root = of_root.into_iter().map(|(pid, _)| pid);
    Candidates { outside: of_root.chain(in_turns(of_others)).collect(), contained: in_turns(contained) }
}

/// The question for the processes of these components that run as these users.
pub(super) fn processes(components: &BTreeMap<SharedText, Component>, users: &BTreeSet<u32>) -> Question {
    Question::Processes { called: identity::names(components), users: users.iter().copied().collect() }
}

/// The node's accounts.
pub(super) fn accounts(node: &dyn Node) -> Observed<Accounts> {
    match node.ask(&Question::Accounts) {
        Observed::Present(Answer::Accounts(accounts)) => Observed::Present(accounts),
        Observed::Absent | Observed::Present(_) => Observed::Absent,
        Observed::Unknown(why) => Observed::Unknown(why),
    }
}

/// The first of each kind, then the second of each, and so on.
fn in_turns<K: Ord>(processes: Vec<(i32, K)>) -> Vec<i32> {
    let mut counts: BTreeMap<K, usize> = BTreeMap::new();
    let mut turns: Vec<(usize, i32)> = processes
        .into_iter()
        .map(|(pid, kind)| {
            let count = counts.entry(kind).or_default();
            *count += 1;
            (*count, pid)
        })
        .collect();
    turns.order();
    turns.into_iter().map(|(_, pid)| pid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_each_kind_comes_first() {
        let crowd = (1..=5).map(|pid| (pid, "crowd"));
        let all = crowd.chain([(6, "other"), (7, "third"), (8, "other")]).collect();
        assert_eq!(in_turns(all), [1, 6, 7, 2, 8, 3, 4, 5]);
    }
}
