//! What AWS reports about an Amazon EKS cluster, from answers that the AWS CLI wrote to files (`aws … --output json`).
//!
//! Nothing here touches a network or a file: bytes in, judgements out. [`script`] generates the script that collects
//! the files,
//! [`Evidence`] holds their contents, and [`judge`] decides controls by them.

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
