//! What decides by the objects of a cluster, and what it takes.

/// What can be decided by the objects of a cluster, by name.
pub const PREDICATES: [&str; 50] = [
    "eks/administrators",
    "eks/authorization",
    "eks/kubelet-skew",
    "eks/load-balancer-tls",
    "eks/network-policies-enforced",
    "eks/private-nodes",
    "eks/rolling-updates",
    "eks/service-account-roles",
    "eks/token-secrets",
    "image-registry/approved-registries",
    "pod-security/added-capabilities",
    "pod-security/assigned-capabilities",
    "pod-security/host-ipc",
    "pod-security/host-namespaces",
    "pod-security/host-network",
    "pod-security/host-path",
    "pod-security/host-pid",
    "pod-security/host-ports",
    "pod-security/net-raw",
    "pod-security/policy-mechanism",
    "pod-security/privilege-escalation",
    "pod-security/privileged",
    "pod-security/proc-mount",
    "pod-security/root-containers",
    "pod-security/windows-host-process",
    "rbac/approve-certificates",
    "rbac/bind-impersonate-escalate",
    "rbac/cluster-admin",
    "rbac/create-persistent-volumes",
    "rbac/create-pods",
    "rbac/create-tokens",
    "rbac/default-service-accounts",
    "rbac/node-proxy",
    "rbac/secrets-access",
    "rbac/system-masters",
    "rbac/token-mounts",
    "rbac/webhook-configurations",
    "rbac/wildcards",
    "workloads/default-namespace",
    "workloads/external-secrets",
    "workloads/image-provenance",
    "workloads/namespaces",
    "workloads/network-policies",
    "workloads/network-policy-support",
    "workloads/own-service-accounts",
    "workloads/read-only-root",
    "workloads/seccomp-profile",
    "workloads/secrets-as-files",
    "workloads/secrets-in-variables",
    "workloads/security-context",
];

/// What a predicate takes of the parameters of its control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// `true` or `false`.
    Truth,
    /// A list of texts, which may be empty.
    Texts,
}

/// The parameters that a predicate takes, each with what it must be. A control need not declare them.
pub fn taken_by(predicate: &str) -> &'static [(&'static str, Taken)] {
    match predicate {
        "image-registry/approved-registries" => &[("registries", Taken::Texts)],
        "eks/network-policies-enforced" | "workloads/network-policies" => &[("default_deny", Taken::Truth)],
        "pod-security/policy-mechanism" | "pod-security/proc-mount" => &[],
        "rbac/default-service-accounts" => &[("strict", Taken::Truth)],
        _ if predicate.starts_with("pod-security/") => &[("strict", Taken::Truth)],
        _ => &[],
    }
}
