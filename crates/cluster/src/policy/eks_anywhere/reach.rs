//! Rights that reach into critical namespaces from outside.

use std::collections::BTreeMap;

use super::evidence::Evidence;
use super::rights::{never, of_rights};
use super::shipped::{Compared, Own};
use super::verdict::Verdict;
use crate::policy::rights::granted::{found, named};
use crate::policy::rights::wanted::PODS;
use crate::policy::{Judgement, Seen};
use crate::rbac::{Binding, Role, Rule};

/// Built-in cluster-scoped resources.
const CLUSTER_SCOPED: [&str; 33] = [
    "apiservices",
    "certificatesigningrequests",
    "clusterrolebindings",
    "clusterroles",
    "clustertrustbundles",
    "componentstatuses",
    "csidrivers",
    "csinodes",
    "customresourcedefinitions",
    "deviceclasses",
    "flowschemas",
    "ingressclasses",
    "ipaddresses",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "mutatingwebhookconfigurations",
    "namespaces",
    "nodes",
    "persistentvolumes",
    "priorityclasses",
    "prioritylevelconfigurations",
    "resourceslices",
    "runtimeclasses",
    "selfsubjectaccessreviews",
    "selfsubjectreviews",
    "selfsubjectrulesreviews",
    "servicecidrs",
    "storageclasses",
    "subjectaccessreviews",
    "tokenreviews",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "validatingwebhookconfigurations",
];

/// Further cluster-scoped resources.
const CLUSTER_SCOPED_TOO: [&str; 6] =
    ["signers", "volumeattachments", "volumeattributesclasses", "storageversions", "groups", "users"];

/// API groups with objects in critical namespaces, in addition to Kubernetes' own.
const GROUPS: [&str; 9] = [
    "anywhere.eks.amazonaws.com",
    "acme.cert-manager.io",
    "bmc.tinkerbell.org",
    "cert-manager.io",
    "cluster.x-k8s.io",
    "distro.eks.amazonaws.com",
    "packages.eks.amazonaws.com",
    "tinkerbell.org",
    "toolkit.fluxcd.io",
];

/// Whether a rule grants anything on namespaced objects; for third-party groups, whether it might.
fn reaches(rule: &Rule) -> bool {
    let is_built_in = |group: &str| {
        !group.contains('.') || group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io") || group == "*"
    };
    let is_own = |group: &str| {
        GROUPS.iter().any(|own| group == *own || group.strip_suffix(own).is_some_and(|start| start.ends_with('.')))
    };
    let is_namespaced = |resource: &String| {
        let resource = resource.split('/').next().unwrap_or_default();
        !CLUSTER_SCOPED.contains(&resource) && !CLUSTER_SCOPED_TOO.contains(&resource)
    };
    !rule.verbs.is_empty()
        && rule.api_groups.iter().any(|group| is_built_in(group) || is_own(group))
        && rule.resources.iter().any(is_namespaced)
}

/// Whether a rule grants anything on objects of third-party groups, which may be in critical namespaces.
fn may_reach(rule: &Rule) -> bool {
    !rule.verbs.is_empty()
        && !rule.resources.is_empty()
        && !reaches(rule)
        && rule.api_groups.iter().any(|group| group.contains('.') && !group.ends_with(".k8s.io"))
}

/// `ClusterRoles` bound cluster-wide to foreign subjects.
pub(super) fn foreign_cluster_roles(evidence: &Evidence<'_>) -> Judgement {
    let (own, mut verdict) = (evidence.own(), of_rights(evidence));
    let rbac = evidence.rbac;
    for id in rbac.bindings() {
        let binding = rbac.binding(id);
        if !binding.metadata.namespace.is_empty() {
            continue;
        }
        let Some(role) = rbac.role_of(binding).map(|id| rbac.role(id)) else { continue };
        let rules = places(role, reaches);
        let counts = !rules.is_empty();
        let rules = if counts { rules } else { places(role, may_reach) };
        if rules.is_empty() {
            continue;
        }
        let what =
            if counts { "rights in every namespace" } else { "rights on other groups' objects in every namespace" };
        each(evidence, &own, &mut verdict, binding, (role, &rules), what, counts);
    }
    verdict.judged(never)
}

