//! What IAM statements deny: an explicit Deny overrides every Allow.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

use crate::glob;
use crate::shapes::iam::Statement;

/// The actions that change the images or settings of a registry.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html>.
const WRITING: [&str; 35] = [
    "ecr:BatchDeleteImage",
    "ecr:CompleteLayerUpload",
    "ecr:CreatePullThroughCacheRule",
    "ecr:CreateRepository",
    "ecr:CreateRepositoryCreationTemplate",
    "ecr:DeleteLifecyclePolicy",
    "ecr:DeletePullThroughCacheRule",
    "ecr:DeleteRegistryPolicy",
    "ecr:DeleteRepository",
    "ecr:DeleteRepositoryCreationTemplate",
    "ecr:DeleteRepositoryPolicy",
    "ecr:DeleteSigningConfiguration",
    "ecr:DeregisterPullTimeUpdateExclusion",
    "ecr:InitiateLayerUpload",
    "ecr:PutAccountSetting",
    "ecr:PutImage",
    "ecr:PutImageScanningConfiguration",
    "ecr:PutImageTagMutability",
    "ecr:PutLifecyclePolicy",
    "ecr:PutRegistryPolicy",
    "ecr:PutRegistryScanningConfiguration",
    "ecr:PutReplicationConfiguration",
    "ecr:PutSigningConfiguration",
    "ecr:RegisterPullTimeUpdateExclusion",
    "ecr:ReplicateImage",
    "ecr:SetRepositoryPolicy",
    "ecr:StartImageScan",
    "ecr:StartLifecyclePolicyPreview",
    "ecr:TagResource",
    "ecr:UntagResource",
    "ecr:UpdateImageStorageClass",
    "ecr:UpdatePullThroughCacheRule",
    "ecr:UpdateRepositoryCreationTemplate",
    "ecr:UploadLayerPart",
    "ecr:ValidatePullThroughCacheRule",
];

/// What remains of an allowed action after the Deny statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// All or part of it.
    Something,
    /// No known action; the pattern may match actions that are not in [`WRITING`].
    NothingKnown,
    /// Nothing.
    Nothing,
}

/// The unconditional Deny statements of all policies of a role.
pub(super) struct Denied<'e> {
    unconditional: Vec<&'e Statement>,
}

impl<'e> Denied<'e> {
    pub(super) fn of(statements: impl Iterator<Item = &'e Statement>) -> Self {
        // Whether a condition is met depends on the request.
        let counts = |statement: &&Statement| statement.denies() && statement.condition.is_empty();
        Self { unconditional: statements.filter(counts).collect() }
    }

    /// What remains of the registry changes that a statement allows through an action, which may be a pattern.
    pub(super) fn leave_of(&self, action: &str, allowed: &Statement) -> Left {
        let denying: Vec<&Statement> =
            self.unconditional.iter().copied().filter(|deny| holds_resources(deny, allowed)).collect();
        let (action, whole) = (action.to_ascii_lowercase(), "ecr:*");
        if denying.iter().any(|deny| denies(deny, &action) || denies(deny, whole)) {
            return Left::Nothing;
        }
        let meant: Vec<String> = WRITING.iter().map(|one| one.to_ascii_lowercase()).collect();
        let mut meant = meant.iter().filter(|one| glob::matches(&action, one)).peekable();
        let is_known = action.contains(['*', '?']) && meant.peek().is_some();
        if is_known && meant.all(|one| denying.iter().any(|deny| denies(deny, one))) {
            return Left::NothingKnown;
        }
        Left::Something
    }
}

/// Whether a statement denies everything that an action matches; the action may be a pattern, in lower case.
fn denies(deny: &Statement, action: &str) -> bool {
    match &deny.not_action {
        // `NotAction` denies everything else, so none of its patterns may overlap with the action.
        Some(others) => !others.0.iter().any(|other| may_meet(&other.to_ascii_lowercase(), action)),
        None => deny.action.0.iter().any(|pattern| holds(&pattern.to_ascii_lowercase(), action)),
    }
}

/// Whether a pattern matches everything that another one does. `?` matches one character, so never a `*`.
fn holds(pattern: &str, other: &str) -> bool {
    glob::matches(pattern, other) && !(pattern.contains('?') && other.contains('*'))
}

