//! kube-assay checks a Kubernetes node against the CIS benchmarks.
//!
//! Data flows one way: definitions → selection → observations → findings → report. Definitions never touch a node, a
//! node never knows a rule, evaluation is a pure function of expectations and observations, and a report only reads the
//! model.
//!
//! - [`definitions`]: what each benchmark expects and what a profile skips; [`embedded`]: the built-in definitions.
//! - [`probe`]: the questions a node can be asked and their answers, as data; [`node`]: the implementations that answer
//!   them.
//! - [`component`]: the meaning of the settings of Kubernetes' programs.
//! - [`yaml`]: third-party YAML, parsed as Kubernetes parses it.
//! - [`collect`]: observation: which processes are trusted and which components they are, where files are, what was
//!   observed.
//! - [`detect`]: the node's platform, version and roles, and the benchmark and profile that follow from them.
//! - [`select`]: which checks of a benchmark to run; depends on definitions only.
//! - [`evaluate`]: expectation × observation → [`model`].
//! - `policies`: the cluster's objects and the controls judged by them (feature `cluster`).
//! - [`report`]: one module per format, each taking [masked](redact) reports.
//! - [`explanation`]: everything there is to say about a control.
//! - [`kube_bench`]: the drop-in replacement that runs kube-bench's rule files; [`audit_shell`] interprets their
//!   audits.
//! - [`sandbox`]: the rights the program drops before it reads untrusted input.
//! - [`run`]: all of it in one call; [`cli`]: the command-line program.

#[expect(clippy::disallowed_methods, reason = "the program's own files, clock and environment are read here")]
pub mod cli;
pub mod collect;
pub mod component;
pub mod detect;
pub mod embedded;
pub mod evaluate;
pub mod explanation;
pub mod kube_bench;
#[expect(clippy::disallowed_methods, reason = "here a node is touched, and nowhere else")]
pub mod node;
#[cfg(feature = "cluster")]
pub mod policies;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod select;
