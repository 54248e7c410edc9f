//! Cases that the recorded answers of an API server lack: ephemeral containers, Windows, inheritance, and the
//! boundaries of each check.

use serde_json::{Map, Value, json};

use crate::pods::violated;

/// A pod that violates nothing.
pub fn good() -> Value {
    let container = |name: &str| {
        json!({"name": name, "image": "registry.example/app:1", "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}})
    };
    json!({"metadata": {"name": "p"}, "spec": {
        "initContainers": [container("i")],
        "containers": [container("c"), container("d")],
        "ephemeralContainers": [container("e")],
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}}})
}

pub fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key).or_insert(Value::Object(Map::new())), value);
            }
        }
        (into, patch) => *into = patch.clone(),
    }
}

/// The good pod with a patch merged at a JSON pointer.
pub fn pod(at: &str, patch: &str) -> Value {
    let mut pod = good();
    merge(pod.pointer_mut(at).unwrap(), &serde_json::from_str(patch).unwrap());
    pod
}

pub const SPEC: &str = "/spec";
pub const CONTAINERS: [&str; 4] =
    ["/spec/initContainers/0", "/spec/containers/0", "/spec/containers/1", "/spec/ephemeralContainers/0"];

type Fact = (&'static str, &'static str, &'static [&'static str]);

/// Checks the violations of each fact's patch and policy.
pub fn check(at: &str, facts: &[Fact]) {
    for (patch, policy, expected) in facts {
        assert_eq!(&violated(&pod(at, patch), policy), expected, "{at}: {patch} by {policy}");
    }
}

/// Like [`check`], for the container's security context.
fn check_security(at: &str, facts: &[Fact]) {
    check(&format!("{at}/securityContext"), facts);
}

#[test]
fn the_good_pod_violates_nothing() {
    for minor in 0..=40 {
        for level in ["privileged", "baseline", "restricted"] {
            assert_eq!(violated(&good(), &format!("{level}:v1.{minor}")), [""; 0]);
        }
    }
}

#[test]
fn an_empty_pod_violates_only_what_asks_for_something_of_containers() {
    assert_eq!(violated(&json!({}), "restricted"), [""; 0]);
    assert_eq!(
        violated(&json!({"spec": {"containers": [{}]}}), "restricted"),
        ["allowPrivilegeEscalation != false", "runAsNonRoot != true", "seccompProfile", "unrestricted capabilities"]
    );
}

