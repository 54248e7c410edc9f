//! The fields of objects that are read, rejected, and recorded.

use cluster::pods::{Pod, Volume, Workload, WorkloadKind};
use serde_json::{Value, json};

#[test]
fn a_recording_keeps_what_is_looked_at_and_nothing_else() {
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "p", "namespace": "n", "uid": "x", "resourceVersion": "1", "labels": {"app": "x"},
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "SECRET",
                "kubernetes.io/config.mirror": "SECRET",
                "container.apparmor.security.beta.kubernetes.io/c": "unconfined",
                "seccomp.security.alpha.kubernetes.io/pod": "unconfined"},
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "w", "controller": true, "uid": "x"}],
            "managedFields": [{"manager": "SECRET"}]},
        "spec": {
            "nodeName": "w", "serviceAccountName": "s", "serviceAccount": "s", "automountServiceAccountToken": false,
            "hostUsers": false, "os": {"name": "linux"}, "tolerations": [{}],
            "securityContext": {"fsGroup": 1, "sysctls": [{"name": "a", "value": "SECRET"}],
                "seLinuxOptions": {"type": "t", "level": "SECRET"}},
            "containers": [{"name": "c", "image": "i", "command": ["SECRET"], "args": ["SECRET"], "workingDir": "SECRET",
                "env": [{"name": "A", "value": "SECRET"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": "SECRET", "key": "k"}}},
                    {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}],
                "envFrom": [{"configMapRef": {"name": "SECRET"}}, {"prefix": "SECRET", "secretRef": {"name": "SECRET"}}],
                "ports": [{"containerPort": 80}, {"containerPort": 80, "hostPort": 8080, "hostIP": "SECRET"}],
                "volumeMounts": [{"name": "v", "mountPath": "/SECRET"},
                    {"name": "t", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true}],
                "livenessProbe": {"exec": {"command": ["SECRET"]}, "httpGet": {"host": "h", "path": "/SECRET",
                    "httpHeaders": [{"name": "Authorization", "value": "SECRET"}]}},
                "lifecycle": {"preStop": {"exec": {"command": ["SECRET"]}}},
                "securityContext": {"readOnlyRootFilesystem": true,
                    "seccompProfile": {"type": "Localhost", "localhostProfile": "SECRET"}}}],
            "volumes": [
                {"name": "a", "hostPath": {"path": "/etc", "type": "Directory"}},
                {"name": "b", "secret": {"secretName": "SECRET"}},
                {"name": "c", "projected": {"defaultMode": 420, "sources": [{"configMap": {"name": "SECRET"}},
                    {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
                    {"serviceAccountToken": {"path": "token", "audience": "vault"}}]}}]},
        "status": {"phase": "Running", "podIP": "SECRET", "containerStatuses": [{"name": "SECRET"}]}
    });
    let read: Pod = serde_json::from_value(pod).unwrap();
    let kept = json!({
        "metadata": {"name": "p", "namespace": "n",
            "annotations": {"container.apparmor.security.beta.kubernetes.io/c": "unconfined",
                "kubernetes.io/config.mirror": "", "seccomp.security.alpha.kubernetes.io/pod": "unconfined"},
            "ownerReferences": [{"kind": "Node", "name": "w", "controller": true}]},
        "spec": {
            "containers": [{"name": "c", "image": "i",
                "securityContext": {"readOnlyRootFilesystem": true, "seccompProfile": {"type": "Localhost"}},
                "ports": [{"hostPort": 8080}],
                "env": [{"valueFrom": {"secretKeyRef": {}}}], "envFrom": [{"secretRef": {}}],
                "volumeMounts": [{"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}],
                "livenessProbe": {"httpGet": {"host": "h"}}}],
            "volumes": [{"name": "a", "hostPath": {"path": "/etc"}}, {"name": "b", "secret": {}},
                {"name": "c", "projected": {"sources": [{"serviceAccountToken": {}}, {"serviceAccountToken": {"audience": "vault"}}]}}],
            "securityContext": {"seLinuxOptions": {"type": "t"}, "sysctls": [{"name": "a"}]},
            "hostUsers": false, "os": {"name": "linux"}, "serviceAccountName": "s", "serviceAccount": "s",
            "automountServiceAccountToken": false, "nodeName": "w"},
        "status": {"phase": "Running"}
    });
    assert_eq!(serde_json::to_value(&read).unwrap(), kept);
    assert_eq!(serde_json::from_value::<Pod>(kept).unwrap(), read);
    assert!(read.metadata.is_mirror());
    assert_eq!(serde_json::to_string(&Pod::default()).unwrap(), r#"{"metadata":{},"spec":{}}"#);
}

#[test]
fn a_mirror_pod_has_the_annotation_and_a_node_as_owner() {
    let pod = |annotations: Value, owner: &str| -> Pod {
        serde_json::from_value(
            json!({"metadata": {"annotations": annotations, "ownerReferences": [{"kind": owner, "name": "w"}]}}),
        )
        .unwrap()
    };
    let mirror = json!({"kubernetes.io/config.mirror": "hash"});
    assert!(pod(mirror.clone(), "Node").metadata.is_mirror());
    assert!(!pod(mirror, "ReplicaSet").metadata.is_mirror());
    assert!(!pod(json!({"kubernetes.io/config.source": "file"}), "Node").metadata.is_mirror());
}

#[test]
fn null_is_as_good_as_unset_everywhere() {
    for text in [
        r#"{"metadata": null, "spec": null, "status": null}"#,
        r#"{"metadata": {"name": null, "namespace": null, "annotations": null, "ownerReferences": null}}"#,
        r#"{"spec": {"initContainers": null, "containers": null, "ephemeralContainers": null, "volumes": null,
            "securityContext": null, "hostPID": null, "hostIPC": null, "hostNetwork": null, "hostUsers": null, "os": null,
            "serviceAccountName": null, "serviceAccount": null, "automountServiceAccountToken": null, "nodeName": null}}"#,
        r#"{"spec": {"securityContext": {"runAsNonRoot": null, "runAsUser": null, "seccompProfile": null,
            "appArmorProfile": null, "seLinuxOptions": null, "sysctls": null, "windowsOptions": null}}, "status": {"phase": null}}"#,
    ] {
        assert_eq!(serde_json::from_str::<Pod>(text).unwrap(), Pod::default(), "{text}");
    }
    let bare: Pod = serde_json::from_value(json!({"spec": {"containers": [null]}})).unwrap();
    let full = json!({"spec": {"containers": [{"name": null, "image": null, "securityContext": {"privileged": null,
        "allowPrivilegeEscalation": null, "capabilities": {"add": null, "drop": null}, "procMount": null,
        "runAsNonRoot": null, "runAsUser": null, "seccompProfile": null, "appArmorProfile": null, "seLinuxOptions": null,
        "windowsOptions": {"hostProcess": null}}, "ports": [null, {"hostPort": null}], "env": [null, {"valueFrom": null},
        {"valueFrom": {"secretKeyRef": null}}], "envFrom": [{"secretRef": null}], "volumeMounts": [null],
        "livenessProbe": {"httpGet": null, "tcpSocket": {"host": null}}, "lifecycle": {"preStop": null}}]}});
    assert_eq!(serde_json::from_value::<Pod>(full).unwrap(), bare);
}

