//! The controls decided by RBAC: a real default cluster, and further facts.

#[path = "../rbac/made.rs"]
#[allow(dead_code)]
mod made;

mod approval;
mod defaults;
mod exemptions;
mod facts;
