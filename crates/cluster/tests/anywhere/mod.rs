//! The controls of EKS Anywhere: tables of facts.

mod gitops;
mod identities;
mod machines;
mod records;
mod rights;
mod specification;
mod standing;
mod versions;
mod webhooks;
mod world;
