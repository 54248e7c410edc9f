//! The network interfaces in the cluster's security groups.

use std::collections::BTreeSet;

use crate::call::Call;
use crate::gap;
use crate::shapes::ec2::{DescribeNetworkInterfaces, NetworkInterface};
use crate::shapes::{belong_to, owners};

use super::inquiry::Inquiry;

/// The description prefix of a control plane's interfaces; the cluster's name follows.
const OF_CONTROL_PLANE: &str = "Amazon EKS ";

/// The control plane's security groups are used only by the cluster.
pub(super) fn own_security_groups(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let config = inquiry.part("cluster.resourcesVpcConfig", cluster.resources_vpc_config.as_ref());
    let Some(config) = config else { return };
    let own = config.cluster_security_group_id.as_deref();
    let Some(own) = inquiry.part("cluster.resourcesVpcConfig.clusterSecurityGroupId", own) else { return };
    let given: BTreeSet<&str> = config.security_group_ids.iter().map(String::as_str).chain([own]).collect();
    let groups = inquiry.nodegroups(cluster);
    let instances = inquiry.instances(cluster, &groups);
    let instances: BTreeSet<&str> = instances.iter().map(|instance| instance.instance_id.as_str()).collect();
    let Some(got) = inquiry.list::<DescribeNetworkInterfaces>(Call::DescribeNetworkInterfaces, "") else { return };
    let mut has_control_plane = false;
    for interface in &got.answer.network_interfaces {
        let mut shared = interface.groups.iter().map(|group| group.group_id.as_str()).filter(|id| given.contains(id));
        let Some(group) = shared.next() else { continue };
        match owner(interface, &cluster.name, &instances) {
            Owner::ControlPlane => has_control_plane = true,
            Owner::Cluster => {}
            Owner::Other(whose) => {
                let found = format!("also of {} ({whose})", interface.network_interface_id);
                inquiry.offend("Security group", group, found);
            }
            // The interfaces of Fargate pods are not tagged.
            Owner::Unmarked => {
                let found =
                    format!("also used by {}, which is not tagged for the cluster", interface.network_interface_id);
                inquiry.weigh("Security group", group, found);
            }
        }
    }
    if !has_control_plane {
        inquiry.gap(gap::incomplete(got.file, &format!("the interfaces of the control plane of {}", cluster.name)));
    }
}

enum Owner {
    ControlPlane,
    Cluster,
    Other(String),
    Unmarked,
}

fn owner(interface: &NetworkInterface, cluster: &str, instances: &BTreeSet<&str>) -> Owner {
    if let Some(name) = interface.description.strip_prefix(OF_CONTROL_PLANE) {
        return if name == cluster { Owner::ControlPlane } else { Owner::Other(format!("EKS cluster {name}")) };
    }
    let instance = interface.attachment.as_ref().and_then(|attachment| attachment.instance_id.as_deref());
    if instance.is_some_and(|instance| instances.contains(instance)) || belong_to(&interface.tag_set, cluster) {
        return Owner::Cluster;
    }
    if let Some(other) = owners(&interface.tag_set).next() {
        return Owner::Other(format!("EKS cluster {other}"));
    }
    match instance {
        Some(instance) => Owner::Other(format!("EC2 instance {instance}")),
        None => Owner::Unmarked,
    }
}
