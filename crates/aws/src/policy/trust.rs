//! The trust policies of workload roles.

use std::collections::BTreeMap;

use crate::call::Call;
use crate::shapes::iam::{GetRole, ListRoles, Principal, Role, Statement};

use super::inquiry::Inquiry;

const ROLE: &str = "IAM role";

/// The audience of tokens for AWS.
const AUDIENCE: &str = "sts.amazonaws.com";

/// Each role that trusts the cluster's identity provider is limited to one service account.
pub(super) fn service_accounts(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let Some(issuer) = inquiry.part("cluster.identity.oidc.issuer", cluster.issuer()) else { return };
    let mut roles: BTreeMap<&str, &Role> = BTreeMap::new();
    if let Some(listed) = inquiry.list::<ListRoles>(Call::ListRoles, "") {
        roles.extend(listed.answer.roles.iter().map(|role| (role.role_name.as_str(), role)));
    }
    // Roles that were collected one by one are more recent.
    roles.extend(
        inquiry.every::<GetRole>().into_iter().map(|(_, got)| (got.answer.role.role_name.as_str(), &got.answer.role)),
    );
    for (name, role) in roles {
        let Some(document) = &role.assume_role_policy_document else { continue };
        for statement in document.statements.iter().filter(|statement| statement.allows()) {
            if trusts(statement, issuer) {
                judge(inquiry, name, statement, issuer);
            }
        }
    }
}

/// Whether a statement trusts the identity provider.
fn trusts(statement: &Statement, issuer: &str) -> bool {
    if statement.not_principal.is_some() {
        return true;
    }
    let is_provider =
        |arn: &String| arn == "*" || arn.split_once(":oidc-provider/").is_some_and(|(_, provider)| provider == issuer);
    match &statement.principal {
        Some(Principal::By(kinds)) => kinds.get("Federated").is_some_and(|arns| arns.0.iter().any(is_provider)),
        Some(Principal::Anyone(_)) => true,
        None => false,
    }
}

fn judge(inquiry: &mut Inquiry<'_>, role: &str, statement: &Statement, issuer: &str) {
    match values(statement, &format!("{issuer}:sub")) {
        Ok(subjects) => {
            for subject in subjects {
                match account(subject) {
                    Some(account) => inquiry.note(ROLE, role, format!("trusts {account}")),
                    None => inquiry.offend(ROLE, role, format!("{issuer}:sub is {subject}, not one service account")),
                }
            }
        }
        Err(why) => inquiry.offend(ROLE, role, format!("{issuer}:sub: {why}")),
    }
    match values(statement, &format!("{issuer}:aud")) {
        Ok(audiences) => {
            if let Some(other) = audiences.iter().find(|audience| **audience != AUDIENCE) {
                inquiry.offend(ROLE, role, format!("{issuer}:aud is {other}, not {AUDIENCE}"));
            }
        }
        Err(why) => inquiry.offend(ROLE, role, format!("{issuer}:aud: {why}")),
    }
}

/// The required values of a condition key, for operators that compare strings or patterns.
fn values<'s>(statement: &'s Statement, key: &str) -> Result<Vec<&'s str>, &'static str> {
    const COMPARING: [&str; 4] = ["StringEquals", "StringLike", "StringEqualsIgnoreCase", "ForAnyValue:StringEquals"];
    let mut found = Vec::new();
    // All operators must match, so the strictest comparing one decides: the first of them.
    for operator in COMPARING {
        let of_key = |(name, _): &(&String, _)| name.eq_ignore_ascii_case(key);
        let compared = statement.condition.iter().find(|(name, _)| name.as_str() == operator);
        let Some((_, values)) = compared.and_then(|(_, keys)| keys.iter().find(of_key)) else { continue };
        found = values
            .0
            .iter()
            .map(|value| value.text().ok_or("compared with a value that is not a string"))
            .collect::<Result<_, _>>()?;
        break;
    }
    if found.is_empty() { Err("no condition") } else { Ok(found) }
}

/// The service account in a subject, as `NAMESPACE/NAME`; `None` for a pattern.
fn account(subject: &str) -> Option<String> {
    let (namespace, name) = subject.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let is_name = |name: &str| !name.is_empty() && !name.contains(['*', '?', ':']);
    (is_name(namespace) && is_name(name)).then(|| format!("{namespace}/{name}"))
}
