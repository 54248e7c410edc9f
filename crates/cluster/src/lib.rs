//! The objects of a Kubernetes cluster, without network access: types with only the fields that controls use,
//! permissions (RBAC), pod settings (Pod Security), and the controls that they decide.
//!
//! Everything here is a pure function over lists of objects. Their source (the API, a recording, or kubectl's output)
//! is a [`Cluster`].

mod annotated;
pub mod balancers;
mod cluster;
mod config_map;
pub mod eks_anywhere;
mod listed;
pub mod lists;
mod meta;
pub mod nodes;
mod nullable;
pub mod pods;
pub mod policy;
pub mod rbac;
mod resource;
mod selector;

pub use annotated::{AnnotatedMeta, Annotations, Looked};
pub use cluster::{About, Cluster, Listing, Shown, malformed};
pub use config_map::{ConfigMap, Identities};
pub use listed::{Listed, each, gap};
pub use meta::{Meta, Owner};
pub use resource::{CONFIG_MAPS, Resource, Served};
pub use selector::{LabelSelector, Requirement};
