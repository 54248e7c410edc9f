//! The cluster's VPC, and the account's EBS default.

use crate::call::Call;
use crate::gap;
use crate::shapes::ec2::{
    DescribeDhcpOptions, DescribeVpcAttribute, DescribeVpcs, DhcpOptions, GetEbsEncryptionByDefault, Truth,
};

use super::inquiry::Inquiry;

const VPC: &str = "VPC";

/// The name under which DHCP options list the VPC resolver.
const RESOLVER: &str = "AmazonProvidedDNS";

/// The VPC can resolve the private endpoint.
pub(super) fn dns(inquiry: &mut Inquiry<'_>) {
    let Some(cluster) = inquiry.cluster() else { return };
    let vpc = cluster.resources_vpc_config.as_ref().and_then(|config| config.vpc_id.as_deref());
    let Some(vpc) = inquiry.part("cluster.resourcesVpcConfig.vpcId", vpc) else { return };
    attribute(inquiry, vpc, "enableDnsHostnames", |answer| answer.enable_dns_hostnames);
    attribute(inquiry, vpc, "enableDnsSupport", |answer| answer.enable_dns_support);
    let Some(got) = inquiry.get::<DescribeVpcs>(Call::DescribeVpcs, "") else { return };
    let Some(described) = got.answer.vpcs.iter().find(|described| described.vpc_id == vpc) else {
        return inquiry.gap(gap::incomplete(got.file, vpc));
    };
    match described.dhcp_options_id.as_deref() {
        None => inquiry.gap(gap::incomplete(got.file, &format!("DhcpOptionsId of {vpc}"))),
        Some("default") => inquiry.offend(VPC, vpc, "DhcpOptionsId: default: no resolver is given"),
        Some(id) => {
            let Some(got) = inquiry.get::<DescribeDhcpOptions>(Call::DescribeDhcpOptions, "") else { return };
            match got.answer.dhcp_options.iter().find(|options| options.dhcp_options_id == id) {
                Some(options) => resolver(inquiry, vpc, options),
                None => inquiry.gap(gap::incomplete(got.file, id)),
            }
        }
    }
}

fn attribute(inquiry: &mut Inquiry<'_>, vpc: &str, name: &str, of: fn(&DescribeVpcAttribute) -> Option<Truth>) {
    let Some(got) = inquiry.get::<DescribeVpcAttribute>(Call::DescribeVpcAttribute, name) else { return };
    if got.answer.vpc_id != vpc {
        return inquiry.gap(gap::of_another(got.file, "VPC", &got.answer.vpc_id, vpc));
    }
    match of(got.answer) {
        Some(Truth { value: true }) => {}
        Some(Truth { value: false }) => inquiry.offend(VPC, vpc, format!("{name}: false")),
        None => inquiry.gap(gap::lacking(got.file, name)),
    }
}

fn resolver(inquiry: &mut Inquiry<'_>, vpc: &str, options: &DhcpOptions) {
    let servers = options.dhcp_configurations.iter().filter(|option| option.key == "domain-name-servers");
    let servers: Vec<&str> = servers.flat_map(|option| &option.values).map(|server| server.value.as_str()).collect();
    if !servers.contains(&RESOLVER) {
        let found = if servers.is_empty() { "none".to_owned() } else { servers.join(", ") };
        inquiry.offend(VPC, vpc, format!("domain-name-servers: {found}, not {RESOLVER}"));
    }
}

/// New EBS volumes in the account are encrypted.
pub(super) fn storage_encryption(inquiry: &mut Inquiry<'_>) {
    let call = Call::GetEbsEncryptionByDefault;
    let Some(got) = inquiry.get::<GetEbsEncryptionByDefault>(call, "") else { return };
    let found = format!("EbsEncryptionByDefault: {}", got.answer.ebs_encryption_by_default);
    if got.answer.ebs_encryption_by_default {
        inquiry.note("AWS account", "EBS", found);
    } else {
        inquiry.offend("AWS account", "EBS", found);
    }
}
