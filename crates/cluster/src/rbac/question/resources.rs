//! Built-in resources by the names that kubectl accepts (`kubectl api-resources`, Kubernetes 1.36), and virtual
//! resources that exist only in rules.

/// A resource and its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Resource {
    /// The plural name, such as `pods`.
    pub(super) plural: &'static str,
    /// The kind in lower case, such as `pod`.
    singular: &'static str,
    /// The short names, such as `po`; comma-separated, empty if there are none.
    short: &'static str,
    /// The API group; empty for the core group.
    pub(super) group: &'static str,
    /// Whether it is namespaced.
    pub(super) namespaced: bool,
}

const fn row(
    plural: &'static str,
    singular: &'static str,
    short: &'static str,
    group: &'static str,
    namespaced: bool,
) -> Resource {
    Resource { plural, singular, short, group, namespaced }
}

const ADMISSION: &str = "admissionregistration.k8s.io";
const AUTHENTICATION: &str = "authentication.k8s.io";
const AUTHORIZATION: &str = "authorization.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";
const DRA: &str = "resource.k8s.io";
const FLOW: &str = "flowcontrol.apiserver.k8s.io";
const NETWORKING: &str = "networking.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";
const STORAGE: &str = "storage.k8s.io";

/// In kubectl's order of preference, for names that exist in several groups.
const RESOURCES: &[Resource] = &[
    row("bindings", "binding", "", "", true),
    row("componentstatuses", "componentstatus", "cs", "", false),
    row("configmaps", "configmap", "cm", "", true),
    row("endpoints", "endpoints", "ep", "", true),
    row("events", "event", "ev", "", true),
    row("limitranges", "limitrange", "limits", "", true),
    row("namespaces", "namespace", "ns", "", false),
    row("nodes", "node", "no", "", false),
    row("persistentvolumeclaims", "persistentvolumeclaim", "pvc", "", true),
    row("persistentvolumes", "persistentvolume", "pv", "", false),
    row("pods", "pod", "po", "", true),
    row("podtemplates", "podtemplate", "", "", true),
    row("replicationcontrollers", "replicationcontroller", "rc", "", true),
    row("resourcequotas", "resourcequota", "quota", "", true),
    row("secrets", "secret", "", "", true),
    row("serviceaccounts", "serviceaccount", "sa", "", true),
    row("services", "service", "svc", "", true),
    // Virtual, for the verb `impersonate`.
    row("groups", "group", "", "", false),
    row("users", "user", "", "", false),
    row("uids", "uid", "", AUTHENTICATION, false),
    row("userextras", "userextra", "", AUTHENTICATION, false),
    row("mutatingadmissionpolicies", "mutatingadmissionpolicy", "", ADMISSION, false),
    row("mutatingadmissionpolicybindings", "mutatingadmissionpolicybinding", "", ADMISSION, false),
    row("mutatingwebhookconfigurations", "mutatingwebhookconfiguration", "", ADMISSION, false),
    row("validatingadmissionpolicies", "validatingadmissionpolicy", "", ADMISSION, false),
    row("validatingadmissionpolicybindings", "validatingadmissionpolicybinding", "", ADMISSION, false),
    row("validatingwebhookconfigurations", "validatingwebhookconfiguration", "", ADMISSION, false),
    row("customresourcedefinitions", "customresourcedefinition", "crd,crds", "apiextensions.k8s.io", false),
    row("apiservices", "apiservice", "", "apiregistration.k8s.io", false),
    row("controllerrevisions", "controllerrevision", "", "apps", true),
    row("daemonsets", "daemonset", "ds", "apps", true),
    row("deployments", "deployment", "deploy", "apps", true),
    row("replicasets", "replicaset", "rs", "apps", true),
    row("statefulsets", "statefulset", "sts", "apps", true),
    row("selfsubjectreviews", "selfsubjectreview", "", AUTHENTICATION, false),
    row("tokenreviews", "tokenreview", "", AUTHENTICATION, false),
    row("localsubjectaccessreviews", "localsubjectaccessreview", "", AUTHORIZATION, true),
    row("selfsubjectaccessreviews", "selfsubjectaccessreview", "", AUTHORIZATION, false),
    row("selfsubjectrulesreviews", "selfsubjectrulesreview", "", AUTHORIZATION, false),
    row("subjectaccessreviews", "subjectaccessreview", "", AUTHORIZATION, false),
    row("horizontalpodautoscalers", "horizontalpodautoscaler", "hpa", "autoscaling", true),
    row("cronjobs", "cronjob", "cj", "batch", true),
    row("jobs", "job", "", "batch", true),
    row("certificatesigningrequests", "certificatesigningrequest", "csr", CERTIFICATES, false),
    row("clustertrustbundles", "clustertrustbundle", "", CERTIFICATES, false),
    row("podcertificaterequests", "podcertificaterequest", "", CERTIFICATES, true),
    // Virtual, for the verbs `approve`, `sign` and `attest`.
    row("signers", "signer", "", CERTIFICATES, false),
    row("leasecandidates", "leasecandidate", "", "coordination.k8s.io", true),
    row("leases", "lease", "", "coordination.k8s.io", true),
    row("endpointslices", "endpointslice", "", "discovery.k8s.io", true),
    row("events", "event", "ev", "events.k8s.io", true),
    row("flowschemas", "flowschema", "", FLOW, false),
    row("prioritylevelconfigurations", "prioritylevelconfiguration", "", FLOW, false),
    row("storageversions", "storageversion", "", "internal.apiserver.k8s.io", false),
    row("ingressclasses", "ingressclass", "", NETWORKING, false),
    row("ingresses", "ingress", "ing", NETWORKING, true),
    row("ipaddresses", "ipaddress", "ip", NETWORKING, false),
    row("networkpolicies", "networkpolicy", "netpol", NETWORKING, true),
    row("servicecidrs", "servicecidr", "", NETWORKING, false),
    row("runtimeclasses", "runtimeclass", "", "node.k8s.io", false),
    row("poddisruptionbudgets", "poddisruptionbudget", "pdb", "policy", true),
    // Served until Kubernetes 1.24.
    row("podsecuritypolicies", "podsecuritypolicy", "psp", "policy", false),
    row("clusterrolebindings", "clusterrolebinding", "", RBAC, false),
    row("clusterroles", "clusterrole", "", RBAC, false),
    row("rolebindings", "rolebinding", "", RBAC, true),
    row("roles", "role", "", RBAC, true),
    row("deviceclasses", "deviceclass", "", DRA, false),
    row("devicetaintrules", "devicetaintrule", "", DRA, false),
    row("resourceclaims", "resourceclaim", "", DRA, true),
    row("resourceclaimtemplates", "resourceclaimtemplate", "", DRA, true),
    row("resourceslices", "resourceslice", "", DRA, false),
    row("podgroups", "podgroup", "", "scheduling.k8s.io", true),
    row("priorityclasses", "priorityclass", "pc", "scheduling.k8s.io", false),
    row("workloads", "workload", "", "scheduling.k8s.io", true),
    row("csidrivers", "csidriver", "", STORAGE, false),
    row("csinodes", "csinode", "", STORAGE, false),
    row("csistoragecapacities", "csistoragecapacity", "", STORAGE, true),
    row("storageclasses", "storageclass", "sc", STORAGE, false),
    row("volumeattachments", "volumeattachment", "", STORAGE, false),
    row("volumeattributesclasses", "volumeattributesclass", "vac", STORAGE, false),
    row("storageversionmigrations", "storageversionmigration", "", "storagemigration.k8s.io", false),
    // Served by the metrics server; those of the core group are preferred.
    row("nodes", "node", "no", "metrics.k8s.io", false),
    row("pods", "pod", "po", "metrics.k8s.io", true),
];

