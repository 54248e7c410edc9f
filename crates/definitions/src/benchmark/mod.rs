//! Controls, the benchmarks that number them, and the components they refer to.
//!
//! Definitions never access a node. The built-in YAML is read at build time: a mistake fails the build, and a compact
//! form is embedded in the program.

mod by_version;
mod component;
mod control;
mod deferred;
mod diagnostic;
mod file_condition;
mod flag;
mod index;
mod key_path;
mod library;
pub(crate) mod load;
mod look;
mod parameters;
pub mod platform;
mod predicate;
pub(crate) mod reader;
mod reads;
mod remediation;
mod source;
pub mod suggestion;
mod target;
pub mod text;
pub(crate) mod tree;
mod version;
mod wanted;

pub use by_version::ByVersion;
pub use component::{
    ADMINISTRATOR, BelongsTo, CLUSTER_DIRECTORY, Component, Config, DISTRIBUTIONS, FEATURE_GATES, Flags, Follow,
    GATE_GROUPS, GateState, Grammar, HOMES, Holds, NamedIn, Namespaces, Passed, PassedWhen, Place, Precedence, Role,
    Runtime, ShownBy, Stage, Take,
};
pub use control::{
    AWS_PREDICATES, Applies, Audit, Aws, Background, Comparison, Control, ControlSeverity, Expectation, FileSetting,
    Holding, Matching, Objects, Operator, PlaceName, Setting, SettingCondition, UnsetOutcome, Value,
};
pub use deferred::{Compiled, Deferred};
pub use diagnostic::{CODES, Diagnostic, Diagnostics, Severity};
pub use file_condition::{CertificateCondition, FileCondition, Missing, OwnedBy, SAYS, SaysCondition};
pub use flag::is_flag;
pub use index::{Assessment, Benchmark, Check, Group, TargetIndex, VersionRange};
pub use key_path::{KeyPath, KeyPathError, Step};
pub use library::{Coverage, Library, Numbered};
pub use load::{Contents, load, unused_controls};
pub use look::Look;
pub use platform::Platform;
pub use predicate::{PREDICATES, Taken, taken_by};
pub use remediation::Remediation;
pub use source::SourceFile;
pub use target::Target;
pub use version::{KubernetesVersion, VersionError};
pub use wanted::Wanted;
