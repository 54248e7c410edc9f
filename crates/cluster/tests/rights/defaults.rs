//! A cluster of Kubernetes 1.36.2 as kubeadm makes it, with random roles and bindings beside: the defaults are exempt, the
//! others are not.

use cluster::policy::exemption::{Exempt, Exemptions};
use cluster::policy::rights::{CONTROLS, Rights, judge};
use cluster::policy::{Judgement, Outcome, Seen};
use cluster::rbac::{Binding, Lists, Rbac};

use crate::made::lists;

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

/// What Kubernetes and kubeadm have made.
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

#[test]
fn random_bindings_offend_where_a_plain_reading_says_so() {
    let exemptions = exemptions();
    let names = |control: &str| {
        let judgement = judged(control, lists(OBJECTS), &exemptions);
        let mut names: Vec<String> = judgement.offenders.iter().map(|seen| seen.object.to_string()).collect();
        names.dedup();
        names
    };
    for control in CONTROLS {
        let offending = names(control);
        let shipped =
            |name: &String| name.contains(" system:") || name.contains("kubeadm:") || name.contains(" cluster-");
        assert!(!offending.iter().any(shipped), "{control}: {offending:?}");
    }
    assert_eq!(names("rbac/cluster-admin"), [""; 0]);
    assert_eq!(names("rbac/system-masters"), [""; 0]);
    insta(&names("rbac/secrets-access"), "");
}

fn insta(names: &[String], expected: &str) {
    assert_eq!(names.join("\n"), expected);
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
        Exempt::Role { .. } => false,
        Exempt::Subject { .. } => false,
    };
    for (place, exemption) in exemptions.exemptions.iter().enumerate().filter(|(_, own)| here(&own.of)) {
        for control in &exemption.controls {
            let mut fewer = exemptions.clone();
            fewer.exemptions[place].controls.retain(|own| own != control);
            let before = judged(control, lists.clone(), &exemptions);
            let after = judged(control, lists.clone(), &fewer);
            let old = exemption.reason.contains("until Kubernetes");
            assert!(
                old || after.offenders.len() > before.offenders.len() || is_double(exemption, control),
                "{exemption:?}: {control}"
            );
        }
    }
}

/// The role is exempt as well as its default binding.
fn is_double(exemption: &cluster::policy::Exemption, control: &str) -> bool {
    control == "rbac/wildcards"
        && matches!(&exemption.of, Exempt::Binding { role_name, .. } if role_name == "cluster-admin")
}
