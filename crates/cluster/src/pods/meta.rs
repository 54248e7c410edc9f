//! Metadata of pods, with the relevant annotations.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::lenient::is_default;
use super::object::{object, objects};
use crate::meta::Owner;
use crate::nullable::nullable;

/// The prefix of annotations for a container's AppArmor profile, before 1.30; the container's name follows.
pub const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
/// The annotation for a pod's seccomp profile, before 1.19.
pub const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
/// The prefix of annotations for a container's seccomp profile, before 1.19.
pub const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
/// The annotation of mirror pods. Its value is not kept.
pub const MIRROR: &str = "kubernetes.io/config.mirror";

/// The metadata of a pod, or of a pod template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodMeta {
    /// The name; empty in a template.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub name: String,
    /// The namespace; empty in a template.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub namespace: String,
    /// The relevant annotations.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub annotations: Annotations,
    /// The owners.
    #[serde(deserialize_with = "objects", skip_serializing_if = "is_default")]
    pub owner_references: Vec<Owner>,
}

/// The metadata that a template sets on its pods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateMeta {
    /// The labels, which disruption budgets and policies select by.
    #[serde(deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub labels: BTreeMap<String, String>,
    /// The relevant annotations.
    #[serde(deserialize_with = "object", skip_serializing_if = "is_default")]
    pub annotations: Annotations,
}

impl PodMeta {
    /// Whether this is a mirror pod: the API server's copy of a static pod, which the kubelet runs from a manifest.
    pub fn is_mirror(&self) -> bool {
        self.annotations.0.contains_key(MIRROR) && self.owner_references.iter().any(|owner| owner.kind == "Node")
    }

    /// The controller of the pod.
    pub fn controller(&self) -> Option<&Owner> {
        self.owner_references.iter().find(|owner| owner.controller)
    }
}

/// Annotations by key: those for AppArmor and seccomp, and that of mirror pods. Others are not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Annotations(pub BTreeMap<String, String>);

fn is_kept(key: &str) -> bool {
    key.starts_with(APP_ARMOR) || key == SECCOMP_POD || key.starts_with(SECCOMP_CONTAINER)
}

impl<'de> Deserialize<'de> for Annotations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Kept;
        impl<'de> Visitor<'de> for Kept {
            type Value = Annotations;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Annotations, A::Error> {
                let mut kept = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if is_kept(&key) {
                        kept.insert(key, map.next_value::<Option<String>>()?.unwrap_or_default());
                    } else {
                        map.next_value::<IgnoredAny>()?;
                        if key == MIRROR {
                            kept.insert(key, String::new());
                        }
                    }
                }
                Ok(Annotations(kept))
            }
        }
        deserializer.deserialize_map(Kept)
    }
}