/// Subresources of built-in resources.
pub const SUBRESOURCES: &[&str] = &[
    "approval",
    "attach",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "exec",
    "finalize",
    "finalizers",
    "log",
    "portforward",
    "proxy",
    "resize",
    "restricted",
    "rollback",
    "scale",
    "status",
    "token",
];

/// The names of the built-in resources: plural, singular and short.
pub fn names() -> impl Iterator<Item = &'static str> {
    let of = |resource: &'static Resource| {
        let short = resource.short.split(',').filter(|short| !short.is_empty());
        [resource.plural, resource.singular].into_iter().chain(short)
    };
    RESOURCES.iter().flat_map(of)
}

/// The built-in resource with this plural, singular or short name, in any case. If a group is given, an exact match
/// takes precedence over a prefix.
pub(super) fn find(name: &str, group: Option<&str>) -> Option<&'static Resource> {
    let name = name.to_lowercase();
    let named = |resource: &&Resource| {
        resource.plural == name
            || resource.singular == name
            || (!name.is_empty() && resource.short.split(',').any(|short| short == name))
    };
    let mut all = RESOURCES.iter().filter(named);
    match group {
        None => all.next(),
        Some(group) => {
            let group = group.to_lowercase();
            all.clone()
                .find(|resource| resource.group == group)
                .or_else(|| all.find(|resource| !group.is_empty() && resource.group.starts_with(&group)))
        }
    }
}
