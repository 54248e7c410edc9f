//! The collection script: POSIX shell, read-only calls, one file per answer.

use std::fmt::{self, Write};

use crate::call::{CALLS, Collected, Each};

/// A name that is not a valid AWS name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidName {
    /// The kind of name, such as `cluster`.
    pub kind: &'static str,
    /// The name.
    pub name: String,
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name } = self;
        write!(f, "{kind} {name:?}: not a valid AWS name (use letters, digits and dashes only)")
    }
}

impl std::error::Error for InvalidName {}

/// The start of the script.
const BEGINNING: &str = include_str!("script/beginning.sh");

/// The end of the script.
const END: &str = include_str!("script/end.sh");

/// Returns the script for a cluster and region. Without a cluster, the script takes the name as its second argument;
/// without a region, it uses the AWS CLI's default.
///
/// # Errors
///
/// Returns an error if a name is not a valid AWS name.
pub fn script(cluster: Option<&str>, region: Option<&str>) -> Result<String, InvalidName> {
    let named = |kind, name: Option<&str>, also: &str| match name {
        Some(name) if !is_name(name, also) => Err(InvalidName { kind, name: name.to_owned() }),
        name => Ok(name.unwrap_or_default().to_owned()),
    };
    let cluster = named("cluster", cluster, "_")?;
    let region = named("region", region, "")?;
    let mut script = BEGINNING.replace("@CLUSTER@", &cluster).replace("@REGION@", &region);
    for each in LOOPS {
        let calls: Vec<&Collected> = CALLS.iter().filter(|collected| collected.each == each.each).collect();
        if calls.is_empty() {
            continue;
        }
        let _ = write!(script, "\n# {}\n{}", each.what, each.begin);
        for call in calls {
            let _ = writeln!(script, "{}{}", each.indent, asking(call));
        }
        script.push_str(each.end);
    }
    script.push_str(END);
    Ok(script)
}

/// The script line for a call.
fn asking(collected: &Collected) -> String {
    let Collected { call, operation, arguments, subject, .. } = collected;
    let file = if subject.is_empty() { call.name().to_owned() } else { format!("{}.{subject}", call.name()) };
    let arguments = if arguments.is_empty() { String::new() } else { format!(" {arguments}") };
    // Double quotes within `$(…)` need no escaping.
    format!("ask \"{file}\" {operation}{arguments}")
}

fn is_name(name: &str, also: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || also.contains(letter);
    !name.starts_with('-') && (1..=100).contains(&name.len()) && name.chars().all(is_part)
}

/// A loop of the script over items.
struct Loop {
    each: Each,
    what: &'static str,
    begin: &'static str,
    indent: &'static str,
    end: &'static str,
}

const fn over(each: Each, what: &'static str, begin: &'static str, end: &'static str) -> Loop {
    Loop { each, what, begin, indent: "  ", end }
}

const LOOPS: [Loop; 13] = [
    Loop {
        each: Each::Once,
        what: "The cluster, its nodes, and what the account and region have.",
        begin: "",
        indent: "",
        end: "",
    },
    over(Each::Nodegroup, "Each node group.", "for group in $groups_of_nodes; do\n", "done\n"),
    over(
        Each::LaunchTemplate,
        "The launch template of each node group that has one.",
        "for group in $groups_of_nodes; do\n  \
         template=$(names eks describe-nodegroup --cluster-name \"$cluster\" --nodegroup-name \"$group\" --query nodegroup.launchTemplate.id)\n  \
         version=$(names eks describe-nodegroup --cluster-name \"$cluster\" --nodegroup-name \"$group\" --query nodegroup.launchTemplate.version)\n  \
         [ -n \"$template\" ] || continue\n",
        "done\n",
    ),
    over(
        Each::AccessEntry,
        "Each access entry. Files are numbered, and say themselves whose they are.",
        "number=0\nfor principal in $(names eks list-access-entries --cluster-name \"$cluster\" --query accessEntries); do\n  \
         number=$((number + 1))\n",
        "done\n",
    ),
    over(
        Each::Key,
        "Each key that encrypts Secrets.",
        "for key in $(names eks describe-cluster --name \"$cluster\" --query \"cluster.encryptionConfig[].provider.keyArn\"); do\n",
        "done\n",
    ),
    over(
        Each::Vpc,
        "The network.",
        "for vpc in $(names eks describe-cluster --name \"$cluster\" --query cluster.resourcesVpcConfig.vpcId); do\n",
        "done\n",
    ),
    over(
        Each::DhcpOptions,
        "The resolver that the network gives to instances.",
        "for vpc in $(names eks describe-cluster --name \"$cluster\" --query cluster.resourcesVpcConfig.vpcId); do\n  \
         options=$(names ec2 describe-vpcs --vpc-ids \"$vpc\" --query \"Vpcs[].DhcpOptionsId\")\n  \
         case $options in dopt-*) ;; *) continue ;; esac\n",
        "done\n",
    ),
    over(
        Each::SecurityGroups,
        "Who is in the security groups of the control plane.",
        "groups=$(names eks describe-cluster --name \"$cluster\" \\\n  \
         --query \"cluster.resourcesVpcConfig.[clusterSecurityGroupId, securityGroupIds][]\" | tr '\\n' ',')\n\
         groups=${groups%,}\nif [ -n \"$groups\" ]; then\n",
        "fi\n",
    ),
    over(
        Each::InstanceProfile,
        "The roles of nodes: of instances, of node groups and of Auto Mode.",
        "for profile in $profiles; do\n",
        "done\n",
    ),
    over(Each::NodeRole, "What those roles may do.", "for role in $roles; do\n", "done\n"),
    over(
        Each::InlinePolicy,
        "The policies that are parts of them.",
        "for role in $roles; do\n  \
         names iam list-role-policies --role-name \"$role\" --query PolicyNames | while IFS= read -r policy; do\n  \
         is_name \"$policy\" || continue\n",
        "  done\ndone\n",
    ),
    over(
        Each::AttachedPolicy,
        "The policies that are attached to them.",
        "for policy in $(for role in $roles; do\n  \
         names iam list-attached-role-policies --role-name \"$role\" --query \"AttachedPolicies[].PolicyArn\"\ndone | sort -u); do\n  \
         version=$(names iam get-policy --policy-arn \"$policy\" --query Policy.DefaultVersionId)\n  \
         [ -n \"$version\" ] || continue\n",
        "done\n",
    ),
    over(
        Each::Issuer,
        "The roles that trust the identity provider of the cluster.",
        "for issuer in $(names eks describe-cluster --name \"$cluster\" --query cluster.identity.oidc.issuer); do\n  \
         issuer=${issuer#https://}\n",
        "done\n",
    ),
];
