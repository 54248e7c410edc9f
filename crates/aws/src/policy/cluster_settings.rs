//! Controls decided by `describe-cluster` and the key that it names.

use crate::arn::Arn;
use crate::call::Call;
use crate::gap;
use crate::network;
use crate::shapes::eks::{Cluster, VpcConfig};
use crate::shapes::kms::DescribeKey;

use super::inquiry::Inquiry;

const CLUSTER: &str = "EKS cluster";

/// The log types of an EKS control plane.
const LOGS: [&str; 5] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/// All log types are sent.
pub(super) fn control_plane_logs(inquiry: &mut Inquiry<'_>) {
    logs(inquiry, &LOGS, &[]);
}

/// Audit logs are sent; API server logs should be.
pub(super) fn audit_logs(inquiry: &mut Inquiry<'_>) {
    logs(inquiry, &["audit"], &["api"]);
}

fn logs(inquiry: &mut Inquiry<'_>, required: &[&str], wanted: &[&str]) {
    let Some(cluster) = inquiry.cluster() else { return };
    let Some(logging) = inquiry.part("cluster.logging", cluster.logging.as_ref()) else { return };
    let enabled = logging.cluster_logging.iter().filter(|setup| setup.enabled).flat_map(|setup| &setup.types);
    let enabled: Vec<&str> = enabled.map(String::as_str).filter(|name| LOGS.contains(name)).collect();
    let shown = if enabled.is_empty() { "no logs enabled".to_owned() } else { enabled.join(", ") };
    let lacking = |names: &[&str]| {
        let lacking: Vec<&str> = names.iter().filter(|name| !enabled.contains(name)).copied().collect();
        (!lacking.is_empty()).then(|| format!("clusterLogging: {} not enabled", lacking.join(", ")))
    };
    match (lacking(required), lacking(wanted)) {
        (Some(found), _) => inquiry.offend(CLUSTER, &cluster.name, found),
        (None, Some(found)) => inquiry.weigh(CLUSTER, &cluster.name, found),
        (None, None) => inquiry.note(CLUSTER, &cluster.name, format!("clusterLogging: {shown}")),
    }
}

/// Access to the API endpoint.
struct Endpoint<'e> {
    private: bool,
    public: bool,
    networks: &'e [String],
}

impl Endpoint<'_> {
    fn networks(&self) -> String {
        self.networks.join(", ")
    }

    fn is_open(&self) -> bool {
        self.public && network::hold_everything(self.networks.iter().map(String::as_str))
    }
}

fn endpoint<'e>(inquiry: &mut Inquiry<'e>) -> Option<(&'e Cluster, Endpoint<'e>)> {
    let cluster = inquiry.cluster()?;
    let config: &VpcConfig = inquiry.part("cluster.resourcesVpcConfig", cluster.resources_vpc_config.as_ref())?;
    let private = inquiry.part("cluster.resourcesVpcConfig.endpointPrivateAccess", config.endpoint_private_access)?;
    let public = inquiry.part("cluster.resourcesVpcConfig.endpointPublicAccess", config.endpoint_public_access)?;
    let networks = config.public_access_cidrs.as_deref().unwrap_or_default();
    if public {
        // AWS treats an empty list as all addresses.
        if networks.is_empty() {
            inquiry.part::<()>("cluster.resourcesVpcConfig.publicAccessCidrs", None);
        }
        for odd in networks.iter().filter(|range| !network::is_range(range)) {
            inquiry.gap(gap::lacking(&Call::DescribeCluster.file(""), &format!("network that is called {odd}")));
        }
    }
    Some((cluster, Endpoint { private, public, networks }))
}

/// The endpoint is reachable privately; public access is limited to known networks.
pub(super) fn endpoint_access(inquiry: &mut Inquiry<'_>) {
    let Some((cluster, endpoint)) = endpoint(inquiry) else { return };
    open_or_not_private(inquiry, cluster, &endpoint);
    if endpoint.public && !endpoint.is_open() {
        inquiry.note(CLUSTER, &cluster.name, format!("publicAccessCidrs: {}", endpoint.networks()));
    }
}

