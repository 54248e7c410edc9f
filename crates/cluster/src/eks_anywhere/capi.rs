//! The Cluster API objects that EKS Anywhere creates for a cluster. Files and commands may contain credentials, so
//! only the kinds of credentials in them are kept.

use std::collections::BTreeMap;

use inspections::AuditPolicy;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::credential::Credentials;
use super::metadata::Metadata;
use crate::nullable::nullable;
use crate::pods::lenient::Present;

/// The API server arguments that are kept.
const ARGUMENTS: [&str; 3] = [AUDIT_POLICY_FILE, AUDIT_LOG_PATH, AUDIT_WEBHOOK];
/// The file with the audit policy.
pub const AUDIT_POLICY_FILE: &str = "audit-policy-file";
/// The file that audit events are written to.
pub const AUDIT_LOG_PATH: &str = "audit-log-path";
/// The configuration of the webhook that audit events are sent to.
pub const AUDIT_WEBHOOK: &str = "audit-webhook-config-file";

/// A `Machine` of Cluster API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// The name and labels.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
}

impl Machine {
    /// The name of the cluster that the machine belongs to.
    pub fn cluster(&self) -> &str {
        self.metadata.label("cluster.x-k8s.io/cluster-name")
    }

    /// Whether this is a control plane or etcd machine.
    pub fn serves_certificates(&self) -> bool {
        let labels = &self.metadata.labels;
        labels.contains_key("cluster.x-k8s.io/control-plane") || labels.contains_key("cluster.x-k8s.io/etcd-cluster")
    }
}

/// A `KubeadmControlPlane`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KubeadmControlPlane {
    /// The name and annotations.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The configuration of its machines.
    #[serde(deserialize_with = "nullable")]
    pub spec: KubeadmControlPlaneSpec,
}

/// The configuration of a control plane's machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KubeadmControlPlaneSpec {
    /// The settings of kubeadm and cloud-init.
    #[serde(deserialize_with = "nullable")]
    pub kubeadm_config_spec: KubeadmConfigSpec,
}

/// A `KubeadmConfigTemplate`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KubeadmConfigTemplate {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Metadata,
    /// The configuration of its machines.
    #[serde(deserialize_with = "nullable")]
    pub spec: KubeadmConfigTemplateSpec,
}

/// The configuration of a template's machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KubeadmConfigTemplateSpec {
    /// The template.
    #[serde(deserialize_with = "nullable")]
    pub template: KubeadmConfigTemplateResource,
}

/// A template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KubeadmConfigTemplateResource {
    /// The settings of kubeadm and cloud-init.
    #[serde(deserialize_with = "nullable")]
    pub spec: KubeadmConfigSpec,
}

/// The configuration of a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KubeadmConfigSpec {
    /// The settings of kubeadm.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub cluster_configuration: ClusterConfiguration,
    /// Files that cloud-init writes to the machine.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Commands that run before kubeadm.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub pre_kubeadm_commands: Vec<Credentials>,
    /// Commands that run after kubeadm.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub post_kubeadm_commands: Vec<Credentials>,
}

/// The configuration of kubeadm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterConfiguration {
    /// The API server's settings.
    #[serde(deserialize_with = "nullable")]
    pub api_server: ApiServer,
}

/// The API server's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiServer {
    /// The kept arguments by name, without dashes.
    #[serde(deserialize_with = "arguments", skip_serializing_if = "BTreeMap::is_empty")]
    pub extra_args: BTreeMap<String, String>,
}

/// The API has them as a map up to v1beta1, and as a list since v1beta2.
fn arguments<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    struct Argument {
        name: String,
        #[serde(default)]
        value: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Arguments {
        Map(BTreeMap<String, Option<String>>),
        List(Vec<Argument>),
    }
    let read: Option<Arguments> = Option::deserialize(deserializer)
        .map_err(|_| D::Error::custom("extraArgs: neither a map nor a list of arguments"))?;
    let all: Vec<(String, Option<String>)> = match read {
        None => Vec::new(),
        Some(Arguments::Map(map)) => map.into_iter().collect(),
        Some(Arguments::List(list)) => list.into_iter().map(|argument| (argument.name, argument.value)).collect(),
    };
    let kept = all.into_iter().filter(|(name, _)| ARGUMENTS.contains(&name.as_str()));
    Ok(kept.map(|(name, value)| (name, value.unwrap_or_default())).collect())
}

/// A file that is written to a machine. Only the relevant properties of its content are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct File {
    /// The file's path.
    pub path: String,
    /// The kinds of credentials in its content.
    pub credentials: Credentials,
    /// Whether its content is in a Secret.
    pub is_secret: bool,
    /// The audit policy in the file, if it is one.
    pub audit: Audit,
}

/// Whether a file is an audit policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Audit {
    /// It is not an audit policy.
    #[default]
    None,
    /// It is an audit policy.
    Policy(AuditPolicy),
    /// It should be an audit policy, but is unreadable.
    Broken,
}

