//! Descriptions of what decides each control.

/// Describes what decides a control, in one or two sentences; `None` if it is not one of
/// [`controls`](super::controls).
pub fn predicate(control: &str) -> Option<&'static str> {
    PREDICATES.iter().find(|(key, _)| *key == control).map(|(_, predicate)| *predicate)
}

/// The descriptions by key. Containers include init and ephemeral containers.
const PREDICATES: [(&str, &str); 33] = [
    ("pod-security/privileged", "Fails if a container sets `privileged: true`."),
    ("pod-security/host-namespaces", "Fails if a pod sets `hostPID`, `hostIPC` or `hostNetwork` to true."),
    (
        "pod-security/proc-mount",
        "Fails if a container sets `procMount: Unmasked`; manual if its pod sets `hostUsers: false`.",
    ),
    (
        "workloads/read-only-root",
        "Fails if a container does not set `readOnlyRootFilesystem: true`. Windows pods are exempt.",
    ),
    (
        "workloads/secrets-in-variables",
        "Fails if a variable with the name of a secret (`DB_PASSWORD`, `API_KEY`) has a value in the manifest; manual if \
         variables are set from a secret.",
    ),
    (
        "workloads/own-service-accounts",
        "Fails if a pod in a user namespace runs under `default`. Shows the accounts that several workloads share.",
    ),
    ("pod-security/host-pid", "Fails if a pod sets `hostPID: true`."),
    ("pod-security/host-ipc", "Fails if a pod sets `hostIPC: true`."),
    ("pod-security/host-network", "Fails if a pod sets `hostNetwork: true`."),
    ("pod-security/windows-host-process", "Fails if a pod or container sets `windowsOptions.hostProcess: true`."),
    ("pod-security/host-path", "Fails if a pod has a `hostPath` volume."),
    ("pod-security/host-ports", "Fails if a container has a `hostPort`."),
    (
        "pod-security/privilege-escalation",
        "Fails if a container does not set `allowPrivilegeEscalation: false`. Windows pods are exempt.",
    ),
    (
        "pod-security/root-containers",
        "Fails if a container sets `runAsUser: 0`, or sets neither `runAsUser` nor `runAsNonRoot: true`, so that the \
         image may run as root. The pod's values apply where the container has none. Pods with `hostUsers: false` are \
         exempt.",
    ),
    (
        "pod-security/net-raw",
        "Fails if a container drops neither `ALL` nor `NET_RAW`, or adds `NET_RAW`. Windows pods are exempt.",
    ),
    (
        "pod-security/added-capabilities",
        "Fails if a container adds a capability outside the 13 that the baseline level allows.",
    ),
    (
        "pod-security/assigned-capabilities",
        "Fails if a container does not drop `ALL` capabilities. Windows pods are exempt.",
    ),
    (
        "workloads/seccomp-profile",
        "Fails if the seccomp profile of a container is `Unconfined` or not set. An unset one is accepted if the \
         pod's node is checked in the same run and its kubelet sets `seccompDefault: true`. Windows pods are exempt.",
    ),
    ("workloads/security-context", "Fails if a pod violates the restricted level of the Pod Security Standards."),
    (
        "workloads/secrets-as-files",
        "Fails if a container sets variables from a secret (`secretKeyRef` or `envFrom.secretRef`).",
    ),
    (
        "pod-security/policy-mechanism",
        "Fails if a user namespace neither enforces the baseline or restricted level, nor is covered by a bound \
         `ValidatingAdmissionPolicy` that denies pods, or by the webhook of a known policy engine. If the API \
         server's node is checked in the same run, its Pod Security defaults and exemptions count.",
    ),
    (
        "rbac/token-mounts",
        "Fails if a pod has an API token, but its service account has no rights. Pods in `kube-system` are exempt.",
    ),
    (
        "rbac/default-service-accounts",
        "Fails if a default service account in a user namespace with pods has rights, or a pod uses one with an API \
         token.",
    ),
    ("workloads/default-namespace", "Fails if there are user objects in the namespace `default`."),
    (
        "workloads/network-policies",
        "Fails if a user namespace with pods has no network policy that selects all of its pods, and no global one of \
         Cilium or Calico covers it.",
    ),
    (
        "workloads/network-policy-support",
        "Passes if a running network plugin enforces network policies, and fails if none of the known ones that run \
         does.",
    ),
    (
        "eks/network-policies-enforced",
        "Fails if `workloads/network-policy-support` or `workloads/network-policies` fails.",
    ),
    (
        "eks/service-account-roles",
        "Fails if a `default` service account has an IAM role, or one has the role of the nodes. Otherwise stays manual, \
         since EKS Pod Identity associations are only visible in AWS. Shows the roles of service accounts, and containers \
         whose variables hold AWS access keys.",
    ),
    (
        "eks/load-balancer-tls",
        "Fails if an internet-facing AWS load balancer has a port without TLS, or HTTP that does not \
         redirect to HTTPS. Stays manual if TLS ends in pods or only they may redirect.",
    ),
    (
        "image-registry/approved-registries",
        "Fails if a container uses an image from a registry, or a path in one, that is not in the parameter \
         `registries`. Without the parameter, stays manual and shows the registries in use. What the platform ships in its own \
         namespaces is exempt.",
    ),
    (
        "workloads/external-secrets",
        "Stays manual. Shows the integrations with external secret stores that are installed.",
    ),
    ("workloads/image-provenance", "Stays manual. Shows the webhooks that can verify images."),
    ("workloads/namespaces", "Stays manual. Shows the user namespaces."),
];
