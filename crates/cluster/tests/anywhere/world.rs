//! A small management cluster to judge, from YAML as kubectl prints it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cluster::balancers::Service;
use cluster::eks_anywhere::{Date, Objects};
use cluster::lists::{Documents, Recorded, Text, record};
use cluster::nodes::Node;
use cluster::policy::eks_anywhere::{Evidence, Shipped, Support, judge};
use cluster::policy::workloads::{Namespace, WebhookConfiguration};
use cluster::policy::{Judgement, Outcome, Seen};
use cluster::rbac::{Lists, Rbac};
use cluster::{Cluster, ConfigMap, Listed, Listing, Resource, Shown};
use probe::{Cause, Reason};
use serde_json::value::RawValue;

/// The date of the run.
pub const TODAY: &str = "2026-11-30";

/// What EKS Anywhere ships, from the program's own table.
pub fn shipped() -> &'static Shipped {
    static READ: LazyLock<Shipped> = LazyLock::new(|| {
        let text = include_str!("../../../../benchmarks/exemptions/eks-anywhere.yaml");
        serde_yaml::from_str::<Shipped>(text).expect("the file").check().expect("its names")
    });
    &READ
}

/// The supported versions, from the program's own table.
pub fn support() -> Support {
    serde_yaml::from_str(include_str!("../../../../benchmarks/support/eks-anywhere.yaml")).expect("the file")
}

/// A cluster of some objects; lists in `ends` end with another outcome.
pub struct World {
    documents: Documents,
    ends: BTreeMap<Resource, Listing>,
    today: Date,
}

impl World {
    /// A cluster of the objects in YAML documents. Every list is complete.
    pub fn new(yaml: &str) -> Self {
        Self::with(yaml, Resource::ALL)
    }

    /// A workload cluster: the resources of EKS Anywhere are absent unless the YAML contains them.
    pub fn of_workloads(yaml: &str) -> Self {
        Self::with(yaml, Resource::ALL.into_iter().filter(|resource| !resource.is_of_eks_anywhere()))
    }

    fn with(yaml: &str, listed: impl IntoIterator<Item = Resource>) -> Self {
        let names: Vec<String> = listed.into_iter().map(|resource| resource.to_string()).collect();
        // An empty list, as kubectl prints it: an empty text would be a failed command.
        let text = format!("apiVersion: v1\nkind: List\nitems: []\n---\n{yaml}");
        let text = Text { name: format!("{}.yaml", names.join(",")), text };
        let documents = Documents::new("test", [text]);
        assert_eq!(documents.mistakes(), [""; 0], "{yaml}");
        Self { documents, ends: BTreeMap::new(), today: Date::parse(TODAY).expect("a day") }
    }

    /// Sets the date of the run.
    pub fn on(mut self, day: &str) -> Self {
        self.today = Date::parse(day).expect("a day");
        self
    }

    /// Refuses the right to list these resources.
    pub fn without(mut self, resources: &[Resource]) -> Self {
        for resource in resources {
            let reason = Reason::new(Cause::PermissionDenied, format!("list {resource}"), "forbidden for auditor");
            self.ends.insert(*resource, Listing::Unknown(reason));
        }
        self
    }

    /// Makes these resources absent from the cluster.
    pub fn lacking(mut self, resources: &[Resource]) -> Self {
        self.ends.extend(resources.iter().map(|resource| (*resource, Listing::Absent)));
        self
    }

    /// Judges a control live and from a recording, and checks that both agree and contain no secret.
    pub fn judge(&self, control: &str) -> Judgement {
        let live = judged(self, self.today, control);
        let text = record(self).expect("a recording");
        let recorded = Recorded::parse("recording", text.clone()).expect("a recording");
        assert_eq!(judged(&recorded, self.today, control), live, "{control}: recorded");
        assert!(!text.contains("canary"), "{control}: a secret in {text}");
        let everything = format!("{live:?}");
        assert!(!everything.contains("canary"), "{control}: {everything}");
        live
    }
}

impl Cluster for World {
    fn about(&self) -> cluster::About {
        cluster::About::default()
    }