/// Like [`endpoint_access`], but access from known networks is manual.
pub(super) fn restricted_endpoint(inquiry: &mut Inquiry<'_>) {
    let Some((cluster, endpoint)) = endpoint(inquiry) else { return };
    open_or_not_private(inquiry, cluster, &endpoint);
    if endpoint.public && !endpoint.is_open() {
        inquiry.weigh(CLUSTER, &cluster.name, format!("endpointPublicAccess: true, from {}", endpoint.networks()));
    }
}

fn open_or_not_private(inquiry: &mut Inquiry<'_>, cluster: &Cluster, endpoint: &Endpoint<'_>) {
    if !endpoint.private {
        inquiry.offend(CLUSTER, &cluster.name, "endpointPrivateAccess: false");
    }
    if endpoint.is_open() {
        let found = format!("endpointPublicAccess: true, from everywhere ({})", endpoint.networks());
        inquiry.offend(CLUSTER, &cluster.name, found);
    }
}

/// The endpoint is reachable privately only.
pub(super) fn private_endpoint(inquiry: &mut Inquiry<'_>) {
    let Some((cluster, endpoint)) = endpoint(inquiry) else { return };
    if !endpoint.private {
        inquiry.offend(CLUSTER, &cluster.name, "endpointPrivateAccess: false");
    }
    if endpoint.public {
        inquiry.offend(CLUSTER, &cluster.name, format!("endpointPublicAccess: true, from {}", endpoint.networks()));
    }
}

/// Secrets are encrypted with a customer managed key.
pub(super) fn secrets_encryption(inquiry: &mut Inquiry<'_>) {
    encryption(inquiry, true);
}

/// Secrets are encrypted with a key, even an AWS owned one.
pub(super) fn envelope_encryption(inquiry: &mut Inquiry<'_>) {
    encryption(inquiry, false);
}

fn encryption(inquiry: &mut Inquiry<'_>, wants_own: bool) {
    let Some(cluster) = inquiry.cluster() else { return };
    let configured = cluster.encryption_config.as_deref().unwrap_or_default();
    let of_secrets = |resources: &[String]| resources.iter().any(|resource| resource == "secrets");
    let keys: Vec<&str> = configured
        .iter()
        .filter(|config| of_secrets(&config.resources))
        .filter_map(|config| config.provider.as_ref()?.key_arn.as_deref())
        .collect();
    if keys.is_empty() {
        let Some(version) = inquiry.part("cluster.version", cluster.version.as_deref()) else { return };
        // Since Kubernetes 1.28, EKS encrypts all API data by default.
        let with_key_of_aws = minor(version).map(|minor| minor >= 28);
        match with_key_of_aws {
            Some(true) => {
                let found = format!("encryptionConfig: not set: an AWS owned key (Kubernetes {version})");
                if wants_own {
                    inquiry.offend(CLUSTER, &cluster.name, found);
                } else {
                    inquiry.note(CLUSTER, &cluster.name, found);
                }
            }
            Some(false) => {
                let found = format!("encryptionConfig: not set: Secrets are not encrypted (Kubernetes {version})");
                inquiry.offend(CLUSTER, &cluster.name, found);
            }
            None => {
                inquiry.part::<()>("cluster.version that is one of Kubernetes", None);
            }
        }
        return;
    }
    for key in keys {
        judge_key(inquiry, cluster, key, wants_own);
    }
}

fn judge_key(inquiry: &mut Inquiry<'_>, cluster: &Cluster, key: &str, wants_own: bool) {
    let Some(got) = inquiry.get::<DescribeKey>(Call::DescribeKey, &Call::tag(key)) else { return };
    let metadata = &got.answer.key_metadata;
    let is_alias = Arn::of(key).is_none_or(|arn| arn.resource.starts_with("alias/"));
    if metadata.arn != key && !is_alias {
        inquiry.gap(gap::of_another(got.file, "key", &metadata.arn, key));
        return;
    }
    let state = metadata.key_state.as_deref().unwrap_or("Enabled");
    let found = format!("keyArn: {key}, managed by {}, {state}", metadata.key_manager);
    let is_own = metadata.key_manager == "CUSTOMER";
    if state != "Enabled" || (wants_own && !is_own) {
        inquiry.offend(CLUSTER, &cluster.name, found);
    } else {
        inquiry.note(CLUSTER, &cluster.name, found);
    }
}

/// The minor version: `31` for `1.31`.
fn minor(version: &str) -> Option<u16> {
    version.strip_prefix("1.")?.split('.').next()?.parse().ok()
}