/// The serialized form of [`Audit::Broken`].
const BROKEN: &str = "{apiVersion: audit.k8s.io/v1, kind: Policy, rules: {}}";

/// A file as the API returns it.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Written {
    #[serde(deserialize_with = "nullable")]
    path: String,
    #[serde(deserialize_with = "nullable", skip_serializing_if = "String::is_empty")]
    content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_from: Option<Present>,
}

/// An audit policy with its kind and API version.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyDocument {
    api_version: String,
    kind: String,
    #[serde(flatten)]
    policy: AuditPolicy,
}

impl From<Written> for File {
    fn from(Written { path, content, content_from }: Written) -> Self {
        Self {
            path,
            credentials: Credentials::in_text(&content),
            is_secret: content_from.is_some(),
            audit: audit(&content),
        }
    }
}

impl From<File> for Written {
    fn from(File { path, credentials, is_secret, audit }: File) -> Self {
        let credentials = credentials.stand_in();
        let policy = match audit {
            Audit::None => String::new(),
            Audit::Broken => BROKEN.to_owned(),
            Audit::Policy(policy) => {
                let (api_version, kind) = ("audit.k8s.io/v1".to_owned(), "Policy".to_owned());
                // JSON is also YAML.
                serde_json::to_string(&PolicyDocument { api_version, kind, policy })
                    .unwrap_or_else(|_| BROKEN.to_owned())
            }
        };
        let content = if policy.is_empty() || credentials.is_empty() {
            format!("{policy}{credentials}")
        } else {
            format!("{policy}\n# {}", credentials.replace('\n', "\n# "))
        };
        Self { path, content, content_from: is_secret.then_some(Present) }
    }
}

/// Parses a text as an audit policy, whatever its path.
fn audit(content: &str) -> Audit {
    if !(content.contains("audit.k8s.io/") && content.contains("Policy")) {
        return Audit::None;
    }
    match serde_yaml::from_str::<PolicyDocument>(content) {
        Ok(document) if document.kind == "Policy" && document.api_version.starts_with("audit.k8s.io/") => {
            Audit::Policy(document.policy)
        }
        Ok(_) => Audit::None,
        Err(_) => Audit::Broken,
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Audit, File, KubeadmConfigSpec};

    fn file(value: Value) -> File {
        serde_json::from_value(value).expect("a file")
    }

    #[test]
    fn files_are_kept_without_their_contents() {
        let policy = "# ours\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  x: canary\n";
        let table = [
            (json!({"path": "/a", "content": "canary"}), true, "none"),
            (json!({"path": "/a", "content": "authorization = \"Basic canary\""}), false, "none"),
            (json!({"path": "/a", "content": policy}), true, "policy"),
            (
                json!({"path": "/a", "content": format!("{policy}# password=canary\n# http://a:canary@b")}),
                false,
                "policy",
            ),
            (
                json!({"path": "/a", "content": "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: canary"}),
                true,
                "broken",
            ),
            (json!({"path": "/a", "content": "see audit.k8s.io/v1 of a Policy: canary"}), true, "broken"),
            (json!({"path": "/a", "content": null, "contentFrom": {"secret": {"name": "canary"}}}), true, "none"),
        ];
        for (value, is_free, audit) in table {
            let read = file(value.clone());
            assert_eq!(read.credentials.is_empty(), is_free, "{value}");
            let kind = match &read.audit {
                Audit::None => "none",
                Audit::Policy(_) => "policy",
                Audit::Broken => "broken",
            };
            assert_eq!(kind, audit, "{value}");
            let kept = serde_json::to_string(&read).expect("JSON");
            assert!(!kept.contains("canary"), "{kept}");
            assert_eq!(file(serde_json::from_str(&kept).expect("JSON")), read, "{kept}");
        }
    }

    #[test]
    fn arguments_are_a_map_or_a_list() {
        let of = |arguments: Value| {
            let spec = json!({"clusterConfiguration": {"apiServer": {"extraArgs": arguments}}});
            serde_json::from_value::<KubeadmConfigSpec>(spec)
                .map(|spec| spec.cluster_configuration.api_server.extra_args)
        };
        let map = of(json!({"audit-policy-file": "/a", "profiling": "false"})).expect("a map");
        assert_eq!(map.into_iter().collect::<Vec<_>>(), [("audit-policy-file".to_owned(), "/a".to_owned())]);
        let list = of(json!([{"name": "audit-log-path", "value": "-"}, {"name": "x"}])).expect("a list");
        assert_eq!(list.into_iter().collect::<Vec<_>>(), [("audit-log-path".to_owned(), "-".to_owned())]);
        assert!(of(json!(null)).expect("nothing").is_empty());
        assert!(of(json!("audit-policy-file=/a")).is_err());
    }
}
