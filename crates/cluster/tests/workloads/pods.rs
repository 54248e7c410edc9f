//! Controls decided by pods.

use cluster::policy::Outcome;
use cluster::policy::workloads::{SeccompDefault, Settings};
use serde_json::{Value, json};

use crate::workloads::world::{World, forbidden, good, good_but, line, parse};

#[expect(clippy::too_many_lines, reason = "a table")]
/// Control, JSON pointer, a value there that offends, and the resulting line.
fn objections() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    const SECURITY: &str = "/containers/0/securityContext";
    let container = |field: &str| -> &'static str { Box::leak(format!("{SECURITY}/{field}").into_boxed_str()) };
    vec![
        ("pod-security/privileged", container("privileged"), json!(true), "[web] (1 pod): privileged: true"),
        ("pod-security/host-pid", "/hostPID", json!(true), "(1 pod): hostPID: true"),
        ("pod-security/host-ipc", "/hostIPC", json!(true), "(1 pod): hostIPC: true"),
        ("pod-security/host-network", "/hostNetwork", json!(true), "(1 pod): hostNetwork: true"),
        (
            "pod-security/windows-host-process",
            container("windowsOptions"),
            json!({"hostProcess": true}),
            "[web] (1 pod): windowsOptions.hostProcess: true",
        ),
        (
            "pod-security/host-path",
            "/volumes",
            json!([{"name": "v", "hostPath": {"path": "/etc"}}, {"name": "w", "hostPath": {"path": "/var"}}]),
            "(1 pod): volume v: hostPath /etc; volume w: hostPath /var",
        ),
        ("pod-security/host-ports", "/containers/0/ports", json!([{"hostPort": 80}]), "[web] (1 pod): hostPort: 80"),
        (
            "pod-security/privilege-escalation",
            container("allowPrivilegeEscalation"),
            Value::Null,
            "[web] (1 pod): allowPrivilegeEscalation: not set (default true)",
        ),
        (
            "pod-security/privilege-escalation",
            container("allowPrivilegeEscalation"),
            json!(true),
            "[web] (1 pod): allowPrivilegeEscalation: true",
        ),
        ("pod-security/root-containers", container("runAsUser"), json!(0), "[web] (1 pod): runAsUser: 0"),
        (
            "pod-security/root-containers",
            "/securityContext/runAsNonRoot",
            Value::Null,
            "[web] (1 pod): runAsNonRoot and runAsUser not set: may run as root",
        ),
        (
            "pod-security/root-containers",
            container("runAsNonRoot"),
            json!(false),
            "[web] (1 pod): runAsNonRoot: false, runAsUser not set: may run as root",
        ),
        (
            "pod-security/net-raw",
            container("capabilities"),
            Value::Null,
            "[web] (1 pod): capabilities.drop: neither ALL nor NET_RAW",
        ),
        (
            "pod-security/net-raw",
            container("capabilities"),
            json!({"drop": ["ALL"], "add": ["NET_RAW"]}),
            "[web] (1 pod): capabilities.add: NET_RAW",
        ),
        (
            "pod-security/net-raw",
            container("capabilities"),
            json!({"drop": ["NET_RAW"], "add": ["ALL"]}),
            "[web] (1 pod): capabilities.add: ALL",
        ),
        (
            "pod-security/added-capabilities",
            container("capabilities"),
            json!({"drop": ["ALL"], "add": ["SYS_ADMIN", "CHOWN"]}),
            "[web] (1 pod): capabilities.add: SYS_ADMIN",
        ),
        (
            "pod-security/assigned-capabilities",
            container("capabilities"),
            json!({"drop": ["NET_RAW"]}),
            "[web] (1 pod): capabilities.drop: ALL missing",
        ),
        (
            "workloads/seccomp-profile",
            "/securityContext/seccompProfile",
            Value::Null,
            "[web] (1 pod): seccompProfile: not set",
        ),
        (
            "workloads/seccomp-profile",
            container("seccompProfile"),
            json!({"type": "Unconfined"}),
            "[web] (1 pod): seccompProfile.type: Unconfined",
        ),
        (
            "workloads/security-context",
            SECURITY,
            Value::Null,
            "[web] (1 pod): allowPrivilegeEscalation: not set (default true); capabilities.drop: ALL missing",
        ),
        (
            "workloads/secrets-as-files",
            "/containers/0/env",
            json!([{"name": "A", "value": "x"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]),
            "[web] (1 pod): env: valueFrom.secretKeyRef",
        ),
        (
            "workloads/secrets-as-files",
            "/containers/0/envFrom",
            json!([{"secretRef": {"name": "s"}}]),
            "[web] (1 pod): envFrom: secretRef",
        ),
    ]
}

/// The specification with its containers moved to another kind of container.
fn as_containers(spec: &Value, kind: &str) -> Value {
    let mut spec = spec.clone();
    spec[kind] = spec["containers"].take();
    spec["containers"] = good()["containers"].clone();
    spec["containers"][0]["name"] = json!("other");
    spec["containers"][0]["securityContext"]["runAsNonRoot"] = json!(true);
    spec["containers"][0]["securityContext"]["seccompProfile"] = json!({"type": "RuntimeDefault"});
    spec
}

