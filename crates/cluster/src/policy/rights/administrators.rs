//! `rbac/cluster-admin`: subjects that are allowed everything.

use super::Rights;
use super::collected::Collected;
use super::exempted::{Exempted, Verdict};
use super::granted::{found, named};
use crate::policy::{Judgement, Seen};
use crate::rbac::{Binding, Rule};

/// Whether a binding refers to `cluster-admin`, whatever its current rules.
fn names_cluster_admin(binding: &Binding) -> bool {
    binding.role_ref.kind == "ClusterRole" && binding.role_ref.name == "cluster-admin"
}

pub(super) fn judge(rights: &Rights) -> Judgement {
    let rbac = rights.rbac;
    let exempted = Exempted::new(rights.exemptions, "rbac/cluster-admin");
    let mut collected = Collected::default();
    for id in rbac.bindings() {
        let binding = rbac.binding(id);
        let role = rbac.role_of(binding).map(|id| rbac.role(id));
        let rules: Vec<usize> = role.map_or_else(Vec::new, |role| {
            let all = role.rules.iter().enumerate().filter(|(_, rule)| Rule::allows_everything(rule));
            all.map(|(place, _)| place).collect()
        });
        if rules.is_empty() && !names_cluster_admin(binding) {
            continue;
        }
        let path = role.map_or_else(
            || vec![format!("{} {}", binding.role_ref.kind, binding.role_ref.name)],
            |role| rbac.role_path(role, &rules),
        );
        let namespace = &binding.metadata.namespace;
        let counts = namespace.is_empty() || rights.is_critical(namespace);
        let verdict = exempted.binding(binding, role);
        for who in named(binding) {
            let mut seen = Seen {
                object: binding.object(),
                part: Some(who.to_string()),
                path: path.clone(),
                found: found("everything", binding),
            };
            if !counts {
                collected.note(seen);
                continue;
            }
            let exempt = match &verdict {
                Verdict::All(reason) => Some(*reason),
                _ => exempted.grant(&who, binding, role, &rules),
            };
            if let (None, Verdict::Changed(how)) = (exempt, &verdict) {
                seen.found = format!("{} (changed from its default: {how})", seen.found);
            }
            collected.add(seen, exempt);
        }
    }
    collected.judged(rbac)
}
