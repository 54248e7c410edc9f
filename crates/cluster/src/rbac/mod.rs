//! RBAC: the authorizer's decision, and the reverse look-up.
//!
//! [`Rbac`] indexes the four lists of objects. [`Rbac::allowed`] decides like the API server and returns the grant;
//! [`Rbac::who_can`] lists all subjects that may perform an action.

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

pub use crate::Listed;
pub use authorize::MASTERS;
pub use grant::{BUILT_IN, Grant, Source};
pub use held::{Held, Holdings};
pub use index::Rbac;
pub use lists::Lists;
pub use matching::Action;
pub use objects::{AggregationRule, Binding, Role, RoleRef, Rule, Subject};
pub use who::Who;
pub use who_can::Place;
