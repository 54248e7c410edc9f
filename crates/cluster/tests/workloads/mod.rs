//! Controls decided by pods and the objects around them: passing and failing, with each exemption, and with incomplete
//! evidence.

#![allow(clippy::needless_pass_by_value, reason = "values are written where they are given")]

mod accounts;
mod admission;
mod aws_roles;
mod engines;
mod exemptions;
mod folding;
mod load_balancers;
mod network;
mod node;
mod others;
mod pods;
mod registries;
mod scale;
mod world;
