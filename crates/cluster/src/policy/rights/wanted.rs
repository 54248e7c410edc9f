//! The rights that controls are about.

use crate::rbac::Rule;

/// A right that speaks against a control.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// The API group.
    pub(super) group: &'static str,
    /// The resource.
    pub(super) resource: &'static str,
    /// The subresource; [`ANY`] for all of them.
    pub(super) subresource: &'static str,
    /// Each of these; any verb at all where there is none, of a rule that names the resource.
    pub(super) verbs: &'static [&'static str],
    /// Whether a `RoleBinding` grants it: not for kinds without namespaces.
    pub(super) namespaced: bool,
    /// What `resourceNames` make of it.
    pub(super) names: Names,
}

/// What becomes of a right that is limited to objects by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Nothing is left of it: requests for it carry no name.
    Void,
    /// It is minimized, as it should be.
    Noted,
    /// It speaks against the control all the same.
    Counted,
    /// It does where a name is that of somebody or something that is allowed everything.
    Powerful,
}

/// Every subresource.
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

/// The object comes back from `patch` and `update` too.
const SECRETS: &[Wanted] = &[wanted("", "secrets", &["get", "list", "watch", "patch", "update"], true, Names::Noted)];

/// Pods, and what has a controller that makes pods of its template.
const PODS: &[Wanted] = &[
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

/// A binding in a namespace is allowed by `bind` there, on `clusterroles` too. Who may escalate a role by name has all
/// that they put into it.
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

/// Verbs that a request to the proxy has: it is never a list. A node's name limits nothing that is on the node.
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

/// A Secret of type `kubernetes.io/service-account-token` is filled with a token by a controller.
const TOKENS: &[Wanted] = &[
    sub(wanted("", "serviceaccounts", CREATE, true, Names::Noted), "token"),
    wanted("", "secrets", CREATE, true, Names::Void),
];

/// Who has both halves may have a certificate in any name. A request is approved by whoever may create one of the name.
pub(super) const APPROVAL: &[Wanted] = &[sub(
    wanted("certificates.k8s.io", "certificatesigningrequests", &["update", "patch"], false, Names::Counted),
    "approval",
)];
/// The other half.
pub(super) const SIGNERS: &[Wanted] = &[wanted("certificates.k8s.io", "signers", &["approve"], false, Names::Powerful)];

/// The rights that a control is about, of those that any one of them decides.
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
    /// The verbs on this that `rule` allows, whatever names it is limited to.
    pub(super) fn verbs_of<'a>(&self, rule: &'a Rule) -> Vec<&'a str>
    where
        'static: 'a,
    {
        if !rule.group_matches(self.group) || !self.resource_matches(rule) {
            return Vec::new();
        }
        if !self.verbs.is_empty() {
            return self.verbs.iter().copied().filter(|verb| rule.verb_matches(verb)).collect();
        }
        // Whoever names it wants it.
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
                // `*/scale` of all groups does not mean the extras of a user.
                || (resource.starts_with("*/") && rule.api_groups.iter().any(|group| group == self.group))
        })
    }

    /// How a finding calls it.
    pub(super) fn label(&self) -> String {
        match self.subresource {
            "" | ANY => self.resource.to_owned(),
            sub => format!("{}/{sub}", self.resource),
        }
    }
}
