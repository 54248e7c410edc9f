//! The result of examining components that are part of another program.

use std::collections::BTreeMap;

use crate::component::{Arguments, Configuration, Instance, Sight};
use definitions::benchmark::Component;
use probe::{Observed, Reason};

use super::super::embedder::Embedder;

/// The result for one component of a program.
pub(super) enum Found {
    Here(Box<Instance>),
    /// The program does not run the component.
    LeftOut,
    /// It is not known whether the program runs the component.
    Unsure(Reason),
}

/// Returns an instance of a component whose settings are not known.
pub(super) fn unread(component: &Component, embedder: &Embedder, why: Reason) -> Instance {
    Instance { unread: Some(why), ..instance(component, embedder, Arguments::default()) }
}

/// Returns an instance of a component with the arguments that its program passes to it.
pub(super) fn instance(component: &Component, embedder: &Embedder, arguments: Arguments) -> Instance {
    Instance {
        component: component.key.to_string(),
        name: component.name.to_string(),
        pid: embedder.pid,
        arguments,
        unread: None,
        variables: Observed::Absent,
        configuration: Configuration::NotUsed,
        files: BTreeMap::new(),
        sight: Sight::Node,
        working_directory: None,
        container: None,
        service: embedder.service.clone(),
        manifest: None,
        embedded_in: Some(embedder.name.clone()),
    }
}
