//! Facts that depend on the policy's version, and facts about whole pods.

use serde_json::{Map, Value, json};

use crate::pods::facts::{CONTAINERS, SPEC, check, good, merge, pod};
use crate::pods::{violated, violated_at};

#[test]
fn sysctls_are_allowed_since_their_version() {
    for (name, since) in [
        ("kernel.shm_rmid_forced", 0),
        ("net.ipv4.ip_local_port_range", 0),
        ("net.ipv4.tcp_syncookies", 0),
        ("net.ipv4.ping_group_range", 0),
        ("net.ipv4.ip_unprivileged_port_start", 0),
        ("net.ipv4.ip_local_reserved_ports", 27),
        ("net.ipv4.tcp_keepalive_time", 29),
        ("net.ipv4.tcp_fin_timeout", 29),
        ("net.ipv4.tcp_keepalive_intvl", 29),
        ("net.ipv4.tcp_keepalive_probes", 29),
        ("net.ipv4.tcp_rmem", 32),
        ("net.ipv4.tcp_wmem", 32),
        ("net.ipv4.tcp_slow_start_after_idle", 37),
        ("net.ipv4.tcp_notsent_lowat", 37),
        ("kernel.msgmax", 99),
        ("net/ipv4/tcp_syncookies", 99),
        ("", 99),
    ] {
        let pod = pod(SPEC, &json!({"securityContext": {"sysctls": [{"name": name, "value": "1"}]}}).to_string());
        for minor in 0..=38 {
            let expected: &[&str] = if minor < since { &["forbidden sysctls"] } else { &[] };
            for level in ["baseline", "restricted"] {
                assert_eq!(violated_at(&pod, &format!("{level}:v1.{minor}"), 38), expected, "{name} {minor}");
            }
        }
        // A server judges by its own version if the policy's is newer.
        let expected: &[&str] = if since > 36 { &["forbidden sysctls"] } else { &[] };
        assert_eq!(violated(&pod, "baseline:v1.37"), expected, "{name}");
        assert_eq!(violated(&pod, "baseline:latest"), expected, "{name}");
    }
}

