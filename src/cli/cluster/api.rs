//! A cluster read through its API server.

use std::cell::RefCell;
use std::ops::ControlFlow;

use cluster::{About, CONFIG_MAPS, Cluster, Listing, Resource, Shown};
use kubernetes::{Api, Environment, Event, Options, Outcome, View, connect as connect_to};
use probe::{Cause, Observed, Reason};

use crate::cli::options::ExecOptions;

use super::options::SourceOptions;

/// The most kinds listed of an API group whose kinds are named by those who install them.
const MOST_KINDS: usize = 300;

/// A running cluster, queried through its API server.
struct Live {
    api: Api,
    version: Option<String>,
    remarks: RefCell<Vec<String>>,
}

/// Connects to the API server of these options, and queries its version.
///
/// # Errors
///
/// If it does not respond, since no other request would succeed either.
pub(super) fn connect(options: &SourceOptions, exec: &ExecOptions) -> Result<Box<dyn Cluster>, Reason> {
    let environment = Environment::of_process();
    let source = options
        .of_api(&environment)
        .ok_or_else(|| Reason::new(Cause::System, "cluster", "none given (pass --kubeconfig, or set KUBECONFIG)"))?;
    let mut asked = Options::new(source, concat!("kube-assay/", env!("CARGO_PKG_VERSION")));
    asked.context.clone_from(&options.context);
    asked.allow_exec = exec.allow_exec;
    asked.insecure_skip_tls_verify = options.insecure_skip_tls_verify;
    asked.environment = environment;
    asked.limits.requests_per_second = f64::from(options.requests_per_second);
    let api = connect_to(&asked)?;
    let version = match api.version() {
        Observed::Present(version) => Some(version.git_version),
        Observed::Absent => None,
        // A user may be denied the version and still be allowed to list objects.
        Observed::Unknown(reason) if reason.cause == Cause::PermissionDenied => None,
        Observed::Unknown(reason) => return Err(reason),
    };
    Ok(Box::new(Live { api, version, remarks: RefCell::default() }))
}

/// A cluster that cannot be read: every list is unknown for the same reason.
pub(super) struct OutOfReach(pub(super) Reason);

impl Cluster for OutOfReach {
    fn about(&self) -> About {
        let detail = format!("{}; the checks of its objects are unknown", self.0);
        About { source: self.0.subject.clone(), version: None, remarks: vec![detail] }
    }

    fn list(&self, _: Resource, _: &mut dyn FnMut(Shown<'_>)) -> Listing {
        Listing::Unknown(self.0.clone())
    }
}

impl Cluster for Live {
    fn about(&self) -> About {
        let source = self.api.server().to_owned();
        About { source, version: self.version.clone(), remarks: self.remarks.borrow().clone() }
    }

    fn list(&self, resource: Resource, visit: &mut dyn FnMut(Shown<'_>)) -> Listing {
        let served = resource.served();
        if served.has_every_kind() {
            return self.every_kind(served.group, visit);
        }
        let found = match self.api.find(served.group, served.plural) {
            Observed::Present(found) => found,
            Observed::Absent => return Listing::Absent,
            Observed::Unknown(reason) => return Listing::Unknown(reason),
        };
        if resource == Resource::ConfigMaps {
            return self.config_maps(&found, visit);
        }
        let view = if is_named_only(resource) { View::Metadata } else { View::Whole };
        self.objects(&found, view, visit)
    }
}

impl Live {
    /// Lists all objects of a resource.
    fn objects(&self, found: &kubernetes::Resource, view: View, visit: &mut dyn FnMut(Shown<'_>)) -> Listing {
        let listing = self.api.list(found, view, &mut |event| {
            visit(match event {
                Event::Object(object) => Shown::Object(object),
                Event::Again => Shown::Again,
            });
            ControlFlow::Continue(())
        });
        if listing.inconsistent {
            self.remarks.borrow_mut().push(format!(
                "{found}: listing took so long that its last pages show a newer state; changes made in between may be missing"
            ));
        }
        match listing.outcome {
            Outcome::Complete => Listing::Complete,
            Outcome::Absent => Listing::Absent,
            Outcome::Stopped => Listing::Unknown(Reason::new(Cause::System, found, "the list was not read completely")),
            Outcome::Unknown(reason) => Listing::Unknown(reason),
        }
    }

    /// Lists all objects of all kinds of a group, kind by kind. The list is incomplete if any kind's list is.
    fn every_kind(&self, group: &str, visit: &mut dyn FnMut(Shown<'_>)) -> Listing {
        let kinds = match self.api.find_all(group, MOST_KINDS) {
            Observed::Present(kinds) => kinds,
            Observed::Absent => return Listing::Absent,
            Observed::Unknown(reason) => return Listing::Unknown(reason),
        };
        let mut missing = None;
        for kind in kinds {
            let mut begins_anew = false;
            let listing = self.objects(&kind, View::Whole, &mut |shown| match shown {
                Shown::Object(_) => visit(shown),
                // Restarting must not discard the kinds already listed. Objects shown twice do no harm.
                Shown::Again => begins_anew = true,
            });
            if begins_anew {
                let detail = "expired while it was read (try again later)";
                missing.get_or_insert_with(|| Reason::new(Cause::System, &kind, detail));
            }
            match listing {
                // A kind may be removed at any time.
                Listing::Complete | Listing::Absent => {}
                Listing::Unknown(reason) => drop(missing.get_or_insert(reason)),
            }
        }
        missing.map_or(Listing::Complete, Listing::Unknown)
    }

    /// Reads only the config maps known by name: the others may contain anything.
    fn config_maps(&self, found: &kubernetes::Resource, visit: &mut dyn FnMut(Shown<'_>)) -> Listing {
        for (namespace, name) in CONFIG_MAPS {
            match self.api.get(found, namespace, name) {
                Observed::Present(object) => visit(Shown::Object(&object)),
                Observed::Absent => {}
                Observed::Unknown(reason) => return Listing::Unknown(reason),
            }
        }
        Listing::Complete
    }
}

/// Whether only the metadata of a resource's objects is needed.
const fn is_named_only(resource: Resource) -> bool {
    matches!(resource, Resource::PersistentVolumeClaims | Resource::CustomResourceDefinitions | Resource::Namespaces)
}
