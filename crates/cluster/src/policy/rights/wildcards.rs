//! `rbac/wildcards`: bound roles with wildcards.

use std::collections::BTreeMap;

use super::Rights;
use super::collected::Collected;
use super::exempted::{Exempted, Verdict};
use super::granted::named;
use crate::policy::{Judgement, Seen};
use crate::rbac::{Role, Rule, Who};

/// The most bindings shown in a path.
const BINDINGS: usize = 3;

/// Built-in API groups; others belong to operators.
const BUILT_IN: &[&str] = &[
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

/// A role's bindings.
#[derive(Debug, Default)]
struct Bound {
    bindings: Vec<String>,
    count: usize,
    /// Whether all subjects are service accounts.
    accounts: bool,
    /// The reason, if all bindings are exempt.
    exempt: Option<String>,
}

pub(super) fn judge(rights: &Rights) -> Judgement {
    let rbac = rights.rbac;
    let exempted = Exempted::new(rights.exemptions, "rbac/wildcards");
    let mut collected = Collected::default();
    let mut bound: BTreeMap<_, Bound> = BTreeMap::new();
    let mut wild: BTreeMap<_, (Vec<usize>, bool)> = BTreeMap::new();
    for id in rbac.bindings() {
        let binding = rbac.binding(id);
        let who = named(binding);
        if who.is_empty() {
            continue;
        }
        let Some(role_id) = rbac.role_of(binding) else {
            if rbac.dangles(binding) {
                collected.note(Seen {
                    object: binding.object(),
                    part: None,
                    path: vec![format!("{} {}", binding.role_ref.kind, binding.role_ref.name)],
                    found: "the role does not exist; creating it would grant its rules".to_owned(),
                });
            }
            continue;
        };
        let role = rbac.role(role_id);
        let (rules, halves) = wild
            .entry(role_id)
            .or_insert_with(|| (places(role, has_wildcard), role.rules.iter().any(has_half_wildcard)));
        if rules.is_empty() && !*halves {
            continue;
        }
        let exempt = match exempted.binding(binding, Some(role)) {
            Verdict::All(reason) => Some(reason),
            _ => who.iter().map(|who| exempted.grant(who, binding, Some(role), rules)).reduce(Option::and).flatten(),
        };
        let accounts = who.iter().all(|who| matches!(who, Who::ServiceAccount { .. }));
        let first = !bound.contains_key(&role_id);
        let of = bound.entry(role_id).or_default();
        of.count += 1;
        if of.bindings.len() < BINDINGS {
            of.bindings.push(format!("bound by {}", binding.object()));
        }
        of.accounts = accounts && (first || of.accounts);
        of.exempt =
            if first { exempt.map(str::to_owned) } else { exempt.and(of.exempt.take().as_deref()).map(str::to_owned) };
    }
    for (role_id, bound) in bound {
        add(rights, &exempted, &mut collected, rbac.role(role_id), &bound);
    }
    collected.judged(rbac)
}

fn add(rights: &Rights, exempted: &Exempted, collected: &mut Collected, role: &Role, bound: &Bound) {
    let seen = |rules: &[usize], found: &str| {
        let mut path = rights.rbac.role_path(role, rules);
        path.remove(0);
        path.extend(bound.bindings.iter().cloned());
        if bound.count > bound.bindings.len() {
            path.push(format!("+{} more bindings", bound.count - bound.bindings.len()));
        }
        Seen { object: role.object(), part: None, path, found: found.to_owned() }
    };
    let own = |rule: &Rule| bound.accounts && is_of_an_operator(rule);
    let rules = places(role, |rule| has_wildcard(rule) && !own(rule));
    if !rules.is_empty() {
        let mut kinds: Vec<&str> = Vec::new();
        for (name, has) in [
            ("verbs", (|rule: &Rule| has(&rule.verbs)) as fn(&Rule) -> bool),
            ("apiGroups", |rule| has(&rule.api_groups)),
            ("resources", |rule| has(&rule.resources)),
        ] {
            if rules.iter().any(|&place| has(&role.rules[place])) {
                kinds.push(name);
            }
        }
        let exempt = exempted.role(role, &rules).or(bound.exempt.as_deref());
        collected.add(seen(&rules, &format!("* in {}", kinds.join(", "))), exempt);
    }
    let noted = places(role, |rule| has_wildcard(rule) && own(rule));
    if !noted.is_empty() {
        collected.note(seen(&noted, "every verb within an operator's own API group"));
    }
    let halves = places(role, |rule| !has_wildcard(rule) && has_half_wildcard(rule));
    if !halves.is_empty() {
        collected.note(seen(&halves, "a subresource of every resource"));
    }
}

/// The indices of the rules for which `is` holds.
fn places(role: &Role, is: impl Fn(&Rule) -> bool) -> Vec<usize> {
    role.rules.iter().enumerate().filter(|(_, rule)| is(rule)).map(|(place, _)| place).collect()
}

fn has(list: &[String]) -> bool {
    list.iter().any(|item| item == "*")
}

fn has_wildcard(rule: &Rule) -> bool {
    has(&rule.verbs) || has(&rule.api_groups) || has(&rule.resources)
}

/// Whether a resource is like `*/scale`.
fn has_half_wildcard(rule: &Rule) -> bool {
    rule.resources.iter().any(|resource| resource.starts_with("*/"))
}

/// Whether only verbs have a wildcard, on explicit kinds that are not built in.
fn is_of_an_operator(rule: &Rule) -> bool {
    !rule.resources.is_empty()
        && !has(&rule.resources)
        && !rule.api_groups.is_empty()
        && rule.api_groups.iter().all(|group| group != "*" && !BUILT_IN.contains(&group.as_str()))
}
