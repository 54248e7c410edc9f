//! Lists the objects of a Kubernetes cluster. All that kube-assay knows of a network is in this crate.
//!
//! [`connect`] finds out by a [`Source`] where the API server is and who asks, and gives an [`Api`] that lists
//! [`Resource`]s. An answer is complete, absent or unknown with the reason; half a list is unknown. Pages are fetched
//! as bytes and handed on object by object, undecoded, so that one page at most is in memory.
//!
//! Everything that an answer holds was written by others: its size, its depth, and the time that it takes are bounded,
//! and what is shown of it is escaped.

mod api;
mod ask;
mod connector;
mod credential;
mod discovery;
mod exec;
mod failure;
mod files;
mod kubeconfig;
mod list;
mod options;
mod pace;
mod page;
mod proxy;
mod resolve;
mod resource;
mod socks;
mod status;
mod text;
mod tls;
mod wire;

pub use api::{Api, ServerVersion, connect};
pub use list::{Event, Listing, Outcome, View};
pub use options::{Environment, Limits, Options, ServiceAccount, Source};
pub use resource::{Refused, Resource};
