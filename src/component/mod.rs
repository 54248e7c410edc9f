//! What a component's settings mean: how Kubernetes and etcd read their command lines, variables and files, and how
//! systemd sets the variables.
//!
//! All of it is pure: bytes and answers go in, values with their origins come out.

mod arguments;
mod cgroup;
mod document;
mod feature_gate;
mod identity;
mod instance;
mod manifest_environment;
mod service_environment;
mod suite;
mod toml;
mod unit;
mod value;

pub use arguments::{Argument, Arguments};
pub use cgroup::{Enclosure, Whereabouts, is_hash, whereabouts};
pub use document::{Document, Located, Tree};
pub use feature_gate::Grouped;
pub use identity::{is_called, matched_words};
pub use instance::{
    Configuration, Given, Instance, Lost, Mount, Origin, Reading, SetIn, Sight, Variable, etcd_variable,
};
pub use manifest_environment::essential_of_manifest;
pub use service_environment::{
    EnvironmentFile, ServiceUnit, environment_file, essential_of_environment_file, essential_of_service,
};
pub use suite::suite_name;
pub use toml::{Toml, TomlSetting};
pub use unit::{Assigned, Assignment, Unit, parse_unit_boolean};
pub use value::{parse_boolean, parse_duration, parse_integer};
