//! `ConfigMaps` that are read by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::eks_anywhere::Mapping;
use crate::meta::Meta;
use crate::nullable::nullable;
use crate::policy::{ObjectName, Seen};
use crate::rbac::MASTERS;
use crate::resource::CONFIG_MAPS;

/// A `ConfigMap`. Only selected keys of its data are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfigMap {
    /// The metadata.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The selected keys of the `ConfigMaps` in [`CONFIG_MAPS`].
    #[serde(deserialize_with = "looked_at", skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
}

/// The keys that are kept.
const KEYS: [&str; 4] = ["mapAccounts", "mapRoles", "mapUsers", "enable-network-policy-controller"];

fn looked_at<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let mut data: BTreeMap<String, String> = nullable(deserializer)?;
    data.retain(|key, _| KEYS.contains(&key.as_str()));
    Ok(data)
}

/// The group of all nodes.
const NODES: &str = "system:nodes";

/// An entry of `mapRoles` or `mapUsers`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Mapped {
    rolearn: Option<String>,
    userarn: Option<String>,
    groups: Option<Vec<String>>,
}

/// The identities that `aws-auth` makes administrators, and those that it admits by account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identities {
    /// Roles that are administrators.
    pub roles: Vec<Seen>,
    /// Users that are administrators, admitted accounts, and unreadable entries.
    pub others: Vec<Seen>,
}

impl ConfigMap {
    fn is(&self, (namespace, name): (&str, &str)) -> bool {
        self.metadata.namespace == namespace && self.metadata.name == name
    }

    /// Whether the VPC CNI of EKS Auto Mode is configured to enforce network policies.
    pub fn enforces_network_policies(&self) -> bool {
        let is_set = self.data.get("enable-network-policy-controller").is_some_and(|value| value.trim() == "true");
        self.is(CONFIG_MAPS[1]) && is_set
    }

    /// Whether this is `aws-auth`, which maps IAM identities.
    pub fn is_aws_auth(&self) -> bool {
        self.is(CONFIG_MAPS[0])
    }

    /// The entries of `aws-auth`.
    ///
    /// # Errors
    ///
    /// Returns the key whose text is not a list of entries.
    pub fn mappings(&self) -> Result<Vec<Mapping>, &'static str> {
        let mut all = Vec::new();
        for key in ["mapRoles", "mapUsers"] {
            let Some(text) = self.data.get(key) else { continue };
            let entries: Option<Vec<Mapping>> = serde_yaml::from_str(text).map_err(|_| key)?;
            all.extend(entries.unwrap_or_default());
        }
        Ok(all)
    }

    /// The entries of `aws-auth` that map to the group `system:masters`. An unreadable entry counts, since another
    /// parser might accept it.
    pub fn masters(&self) -> Vec<Seen> {
        if !self.is(CONFIG_MAPS[0]) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for key in ["mapRoles", "mapUsers"] {
            let Some(text) = self.data.get(key) else { continue };
            match serde_yaml::from_str::<Option<Vec<Mapped>>>(text) {
                Ok(entries) => {
                    for Mapped { rolearn, userarn, groups } in entries.unwrap_or_default() {
                        if groups.unwrap_or_default().iter().any(|group| group == MASTERS) {
                            found.push(self.seen(rolearn.or(userarn), format!("{key} puts it into {MASTERS}")));
                        }
                    }
                }
                Err(_) if text.contains(MASTERS) => {
                    found.push(self.seen(None, format!("{key} names {MASTERS}, and is not a list of entries")));
                }
                Err(_) => {}
            }
        }
        found
    }

    /// The entries of `aws-auth` that make users administrators or admit whole accounts, and those that make roles
    /// administrators.
    pub fn identities(&self) -> Identities {
        let mut identities = Identities::default();
        if !self.is(CONFIG_MAPS[0]) {
            return identities;
        }
        for key in ["mapRoles", "mapUsers"] {
            let Some(text) = self.data.get(key) else { continue };
            match serde_yaml::from_str::<Option<Vec<Mapped>>>(text) {
                Ok(entries) => {
                    for Mapped { rolearn, userarn, groups } in entries.unwrap_or_default() {
                        if groups.unwrap_or_default().iter().any(|group| group == MASTERS) {
                            let arn = if key == "mapRoles" { rolearn.or(userarn) } else { userarn.or(rolearn) };
                            let is_role = arn.as_deref().is_some_and(|arn| arn.contains(":role/")) && key == "mapRoles";
                            let seen = self.seen(arn, format!("{key} puts it into {MASTERS}"));
                            if is_role { identities.roles.push(seen) } else { identities.others.push(seen) }
                        }
                    }
                }
                Err(_) => identities.others.push(self.seen(None, format!("{key} is not a list of entries"))),
            }
        }
        let accounts = self.data.get("mapAccounts").map(|text| serde_yaml::from_str::<Option<Vec<String>>>(text));
        match accounts {
            Some(Ok(Some(accounts))) => {
                let seen = |account: String| {
                    self.seen(Some(account), "mapAccounts admits every principal of the account".to_owned())
                };
                identities.others.extend(accounts.into_iter().map(seen));
            }
            Some(Err(_)) => identities.others.push(self.seen(None, "mapAccounts is not a list of accounts".to_owned())),
            Some(Ok(None)) | None => {}
        }
        identities
    }

    /// The ARNs of the node roles in `aws-auth`.
    pub fn node_roles(&self) -> Vec<String> {
        let text = self.data.get("mapRoles").filter(|_| self.is(CONFIG_MAPS[0]));
        let entries = text.and_then(|text| serde_yaml::from_str::<Option<Vec<Mapped>>>(text).ok());
        let is_of_nodes = |entry: &Mapped| entry.groups.iter().flatten().any(|group| group == NODES);
        entries.flatten().into_iter().flatten().filter(is_of_nodes).filter_map(|entry| entry.rolearn).collect()
    }

    fn seen(&self, part: Option<String>, found: String) -> Seen {
        let object = ObjectName {
            kind: "ConfigMap".to_owned(),
            namespace: self.metadata.namespace.clone(),
            name: self.metadata.name.clone(),
        };
        Seen { object, part, path: Vec::new(), found }
    }
}

