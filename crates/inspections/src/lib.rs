//! Security remarks on files of well-known kinds. Pure: bytes in, remarks out.
//!
//! [`Kind::remarks`] inspects a node's file. [`Kind::kept`] returns a text with the same remarks, the only part that a
//! recording of the node contains. [`AuditPolicy`] and [`PublicKey`] are also used for the cluster's objects.

mod accounts;
mod audit_policy;
mod authorized_keys;
mod containers;
mod git;
mod kind;
mod passwords;
mod public_key;
mod registry;
mod shell;
mod sudoers;

pub use accounts::{LoginUser, login_users};
pub use audit_policy::{AuditFault, AuditPolicy, AuditResources, AuditRule};
pub use kind::{Kind, MOST_REMARKS, Remark};
pub use public_key::PublicKey;
pub use shell::{PATH_VARIABLES, paths};
