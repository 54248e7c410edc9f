//! kube-assay assays a Kubernetes node against the CIS benchmarks.
//!
//! The way of the data: definitions → selection → observations → findings → report. Definitions never touch a node, a node
//! never knows a rule, evaluation is a pure function of expectations and observations, and a report only reads the model.
//!
//! - [`definitions`]: what should be so, and what a platform leaves out; [`embedded`]: those that are built in.
//! - [`probe`]: the questions that can be put to a node, and their answers, as data; [`node`]: who answers.
//! - [`component`]: what the settings of Kubernetes' programs mean.
//! - [`yaml`]: other people's YAML, as Kubernetes reads it.
//! - [`collect`]: the looking: whom to believe, which processes are the components, where things lie, what was seen.
//! - [`detect`]: what the node is, by what was collected: platform, version, roles, and the benchmark and the profile that
//!   follow.
//! - [`select`]: which checks of a benchmark are wanted; it knows definitions alone.
//! - [`evaluate`]: expectation × observation → [`model`].
//! - `policies`: the cluster's side, with the feature `cluster`: its objects, and the controls that are judged by them.
//! - [`report`]: one file a format, which takes [masked](redact) reports.
//! - [`explanation`]: what there is to say about a control.
//! - [`kube_bench`]: the drop-in, which runs kube-bench's rule files; [`audit_shell`] interprets their audits.
//! - [`sandbox`]: what the program gives up before it reads what others wrote.
//! - [`run`]: all of it in one call; [`cli`]: the program around it.

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
