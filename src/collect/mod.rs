//! Collects everything that has to be observed of a node: the components that are running ([`take_inventory`]), and
//! what the chosen controls need ([`observe()`]).
//!
//! Collecting takes several rounds, since answers lead to further questions. The number of rounds is bounded: nothing
//! found in the last one leads to another.

mod access;
mod administered;
mod allowance;
mod allowed;
mod argument_files;
pub(crate) mod ask;
mod candidates;
pub mod compared;
mod configuration;
mod distribution;
mod embedded;
pub mod embedder;
mod environment;
mod homes;
mod identity;
mod instances;
pub mod inventory;
mod keys;
pub(crate) mod layout;
mod lookup;
pub mod observations;
mod observe;
mod openshift;
pub(crate) mod os_release;
pub mod out_of_reach;
pub mod owners;
mod pause_image;
mod place;
mod pod_security;
mod presence;
mod program_name;
mod rationed;
mod room;
pub mod run_by;
mod runtime;
pub mod runtime_record;
pub mod said;
pub mod seen;
pub mod stand_in;
mod started;
pub mod static_pod;
mod take;
mod unit;
mod variables;
mod wildcard;
pub mod x509;

pub use access::{Access, Authorization, access};
pub use administered::NoDirectory;
pub use allowed::{excerpt, sets, started_by};
pub use candidates::{Candidates, candidates};
pub use observe::observe;
pub use pod_security::{PodSecurity, pod_security};
pub use take::take_inventory;
