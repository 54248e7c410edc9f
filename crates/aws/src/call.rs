//! The AWS CLI calls: for each, the file of its answer and the predicates that need it.

use std::fmt;

/// A call of the AWS CLI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is the call of its name")]
pub enum Call {
    DescribeCluster,
    ListNodegroups,
    DescribeNodegroup,
    DescribeLaunchTemplateVersions,
    ListAccessEntries,
    DescribeAccessEntry,
    ListAssociatedAccessPolicies,
    ListIdentityProviderConfigs,
    ListPodIdentityAssociations,
    DescribeAddon,
    DescribeKey,
    DescribeInstances,
    DescribeSubnets,
    DescribeSecurityGroups,
    DescribeNetworkInterfaces,
    DescribeVpcAttribute,
    DescribeVpcs,
    DescribeDhcpOptions,
    GetEbsEncryptionByDefault,
    DescribeRepositories,
    GetRegistryScanningConfiguration,
    GetInstanceProfile,
    ListAttachedRolePolicies,
    ListRolePolicies,
    GetRolePolicy,
    GetPolicyVersion,
    ListRoles,
    GetRole,
}

/// How often a call is made: once, or for each item that the script has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// Once.
    Once,
    /// For each node group, in `$group`.
    Nodegroup,
    /// For the launch template of each node group that has one, in `$template` and `$version`.
    LaunchTemplate,
    /// For each access entry, in `$principal`, counted in `$number`.
    AccessEntry,
    /// For each key of the cluster, in `$key`.
    Key,
    /// For the VPC of the cluster, in `$vpc`.
    Vpc,
    /// For the DHCP options set of the VPC, in `$options`.
    DhcpOptions,
    /// For the security groups of the cluster, in `$groups`.
    SecurityGroups,
    /// For each instance profile of the nodes, in `$profile`.
    InstanceProfile,
    /// For each role of the nodes, in `$role`.
    NodeRole,
    /// For each inline policy of a node role, in `$policy`.
    InlinePolicy,
    /// For each policy attached to a node role, in `$policy`, with its version in `$version`.
    AttachedPolicy,
    /// For the identity provider of the cluster, in `$issuer`.
    Issuer,
    /// Never; users may add the answer themselves.
    Never,
}

/// A call as the script makes it.
#[derive(Debug)]
pub struct Collected {
    /// The call.
    pub call: Call,
    /// The service and operation, such as `eks describe-cluster`.
    pub operation: &'static str,
    /// The arguments, in shell syntax.
    pub arguments: &'static str,
    /// The rest of the file's name after the operation, in shell syntax; empty if there is only one file.
    pub subject: &'static str,
    /// The items for which the call is made.
    pub each: Each,
    /// The predicates that need it.
    pub needed_by: &'static [&'static str],
}

const OF_ROLES: &[&str] = &["aws/node-registry-access", "aws/node-role"];
const OF_NODES: &[&str] = &[
    "aws/instance-metadata",
    "aws/node-ingress",
    "aws/node-registry-access",
    "aws/node-role",
    "aws/node-ssh",
    "aws/own-security-groups",
    "aws/private-nodes",
];

const fn collected(
    call: Call,
    each: Each,
    operation: &'static str,
    arguments: &'static str,
    subject: &'static str,
    needed_by: &'static [&'static str],
) -> Collected {
    Collected { call, operation, arguments, subject, each, needed_by }
}

