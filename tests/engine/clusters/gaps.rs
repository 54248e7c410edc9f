//! Lists that are refused, absent or broken: answers that depend on them are unknown, and nothing passes because of
//! them.

use std::collections::{BTreeMap, BTreeSet};

use cluster::{Listing, Resource};
use probe::{Cause, Reason};

use super::answers::{Answers, answers};
use super::world::{Edition, Fate, World};

const OF_RIGHTS: [&str; 12] = [
    "rbac/cluster-admin",
    "rbac/secrets-access",
    "rbac/wildcards",
    "rbac/create-pods",
    "rbac/system-masters",
    "rbac/bind-impersonate-escalate",
    "rbac/create-persistent-volumes",
    "rbac/node-proxy",
    "rbac/approve-certificates",
    "rbac/webhook-configurations",
    "rbac/create-tokens",
    // A default account may have rights through the missing objects.
    "rbac/default-service-accounts",
];

const OF_PODS: [&str; 27] = [
    "eks/node-ports",
    "pod-security/host-namespaces",
    "pod-security/proc-mount",
    "workloads/own-service-accounts",
    "workloads/read-only-root",
    "workloads/secrets-in-variables",
    "eks/network-policies-enforced",
    "eks/service-account-roles",
    "pod-security/privileged",
    "pod-security/host-pid",
    "pod-security/host-ipc",
    "pod-security/host-network",
    "pod-security/windows-host-process",
    "pod-security/host-path",
    "pod-security/host-ports",
    "pod-security/privilege-escalation",
    "pod-security/root-containers",
    "pod-security/net-raw",
    "pod-security/added-capabilities",
    "pod-security/assigned-capabilities",
    "workloads/seccomp-profile",
    "workloads/security-context",
    "workloads/secrets-as-files",
    "workloads/network-policies",
    "workloads/default-namespace",
    "rbac/default-service-accounts",
    "rbac/token-mounts",
];

