//! Questions from the command line: `get pods/log`, `list deployments.apps`, `get /healthz`.

use std::fmt;

use super::resources::{Resource, SUBRESOURCES, find};
use crate::rbac::{Action, Place};

/// A parsed question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The action.
    pub action: Action,
    /// Whether the resource is namespaced; `None` if it is not built in.
    pub namespaced: Option<bool>,
    /// Words that may be misspelled.
    pub doubts: Vec<Doubt>,
}

/// A word that is not built in and may be misspelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// No built-in resource supports this verb.
    Verb(String),
    /// This is not a built-in resource, and no group is given.
    Resource(String),
    /// No built-in resource has this subresource.
    Subresource {
        /// The resource.
        resource: String,
        /// The subresource.
        subresource: String,
    },
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verb(verb) => write!(f, "`{verb}` is not a verb of the Kubernetes API"),
            Self::Resource(resource) => write!(f, "`{resource}` is not a built-in resource"),
            Self::Subresource { resource, subresource } => {
                write!(f, "`{subresource}` is not a subresource of {resource}")
            }
        }
    }
}

/// The verbs of requests for resources and URLs, and those that exist only in rules.
pub const VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "proxy",
    "bind",
    "escalate",
    "impersonate",
    "approve",
    "sign",
    "attest",
    "use",
    "post",
    "put",
    "head",
    "options",
    "*",
];

/// A mistake in a question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoQuestion {
    /// The verb is empty.
    #[error("the verb is empty")]
    NoVerb,
    /// The resource cannot be parsed.
    #[error("`{0}`: expected RESOURCE[/SUBRESOURCE][.GROUP] or /URL")]
    NoResource(String),
    /// The group is given twice.
    #[error("`{0}`: the group is given twice")]
    TwoGroups(String),
    /// An object name is given for a URL.
    #[error("`{0}`: a URL has no object names")]
    NamedUrl(String),
}

impl Question {
    /// Parses a question about `what`, limited to the object called `name` unless that is empty.
    ///
    /// `what` is `/URL` or `RESOURCE[/SUBRESOURCE][.GROUP]`; the group may also follow the resource directly. Built-in
    /// resources can be given as plural, singular or short name, in any case, and without their group. As in kubectl, a
    /// prefix of the group (`ingresses.networking`) and a version (`deployments.v1.apps`) are accepted.
    pub fn parse(verb: &str, what: &str, name: &str) -> Result<Self, NoQuestion> {
        if verb.is_empty() {
            return Err(NoQuestion::NoVerb);
        }
        if what.starts_with('/') {
            if !name.is_empty() {
                return Err(NoQuestion::NamedUrl(what.to_owned()));
            }
            let action = Action::Url { verb: verb.to_owned(), path: what.to_owned() };
            return Ok(Self { action, namespaced: Some(false), doubts: doubted_verb(verb).into_iter().collect() });
        }
        let (resource, subresource, group) = parts(what)?;
        let known = known(resource, group);
        let (resource, group) = match known {
            Some(known) => (known.plural, known.group),
            None => (resource, group.map(without_version).unwrap_or_default()),
        };
        let doubt = match known {
            None if group.is_empty() && resource != "*" => Some(Doubt::Resource(resource.to_owned())),
            Some(_) if !served(resource, subresource) => {
                Some(Doubt::Subresource { resource: resource.to_owned(), subresource: subresource.to_owned() })
            }
            _ => None,
        };
        // Custom resources may have their own verbs.
        let is_built_in = known.is_some() || group.is_empty();
        let verb_doubt = is_built_in.then(|| doubted_verb(verb)).flatten();
        let action = Action::Resource {
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            name: name.to_owned(),
        };
        let doubts = verb_doubt.into_iter().chain(doubt).collect();
        Ok(Self { action, namespaced: known.map(|known| known.namespaced), doubts })
    }

    /// The scope of the question: `namespace` if given, otherwise any scope that the resource can have.
    pub fn place(&self, namespace: Option<&str>) -> Place {
        match (namespace, self.namespaced) {
            (_, Some(false)) if matches!(self.action, Action::Url { .. }) => Place::ClusterWide,
            (Some(namespace), _) if !namespace.is_empty() => Place::Namespace(namespace.to_owned()),
            (_, Some(false)) => Place::ClusterWide,
            _ => Place::Anywhere,
        }
    }
}

fn doubted_verb(verb: &str) -> Option<Doubt> {
    (!VERBS.contains(&verb)).then(|| Doubt::Verb(verb.to_owned()))
}

/// Splits a resource into resource, subresource and group.
fn parts(what: &str) -> Result<(&str, &str, Option<&str>), NoQuestion> {
    let no_resource = || NoQuestion::NoResource(what.to_owned());
    let (left, right) = what.split_once('/').map_or((what, None), |(left, right)| (left, Some(right)));
    let (resource, mut group) = left.split_once('.').map_or((left, None), |(name, group)| (name, Some(group)));
    let subresource = match right {
        None => "",
        // Keys of extras may contain dots and slashes: `example.com/roles`.
        Some(right) if resource.eq_ignore_ascii_case("userextras") => right,
        Some(right) => match right.split_once('.') {
            Some(_) if group.is_some() => return Err(NoQuestion::TwoGroups(what.to_owned())),
            Some((name, behind)) => {
                group = Some(behind);
                name
            }
            None => right,
        },
    };
    let odd = resource.is_empty()
        || (right.is_some() && subresource.is_empty())
        || group.is_some_and(|group| group.is_empty() || group.contains('/'))
        || (subresource.contains('/') && !resource.eq_ignore_ascii_case("userextras"));
    if odd { Err(no_resource()) } else { Ok((resource, subresource, group)) }
}

fn known(resource: &str, group: Option<&str>) -> Option<&'static Resource> {
    let without = group.map(without_version);
    find(resource, without).or_else(|| find(resource, group))
}

/// A group without its version: `apps` for `v1.apps`.
fn without_version(group: &str) -> &str {
    let is_version = |text: &str| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.strip_prefix('v').is_some_and(|rest| {
            ["alpha", "beta"]
                .iter()
                .find_map(|stage| rest.split_once(stage))
                .map_or_else(|| digits(rest), |(major, minor)| digits(major) && digits(minor))
        })
    };
    match group.split_once('.') {
        Some((version, group)) if is_version(version) => group,
        _ if is_version(group) => "",
        _ => group,
    }
}

fn served(resource: &str, subresource: &str) -> bool {
    subresource.is_empty() || subresource == "*" || resource == "userextras" || SUBRESOURCES.contains(&subresource)
}
