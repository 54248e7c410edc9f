//! Hardware and operating system: baseboard management controllers, and Bottlerocket's update operator.

use serde::{Deserialize, Serialize};

use super::metadata::Metadata;
use crate::nullable::nullable;

/// A `Machine` of `bmc.tinkerbell.org`: a baseboard management controller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BmcMachine {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The connection settings.
    #[serde(deserialize_with = "nullable")]
    pub spec: BmcSpec,
}

/// The connection settings of a controller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BmcSpec {
    /// The connection.
    #[serde(deserialize_with = "nullable")]
    pub connection: BmcConnection,
}

/// The connection to a controller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BmcConnection {
    /// The address.
    #[serde(deserialize_with = "nullable")]
    pub host: String,
    /// Whether verification of its certificate is disabled.
    #[serde(rename = "insecureTLS", deserialize_with = "nullable")]
    pub insecure_tls: bool,
}

/// A `BottlerocketShadow`: the update operator's view of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BottlerocketShadow {
    /// The name, `brs-NODE`.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
}
