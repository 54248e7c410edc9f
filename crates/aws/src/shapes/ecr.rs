//! Answers of `aws ecr`.

use serde::Deserialize;

use super::{Paged, or_default};

/// `describe-repositories`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeRepositories {
    pub(crate) repositories: Vec<Repository>,
    #[serde(alias = "NextToken")]
    pub(crate) next_token: Option<String>,
}

/// A repository.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Repository {
    pub(crate) repository_name: String,
    pub(crate) repository_arn: Option<String>,
    pub(crate) image_scanning_configuration: Option<ImageScanning>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImageScanning {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) scan_on_push: bool,
}

/// `get-registry-scanning-configuration`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetRegistryScanningConfiguration {
    pub(crate) scanning_configuration: ScanningConfiguration,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScanningConfiguration {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    pub(crate) scan_frequency: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) repository_filters: Vec<Filter>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Filter {
    pub(crate) filter: String,
}

impl Paged for DescribeRepositories {
    fn has_more(&self) -> bool {
        self.next_token.is_some()
    }
}