/// Adds a finding for each subject of a binding that is not a shipped one.
fn each(
    evidence: &Evidence<'_>,
    own: &Own<'_>,
    verdict: &mut Verdict,
    binding: &Binding,
    (role, rules): (&Role, &[usize]),
    what: &str,
    counts: bool,
) {
    let compared = own.binding(binding);
    let path = evidence.rbac.role_path(role, rules);
    for who in named(binding) {
        let mut found = what.to_owned();
        let exempt = match &compared {
            Compared::Shipped(reason) => Some(*reason),
            Compared::Changed(how) => {
                found = format!("{found} (changed from what is shipped: {how})");
                own.subject(&who)
            }
            Compared::Foreign => own.subject(&who),
        };
        let seen = Seen { object: binding.object(), part: Some(who.to_string()), path: path.clone(), found };
        if counts {
            verdict.adds(seen, exempt);
        } else if exempt.is_none() {
            verdict.notes(seen);
        }
    }
}

/// The indices of the rules for which `is` holds.
fn places(role: &Role, is: impl Fn(&Rule) -> bool) -> Vec<usize> {
    role.rules.iter().enumerate().filter(|(_, rule)| is(rule)).map(|(place, _)| place).collect()
}

/// Subjects that are allowed everything, cluster-wide or in a critical namespace.
pub(super) fn cluster_admin(evidence: &Evidence<'_>) -> Judgement {
    let (own, mut verdict) = (evidence.own(), of_rights(evidence));
    let rbac = evidence.rbac;
    for id in rbac.bindings() {
        let binding = rbac.binding(id);
        let namespace = &binding.metadata.namespace;
        if !namespace.is_empty() && !own.is_critical(namespace) {
            continue;
        }
        let role = rbac.role_of(binding).map(|id| rbac.role(id));
        let rules = role.map_or_else(Vec::new, |role| places(role, Rule::allows_everything));
        let is_named = binding.role_ref.kind == "ClusterRole" && binding.role_ref.name == "cluster-admin";
        if rules.is_empty() && !is_named {
            continue;
        }
        let path =
            role.map_or_else(|| vec!["ClusterRole cluster-admin".to_owned()], |role| rbac.role_path(role, &rules));
        let compared = own.binding(binding);
        for who in named(binding) {
            let mut seen = Seen {
                object: binding.object(),
                part: Some(who.to_string()),
                path: path.clone(),
                found: found("everything", binding),
            };
            match &compared {
                Compared::Shipped(reason) => verdict.exempts(seen, reason),
                Compared::Changed(how) => {
                    seen.found = format!("{} (changed from what is shipped: {how})", seen.found);
                    verdict.fails(seen);
                }
                Compared::Foreign => verdict.fails(seen),
            }
        }
    }
    verdict.judged(never)
}

/// The Secrets with credentials, by namespace; `*` stands for a cluster's name.
const CREDENTIALS: [(&str, &[&str]); 5] = [
    (
        "eksa-system",
        &[
            "vsphere-credentials",
            "nutanix-credentials",
            "registry-credentials",
            "capx-*",
            "bmc-*",
            "*-vsphere-credentials",
            "*-cloud-provider-vsphere-credentials",
            "*-nutanix-ccm-secret",
            "*-kubeconfig",
            "*-ca",
            "*-etcd",
            "*-managed-etcd",
            "*-sa",
            "*-proxy",
            "*-apiserver-etcd-client",
            "*-aws-iam-authenticator-ca",
            "*-aws-iam-kubeconfig",
        ],
    ),
    ("kube-system", &["cloud-provider-vsphere-credentials", "nutanix-creds"]),
    ("capv-system", &["capv-manager-bootstrap-credentials"]),
    ("eksa-packages", &["aws-secret", "registry-mirror-secret"]),
    ("{flux}", &["flux-system", "{flux}"]),
];

/// The most names shown in a finding.
const SHOWN: usize = 3;

/// The Secrets that a role can read: verbs and names by namespace.
#[derive(Debug, Default)]
struct Reached {
    rules: Vec<usize>,
    names: BTreeMap<String, Vec<String>>,
    by_pods: bool,
}

