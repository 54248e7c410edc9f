//! What EKS Anywhere ships: namespaces, bindings, roles and webhooks, as data. A name proves nothing: a binding counts
//! as shipped only with its role and no other subjects, and a role only with no other rules.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::evidence::Evidence;
use crate::eks_anywhere::{Cluster, Minor, Provider};
use crate::policy::ObjectName;
use crate::policy::exemption::{Mistake, Pattern, parse};
use crate::rbac::{Binding, Role, Rule, Who};

/// The placeholder for the namespace of Flux.
const FLUX: &str = "{flux}";

/// A file that describes what EKS Anywhere ships.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipped {
    /// The critical namespaces.
    namespaces: Vec<Namespaces>,
    /// Bindings in the critical namespaces, and cluster-wide ones.
    bindings: Vec<ShippedBinding>,
    /// Roles, with the most that each may grant.
    roles: Vec<ShippedRole>,
    /// Subjects that only the platform's components use.
    subjects: Vec<ShippedSubject>,
    /// `ClusterRoles` that aggregated roles select.
    aggregated: Vec<String>,
    /// Webhook configurations, by namespace of their service.
    webhooks: Vec<ShippedWebhooks>,
}

/// Critical namespaces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Namespaces {
    names: Vec<String>,
    #[serde(default)]
    providers: Vec<Provider>,
}

/// A shipped binding.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippedBinding {
    /// The binding: `ClusterRoleBinding NAME` or `RoleBinding NAMESPACE/NAME`.
    binding: String,
    /// The roles, any of which is accepted: `ClusterRole NAME` or `Role NAME`.
    roles: Vec<String>,
    #[serde(default)]
    subjects: Vec<String>,
    #[serde(default)]
    providers: Vec<Provider>,
    /// The last minor version that ships it.
    #[serde(default)]
    until: Option<Minor>,
    reason: String,
}

/// A shipped role.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippedRole {
    /// The role: `ClusterRole NAME` or `Role NAMESPACE/NAME`.
    role: String,
    /// The most that it may grant; `None` if that is not compared.
    #[serde(default)]
    rules: Option<Vec<Rule>>,
    #[serde(default)]
    providers: Vec<Provider>,
}

/// A shipped subject.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippedSubject {
    subject: String,
    reason: String,
}

/// Shipped webhook configurations.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippedWebhooks {
    /// The namespace of the service.
    namespace: String,
    names: Vec<String>,
}

/// What is shipped for one cluster.
#[derive(Debug)]
pub(super) struct Own<'a> {
    /// The critical namespaces; a trailing `*` matches any suffix.
    pub(super) namespaces: BTreeSet<String>,
    bindings: Vec<OwnBinding<'a>>,
    roles: Vec<(ObjectName, Option<&'a [Rule]>)>,
    subjects: Vec<(Pattern, &'a str)>,
    accounts: BTreeSet<Who>,
    pub(super) aggregated: &'a [String],
    webhooks: &'a [ShippedWebhooks],
}

#[derive(Debug)]
struct OwnBinding<'a> {
    binding: ObjectName,
    roles: Vec<(String, String)>,
    subjects: Vec<Who>,
    reason: &'a str,
}

/// The result of comparing a binding with the shipped ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Compared<'a> {
    /// It is unchanged; contains the reason for the exemption.
    Shipped(&'a str),
    /// It has the name of a shipped binding, but was changed.
    Changed(String),
    /// It is foreign.
    Foreign,
}

impl Shipped {
    /// Checks the names in the file.
    ///
    /// # Errors
    ///
    /// Returns an error if a name is malformed.
    pub fn check(self) -> Result<Self, Mistake> {
        self.bindings.iter().try_for_each(|binding| binding.own("flux-system").map(drop))?;
        self.roles.iter().try_for_each(|role| parse::role(&role.role).map(drop))?;
        self.subjects.iter().try_for_each(|subject| parse::pattern(&subject.subject).map(drop))?;
        Ok(self)
    }

    /// Each exemption as text, with its reason.
    pub fn words(&self) -> impl Iterator<Item = String> {
        let bindings = self.bindings.iter().map(|shipped| format!("{}: {}", shipped.binding, shipped.reason));
        bindings.chain(self.subjects.iter().map(|shipped| format!("{}: {}", shipped.subject, shipped.reason)))
    }
}

impl ShippedBinding {
    fn own(&self, flux: &str) -> Result<OwnBinding<'_>, Mistake> {
        let roles =
            self.roles.iter().map(|role| parse::role_ref(&role.replace(FLUX, flux))).collect::<Result<_, _>>()?;
        let subjects =
            self.subjects.iter().map(|who| parse::who(&who.replace(FLUX, flux))).collect::<Result<_, _>>()?;
        Ok(OwnBinding {
            binding: parse::binding(&self.binding.replace(FLUX, flux))?,
            roles,
            subjects,
            reason: &self.reason,
        })
    }
}

