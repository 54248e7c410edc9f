//! A kubeadm cluster of Kubernetes 1.36.2 with additional random roles and bindings: the defaults are exempt, the
//! others are not.

use std::collections::BTreeSet;

use cluster::policy::exemption::{Exempt, Exemption, Exemptions};
use cluster::policy::rights::{CONTROLS, Rights, judge};
use cluster::policy::{Judgement, ObjectName, Outcome, Seen};
use cluster::rbac::{Binding, Lists, Place, Rbac, Source};

use crate::rbac::made::{action, lists};

const OBJECTS: &str = include_str!("../oracle/rbac-objects.json");
const EXEMPTIONS: &str = include_str!("../../../../benchmarks/exemptions/rbac.yaml");

pub fn exemptions() -> Exemptions {
    serde_yaml::from_str(EXEMPTIONS).expect("exemptions")
}

pub fn judged(control: &str, lists: Lists, exemptions: &Exemptions) -> Judgement {
    let rbac = Rbac::new(lists);
    let rights = Rights {
        rbac: &rbac,
        exemptions: &exemptions.exemptions,
        critical_namespaces: &exemptions.critical_namespaces,
        masters: &[],
    };
    judge(control, &rights).expect("a control")
}

/// Whether Kubernetes or kubeadm created the binding.
fn is_default(binding: &Binding) -> bool {
    let name = &binding.metadata.name;
    let namespace = &binding.metadata.namespace;
    let made = ["gen-", "anon-discovery", "default-edit", "ghost"];
    !made.iter().any(|start| name.starts_with(start)) && (namespace.is_empty() || namespace.starts_with("kube-"))
}

#[test]
fn a_default_cluster_offends_no_control() {
    let exemptions = exemptions();
    for control in CONTROLS {
        let mut lists = lists(OBJECTS);
        lists.cluster_role_bindings.items.retain(is_default);
        lists.role_bindings.items.retain(is_default);
        let judgement = judged(control, lists, &exemptions);
        assert_eq!(judgement.offenders, [], "{control}");
        let expected = if control == "rbac/system-masters" { Outcome::Manual } else { Outcome::Pass };
        assert_eq!(judgement.outcome, expected, "{control}");
    }
}

#[test]
fn without_exemptions_the_defaults_offend() {
    let exemptions = exemptions();
    for control in CONTROLS {
        let mut lists = lists(OBJECTS);
        lists.cluster_role_bindings.items.retain(is_default);
        lists.role_bindings.items.retain(is_default);
        let with = judged(control, lists.clone(), &exemptions);
        let without = judged(control, lists, &Exemptions::default());
        assert_eq!(without.outcome, Outcome::Fail, "{control}");
        let mut exempt: Vec<Seen> = with.exempt.into_iter().map(|(seen, _)| seen).collect();
        exempt.sort();
        assert_eq!(without.offenders, exempt, "{control}");
    }
}

/// What each control covers, as questions to the authorizer, which agrees with the API server; and whether only
/// cluster-scoped kinds are meant.
const QUESTIONS: &[(&str, &[&str], bool)] = &[
    (
        "rbac/secrets-access",
        &["get secrets", "list secrets", "watch secrets", "patch secrets", "update secrets"],
        false,
    ),
    (
        "rbac/create-pods",
        &[
            "create pods",
            "create replicationcontrollers",
            "create deployments.apps",
            "create daemonsets.apps",
            "create replicasets.apps",
            "create statefulsets.apps",
            "create jobs.batch",
            "create cronjobs.batch",
            "create deployments.extensions",
            "create daemonsets.extensions",
            "create replicasets.extensions",
        ],
        false,
    ),
    ("rbac/create-persistent-volumes", &["create persistentvolumes"], true),
    (
        "rbac/webhook-configurations",
        &[
            "create validatingwebhookconfigurations.admissionregistration.k8s.io",
            "update validatingwebhookconfigurations.admissionregistration.k8s.io",
            "patch validatingwebhookconfigurations.admissionregistration.k8s.io",
            "delete validatingwebhookconfigurations.admissionregistration.k8s.io",
            "deletecollection validatingwebhookconfigurations.admissionregistration.k8s.io",
            "create mutatingwebhookconfigurations.admissionregistration.k8s.io",
            "update mutatingwebhookconfigurations.admissionregistration.k8s.io",
            "patch mutatingwebhookconfigurations.admissionregistration.k8s.io",
            "delete mutatingwebhookconfigurations.admissionregistration.k8s.io",
            "deletecollection mutatingwebhookconfigurations.admissionregistration.k8s.io",
        ],
        true,
    ),
    ("rbac/create-tokens", &["create serviceaccounts/token", "create secrets"], false),
];

