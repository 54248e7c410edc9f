//! The instances that are the cluster's nodes.

use std::collections::{BTreeMap, BTreeSet};

use crate::call::Call;
use crate::gap;
use crate::network;
use crate::shapes::ec2::{DescribeSecurityGroups, DescribeSubnets, MetadataOptions, Permission, SecurityGroup};

use super::inquiry::Inquiry;
use super::node_groups::launch_templates;

const INSTANCE: &str = "EC2 instance";

/// Description prefixes of the rules for load balancers, and the components that add them.
const OF_LOAD_BALANCERS: [(&str, &str); 2] = [
    ("kubernetes.io/rule/nlb/", "made by the cloud provider for a network load balancer"),
    ("elbv2.k8s.aws/targetGroupBinding", "made by the AWS Load Balancer Controller for its targets"),
];

/// Nodes have no public addresses, and the subnets of node groups assign none.
pub(super) fn private(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let groups = inquiry.nodegroups(cluster);
    let instances = inquiry.instances(cluster, &groups);
    for instance in &instances {
        for address in instance.public_addresses() {
            inquiry.offend(INSTANCE, &instance.instance_id, format!("public address {address}"));
        }
    }
    let of_groups = groups.iter().flat_map(|(_, group)| group.subnets.iter().map(String::as_str));
    let wanted: BTreeSet<&str> =
        of_groups.chain(instances.iter().filter_map(|instance| instance.subnet_id.as_deref())).collect();
    if wanted.is_empty() {
        return;
    }
    let Some(got) = inquiry.list::<DescribeSubnets>(Call::DescribeSubnets, "") else { return };
    let known: BTreeMap<&str, Option<bool>> =
        got.answer.subnets.iter().map(|subnet| (subnet.subnet_id.as_str(), subnet.map_public_ip_on_launch)).collect();
    for subnet in wanted {
        match known.get(subnet) {
            Some(Some(true)) => inquiry.offend("Subnet", subnet, "MapPublicIpOnLaunch: true"),
            Some(Some(false)) => {}
            Some(None) => inquiry.gap(gap::incomplete(got.file, &format!("MapPublicIpOnLaunch of {subnet}"))),
            None => inquiry.gap(gap::incomplete(got.file, subnet)),
        }
    }
}

/// Instance metadata requires a token and is not reachable from other hosts.
pub(super) fn metadata(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let groups = inquiry.nodegroups(cluster);
    let most = inquiry.settings.hop_limit.unwrap_or(1);
    for instance in inquiry.instances(cluster, &groups) {
        match &instance.metadata_options {
            Some(options) => metadata_of(inquiry, (INSTANCE, &instance.instance_id), options, most, true),
            None => {
                let what = format!("MetadataOptions of {}", instance.instance_id);
                inquiry.gap(gap::incomplete(&Call::DescribeInstances.file(""), &what));
            }
        }
    }
    for (group, data) in launch_templates(inquiry, &groups) {
        match &data.metadata_options {
            Some(options) => metadata_of(inquiry, ("Launch template of node group", group), options, most, false),
            // The AMI's or the account's default then applies, as the instances show.
            None => inquiry.note("Launch template of node group", group, "MetadataOptions: not set"),
        }
    }
}

fn metadata_of(
    inquiry: &mut Inquiry<'_>,
    (kind, name): (&str, &str),
    options: &MetadataOptions,
    most: u64,
    is_complete: bool,
) {
    if options.http_endpoint.as_deref() == Some("disabled") {
        return;
    }
    match options.http_tokens.as_deref() {
        Some("required") => {}
        None if !is_complete => {}
        tokens => inquiry.offend(kind, name, format!("HttpTokens: {}", tokens.unwrap_or("not set"))),
    }
    match options.http_put_response_hop_limit {
        Some(hops) if hops <= most => {}
        None if !is_complete => {}
        Some(hops) => inquiry.offend(kind, name, format!("HttpPutResponseHopLimit: {hops}")),
        None => inquiry.offend(kind, name, "HttpPutResponseHopLimit: not set"),
    }
}

/// The security groups of nodes allow no traffic from arbitrary addresses.
pub(super) fn ingress(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let groups = inquiry.nodegroups(cluster);
    let instances = inquiry.instances(cluster, &groups);
    let own = cluster.resources_vpc_config.as_ref().and_then(|config| config.cluster_security_group_id.as_deref());
    // Managed and Fargate nodes are in the cluster's own security group.
    let wanted: BTreeSet<&str> = instances.iter().flat_map(|instance| instance.groups()).chain(own).collect();
    let Some(got) = inquiry.list::<DescribeSecurityGroups>(Call::DescribeSecurityGroups, "") else { return };
    let known: BTreeMap<&str, &SecurityGroup> =
        got.answer.security_groups.iter().map(|group| (group.group_id.as_str(), group)).collect();
    for name in wanted {
        match known.get(name) {
            Some(group) => group.ip_permissions.iter().for_each(|rule| open_rule(inquiry, name, rule)),
            None => inquiry.gap(gap::incomplete(got.file, name)),
        }
    }
}

fn open_rule(inquiry: &mut Inquiry<'_>, group: &str, rule: &Permission) {
    let ranges = || rule.ip_ranges.iter().chain(&rule.ipv6_ranges);
    let ports = ports(rule);
    // Each range of a rule has its own description.
    let made_by = |description: Option<&str>| {
        let description = description?;
        OF_LOAD_BALANCERS.iter().find_map(|(beginning, who)| description.starts_with(beginning).then_some(*who))
    };
    let (made, others): (Vec<_>, Vec<_>) = ranges().partition(|range| made_by(range.description.as_deref()).is_some());
    let told = |ranges: &[&crate::shapes::ec2::IpRange]| {
        let mut names: Vec<&str> = ranges.iter().map(|range| range.range.as_str()).collect();
        names.truncate(5);
        names.join(", ")
    };
    if network::hold_everything(others.iter().map(|range| range.range.as_str())) {
        inquiry.offend("Security group", group, format!("{ports} from {}", told(&others)));
    }
    if network::hold_everything(made.iter().map(|range| range.range.as_str())) {
        let who = made.iter().find_map(|range| made_by(range.description.as_deref())).unwrap_or_default();
        inquiry.exempt("Security group", group, format!("{ports} from {}", told(&made)), who);
    }
}

fn ports(rule: &Permission) -> String {
    let protocol = match rule.ip_protocol.as_str() {
        "-1" => return "all ports".to_owned(),
        other => other,
    };
    match (rule.from_port, rule.to_port) {
        (Some(from), Some(to)) if from == to => format!("{protocol} {from}"),
        (Some(from), Some(to)) => format!("{protocol} {from}-{to}"),
        _ => protocol.to_owned(),
    }
}