#[test]
fn a_value_of_another_type_is_an_error_of_the_object() {
    for text in [
        r#"{"metadata": "p"}"#,
        r#"{"metadata": []}"#,
        r#"{"metadata": {"name": 1}}"#,
        r#"{"metadata": {"annotations": []}}"#,
        r#"{"metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/c": 1}}}"#,
        r#"{"spec": []}"#,
        r#"{"spec": {"hostPID": "true"}}"#,
        r#"{"spec": {"hostPID": 1}}"#,
        r#"{"spec": {"hostNetwork": {}}}"#,
        r#"{"spec": {"hostUsers": "false"}}"#,
        r#"{"spec": {"containers": {}}}"#,
        r#"{"spec": {"containers": [[]]}}"#,
        r#"{"spec": {"containers": ["c"]}}"#,
        r#"{"spec": {"containers": [{"securityContext": []}]}}"#,
        r#"{"spec": {"containers": [{"securityContext": {"privileged": "yes"}}]}}"#,
        r#"{"spec": {"containers": [{"securityContext": {"runAsUser": "0"}}]}}"#,
        r#"{"spec": {"containers": [{"securityContext": {"runAsUser": 0.5}}]}}"#,
        r#"{"spec": {"containers": [{"securityContext": {"runAsUser": 9223372036854775808}}]}}"#,
        r#"{"spec": {"containers": [{"securityContext": {"capabilities": {"drop": "ALL"}}}]}}"#,
        r#"{"spec": {"containers": [{"securityContext": {"capabilities": {"drop": [1]}}}]}}"#,
        r#"{"spec": {"containers": [{"securityContext": {"seccompProfile": "RuntimeDefault"}}]}}"#,
        r#"{"spec": {"containers": [{"ports": [{"hostPort": "80"}]}]}}"#,
        r#"{"spec": {"containers": [{"ports": [{"hostPort": 2147483648}]}]}}"#,
        r#"{"spec": {"containers": [{"env": [{"valueFrom": {"secretKeyRef": "x"}}]}]}}"#,
        r#"{"spec": {"containers": [{"envFrom": [{"secretRef": []}]}]}}"#,
        r#"{"spec": {"containers": [{"livenessProbe": {"httpGet": {"host": 1}}}]}}"#,
        r#"{"spec": {"volumes": [{"name": "v", "hostPath": "/"}]}}"#,
        r#"{"spec": {"volumes": [{"name": "v", "nfs": true}]}}"#,
        r#"{"spec": {"volumes": [{"name": "v", "projected": {"sources": {}}}]}}"#,
        r#"{"spec": {"volumes": [[]]}}"#,
        r#"{"spec": {"os": "linux"}}"#,
        r#"{"status": {"phase": 1}}"#,
        r#"{"spec": {"hostPID": true, "hostPID": false}}"#,
    ] {
        assert!(serde_json::from_str::<Pod>(text).is_err(), "{text}");
    }
}

