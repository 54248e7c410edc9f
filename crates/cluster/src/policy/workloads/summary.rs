//! Pods grouped by the object that made them in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use probe::Reason;

use super::cni::Cni;
use super::finding::Kind;
use super::fold::{Alike, Group, Key, PodFacts, Token, add};
use super::profile::Kept;
use crate::policy::{ObjectName, Seen};

/// All pods of a cluster, by what they do and by the object that made them.
#[derive(Debug, Clone)]
pub struct PodSummary {
    texts: Vec<Arc<str>>,
    findings: Vec<Kept>,
    profiles: Vec<Arc<[u32]>>,
    workloads: Vec<(ObjectName, Made)>,
    mirrors: Vec<(ObjectName, Made)>,
    gaps: Vec<Reason>,
}

/// What a workload made, or, where it has made nothing, what it would make.
#[derive(Debug, Clone)]
pub(super) struct Made {
    alike: Vec<Alike>,
    cni: Vec<Cni>,
}

impl Made {
    fn new(group: Group) -> Self {
        let Group { pods, templates, cni } = group;
        let mut alike = Vec::new();
        // Pods go before templates: they are what runs.
        let mut all = if pods.is_empty() { templates } else { pods };
        all.sort_unstable_by_key(|one| (one.profile, one.account, one.token));
        for one in all {
            add(&mut alike, one);
        }
        Self { alike, cni: cni.into_iter().collect() }
    }

    /// How many pods there are; 0 where there is only a template.
    fn pods(&self) -> u32 {
        self.alike.iter().fold(0, |sum, alike| sum.saturating_add(alike.count))
    }

    /// Whether there are pods, and not only a template.
    fn has_pods(&self) -> bool {
        self.alike.iter().any(|alike| alike.count > 0)
    }
}

/// What pods of one workload do, that a control objects to.
#[derive(Debug, Clone)]
pub(super) struct Hit<'a> {
    pub(super) object: &'a ObjectName,
    pub(super) container: Option<&'a str>,
    pub(super) found: Vec<&'a str>,
    /// How many pods; 0 for a template.
    pub(super) pods: u32,
}

impl Hit<'_> {
    /// The evidence of it.
    pub(super) fn seen(&self) -> Seen {
        Seen {
            object: self.object.clone(),
            part: self.container.map(str::to_owned),
            path: vec![counted(self.pods)],
            found: self.found.join("; "),
        }
    }
}

/// `12 pods`.
pub(super) fn counted(pods: u32) -> String {
    match pods {
        0 => "pod template".to_owned(),
        1 => "1 pod".to_owned(),
        pods => format!("{pods} pods"),
    }
}

/// How pods of one workload run under a service account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Running<'a> {
    pub(super) object: &'a ObjectName,
    pub(super) account: &'a str,
    pub(super) token: Token,
    pub(super) pods: u32,
}

impl PodSummary {
    /// Why not all pods and workloads were seen.
    pub fn gap(&self) -> Option<&Reason> {
        self.gaps.first()
    }

    /// The namespaces that have pods.
    pub fn namespaces(&self) -> BTreeSet<&str> {
        self.workloads.iter().filter(|(_, made)| made.has_pods()).map(|(object, _)| object.namespace.as_str()).collect()
    }

    /// The top controllers, in order.
    pub(super) fn objects(&self) -> impl Iterator<Item = (&ObjectName, u32)> {
        self.workloads.iter().map(|(object, made)| (object, made.pods()))
    }

    /// Whether a workload has pods, or would have.
    pub(super) fn has(&self, object: &ObjectName) -> bool {
        self.workloads.binary_search_by(|(known, _)| order(known).cmp(&order(object))).is_ok()
    }

