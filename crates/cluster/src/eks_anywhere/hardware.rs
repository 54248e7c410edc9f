//! Hardware and operating system: baseboard management controllers, and the update operator of Bottlerocket.

use serde::{Deserialize, Serialize};

use super::metadata::Metadata;
use crate::nullable::nullable;

/// A `Machine` of `bmc.tinkerbell.org`: a baseboard management controller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BmcMachine {
    /// Its name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// How it is reached.
    #[serde(deserialize_with = "nullable")]
    pub spec: BmcSpec,
}

/// How a controller is reached.
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
    /// Its address.
    #[serde(deserialize_with = "nullable")]
    pub host: String,
    /// Whether its certificate is not verified.
    #[serde(rename = "insecureTLS", deserialize_with = "nullable")]
    pub insecure_tls: bool,
}

/// A `BottlerocketShadow`: the update operator's view of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BottlerocketShadow {
    /// Its name: `brs-NODE`.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
}
