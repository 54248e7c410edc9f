//! Answers of `aws ec2`.

use serde::Deserialize;

use super::{Paged, Tag, or_default};

/// `describe-instances`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeInstances {
    pub(crate) reservations: Vec<Reservation>,
    #[serde(alias = "nextToken")]
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reservation {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) instances: Vec<Instance>,
}

/// An instance.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Instance {
    pub(crate) instance_id: String,
    pub(crate) state: Option<State>,
    pub(crate) public_ip_address: Option<String>,
    pub(crate) subnet_id: Option<String>,
    pub(crate) key_name: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) security_groups: Vec<GroupName>,
    pub(crate) iam_instance_profile: Option<Profile>,
    pub(crate) metadata_options: Option<MetadataOptions>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) network_interfaces: Vec<Interface>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) tags: Vec<Tag>,
}

impl Instance {
    /// Whether the instance still exists.
    pub(crate) fn is_there(&self) -> bool {
        let state = self.state.as_ref().map(|state| state.name.as_str());
        !matches!(state, Some("terminated" | "shutting-down"))
    }

    /// The public addresses, without duplicates.
    pub(crate) fn public_addresses(&self) -> Vec<&str> {
        let of_interfaces =
            self.network_interfaces.iter().filter_map(|interface| interface.association.as_ref()?.public_ip.as_deref());
        let mut addresses: Vec<&str> = self.public_ip_address.as_deref().into_iter().chain(of_interfaces).collect();
        addresses.retain(|address| !address.is_empty());
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }

    /// The security groups of all interfaces.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &str> {
        let of_interfaces = self.network_interfaces.iter().flat_map(|interface| &interface.groups);
        self.security_groups.iter().chain(of_interfaces).map(|group| group.group_id.as_str())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct State {
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GroupName {
    pub(crate) group_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Profile {
    pub(crate) arn: Option<String>,
}

/// The metadata options of an instance.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetadataOptions {
    pub(crate) http_tokens: Option<String>,
    pub(crate) http_put_response_hop_limit: Option<u64>,
    pub(crate) http_endpoint: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Interface {
    pub(crate) association: Option<PublicAddress>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) groups: Vec<GroupName>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublicAddress {
    pub(crate) public_ip: Option<String>,
}

/// `describe-launch-template-versions`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeLaunchTemplateVersions {
    pub(crate) launch_template_versions: Vec<LaunchTemplateVersion>,
    #[serde(alias = "nextToken")]
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LaunchTemplateVersion {
    pub(crate) launch_template_id: String,
    pub(crate) version_number: u64,
    pub(crate) launch_template_data: LaunchTemplateData,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LaunchTemplateData {
    pub(crate) metadata_options: Option<MetadataOptions>,
    pub(crate) key_name: Option<String>,
}

/// `describe-subnets`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeSubnets {
    pub(crate) subnets: Vec<Subnet>,
    #[serde(alias = "nextToken")]
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Subnet {
    pub(crate) subnet_id: String,
    pub(crate) map_public_ip_on_launch: Option<bool>,
}

/// `describe-security-groups`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeSecurityGroups {
    pub(crate) security_groups: Vec<SecurityGroup>,
    #[serde(alias = "nextToken")]
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecurityGroup {
    pub(crate) group_id: String,
    /// The inbound rules.
    pub(crate) ip_permissions: Vec<Permission>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Permission {
    pub(crate) ip_protocol: String,
    pub(crate) from_port: Option<i64>,
    pub(crate) to_port: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) ip_ranges: Vec<IpRange>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) ipv6_ranges: Vec<IpRange>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct IpRange {
    #[serde(rename = "CidrIp", alias = "CidrIpv6")]
    pub(crate) range: String,
    #[serde(rename = "Description")]
    pub(crate) description: Option<String>,
}

/// `describe-network-interfaces`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeNetworkInterfaces {
    pub(crate) network_interfaces: Vec<NetworkInterface>,
    #[serde(alias = "nextToken")]
    pub(crate) next_token: Option<String>,
}

/// A network interface.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NetworkInterface {
    pub(crate) network_interface_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) description: String,
    pub(crate) attachment: Option<Attachment>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) groups: Vec<GroupName>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) tag_set: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attachment {
    pub(crate) instance_id: Option<String>,
}

/// `describe-vpc-attribute`, with either attribute.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeVpcAttribute {
    pub(crate) vpc_id: String,
    pub(crate) enable_dns_hostnames: Option<Truth>,
    pub(crate) enable_dns_support: Option<Truth>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Truth {
    pub(crate) value: bool,
}

/// `describe-vpcs`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeVpcs {
    pub(crate) vpcs: Vec<Vpc>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Vpc {
    pub(crate) vpc_id: String,
    pub(crate) dhcp_options_id: Option<String>,
}

/// `describe-dhcp-options`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeDhcpOptions {
    pub(crate) dhcp_options: Vec<DhcpOptions>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DhcpOptions {
    pub(crate) dhcp_options_id: String,
    pub(crate) dhcp_configurations: Vec<DhcpConfiguration>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DhcpConfiguration {
    pub(crate) key: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) values: Vec<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Text {
    pub(crate) value: String,
}

/// `get-ebs-encryption-by-default`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetEbsEncryptionByDefault {
    pub(crate) ebs_encryption_by_default: bool,
}

macro_rules! paged {
    ($($answer:ty),*) => {
        $(impl Paged for $answer {
            fn has_more(&self) -> bool {
                self.next_token.is_some()
            }
        })*
    };
}

paged!(
    DescribeInstances,
    DescribeLaunchTemplateVersions,
    DescribeSubnets,
    DescribeSecurityGroups,
    DescribeNetworkInterfaces
);
