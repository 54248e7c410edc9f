//! Audit policies of the API server: which requests they log, and at which level.

use serde::{Deserialize, Deserializer, Serialize};

/// An audit policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditPolicy {
    /// The rules; the first that matches a request decides.
    #[serde(deserialize_with = "nullable")]
    pub rules: Vec<AuditRule>,
}

/// A rule of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditRule {
    /// The level: `None`, `Metadata`, `Request` or `RequestResponse`.
    #[serde(deserialize_with = "nullable")]
    pub level: String,
    /// Empty for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// Empty for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub user_groups: Vec<String>,
    /// Empty for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// Empty for all resources, but matches none if only URLs are given.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<AuditResources>,
    /// Empty for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Non-resource URLs.
    #[serde(rename = "nonResourceURLs", deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
}

/// Resources of one API group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditResources {
    /// Empty for the core group.
    #[serde(deserialize_with = "nullable")]
    pub group: String,
    /// Empty for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Empty for all.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
}

/// Deserializes a value; `null` gives the default, as Go writes empty values.
fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A fault in a policy, with the index of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditFault {
    /// It logs the contents of Secrets: the rule, its level and the verbs.
    LogsSecrets(usize, String, Vec<&'static str>),
    /// It drops all requests that no earlier rule matches.
    DropsAll(usize),
    /// It has no rules, so nothing is logged.
    Empty,
}

/// The verbs whose requests or responses contain the object. Responses to `watch` are not logged.
const WITH_REQUEST: [&str; 3] = ["create", "update", "patch"];
const WITH_RESPONSE: [&str; 7] = ["create", "update", "patch", "get", "list", "delete", "deletecollection"];

impl AuditPolicy {
    /// The faults in the policy.
    pub fn faults(&self) -> Vec<AuditFault> {
        if self.rules.is_empty() {
            return vec![AuditFault::Empty];
        }
        let mut faults = Vec::new();
        // The verbs on Secrets that earlier rules decide for all users.
        let mut decided: Vec<&str> = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            if rule.may_match_secrets() {
                let of_level: &[&'static str] = match rule.level.as_str() {
                    "RequestResponse" => &WITH_RESPONSE,
                    "Request" => &WITH_REQUEST,
                    _ => &[],
                };
                let logged: Vec<&'static str> = of_level
                    .iter()
                    .copied()
                    .filter(|verb| rule.matches_verb(verb) && !decided.contains(verb))
                    .collect();
                if !logged.is_empty() {
                    faults.push(AuditFault::LogsSecrets(place, rule.level.clone(), logged));
                }
                if rule.matches_all_secrets() {
                    decided.extend(WITH_RESPONSE.iter().filter(|verb| rule.matches_verb(verb)));
                }
            }
            if rule.matches_everything() {
                if rule.level == "None" {
                    faults.push(AuditFault::DropsAll(place));
                }
                break;
            }
        }
        faults
    }

    /// The index of a rule that drops the reads of nodes by every user.
    pub fn drops_reads_of_nodes(&self) -> Option<usize> {
        self.rules.iter().position(|rule| {
            let names_nodes =
                |of: &AuditResources| of.group.is_empty() && of.resources.iter().any(|name| name == "nodes");
            rule.level == "None"
                && rule.users.is_empty()
                && rule.user_groups.is_empty()
                && rule.namespaces.is_empty()
                && rule.matches_verb("get")
                && rule.resources.iter().any(names_nodes)
        })
    }
}

impl AuditRule {
    fn matches_verb(&self, verb: &str) -> bool {
        self.verbs.is_empty() || self.verbs.iter().any(|own| own == verb || own == "*")
    }

    /// Whether the rule matches any requests for Secrets.
    fn may_match_secrets(&self) -> bool {
        let is_of_urls = self.resources.is_empty() && !self.non_resource_urls.is_empty();
        !is_of_urls && (self.resources.is_empty() || self.resources.iter().any(AuditResources::has_secrets))
    }

    /// Whether the rule matches all requests for Secrets with its verbs, from any user.
    fn matches_all_secrets(&self) -> bool {
        let all = |of: &AuditResources| of.has_secrets() && of.resource_names.is_empty();
        self.users.is_empty()
            && self.user_groups.is_empty()
            && self.namespaces.is_empty()
            && (self.resources.is_empty() || self.resources.iter().any(all))
    }

    fn matches_everything(&self) -> bool {
        self.users.is_empty()
            && self.user_groups.is_empty()
            && self.namespaces.is_empty()
            && self.verbs.is_empty()
            && self.resources.is_empty()
            && self.non_resource_urls.is_empty()
    }
}

