//! Definitions: what is read from them, and what is refused.

#![allow(clippy::disallowed_methods, reason = "tests make nodes, and read what was made")]

mod fixture;

mod accepted;
mod extended;
mod hostile;
mod key_paths;
mod predicates;
mod profiles;
mod refused;
mod replaced;
mod texts;
