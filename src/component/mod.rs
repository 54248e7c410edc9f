//! What a component's settings mean: how Kubernetes and etcd read their command lines, variables and files, and how
//! systemd sets the variables.
//!
//! All of it is pure: bytes and answers go in, values with their origins come out.

mod arguments;
mod arguments_file;
mod cgroup;
mod document;
mod embedder_options;
mod feature_gate;
mod identity;
mod instance;
mod manifest_environment;
mod openshift;
mod service_environment;
mod set_in;
mod suite;
mod toml;
mod unit;
mod value;

pub use arguments::{Argument, Arguments, GivenBy, Word};
pub use arguments_file::{expand_variables, variables_in, words_of_arguments_file};
pub use cgroup::{Enclosure, Whereabouts, is_hash, whereabouts};
pub use document::{Document, DocumentValue, Located};
pub use embedder_options::{
    EmbedderOptions, GivenOption, essential_of_embedder_command, essential_of_embedder_file, repeated_addition,
};
pub use feature_gate::Grouped;
pub use identity::{is_called, matched_words};
pub use instance::{Configuration, Given, Instance, Lost, Mount, Origin, Reading, Sight, etcd_variable};
pub use manifest_environment::essential_of_manifest;
pub use openshift::{OpenshiftFile, openshift_arguments};
pub use service_environment::{
    EnvironmentFile, ServiceUnit, environment_file, essential_of_command, essential_of_environment_file,
    essential_of_service, essential_of_variable_names, plain, program,
};
pub use set_in::{SetIn, Variable};
pub use suite::suite_name;
pub use toml::{Toml, TomlSetting};
pub use unit::{Assigned, Assignment, Unit, parse_unit_boolean};
pub use value::{parse_boolean, parse_duration, parse_integer};
