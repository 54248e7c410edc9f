//! The Pod Security Standards, as evaluated by the admission plugin `PodSecurity`.
//!
//! Source: `pod-security-admission/policy` of Kubernetes 1.36, and 1.37 for its new sysctls. Upstream changed two
//! checks for all policy versions at once (AppArmor fields in 1.30, `image` volumes in 1.33); the newest form is used.

mod baseline;
mod policy;
mod restricted;
mod rules;
mod violation;

pub use policy::{Level, NEWEST, Policy, PolicyError, Version};
pub use rules::Check;
pub use violation::{Subject, Violation, names, violations};