/// Returns the controls of the hardened edition that are unknown without a list, and those that are unknown if one
/// object in it is broken.
fn needed(resource: Resource) -> (Vec<&'static str>, Vec<&'static str>) {
    const NAMESPACE: &str = "workloads/default-namespace";
    const MECHANISM: &str = "pod-security/policy-mechanism";
    const NETWORKS: &str = "workloads/network-policies";
    const ENFORCED: &str = "eks/network-policies-enforced";
    const TLS: &str = "eks/load-balancer-tls";
    let same = |controls: &[&'static str]| (controls.to_vec(), controls.to_vec());
    match resource {
        Resource::ClusterRoles | Resource::ClusterRoleBindings => {
            ([&OF_RIGHTS[..], &["rbac/token-mounts", "rbac/cluster-wide-writes"]].concat(), OF_RIGHTS.to_vec())
        }
        // These grant no rights to an account whose token is mounted.
        Resource::Roles | Resource::RoleBindings => same(&OF_RIGHTS),
        Resource::Pods
        | Resource::CronJobs
        | Resource::Jobs
        | Resource::ReplicaSets
        | Resource::DaemonSets
        | Resource::StatefulSets
        | Resource::ReplicationControllers => same(&OF_PODS),
        Resource::Deployments => same(&[&OF_PODS[..], &["eks/rolling-updates", "eks/disruption-budgets"]].concat()),
        Resource::Services => same(&[NAMESPACE, TLS, "eks/node-ports"]),
        Resource::Ingresses => same(&[NAMESPACE, TLS]),
        // The ingress's class is among the intact ones.
        Resource::IngressClasses => (vec![TLS], Vec::new()),
        Resource::PersistentVolumeClaims => same(&[NAMESPACE]),
        // Storage classes are shown along with the deciding objects.
        Resource::StorageClasses => same(&["eks/storage-encryption"]),
        // The intact ones still cover their workloads.
        Resource::PodDisruptionBudgets => (vec!["eks/disruption-budgets"], Vec::new()),
        Resource::ServiceAccounts => {
            same(&[NAMESPACE, "eks/service-account-roles", "eks/token-secrets", "eks/network-plugin-role"])
        }
        // Policies that select namespaces by label do not cover a broken one.
        Resource::Namespaces => (vec![MECHANISM, NETWORKS, ENFORCED], vec![MECHANISM]),
        Resource::Nodes => same(&["eks/private-nodes", "eks/kubelet-skew", "eks/authorization"]),
        // The intact ones cover all namespaces, and more policies would not change that.
        Resource::NetworkPolicies
        | Resource::CiliumNetworkPolicies
        | Resource::CiliumClusterwideNetworkPolicies
        | Resource::CalicoNetworkPolicies
        | Resource::CalicoGlobalNetworkPolicies => (vec![NETWORKS, ENFORCED], Vec::new()),
        Resource::ValidatingWebhookConfigurations
        | Resource::ValidatingAdmissionPolicies
        | Resource::ValidatingAdmissionPolicyBindings
        | Resource::KyvernoClusterPolicies
        | Resource::KyvernoPolicies
        | Resource::KyvernoValidatingPolicies
        | Resource::KyvernoNamespacedValidatingPolicies
        | Resource::GatekeeperConstraints => (vec![MECHANISM], Vec::new()),
        Resource::ConfigMaps => same(&["eks/administrators"]),
        // Reviewed manually, with less evidence, or only relevant to management clusters.
        _ => same(&[]),
    }
}

fn refused(resource: Resource) -> Fate {
    let detail = "forbidden for system:serviceaccount:audit:kube-assay";
    Fate::Ends(Listing::Unknown(Reason::new(Cause::PermissionDenied, format!("list {resource}"), detail)))
}

fn without(world: &World, resource: Resource, fate: Fate) -> Answers {
    let mut less = world.clone();
    less.fates.insert(resource, fate);
    answers(&less)
}

fn verdicts(answers: &Answers) -> BTreeMap<&'static str, &'static str> {
    answers.iter().map(|(control, answer)| (*control, answer.verdict)).collect()
}

fn with(before: &Answers, controls: &[&'static str], verdict: &'static str) -> BTreeMap<&'static str, &'static str> {
    let mut all = verdicts(before);
    all.extend(controls.iter().map(|control| (*control, verdict)));
    all
}

#[test]
fn what_is_not_seen_is_unknown() {
    let world = World::of(Edition::Hardened);
    let before = answers(&world);
    for resource in Resource::ALL {
        let (whole, part) = needed(resource);
        let after = without(&world, resource, refused(resource));
        assert_eq!(verdicts(&after), with(&before, &whole, "unknown"), "{resource}: refused");
        for control in &whole {
            let everything = &after[control].everything;
            assert!(
                everything.contains(&format!("list {resource}")),
                "{control} names the right that is missing: {everything}"
            );
        }
        let after = without(&world, resource, Fate::Ends(Listing::Absent));
        // If a kind is not installed, its policies cover nothing. But Gatekeeper's webhook is present, so its
        // constraints exist and were not listed.
        let is_only_list = resource == Resource::GatekeeperConstraints;
        let verdict = if resource.served().optional && !is_only_list { "fail" } else { "unknown" };
        assert_eq!(verdicts(&after), with(&before, &whole, verdict), "{resource}: absent");
        for junk in [r#"{"metadata":3}"#, r#"{"metadata":{"name":["a"]}}"#, r#""text""#] {
            let after = without(&world, resource, Fate::Junk(junk));
            assert_eq!(verdicts(&after), with(&before, &part, "unknown"), "{resource}: {junk}");
        }
    }
}

/// Whether more objects of a resource could turn a control's failure into a pass.
fn could_make_up(control: &str, resource: Resource) -> bool {
    let is_of_networks = needed(resource) == needed(Resource::NetworkPolicies);
    match control {
        "workloads/network-policies" => is_of_networks,
        "eks/network-policies-enforced" => is_of_networks || needed(resource).0 == OF_PODS,
        "pod-security/policy-mechanism" => needed(resource) == (vec!["pod-security/policy-mechanism"], Vec::new()),
        // An account may have rights through the missing objects.
        "rbac/token-mounts" => needed(resource).1 == OF_RIGHTS,
        // They might include a plugin that enforces policies.
        "workloads/network-policy-support" => needed(resource).0.starts_with(&OF_PODS),
        _ => false,
    }
}

#[test]
fn nothing_passes_for_want_of_objects() {
    for edition in [Edition::Careless, Edition::Eks] {
        let world = World::of(edition);
        let before = answers(&world);
        for resource in Resource::ALL {
            for (how, fate) in [
                ("refused", refused(resource)),
                ("absent", Fate::Ends(Listing::Absent)),
                ("broken", Fate::Junk(r#"{"metadata":3}"#)),
            ] {
                for (control, after) in without(&world, resource, fate.clone()) {
                    let before = before[control].verdict;
                    let allowed: &[&str] = match before {
                        "fail" => &["fail", "unknown"],
                        "manual" => &["manual", "unknown"],
                        "pass" => &["pass", "fail", "unknown"],
                        other => panic!("{control} is {other}"),
                    };
                    assert!(
                        allowed.contains(&after.verdict),
                        "{edition:?} {resource} {how}: {control} is {}",
                        after.verdict
                    );
                    // Intact objects still offend, unless broken ones could make up for it.
                    if how == "broken" && before == "fail" && !could_make_up(control, resource) {
                        assert_eq!(after.verdict, "fail", "{edition:?} {resource}: {control}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_cluster_that_shows_nothing_passes_nothing() {
    let mut world = World::of(Edition::Hardened);
    for resource in Resource::ALL {
        world.fates.insert(resource, refused(resource));
    }
    let found: BTreeSet<_> = verdicts(&answers(&world)).into_values().collect();
    assert_eq!(found, BTreeSet::from(["manual", "unknown"]));
    let mut eks = World::of(Edition::Eks);
    eks.fates.insert(Resource::ConfigMaps, refused(Resource::ConfigMaps));
    assert_eq!(answers(&eks)["rbac/system-masters"].verdict, "unknown");
}
