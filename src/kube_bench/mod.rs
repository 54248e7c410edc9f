//! Rule files of kube-bench, as they are.
//!
//! - [`audit`]: its audits, which are lines of shell, interpreted against a node without starting a process.

pub mod audit;
