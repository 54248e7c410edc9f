//! The unchanged editions: their correct answers, and the same answers from a recording.

use std::collections::{BTreeMap, BTreeSet};

use cluster::lists::{Recorded, record};
use definitions::SharedText;
use definitions::benchmark::Value;

use super::answers::{Answers, answers, answers_with, general, right};
use super::world::{Edition, World};

fn held_against_the_right_ones(edition: Edition, found: &Answers) {
    let right = right(edition);
    let known: BTreeSet<&str> = right.keys().map(String::as_str).collect();
    assert_eq!(known, general().collect(), "{edition:?}: each control has an answer");
    let mut differences = Vec::new();
    for (control, answer) in found {
        differences.extend(right[*control].differs(answer).into_iter().map(|line| format!("{control}\n    {line}")));
    }
    assert!(differences.is_empty(), "{edition:?}:\n{}", differences.join("\n"));
}

#[test]
fn each_control_gives_the_right_answer() {
    for edition in Edition::ALL {
        held_against_the_right_ones(edition, &answers(&World::of(edition)));
    }
}

#[test]
fn the_files_are_read_as_they_are() {
    for edition in [Edition::Hardened, Edition::Eks] {
        held_against_the_right_ones(edition, &answers(&edition.documents()));
        assert_eq!(World::of(edition).replaced, BTreeSet::new(), "{edition:?}");
    }
    let changed = ["ClusterRoleBinding cluster-admin".to_owned()];
    assert_eq!(World::of(Edition::Careless).replaced, changed.into());
}

#[test]
fn the_clusters_are_large_enough() {
    let counts = Edition::ALL.map(|edition| World::of(edition).len());
    println!("{counts:?} objects");
    assert!(counts[0] >= 400 && counts[1] >= 400 && counts[2] >= 200, "{counts:?}");
}

/// The prefix of values that must not leave a cluster.
const CANARY: &str = "canary";

#[test]
fn a_recording_gives_the_same_answers_and_holds_no_secret() {
    for edition in Edition::ALL {
        let world = World::of(edition);
        let planted = world.ids().filter(|id| world.get(id).to_string().contains(CANARY)).count();
        assert!(planted > 40, "{planted} objects with something to hide");
        let text = record(&world).expect("a recording");
        let place = text.find(CANARY).map(|at| &text[at.saturating_sub(200)..(at + 60).min(text.len())]);
        assert_eq!(place, None, "{edition:?}");
        let recorded = Recorded::parse("recording.json", text.clone()).expect("a recording");
        let (live, again) = (answers(&world), answers(&recorded));
        assert_eq!(live, again, "{edition:?}");
        for (control, answer) in &live {
            assert!(!answer.everything.contains(CANARY), "{control}: {}", answer.everything);
        }
        assert_eq!(
            record(&recorded).expect("a recording").replace("recording.json", "golden/clusters"),
            text,
            "{edition:?}"
        );
    }
}

/// Returns the objects that a control names if a parameter is set.
fn named(edition: Edition, parameter: &str, control: &str) -> BTreeSet<String> {
    let parameters = BTreeMap::from([(parameter.into(), Value::Bool(true))]);
    let mut all = answers_with(&World::of(edition), &parameters);
    all.remove(control).expect("a control").offenders.into_iter().map(|(line, _)| line).collect()
}

fn lines(kind: &str, names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| format!("{kind} {name}")).collect()
}

#[test]
fn stricter_parameters_ask_for_what_keeps_it_so() {
    let below_baseline =
        ["batch", "depot", "lab", "local-path-storage", "media", "press", "trial", "vmware-system-csi"];
    let below_restricted = [&below_baseline[..], &["data", "windows-apps"]].concat();
    for (control, names) in [
        ("pod-security/privileged", &below_baseline[..]),
        ("pod-security/host-path", &below_baseline),
        ("pod-security/windows-host-process", &below_baseline),
        ("pod-security/net-raw", &below_restricted),
        ("pod-security/root-containers", &below_restricted),
        ("workloads/seccomp-profile", &[]),
    ] {
        assert_eq!(named(Edition::Hardened, "strict", control), lines("Namespace", names), "{control}");
    }
    // The default accounts of namespaces with pods that mount a token.
    let accounts = ["cert-manager", "flux-system", "kyverno", "local-path-storage", "vmware-system-csi"];
    let accounts = accounts.map(|namespace| format!("ServiceAccount {namespace}/default"));
    assert_eq!(named(Edition::Hardened, "strict", "rbac/default-service-accounts"), accounts.into());
    // Policies that select all pods, including one that allows all traffic.
    let control = "workloads/network-policies";
    assert_eq!(named(Edition::Hardened, "default_deny", control), BTreeSet::new());
    let names = ["ci", "default", "dev", "legacy", "local-path-storage", "tools", "vmware-system-csi", "web"];
    assert_eq!(named(Edition::Careless, "default_deny", control), lines("Namespace", &names));
}

#[test]
fn images_are_held_against_the_approved_registries() {
    let approving = |edition, registries: &[&str]| {
        let list = Value::List(registries.iter().map(|registry| SharedText::from(*registry)).collect());
        let mut all = answers_with(&World::of(edition), &BTreeMap::from([("registries".into(), list)]));
        all.remove("image-registry/approved-registries").expect("a control")
    };
    let eks = approving(Edition::Eks, &["registry.example.com"]);
    assert_eq!((eks.verdict, eks.offenders.len()), ("pass", 0), "{:?}", eks.offenders);
    let exempt: BTreeSet<&str> = eks.exempt.iter().map(|(line, _)| line.as_str()).collect();
    assert!(exempt.contains("DaemonSet kube-system/aws-node [container aws-node]"), "{exempt:?}");
    assert!(exempt.iter().all(|line| line.contains(" kube-system/")), "{exempt:?}");
    let other = approving(Edition::Eks, &["registry.example.org", "registry.example.com/we"]);
    let offenders: BTreeSet<&str> = other.offenders.iter().map(|(line, _)| line.as_str()).collect();
    let expected = [
        "DaemonSet amazon-cloudwatch/cloudwatch-agent [container otc-container]",
        "Deployment shop/web [container web]",
    ];
    assert_eq!((other.verdict, offenders), ("fail", expected.into()));
    assert_eq!(approving(Edition::Eks, &["not a registry"]).verdict, "unknown");
    // In a kubeadm cluster, only static pods are exempt.
    let kubeadm = approving(Edition::Hardened, &["registry.example.org"]);
    assert!(kubeadm.exempt.iter().all(|(line, _)| line.starts_with("Pod kube-system/")), "{:?}", kubeadm.exempt);
    assert!(kubeadm.verdict == "fail" && !kubeadm.exempt.is_empty());
}
