//! What the sandbox keeps a process from doing, on the real kernel.
//!
//! The filters are tested in a separate program that makes each call by number, as a compromised process would.
//! Everything else restricts a single thread, which ends with its test.

mod calls;
mod descriptors;
mod files;
