//! The Pod Security Standards, as the API server's admission plugin of the same name decides them.
//!
//! Source: `pod-security-admission/policy` of Kubernetes 1.36, and of 1.37 for what is new there. Where upstream changed
//! a check of all versions at once (`AppArmor` fields, `image` volumes), the newest form counts for all of them.

mod baseline;
mod policy;
mod restricted;
mod rules;
mod violation;

pub use policy::{Level, NEWEST, Policy, PolicyError, Version};
pub use rules::Check;
pub use violation::{Subject, Violation, names, violations};
