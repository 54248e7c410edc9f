//! AWS roles used by workloads.

use super::evidence::{Evidence, SeccompDefault};
use super::finding::Kind;
use super::summary::Objection;
use super::verdict::{Verdict, seen};
use crate::policy::{Judgement, Outcome};

/// The key of [`service_account_roles`].
pub(super) const SERVICE_ACCOUNT_ROLES: &str = "eks/service-account-roles";

/// The most characters shown of a role.
const LONGEST: usize = 200;

/// Workloads use the roles of their own service accounts. EKS Pod Identity associations are visible only in AWS, so a
/// missing role proves nothing and the control is manual.
pub(super) fn service_account_roles(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::new(SERVICE_ACCOUNT_ROLES, evidence);
    for account in &evidence.accounts.items {
        let Some(role) = account.role() else { continue };
        let shown: String = role.chars().take(LONGEST).collect();
        let metadata = &account.metadata;
        let found = |rest: &str| {
            seen(
                "ServiceAccount",
                &metadata.namespace,
                &metadata.name,
                format!("eks.amazonaws.com/role-arn: {shown}{rest}"),
            )
        };
        if evidence.node_roles.iter().any(|of_nodes| is_same(of_nodes, role)) {
            verdict.offends(found(", the role of the nodes"));
        } else if metadata.name == "default" {
            verdict.offends(found(", for each pod of the namespace that names no service account"));
        } else {
            verdict.notes(found(""));
        }
    }
    for (kind, meaning) in [
        (Kind::AwsKeys, "an access key, not a role (the key of another store, if the program does not use AWS)"),
        (Kind::AwsRole, "a role"),
    ] {
        let wanted = Objection {
            objects_to: &|found, _| found == kind,
            defaulted: &|_, _| false,
            seccomp_default: &SeccompDefault::NotSeen,
        };
        evidence.pods.hits(&wanted, &mut |hit| {
            let mut seen = hit.seen();
            seen.found = format!("env: {}: {meaning}", seen.found.replace("; ", ", "));
            verdict.notes(seen);
        });
    }
    verdict.misses(evidence.accounts.missing.as_ref());
    verdict.misses(evidence.pods.gap());
    let judgement = verdict.judgement();
    match judgement.outcome {
        Outcome::Pass => Judgement { outcome: Outcome::Manual, ..judgement },
        _ => judgement,
    }
}

/// Whether two ARNs denote the same role: `aws-auth` omits the path.
fn is_same(one: &str, other: &str) -> bool {
    let parts = |arn: &str| {
        let (account, role) = arn.split_once(":role/")?;
        Some((account.to_owned(), role.rsplit('/').next()?.to_owned()))
    };
    one == other || (parts(one).is_some() && parts(one) == parts(other))
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_role_is_the_same_without_its_path() {
        let role = "arn:aws:iam::111122223333:role/nodes";
        for (other, expected) in [
            ("arn:aws:iam::111122223333:role/nodes", true),
            ("arn:aws:iam::111122223333:role/team/nodes", true),
            ("arn:aws:iam::111122223333:role/nodes2", false),
            ("arn:aws:iam::444455556666:role/nodes", false),
            ("nodes", false),
            ("", false),
        ] {
            assert_eq!(is_same(role, other), expected, "{other}");
        }
        assert!(!is_same("", "a"));
    }
}
