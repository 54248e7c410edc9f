//! What AWS reports about an Amazon EKS cluster, from answers that the AWS CLI wrote to files (`aws … --output json`).
//!
//! Nothing here accesses the network or files: bytes in, judgements out. [`script()`] generates the collection script,
//! [`Evidence`] contains the parsed files, and [`judge`] evaluates controls on them.

mod arn;
mod call;
mod evidence;
mod gap;
mod glob;
mod network;
mod policy;
mod script;
mod shapes;

pub use call::{CALLS, Call, Each};
pub use evidence::{Evidence, MOST_BYTES, MOST_FILES};
pub use policy::{PREDICATES, Settings, calls_for, judge};
pub use script::{InvalidName, script};
