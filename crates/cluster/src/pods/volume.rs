//! Volumes: their kind, the paths of `hostPath` volumes, and projected tokens.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::lenient::{Present, is_default};
use super::object::{Object, objects, optional_object};
use crate::nullable::nullable;

/// A volume of a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Volume {
    /// The name, unique in the pod.
    pub name: String,
    /// A `hostPath` volume: a directory or file of the node.
    pub host_path: Option<HostPath>,
    /// A `projected` volume: several sources in one directory.
    pub projected: Option<Projected>,
    /// Any other type, by the name of its field (`emptyDir`, `csi`). A valid volume has at most one type, and is an
    /// `emptyDir` if it has none.
    pub kinds: Vec<String>,
}

/// A `hostPath` volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostPath {
    /// The path on the node.
    #[serde(deserialize_with = "nullable")]
    pub path: String,
}

/// A `projected` volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Projected {
    /// The sources that are tokens; others are not kept.
    #[serde(deserialize_with = "tokens", skip_serializing_if = "is_default")]
    pub sources: Vec<Source>,
}

/// A source of a `projected` volume that is a token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Source {
    /// A token of the pod's service account.
    #[serde(deserialize_with = "optional_object")]
    pub service_account_token: Option<TokenSource>,
}

/// A token of the pod's service account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenSource {
    /// The audience; empty means the API server.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub audience: String,
}

impl Volume {
    /// The types of the volume, by field name. The API server defaults to `emptyDir`.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        let host_path = self.host_path.is_some().then_some("hostPath");
        let projected = self.projected.is_some().then_some("projected");
        let none = (host_path.is_none() && projected.is_none() && self.kinds.is_empty()).then_some("emptyDir");
        self.kinds.iter().map(String::as_str).chain(host_path).chain(projected).chain(none)
    }

    /// Whether the volume contains a token of the pod's service account, for any audience.
    pub fn has_token(&self) -> bool {
        self.tokens().next().is_some()
    }

    /// Whether the volume contains a token that the API server accepts.
    pub fn has_api_token(&self) -> bool {
        self.tokens().any(|token| token.audience.is_empty())
    }

    fn tokens(&self) -> impl Iterator<Item = &TokenSource> {
        let sources = self.projected.iter().flat_map(|projected| &projected.sources);
        sources.filter_map(|source| source.service_account_token.as_ref())
    }
}

fn object_of<'de, A: MapAccess<'de>, T: Deserialize<'de>>(map: &mut A) -> Result<Option<T>, A::Error> {
    Ok(map.next_value::<Option<Object<T>>>()?.map(|object| object.0))
}

fn tokens<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Source>, D::Error> {
    let mut sources: Vec<Source> = objects(deserializer)?;
    sources.retain(|source| source.service_account_token.is_some());
    Ok(sources)
}

impl<'de> Deserialize<'de> for Volume {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Kinds;
        impl<'de> Visitor<'de> for Kinds {
            type Value = Volume;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a volume")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Volume, A::Error> {
                let mut volume = Volume::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "name" => volume.name = map.next_value::<Option<String>>()?.unwrap_or_default(),
                        "hostPath" => volume.host_path = object_of(&mut map)?,
                        "projected" => volume.projected = object_of(&mut map)?,
                        _ => {
                            if map.next_value::<Option<Present>>()?.is_some() {
                                volume.kinds.push(key);
                            }
                        }
                    }
                }
                volume.kinds.sort_unstable();
                volume.kinds.dedup();
                Ok(volume)
            }
        }
        deserializer.deserialize_map(Kinds)
    }
}

impl Serialize for Volume {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        if let Some(path) = &self.host_path {
            map.serialize_entry("hostPath", path)?;
        }
        if let Some(projected) = &self.projected {
            map.serialize_entry("projected", projected)?;
        }
        for kind in &self.kinds {
            map.serialize_entry(kind, &Present)?;
        }
        map.end()
    }
}
