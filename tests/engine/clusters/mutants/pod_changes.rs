//! Changes of containers and pods, and the controls that each must affect wherever it is made. They are based on the
//! Pod Security Standards and CIS.

use serde_json::{Value, json};

pub const PRIVILEGED: &str = "pod-security/privileged";
pub const HOST_PID: &str = "pod-security/host-pid";
pub const HOST_IPC: &str = "pod-security/host-ipc";
pub const HOST_NETWORK: &str = "pod-security/host-network";
pub const HOST_NAMESPACES: &str = "pod-security/host-namespaces";
pub const PROC_MOUNT: &str = "pod-security/proc-mount";
pub const READ_ONLY: &str = "workloads/read-only-root";
pub const VARIABLES: &str = "workloads/secrets-in-variables";
pub const OWN_ACCOUNTS: &str = "workloads/own-service-accounts";
pub const HOST_PROCESS: &str = "pod-security/windows-host-process";
pub const HOST_PATH: &str = "pod-security/host-path";
pub const HOST_PORTS: &str = "pod-security/host-ports";
pub const ESCALATION: &str = "pod-security/privilege-escalation";
pub const ROOT: &str = "pod-security/root-containers";
pub const NET_RAW: &str = "pod-security/net-raw";
pub const ADDED: &str = "pod-security/added-capabilities";
pub const ASSIGNED: &str = "pod-security/assigned-capabilities";
pub const SECCOMP: &str = "workloads/seccomp-profile";
pub const CONTEXT: &str = "workloads/security-context";
pub const SECRETS: &str = "workloads/secrets-as-files";
pub const TOKENS: &str = "rbac/token-mounts";
pub const DEFAULT_ACCOUNTS: &str = "rbac/default-service-accounts";

/// Paths and their new values; `null` removes the value.
pub type Changes = Vec<(&'static str, Value)>;

/// A described change, and the controls that must fail.
pub struct Change {
    pub title: &'static str,
    pub changes: Changes,
    pub fails: Vec<&'static str>,
    /// Whether it is possible in an ephemeral container.
    pub ephemeral: bool,
}

fn change(title: &'static str, changes: Changes, fails: &[&'static str]) -> Change {
    let of_others = ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resources"];
    let ephemeral = changes.iter().all(|(path, _)| !of_others.iter().any(|start| path.starts_with(start)));
    Change { title, changes, fails: fails.to_vec(), ephemeral }
}

