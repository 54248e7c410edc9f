//! What this program gives up before it reads what others wrote, so that a mistake in reading is not a way out.
//!
//! - [`refuse_calls`]: a filter of system calls, before any thread starts.
//! - [`seal`]: the files that stay within reach, once what lies elsewhere is open; [`seal_programs`] for programs that
//!   the user allows.
//! - [`keep_capabilities`]: the capabilities that are still needed then.
//!
//! Each binds the calling thread and those that it starts from then on; none can be taken back. Each does what the kernel
//! can, and says what it could not.

mod calls;
mod capabilities;
mod filter;
mod program;
mod seal;

pub use capabilities::{Need, keep_capabilities, may_make_namespaces};
pub use filter::{Calls, filter, refuse_calls};
pub use seal::{seal, seal_programs};

/// Why something is not in force of which no more is known.
const UNAVAILABLE: &str = "not available (the kernel lacks it, or the container runtime blocks it)";
