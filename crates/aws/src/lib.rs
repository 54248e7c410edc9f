//! What AWS says of an Amazon EKS cluster, by the answers that its command line wrote into files (`aws … --output json`).
//!
//! Nothing here touches a network or a file: bytes in, judgements out. [`script`] is what collects the files, [`Evidence`]
//! what they say, and [`judge`] decides controls by them.

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
