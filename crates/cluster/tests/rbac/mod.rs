//! RBAC: the answers of an API server, and further facts.

mod authorizer;
mod held;
mod index;
pub mod made;
mod objects;
mod oracle;
mod question;
mod size;
mod who_can;