/// All calls, in the order in which they are made.
pub const CALLS: [Collected; 29] = [
    collected(
        Call::DescribeCluster,
        Each::Once,
        "eks describe-cluster",
        r#"--name "$cluster""#,
        "",
        super::policy::OF_CLUSTER,
    ),
    collected(Call::ListNodegroups, Each::Once, "eks list-nodegroups", r#"--cluster-name "$cluster""#, "", OF_NODES),
    collected(
        Call::DescribeNodegroup,
        Each::Nodegroup,
        "eks describe-nodegroup",
        r#"--cluster-name "$cluster" --nodegroup-name "$group""#,
        "$group",
        OF_NODES,
    ),
    collected(
        Call::DescribeLaunchTemplateVersions,
        Each::LaunchTemplate,
        "ec2 describe-launch-template-versions",
        r#"--launch-template-id "$template" --versions "$version""#,
        "$group",
        &["aws/instance-metadata", "aws/node-ssh"],
    ),
    collected(
        Call::ListAccessEntries,
        Each::Once,
        "eks list-access-entries",
        r#"--cluster-name "$cluster""#,
        "",
        &["aws/access-entries", "aws/administrators"],
    ),
    collected(
        Call::DescribeAccessEntry,
        Each::AccessEntry,
        "eks describe-access-entry",
        r#"--cluster-name "$cluster" --principal-arn "$principal""#,
        "$number",
        &["aws/administrators"],
    ),
    collected(
        Call::ListAssociatedAccessPolicies,
        Each::AccessEntry,
        "eks list-associated-access-policies",
        r#"--cluster-name "$cluster" --principal-arn "$principal""#,
        "$number",
        &["aws/access-entries", "aws/administrators"],
    ),
    collected(
        Call::ListIdentityProviderConfigs,
        Each::Once,
        "eks list-identity-provider-configs",
        r#"--cluster-name "$cluster""#,
        "",
        &["aws/authentication"],
    ),
    collected(
        Call::ListPodIdentityAssociations,
        Each::Once,
        "eks list-pod-identity-associations",
        r#"--cluster-name "$cluster""#,
        "",
        &["aws/network-plugin-role", "aws/node-role"],
    ),
    collected(
        Call::DescribeAddon,
        Each::Once,
        "eks describe-addon",
        r#"--cluster-name "$cluster" --addon-name vpc-cni"#,
        "vpc-cni",
        &["aws/network-plugin-role", "aws/node-role"],
    ),
    collected(
        Call::DescribeKey,
        Each::Key,
        "kms describe-key",
        r#"--key-id "$key""#,
        r#"$(tag "$key")"#,
        &["aws/envelope-encryption", "aws/secrets-encryption"],
    ),
    collected(
        Call::DescribeInstances,
        Each::Once,
        "ec2 describe-instances",
        r#"--filters "Name=tag-key,Values=kubernetes.io/cluster/$cluster""#,
        "",
        OF_NODES,
    ),
    collected(
        Call::DescribeSubnets,
        Each::Vpc,
        "ec2 describe-subnets",
        r#"--filters "Name=vpc-id,Values=$vpc""#,
        "",
        &["aws/private-nodes"],
    ),
    collected(
        Call::DescribeSecurityGroups,
        Each::Vpc,
        "ec2 describe-security-groups",
        r#"--filters "Name=vpc-id,Values=$vpc""#,
        "",
        &["aws/node-ingress"],
    ),
    collected(
        Call::DescribeNetworkInterfaces,
        Each::SecurityGroups,
        "ec2 describe-network-interfaces",
        r#"--filters "Name=group-id,Values=$groups""#,
        "",
        &["aws/own-security-groups"],
    ),
    collected(
        Call::DescribeVpcAttribute,
        Each::Vpc,
        "ec2 describe-vpc-attribute",
        r#"--vpc-id "$vpc" --attribute enableDnsHostnames"#,
        "enableDnsHostnames",
        &["aws/vpc-dns"],
    ),
    collected(
        Call::DescribeVpcAttribute,
        Each::Vpc,
        "ec2 describe-vpc-attribute",
        r#"--vpc-id "$vpc" --attribute enableDnsSupport"#,
        "enableDnsSupport",
        &["aws/vpc-dns"],
    ),
    collected(Call::DescribeVpcs, Each::Vpc, "ec2 describe-vpcs", r#"--vpc-ids "$vpc""#, "", &["aws/vpc-dns"]),
    collected(
        Call::DescribeDhcpOptions,
        Each::DhcpOptions,
        "ec2 describe-dhcp-options",
        r#"--dhcp-options-ids "$options""#,
        "",
        &["aws/vpc-dns"],
    ),
    collected(
        Call::GetEbsEncryptionByDefault,
        Each::Once,
        "ec2 get-ebs-encryption-by-default",
        "",
        "",
        &["aws/storage-encryption"],
    ),
    collected(Call::DescribeRepositories, Each::Once, "ecr describe-repositories", "", "", &["aws/image-scanning"]),
    collected(
        Call::GetRegistryScanningConfiguration,
        Each::Once,
        "ecr get-registry-scanning-configuration",
        "",
        "",
        &["aws/image-scanning"],
    ),
    collected(
        Call::GetInstanceProfile,
        Each::InstanceProfile,
        "iam get-instance-profile",
        r#"--instance-profile-name "$profile""#,
        "$profile",
        OF_ROLES,
    ),
    collected(
        Call::ListAttachedRolePolicies,
        Each::NodeRole,
        "iam list-attached-role-policies",
        r#"--role-name "$role""#,
        "$role",
        OF_ROLES,
    ),
    collected(
        Call::ListRolePolicies,
        Each::NodeRole,
        "iam list-role-policies",
        r#"--role-name "$role""#,
        "$role",
        OF_ROLES,
    ),
    collected(
        Call::GetRolePolicy,
        Each::InlinePolicy,
        "iam get-role-policy",
        r#"--role-name "$role" --policy-name "$policy""#,
        "$role~$policy",
        &["aws/node-registry-access"],
    ),
    collected(
        Call::GetPolicyVersion,
        Each::AttachedPolicy,
        "iam get-policy-version",
        r#"--policy-arn "$policy" --version-id "$version""#,
        r#"$(tag "$policy")"#,
        &["aws/node-registry-access"],
    ),
    collected(
        Call::ListRoles,
        Each::Issuer,
        "iam list-roles",
        r#"--query "{Roles: Roles[?contains(to_string(AssumeRolePolicyDocument), '$issuer')]}""#,
        "",
        &["aws/role-trust"],
    ),
    collected(Call::GetRole, Each::Never, "iam get-role", r#"--role-name "$role""#, "$role", &[]),
];

impl Call {
    /// The call's row in [`CALLS`].
    pub fn collected(self) -> &'static Collected {
        // A test ensures that every call has a row.
        CALLS.iter().find(|collected| collected.call == self).unwrap_or(&CALLS[0])
    }

    /// The operation, which is the prefix of its file names: `describe-cluster`.
    pub fn name(self) -> &'static str {
        let operation = self.collected().operation;
        operation.split_once(' ').map_or(operation, |(_, name)| name)
    }

    /// The name of the file with the answer for a subject; the subject is empty if there is only one answer.
    pub(crate) fn file(self, subject: &str) -> String {
        if subject.is_empty() { format!("{}.json", self.name()) } else { format!("{}.{subject}.json", self.name()) }
    }

    /// The call and subject of a file, from its name without `.json`.
    pub(crate) fn of_file(stem: &str) -> Option<(Self, &str)> {
        CALLS.iter().find_map(|collected| {
            let rest = stem.strip_prefix(collected.call.name())?;
            let subject = if rest.is_empty() { rest } else { rest.strip_prefix('.')? };
            Some((collected.call, subject))
        })
    }

    /// The form of a subject with colons and slashes in file names, as the script writes it.
    pub(crate) fn tag(name: &str) -> String {
        name.replace(':', "%").replace('/', "~")
    }
}

impl fmt::Display for Call {
    /// The command: `aws eks describe-cluster`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "aws {}", self.collected().operation)
    }
}
