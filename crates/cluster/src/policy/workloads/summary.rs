//! Pods grouped by their top-level controller.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use probe::Reason;

use super::cni::Cni;
use super::evidence::SeccompDefault;
use super::finding::Kind;
use super::fold::PodFacts;
use super::images::{ImageEntry, Images};
use super::log::{Entry, Key, RunsOn, Source, Token, merge};
use super::profile::Kept;
use crate::policy::{ObjectName, Seen};

/// The findings of all pods, by top-level controller.
#[derive(Debug, Clone)]
pub struct PodSummary {
    texts: Vec<Arc<str>>,
    findings: Vec<Kept>,
    combinations: Vec<Arc<[u32]>>,
    /// Entries sorted by object. Templates are included only for objects without pods.
    pods: Vec<Entry>,
    mirrors: Vec<Entry>,
    plugins: BTreeSet<(Cni, Key)>,
    /// Images; those of a template only if the object has no pods.
    images: Vec<ImageEntry>,
    /// The number of images that were not kept.
    more_images: usize,
    gaps: Vec<Reason>,
}

/// Findings of one container of a workload that a control objects to.
#[derive(Debug, Clone)]
pub(super) struct Hit<'a> {
    pub(super) object: &'a ObjectName,
    container: Option<&'a str>,
    found: Vec<&'a str>,
    /// The number of pods; 0 for a template.
    pub(super) pods: u32,
    /// The node whose kubelet's seccomp default resolves the findings, if any.
    pub(super) made_up_on: Option<&'a str>,
}

/// A container (`None` for the whole pod), and the node whose kubelet resolves its findings.
type Within<'a> = (Option<&'a str>, Option<&'a str>);

/// Which findings a control objects to.
pub(super) struct Objection<'o> {
    /// Whether the control objects to a finding.
    pub(super) objects_to: &'o dyn Fn(Kind, &str) -> bool,
    /// Whether a kubelet's seccomp default resolves that finding.
    pub(super) defaulted: &'o dyn Fn(Kind, &str) -> bool,
    /// The kubelets with a seccomp default.
    pub(super) seccomp_default: &'o SeccompDefault,
}

impl Hit<'_> {
    /// The finding as evidence.
    pub(super) fn seen(&self) -> Seen {
        Seen {
            object: self.object.clone(),
            part: self.container.map(str::to_owned),
            path: vec![counted(self.pods)],
            found: self.found.join("; "),
        }
    }
}

/// Formats as `12 pods`.
pub(super) fn counted(pods: u32) -> String {
    match pods {
        0 => "pod template".to_owned(),
        1 => "1 pod".to_owned(),
        pods => format!("{pods} pods"),
    }
}

/// The image of a container of a workload.
#[derive(Debug, Clone)]
pub(super) struct Image<'a> {
    pub(super) object: ObjectName,
    pub(super) container: &'a str,
    /// The registry and repository, or the reference verbatim if it is invalid.
    pub(super) reference: &'a str,
    pub(super) is_name: bool,
    pub(super) is_static: bool,
}

/// Pods of one workload under one service account.
#[derive(Debug, Clone)]
pub(super) struct Running<'a> {
    pub(super) object: ObjectName,
    pub(super) namespace: &'a str,
    pub(super) account: &'a str,
    pub(super) token: Token,
    pub(super) pods: u32,
}

impl PodFacts {
    /// Groups the pods. A `ReplicaSet` or `Job` with an unknown controller is its own top-level controller.
    pub fn summary(self) -> PodSummary {
        let Self { profiles, lists, gaps } = self;
        let (mut pods, mut mirrors, mut plugins) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut owners = HashMap::new();
        let mut images = Images::default();
        for part in lists.into_values() {
            pods.append(&mut part.pods.into_entries());
            mirrors.append(&mut part.mirrors.into_entries());
            plugins.extend(part.plugins);
            owners.extend(part.owners);
            images.append(part.images);
        }
        let texts = profiles.texts.into_values();
        let ranks = ranks(&texts);
        let sorted = |mut entries: Vec<Entry>| {
            for entry in &mut entries {
                entry.key = owners.get(&entry.key).copied().unwrap_or(entry.key);
            }
            merge(&mut entries);
            entries.sort_by_key(|Entry { key, .. }| [key.namespace, key.kind, key.name].map(|text| ranks[index(text)]));
            // Pods take precedence over templates, since they are what runs.
            let mut last = None;
            entries.retain(|entry| {
                let told = entry.alike.source == Source::Template && last == Some(entry.key);
                if entry.alike.source == Source::Pods {
                    last = Some(entry.key);
                }
                !told
            });
            entries
        };
        let more_images = images.more();
        let images = images.into_entries(|key| owners.get(&key).copied().unwrap_or(key));
        PodSummary {
            pods: sorted(pods),
            mirrors: sorted(mirrors),
            images,
            more_images,
            findings: profiles.findings.into_values(),
            combinations: profiles.combinations.into_values(),
            texts,
            plugins,
            gaps,
        }
    }
}

/// The rank of each text in sorted order.
fn ranks(texts: &[Arc<str>]) -> Vec<u32> {
    let mut numbers: Vec<u32> = (0..texts.len()).filter_map(|number| u32::try_from(number).ok()).collect();
    numbers.sort_unstable_by(|one, other| texts[index(*one)].cmp(&texts[index(*other)]));
    let mut ranks = vec![0; numbers.len()];
    for (rank, number) in (0..).zip(numbers) {
        ranks[index(number)] = rank;
    }
    ranks
}

impl PodSummary {
    /// Why pods or workloads are missing, if so.
    pub fn gap(&self) -> Option<&Reason> {
        self.gaps.first()
    }

