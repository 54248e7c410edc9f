//! The rights that each control restricts.

use crate::rbac::Rule;

/// A right that fails a control.
#[derive(Debug, Clone, Copy)]
pub(in crate::policy) struct Wanted {
    /// The API group.
    pub(super) group: &'static str,
    /// The resource.
    pub(super) resource: &'static str,
    /// The subresource; [`ANY`] for all.
    pub(super) subresource: &'static str,
    /// The verbs, any of which suffices. If empty, any verb in a rule that names the resource explicitly.
    pub(super) verbs: &'static [&'static str],
    /// Whether a `RoleBinding` can grant it; false for cluster-scoped kinds.
    pub(super) namespaced: bool,
    /// The effect of `resourceNames`.
    pub(super) names: Names,
}

/// The effect of `resourceNames` on a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// The rule grants nothing, since such requests carry no name.
    Void,
    /// The right is noted and does not fail the control.
    Noted,
    /// The right fails the control nevertheless.
    Counted,
    /// The right fails the control if a name belongs to a subject or role that is allowed everything; otherwise it is
    /// noted.
    Powerful,
}

/// All subresources.
pub(super) const ANY: &str = "*";

const fn wanted(
    group: &'static str,
    resource: &'static str,
    verbs: &'static [&'static str],
    namespaced: bool,
    names: Names,
) -> Wanted {
    Wanted { group, resource, subresource: "", verbs, namespaced, names }
}

const fn sub(wanted: Wanted, subresource: &'static str) -> Wanted {
    Wanted { subresource, ..wanted }
}

const CREATE: &[&str] = &["create"];

/// `patch` and `update` also return the object.
const SECRETS: &[Wanted] = &[wanted("", "secrets", &["get", "list", "watch", "patch", "update"], true, Names::Noted)];

/// Pods, and the workload kinds that create pods.
pub(in crate::policy) const PODS: &[Wanted] = &[
    wanted("", "pods", CREATE, true, Names::Void),
    wanted("", "replicationcontrollers", CREATE, true, Names::Void),
    wanted("apps", "daemonsets", CREATE, true, Names::Void),
    wanted("apps", "deployments", CREATE, true, Names::Void),
    wanted("apps", "replicasets", CREATE, true, Names::Void),
    wanted("apps", "statefulsets", CREATE, true, Names::Void),
    wanted("batch", "cronjobs", CREATE, true, Names::Void),
    wanted("batch", "jobs", CREATE, true, Names::Void),
    // Served until Kubernetes 1.15.
    wanted("extensions", "daemonsets", CREATE, true, Names::Void),
    wanted("extensions", "deployments", CREATE, true, Names::Void),
    wanted("extensions", "replicasets", CREATE, true, Names::Void),
];

const RBAC: &str = "rbac.authorization.k8s.io";
const AUTHENTICATION: &str = "authentication.k8s.io";

/// In a namespace, `bind` on `clusterroles` allows `RoleBindings` to any of them. `escalate` on a role allows adding
/// any rule to it.
const ESCALATION: &[Wanted] = &[
    wanted(RBAC, "clusterroles", &["bind"], true, Names::Powerful),
    wanted(RBAC, "clusterroles", &["escalate"], false, Names::Counted),
    wanted(RBAC, "roles", &["bind"], true, Names::Powerful),
    wanted(RBAC, "roles", &["escalate"], true, Names::Counted),
    wanted("", "users", &["impersonate"], false, Names::Powerful),
    wanted("", "groups", &["impersonate"], false, Names::Powerful),
    wanted("", "serviceaccounts", &["impersonate"], true, Names::Powerful),
    wanted(AUTHENTICATION, "uids", &["impersonate"], false, Names::Noted),
    sub(wanted(AUTHENTICATION, "userextras", &["impersonate"], false, Names::Noted), ANY),
];

const VOLUMES: &[Wanted] = &[wanted("", "persistentvolumes", CREATE, false, Names::Void)];

/// The verbs of proxy requests. Access to a single node suffices.
const NODE_PROXY: &[Wanted] = &[
    sub(wanted("", "nodes", &["get", "create", "update", "patch", "delete"], false, Names::Counted), "proxy"),
    sub(wanted("", "nodes", &[], false, Names::Counted), "proxy"),
];

const WEBHOOKS: &[Wanted] = &[
    wanted("admissionregistration.k8s.io", "validatingwebhookconfigurations", COLLECTION, false, Names::Void),
    wanted("admissionregistration.k8s.io", "validatingwebhookconfigurations", OBJECT, false, Names::Noted),
    wanted("admissionregistration.k8s.io", "mutatingwebhookconfigurations", COLLECTION, false, Names::Void),
    wanted("admissionregistration.k8s.io", "mutatingwebhookconfigurations", OBJECT, false, Names::Noted),
];
const COLLECTION: &[&str] = &["create", "deletecollection"];
const OBJECT: &[&str] = &["update", "patch", "delete"];

