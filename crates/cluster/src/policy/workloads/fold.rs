//! Folds pods and workloads into the facts that controls need.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use probe::{Observed, Reason};

use super::cni::{self, Cni};
use super::finding::findings;
use super::images::{ImageEntry, Images};
use super::log::{Alike, Entry, Key, Log, RunsOn, Source, Token};
use super::profile::Profiles;
use crate::meta::Owner;
use crate::pods::standard::Subject;
use crate::pods::{ImageName, Pod, PodSpec, Volume, Workload, WorkloadKind};

/// Facts about pods and workloads, folded in any order. Memory grows with the number of workloads and of distinct
/// findings, not with the number of pods.
#[derive(Debug, Clone, Default)]
pub struct PodFacts {
    pub(super) profiles: Profiles,
    /// The contents by list; `None` is the list of pods.
    pub(super) lists: BTreeMap<Option<WorkloadKind>, Part>,
    /// Why evidence is missing.
    pub(super) gaps: Vec<Reason>,
}

/// The content of one list.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// Pods by direct controller.
    pub(super) pods: Log,
    /// Mirror pods, by name without the node's suffix.
    pub(super) mirrors: Log,
    /// The network plugins and their workloads.
    pub(super) plugins: BTreeSet<(Cni, Key)>,
    /// The controllers of `ReplicaSet`s and `Job`s.
    pub(super) owners: HashMap<Key, Key>,
    /// The images.
    pub(super) images: Images,
}

impl PodFacts {
    /// Adds a list of pods. An unreadable item is given as an error with the reason.
    pub fn see_pods(&mut self, list: Observed<impl IntoIterator<Item = Result<Pod, Reason>>>) {
        self.see(list, |facts, pod| facts.see_pod(&pod));
    }

    /// Adds a list of workloads. An unreadable item is given as an error with the reason.
    pub fn see_workloads(
        &mut self,
        kind: WorkloadKind,
        list: Observed<impl IntoIterator<Item = Result<Workload, Reason>>>,
    ) {
        self.see(list, |facts, workload| facts.see_workload(kind, &workload));
    }

    fn see<T>(
        &mut self,
        list: Observed<impl IntoIterator<Item = Result<T, Reason>>>,
        mut take: impl FnMut(&mut Self, T),
    ) {
        match list {
            Observed::Present(items) => {
                for item in items {
                    match item {
                        Ok(item) => take(self, item),
                        Err(reason) => self.miss(reason),
                    }
                }
            }
            Observed::Absent => {}
            Observed::Unknown(reason) => self.miss(reason),
        }
    }

    /// Adds a pod. Finished pods are ignored.
    pub fn see_pod(&mut self, pod: &Pod) {
        if matches!(pod.status.phase.as_str(), "Succeeded" | "Failed") {
            return;
        }
        let alike = self.alike(pod.into(), Source::Pods, token_of_pod(&pod.spec));
        let runs_on = match pod.spec.node_name.as_str() {
            "" => RunsOn::Nowhere,
            node => RunsOn::Node(self.profiles.text(node)),
        };
        let (namespace, name) = (pod.metadata.namespace.as_str(), pod.metadata.name.as_str());
        if is_mirror(pod) {
            let start = name.strip_suffix(pod.spec.node_name.as_str()).and_then(|name| name.strip_suffix('-'));
            let key = self.key(namespace, "Pod", start.unwrap_or(name));
            self.list(None).mirrors.push(Entry { key, alike, runs_on, count: 1 });
            self.images(None, key, Source::Static, &pod.spec);
            return;
        }
        // Only static pods are owned by a Node.
        let controller = pod.metadata.controller().filter(|owner| owner.kind != "Node");
        let key = match controller {
            Some(owner) => self.key(namespace, &owner.kind, &owner.name),
            None => self.key(namespace, "Pod", name),
        };
        let plugins = cni::recognise(namespace, controller.map(|owner| owner.kind.as_str()), &pod.spec);
        self.images(None, key, Source::Pods, &pod.spec);
        let list = self.list(None);
        list.pods.push(Entry { key, alike, runs_on, count: 1 });
        list.plugins.extend(plugins.map(|cni| (cni, key)));
    }

    /// Adds a workload of this kind. For `ReplicaSets` and `Jobs`, metadata suffices.
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
            self.list(Some(kind)).owners.insert(own, top);
            // The owner's template gives the same findings.
            if owner.is_some_and(|owner| WorkloadKind::ALL.iter().any(|kind| kind.name() == owner.kind)) {
                return;
            }
        }
        let template = workload.template(kind);
        if template.spec.containers.is_empty() {
            return;
        }
        let alike = self.alike(template.into(), Source::Template, token_of_template(&template.spec));
        let plugins = cni::recognise(&metadata.namespace, Some(kind.name()), &template.spec);
        self.images(Some(kind), top, Source::Template, &template.spec);
        let list = self.list(Some(kind));
        list.pods.push(Entry { key: top, alike, runs_on: RunsOn::Nowhere, count: 0 });
        list.plugins.extend(plugins.map(|cni| (cni, top)));
    }

    /// Discards all pods, since their list restarts.
    pub fn forget_pods(&mut self) {
        self.lists.remove(&None);
    }

    /// Discards all workloads of a kind, since their list restarts.
    pub fn forget_workloads(&mut self, kind: WorkloadKind) {
        self.lists.remove(&Some(kind));
    }

    /// Records that a list, part of it, or an object could not be read, so that controls cannot pass.
    pub fn miss(&mut self, reason: Reason) {
        if self.gaps.len() < 100 {
            self.gaps.push(reason);
        }
    }

    /// Adds the images of a pod or template. A template may leave the image to its controller.
    fn images(&mut self, list: Option<WorkloadKind>, key: Key, source: Source, spec: &PodSpec) {
        for container in spec.all_containers().filter(|it| source != Source::Template || !it.image.is_empty()) {
            let name = ImageName::parse(&container.image);
            let text = name.as_ref().map_or_else(|| container.image.clone(), ToString::to_string);
            let (image, container) = (self.profiles.text(&text), self.profiles.text(&container.name));
            self.list(list).images.push(ImageEntry { key, source, container, image, is_name: name.is_some() });
        }
    }

    fn key(&mut self, namespace: &str, kind: &str, name: &str) -> Key {
        let profiles = &mut self.profiles;
        Key { namespace: profiles.text(namespace), kind: profiles.text(kind), name: profiles.text(name) }
    }

    fn alike(&mut self, subject: Subject<'_>, source: Source, token: Token) -> Alike {
        let profile = self.profiles.profile(&findings(subject));
        Alike { source, profile, account: self.profiles.text(subject.spec.account()), token }
    }

    fn list(&mut self, kind: Option<WorkloadKind>) -> &mut Part {
        self.lists.entry(kind).or_default()
    }
}

/// Whether this is a genuine mirror pod of its node; the kubelet deletes forged ones.
fn is_mirror(pod: &Pod) -> bool {
    let on_its_node = |owner: &Owner| owner.kind == "Node" && owner.name == pod.spec.node_name;
    !pod.spec.node_name.is_empty() && pod.metadata.is_mirror() && pod.metadata.owner_references.iter().any(on_its_node)
}

/// Whether a pod mounts an API token. Before 1.22, tokens were Secrets, recognizable only by the mount path.
fn has_token(spec: &PodSpec) -> bool {
    let mut projected = spec.volumes.iter().filter(|volume| volume.has_token()).peekable();
    if projected.peek().is_some() {
        return projected.any(Volume::has_api_token);
    }
    spec.all_containers().any(|container| !container.volume_mounts.is_empty())
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
