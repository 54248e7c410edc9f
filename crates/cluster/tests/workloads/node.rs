//! Evidence from nodes in addition to the API: the Pod Security admission configuration and the kubelet's seccomp
//! default.

use cluster::policy::workloads::{PodSecurityAdmission, PodSecurityConfiguration, SeccompDefault};
use cluster::policy::{Judgement, Outcome};
use serde_json::{Value, json};

use crate::workloads::world::{World, forbidden, good_but, line};

const MECHANISM: &str = "pod-security/policy-mechanism";
/// Controls that, in strict mode, need the level `baseline` or `restricted`.
const BASELINE: &str = "pod-security/privileged";
const RESTRICTED: &str = "pod-security/net-raw";

fn configured(enforced: &str) -> PodSecurityConfiguration {
    PodSecurityConfiguration {
        enforced: enforced.parse().expect("a policy"),
        ..PodSecurityConfiguration::unset("/etc/kubernetes/admission.yaml")
    }
}

fn seen(configuration: PodSecurityConfiguration) -> PodSecurityAdmission {
    PodSecurityAdmission::Seen { configurations: vec![configuration], others: None }
}

fn names(names: &[&str]) -> std::collections::BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A cluster with the namespace `shop`, with a level label or without, and this admission configuration.
fn shop(label: Option<&str>, pod_security: &PodSecurityAdmission) -> World {
    let labels = label.map_or(json!({}), |level| json!({"pod-security.kubernetes.io/enforce": level}));
    let mut world = World::default().namespace("shop", labels).namespace("kube-system", json!({}));
    world.node.pod_security = pod_security.clone();
    world.settings.strict = true;
    world
}

fn others() -> probe::Reason {
    forbidden("the API servers of 2 further nodes")
}

/// A title, the admission configuration, the label, and the outcome of each control that levels decide.
fn cases() -> Vec<(&'static str, PodSecurityAdmission, Option<&'static str>, [Outcome; 3])> {
    let (pass, fail) = (Outcome::Pass, Outcome::Fail);
    let unknown = || Outcome::Unknown(others());
    let [p, f] = [&pass, &fail];
    let all = |outcomes: [&Outcome; 3]| outcomes.map(Clone::clone);
    let exempt = |change: fn(&mut PodSecurityConfiguration)| {
        let mut configuration = configured("restricted");
        change(&mut configuration);
        seen(configuration)
    };
    let several =
        |configuration| PodSecurityAdmission::Seen { configurations: vec![configuration], others: Some(others()) };
    vec![
        ("no label, not seen", PodSecurityAdmission::NotSeen, None, all([f, f, f])),
        ("label, not seen", PodSecurityAdmission::NotSeen, Some("baseline"), all([p, p, f])),
        ("default privileged", seen(configured("privileged")), None, all([f, f, f])),
        ("default baseline", seen(configured("baseline:v1.30")), None, all([p, p, f])),
        ("default restricted", seen(configured("restricted")), None, all([p, p, p])),
        ("a label goes before the default", seen(configured("restricted")), Some("privileged"), all([f, f, f])),
        ("and also where it is higher", seen(configured("privileged")), Some("restricted"), all([p, p, p])),
        ("not given", seen(PodSecurityConfiguration::unset("kube-apiserver")), None, all([f, f, f])),
        ("exempt", exempt(|it| it.namespaces = names(&["shop"])), Some("restricted"), all([f, f, f])),
        ("exempt by default", exempt(|it| it.namespaces = names(&["a", "shop"])), None, all([f, f, f])),
        ("another is exempt", exempt(|it| it.namespaces = names(&["shop-2", "sho"])), None, all([p, p, p])),
        ("a person is exempt", exempt(|it| it.users = names(&["alice"])), None, all([p, p, p])),
        (
            "what makes pods is exempt",
            exempt(|it| it.users = names(&["system:serviceaccount:kube-system:replicaset-controller"])),
            Some("restricted"),
            all([f, f, f]),
        ),
        ("a runtime class is exempt", exempt(|it| it.runtime_classes = names(&["kata"])), None, all([p, p, p])),
        ("turned off", exempt(|it| it.turned_off = Some("--x".to_owned())), Some("restricted"), all([f, f, f])),
        ("unknown, no label", PodSecurityAdmission::Unknown(others()), None, [unknown(), unknown(), unknown()]),
        (
            "unknown, label",
            PodSecurityAdmission::Unknown(others()),
            Some("restricted"),
            [unknown(), unknown(), unknown()],
        ),
        (
            "unknown, but the label is too low",
            PodSecurityAdmission::Unknown(others()),
            Some("privileged"),
            all([f, f, f]),
        ),
        ("several, no label", several(configured("restricted")), None, [unknown(), unknown(), unknown()]),
        ("several, label", several(configured("privileged")), Some("restricted"), all([p, p, p])),
        ("several, and this one is weak", several(configured("baseline")), None, [unknown(), unknown(), fail.clone()]),
        (
            "the weaker of two counts",
            PodSecurityAdmission::Seen {
                configurations: vec![configured("restricted"), configured("baseline")],
                others: None,
            },
            None,
            all([p, p, f]),
        ),
    ]
}

#[test]
fn the_api_servers_default_and_exemptions_count() {
    for (what, pod_security, label, expected) in cases() {
        for (control, expected) in [MECHANISM, BASELINE, RESTRICTED].into_iter().zip(expected) {
            assert_eq!(shop(label, &pod_security).outcome(control), expected, "{control}: {what}");
        }
        // Without strict mode, levels do not affect the control.
        let mut world = shop(label, &pod_security);
        world.settings.strict = false;
        assert_eq!(world.outcome(BASELINE), Outcome::Pass, "{what}");
    }
}

