//! Answers of `aws kms`.

use serde::Deserialize;

/// `describe-key`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeKey {
    pub(crate) key_metadata: KeyMetadata,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyMetadata {
    pub(crate) arn: String,
    pub(crate) key_manager: String,
    pub(crate) key_state: Option<String>,
}
