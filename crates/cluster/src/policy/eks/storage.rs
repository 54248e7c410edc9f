//! Whether volumes are encrypted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Evidence, judged, seen};
use crate::Meta;
use crate::nullable::nullable;
use crate::policy::Judgement;

/// Provisioners of EBS volumes: the CSI driver, EKS Auto Mode's, and the former in-tree one.
const EBS: [&str; 3] = ["ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs"];

/// A `StorageClass`. Only one of its parameters is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StorageClass {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The provisioner, such as `ebs.csi.aws.com`.
    #[serde(deserialize_with = "nullable")]
    pub provisioner: String,
    /// The parameter `encrypted`, in any case.
    #[serde(deserialize_with = "looked_at", skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

fn looked_at<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let parameters: BTreeMap<String, String> = nullable(deserializer)?;
    let encrypted = |key: &str| key.eq_ignore_ascii_case("encrypted");
    Ok(parameters
        .into_iter()
        .filter(|(key, _)| encrypted(key))
        .map(|(key, value)| (key.to_lowercase(), value))
        .collect())
}

/// A `PersistentVolume`, with its driver only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersistentVolume {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: VolumeSpec,
}

/// The specification of a volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeSpec {
    /// A volume of a CSI driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csi: Option<CsiVolume>,
}

/// A volume of a CSI driver.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CsiVolume {
    /// The driver's name.
    #[serde(deserialize_with = "nullable")]
    pub driver: String,
}

/// The storage classes encrypt new volumes. For existing volumes, encryption is not visible in the API.
pub(super) fn storage_encryption(evidence: &Evidence<'_>) -> Judgement {
    let (mut offenders, mut noted) = (Vec::new(), Vec::new());
    for StorageClass { metadata, provisioner, parameters } in &evidence.storage_classes.items {
        let encrypted = parameters.get("encrypted").map(String::as_str);
        if !EBS.contains(&provisioner.as_str()) {
            noted.push(seen("StorageClass", "", &metadata.name, format!("provisioner: {provisioner}: not judged")));
        } else if encrypted != Some("true") {
            let found = format!("encrypted: {}", encrypted.unwrap_or("not set"));
            offenders.push(seen("StorageClass", "", &metadata.name, found));
        }
    }
    let mut drivers: BTreeMap<&str, usize> = BTreeMap::new();
    for volume in &evidence.volumes.items {
        if let Some(csi) = &volume.spec.csi {
            *drivers.entry(&csi.driver).or_default() += 1;
        }
    }
    for (driver, count) in drivers {
        let found = format!("{count} PersistentVolumes of {driver}: whether they are encrypted shows there alone");
        noted.push(seen("", "", "", found));
    }
    judged(offenders, noted, evidence.storage_classes.missing.as_ref())
}