#[test]
fn whoever_the_authorizer_lets_do_it_offends_or_is_exempt() {
    let exemptions = exemptions();
    let rbac = Rbac::new(lists(OBJECTS));
    for &(control, questions, cluster_wide) in QUESTIONS {
        let place = if cluster_wide { Place::ClusterWide } else { Place::Anywhere };
        let mut expected = BTreeSet::new();
        for question in questions {
            for grant in rbac.who_can(&action(question), &place) {
                if let Source::Bound { binding, .. } = grant.source {
                    expected.insert((binding.object(), Some(grant.who.to_string())));
                }
            }
        }
        let judgement = judged(control, lists(OBJECTS), &exemptions);
        let seen = judgement.offenders.iter().chain(judgement.exempt.iter().map(|(seen, _)| seen));
        let found: BTreeSet<_> = seen.map(|seen| (seen.object.clone(), seen.part.clone())).collect();
        assert_eq!(found, expected, "{control}");
        // No random role grants persistent volumes.
        let none = control == "rbac/create-persistent-volumes";
        assert_ne!(judgement.offenders.iter().any(|seen| seen.object.name.starts_with("gen-")), none, "{control}");
        let shipped = |seen: &&Seen| is_shipped(&seen.object);
        assert_eq!(judgement.offenders.iter().find(shipped), None, "{control}");
        assert!(judgement.exempt.iter().all(|(seen, _)| is_shipped(&seen.object)), "{control}");
    }
}

fn is_shipped(object: &ObjectName) -> bool {
    ["system:", "kubeadm:", "cluster-admin"].iter().any(|start| object.name.starts_with(start))
}

/// The objects that offend.
fn offending(control: &str, exemptions: &Exemptions) -> Vec<String> {
    let judgement = judged(control, lists(OBJECTS), exemptions);
    let mut names: Vec<String> = judgement.offenders.iter().map(|seen| seen.object.to_string()).collect();
    names.dedup();
    names
}

#[test]
fn the_others_offend_as_a_plain_reading_of_the_objects_says() {
    let exemptions = exemptions();
    assert_eq!(offending("rbac/cluster-admin", &exemptions), [""; 0]);
    assert_eq!(offending("rbac/system-masters", &exemptions), [""; 0]);
    let wildcards = "ClusterRole gen-1; ClusterRole gen-15; ClusterRole gen-17; ClusterRole gen-18; ClusterRole gen-2; \
         ClusterRole gen-28; ClusterRole gen-29; ClusterRole gen-9; Role ra/gen-1; Role ra/gen-3; Role ra/gen-7; \
         Role rb/gen-0; Role rb/gen-4; Role rc/gen-2; Role rd/gen-1";
    assert_eq!(offending("rbac/wildcards", &exemptions).join("; "), wildcards);
    assert_eq!(offending("rbac/bind-impersonate-escalate", &exemptions), ["RoleBinding legacy/default-edit"]);
    assert_eq!(offending("rbac/node-proxy", &exemptions), ["ClusterRoleBinding gen-14"]);
    // gen-0 and gen-17 grant approval; gen-20 grants the signers to all service accounts.
    assert_eq!(
        offending("rbac/approve-certificates", &exemptions),
        ["ClusterRoleBinding gen-0", "ClusterRoleBinding gen-17", "ClusterRoleBinding gen-20"]
    );
}

#[test]
fn every_exemption_of_kubernetes_is_needed() {
    let exemptions = exemptions();
    let lists = lists(OBJECTS);
    let here = |exempt: &Exempt| match exempt {
        Exempt::Binding { binding, .. } => {
            let all = lists.cluster_role_bindings.items.iter().chain(&lists.role_bindings.items);
            all.clone().any(|own| own.object() == *binding)
        }
        Exempt::Role { .. } | Exempt::Subject { .. } => false,
    };
    for (place, exemption) in exemptions.exemptions.iter().enumerate().filter(|(_, own)| here(&own.of)) {
        for control in &exemption.controls {
            let mut fewer = exemptions.clone();
            fewer.exemptions[place].controls.retain(|own| own != control);
            let before = judged(control, lists.clone(), &exemptions);
            let after = judged(control, lists.clone(), &fewer);
            let old = exemption.reason.contains("until Kubernetes");
            let needed = after.offenders.len() > before.offenders.len();
            assert!(old || needed || is_double(exemption, control), "{exemption:?}: {control}");
        }
    }
}

/// Whether the role is exempt in addition to its default binding.
fn is_double(exemption: &Exemption, control: &str) -> bool {
    let of_role = |of: &Exempt| matches!(of, Exempt::Binding { role_name, .. } if role_name == "cluster-admin");
    control == "rbac/wildcards" && of_role(&exemption.of)
}
