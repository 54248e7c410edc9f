//! The permissions of node roles.

use std::collections::{BTreeMap, BTreeSet};

use crate::arn::Arn;
use crate::call::Call;
use crate::gap;
use crate::glob;
use crate::shapes::eks::Cluster;
use crate::shapes::iam::{
    AttachedPolicy, Document, GetInstanceProfile, GetPolicyVersion, GetRolePolicy, ListAttachedRolePolicies,
    ListRolePolicies,
};

use super::access::{OfPlugin, role_of_plugin};
use super::denied::{Denied, Left};
use super::inquiry::Inquiry;

const ROLE: &str = "IAM role";

/// AWS managed policies that nodes need.
const NEEDED: [&str; 4] = [
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKSWorkerNodeMinimalPolicy",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEC2ContainerRegistryPullOnly",
];

/// The network plugin's policy, which nodes need only if the plugin does not have its own role.
const OF_NETWORK: &str = "AmazonEKS_CNI_Policy";

/// The Session Manager policy; Session Manager replaces SSH.
const OF_SESSIONS: &str = "AmazonSSMManagedInstanceCore";

/// The node roles: those of node groups, of instances, and of Auto Mode.
fn node_roles<'e>(inquiry: &mut Inquiry<'e>, cluster: &'e Cluster) -> BTreeSet<&'e str> {
    let groups = inquiry.nodegroups(cluster);
    let mut arns: Vec<(&str, String)> = Vec::new();
    for (name, group) in &groups {
        match group.node_role.as_deref() {
            Some(role) => arns.push((role, format!("node group {name}"))),
            None => inquiry.gap(gap::lacking(&Call::DescribeNodegroup.file(name), "nodegroup.nodeRole")),
        }
    }
    let auto_mode = cluster.compute_config.as_ref().filter(|config| config.enabled);
    arns.extend(
        auto_mode.and_then(|config| config.node_role_arn.as_deref()).map(|role| (role, "Auto Mode".to_owned())),
    );
    let mut roles = BTreeSet::new();
    for (arn, whose) in arns {
        match Arn::of(arn) {
            Some(arn) if arn.kind() == "role" => {
                roles.insert(arn.name());
            }
            _ => inquiry.gap(gap::lacking(&Call::DescribeCluster.file(""), &format!("role for {whose}"))),
        }
    }
    let instances = inquiry.instances(cluster, &groups);
    let mut profiles = BTreeSet::new();
    for instance in instances {
        match instance.iam_instance_profile.as_ref().and_then(|profile| Arn::of(profile.arn.as_deref()?)) {
            Some(arn) => {
                profiles.insert(arn.name());
            }
            None => inquiry.note("EC2 instance", &instance.instance_id, "no instance profile"),
        }
    }
    for profile in profiles {
        let Some(got) = inquiry.get::<GetInstanceProfile>(Call::GetInstanceProfile, profile) else { continue };
        if got.answer.instance_profile.instance_profile_name == profile {
            roles.extend(got.answer.instance_profile.roles.iter().map(|role| role.role_name.as_str()));
        } else {
            let found = &got.answer.instance_profile.instance_profile_name;
            inquiry.gap(gap::of_another(got.file, "instance profile", found, profile));
        }
    }
    roles
}

/// The attached policies of a role, and the names of its inline ones.
fn policies<'e>(inquiry: &mut Inquiry<'e>, role: &str) -> (&'e [AttachedPolicy], &'e [String]) {
    let attached = inquiry.list::<ListAttachedRolePolicies>(Call::ListAttachedRolePolicies, role);
    let own = inquiry.list::<ListRolePolicies>(Call::ListRolePolicies, role);
    (attached.map_or(&[], |got| &got.answer.attached_policies), own.map_or(&[], |got| &got.answer.policy_names))
}

/// Nodes may pull images but not change the registry. A Deny in any policy of a role overrides the Allow of every
/// other.
pub(super) fn registry_access(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    for role in node_roles(inquiry, cluster) {
        let documents = documents(inquiry, role);
        let statements = || documents.iter().flat_map(|(_, document)| &document.statements);
        let denied = Denied::of(statements());
        let before = inquiry.offences();
        for (policy, document) in &documents {
            changes(inquiry, role, policy, document, &denied);
        }
        let conditional = statements().any(|statement| statement.denies() && !statement.condition.is_empty());
        if conditional && inquiry.offences() > before {
            inquiry.note(ROLE, role, "denies actions under conditions, which are not weighed");
        }
    }
}

