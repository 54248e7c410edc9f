//! `rbac/approve-certificates`: subjects that can approve certificate signing requests. That takes two rights, which
//! may come from different bindings.

use std::collections::{BTreeMap, BTreeSet};

use super::Rights;
use super::collected::Collected;
use super::exempted::{Exempted, Verdict};
use super::granted::{Granted, Powerful, granted, named};
use super::wanted::{APPROVAL, SIGNERS, Wanted};
use crate::policy::{Judgement, ObjectName, Seen};
use crate::rbac::Who;

/// One of the two rights, granted by a binding.
#[derive(Debug, Clone)]
struct Half {
    object: ObjectName,
    path: Vec<String>,
    words: String,
    exempt: Option<String>,
}

/// One of the two rights, by subject; non-exempt grants are preferred.
type Halves = BTreeMap<Who, Half>;

pub(super) fn judge(rights: &Rights) -> Judgement {
    let exempted = Exempted::new(rights.exemptions, "rbac/approve-certificates");
    let powerful = Powerful::new(rights.rbac);
    let approval = halves(rights, &exempted, &powerful, APPROVAL);
    let signers = halves(rights, &exempted, &powerful, SIGNERS);
    let mut collected = Collected::default();
    let subjects: BTreeSet<&Who> = approval.keys().chain(signers.keys()).collect();
    for who in subjects {
        let (Some(one), Some(other)) = (of(&approval, who), of(&signers, who)) else {
            let half = approval.get(who).or_else(|| signers.get(who)).filter(|half| half.exempt.is_none());
            // One right alone is only noted.
            if let Some(half) = half {
                collected.note(Seen {
                    object: half.object.clone(),
                    part: Some(who.to_string()),
                    path: half.path.clone(),
                    found: format!("{} cluster-wide (one of the two rights that approval takes)", half.words),
                });
            }
            continue;
        };
        let mut path = one.path.clone();
        if one.object != other.object {
            path.push(other.object.to_string());
            path.extend(other.path.iter().cloned());
        } else if one.path != other.path {
            path.extend(other.path.iter().skip(1).cloned());
        }
        let seen = Seen {
            object: one.object.clone(),
            part: Some(who.to_string()),
            path,
            found: format!("{}; {} cluster-wide", one.words, other.words),
        };
        // A subject with its own exempt right is a platform component, even if it gets the other right through a
        // group.
        let own = [approval.get(who), signers.get(who)];
        let exempt = own.into_iter().flatten().find_map(|half| half.exempt.as_deref());
        collected.add(seen, exempt);
    }
    collected.judged(rights.rbac)
}

/// The subject's right, granted directly or through an implied group; non-exempt grants are preferred.
fn of<'a>(halves: &'a Halves, who: &Who) -> Option<&'a Half> {
    let groups = who.implied_groups().into_iter().map(Who::Group);
    let all: Vec<&Half> = std::iter::once(who.clone()).chain(groups).filter_map(|who| halves.get(&who)).collect();
    all.iter().find(|half| half.exempt.is_none()).or_else(|| all.first()).copied()
}

fn halves(rights: &Rights, exempted: &Exempted, powerful: &Powerful, wanted: &[Wanted]) -> Halves {
    let rbac = rights.rbac;
    let mut seen: BTreeMap<_, (Granted, Vec<String>)> = BTreeMap::new();
    let mut halves = Halves::new();
    for id in rbac.bindings() {
        let binding = rbac.binding(id);
        // Both kinds are cluster-scoped.
        if !binding.metadata.namespace.is_empty() {
            continue;
        }
        let Some(role_id) = rbac.role_of(binding) else { continue };
        let role = rbac.role(role_id);
        let (counted, path) = seen.entry(role_id).or_insert_with(|| {
            let (counted, _) = granted(role, wanted, true, powerful);
            let path = rbac.role_path(role, &counted.rules);
            (counted, path)
        });
        if counted.is_empty() {
            continue;
        }
        let verdict = exempted.binding(binding, Some(role));
        for who in named(binding) {
            let exempt = match &verdict {
                Verdict::All(reason) => Some(*reason),
                _ => exempted.grant(&who, binding, Some(role), &counted.rules),
            };
            let half = Half {
                object: binding.object(),
                path: path.clone(),
                words: counted.words(),
                exempt: exempt.map(str::to_owned),
            };
            let known = halves.entry(who).or_insert_with(|| half.clone());
            if known.exempt.is_some() && half.exempt.is_none() {
                *known = half;
            }
        }
    }
    halves
}
