//! Who may do what, by roles and bindings (RBAC): the API server's own decision, and its reverse.
//!
//! [`Rbac`] indexes the four lists once. [`Rbac::allowed`] answers as the API server would, with the binding, role and
//! rule that decide; [`Rbac::who_can`] lists everyone who may do something.

#![expect(clippy::similar_names, reason = "role and rule are the words of RBAC")]

mod aggregated;
mod authorize;
mod grant;
mod held;
mod index;
mod lists;
mod matching;
mod objects;
pub mod question;
mod who;
mod who_can;
mod words;

pub use authorize::MASTERS;
pub use grant::{Grant, Source};
pub use held::{Held, Holdings};
pub use index::Rbac;
pub use lists::{Listed, Lists};
pub use matching::Action;
pub use objects::{AggregationRule, Binding, Requirement, Role, RoleRef, Rule, Selector, Subject};
pub use who::Who;
pub use who_can::Place;