/// A controller adds a token to Secrets of type `kubernetes.io/service-account-token`.
const TOKENS: &[Wanted] = &[
    sub(wanted("", "serviceaccounts", CREATE, true, Names::Noted), "token"),
    wanted("", "secrets", CREATE, true, Names::Void),
];

const WRITE: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];

/// Write access to namespaced resources in all namespaces, which a `RoleBinding` does not grant. Events and leases are
/// excluded, since most components write them.
pub(super) const CLUSTER_WIDE_WRITES: &[Wanted] = &[
    wanted("", "configmaps", WRITE, false, Names::Void),
    wanted("", "endpoints", WRITE, false, Names::Void),
    wanted("", "limitranges", WRITE, false, Names::Void),
    wanted("", "persistentvolumeclaims", WRITE, false, Names::Void),
    wanted("", "pods", WRITE, false, Names::Void),
    sub(wanted("", "pods", WRITE, false, Names::Void), "exec"),
    wanted("", "replicationcontrollers", WRITE, false, Names::Void),
    wanted("", "resourcequotas", WRITE, false, Names::Void),
    wanted("", "secrets", WRITE, false, Names::Void),
    wanted("", "serviceaccounts", WRITE, false, Names::Void),
    wanted("", "services", WRITE, false, Names::Void),
    wanted("apps", "daemonsets", WRITE, false, Names::Void),
    wanted("apps", "deployments", WRITE, false, Names::Void),
    wanted("apps", "replicasets", WRITE, false, Names::Void),
    wanted("apps", "statefulsets", WRITE, false, Names::Void),
    wanted("autoscaling", "horizontalpodautoscalers", WRITE, false, Names::Void),
    wanted("batch", "cronjobs", WRITE, false, Names::Void),
    wanted("batch", "jobs", WRITE, false, Names::Void),
    wanted("networking.k8s.io", "ingresses", WRITE, false, Names::Void),
    wanted("networking.k8s.io", "networkpolicies", WRITE, false, Names::Void),
    wanted("policy", "poddisruptionbudgets", WRITE, false, Names::Void),
    wanted(RBAC, "rolebindings", WRITE, false, Names::Void),
    wanted(RBAC, "roles", WRITE, false, Names::Void),
];

/// The first right needed for approval. `resourceNames` do not limit it, since a request can have any name.
pub(super) const APPROVAL: &[Wanted] = &[sub(
    wanted("certificates.k8s.io", "certificatesigningrequests", &["update", "patch"], false, Names::Counted),
    "approval",
)];
/// The second right needed for approval.
pub(super) const SIGNERS: &[Wanted] = &[wanted("certificates.k8s.io", "signers", &["approve"], false, Names::Powerful)];

/// The rights that fail a control, if a single right suffices.
pub(super) fn of(control: &str) -> Option<&'static [Wanted]> {
    Some(match control {
        "rbac/secrets-access" => SECRETS,
        "rbac/create-pods" => PODS,
        "rbac/bind-impersonate-escalate" => ESCALATION,
        "rbac/create-persistent-volumes" => VOLUMES,
        "rbac/node-proxy" => NODE_PROXY,
        "rbac/webhook-configurations" => WEBHOOKS,
        "rbac/create-tokens" => TOKENS,
        _ => return None,
    })
}

impl Wanted {
    /// The verbs that `rule` grants, regardless of `resourceNames`.
    pub(in crate::policy) fn verbs_of<'a>(&self, rule: &'a Rule) -> Vec<&'a str>
    where
        'static: 'a,
    {
        if !rule.group_matches(self.group) || !self.resource_matches(rule) {
            return Vec::new();
        }
        if !self.verbs.is_empty() {
            return self.verbs.iter().copied().filter(|verb| rule.verb_matches(verb)).collect();
        }
        // Whether the rule names the resource explicitly.
        let named = rule.resources.iter().any(|resource| resource != "*");
        if named && rule.resources.iter().all(|resource| resource != "*") {
            rule.verbs.iter().map(String::as_str).take(8).collect()
        } else {
            Vec::new()
        }
    }

    fn resource_matches(&self, rule: &Rule) -> bool {
        if self.subresource != ANY {
            return rule.resource_matches(self.resource, self.subresource);
        }
        rule.resources.iter().any(|resource| {
            resource == "*"
                || resource.strip_prefix(self.resource).is_some_and(|rest| rest.starts_with('/'))
                // `*/scale` in all groups does not refer to `userextras`.
                || (resource.starts_with("*/") && rule.api_groups.iter().any(|group| group == self.group))
        })
    }

    /// The name in findings.
    pub(in crate::policy) fn label(&self) -> String {
        match self.subresource {
            "" | ANY => self.resource.to_owned(),
            sub => format!("{}/{sub}", self.resource),
        }
    }
}
