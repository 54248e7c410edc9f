//! The rights of a service account beyond those of every authenticated user.

use std::collections::HashMap;
use std::rc::Rc;

use super::grant::{Grant, Source};
use super::index::{BindingId, Rbac, RoleId};
use super::objects::Binding;
use super::who::Who;

/// The most grants returned per group: the accounts of a namespace may share thousands.
const SHARED: usize = 20;

/// The grants of one service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<'a> {
    /// Grants to the account itself, including those that name it as a user.
    pub own: Vec<Grant<'a>>,
    /// Grants to all service accounts, or to all in its namespace, except Kubernetes' own; at most 20 per group.
    pub shared: Vec<Grant<'a>>,
    /// Bindings of the account to a role that does not exist or has no rules.
    pub dangling: Vec<&'a Binding>,
    /// Bindings of the account to a role that may be missing from an incomplete list.
    pub unseen: Vec<&'a Binding>,
}

/// Looks up the grants of service accounts beyond those of every authenticated user.
///
/// If a list is incomplete ([`Rbac::missing`]), an account may have more.
#[derive(Debug)]
pub struct Holdings<'a> {
    rbac: &'a Rbac,
    shared: HashMap<String, Rc<[Grant<'a>]>>,
    /// The indices of all rules, by role.
    rules: HashMap<RoleId, Rc<[usize]>>,
}

impl<'a> Holdings<'a> {
    /// Creates a look-up in `rbac`.
    pub fn new(rbac: &'a Rbac) -> Self {
        Self { rbac, shared: HashMap::new(), rules: HashMap::new() }
    }

    /// The grants of the account `name` in `namespace`.
    pub fn of(&mut self, namespace: &str, name: &str) -> Held<'a> {
        let rbac = self.rbac;
        let who = Who::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() };
        let mut held = Held { own: Vec::new(), shared: Vec::new(), dangling: Vec::new(), unseen: Vec::new() };
        for id in rbac.naming_user(&who.user_name().unwrap_or_default()) {
            let binding = rbac.binding(id);
            match self.grant_of(id, &who) {
                Some(grant) => held.own.push(grant),
                None if rbac.role_of(binding).is_some() || rbac.dangles(binding) => held.dangling.push(binding),
                None => held.unseen.push(binding),
            }
        }
        for group in ["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")] {
            let known = self.shared.get(&group).cloned();
            let shared = known.unwrap_or_else(|| {
                let who = Who::Group(group.clone());
                let grants = rbac.naming_group(&group).filter_map(|id| self.grant_of(id, &who));
                let shared: Rc<[Grant]> = grants.filter(|grant| !is_default(grant)).take(SHARED).collect();
                self.shared.insert(group, Rc::clone(&shared));
                shared
            });
            held.shared.extend(shared.iter().cloned());
        }
        held
    }

    /// The grant through a binding, unless its role is unknown or has no rules.
    fn grant_of(&mut self, id: BindingId, who: &Who) -> Option<Grant<'a>> {
        let binding = self.rbac.binding(id);
        let role_id = self.rbac.role_of(binding)?;
        let role = self.rbac.role(role_id);
        let rules = self.rules.entry(role_id).or_insert_with(|| (0..role.rules.len()).collect());
        let source = Source::Bound { binding, role, rules: Rc::clone(rules) };
        (!role.rules.is_empty()).then(|| Grant { who: who.clone(), source })
    }
}

/// Whether this is Kubernetes' own grant to all service accounts: service account issuer discovery.
fn is_default(grant: &Grant) -> bool {
    let Source::Bound { role, .. } = &grant.source else { return true };
    role.rules.iter().all(|rule| {
        rule.resources.is_empty()
            && rule.verbs.iter().all(|verb| verb == "get")
            && rule
                .non_resource_urls
                .iter()
                .all(|url| matches!(url.trim_end_matches('/'), "/.well-known/openid-configuration" | "/openid/v1/jwks"))
    })
}