#[test]
fn a_policy_covers_what_pod_security_does_not_or_may_not() {
    for (what, pod_security, label, _) in cases() {
        let mut world = shop(label, &pod_security);
        let rules = json!([{"apiGroups": [""], "operations": ["CREATE"], "resources": ["pods"]}]);
        let webhooks =
            json!({"metadata": {"name": "kyverno-resource-validating"}, "webhooks": [{"name": "v", "rules": rules}]});
        world.admission.webhooks.items.push(serde_json::from_value(webhooks).expect("a webhook"));
        assert_eq!(world.outcome(MECHANISM), Outcome::Pass, "{what}");
    }
}

#[test]
fn evidence_names_what_was_found_and_where() {
    let offenders = |world: &World, control: &str| world.judge(control).offenders.iter().map(line).collect::<Vec<_>>();
    let noted = |judgement: Judgement| judgement.noted.iter().map(line).collect::<Vec<_>>();
    let mut configuration = configured("baseline:v1.30");
    configuration.runtime_classes = names(&["kata"]);
    configuration.users = (10..22).map(|number| format!("user-{number}")).collect();
    let world = shop(None, &seen(configuration.clone()));
    let said = "//: Pod Security by default: enforce baseline:v1.30 (/etc/kubernetes/admission.yaml); exempt users: \
                user-10, user-11, user-12, user-13, user-14, user-15, user-16, user-17, user-18, user-19, 2 more; \
                exempt runtime classes: kata";
    assert_eq!(noted(world.judge(MECHANISM)), [said]);
    assert_eq!(noted(world.judge(RESTRICTED)), [said]);
    assert_eq!(
        offenders(&world, RESTRICTED),
        ["/Namespace/shop: pod-security.kubernetes.io/enforce: not set (default baseline:v1.30, \
          /etc/kubernetes/admission.yaml), expected restricted"]
    );
    configuration.namespaces = names(&["shop"]);
    assert_eq!(
        offenders(&shop(Some("restricted"), &seen(configuration)), RESTRICTED),
        ["/Namespace/shop: pod-security.kubernetes.io/enforce: restricted, without effect (exemptions.namespaces in \
          /etc/kubernetes/admission.yaml), expected restricted"]
    );
    let off = PodSecurityConfiguration {
        turned_off: Some("--disable-admission-plugins of kube-apiserver".to_owned()),
        ..configured("restricted")
    };
    assert_eq!(
        offenders(&shop(None, &seen(off)), MECHANISM),
        [
            "/Namespace/shop: pod-security.kubernetes.io/enforce: not set, without effect (Pod Security is turned off by \
          --disable-admission-plugins of kube-apiserver), no admission policy or policy engine covers its pods"
        ]
    );
    assert_eq!(noted(shop(None, &PodSecurityAdmission::NotSeen).judge(MECHANISM)), [""; 0]);
}

/// `DaemonSet` pods without a seccomp profile on these nodes; an empty name is an unscheduled pod.
fn on(nodes: &[&str], seccomp_default: &SeccompDefault) -> World {
    let mut world = World::default();
    for (number, node) in nodes.iter().enumerate() {
        let mut spec = good_but("/securityContext/seccompProfile", Value::Null);
        spec["nodeName"] = json!(node);
        world = world.pod(&format!("shop/web-{number}"), "DaemonSet/web", spec);
    }
    world.node.seccomp_default = seccomp_default.clone();
    world
}

#[test]
fn a_kubelets_default_for_seccomp_counts_for_the_pods_of_its_node() {
    let this = SeccompDefault::On("n-1".to_owned());
    let all = SeccompDefault::Everywhere("n-1".to_owned());
    for (nodes, default, expected) in [
        (&["n-1"][..], &SeccompDefault::NotSeen, Outcome::Fail),
        (&["n-1"], &this, Outcome::Pass),
        (&["n-1", "n-1"], &this, Outcome::Pass),
        (&["n-2"], &this, Outcome::Fail),
        (&["n-1", "n-2"], &this, Outcome::Fail),
        (&["n-2", "n-1", "n-1"], &this, Outcome::Fail),
        (&["n-1", ""], &this, Outcome::Fail),
        (&[""], &this, Outcome::Fail),
        (&["n-10"], &this, Outcome::Fail),
        (&["n-1", ""], &all, Outcome::Pass),
    ] {
        for control in ["workloads/seccomp-profile", "workloads/security-context"] {
            assert_eq!(on(nodes, default).outcome(control), expected, "{control} {nodes:?} {default:?}");
        }
    }
    let judgement = on(&["n-1", "n-1"], &this).judge("workloads/seccomp-profile");
    let exempt: Vec<String> =
        judgement.exempt.iter().map(|(seen, reason)| format!("{}; {reason}", line(seen))).collect();
    assert_eq!(
        exempt,
        [
            "shop/DaemonSet/web [web] (2 pods): seccompProfile: not set; seccompDefault: true of the kubelet on node n-1 \
          gives it the container runtime's profile"
        ]
    );
}

#[test]
fn a_kubelets_default_makes_up_for_nothing_else() {
    let mut spec = good_but("/containers/0/securityContext/capabilities", Value::Null);
    spec["securityContext"]["seccompProfile"] = Value::Null;
    spec["nodeName"] = json!("n-1");
    let mut world = World::default().pod("shop/web", "", spec);
    world.node.seccomp_default = SeccompDefault::On("n-1".to_owned());
    let judgement = world.judge("workloads/security-context");
    assert_eq!(
        judgement.offenders.iter().map(line).collect::<Vec<_>>(),
        ["shop/Pod/web [web] (1 pod): capabilities.drop: ALL missing"]
    );
    assert_eq!(judgement.exempt.len(), 1);
}