#[test]
fn containers_of_each_kind_are_judged() {
    for at in CONTAINERS {
        check(
            at,
            &[
                (r#"{"securityContext": null}"#, "baseline", &[]),
                (
                    r#"{"securityContext": null}"#,
                    "restricted",
                    &["allowPrivilegeEscalation != false", "unrestricted capabilities"],
                ),
                (r#"{"ports": [{"containerPort": 80, "hostPort": 80}]}"#, "baseline", &["hostPort"]),
                (r#"{"ports": [{"containerPort": 80}, {"hostPort": 0}, {"hostPort": null}, null]}"#, "restricted", &[]),
            ],
        );
        check_security(
            at,
            &[
                (r#"{"privileged": true}"#, "baseline", &["privileged"]),
                (r#"{"privileged": true}"#, "restricted", &["privileged"]),
                (r#"{"privileged": true}"#, "privileged", &[]),
                (r#"{"privileged": false}"#, "restricted", &[]),
                (r#"{"privileged": null}"#, "restricted", &[]),
                (r#"{"allowPrivilegeEscalation": true}"#, "restricted", &["allowPrivilegeEscalation != false"]),
                (r#"{"allowPrivilegeEscalation": null}"#, "restricted", &["allowPrivilegeEscalation != false"]),
                (r#"{"allowPrivilegeEscalation": true}"#, "restricted:v1.8", &["allowPrivilegeEscalation != false"]),
                (r#"{"allowPrivilegeEscalation": true}"#, "restricted:v1.7", &[]),
                (r#"{"allowPrivilegeEscalation": true}"#, "baseline", &[]),
                (r#"{"procMount": "Unmasked"}"#, "baseline", &["procMount"]),
                (r#"{"procMount": "Unmasked"}"#, "baseline:v1.0", &["procMount"]),
                (r#"{"procMount": "Unmasked"}"#, "restricted", &["procMount"]),
                (r#"{"procMount": "Default"}"#, "restricted", &[]),
                (r#"{"procMount": null}"#, "restricted", &[]),
                (r#"{"procMount": ""}"#, "baseline", &["procMount"]),
                (r#"{"windowsOptions": {"hostProcess": true}}"#, "baseline", &["hostProcess"]),
                (r#"{"windowsOptions": {"hostProcess": false}}"#, "restricted", &[]),
                (r#"{"windowsOptions": null}"#, "restricted", &[]),
            ],
        );
    }
}

#[test]
fn capabilities_are_compared_as_they_are_written() {
    for at in CONTAINERS {
        check_security(
            at,
            &[
                (r#"{"capabilities": {"add": ["NET_BIND_SERVICE"]}}"#, "restricted", &[]),
                (r#"{"capabilities": {"add": ["CHOWN"]}}"#, "baseline", &[]),
                (r#"{"capabilities": {"add": ["CHOWN"]}}"#, "restricted", &["unrestricted capabilities"]),
                (r#"{"capabilities": {"add": ["CHOWN"]}}"#, "restricted:v1.22", &["unrestricted capabilities"]),
                (r#"{"capabilities": {"add": ["CHOWN"]}}"#, "restricted:v1.21", &[]),
                (r#"{"capabilities": {"add": ["NET_RAW"]}}"#, "baseline", &["non-default capabilities"]),
                (r#"{"capabilities": {"add": ["NET_RAW"]}}"#, "restricted", &["unrestricted capabilities"]),
                (r#"{"capabilities": {"add": ["NET_RAW"]}}"#, "restricted:v1.21", &["non-default capabilities"]),
                (r#"{"capabilities": {"add": ["ALL"]}}"#, "baseline", &["non-default capabilities"]),
                (r#"{"capabilities": {"add": ["chown"]}}"#, "baseline", &["non-default capabilities"]),
                (r#"{"capabilities": {"add": ["CAP_CHOWN"]}}"#, "baseline", &["non-default capabilities"]),
                (r#"{"capabilities": {"drop": ["NET_RAW", "ALL"]}}"#, "restricted", &[]),
                (r#"{"capabilities": {"drop": ["all"]}}"#, "restricted", &["unrestricted capabilities"]),
                (r#"{"capabilities": {"drop": ["all"]}}"#, "restricted:v1.21", &[]),
                (r#"{"capabilities": {"drop": null}}"#, "restricted", &["unrestricted capabilities"]),
                (r#"{"capabilities": null}"#, "restricted", &["unrestricted capabilities"]),
            ],
        );
    }
}

#[test]
fn a_containers_value_goes_before_the_pods_in_both_directions() {
    for at in CONTAINERS {
        check_security(
            at,
            &[
                (r#"{"runAsNonRoot": false}"#, "restricted", &["runAsNonRoot != true"]),
                (r#"{"runAsNonRoot": null}"#, "restricted", &[]),
                (r#"{"runAsUser": 0}"#, "restricted", &["runAsUser=0"]),
                (r#"{"runAsUser": 0}"#, "restricted:v1.23", &["runAsUser=0"]),
                (r#"{"runAsUser": 0}"#, "restricted:v1.22", &[]),
                (r#"{"runAsUser": 0}"#, "baseline", &[]),
                (r#"{"runAsUser": 1}"#, "restricted", &[]),
                (r#"{"seccompProfile": {"type": "Unconfined"}}"#, "baseline", &["seccompProfile"]),
                (r#"{"seccompProfile": {"type": "Unconfined"}}"#, "restricted", &["seccompProfile"]),
                (r#"{"seccompProfile": {"type": "Unconfined"}}"#, "baseline:v1.19", &["seccompProfile"]),
                (r#"{"seccompProfile": {"type": "Unconfined"}}"#, "restricted:v1.18", &[]),
                (r#"{"seccompProfile": {"type": "Localhost", "localhostProfile": "p"}}"#, "restricted", &[]),
                (r#"{"seccompProfile": {}}"#, "baseline", &["seccompProfile"]),
                (r#"{"seccompProfile": {"type": null}}"#, "baseline", &["seccompProfile"]),
                (r#"{"seccompProfile": null}"#, "restricted", &[]),
                (r#"{"appArmorProfile": {"type": "Unconfined"}}"#, "baseline", &["forbidden AppArmor profile"]),
                (r#"{"appArmorProfile": {"type": "Unconfined"}}"#, "restricted:v1.0", &["forbidden AppArmor profile"]),
                (r#"{"appArmorProfile": {"type": "Localhost"}}"#, "restricted", &[]),
                (r#"{"seLinuxOptions": {"type": "container_engine_t"}}"#, "baseline:v1.30", &["seLinuxOptions"]),
                (r#"{"seLinuxOptions": {"type": "container_engine_t"}}"#, "baseline:v1.31", &[]),
                (r#"{"seLinuxOptions": {"type": "container_kvm_t", "level": "s0"}}"#, "restricted", &[]),
                (r#"{"seLinuxOptions": {"type": "container_init_t"}}"#, "restricted:v1.0", &[]),
                (r#"{"seLinuxOptions": {"type": ""}}"#, "restricted", &[]),
                (r#"{"seLinuxOptions": {}}"#, "restricted", &[]),
                (r#"{"seLinuxOptions": {"user": "u"}}"#, "baseline", &["seLinuxOptions"]),
                (r#"{"seLinuxOptions": {"role": "r"}}"#, "baseline", &["seLinuxOptions"]),
                (r#"{"seLinuxOptions": {"type": "spc_t"}}"#, "restricted:v1.0", &["seLinuxOptions"]),
            ],
        );
    }
    let mut pod = pod("/spec/securityContext", r#"{"runAsNonRoot": null, "seccompProfile": null}"#);
    assert_eq!(violated(&pod, "restricted"), ["runAsNonRoot != true", "seccompProfile"]);
    for at in CONTAINERS {
        merge(
            pod.pointer_mut(at).unwrap(),
            &json!({"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}}),
        );
    }
    assert_eq!(violated(&pod, "restricted"), [""; 0]);
    merge(
        &mut pod,
        &json!({"spec": {"securityContext": {"runAsNonRoot": false, "seccompProfile": {"type": "Unconfined"}}}}),
    );
    assert_eq!(violated(&pod, "restricted"), ["runAsNonRoot != true", "seccompProfile"]);
}

#[test]
fn the_pod_as_a_whole_is_judged() {
    check(
        SPEC,
        &[
            (r#"{"hostNetwork": true}"#, "baseline", &["host namespaces"]),
            (r#"{"hostPID": true}"#, "restricted:v1.0", &["host namespaces"]),
            (r#"{"hostIPC": true}"#, "baseline", &["host namespaces"]),
            (r#"{"hostIPC": null, "hostPID": false}"#, "restricted", &[]),
            (r#"{"securityContext": null}"#, "restricted", &["runAsNonRoot != true", "seccompProfile"]),
            (r#"{"securityContext": {"runAsNonRoot": null}}"#, "restricted:v1.0", &["runAsNonRoot != true"]),
            (r#"{"securityContext": {"runAsUser": 0}}"#, "restricted", &["runAsUser=0"]),
            (r#"{"securityContext": {"seccompProfile": null}}"#, "restricted:v1.19", &["seccompProfile"]),
            (r#"{"securityContext": {"seccompProfile": null}}"#, "restricted:v1.18", &[]),
            (r#"{"securityContext": {"seccompProfile": null}}"#, "baseline", &[]),
            (r#"{"securityContext": {"windowsOptions": {"hostProcess": true}}}"#, "baseline:v1.0", &["hostProcess"]),
            (
                r#"{"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}"#,
                "baseline",
                &["forbidden AppArmor profile"],
            ),
            (r#"{"securityContext": {"seLinuxOptions": {"user": "u"}}}"#, "baseline", &["seLinuxOptions"]),
        ],
    );
}