    fn list(&self, resource: Resource, visit: &mut dyn FnMut(Shown<'_>)) -> Listing {
        match self.ends.get(&resource) {
            Some(end) => end.clone(),
            None => self.documents.list(resource, visit),
        }
    }
}

fn judged(cluster: &dyn Cluster, today: Date, control: &str) -> Judgement {
    let mut objects = Objects::of(cluster);
    let services: Listed<Service> = Listed::of(cluster, Resource::Services);
    let deployments: Listed<Box<RawValue>> = Listed::of(cluster, Resource::Deployments);
    objects.deployments.missing = deployments.missing;
    for deployment in deployments.items {
        objects.see_deployment(serde_json::from_str(deployment.get()).expect("a Deployment"));
    }
    let rbac = Rbac::new(Lists {
        cluster_roles: Listed::of(cluster, Resource::ClusterRoles),
        cluster_role_bindings: Listed::of(cluster, Resource::ClusterRoleBindings),
        roles: Listed::of(cluster, Resource::Roles),
        role_bindings: Listed::of(cluster, Resource::RoleBindings),
    });
    let nodes: Listed<Node> = Listed::of(cluster, Resource::Nodes);
    let namespaces: Listed<Namespace> = Listed::of(cluster, Resource::Namespaces);
    let validating: Listed<WebhookConfiguration> = Listed::of(cluster, Resource::ValidatingWebhookConfigurations);
    let config_maps: Listed<ConfigMap> = Listed::of(cluster, Resource::ConfigMaps);
    let evidence = Evidence {
        objects: &objects,
        rbac: &rbac,
        nodes: &nodes,
        namespaces: &namespaces,
        services: &services,
        validating: &validating,
        config_maps: &config_maps,
        shipped: shipped(),
        support: &support(),
        today,
    };
    judge(control, &evidence).expect("a control")
}

/// `pass`, `fail`, `manual`, `unknown: why`, `none: why`.
pub fn verdict(judgement: &Judgement) -> String {
    match &judgement.outcome {
        Outcome::Pass => "pass".to_owned(),
        Outcome::Fail => "fail".to_owned(),
        Outcome::Manual => "manual".to_owned(),
        Outcome::Unknown(reason) => format!("unknown: {reason}"),
        Outcome::NotApplicable(reason) => format!("none: {reason}"),
    }
}

/// `Kind namespace/name [part]: found`.
pub fn line(seen: &Seen) -> String {
    let part = seen.part.as_ref().map(|part| format!(" [{part}]")).unwrap_or_default();
    format!("{}{part}: {}", seen.object, seen.found)
}

/// Judges a control and compares the start of its verdict, and the start of each offender's line.
pub fn held(control: &str, world: &World, expected: &str, offenders: &[&str]) -> Judgement {
    let judgement = world.judge(control);
    let found = verdict(&judgement);
    assert!(found.starts_with(expected), "{control}: is {found}, should be {expected}: {judgement:#?}");
    let lines: Vec<String> = judgement.offenders.iter().map(line).collect();
    assert_eq!(lines.len(), offenders.len(), "{control}: {lines:#?}, should be {offenders:#?}");
    for wanted in offenders {
        assert!(lines.iter().any(|line| line.starts_with(wanted)), "{control}: {lines:#?} without {wanted}");
    }
    judgement
}

/// The notes of a judgement, one per line.
pub fn notes(judgement: &Judgement) -> Vec<String> {
    judgement.noted.iter().map(line).collect()
}

/// A `Cluster` on a provider; `more` is YAML of additional fields of its specification.
pub fn cluster(name: &str, provider: &str, more: &str) -> String {
    format!(
        "---\napiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: Cluster\nmetadata: {{name: {name}, namespace: \
         default}}\nspec:\n  kubernetesVersion: \"1.35\"\n  eksaVersion: v0.26.1\n  managementCluster: {{name: mgmt}}\n  \
         datacenterRef: {{kind: {provider}DatacenterConfig, name: {name}}}\n  unknownField: {{a: 1}}\n{more}\n"
    )
}

/// An object with its specification as flow YAML.
pub fn object(api: &str, kind: &str, name: &str, spec: &str) -> String {
    let metadata = match name.split_once('/') {
        Some((namespace, name)) => format!("{{name: \"{name}\", namespace: {namespace}}}"),
        None => format!("{{name: \"{name}\"}}"),
    };
    format!("---\napiVersion: {api}\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\n")
}

/// An object of EKS Anywhere.
pub fn anywhere(kind: &str, name: &str, spec: &str) -> String {
    object("anywhere.eks.amazonaws.com/v1alpha1", kind, name, spec)
}

/// Checks that the control, in a workload cluster without its objects, asks for the management cluster.
pub fn asks_the_management_cluster(control: &str) {
    let judgement = World::of_workloads("").judge(control);
    let found = verdict(&judgement);
    assert!(found.starts_with("unknown: ") && found.contains("management cluster"), "{control}: {found}");
}

/// Checks that the control is unknown, naming the resource, without the right to list it.
pub fn names_the_right(control: &str, yaml: &str, resource: Resource) {
    let judgement = World::new(yaml).without(&[resource]).judge(control);
    let found = verdict(&judgement);
    assert!(found.starts_with(&format!("unknown: list {resource}: forbidden")), "{control} {resource}: {found}");
}