/// Whether two patterns may match the same action. They certainly do not if they differ before their first wildcards.
fn may_meet(one: &str, other: &str) -> bool {
    let fixed = |pattern: &'_ str| pattern.find(['*', '?']).unwrap_or(pattern.len());
    let length = fixed(one).min(fixed(other));
    let (begins, same) = (&one.as_bytes()[..length], &other.as_bytes()[..length]);
    let is_whole = |pattern: &str| fixed(pattern) == pattern.len();
    begins == same && !(is_whole(one) && is_whole(other) && one != other)
}

/// Whether a Deny covers all resources of an Allow.
fn holds_resources(deny: &Statement, allowed: &Statement) -> bool {
    if deny.not_resource.is_some() {
        return false;
    }
    let is_held = |resource: &String| deny.resource.0.iter().any(|pattern| holds(pattern, resource));
    if allowed.not_resource.is_some() || allowed.resource.0.is_empty() {
        return deny.resource.0.iter().any(|pattern| pattern == "*");
    }
    allowed.resource.0.iter().all(is_held)
}

#[cfg(test)]
mod tests {
    use super::{Denied, Left};
    use crate::shapes::iam::Statement;

    fn statement(json: &str) -> Statement {
        serde_json::from_str(json).expect("a statement")
    }

    #[test]
    fn a_deny_takes_what_it_holds() {
        let allowed =
            statement(r#"{"Effect":"Allow","Action":"ecr:*","Resource":"arn:aws:ecr:eu-central-1:1:repository/a"}"#);
        let everything = statement(r#"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::a"}"#);
        let table = [
            ("ecr:PutImage", &allowed, r#"{"Effect":"Deny","Action":"ecr:PutImage","Resource":"*"}"#, Left::Nothing),
            ("ecr:PutImage", &allowed, r#"{"Effect":"Deny","Action":"ECR:Put*","Resource":"*"}"#, Left::Nothing),
            (
                "ecr:PutImage",
                &allowed,
                r#"{"Effect":"Deny","Action":"ecr:DeleteRepository","Resource":"*"}"#,
                Left::Something,
            ),
            (
                "ecr:*",
                &allowed,
                r#"{"Effect":"Deny","Action":"ecr:*","Resource":"arn:aws:ecr:*:*:repository/*"}"#,
                Left::Nothing,
            ),
            (
                "ecr:*",
                &allowed,
                r#"{"Effect":"Deny","Action":"ecr:*","Resource":"arn:aws:ecr:*:*:repository/b"}"#,
                Left::Something,
            ),
            ("ecr:*", &allowed, r#"{"Effect":"Deny","Action":"ecr:?","Resource":"*"}"#, Left::Something),
            (
                "ecr:Put*",
                &allowed,
                r#"{"Effect":"Deny","Action":["ecr:PutA*","ecr:PutI*","ecr:PutL*","ecr:PutR*","ecr:PutS*"],"Resource":"*"}"#,
                Left::NothingKnown,
            ),
            ("*", &everything, r#"{"Effect":"Deny","Action":"ecr:*","Resource":"*"}"#, Left::Nothing),
            (
                "*",
                &everything,
                r#"{"Effect":"Deny","Action":"ecr:*","Resource":"arn:aws:ecr:*:*:repository/*"}"#,
                Left::Something,
            ),
            (
                "*",
                &everything,
                r#"{"Effect":"Deny","NotAction":["s3:*","ec2:Describe*"],"Resource":"*"}"#,
                Left::Nothing,
            ),
            (
                "ecr:*",
                &allowed,
                r#"{"Effect":"Deny","NotAction":["s3:*","ec2:Describe*"],"Resource":"*"}"#,
                Left::Nothing,
            ),
            ("ecr:PutImage", &allowed, r#"{"Effect":"Deny","NotAction":["ecr:Get*"],"Resource":"*"}"#, Left::Nothing),
            ("ecr:*", &allowed, r#"{"Effect":"Deny","NotAction":["ecr:Get*"],"Resource":"*"}"#, Left::NothingKnown),
            (
                "ecr:PutImage",
                &allowed,
                r#"{"Effect":"Deny","Action":"ecr:*","NotResource":"arn:aws:ecr:*:*:repository/b"}"#,
                Left::Something,
            ),
            (
                "ecr:PutImage",
                &allowed,
                r#"{"Effect":"Deny","Action":"ecr:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}"#,
                Left::Something,
            ),
            ("ecr:PutImage", &allowed, r#"{"Effect":"Allow","Action":"ecr:*","Resource":"*"}"#, Left::Something),
        ];
        for (action, allowed, deny, expected) in table {
            let deny = statement(deny);
            assert_eq!(Denied::of([&deny].into_iter()).leave_of(action, allowed), expected, "{action} {deny:?}");
        }
    }
}
