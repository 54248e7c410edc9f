//! What the objects of a Kubernetes cluster say, without a network: types that hold only the fields that are looked at,
//! who may do what (RBAC), what pods ask for (Pod Security), and the controls that are judged by them.
//!
//! Everything here is a pure function over lists of objects. Who lists them (the API, a recording, files that kubectl
//! wrote) is a [`Cluster`].

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