impl<'a> Own<'a> {
    /// Selects what applies to a cluster by the providers and namespaces in its specifications; everything if these
    /// are unknown.
    pub(super) fn new(evidence: &Evidence<'a>) -> Self {
        let shipped = evidence.shipped;
        let clusters = &evidence.objects.clusters;
        let known: BTreeSet<Provider> = clusters.items.iter().filter_map(Cluster::provider).collect();
        let is_known = clusters.missing.is_none() && !known.is_empty();
        let has = |providers: &[Provider]| {
            providers.is_empty() || !is_known || providers.iter().any(|provider| known.contains(provider))
        };
        let oldest = clusters.items.iter().map(Cluster::version).min().flatten();
        let is_young =
            |until: Option<Minor>| until.zip(oldest).is_none_or(|(until, version)| !is_known || version <= until);
        let flux = evidence.flux_namespaces();
        let mut bindings = Vec::new();
        for binding in shipped.bindings.iter().filter(|binding| has(&binding.providers) && is_young(binding.until)) {
            let is_of_flux = binding.binding.contains(FLUX) || binding.subjects.iter().any(|who| who.contains(FLUX));
            let namespaces = flux.iter().take(if is_of_flux { flux.len() } else { 1 });
            // Malformed entries were rejected when the file was parsed.
            bindings.extend(namespaces.filter_map(|namespace| binding.own(namespace).ok()));
        }
        let roles = shipped.roles.iter().filter(|role| has(&role.providers));
        let roles = roles.filter_map(|role| Some((parse::role(&role.role).ok()?, role.rules.as_deref())));
        let subjects = shipped.subjects.iter();
        let subjects =
            subjects.filter_map(|shipped| Some((parse::pattern(&shipped.subject).ok()?, shipped.reason.as_str())));
        let mut namespaces: BTreeSet<String> = shipped
            .namespaces
            .iter()
            .filter(|namespaces| has(&namespaces.providers))
            .flat_map(|namespaces| namespaces.names.iter().cloned())
            .collect();
        namespaces.extend(flux.iter().map(|&namespace| namespace.to_owned()));
        if is_known {
            namespaces.extend(clusters.items.iter().map(|cluster| format!("eksa-packages-{}", cluster.name())));
        } else {
            namespaces.insert("eksa-packages-*".to_owned());
        }
        let accounts = bindings.iter().flat_map(|binding: &OwnBinding| &binding.subjects);
        let accounts = accounts.filter(|who| matches!(who, Who::ServiceAccount { .. })).cloned().collect();
        Self {
            namespaces,
            accounts,
            bindings,
            roles: roles.collect(),
            subjects: subjects.collect(),
            aggregated: &shipped.aggregated,
            webhooks: &shipped.webhooks,
        }
    }

    /// Whether a namespace is critical.
    pub(super) fn is_critical(&self, namespace: &str) -> bool {
        self.namespaces.iter().any(|critical| match critical.strip_suffix('*') {
            Some(start) => namespace.starts_with(start),
            None => namespace == critical,
        })
    }

    /// Compares a binding with the shipped ones.
    pub(super) fn binding(&self, binding: &Binding) -> Compared<'a> {
        let object = binding.object();
        if let Some(reason) = of_kubernetes(binding, &object) {
            return Compared::Shipped(reason);
        }
        let mut compared = Compared::Foreign;
        for own in self.bindings.iter().filter(|own| own.binding == object) {
            let role = (binding.role_ref.kind.clone(), binding.role_ref.name.clone());
            let other = binding.subjects.iter().filter_map(|subject| Who::of(subject, &object.namespace));
            compared = match other.into_iter().find(|who| !own.subjects.contains(who)) {
                _ if !own.roles.contains(&role) => Compared::Changed(format!("its role is {} {}", role.0, role.1)),
                Some(other) => Compared::Changed(format!("it names {other}")),
                None => return Compared::Shipped(own.reason),
            };
        }
        compared
    }

    /// Why a subject is one of the cluster's own, if it is.
    pub(super) fn subject(&self, who: &Who) -> Option<&'a str> {
        let named = self.subjects.iter().find(|(pattern, _)| pattern.matches(who)).map(|(_, reason)| *reason);
        named.or_else(|| self.accounts.contains(who).then_some("an account of EKS Anywhere's own components"))
    }

    /// The indices of the rules added to a shipped role; `None` if no shipped role has this name.
    pub(super) fn role(&self, role: &Role) -> Option<Vec<usize>> {
        let object = role.object();
        let (_, rules) = self.roles.iter().find(|(own, _)| *own == object)?;
        let Some(rules) = rules else { return Some(Vec::new()) };
        let is_more = |rule: &Rule| !rules.iter().any(|own| rule.grants_at_most(own));
        Some(role.rules.iter().enumerate().filter(|(_, rule)| is_more(rule)).map(|(place, _)| place).collect())
    }

    /// Whether a webhook configuration is shipped, by its name and services.
    pub(super) fn has_webhooks(&self, name: &str, namespaces: &BTreeSet<&str>) -> bool {
        let is_named = |own: &ShippedWebhooks| own.names.iter().any(|one| one == name);
        !namespaces.is_empty()
            && namespaces.iter().all(|of| self.webhooks.iter().any(|own| own.namespace == *of && is_named(own)))
    }
}

/// Kubernetes' own controller bindings, which the API server restores: all have the same form.
fn of_kubernetes(binding: &Binding, object: &ObjectName) -> Option<&'static str> {
    let name = object.name.strip_prefix("system:controller:")?;
    let account = Who::ServiceAccount { namespace: "kube-system".to_owned(), name: name.to_owned() };
    let is_account = |subject: &crate::rbac::Subject| Who::of(subject, &object.namespace).as_ref() == Some(&account);
    (binding.role_ref.name == object.name && binding.subjects.iter().all(is_account))
        .then_some("a controller of Kubernetes, as it is shipped")
}