impl AuditResources {
    fn has_secrets(&self) -> bool {
        let is_of = |name: &String| name == "secrets" || name == "*";
        self.group.is_empty() && (self.resources.is_empty() || self.resources.iter().any(is_of))
    }
}

#[cfg(test)]
mod tests {
    use super::{AuditFault, AuditPolicy};

    fn faults(rules: &str) -> Vec<AuditFault> {
        serde_yaml::from_str::<AuditPolicy>(&format!("rules: {rules}")).expect("a policy").faults()
    }

    #[test]
    fn what_secrets_hold_is_not_to_be_logged() {
        const SAFE: &str = "{level: Metadata, resources: [{group: '', resources: [secrets, configmaps]}]}";
        let logs = |rules: &str| -> Vec<usize> {
            let all = faults(rules).into_iter().filter_map(|fault| match fault {
                AuditFault::LogsSecrets(place, ..) => Some(place),
                _ => None,
            });
            all.collect()
        };
        let table = [
            ("[{level: Metadata}]".to_owned(), vec![]),
            ("[{level: RequestResponse}]".to_owned(), vec![0]),
            ("[{level: Request}]".to_owned(), vec![0]),
            (format!("[{SAFE}, {{level: RequestResponse}}]"), vec![]),
            (format!("[{{level: RequestResponse}}, {SAFE}]"), vec![0]),
            ("[{level: RequestResponse, verbs: [watch]}, {level: Metadata}]".to_owned(), vec![]),
            ("[{level: RequestResponse, verbs: [get]}, {level: Metadata}]".to_owned(), vec![0]),
            ("[{level: Request, verbs: [get, list, watch]}, {level: Metadata}]".to_owned(), vec![]),
            ("[{level: Request, users: [a], verbs: [deletecollection]}, {level: Metadata}]".to_owned(), vec![]),
            ("[{level: Request, resources: [{group: ''}]}, {level: Metadata}]".to_owned(), vec![0]),
            ("[{level: Request, resources: [{group: apps}]}, {level: Metadata}]".to_owned(), vec![]),
            ("[{level: Request, resources: [{group: '', resources: ['*']}]}]".to_owned(), vec![0]),
            ("[{level: Request, resources: [{group: '', resources: [secrets/x]}]}]".to_owned(), vec![]),
            ("[{level: RequestResponse, nonResourceURLs: ['/healthz*']}, {level: Metadata}]".to_owned(), vec![]),
            // A rule limited to some namespaces does not decide all Secrets.
            (
                "[{level: Metadata, namespaces: [a], resources: [{resources: [secrets]}]}, {level: Request}]"
                    .to_owned(),
                vec![1],
            ),
            ("[{level: Metadata, verbs: [get, list]}, {level: RequestResponse, verbs: [list]}]".to_owned(), vec![]),
            ("[{level: Metadata, verbs: [get]}, {level: RequestResponse, verbs: [list]}]".to_owned(), vec![1]),
            (
                "[{level: Metadata, resources: [{resources: [secrets], resourceNames: [a]}]}, {level: Request}]"
                    .to_owned(),
                vec![1],
            ),
            // Requests that match the first rule never reach the second.
            ("[{level: None}, {level: Request}]".to_owned(), vec![]),
        ];
        for (rules, places) in table {
            assert_eq!(logs(&rules), places, "{rules}");
        }
    }

    #[test]
    fn a_policy_that_logs_nothing_is_none() {
        let table = [
            ("[]", vec![AuditFault::Empty]),
            ("null", vec![AuditFault::Empty]),
            ("[{level: None}]", vec![AuditFault::DropsAll(0)]),
            ("[{level: Metadata, verbs: [get]}, {level: None}]", vec![AuditFault::DropsAll(1)]),
            ("[{level: Metadata}, {level: None}]", vec![]),
            ("[{level: None, verbs: [get]}]", vec![]),
        ];
        for (rules, expected) in table {
            assert_eq!(faults(rules), expected, "{rules}");
        }
    }

    #[test]
    fn reads_of_nodes_may_be_dropped() {
        let table = [
            ("[{level: None, verbs: [get], resources: [{group: '', resources: [nodes, nodes/status]}]}]", Some(0)),
            ("[{level: None, userGroups: ['system:nodes'], resources: [{resources: [nodes]}]}]", None),
            ("[{level: Metadata, resources: [{resources: [nodes]}]}]", None),
        ];
        for (rules, place) in table {
            let policy: AuditPolicy = serde_yaml::from_str(&format!("rules: {rules}")).expect("a policy");
            assert_eq!(policy.drops_reads_of_nodes(), place, "{rules}");
        }
    }
}
