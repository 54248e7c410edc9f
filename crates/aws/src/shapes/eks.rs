//! Answers of `aws eks`.

use serde::Deserialize;

use super::{Paged, or_default};

/// `describe-cluster`.
#[derive(Debug, Deserialize)]
pub(crate) struct DescribeCluster {
    pub(crate) cluster: Cluster,
}

/// A cluster.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) version: Option<String>,
    pub(crate) logging: Option<Logging>,
    pub(crate) resources_vpc_config: Option<VpcConfig>,
    pub(crate) encryption_config: Option<Vec<EncryptionConfig>>,
    pub(crate) access_config: Option<AccessConfig>,
    pub(crate) identity: Option<Identity>,
    pub(crate) compute_config: Option<ComputeConfig>,
}

impl Cluster {
    /// The identity provider's name in ARNs and conditions: the issuer URL without its scheme.
    pub(crate) fn issuer(&self) -> Option<&str> {
        let issuer = self.identity.as_ref()?.oidc.as_ref()?.issuer.as_deref()?;
        issuer.strip_prefix("https://").filter(|issuer| !issuer.is_empty())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Logging {
    pub(crate) cluster_logging: Vec<LogSetup>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LogSetup {
    pub(crate) types: Vec<String>,
    pub(crate) enabled: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VpcConfig {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) security_group_ids: Vec<String>,
    pub(crate) cluster_security_group_id: Option<String>,
    pub(crate) vpc_id: Option<String>,
    pub(crate) endpoint_public_access: Option<bool>,
    pub(crate) endpoint_private_access: Option<bool>,
    pub(crate) public_access_cidrs: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct EncryptionConfig {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) resources: Vec<String>,
    pub(crate) provider: Option<Provider>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Provider {
    pub(crate) key_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessConfig {
    pub(crate) authentication_mode: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Identity {
    pub(crate) oidc: Option<Oidc>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Oidc {
    pub(crate) issuer: Option<String>,
}

/// Auto Mode.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ComputeConfig {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) enabled: bool,
    pub(crate) node_role_arn: Option<String>,
}

/// `list-nodegroups`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListNodegroups {
    pub(crate) nodegroups: Vec<String>,
    #[serde(alias = "NextToken")]
    pub(crate) next_token: Option<String>,
}

/// `describe-nodegroup`.
#[derive(Debug, Deserialize)]
pub(crate) struct DescribeNodegroup {
    pub(crate) nodegroup: Nodegroup,
}

/// A managed node group.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Nodegroup {
    pub(crate) nodegroup_name: String,
    pub(crate) nodegroup_arn: String,
    pub(crate) cluster_name: String,
    pub(crate) node_role: Option<String>,
    pub(crate) remote_access: Option<RemoteAccess>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) subnets: Vec<String>,
    pub(crate) launch_template: Option<LaunchTemplate>,
    pub(crate) scaling_config: Option<ScalingConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RemoteAccess {
    pub(crate) ec2_ssh_key: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) source_security_groups: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LaunchTemplate {
    pub(crate) id: Option<String>,
    pub(crate) version: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScalingConfig {
    pub(crate) desired_size: Option<u64>,
}

/// `list-access-entries`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListAccessEntries {
    pub(crate) access_entries: Vec<String>,
    #[serde(alias = "NextToken")]
    pub(crate) next_token: Option<String>,
}

/// `describe-access-entry`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeAccessEntry {
    pub(crate) access_entry: AccessEntry,
}

/// An access entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessEntry {
    pub(crate) cluster_name: String,
    pub(crate) principal_arn: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) kubernetes_groups: Vec<String>,
}

/// `list-associated-access-policies`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListAssociatedAccessPolicies {
    pub(crate) cluster_name: String,
    pub(crate) principal_arn: String,
    pub(crate) associated_access_policies: Vec<AssociatedPolicy>,
    #[serde(alias = "NextToken")]
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssociatedPolicy {
    pub(crate) policy_arn: String,
    pub(crate) access_scope: Option<AccessScope>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AccessScope {
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) namespaces: Vec<String>,
}

/// `list-identity-provider-configs`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListIdentityProviderConfigs {
    pub(crate) identity_provider_configs: Vec<IdentityProvider>,
    #[serde(alias = "NextToken")]
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct IdentityProvider {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) name: String,
}

/// `list-pod-identity-associations`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListPodIdentityAssociations {
    pub(crate) associations: Vec<Association>,
    #[serde(alias = "NextToken")]
    pub(crate) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Association {
    pub(crate) cluster_name: String,
    pub(crate) namespace: String,
    pub(crate) service_account: String,
}

/// `describe-addon`.
#[derive(Debug, Deserialize)]
pub(crate) struct DescribeAddon {
    pub(crate) addon: Addon,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Addon {
    pub(crate) addon_name: String,
    pub(crate) cluster_name: String,
    pub(crate) service_account_role_arn: Option<String>,
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
    ListNodegroups,
    ListAccessEntries,
    ListAssociatedAccessPolicies,
    ListIdentityProviderConfigs,
    ListPodIdentityAssociations
);