    /// The namespaces with pods.
    pub fn namespaces(&self) -> BTreeSet<&str> {
        let pods = self.pods.iter().filter(|entry| entry.alike.source == Source::Pods);
        pods.map(|entry| self.text(entry.key.namespace)).collect()
    }

    /// The top-level controllers in a namespace, in order, with their numbers of pods.
    pub(super) fn objects(&self, namespace: &str) -> impl Iterator<Item = (ObjectName, u32)> {
        let of_namespace = move |group: &&[Entry]| self.text(group[0].key.namespace) == namespace;
        groups(&self.pods).filter(of_namespace).map(|group| {
            let pods = group.iter().fold(0_u32, |sum, entry| sum.saturating_add(entry.count));
            (self.object(group[0].key), pods)
        })
    }

    /// Whether a workload was listed.
    pub(super) fn has(&self, object: &ObjectName) -> bool {
        let wanted = (object.namespace.as_str(), object.kind.as_str(), object.name.as_str());
        let of = |Key { namespace, kind, name }: Key| (self.text(namespace), self.text(kind), self.text(name));
        self.pods.binary_search_by(|entry| of(entry.key).cmp(&wanted)).is_ok()
    }

    /// Visits the findings that a control objects to, by workload and container.
    pub(super) fn hits(&self, objection: &Objection<'_>, visit: &mut dyn FnMut(Hit<'_>)) {
        self.hits_of(&self.pods, objection, visit);
    }

    /// Like [`Self::hits`], for static pods.
    pub(super) fn static_hits(&self, objection: &Objection<'_>, visit: &mut dyn FnMut(Hit<'_>)) {
        self.hits_of(&self.mirrors, objection, visit);
    }

    fn hits_of(&self, all: &[Entry], objection: &Objection<'_>, visit: &mut dyn FnMut(Hit<'_>)) {
        let matching = |matches: &dyn Fn(Kind, &str) -> bool| -> Vec<bool> {
            self.findings.iter().map(|kept| matches(kept.kind, self.text(kept.found))).collect()
        };
        let (objected, defaulted) = (matching(objection.objects_to), matching(objection.defaulted));
        for group in groups(all) {
            let mut found_in: BTreeMap<Within<'_>, (BTreeSet<&str>, u32)> = BTreeMap::new();
            for entry in group {
                let default = self.default_of(entry.runs_on, objection.seccomp_default);
                let mut known = BTreeSet::new();
                let numbers = self.combinations[index(entry.alike.profile)].iter();
                for number in numbers.map(|number| index(*number)).filter(|number| objected[*number]) {
                    let kept = self.findings[number];
                    let made_up_on = default.filter(|_| defaulted[number]);
                    let container = (kept.container.map(|container| self.text(container)), made_up_on);
                    let (found, pods) = found_in.entry(container).or_default();
                    found.insert(self.text(kept.found));
                    if known.insert(container) {
                        *pods = pods.saturating_add(entry.count);
                    }
                }
            }
            if found_in.is_empty() {
                continue;
            }
            let object = self.object(group[0].key);
            for ((container, made_up_on), (found, pods)) in found_in {
                visit(Hit { object: &object, container, found: found.into_iter().collect(), pods, made_up_on });
            }
        }
    }

    /// The node whose kubelet has a seccomp default, for pods that run there.
    fn default_of<'a>(&self, runs_on: RunsOn, seccomp_default: &'a SeccompDefault) -> Option<&'a str> {
        match (seccomp_default, runs_on) {
            (SeccompDefault::Everywhere(node), _) => Some(node),
            (SeccompDefault::On(node), RunsOn::Node(own)) if self.text(own) == node => Some(node),
            (SeccompDefault::NotSeen | SeccompDefault::On(_), _) => None,
        }
    }

    /// The service accounts that pods use.
    pub(super) fn running(&self) -> impl Iterator<Item = Running<'_>> {
        groups(&self.pods).flat_map(move |group| {
            let mut by_account: BTreeMap<(u32, Token), u32> = BTreeMap::new();
            for entry in group {
                let pods = by_account.entry((entry.alike.account, entry.alike.token)).or_default();
                *pods = pods.saturating_add(entry.count);
            }
            by_account.into_iter().map(move |((account, token), pods)| Running {
                object: self.object(group[0].key),
                namespace: self.text(group[0].key.namespace),
                account: self.text(account),
                token,
                pods,
            })
        })
    }

    /// The network plugins and their workloads.
    pub(super) fn plugins(&self) -> impl Iterator<Item = (Cni, ObjectName)> {
        self.plugins.iter().map(|(cni, key)| (*cni, self.object(*key)))
    }

    /// The images, by workload and container.
    pub(super) fn images(&self) -> impl Iterator<Item = Image<'_>> {
        self.images.iter().map(|entry| Image {
            object: self.object(entry.key),
            container: self.text(entry.container),
            reference: self.text(entry.image),
            is_name: entry.is_name,
            is_static: entry.source == Source::Static,
        })
    }

    /// The number of images that were not kept.
    pub(super) const fn more_images(&self) -> usize {
        self.more_images
    }

    fn object(&self, key: Key) -> ObjectName {
        let [namespace, kind, name] = [key.namespace, key.kind, key.name].map(|text| self.text(text).to_owned());
        ObjectName { kind, namespace, name }
    }

    /// The recognized network plugins, in order.
    pub fn network_plugins(&self) -> BTreeSet<Cni> {
        self.plugins().map(|(cni, _)| cni).collect()
    }

    fn text(&self, number: u32) -> &str {
        &self.texts[index(number)]
    }
}

/// The entries of each object.
fn groups(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    entries.chunk_by(|one, other| one.key == other.key)
}

/// Converts a number to an index.
fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
