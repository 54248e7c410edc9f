//! The client that lists objects. Each call blocks until it has an answer or a reason why there is none.

use std::cell::RefCell;
use std::ops::ControlFlow;

use probe::{Cause, Observed, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ask::{Asker, Unanswered};
use crate::discovery::Discovery;
use crate::list::{self, Event, Listing, View};
use crate::options::Options;
use crate::resource::Resource;
use crate::status::{is_absent, not_an_api, refusal};
use crate::wire::{Question, Reply};
use crate::{page, text};

/// The largest single object that is accepted, in bytes.
const LARGEST_OBJECT: usize = 8 << 20;

/// A client of a cluster.
pub struct Api {
    asker: RefCell<Asker>,
    discovery: RefCell<Discovery>,
    server: String,
    page_items: u32,
}

/// The answer of `/version`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerVersion {
    /// Such as `1`.
    #[serde(default)]
    pub major: String,
    /// Such as `34`, followed by `+` on some platforms.
    #[serde(default)]
    pub minor: String,
    /// Such as `v1.34.2` or `v1.34.2-eks-abc123`.
    pub git_version: String,
    /// Such as `linux/amd64`.
    #[serde(default)]
    pub platform: String,
}

/// Prepares a client for the cluster selected by the options. Reads files, and runs an exec plugin if allowed, but
/// sends nothing: the first request shows whether the server is reachable.
pub fn connect(options: &Options) -> Result<Api, Reason> {
    let asker = Asker::new(options)?;
    let server = asker.server().to_owned();
    let page_items = options.limits.page_items;
    Ok(Api { asker: RefCell::new(asker), discovery: RefCell::default(), server, page_items })
}

impl Api {
    /// The URL of the API server, safe to display.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The number of requests sent so far.
    pub fn requests(&self) -> u64 {
        self.asker.borrow().requests()
    }

    /// The version of the API server.
    pub fn version(&self) -> Observed<ServerVersion> {
        let question = Question { path: "/version", accept: "application/json", largest: 1 << 20 };
        let reply = match self.answer(question, "get /version") {
            Observed::Present(reply) => reply,
            Observed::Absent => {
                let detail = "no Kubernetes API: it has no /version (check the server of the kubeconfig)";
                return Observed::Unknown(Reason::new(Cause::Malformed, &self.server, detail));
            }
            Observed::Unknown(reason) => return Observed::Unknown(reason),
        };
        match serde_json::from_slice::<ServerVersion>(&reply.body) {
            Ok(version) => Observed::Present(ServerVersion {
                major: text::name(&version.major),
                minor: text::name(&version.minor),
                git_version: text::name(&version.git_version),
                platform: text::name(&version.platform),
            }),
            Err(_) => Observed::Unknown(not_an_api(&reply, &self.server)),
        }
    }

    /// The listable resource of a group, in the version that the server prefers; absent if the cluster has no such
    /// kind, for example because a CRD is not installed.
    pub fn find(&self, group: &str, plural: &str) -> Observed<Resource> {
        self.discovery.borrow_mut().find(group, plural, &self.server, |question| self.ask(question))
    }

    /// The listable resources of a group; absent if the cluster has no such group, and unknown if there are more than
    /// `most`.
    pub fn find_all(&self, group: &str, most: usize) -> Observed<Vec<Resource>> {
        self.discovery.borrow_mut().all(group, most, &self.server, |question| self.ask(question))
    }

    /// Lists all objects of a resource in all namespaces, and passes each to `visit` undecoded.
    ///
    /// Without permission to list a kind, the answer is the same whether the kind exists or not; [`Api::find`] tells
    /// them apart.
    pub fn list(
        &self,
        resource: &Resource,
        view: View,
        visit: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Listing {
        list::read(resource, view, self.page_items, &self.server, |question| self.ask(question), visit)
    }

    /// Gets one object. The namespace is empty for cluster-scoped kinds.
    pub fn get(&self, resource: &Resource, namespace: &str, name: &str) -> Observed<Box<RawValue>> {
        let subject = format!("get {resource} {}", text::name(name));
        let Ok(path) = resource.path_of(namespace, name) else { return Observed::Absent };
        let question = Question { path: &path, accept: "application/json", largest: LARGEST_OBJECT };
        self.answer(question, &subject).and_then(|reply| {
            let object =
                page::is_object(&reply.body).then(|| serde_json::from_slice::<Box<RawValue>>(&reply.body).ok());
            let Some(object) = object.flatten() else { return Observed::Unknown(not_an_api(&reply, &self.server)) };
            match page::fault(&object) {
                Some(fault) => Observed::Unknown(Reason::new(Cause::Malformed, subject, fault)),
                None => Observed::Present(object),
            }
        })
    }

    fn ask(&self, question: Question<'_>) -> Result<Reply, Unanswered> {
        self.asker.borrow_mut().ask(question)
    }

    fn answer(&self, question: Question<'_>, subject: &str) -> Observed<Reply> {
        match self.ask(question) {
            Ok(reply) if reply.status == 200 => Observed::Present(reply),
            Ok(reply) if is_absent(&reply) => Observed::Absent,
            Ok(reply) => Observed::Unknown(refusal(&reply, subject, &self.server)),
            Err(Unanswered::Failed(reason) | Unanswered::TooLarge(reason)) => Observed::Unknown(reason),
        }
    }
}
