//! What texts of well-known kinds say that concerns security. Pure: bytes in, remarks out.
//!
//! [`Kind::remarks`] reads a file of a node; [`Kind::kept`] is the part of it that says the same, which is all that a
//! recording of the node holds. [`AuditPolicy`] and [`PublicKey`] are read where the cluster shows them, too.

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
