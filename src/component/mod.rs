//! Determines the values of component settings: how Kubernetes and etcd parse command lines, variables and files, and
//! how systemd sets variables.
//!
//! All functions are pure: they turn bytes and answers into values with their origins.

mod arguments;
mod arguments_file;
mod cgroup;
mod document;
mod embedder_options;
mod excerpt;
mod feature_gate;
mod identity;
mod instance;
mod openshift;
pub mod own;
mod said;
mod service_environment;
mod set_in;
mod suite;
mod toml;
mod unit;
mod value;

pub use arguments::{Argument, Arguments, GivenBy, Word};
pub use arguments_file::{expand_variables, variables_in, words_of_arguments_file};
pub use cgroup::{Enclosure, Whereabouts, hierarchies, is_hash, whereabouts};
pub use document::{Document, DocumentValue, Located};
pub use embedder_options::{
    EMBEDDER_DATABASE, EmbedderOptions, GivenOption, embedder_flags, embedder_parts, repeated_addition,
};
pub use excerpt::{
    CommandLines, Sets, WITHHELD, arguments_excerpt, document_excerpt, lines_excerpt, names_excerpt, unit_excerpt,
    variables_excerpt,
};
pub use feature_gate::Grouped;
pub use identity::{PROXIES_OF_ETCD, is_called, matched_words};
pub use instance::{Configuration, Given, Instance, Lost, Mount, Origin, Reading, Sight, etcd_variable};
pub use openshift::{OpenshiftFile, openshift_arguments};
pub use said::{audit_policy_remarks, capability_remarks};
pub use service_environment::{EnvironmentFile, ServiceUnit, environment_file, plain, program};
pub use set_in::{SetIn, Variable};
pub use suite::suite_name;
pub use toml::{Toml, TomlSetting};
pub use unit::{Assigned, Assignment, Unit, parse_unit_boolean};
pub use value::{parse_boolean, parse_duration, parse_integer};
