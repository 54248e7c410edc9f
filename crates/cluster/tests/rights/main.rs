//! The controls that RBAC decides: on a real default cluster, and by facts of our own.

#[path = "../rbac/made.rs"]
#[allow(dead_code)]
mod made;

mod approval;
mod defaults;
mod exemptions;
mod facts;
