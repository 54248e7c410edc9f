//! Deployments of EKS Anywhere and Flux: the relevant settings of their containers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::credential::Credentials;
use crate::meta::Meta;
use crate::nullable::nullable;

/// The namespace of the EKS Anywhere controllers and Tinkerbell.
pub const EKSA_SYSTEM: &str = "eksa-system";

/// A Deployment, reduced to a few settings and the kinds of credentials in its containers' settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deployment {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub metadata: Meta,
    /// The specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: DeploymentSpec,
}

/// The specification of a Deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeploymentSpec {
    /// The pod template.
    #[serde(deserialize_with = "nullable")]
    pub template: Template,
}

/// The template of pods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Template {
    /// The pods' specification.
    #[serde(deserialize_with = "nullable")]
    pub spec: TemplateSpec,
}

/// The containers of pods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TemplateSpec {
    /// Init containers.
    #[serde(deserialize_with = "nullable")]
    pub init_containers: Vec<Container>,
    /// Ordinary containers.
    #[serde(deserialize_with = "nullable")]
    pub containers: Vec<Container>,
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Container {
    /// The name.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    /// The arguments that are kept.
    #[serde(deserialize_with = "arguments", skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// The environment variables that are kept.
    #[serde(deserialize_with = "variables", skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<Variable>,
}

/// An environment variable with a literal value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "VariableAsListed", into = "VariableAsListed")]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The kinds of credentials in its value.
    pub credentials: Credentials,
    /// Whether its value is `true`.
    pub is_true: bool,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct VariableAsListed {
    #[serde(deserialize_with = "nullable")]
    name: String,
    #[serde(deserialize_with = "nullable")]
    value: String,
}

impl From<VariableAsListed> for Variable {
    fn from(VariableAsListed { name, value }: VariableAsListed) -> Self {
        let (credentials, is_true) = (Credentials::in_setting(&name, &value), value.trim() == "true");
        Self { name, credentials, is_true }
    }
}

impl From<Variable> for VariableAsListed {
    fn from(Variable { name, credentials, is_true }: Variable) -> Self {
        let value = if is_true { "true".to_owned() } else { credentials.stand_in() };
        Self { name, value }
    }
}

/// The Flux argument for the service account of objects that do not set one.
pub const DEFAULT_SERVICE_ACCOUNT: &str = "--default-service-account=";
/// A part of the names of settings for Tinkerbell's SSH console.
const CONSOLE: &str = "secondstar";

fn arguments<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let all: Vec<String> = nullable(deserializer)?;
    let is_console = |argument: &str| argument.starts_with("--") && argument.to_ascii_lowercase().contains(CONSOLE);
    Ok(all.into_iter().filter(|arg| arg.starts_with(DEFAULT_SERVICE_ACCOUNT) || is_console(arg)).collect())
}

fn variables<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Variable>, D::Error> {
    let all: Vec<Variable> = nullable(deserializer)?;
    let mut kept: BTreeMap<String, Variable> = BTreeMap::new();
    for variable in all.into_iter().filter(|variable| !variable.credentials.is_empty() || variable.is_console()) {
        match kept.entry(variable.name.clone()) {
            Entry::Vacant(entry) => drop(entry.insert(variable)),
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                known.credentials.extend(&variable.credentials);
                known.is_true |= variable.is_true;
            }
        }
    }
    Ok(kept.into_values().collect())
}

impl Variable {
    fn is_console(&self) -> bool {
        self.is_true && self.name.to_ascii_lowercase().contains(CONSOLE)
    }
}

impl Container {
    /// The setting that enables Tinkerbell's SSH console.
    pub fn console(&self) -> Option<&str> {
        let argument = self.args.iter().find(|argument| {
            argument.to_ascii_lowercase().contains(CONSOLE)
                && !argument.ends_with("=false")
                && !argument.ends_with("=0")
        });
        let variable = self.env.iter().find(|variable| variable.is_console()).map(|variable| variable.name.as_str());
        argument.map(String::as_str).or(variable)
    }
}

impl Deployment {
    /// All init and ordinary containers.
    pub fn containers(&self) -> impl Iterator<Item = &Container> {
        let pods = &self.spec.template.spec;
        pods.init_containers.iter().chain(&pods.containers)
    }

    /// Whether controls use any of its fields.
    pub fn is_looked_at(&self) -> bool {
        self.metadata.namespace == EKSA_SYSTEM || self.containers().any(|container| !container.args.is_empty())
    }

    /// Adds the kept fields to another projection of the same object.
    pub fn add_to(&self, projection: &mut Value) {
        if !self.is_looked_at() {
            return;
        }
        let pods = &self.spec.template.spec;
        for (field, own) in [("initContainers", &pods.init_containers), ("containers", &pods.containers)] {
            let Some(all) =
                projection.pointer_mut(&format!("/spec/template/spec/{field}")).and_then(Value::as_array_mut)
            else {
                continue;
            };
            for (container, own) in all.iter_mut().zip(own) {
                let Ok(Value::Object(own)) = serde_json::to_value(own) else { continue };
                for (field, more) in own {
                    let (Value::Array(more), Some(container)) = (more, container.as_object_mut()) else { continue };
                    let list = container.entry(field).or_insert_with(|| Value::Array(Vec::new()));
                    if let Value::Array(list) = list {
                        // The projection already contains this variable.
                        let is_known = |item: &Value| more.iter().any(|own| own == item || is_namesake(own, item));
                        list.retain(|item| !is_known(item));
                        list.extend(more);
                    }
                }
            }
        }
    }
}

/// Whether both are variables with the same name and literal values.
fn is_namesake(own: &Value, other: &Value) -> bool {
    let name = |variable: &Value| variable.get("value").and(variable.get("name")).cloned();
    name(own).is_some_and(|own| name(other) == Some(own))
}