/// The policy documents of a role, with their names.
fn documents<'e>(inquiry: &mut Inquiry<'e>, role: &str) -> Vec<(&'e str, &'e Document)> {
    let mut documents = Vec::new();
    let (attached, own) = policies(inquiry, role);
    for policy in attached {
        let call = Call::GetPolicyVersion;
        let Some(got) = inquiry.get::<GetPolicyVersion>(call, &Call::tag(&policy.policy_arn)) else { continue };
        let version = &got.answer.policy_version;
        if version.is_default_version == Some(false) {
            inquiry.gap(gap::incomplete(got.file, "the version of the policy that is in force"));
        }
        documents.push((policy.policy_name.as_str(), &version.document));
    }
    for name in own {
        let subject = format!("{role}~{name}");
        let Some(got) = inquiry.get::<GetRolePolicy>(Call::GetRolePolicy, &subject) else { continue };
        if got.answer.role_name == role && &got.answer.policy_name == name {
            documents.push((name.as_str(), &got.answer.policy_document));
        } else {
            inquiry.gap(gap::of_another(got.file, "role", &got.answer.role_name, role));
        }
    }
    documents
}

/// Reports the actions of a policy that let a node change the registry and are not denied.
fn changes(inquiry: &mut Inquiry<'_>, role: &str, policy: &str, document: &Document, denied: &Denied<'_>) {
    for statement in document.statements.iter().filter(|statement| statement.allows()) {
        let mut weigh = |action: &str, found: String| match denied.leave_of(action, statement) {
            Left::Something => inquiry.offend(ROLE, role, found),
            Left::NothingKnown => {
                inquiry.weigh(ROLE, role, format!("{found}; each action of it that is known is denied"));
            }
            Left::Nothing => inquiry.exempt(ROLE, role, found, "a Deny statement of the role counts before it"),
        };
        for action in statement.action.0.iter().filter(|action| changes_registry(action)) {
            weigh(action, format!("{policy}: {action}"));
        }
        if let Some(others) = &statement.not_action
            && !others.0.iter().any(|action| matches!(action.to_ascii_lowercase().as_str(), "*" | "ecr:*"))
        {
            weigh("ecr:*", format!("{policy}: everything except {}", others.0.join(", ")));
        }
    }
}

/// Whether an action, which may be a pattern, allows more on ECR than reading.
fn changes_registry(action: &str) -> bool {
    const READING: [&str; 5] = ["get", "batchget", "batchcheck", "describe", "list"];
    let action = action.to_ascii_lowercase();
    let Some((service, name)) = action.split_once(':') else { return action.contains('*') };
    let is_reading = READING.iter().any(|beginning| name.starts_with(beginning));
    // The pull-only policy includes this action, for pull-through caches.
    glob::matches(service, "ecr") && !is_reading && name != "batchimportupstreamimage"
}

/// Nodes have no more permissions than they need.
pub(super) fn node_role(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let OfPlugin { role: plugin, gaps } = role_of_plugin(inquiry, cluster);
    let mut of_plugin_matters = false;
    let mut by_role = BTreeMap::new();
    for role in node_roles(inquiry, cluster) {
        by_role.insert(role, policies(inquiry, role));
    }
    for (role, (attached, own)) in by_role {
        for policy in attached {
            match Arn::of(&policy.policy_arn).and_then(Arn::policy_of_aws) {
                Some(name) if NEEDED.contains(&name) => {}
                Some(OF_NETWORK) => match &plugin {
                    Some(plugin) => inquiry.offend(ROLE, role, format!("{OF_NETWORK}, though there is a {plugin}")),
                    None => {
                        of_plugin_matters = true;
                        inquiry.note(ROLE, role, format!("{OF_NETWORK}: the network plugin uses the node's role"));
                    }
                },
                Some(OF_SESSIONS) => {
                    inquiry.exempt(ROLE, role, OF_SESSIONS, "Session Manager, the replacement for SSH");
                }
                _ => inquiry.offend(ROLE, role, format!("attached policy {}", policy.policy_arn)),
            }
        }
        for name in own {
            inquiry.offend(ROLE, role, format!("inline policy {name}"));
        }
    }
    if of_plugin_matters {
        for reason in gaps {
            inquiry.gap(reason);
        }
    } else {
        inquiry.aside(|inquiry| gaps.into_iter().for_each(|reason| inquiry.gap(reason)));
    }
}

#[cfg(test)]
mod tests {
    use super::changes_registry;

    #[test]
    fn reading_images_changes_nothing() {
        let table = [
            ("ecr:GetAuthorizationToken", false),
            ("ecr:BatchGetImage", false),
            ("ecr:BatchCheckLayerAvailability", false),
            ("ecr:BatchImportUpstreamImage", false),
            ("ecr:Describe*", false),
            ("ECR:PutImage", true),
            ("ecr:*", true),
            ("ecr:Batch*", true),
            ("ecr:BatchDeleteImage", true),
            ("ecr:CompleteLayerUpload", true),
            ("e*:PutImage", true),
            ("*", true),
            ("ec2:*", false),
            ("ecr-public:PutImage", false),
            ("s3:PutObject", false),
        ];
        for (action, expected) in table {
            assert_eq!(changes_registry(action), expected, "{action}");
        }
    }
}
