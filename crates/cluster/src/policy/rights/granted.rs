//! Controls that a single right fails.

use std::collections::{BTreeMap, HashSet};

use super::Rights;
use super::collected::Collected;
use super::exempted::{Exempted, Verdict};
use super::wanted::{Names, Wanted};
use crate::policy::{Judgement, Seen};
use crate::rbac::{Binding, MASTERS, Rbac, Role, Rule, Who};

/// The restricted rights that a role grants.
#[derive(Debug, Default)]
pub(super) struct Granted {
    /// The indices of the rules.
    pub(super) rules: Vec<usize>,
    /// Verbs by resource.
    verbs: BTreeMap<String, Vec<String>>,
}

impl Granted {
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    fn add(&mut self, place: usize, wanted: &Wanted, verbs: &[&str]) {
        if self.rules.last() != Some(&place) {
            self.rules.push(place);
        }
        let known = self.verbs.entry(wanted.label()).or_default();
        for verb in verbs {
            // Verbs may be arbitrary, so only a few are shown.
            if known.len() < 8 && known.iter().all(|known| known != verb) {
                known.push((*verb).to_owned());
            }
        }
    }

    /// Formats as `get, list secrets`.
    pub(super) fn words(&self) -> String {
        let each = self.verbs.iter().map(|(what, verbs)| format!("{} {what}", verbs.join(", ")));
        each.collect::<Vec<_>>().join("; ")
    }
}

/// Subjects and roles that are allowed everything, for judging `resourceNames`.
#[derive(Debug, Default)]
pub(super) struct Powerful {
    holders: HashSet<Who>,
    /// The names of service accounts among them, in any namespace.
    accounts: HashSet<String>,
    roles: HashSet<String>,
}

impl Powerful {
    pub(super) fn new(rbac: &Rbac) -> Self {
        let mut powerful = Self::default();
        powerful.roles.insert("cluster-admin".to_owned());
        powerful.holders.insert(Who::Group(MASTERS.to_owned()));
        for id in rbac.bindings() {
            let binding = rbac.binding(id);
            let Some(role) = rbac.role_of(binding).map(|id| rbac.role(id)) else { continue };
            if binding.metadata.namespace.is_empty() && role.rules.iter().any(Rule::allows_everything) {
                powerful.holders.extend(binding.subjects.iter().filter_map(|subject| Who::of(subject, "")));
            }
        }
        powerful.accounts.extend(powerful.holders.iter().filter_map(|who| match who {
            Who::ServiceAccount { name, .. } => Some(name.clone()),
            Who::User(_) | Who::Group(_) => None,
        }));
        powerful.roles.extend(
            rbac.roles()
                .filter(|role| role.rules.iter().any(Rule::allows_everything))
                .map(|role| role.metadata.name.clone()),
        );
        powerful
    }

    /// Whether `resourceNames` include a powerful subject or role.
    fn is_named(&self, wanted: &Wanted, rule: &Rule) -> bool {
        rule.resource_names.iter().any(|name| match wanted.resource {
            "users" => self.holders.contains(&Who::user(name)),
            "groups" => self.holders.contains(&Who::Group(name.clone())),
            "serviceaccounts" => self.accounts.contains(name),
            // Kubernetes' own signers.
            "signers" => name.starts_with("kubernetes.io/"),
            _ => self.roles.contains(name),
        })
    }
}

/// The rights in `wanted` that a role grants: those that fail the control, and those limited to harmless names.
pub(super) fn granted(role: &Role, wanted: &[Wanted], cluster_wide: bool, powerful: &Powerful) -> (Granted, Granted) {
    let (mut counted, mut limited) = (Granted::default(), Granted::default());
    for (place, rule) in role.rules.iter().enumerate() {
        for wanted in wanted.iter().filter(|wanted| cluster_wide || wanted.namespaced) {
            let verbs = wanted.verbs_of(rule);
            if verbs.is_empty() {
                continue;
            }
            let unlimited = rule.resource_names.is_empty();
            match wanted.names {
                _ if unlimited => counted.add(place, wanted, &verbs),
                Names::Void => {}
                Names::Counted => counted.add(place, wanted, &verbs),
                Names::Powerful if powerful.is_named(wanted, rule) => counted.add(place, wanted, &verbs),
                Names::Powerful | Names::Noted => limited.add(place, wanted, &verbs),
            }
        }
    }
    (counted, limited)
}

/// The granted rights and their scope, for findings.
pub(in crate::policy) fn found(words: &str, binding: &Binding) -> String {
    match binding.metadata.namespace.as_str() {
        "" => format!("{words} cluster-wide"),
        namespace => format!("{words} in namespace {namespace}"),
    }
}

/// The distinct subjects of a binding.
pub(in crate::policy) fn named(binding: &Binding) -> Vec<Who> {
    let mut who: Vec<_> =
        binding.subjects.iter().filter_map(|subject| Who::of(subject, &binding.metadata.namespace)).collect();
    who.sort_unstable();
    who.dedup();
    who
}

pub(super) fn judge(control: &str, wanted: &[Wanted], rights: &Rights) -> Judgement {
    let rbac = rights.rbac;
    let exempted = Exempted::new(rights.exemptions, control);
    let powerful = if wanted.iter().any(|wanted| wanted.names == Names::Powerful) {
        Powerful::new(rbac)
    } else {
        Powerful::default()
    };
    let mut collected = Collected::default();
    let mut seen: BTreeMap<_, (Granted, Granted, Vec<String>, Vec<String>)> = BTreeMap::new();
    for id in rbac.bindings() {
        let binding = rbac.binding(id);
        let Some(role_id) = rbac.role_of(binding) else { continue };
        let role = rbac.role(role_id);
        let cluster_wide = binding.metadata.namespace.is_empty();
        let (counted, limited, path, limited_path) = seen.entry((role_id, cluster_wide)).or_insert_with(|| {
            let (counted, limited) = granted(role, wanted, cluster_wide, &powerful);
            let (path, limited_path) = (rbac.role_path(role, &counted.rules), rbac.role_path(role, &limited.rules));
            (counted, limited, path, limited_path)
        });
        if counted.is_empty() {
            if !limited.is_empty() {
                for who in named(binding) {
                    collected.note(Seen {
                        object: binding.object(),
                        part: Some(who.to_string()),
                        path: limited_path.clone(),
                        found: found(&limited.words(), binding) + ", limited by name",
                    });
                }
            }
            continue;
        }
        let verdict = exempted.binding(binding, Some(role));
        for who in named(binding) {
            let exempt = match &verdict {
                Verdict::All(reason) => Some(*reason),
                _ => exempted.grant(&who, binding, Some(role), &counted.rules),
            };
            let mut found = found(&counted.words(), binding);
            if let (None, Verdict::Changed(how)) = (exempt, &verdict) {
                found = format!("{found} (changed from its default: {how})");
            }
            let seen = Seen { object: binding.object(), part: Some(who.to_string()), path: path.clone(), found };
            collected.add(seen, exempt);
        }
    }
    collected.judged(rbac)
}