impl Reached {
    /// Formats as `eksa-system (vsphere-credentials, capx-*, +3 more), flux-system (flux-system)`.
    fn words(&self) -> String {
        let each = self.names.iter().map(|(namespace, names)| {
            let mut shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
            if names.len() > SHOWN {
                shown = format!("{shown}, +{} more", names.len() - SHOWN);
            }
            format!("{namespace} ({shown})")
        });
        let how = if self.by_pods { "can mount, by creating pods, credentials in " } else { "reads credentials in " };
        format!("{how}{}", each.collect::<Vec<_>>().join(", "))
    }
}

/// Subjects that can read the credentials of providers and clusters.
pub(super) fn credential_readers(evidence: &Evidence<'_>) -> Judgement {
    let (own, mut verdict) = (evidence.own(), of_rights(evidence));
    let known = known(evidence);
    let rbac = evidence.rbac;
    // What each role reaches, per namespace or cluster-wide.
    let mut seen = BTreeMap::new();
    for id in rbac.bindings() {
        let binding = rbac.binding(id);
        let namespace = binding.metadata.namespace.as_str();
        let Some(role_id) = rbac.role_of(binding).filter(|_| namespace.is_empty() || known.contains_key(namespace))
        else {
            continue;
        };
        let role = rbac.role(role_id);
        let both = seen.entry((role_id, namespace)).or_insert_with(|| {
            let here: Vec<(&str, &[String])> = known
                .iter()
                .filter(|(of, _)| namespace.is_empty() || *of == namespace)
                .map(|(of, names)| (of.as_str(), names.as_slice()))
                .collect();
            [false, true].map(|by_pods| reached(role, &here, by_pods))
        });
        for reached in both.iter().filter(|reached| !reached.rules.is_empty()) {
            each(evidence, &own, &mut verdict, binding, (role, &reached.rules), &reached.words(), true);
        }
    }
    verdict.judged(never)
}

/// The names of this cluster's Secrets, by namespace.
fn known(evidence: &Evidence<'_>) -> BTreeMap<String, Vec<String>> {
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (namespace, names) in CREDENTIALS {
        let flux = evidence.flux_namespaces();
        let of: Vec<&str> = if namespace == "{flux}" { flux.into_iter().collect() } else { vec![namespace] };
        for of in of {
            let mut names: Vec<String> = names.iter().map(|name| name.replace("{flux}", of)).collect();
            names.dedup();
            known.entry(of.to_owned()).or_default().extend(names);
        }
    }
    known
}

fn reached(role: &Role, here: &[(&str, &[String])], by_pods: bool) -> Reached {
    let mut reached = Reached { by_pods, ..Reached::default() };
    for (place, rule) in role.rules.iter().enumerate() {
        let names: &[String] = if by_pods {
            // Create requests do not carry a name.
            let creates = PODS.iter().any(|wanted| !wanted.verbs_of(rule).is_empty());
            if !creates || !rule.resource_names.is_empty() {
                continue;
            }
            &[]
        } else {
            let reads = ["get", "list", "watch"].iter().any(|verb| rule.verb_matches(verb));
            if !(reads && rule.group_matches("") && rule.resource_matches("secrets", "")) {
                continue;
            }
            &rule.resource_names
        };
        let mut is_counted = false;
        for (namespace, known) in here {
            let found: Vec<&String> = if names.is_empty() {
                known.iter().collect()
            } else {
                names.iter().filter(|name| known.iter().any(|pattern| is_like(pattern, name))).collect()
            };
            if found.is_empty() {
                continue;
            }
            is_counted = true;
            let all = reached.names.entry((*namespace).to_owned()).or_default();
            for name in found {
                if !all.contains(name) && all.len() < 64 {
                    all.push(name.clone());
                }
            }
        }
        if is_counted {
            reached.rules.push(place);
        }
    }
    reached
}

fn is_like(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.len() > end.len() && name.ends_with(end),
        (_, Some(start)) => name.len() > start.len() && name.starts_with(start),
        (None, None) => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn names_of_clusters_are_left_open() {
        let table = [
            ("*-kubeconfig", "prod-kubeconfig", true),
            ("*-kubeconfig", "-kubeconfig", false),
            ("capx-*", "capx-prod", true),
            ("capx-*", "capx-", false),
            ("aws-secret", "aws-secret", true),
            ("aws-secret", "aws-secret-2", false),
        ];
        for (pattern, name, expected) in table {
            assert_eq!(is_like(pattern, name), expected, "{pattern} {name}");
        }
    }
}
