//! An EKS Anywhere management cluster with a violation of each control that objects decide, and objects that only
//! resemble violations.

use std::collections::{BTreeMap, BTreeSet};

use cluster::lists::{Recorded, record};
use cluster::{Cluster, Listing, Resource};
use probe::{Cause, Reason};
use serde_json::{Value, json};

use super::answers::{Answer, answers_of, of_eks_anywhere, right};
use super::world::{Edition, Fate, World};

fn told(cluster: &dyn Cluster) -> BTreeMap<&'static str, Answer> {
    answers_of(cluster, of_eks_anywhere())
}

#[test]
fn each_control_gives_the_right_answer() {
    let world = World::of(Edition::Management);
    let right = right(Edition::Management);
    let mut differences = Vec::new();
    for (control, answer) in told(&world) {
        let wanted = right.get(control).unwrap_or_else(|| panic!("{control} has no answer"));
        differences.extend(wanted.differs(&answer).into_iter().map(|line| format!("{control}\n    {line}")));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let own = world.len() - World::of_layer("kubernetes").len();
    assert!(own >= 120, "{own} objects");
}

#[test]
fn a_recording_gives_the_same_answers_and_holds_no_secret() {
    let world = World::of(Edition::Management);
    let text = record(&world).expect("a recording");
    let place = text.find("canary").map(|at| &text[at.saturating_sub(200)..(at + 60).min(text.len())]);
    assert_eq!(place, None);
    let recorded = Recorded::parse("recording.json", text.clone()).expect("a recording");
    let live = told(&world);
    assert_eq!(live, told(&recorded));
    for (control, answer) in &live {
        assert!(!answer.everything.contains("canary"), "{control}: {}", answer.everything);
    }
    let again = record(&recorded).expect("a recording").replace("recording.json", "golden/clusters");
    assert_eq!(again, text);
}

/// A change of one object, and the controls of which it removes an offender.
type Fix = (&'static str, fn(&mut Value), &'static [&'static str]);

/// The changes that fix the violations, by object; objects to remove are in [`GONE`].
const FIXES: [Fix; 24] = [
    (
        "ClusterRoleBinding capx-manager-rolebinding",
        |object| drop(list(&mut object["subjects"]).pop()),
        &["foreign-cluster-roles", "own-rights", "credential-readers"],
    ),
    ("ClusterRole etcdadm-controller-manager-role", |object| drop(list(&mut object["rules"]).pop()), &["own-rights"]),
    ("ClusterRole helper", |object| object["metadata"]["labels"] = json!({}), &["aggregation"]),
    (
        "KubeadmControlPlane eksa-system/metal",
        |object| drop(list(&mut object["spec"]["kubeadmConfigSpec"]["files"]).pop()),
        &["credentials-outside-secrets"],
    ),
    (
        "Deployment eksa-system/tinkerbell",
        |object| object["spec"]["template"]["spec"]["containers"][0]["env"] = json!([]),
        &["credentials-outside-secrets", "tinkerbell-exposure"],
    ),
    (
        "Cluster default/prod",
        |object| object["spec"]["proxyConfiguration"] = Value::Null,
        &["credentials-outside-secrets"],
    ),
    (
        "Cluster default/prod",
        |object| object["spec"]["etcdEncryption"] = json!([{"resources": ["secrets"]}]),
        &["encryption-at-rest"],
    ),
    (
        "GitRepository apps/legacy",
        |object| object["spec"]["url"] = json!("https://git.example.com/legacy"),
        &["git-transport"],
    ),
    ("Kustomization apps/shop", |object| object["spec"]["serviceAccountName"] = json!("shop"), &["kustomizations"]),
    (
        "VSphereMachineConfig default/prod-cp",
        |object| object["spec"]["users"][0]["sshAuthorizedKeys"] = json!(["ssh-ed25519 AAAAOwn"]),
        &["ssh-keys"],
    ),
    (
        "NutanixMachineConfig default/ntx-cp",
        |object| object["spec"]["users"][0]["sshAuthorizedKeys"] = json!(["ssh-ed25519 AAAANtx"]),
        &["ssh-keys"],
    ),
    ("VSphereDatacenterConfig default/prod", |object| object["spec"]["insecure"] = json!(false), &["provider-tls"]),
    (
        "Node mgmt-md-0-old",
        |object| object["status"]["nodeInfo"]["osImage"] = json!("Bottlerocket OS 1.64.0 (vmware-k8s-1.35)"),
        &["bottlerocket-version"],
    ),
    (
        "Cluster default/prod",
        |object| object["spec"]["controlPlaneConfiguration"]["skipAdmissionForSystemResources"] = json!(true),
        &["webhook-protection"],
    ),
    (
        "ValidatingWebhookConfiguration policy-engine",
        |object| object["webhooks"][0]["failurePolicy"] = json!("Ignore"),
        &["foreign-webhooks"],
    ),
    ("AWSIamConfig default/prod", |object| object["spec"]["mapRoles"] = json!([]), &["mapped-administrators"]),
    (
        "AWSIamConfig default/mgmt",
        |object| {
            list(&mut object["spec"]["mapRoles"]).push(json!({"roleARN": "arn:aws:iam::111122223333:role/Contractor", "username": "contractor", "groups": ["viewers"]}));
        },
        &["mapping-drift"],
    ),
    ("OIDCConfig default/prod", |object| object["spec"]["groupsPrefix"] = json!("oidc:"), &["oidc"]),
    (
        "Cluster default/ntx",
        |object| object["status"]["clusterCertificateInfo"][0]["expiresInDays"] = json!(300),
        &["served-certificates"],
    ),
    (
        "KubeadmControlPlane eksa-system/ntx",
        |object| object["metadata"]["annotations"] = json!({}),
        &["paused-control-planes"],
    ),
    (
        "Cluster default/metal",
        |object| object["spec"]["registryMirrorConfiguration"]["insecureSkipVerify"] = json!(false),
        &["mirror-verification"],
    ),
    (
        "Cluster default/metal",
        |object| object["spec"]["podIamConfig"]["serviceAccountIssuer"] = json!("https://issuer.example.com/metal"),
        &["irsa"],
    ),
    (
        "KubeadmControlPlane eksa-system/prod",
        |object| {
            object["spec"]["kubeadmConfigSpec"]["files"][1]["content"] =
                json!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]");
        },
        &["audit-policy"],
    ),
    (
        "Bundles eksa-system/bundles-95",
        |object| object["metadata"]["annotations"] = json!({"anywhere.eks.amazonaws.com/signature": "x"}),
        &["signed-bundle"],
    ),
];

/// Objects to remove, and the controls of which that removes an offender.
const GONE: [(&str, &[&str]); 5] = [
    ("RoleBinding eksa-system/debug", &["foreign-role-bindings", "credential-readers"]),
    ("Role eksa-system/debug", &["foreign-roles"]),
    ("RoleBinding capv-system/ops", &["foreign-role-bindings"]),
    ("ClusterRoleBinding view-pods", &["foreign-cluster-roles"]),
    ("ClusterRoleBinding breakglass", &["foreign-cluster-roles", "cluster-admin", "credential-readers"]),
];

fn list(value: &mut Value) -> &mut Vec<Value> {
    value.as_array_mut().expect("a list")
}

/// Upgrades the cluster whose versions are too old for every control.
fn upgrade(world: &mut World) {
    world.edit("Cluster default/ntx", |object| {
        object["spec"]["eksaVersion"] = json!("v0.26.1");
        object["spec"]["kubernetesVersion"] = json!("1.35");
        object["spec"]["controlPlaneConfiguration"]["skipAdmissionForSystemResources"] = json!(true);
        object["spec"]["clusterNetwork"] = json!({"cniConfig": {"cilium": {}}});
    });
}

fn fewer(before: &BTreeMap<&'static str, Answer>, after: &BTreeMap<&'static str, Answer>) -> BTreeSet<String> {
    let controls = before.iter().filter(|(control, answer)| answer.offenders.len() > after[*control].offenders.len());
    controls.map(|(control, _)| control.trim_start_matches("eks-anywhere/").to_owned()).collect()
}

#[test]
fn each_fault_is_that_of_its_object() {
    let mut world = World::of(Edition::Management);
    let mut before = told(&world);
    let names = |controls: &[&str]| controls.iter().map(|control| (*control).to_owned()).collect::<BTreeSet<_>>();
    for (id, controls) in GONE {
        world.remove(id);
        let after = told(&world);
        assert_eq!(fewer(&before, &after), names(controls), "without {id}");
        before = after;
    }
    for (id, fix, controls) in FIXES {
        world.edit(id, fix);
        let after = told(&world);
        assert_eq!(fewer(&before, &after), names(controls), "{id}");
        before = after;
    }
    upgrade(&mut world);
    let after = told(&world);
    let controls = ["version", "kubernetes-support", "version-skew", "policy-mode"];
    assert_eq!(fewer(&before, &after), names(&controls));
    for (control, answer) in after {
        assert!(matches!(answer.verdict, "pass" | "manual"), "{control} is {}: {:#?}", answer.verdict, answer);
    }
}

#[test]
fn nothing_passes_for_want_of_objects() {
    let mut clean = World::of(Edition::Management);
    for (id, _) in &GONE {
        clean.remove(id);
    }
    for (id, fix, _) in FIXES {
        clean.edit(id, fix);
    }
    upgrade(&mut clean);
    let before = told(&clean);
    let mut seen_unknown = BTreeSet::new();
    for resource in Resource::ALL {
        let reason = Reason::new(Cause::PermissionDenied, format!("list {resource}"), "forbidden for auditor");
        for fate in [Fate::Ends(Listing::Unknown(reason)), Fate::Junk(r#"{"metadata":3}"#)] {
            let mut less = clean.clone();
            less.fates.insert(resource, fate);
            for (control, answer) in told(&less) {
                let allowed: &[&str] = match before[control].verdict {
                    "pass" => &["pass", "fail", "unknown"],
                    _ => &["manual", "unknown", "not applicable"],
                };
                assert!(allowed.contains(&answer.verdict), "{resource}: {control} is {}", answer.verdict);
                if answer.verdict == "unknown" {
                    seen_unknown.insert(control);
                }
            }
        }
    }
    // Each control depends on something that can be refused.
    assert_eq!(seen_unknown, of_eks_anywhere().collect());
}