#[cfg(test)]
mod tests {
    use super::ConfigMap;

    fn map(name: &str, key: &str, value: &str) -> ConfigMap {
        let json = serde_json::json!({
            "metadata": { "namespace": "kube-system", "name": name },
            "data": { key: value, "secret": "hidden" },
        });
        serde_json::from_value(json).expect("a config map")
    }

    #[test]
    fn what_is_not_looked_at_is_not_kept() {
        let kept = serde_json::to_string(&map("aws-auth", "mapRoles", "[]")).expect("JSON");
        assert!(!kept.contains("hidden") && kept.contains("mapRoles"), "{kept}");
    }

    #[test]
    fn entries_that_name_the_masters_are_found() {
        let entry =
            |group: &str| format!("- rolearn: arn:aws:iam::1:role/a\n  username: a\n  groups: [x, \"{group}\"]\n");
        let table = [
            ("aws-auth", "mapRoles", entry("system:masters"), 1),
            ("aws-auth", "mapUsers", entry("system:masters").replace("rolearn", "userarn"), 1),
            ("aws-auth", "mapRoles", entry("system:nodes"), 0),
            ("aws-auth", "mapRoles", String::new(), 0),
            ("aws-auth", "mapRoles", "{ system:masters".to_owned(), 1),
            ("aws-auth", "mapAccounts", entry("system:masters"), 0),
            ("other", "mapRoles", entry("system:masters"), 0),
        ];
        for (name, key, text, expected) in table {
            assert_eq!(map(name, key, &text).masters().len(), expected, "{name} {key} {text}");
        }
    }

    #[test]
    fn the_roles_of_nodes_are_found() {
        let text = "- {rolearn: a, groups: [system:bootstrappers, system:nodes]}\n- {rolearn: b, groups: [team]}\n\
                    - {rolearn: c}\n- {groups: [system:nodes]}\n";
        for (name, key, text, expected) in [
            ("aws-auth", "mapRoles", text, vec!["a"]),
            ("aws-auth", "mapUsers", text, vec![]),
            ("other", "mapRoles", text, vec![]),
            ("aws-auth", "mapRoles", "{ system:nodes", vec![]),
            ("aws-auth", "mapRoles", "", vec![]),
        ] {
            assert_eq!(map(name, key, text).node_roles(), expected, "{name} {key} {text}");
        }
    }

    #[test]
    fn auto_mode_is_told_by_its_config_map() {
        let table = [("amazon-vpc-cni", "true", true), ("amazon-vpc-cni", "false", false), ("aws-auth", "true", false)];
        for (name, value, expected) in table {
            let map = map(name, "enable-network-policy-controller", value);
            assert_eq!(map.enforces_network_policies(), expected, "{name} {value}");
        }
    }
}
