//! Managed node groups.

use crate::call::Call;
use crate::gap;
use crate::shapes::ec2::{DescribeLaunchTemplateVersions, LaunchTemplateData};
use crate::shapes::eks::Nodegroup;

use super::inquiry::Inquiry;

const GROUP: &str = "Node group";

/// Nodes do not allow SSH from arbitrary addresses; other SSH access is manual.
pub(super) fn ssh(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let groups = inquiry.nodegroups(cluster);
    for (name, group) in &groups {
        let Some(access) = &group.remote_access else { continue };
        let Some(key) = access.ec2_ssh_key.as_deref().filter(|key| !key.is_empty()) else { continue };
        if access.source_security_groups.is_empty() {
            inquiry.offend(GROUP, name, format!("remoteAccess: key {key}, from everywhere (no sourceSecurityGroups)"));
        } else {
            let from = access.source_security_groups.join(", ");
            inquiry.weigh(GROUP, name, format!("remoteAccess: key {key}, from {from}"));
        }
    }
    for (name, data) in launch_templates(inquiry, &groups) {
        if let Some(key) = data.key_name.as_deref().filter(|key| !key.is_empty()) {
            inquiry.weigh("Launch template of node group", name, format!("KeyName: {key}"));
        }
    }
    for instance in inquiry.instances(cluster, &groups) {
        if let Some(key) = instance.key_name.as_deref().filter(|key| !key.is_empty()) {
            inquiry.weigh("EC2 instance", &instance.instance_id, format!("KeyName: {key}"));
        }
    }
}

/// The launch templates of the node groups that have one.
pub(super) fn launch_templates<'e>(
    inquiry: &mut Inquiry<'e>,
    groups: &[(&'e str, &'e Nodegroup)],
) -> Vec<(&'e str, &'e LaunchTemplateData)> {
    let call = Call::DescribeLaunchTemplateVersions;
    let mut found = Vec::new();
    for (name, group) in groups {
        let Some(template) = &group.launch_template else { continue };
        let Some(got) = inquiry.list::<DescribeLaunchTemplateVersions>(call, name) else { continue };
        let is_theirs = |id: &str, version: u64| {
            template.id.as_deref() == Some(id) && template.version.as_deref() == Some(version.to_string().as_str())
        };
        let versions = &got.answer.launch_template_versions;
        match versions.iter().find(|one| is_theirs(&one.launch_template_id, one.version_number)) {
            Some(version) => found.push((*name, &version.launch_template_data)),
            None => inquiry.gap(gap::incomplete(got.file, &format!("the launch template of node group {name}"))),
        }
    }
    found
}