/// Returns changes of a container without any privileges, in a pod that does not run as root and uses the runtime's
/// seccomp profile.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn of_containers() -> Vec<Change> {
    const CAPABILITIES: &str = "securityContext/capabilities";
    const DROP: &str = "securityContext/capabilities/drop";
    const ADD: &str = "securityContext/capabilities/add";
    const ALLOW: &str = "securityContext/allowPrivilegeEscalation";
    let secret = json!({"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}});
    vec![
        change(
            "privileged",
            vec![("securityContext/privileged", json!(true)), (ALLOW, Value::Null)],
            &[PRIVILEGED, ESCALATION, CONTEXT],
        ),
        change("escalation not forbidden", vec![(ALLOW, Value::Null)], &[ESCALATION, CONTEXT]),
        change("escalation allowed", vec![(ALLOW, json!(true))], &[ESCALATION, CONTEXT]),
        change("may be root", vec![("securityContext/runAsNonRoot", json!(false))], &[ROOT, CONTEXT]),
        change("user 0", vec![("securityContext/runAsUser", json!(0))], &[ROOT, CONTEXT]),
        change("no capability dropped", vec![(CAPABILITIES, Value::Null)], &[NET_RAW, ASSIGNED, CONTEXT]),
        change("drops an empty list", vec![(DROP, json!([]))], &[NET_RAW, ASSIGNED, CONTEXT]),
        change("drops NET_RAW alone", vec![(DROP, json!(["NET_RAW"]))], &[ASSIGNED, CONTEXT]),
        change("drops others", vec![(DROP, json!(["MKNOD", "SYS_ADMIN"]))], &[NET_RAW, ASSIGNED, CONTEXT]),
        change("adds a default capability", vec![(ADD, json!(["CHOWN"]))], &[CONTEXT]),
        change("adds SYS_ADMIN", vec![(ADD, json!(["SYS_ADMIN"]))], &[ADDED, CONTEXT]),
        change("adds NET_RAW", vec![(ADD, json!(["NET_RAW"]))], &[NET_RAW, ADDED, CONTEXT]),
        change("adds ALL", vec![(ADD, json!(["ALL"]))], &[NET_RAW, ADDED, CONTEXT]),
        change(
            "adds one beside an allowed one",
            vec![(ADD, json!(["NET_BIND_SERVICE", "NET_ADMIN"]))],
            &[ADDED, CONTEXT],
        ),
        change(
            "no seccomp",
            vec![("securityContext/seccompProfile", json!({"type": "Unconfined"}))],
            &[SECCOMP, CONTEXT],
        ),
        change("unmasked /proc", vec![("securityContext/procMount", json!("Unmasked"))], &[PROC_MOUNT, CONTEXT]),
        change("no AppArmor", vec![("securityContext/appArmorProfile", json!({"type": "Unconfined"}))], &[CONTEXT]),
        change("SELinux type", vec![("securityContext/seLinuxOptions", json!({"type": "spc_t"}))], &[CONTEXT]),
        change("SELinux user", vec![("securityContext/seLinuxOptions", json!({"user": "system_u"}))], &[CONTEXT]),
        change("SELinux role", vec![("securityContext/seLinuxOptions", json!({"role": "system_r"}))], &[CONTEXT]),
        change(
            "HostProcess",
            vec![("securityContext/windowsOptions", json!({"hostProcess": true}))],
            &[HOST_PROCESS, CONTEXT],
        ),
        change(
            "host port",
            vec![("ports", json!([{"containerPort": 8443, "hostPort": 8443}]))],
            &[HOST_PORTS, CONTEXT],
        ),
        change(
            "host port after others",
            vec![("ports", json!([{"containerPort": 1}, {"containerPort": 2, "hostPort": 80, "protocol": "UDP"}]))],
            &[HOST_PORTS, CONTEXT],
        ),
        change("secret as a variable", vec![("env", json!([secret]))], &[SECRETS]),
        change(
            "secret as a variable, among others",
            vec![("env", json!([{"name": "A", "value": "b"}, secret]))],
            &[SECRETS],
        ),
        change(
            "all of a secret as variables",
            vec![("envFrom", json!([{"prefix": "A_", "secretRef": {"name": "s"}}]))],
            &[SECRETS],
        ),
        change(
            "optional secret",
            vec![("envFrom", json!([{"configMapRef": {"name": "c"}}, {"secretRef": {"name": "s", "optional": true}}]))],
            &[SECRETS],
        ),
        change(
            "probe of another host",
            vec![("livenessProbe", json!({"httpGet": {"host": "10.0.0.1", "port": 80}}))],
            &[CONTEXT],
        ),
        change(
            "startup probe of another host",
            vec![("startupProbe", json!({"tcpSocket": {"host": "db", "port": 80}}))],
            &[CONTEXT],
        ),
        change(
            "hook to another host",
            vec![("lifecycle", json!({"preStop": {"httpGet": {"host": "db", "port": 80}}}))],
            &[CONTEXT],
        ),
        change("writable root", vec![("securityContext/readOnlyRootFilesystem", json!(false))], &[READ_ONLY]),
        change(
            "root not said to be read-only",
            vec![("securityContext/readOnlyRootFilesystem", Value::Null)],
            &[READ_ONLY],
        ),
        change(
            "a secret in the manifest",
            vec![("env", json!([{"name": "A", "value": "b"}, {"name": "DB_PASSWORD", "value": "canary"}]))],
            &[VARIABLES],
        ),
        // Irrelevant to every control.
        change(
            "a password that is another variable",
            vec![("env", json!([{"name": "PASSWORD", "value": "$(OTHER)"}]))],
            &[],
        ),
        change("the file of a password", vec![("env", json!([{"name": "PASSWORD_FILE", "value": "/run/p"}]))], &[]),
        change("adds NET_BIND_SERVICE", vec![(ADD, json!(["NET_BIND_SERVICE"]))], &[]),
        change("drops one more", vec![(DROP, json!(["ALL", "NET_RAW"]))], &[]),
        change(
            "own seccomp profile",
            vec![("securityContext/seccompProfile", json!({"type": "Localhost", "localhostProfile": "a.json"}))],
            &[],
        ),
        change("user 1000", vec![("securityContext/runAsUser", json!(1000))], &[]),
        change("group 0", vec![("securityContext/runAsGroup", json!(0))], &[]),
        change(
            "own AppArmor profile",
            vec![("securityContext/appArmorProfile", json!({"type": "Localhost", "localhostProfile": "a"}))],
            &[],
        ),
        change(
            "SELinux level",
            vec![("securityContext/seLinuxOptions", json!({"type": "container_t", "level": "s0:c1"}))],
            &[],
        ),
        change("default /proc", vec![("securityContext/procMount", json!("Default"))], &[]),
        change("not privileged, in words", vec![("securityContext/privileged", json!(false))], &[]),
        change("another image", vec![("image", json!("registry.example.com/privileged:1"))], &[]),
        change("arguments", vec![("args", json!(["--privileged", "--enable-network-policy=true"]))], &[]),
        change("a port of its own", vec![("ports", json!([{"containerPort": 80, "hostPort": 0}]))], &[]),
        change(
            "variables of other sources",
            vec![(
                "env",
                json!([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}, {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]),
            )],
            &[],
        ),
        change("a config map as variables", vec![("envFrom", json!([{"configMapRef": {"name": "secretRef"}}]))], &[]),
        change("resources", vec![("resources", json!({"limits": {"memory": "1Gi"}}))], &[]),
        change(
            "probe of the pod",
            vec![("readinessProbe", json!({"httpGet": {"host": "", "path": "/", "port": 80}}))],
            &[],
        ),
    ]
}

/// Returns changes of a pod whose containers do not set users and seccomp profiles themselves.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn of_pods() -> Vec<Change> {
    const CONTEXTS: &str = "securityContext";
    let volume = |source: Value| {
        let mut volume = json!({"name": "v"});
        volume.as_object_mut().expect("an object").extend(source.as_object().expect("an object").clone());
        json!([volume])
    };
    vec![
        change("hostPID", vec![("hostPID", json!(true))], &[HOST_PID, HOST_NAMESPACES, CONTEXT]),
        change("hostIPC", vec![("hostIPC", json!(true))], &[HOST_IPC, HOST_NAMESPACES, CONTEXT]),
        change("hostNetwork", vec![("hostNetwork", json!(true))], &[HOST_NETWORK, HOST_NAMESPACES, CONTEXT]),
        change("hostPath", vec![("volumes", volume(json!({"hostPath": {"path": "/"}})))], &[HOST_PATH, CONTEXT]),
        change("hostPath without a path", vec![("volumes", volume(json!({"hostPath": {}})))], &[HOST_PATH, CONTEXT]),
        change("nfs", vec![("volumes", volume(json!({"nfs": {"server": "a", "path": "/"}})))], &[CONTEXT]),
        change("iscsi", vec![("volumes", volume(json!({"iscsi": {"targetPortal": "a"}})))], &[CONTEXT]),
        change("may be root", vec![("securityContext/runAsNonRoot", Value::Null)], &[ROOT, CONTEXT]),
        change("may be root, in words", vec![("securityContext/runAsNonRoot", json!(false))], &[ROOT, CONTEXT]),
        change("user 0", vec![("securityContext/runAsUser", json!(0))], &[ROOT, CONTEXT]),
        // A user other than 0 is not root, but the `restricted` level still requires `runAsNonRoot`.
        change(
            "user 1000, not said to be none",
            vec![("securityContext/runAsNonRoot", Value::Null), ("securityContext/runAsUser", json!(1000))],
            &[CONTEXT],
        ),
        change("seccomp unset", vec![("securityContext/seccompProfile", Value::Null)], &[SECCOMP, CONTEXT]),
        change(
            "no seccomp",
            vec![("securityContext/seccompProfile", json!({"type": "Unconfined"}))],
            &[SECCOMP, CONTEXT],
        ),
        change("no context", vec![(CONTEXTS, Value::Null)], &[ROOT, SECCOMP, CONTEXT]),
        change(
            "unsafe sysctl",
            vec![("securityContext/sysctls", json!([{"name": "kernel.msgmax", "value": "1"}]))],
            &[CONTEXT],
        ),
        change(
            "HostProcess",
            vec![("securityContext/windowsOptions", json!({"hostProcess": true}))],
            &[HOST_PROCESS, CONTEXT],
        ),
        change("no AppArmor", vec![("securityContext/appArmorProfile", json!({"type": "Unconfined"}))], &[CONTEXT]),
        change("SELinux type", vec![("securityContext/seLinuxOptions", json!({"type": "spc_t"}))], &[CONTEXT]),
        // Irrelevant to every control.
        change("users of its own", vec![("hostUsers", json!(false))], &[]),
        change(
            "root among users of its own",
            vec![
                ("hostUsers", json!(false)),
                ("securityContext/runAsUser", json!(0)),
                ("securityContext/runAsNonRoot", Value::Null),
            ],
            &[],
        ),
        change(
            "own seccomp profile",
            vec![("securityContext/seccompProfile", json!({"type": "Localhost", "localhostProfile": "a.json"}))],
            &[],
        ),
        change(
            "safe sysctl",
            vec![("securityContext/sysctls", json!([{"name": "net.ipv4.tcp_rmem", "value": "1"}]))],
            &[],
        ),
        change(
            "groups",
            vec![("securityContext/fsGroup", json!(0)), ("securityContext/supplementalGroups", json!([0]))],
            &[],
        ),
        change(
            "allowed volumes",
            vec![(
                "volumes",
                json!([{"name": "a", "csi": {"driver": "d"}}, {"name": "b", "image": {"reference": "i"}}, {"name": "c", "downwardAPI": {}}, {"name": "d"}]),
            )],
            &[],
        ),
        change(
            "a token for others",
            vec![(
                "volumes",
                volume(
                    json!({"projected": {"sources": [{"serviceAccountToken": {"audience": "vault", "path": "t"}}]}}),
                ),
            )],
            &[],
        ),
        change(
            "placement",
            vec![("nodeSelector", json!({"disk": "ssd"})), ("tolerations", json!([{"operator": "Exists"}]))],
            &[],
        ),
        change("priority", vec![("priorityClassName", json!("system-node-critical"))], &[]),
        change("shared processes", vec![("shareProcessNamespace", json!(true))], &[]),
        change("pull secrets", vec![("imagePullSecrets", json!([{"name": "registry"}]))], &[]),
        change(
            "host names",
            vec![("hostAliases", json!([{"ip": "127.0.0.1", "hostnames": ["a"]}])), ("hostname", json!("root"))],
            &[],
        ),
        change(
            "not shared, in words",
            vec![("hostPID", json!(false)), ("hostIPC", json!(false)), ("hostNetwork", json!(false))],
            &[],
        ),
    ]
}
