//! `rbac/system-masters`: bindings to the group that bypasses authorization.

use super::Rights;
use super::collected::Collected;
use super::exempted::Exempted;
use super::granted::named;
use crate::policy::{Judgement, Outcome, Seen};
use crate::rbac::{MASTERS, Who};

/// Without offenders, the outcome is manual: client certificates can also put users into the group, and the API does
/// not list them.
pub(super) fn judge(rights: &Rights) -> Judgement {
    let rbac = rights.rbac;
    let exempted = Exempted::new(rights.exemptions, "rbac/system-masters");
    let mut collected = Collected::with(rights.masters);
    let masters = Who::Group(MASTERS.to_owned());
    for id in rbac.naming_group(MASTERS) {
        let binding = rbac.binding(id);
        let seen = Seen {
            object: binding.object(),
            part: Some(masters.to_string()),
            path: vec![format!("{} {}", binding.role_ref.kind, binding.role_ref.name)],
            found: match named(binding).len() {
                1 => "names the group".to_owned(),
                others => format!("names the group, and {} more", others - 1),
            },
        };
        // `rbac/cluster-admin` judges other subjects of the default binding.
        let exempt = exempted.shipped(binding);
        collected.add(seen, exempt);
    }
    collected.judged_or(rbac, Outcome::Manual)
}