    /// What pods of workloads do that a control objects to, by workload and container.
    pub(super) fn hits(&self, objects_to: impl Fn(Kind, &str) -> bool, mut visit: impl FnMut(Hit<'_>)) {
        self.hits_of(&self.workloads, &objects_to, &mut visit);
    }

    /// The same of static pods.
    pub(super) fn static_hits(&self, objects_to: impl Fn(Kind, &str) -> bool, mut visit: impl FnMut(Hit<'_>)) {
        self.hits_of(&self.mirrors, &objects_to, &mut visit);
    }

    fn hits_of(
        &self,
        all: &[(ObjectName, Made)],
        objects_to: &dyn Fn(Kind, &str) -> bool,
        visit: &mut dyn FnMut(Hit<'_>),
    ) {
        let matching: Vec<bool> =
            self.findings.iter().map(|kept| objects_to(kept.kind, self.text(kept.found))).collect();
        let matches = |number: &u32| usize::try_from(*number).is_ok_and(|number| matching[number]);
        for (object, made) in all {
            let mut by_container: BTreeMap<Option<&str>, (BTreeSet<&str>, u32)> = BTreeMap::new();
            for alike in &made.alike {
                let mut counted = BTreeSet::new();
                for number in self.profiles[index(alike.profile)].iter().filter(|number| matches(number)) {
                    let kept = self.findings[index(*number)];
                    let container = kept.container.map(|container| self.text(container));
                    let (found, pods) = by_container.entry(container).or_default();
                    found.insert(self.text(kept.found));
                    if counted.insert(container) {
                        *pods = pods.saturating_add(alike.count);
                    }
                }
            }
            for (container, (found, pods)) in by_container {
                visit(Hit { object, container, found: found.into_iter().collect(), pods });
            }
        }
    }

    /// Under which service accounts pods run.
    pub(super) fn running(&self) -> impl Iterator<Item = Running<'_>> {
        self.workloads.iter().flat_map(move |(object, made)| {
            let mut by_account: BTreeMap<(u32, Token), u32> = BTreeMap::new();
            for alike in &made.alike {
                let pods = by_account.entry((alike.account, alike.token)).or_default();
                *pods = pods.saturating_add(alike.count);
            }
            by_account.into_iter().map(move |((account, token), pods)| Running {
                object,
                account: self.text(account),
                token,
                pods,
            })
        })
    }

    /// The network plugins, and the workloads that they are.
    pub(super) fn plugins(&self) -> impl Iterator<Item = (Cni, &ObjectName)> {
        self.workloads.iter().flat_map(|(object, made)| made.cni.iter().map(move |cni| (*cni, object)))
    }

    /// The network plugins that were seen, in order.
    pub fn network_plugins(&self) -> BTreeSet<Cni> {
        self.plugins().map(|(cni, _)| cni).collect()
    }

    fn text(&self, number: u32) -> &str {
        &self.texts[index(number)]
    }
}

fn order(object: &ObjectName) -> (&str, &str, &str) {
    (&object.namespace, &object.kind, &object.name)
}

/// The place of a number that was given out by the size of a list.
fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl PodFacts {
    /// What was seen, grouped. Owners that were not seen leave a `ReplicaSet` or a `Job` at the top.
    pub fn summary(self) -> PodSummary {
        let Self { profiles, groups, mirrors, owners, gaps } = self;
        let mut tops: BTreeMap<Key, Group> = BTreeMap::new();
        for (key, group) in groups {
            let top = tops.entry(owners.get(&key).copied().unwrap_or(key)).or_default();
            top.cni.extend(group.cni);
            top.pods.extend(group.pods);
            top.templates.extend(group.templates);
        }
        let texts = profiles.texts.into_values();
        let text = |number: u32| texts[index(number)].to_string();
        let named = |(key, group): (Key, Group)| {
            let object = ObjectName { namespace: text(key.namespace), kind: text(key.kind), name: text(key.name) };
            (object, Made::new(group))
        };
        let mut workloads: Vec<_> = tops.into_iter().map(named).collect();
        let mut mirrors: Vec<_> = mirrors.into_iter().map(named).collect();
        for objects in [&mut workloads, &mut mirrors] {
            objects.sort_unstable_by(|(one, _), (other, _)| order(one).cmp(&order(other)));
        }
        PodSummary {
            findings: profiles.findings.into_values(),
            profiles: profiles.combinations.into_values(),
            texts,
            workloads,
            mirrors,
            gaps,
        }
    }
}
