//! Lists the objects of a Kubernetes cluster. All network access of kube-assay is in this crate.
//!
//! [`connect`] determines the API server's address and the credentials from a [`Source`], and returns an [`Api`] that
//! lists [`Resource`]s. A result is complete, absent, or unknown with a reason; a partial list is unknown. Pages are
//! fetched as bytes and passed on object by object, undecoded, so that at most one page is in memory.
//!
//! Answers are untrusted: their size, depth and duration are bounded, and any part that is displayed is escaped.

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
