//! The controls decided by RBAC: a real default cluster, and further facts.

mod approval;
mod defaults;
mod exemptions;
mod facts;