#[test]
fn volumes_are_allowed_by_their_kind() {
    let restricted: &[&str] = &["restricted volume types"];
    for kind in [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ] {
        let pod = pod(SPEC, &json!({"volumes": [{"name": "v", kind: {}}]}).to_string());
        for policy in ["restricted:v1.0", "restricted:v1.18", "restricted:v1.25", "restricted"] {
            assert_eq!(violated(&pod, policy), [""; 0], "{kind} by {policy}");
        }
    }
    for kind in [
        "awsElasticBlockStore",
        "azureDisk",
        "azureFile",
        "cephfs",
        "cinder",
        "fc",
        "flexVolume",
        "flocker",
        "gcePersistentDisk",
        "gitRepo",
        "glusterfs",
        "iscsi",
        "nfs",
        "photonPersistentDisk",
        "portworxVolume",
        "quobyte",
        "rbd",
        "scaleIO",
        "storageos",
        "vsphereVolume",
        "somethingNew",
    ] {
        let pod = pod(SPEC, &json!({"volumes": [{"name": "v", kind: {}}]}).to_string());
        assert_eq!(violated(&pod, "restricted:v1.0"), restricted, "{kind}");
        assert_eq!(violated(&pod, "baseline"), [""; 0], "{kind}");
    }
    check(
        SPEC,
        &[
            (r#"{"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}"#, "baseline", &["hostPath volumes"]),
            (r#"{"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}"#, "baseline:v1.0", &["hostPath volumes"]),
            (
                r#"{"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}"#,
                "restricted:v1.0",
                &["restricted volume types"],
            ),
            (r#"{"volumes": [{"name": "v", "hostPath": {}}]}"#, "restricted", &["restricted volume types"]),
            (r#"{"volumes": [{"name": "v", "hostPath": null, "emptyDir": {}}]}"#, "restricted", &[]),
            // The API server stores a volume without a source as an emptyDir.
            (r#"{"volumes": [{"name": "v"}, null, {"nfs": null}]}"#, "restricted", &[]),
        ],
    );
}

#[test]
fn windows_pods_need_not_say_what_only_linux_knows() {
    let pod = |os: &str| json!({"spec": {"os": {"name": os}, "containers": [{"name": "c"}], "securityContext": {"runAsNonRoot": true}}});
    let linux = ["allowPrivilegeEscalation != false", "seccompProfile", "unrestricted capabilities"];
    for (os, policy, expected) in [
        ("windows", "restricted:latest", &linux[..0]),
        ("windows", "restricted:v1.25", &[]),
        ("windows", "restricted:v1.24", &linux),
        ("linux", "restricted:latest", &linux),
        ("Windows", "restricted:latest", &linux),
        ("", "restricted:latest", &linux),
    ] {
        assert_eq!(violated(&pod(os), policy), expected, "{os} by {policy}");
    }
    let privileged = json!({"spec": {"os": {"name": "windows"}, "containers": [
        {"name": "c", "securityContext": {"windowsOptions": {"hostProcess": true}, "capabilities": {"add": ["SYS_ADMIN"]}}}]}});
    assert_eq!(violated(&privileged, "restricted"), ["hostProcess", "runAsNonRoot != true"]);
    assert_eq!(violated(&privileged, "baseline"), ["hostProcess", "non-default capabilities"]);
}

#[test]
fn a_user_namespace_relaxes_the_user_and_proc_since_1_35() {
    let spec = r#"{"hostUsers": false, "securityContext": {"runAsNonRoot": false, "runAsUser": 0},
        "containers": [{"name": "c", "securityContext": {"procMount": "Unmasked", "runAsUser": 0, "runAsNonRoot": false,
        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}]}"#;
    check(
        SPEC,
        &[
            (spec, "restricted:v1.34", &["procMount", "runAsNonRoot != true", "runAsUser=0"]),
            (spec, "restricted:v1.35", &["procMount"]),
            (spec, "baseline:v1.34", &["procMount"]),
            (spec, "baseline:v1.35", &[]),
            (spec, "baseline:latest", &[]),
        ],
    );
    let shared = spec.replace("\"hostUsers\": false", "\"hostUsers\": true");
    assert_eq!(violated(&pod(SPEC, &shared), "restricted"), ["procMount", "runAsNonRoot != true", "runAsUser=0"]);
    let unset = spec.replace("\"hostUsers\": false", "\"hostUsers\": null");
    assert_eq!(violated(&pod(SPEC, &unset), "baseline"), ["procMount"]);
}

#[test]
fn hosts_of_probes_and_handlers_are_forbidden_since_1_34() {
    for at in CONTAINERS {
        for field in [
            r#"{"livenessProbe": {"httpGet": {"host": "h", "port": 1}}}"#,
            r#"{"livenessProbe": {"tcpSocket": {"host": "127.0.0.1"}}}"#,
            r#"{"readinessProbe": {"httpGet": {"host": "h"}}}"#,
            r#"{"readinessProbe": {"tcpSocket": {"host": "h"}}}"#,
            r#"{"startupProbe": {"httpGet": {"host": "h"}}}"#,
            r#"{"startupProbe": {"tcpSocket": {"host": "h"}}}"#,
            r#"{"lifecycle": {"postStart": {"httpGet": {"host": "h"}}}}"#,
            r#"{"lifecycle": {"postStart": {"tcpSocket": {"host": "h"}}}}"#,
            r#"{"lifecycle": {"preStop": {"httpGet": {"host": "h"}}}}"#,
            r#"{"lifecycle": {"preStop": {"tcpSocket": {"host": "h"}}}}"#,
        ] {
            for (policy, expected) in [
                ("baseline:v1.34", &["probe or lifecycle host"][..]),
                ("restricted:latest", &["probe or lifecycle host"]),
                ("restricted:v1.33", &[]),
            ] {
                assert_eq!(violated(&pod(at, field), policy), expected, "{at}: {field} by {policy}");
            }
        }
        check(
            at,
            &[
                (
                    r#"{"livenessProbe": {"httpGet": {"host": ""}, "tcpSocket": null, "exec": {"command": ["x"]}}}"#,
                    "baseline",
                    &[],
                ),
                (
                    r#"{"livenessProbe": {"grpc": {"port": 1, "service": "h"}}, "lifecycle": {"preStop": {"sleep": {"seconds": 1}}}}"#,
                    "baseline",
                    &[],
                ),
            ],
        );
    }
}

#[test]
fn app_armor_is_counted_by_values() {
    let annotated = |values: Value| {
        let mut pod = good();
        let annotations: Map<String, Value> = values
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (format!("container.apparmor.security.beta.kubernetes.io/{name}"), value.clone()))
            .collect();
        pod["metadata"]["annotations"] = annotations.into();
        pod
    };
    let one: &[&str] = &["forbidden AppArmor profile"];
    let several: &[&str] = &["forbidden AppArmor profiles"];
    for (values, expected) in [
        (json!({"c": "runtime/default", "d": "localhost/x", "e": "", "i": null}), &[][..]),
        (json!({"c": "unconfined"}), one),
        (json!({"other": "unconfined"}), one),
        (json!({"c": "localhost"}), one),
        (json!({"c": "unconfined", "d": "unconfined"}), several),
    ] {
        for policy in ["baseline:v1.0", "restricted:latest"] {
            assert_eq!(violated(&annotated(values.clone()), policy), expected, "{values} by {policy}");
        }
    }
    let mut both = annotated(json!({"c": "unconfined"}));
    merge(&mut both["spec"]["containers"][0], &json!({"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}));
    assert_eq!(violated(&both, "baseline"), several);
    let mut twice = good();
    for at in CONTAINERS {
        merge(twice.pointer_mut(at).unwrap(), &json!({"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}));
    }
    assert_eq!(violated(&twice, "baseline"), one);
}

#[test]
fn seccomp_annotations_count_before_1_19_and_fields_since() {
    let annotated = |key: &str, value: &str| {
        let mut pod = good();
        pod["metadata"]["annotations"] = json!({key: value});
        pod
    };
    let pod = "seccomp.security.alpha.kubernetes.io/pod";
    let container = "container.seccomp.security.alpha.kubernetes.io/c";
    let seccomp: &[&str] = &["seccompProfile"];
    for (key, value, policy, expected) in [
        (pod, "unconfined", "baseline:v1.0", seccomp),
        (pod, "unconfined", "restricted:v1.18", seccomp),
        (pod, "unconfined", "baseline:v1.19", &[]),
        (pod, "", "baseline:v1.18", seccomp),
        (pod, "runtime/default", "baseline:v1.18", &[]),
        (pod, "docker/default", "baseline:v1.18", &[]),
        (pod, "localhost/x", "baseline:v1.18", &[]),
        (container, "unconfined", "baseline:v1.18", seccomp),
        (container, "unconfined", "baseline:v1.19", &[]),
        ("container.seccomp.security.alpha.kubernetes.io/other", "unconfined", "baseline:v1.18", &[]),
    ] {
        assert_eq!(violated(&annotated(key, value), policy), expected, "{key}: {value} by {policy}");
    }
}
