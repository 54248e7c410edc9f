//! Pods and workloads, seen one after the other and forgotten: what remains is what the controls need.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use probe::Reason;

use super::cni::{self, Cni};
use super::finding::findings;
use super::profile::Profiles;
use crate::meta::Owner;
use crate::pods::standard::Subject;
use crate::pods::{Pod, PodSpec, Workload, WorkloadKind};

/// An object by the numbers of its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) namespace: u32,
    pub(super) kind: u32,
    pub(super) name: u32,
}

/// Whether pods carry a token that the API server accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    /// They do.
    Mounted,
    /// They do not.
    None,
    /// They will if their service account does not say otherwise.
    AsAccountSays,
}

/// Pods of one object that are alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alike {
    /// What they do.
    pub(super) profile: u32,
    /// The service account that they run under.
    pub(super) account: u32,
    pub(super) token: Token,
    /// How many they are; 0 of a template.
    pub(super) count: u32,
}

/// What is known of the pods of one object.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub(super) pods: Vec<Alike>,
    pub(super) templates: Vec<Alike>,
    /// The network plugin that they are.
    pub(super) cni: BTreeSet<Cni>,
}

/// Folds pods and workloads, in any order, into what the controls need. Memory grows with the number of top controllers and
/// of different things that pods do, not with the number of pods.
#[derive(Debug, Clone, Default)]
pub struct PodFacts {
    pub(super) profiles: Profiles,
    /// By the object that manages the pods directly.
    pub(super) groups: HashMap<Key, Group>,
    /// Pictures of static pods, by their name without the node's.
    pub(super) mirrors: BTreeMap<Key, Group>,
    /// Which object manages a `ReplicaSet` or a `Job`.
    pub(super) owners: HashMap<Key, Key>,
    /// What was not seen.
    pub(super) gaps: Vec<Reason>,
}

impl PodFacts {
    /// Takes in a pod. Pods that have ended do not count.
    pub fn see_pod(&mut self, pod: &Pod) {
        if matches!(pod.status.phase.as_str(), "Succeeded" | "Failed") {
            return;
        }
        let alike = self.alike(pod.into(), token_of_pod(&pod.spec), 1);
        let (namespace, name) = (pod.metadata.namespace.as_str(), pod.metadata.name.as_str());
        let controller = pod.metadata.controller();
        let group = if is_mirror(pod) {
            let name =
                name.strip_suffix(pod.spec.node_name.as_str()).and_then(|name| name.strip_suffix('-')).unwrap_or(name);
            let key = self.key(namespace, "Pod", name);
            self.mirrors.entry(key).or_default()
        } else {
            let key = match controller {
                Some(owner) => self.key(namespace, &owner.kind, &owner.name),
                None => self.key(namespace, "Pod", name),
            };
            self.groups.entry(key).or_default()
        };
        add(&mut group.pods, alike);
        group.cni.extend(cni::recognise(namespace, controller.map(|owner| owner.kind.as_str()), &pod.spec));
    }

    /// Takes in an object that makes pods, of a list of this kind. Of a `ReplicaSet` or `Job` the metadata may be all that
    /// is known.
    pub fn see_workload(&mut self, kind: WorkloadKind, workload: &Workload) {
        if !workload.is_active(kind) {
            return;
        }
        let metadata = &workload.metadata;
        let own = self.key(&metadata.namespace, kind.name(), &metadata.name);
        let owner = metadata.owner_references.iter().find(|owner| owner.controller);
        let top = match owner.filter(|_| matches!(kind, WorkloadKind::ReplicaSet | WorkloadKind::Job)) {
            Some(Owner { kind, name, .. }) => self.key(&metadata.namespace, kind, name),
            None => own,
        };
        if top != own {
            self.owners.insert(own, top);
            // The owner's own template says the same.
            if owner.is_some_and(|owner| WorkloadKind::ALL.iter().any(|kind| kind.name() == owner.kind)) {
                return;
            }
        }
        let template = workload.template(kind);
        if template.spec.containers.is_empty() {
            return;
        }
        let alike = self.alike(template.into(), token_of_template(&template.spec), 0);
        let group = self.groups.entry(top).or_default();
        add(&mut group.templates, alike);
        group.cni.extend(cni::recognise(&metadata.namespace, Some(kind.name()), &template.spec));
    }

    /// Notes that a list, or a part of it, or an object, was not seen: what passes otherwise is unknown.
    pub fn miss(&mut self, reason: Reason) {
        if self.gaps.len() < 100 {
            self.gaps.push(reason);
        }
    }

    fn key(&mut self, namespace: &str, kind: &str, name: &str) -> Key {
        let profiles = &mut self.profiles;
        Key { namespace: profiles.text(namespace), kind: profiles.text(kind), name: profiles.text(name) }
    }

    fn alike(&mut self, subject: Subject<'_>, token: Token, count: u32) -> Alike {
        let profile = self.profiles.profile(&findings(subject));
        Alike { profile, account: self.profiles.text(subject.spec.account()), token, count }
    }
}

/// Adds pods to those that they are like, of those that came last: most come in the order of their objects.
pub(super) fn add(all: &mut Vec<Alike>, new: Alike) {
    let like =
        |known: &&mut Alike| (known.profile, known.account, known.token) == (new.profile, new.account, new.token);
    match all.iter_mut().rev().take(32).find(like) {
        Some(known) => known.count = known.count.saturating_add(new.count),
        None => all.push(new),
    }
}

/// Whether a pod is the picture of a static pod. The kubelet removes one that a user made up.
fn is_mirror(pod: &Pod) -> bool {
    let on_its_node = |owner: &Owner| owner.kind == "Node" && owner.name == pod.spec.node_name;
    pod.metadata.is_mirror() && pod.metadata.owner_references.iter().any(on_its_node)
}

fn has_token(spec: &PodSpec) -> bool {
    spec.volumes.iter().any(crate::pods::Volume::has_api_token)
        || spec.all_containers().any(|container| !container.volume_mounts.is_empty())
}

fn token_of_pod(spec: &PodSpec) -> Token {
    if has_token(spec) { Token::Mounted } else { Token::None }
}

fn token_of_template(spec: &PodSpec) -> Token {
    match spec.automount_service_account_token {
        Some(true) => Token::Mounted,
        _ if has_token(spec) => Token::Mounted,
        Some(false) => Token::None,
        None => Token::AsAccountSays,
    }
}
