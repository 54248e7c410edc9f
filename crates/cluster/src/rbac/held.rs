//! What a service account may do that not everyone may.

use std::collections::HashMap;
use std::rc::Rc;

use super::grant::{Grant, Source};
use super::index::{BindingId, Rbac, RoleId};
use super::objects::Binding;
use super::who::Who;

/// How many rights by groups are named: an account of many may have thousands in common with the others.
const SHARED: usize = 20;

/// What bindings give one service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<'a> {
    /// Rights by bindings that name the account itself, in whatever spelling.
    pub own: Vec<Grant<'a>>,
    /// Rights by bindings that name all accounts, or all of its namespace, without what Kubernetes itself gives them;
    /// the first 20 of each.
    pub shared: Vec<Grant<'a>>,
    /// Bindings that name the account, and a role that is not there or empty: they grant nothing until somebody fills
    /// it.
    pub dangling: Vec<&'a Binding>,
    /// Bindings that name the account, and a role that was not seen.
    pub unseen: Vec<&'a Binding>,
}

/// What bindings give service accounts beyond what everyone has who is authenticated.
///
/// With incomplete lists ([`Rbac::missing`]) an account may have more.
#[derive(Debug)]
pub struct Holdings<'a> {
    rbac: &'a Rbac,
    shared: HashMap<String, Rc<[Grant<'a>]>>,
    /// All rules of each role that was asked for.
    rules: HashMap<RoleId, Rc<[usize]>>,
}

impl<'a> Holdings<'a> {
    /// Those of `rbac`.
    pub fn new(rbac: &'a Rbac) -> Self {
        Self { rbac, shared: HashMap::new(), rules: HashMap::new() }
    }

    /// What bindings give the account `name` of `namespace`.
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

    /// All that a binding gives, where its role gives anything.
    fn grant_of(&mut self, id: BindingId, who: &Who) -> Option<Grant<'a>> {
        let binding = self.rbac.binding(id);
        let role_id = self.rbac.role_of(binding)?;
        let role = self.rbac.role(role_id);
        let rules = self.rules.entry(role_id).or_insert_with(|| (0..role.rules.len()).collect());
        let source = Source::Bound { binding, role, rules: Rc::clone(rules) };
        (!role.rules.is_empty()).then(|| Grant { who: who.clone(), source })
    }
}

/// Whether it is what Kubernetes gives all service accounts: reading the keys that their tokens are signed with.
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
