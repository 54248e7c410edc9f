//! Restrictions that this program imposes on itself before it reads untrusted input, so that a parser bug cannot be
//! exploited.
//!
//! - [`refuse_calls`]: a system call filter, installed before any thread starts.
//! - [`seal()`]: the files that remain accessible, once everything else has been opened; [`seal_programs`] for programs
//!   that the user allows.
//! - [`keep_capabilities`]: the capabilities that are still needed then.
//!
//! Each applies to the calling thread and the threads it starts from then on, and is irrevocable. Each does as much as
//! the kernel supports, and reports what it could not do.

mod calls;
mod capabilities;
mod filter;
mod program;
mod seal;

pub use capabilities::{Need, keep_capabilities, may_make_namespaces};
pub use filter::{Calls, filter, refuse_calls};
pub use seal::{seal, seal_programs};

/// The reason given when no more is known.
const UNAVAILABLE: &str = "not available (the kernel lacks it, or the container runtime blocks it)";