#[test]
fn a_pod_that_does_nothing_passes_all_of_them() {
    let world = World::default().pod("shop/web", "", good());
    for (control, ..) in objections() {
        assert_eq!(world.verdict(control), (Outcome::Pass, vec![]), "{control}");
    }
}

#[test]
fn each_control_fails_for_what_it_objects_to() {
    for (control, at, value, found) in objections() {
        let bad = good_but(at, value);
        let world = World::default().pod("shop/web", "", bad.clone());
        let expected = vec![format!("shop/Pod/web {found}")];
        assert_eq!(world.verdict(control), (Outcome::Fail, expected.clone()), "{control}");
        for kind in ["initContainers", "ephemeralContainers"] {
            let world = World::default().pod("shop/web", "", as_containers(&bad, kind));
            assert_eq!(world.verdict(control), (Outcome::Fail, expected.clone()), "{control} {kind}");
        }
    }
}

#[test]
fn each_control_is_deaf_to_what_is_not_its_own() {
    for (control, at, value, _) in objections() {
        let privileged = at.ends_with("/privileged");
        let world = World::default().pod("shop/web", "", good_but(at, value));
        let failed: Vec<&str> = objections()
            .iter()
            .map(|(other, ..)| *other)
            .filter(|other| world.outcome(other) == Outcome::Fail)
            .collect();
        assert!(failed.contains(&control));
        if control == "workloads/secrets-as-files" {
            assert!(failed.iter().all(|failed| *failed == control), "{failed:?}");
        }
        if privileged {
            assert_eq!(failed, ["pod-security/privileged", "workloads/security-context"]);
        }
        for other in [
            "pod-security/host-pid",
            "pod-security/host-ipc",
            "pod-security/host-network",
            "pod-security/host-path",
            "pod-security/host-ports",
            "pod-security/windows-host-process",
            "workloads/secrets-as-files",
        ] {
            assert_eq!(failed.contains(&other), control == other, "{control} {other}");
        }
    }
}

#[test]
fn an_exemption_covers_its_own_control_alone() {
    for (control, at, value, found) in objections() {
        let exemption = |control: &str, controller: &str| json!({"controls": [control], "namespace": "shop", "controller": controller, "reason": "it must"});
        let world = World::default().pod("shop/web", "DaemonSet/web", good_but(at, value));
        let exempt = world.exemption(exemption(control, "DaemonSet/web"));
        let judgement = exempt.judge(control);
        assert_eq!((judgement.outcome, judgement.offenders), (Outcome::Pass, vec![]), "{control}");
        let told: Vec<_> = judgement.exempt.iter().map(|(seen, reason)| (line(seen), reason.as_str())).collect();
        assert_eq!(told, [(format!("shop/DaemonSet/web {found}"), "it must")]);
        for other in [exemption("pod-security/other", "DaemonSet/web"), exemption(control, "Deployment/web")] {
            let mut world = World { exemptions: vec![], ..exempt.judge_with() };
            world = world.exemption(other);
            assert_eq!(world.outcome(control), Outcome::Fail, "{control}");
        }
    }
}

impl World {
    /// The same pods, with all other evidence at its default.
    fn judge_with(&self) -> Self {
        Self { facts: self.facts.clone(), ..Self::default() }
    }
}

#[test]
fn what_was_not_seen_is_unknown_unless_something_fails() {
    for (control, at, value, _) in objections() {
        let good = World::default().pod("shop/web", "", good()).without("pods");
        assert_eq!(good.outcome(control), Outcome::Unknown(forbidden("pods")), "{control}");
        let bad = World::default().pod("shop/web", "", good_but(at, value)).without("deployments.apps");
        assert_eq!(bad.outcome(control), Outcome::Fail, "{control}");
    }
}

#[test]
fn strict_asks_for_what_namespaces_enforce_too() {
    let world = |label: Value, strict| {
        let mut world =
            World::default().pod("shop/web", "", good()).namespace("shop", label).namespace("kube-system", json!({}));
        world.settings = Settings { strict, ..Settings::default() };
        world
    };
    let enforce = |level: &str| json!({"pod-security.kubernetes.io/enforce": level});
    let (low, high) = ("pod-security/privileged", "pod-security/net-raw");
    for (label, expected) in [
        (json!({}), [Outcome::Fail, Outcome::Fail]),
        (enforce("privileged"), [Outcome::Fail, Outcome::Fail]),
        (enforce("baseline"), [Outcome::Pass, Outcome::Fail]),
        (enforce("restricted"), [Outcome::Pass, Outcome::Pass]),
        (enforce("typo"), [Outcome::Pass, Outcome::Pass]),
        (json!({"pod-security.kubernetes.io/warn": "restricted"}), [Outcome::Fail, Outcome::Fail]),
    ] {
        let strict = world(label.clone(), true);
        assert_eq!([strict.outcome(low), strict.outcome(high)], expected, "{label}");
        let lax = world(label, false);
        assert_eq!([lax.outcome(low), lax.outcome(high)], [Outcome::Pass, Outcome::Pass]);
    }
    assert_eq!(
        world(json!({}), true).verdict(low).1,
        ["/Namespace/shop: pod-security.kubernetes.io/enforce: not set, expected baseline"]
    );
    assert_eq!(world(json!({}), true).outcome("workloads/secrets-as-files"), Outcome::Pass);
    let mut unseen = World::default();
    unseen.settings.strict = true;
    unseen.namespaces.missing = Some(forbidden("namespaces"));
    assert_eq!(unseen.outcome(low), Outcome::Unknown(forbidden("namespaces")));
}