#[test]
fn deep_and_long_values_that_nobody_looks_at_are_passed_over() {
    let deep = format!(r#"{{"spec": {{"x": {}{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(serde_json::from_str::<Pod>(&deep).unwrap(), Pod::default());
    let volume =
        format!(r#"{{"spec": {{"volumes": [{{"nfs": {}1{}}}]}}}}"#, "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(serde_json::from_str::<Pod>(&volume).unwrap().spec.volumes.len(), 1);
}

#[test]
fn a_workloads_template_is_where_its_kind_has_it() {
    let spec = json!({"spec": {"hostPID": true}});
    for kind in WorkloadKind::ALL {
        let workload: Workload = serde_json::from_value(match kind {
            WorkloadKind::CronJob => json!({"spec": {"jobTemplate": {"spec": {"template": spec}}}}),
            _ => json!({"spec": {"template": spec}}),
        })
        .unwrap();
        assert!(workload.template(kind).spec.host_pid, "{}", kind.name());
    }
}

#[test]
fn what_makes_no_more_pods_is_not_active() {
    let is_active = |kind, workload: Value| serde_json::from_value::<Workload>(workload).unwrap().is_active(kind);
    for (kind, workload, expected) in [
        (WorkloadKind::ReplicaSet, json!({"spec": {"replicas": 0}}), false),
        (WorkloadKind::ReplicaSet, json!({"spec": {"replicas": 1}}), true),
        (WorkloadKind::ReplicaSet, json!({"spec": {"replicas": null}}), true),
        (WorkloadKind::Deployment, json!({"spec": {"replicas": 0}}), true),
        (WorkloadKind::Job, json!({}), true),
        (WorkloadKind::Job, json!({"status": {"completionTime": "2026-01-01T00:00:00Z"}}), false),
        (WorkloadKind::Job, json!({"status": {"conditions": [{"type": "Failed", "status": "True"}]}}), false),
        (WorkloadKind::Job, json!({"status": {"conditions": [{"type": "Failed", "status": "False"}]}}), true),
    ] {
        assert_eq!(is_active(kind, workload.clone()), expected, "{} {workload}", kind.name());
    }
}

#[test]
fn a_volume_is_of_the_kinds_that_are_not_null() {
    for (volume, expected) in [
        (json!({}), vec!["emptyDir"]),
        (json!({"name": "v", "nfs": null}), vec!["emptyDir"]),
        (json!({"hostPath": {}}), vec!["hostPath"]),
        (json!({"projected": {}}), vec!["projected"]),
        (json!({"secret": {}, "hostPath": {"path": "/"}}), vec!["secret", "hostPath"]),
        (json!({"nfs": {"server": "s"}}), vec!["nfs"]),
    ] {
        let read: Volume = serde_json::from_value(volume.clone()).unwrap();
        assert_eq!(read.kinds().collect::<Vec<_>>(), expected, "{volume}");
    }
}
