//! For any pod, its recording is judged like the pod itself and contains no secret.

use cluster::pods::Pod;
use cluster::pods::batch::answer;
use cluster::pods::standard::{Level, NEWEST, Policy, Version, violations};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Fields of containers, security contexts and pods, each with values that matter to a check.
const CONTAINER: &[(&str, &[&str])] = &[
    ("name", &[r#""c""#, r#""d""#, "null"]),
    ("image", &[r#""registry.example/app:1""#]),
    ("args", &[r#"["TOPSECRET"]"#]),
    (
        "env",
        &[
            r#"[{"name": "A", "value": "TOPSECRET"}]"#,
            r#"[{"name": "A", "valueFrom": {"secretKeyRef": {"name": "TOPSECRET", "key": "k"}}}, null]"#,
        ],
    ),
    ("envFrom", &[r#"[{"secretRef": {"name": "TOPSECRET"}}]"#, r#"[{"configMapRef": {"name": "x"}}]"#]),
    (
        "ports",
        &[r#"[{"containerPort": 80}]"#, r#"[null, {"containerPort": 80, "hostPort": 80, "hostIP": "TOPSECRET"}]"#],
    ),
    (
        "livenessProbe",
        &[r#"{"httpGet": {"host": "h", "path": "/TOPSECRET"}}"#, r#"{"exec": {"command": ["TOPSECRET"]}}"#],
    ),
    (
        "lifecycle",
        &[r#"{"preStop": {"tcpSocket": {"host": "h"}}}"#, r#"{"postStart": {"exec": {"command": ["TOPSECRET"]}}}"#],
    ),
    ("volumeMounts", &[r#"[{"name": "v", "mountPath": "/TOPSECRET", "subPath": "TOPSECRET"}]"#]),
];
const SECURITY: &[(&str, &[&str])] = &[
    ("privileged", &["true", "false", "null"]),
    ("allowPrivilegeEscalation", &["true", "false"]),
    (
        "capabilities",
        &[r#"{"drop": ["ALL"]}"#, r#"{"add": ["NET_RAW", "CHOWN"], "drop": null}"#, r#"{"add": ["NET_BIND_SERVICE"]}"#],
    ),
    ("procMount", &[r#""Unmasked""#, r#""Default""#]),
    ("readOnlyRootFilesystem", &["true"]),
];
const BOTH: &[(&str, &[&str])] = &[
    ("runAsNonRoot", &["true", "false"]),
    ("runAsUser", &["0", "1000"]),
    (
        "seccompProfile",
        &[
            r#"{"type": "RuntimeDefault"}"#,
            r#"{"type": "Unconfined"}"#,
            "{}",
            r#"{"type": "Localhost", "localhostProfile": "TOPSECRET"}"#,
        ],
    ),
    ("appArmorProfile", &[r#"{"type": "RuntimeDefault"}"#, r#"{"type": "Unconfined"}"#]),
    (
        "seLinuxOptions",
        &[r#"{"type": "container_engine_t"}"#, r#"{"user": "u"}"#, r#"{"role": "r", "level": "TOPSECRET"}"#, "{}"],
    ),
    ("windowsOptions", &[r#"{"hostProcess": true, "runAsUserName": "TOPSECRET"}"#, "{}"]),
    ("sysctls", &[r#"[{"name": "net.ipv4.tcp_rmem", "value": "TOPSECRET"}]"#, r#"[{"name": "kernel.msgmax"}]"#]),
];
const SPEC: &[(&str, &[&str])] = &[
    ("hostPID", &["true", "false"]),
    ("hostIPC", &["true"]),
    ("hostNetwork", &["true", "null"]),
    ("hostUsers", &["true", "false"]),
    ("os", &[r#"{"name": "windows"}"#, r#"{"name": "linux"}"#]),
    ("serviceAccountName", &[r#""s""#]),
    (
        "volumes",
        &[
            r#"[{"name": "v", "hostPath": {"path": "/", "type": "TOPSECRET"}}]"#,
            r#"[{"name": "v"}, {"name": "w", "secret": {"secretName": "TOPSECRET"}}]"#,
            r#"[{"name": "v", "nfs": {"server": "TOPSECRET"}}, {"name": "p", "projected": {"sources": [{"serviceAccountToken": {}}]}}]"#,
        ],
    ),
];
const ANNOTATIONS: &[(&str, &[&str])] = &[
    ("container.apparmor.security.beta.kubernetes.io/c", &[r#""unconfined""#, r#""runtime/default""#]),
    ("container.seccomp.security.alpha.kubernetes.io/c", &[r#""unconfined""#]),
    ("seccomp.security.alpha.kubernetes.io/pod", &[r#""unconfined""#, r#""docker/default""#]),
    ("kubernetes.io/config.mirror", &[r#""TOPSECRET""#]),
    ("example.com/note", &[r#""TOPSECRET""#, "1"]),
];

/// A strategy for some of these fields, each with one of its values.
fn fields(table: &'static [(&'static str, &'static [&'static str])]) -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::vec(any::<u8>(), table.len()).prop_map(|choices| {
        let chosen = table.iter().zip(choices).filter_map(|((key, values), choice)| {
            let value = values.get(usize::from(choice) % (values.len() * 2))?;
            Some(((*key).to_owned(), serde_json::from_str(value).unwrap()))
        });
        chosen.collect()
    })
}

fn containers() -> impl Strategy<Value = Value> {
    let container =
        (fields(CONTAINER), fields(SECURITY), fields(BOTH)).prop_map(|(mut container, mut security, both)| {
            security.extend(both);
            container.insert("securityContext".to_owned(), security.into());
            Value::from(container)
        });
    proptest::collection::vec(container, 0..3).prop_map(Value::from)
}

fn pod() -> impl Strategy<Value = Value> {
    (fields(SPEC), fields(BOTH), fields(ANNOTATIONS), containers(), containers(), containers()).prop_map(
        |(mut spec, security, annotations, init, ordinary, ephemeral)| {
            spec.insert("securityContext".to_owned(), security.into());
            spec.insert("initContainers".to_owned(), init);
            spec.insert("containers".to_owned(), ordinary);
            spec.insert("ephemeralContainers".to_owned(), ephemeral);
            json!({"metadata": {"name": "p", "annotations": annotations}, "spec": spec})
        },
    )
}

proptest! {
    #[test]
    fn a_recording_is_judged_as_the_pod_and_keeps_no_secret(pod in pod()) {
        let pod: Pod = serde_json::from_value(pod).unwrap();
        let recorded = serde_json::to_string(&pod).unwrap();
        prop_assert!(!recorded.contains("TOPSECRET"), "{recorded}");
        let read: Pod = serde_json::from_str(&recorded).unwrap();
        for minor in 0..=38 {
            for level in [Level::Baseline, Level::Restricted] {
                let policy = Policy { level, version: Version::Minor(minor) };
                prop_assert_eq!(violations(&pod, policy, 38), violations(&read, policy, 38));
            }
        }
        prop_assert_eq!(&read, &pod);
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), recorded);
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_line_panic(pod in "[ -~]{0,80}", text in "\\PC{0,200}", policy in "[a-z]{0,10}:?v?[0-9.]{0,20}") {
        let _ = answer(&text, NEWEST);
        let _ = answer(&format!(r#"{{"pod":{pod},"policies":["baseline"]}}"#), NEWEST);
        let _ = answer(&format!(r#"{{"pod":{{}},"policies":["{policy}"]}}"#), u64::MAX);
    }

    #[test]
    fn a_pod_with_one_value_changed_is_read_or_refused(pod in pod(), change in any::<prop::sample::Index>(), value in 0..6_usize) {
        let mut pod = pod;
        let pointers = pointers(&pod);
        if !pointers.is_empty() {
            let values = [json!(null), json!(true), json!(1.5), json!("x"), json!([{}]), json!({"x": {}})];
            *pod.pointer_mut(&pointers[change.index(pointers.len())]).unwrap() = values[value].clone();
        }
        if let Ok(pod) = serde_json::from_value::<Pod>(pod) {
            let again: Pod = serde_json::from_value(serde_json::to_value(&pod).unwrap()).unwrap();
            prop_assert_eq!(
                violations(&pod, Policy::latest(Level::Restricted), NEWEST),
                violations(&again, Policy::latest(Level::Restricted), NEWEST)
            );
        }
    }
}

/// The JSON pointers to all values in a document.
fn pointers(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let mut all = Vec::new();
    for (key, child) in children {
        all.push(format!("/{key}"));
        all.extend(pointers(child).into_iter().map(|below| format!("/{key}{below}")));
    }
    all
}