#[test]
fn the_kubelets_default_makes_up_for_profiles_that_are_not_set() {
    let pod =
        |profile: Value| World::default().pod("shop/web", "", good_but("/securityContext/seccompProfile", profile));
    for control in ["workloads/seccomp-profile", "workloads/security-context"] {
        for (profile, expected) in [(Value::Null, Outcome::Pass), (json!({"type": "Unconfined"}), Outcome::Fail)] {
            let mut world = pod(profile);
            assert_eq!(world.outcome(control), Outcome::Fail);
            world.node.seccomp_default = SeccompDefault::Everywhere("n-1".to_owned());
            assert_eq!(world.outcome(control), expected, "{control}");
        }
    }
    let local = pod(json!({"type": "Localhost", "localhostProfile": "p"}));
    assert_eq!(local.outcome("workloads/seccomp-profile"), Outcome::Pass);
}

#[test]
fn annotations_set_profiles_before_1_19() {
    let (pod, container) =
        ("seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/web");
    for (annotations, before) in [
        (json!({}), Outcome::Fail),
        (json!({pod: "runtime/default"}), Outcome::Pass),
        (json!({pod: "docker/default"}), Outcome::Pass),
        (json!({pod: "localhost/p"}), Outcome::Pass),
        (json!({pod: "p/localhost/"}), Outcome::Fail),
        (json!({pod: "unconfined"}), Outcome::Fail),
        (json!({pod: "runtime/default", container: "unconfined"}), Outcome::Fail),
        (json!({pod: "unconfined", container: "runtime/default"}), Outcome::Pass),
    ] {
        let spec = good_but("/securityContext/seccompProfile", Value::Null);
        let mut world = World::default();
        world.facts.see_pod(&parse(json!({"metadata": {"name": "web", "annotations": annotations}, "spec": spec})));
        assert_eq!(world.outcome("workloads/seccomp-profile"), Outcome::Fail, "{annotations} since");
        world.node.seccomp_default = SeccompDefault::Everywhere("n-1".to_owned());
        assert_eq!(world.outcome("workloads/seccomp-profile"), Outcome::Pass, "{annotations} with the default");
        world.node.seccomp_default = SeccompDefault::NotSeen;
        world.settings.kubernetes = 18;
        assert_eq!(world.outcome("workloads/seccomp-profile"), before, "{annotations} before");
    }
}

#[test]
fn a_containers_profile_goes_before_the_pods() {
    let mut spec = good_but("/securityContext/seccompProfile", json!({"type": "Unconfined"}));
    spec["containers"][0]["securityContext"]["seccompProfile"] = json!({"type": "RuntimeDefault"});
    assert_eq!(World::default().pod("shop/web", "", spec).outcome("workloads/seccomp-profile"), Outcome::Pass);
}

#[test]
fn windows_and_user_namespaces_are_left_out_where_they_know_no_such_thing() {
    let bare = json!({"os": {"name": "windows"}, "containers": [{"name": "web"}]});
    let windows = World::default().pod("shop/web", "", bare);
    for (control, expected) in [
        ("pod-security/privilege-escalation", Outcome::Pass),
        ("pod-security/net-raw", Outcome::Pass),
        ("pod-security/assigned-capabilities", Outcome::Pass),
        ("workloads/seccomp-profile", Outcome::Pass),
        ("pod-security/root-containers", Outcome::Fail),
    ] {
        assert_eq!(windows.outcome(control), expected, "{control}");
    }
    let mut spec = good_but("/hostUsers", json!(false));
    spec["securityContext"]["runAsNonRoot"] = Value::Null;
    assert_eq!(World::default().pod("shop/web", "", spec).outcome("pod-security/root-containers"), Outcome::Pass);
}

#[test]
fn a_user_other_than_root_is_enough() {
    let mut spec = good_but("/securityContext", json!({"runAsUser": 1000}));
    assert_eq!(
        World::default().pod("shop/web", "", spec.clone()).outcome("pod-security/root-containers"),
        Outcome::Pass
    );
    spec["containers"][0]["securityContext"]["runAsUser"] = json!(0);
    assert_eq!(World::default().pod("shop/web", "", spec).outcome("pod-security/root-containers"), Outcome::Fail);
}
