//! Discovery of the kinds that the cluster has.

use std::collections::BTreeMap;

use probe::{Cause, Observed, Reason};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::ask::Unanswered;
use crate::resource::{Refused, Resource};
use crate::status::{is_absent, not_an_api, refusal};
use crate::wire::{Question, Reply};

/// The largest accepted answer, in bytes: clusters with thousands of kinds take a few MB.
const LARGEST: usize = 32 << 20;
/// All groups and kinds in one answer (stable since Kubernetes 1.30), or the list of groups.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                          application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// The groups of a cluster that have been requested so far.
#[derive(Debug, Default)]
pub struct Discovery {
    groups: Option<Result<BTreeMap<String, Vec<Version>>, Reason>>,
    core: Option<Result<Vec<Version>, Reason>>,
}

/// A version of a group.
#[derive(Debug, Clone)]
struct Version {
    name: String,
    kinds: Kinds,
}

#[derive(Debug, Clone)]
enum Kinds {
    /// The listable kinds, and whether the answer is stale.
    Known { listed: Vec<String>, stale: bool },
    /// Not requested yet; available at the version's own path.
    Unasked,
    /// The kinds could not be read.
    Unknown(Reason),
}

impl Discovery {
    /// The resource of a group in the version that the server prefers.
    pub fn find(
        &mut self,
        group: &str,
        plural: &str,
        server: &str,
        mut ask: impl FnMut(Question<'_>) -> Result<Reply, Unanswered>,
    ) -> Observed<Resource> {
        match Resource::new(group, "v1", plural) {
            Err(Refused::Secrets) => {
                return Observed::Unknown(Reason::new(Cause::NotAllowed, plural, Refused::Secrets.to_string()));
            }
            Err(Refused::Name) => return Observed::Absent,
            Ok(_) => {}
        }
        let versions = match self.versions(group, server, &mut ask) {
            Observed::Present(versions) => versions,
            Observed::Absent => return Observed::Absent,
            Observed::Unknown(reason) => return Observed::Unknown(reason),
        };
        let mut unknown = None;
        for version in versions {
            if matches!(version.kinds, Kinds::Unasked) {
                version.kinds = kinds(group, &version.name, server, &mut ask);
            }
            match &version.kinds {
                Kinds::Known { listed, .. } if listed.iter().any(|kind| kind == plural) => {
                    return match Resource::new(group, &version.name, plural) {
                        Ok(resource) => Observed::Present(resource),
                        Err(_) => Observed::Absent,
                    };
                }
                Kinds::Known { stale: true, .. } => {
                    unknown = Some(stale(&format!("{plural}.{group}")));
                }
                Kinds::Unknown(reason) => unknown = Some(reason.clone()),
                Kinds::Known { .. } | Kinds::Unasked => {}
            }
        }
        unknown.map_or(Observed::Absent, Observed::Unknown)
    }

    /// The listable resources of a group, each in the version that the server prefers, sorted by name. Unknown if
    /// there are more than `most`.
    pub fn all(
        &mut self,
        group: &str,
        most: usize,
        server: &str,
        mut ask: impl FnMut(Question<'_>) -> Result<Reply, Unanswered>,
    ) -> Observed<Vec<Resource>> {
        let versions = match self.versions(group, server, &mut ask) {
            Observed::Present(versions) => versions,
            Observed::Absent => return Observed::Absent,
            Observed::Unknown(reason) => return Observed::Unknown(reason),
        };
        let mut all: BTreeMap<&str, &str> = BTreeMap::new();
        for version in versions {
            if matches!(version.kinds, Kinds::Unasked) {
                version.kinds = kinds(group, &version.name, server, &mut ask);
            }
            match &version.kinds {
                Kinds::Known { stale: true, .. } => return Observed::Unknown(stale(group)),
                Kinds::Known { listed, .. } => {
                    for plural in listed {
                        all.entry(plural).or_insert(&version.name);
                    }
                }
                Kinds::Unknown(reason) => return Observed::Unknown(reason.clone()),
                Kinds::Unasked => {}
            }
        }
        if all.len() > most {
            let detail = format!("{} kinds, of which at most {most} are listed", all.len());
            return Observed::Unknown(Reason::new(Cause::TooLarge, group, detail));
        }
        // Drops invalid names, and secrets, which are never requested.
        let resources = all.into_iter().filter_map(|(plural, version)| Resource::new(group, version, plural).ok());
        Observed::Present(resources.collect())
    }

    /// The versions of a group, the preferred one first.
    fn versions(&mut self, group: &str, server: &str, ask: Ask<'_>) -> Observed<&mut Vec<Version>> {
        let versions = if group.is_empty() {
            self.core.get_or_insert_with(|| core(server, ask)).as_mut()
        } else {
            match self.groups.get_or_insert_with(|| groups(server, ask)) {
                Ok(groups) => match groups.get_mut(group) {
                    Some(versions) => Ok(versions),
                    None => return Observed::Absent,
                },
                Err(reason) => Err(reason),
            }
        };
        match versions {
            Ok(versions) => Observed::Present(versions),
            Err(reason) => Observed::Unknown(reason.clone()),
        }
    }
}

fn stale(subject: &str) -> Reason {
    let detail = "the API server cannot reach what serves the group (check its APIService)";
    Reason::new(Cause::System, subject, detail)
}

#[derive(Deserialize)]
struct Aggregated {
    kind: String,
    #[serde(default)]
    items: Vec<AggregatedGroup>,
}

#[derive(Deserialize)]
struct AggregatedGroup {
    #[serde(default)]
    metadata: Named,
    #[serde(default)]
    versions: Vec<AggregatedVersion>,
}

#[derive(Default, Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct AggregatedVersion {
    version: String,
    #[serde(default)]
    resources: Vec<AggregatedResource>,
    #[serde(default)]
    freshness: String,
}

#[derive(Deserialize)]
struct AggregatedResource {
    resource: String,
    #[serde(default)]
    verbs: Vec<String>,
}

impl AggregatedVersion {
    fn read(self) -> Version {
        let listed =
            self.resources.into_iter().filter(|kind| is_listed(&kind.verbs)).map(|kind| kind.resource).collect();
        Version { name: self.version, kinds: Kinds::Known { listed, stale: self.freshness == "Stale" } }
    }
}

#[derive(Deserialize)]
struct Groups {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    name: String,
    #[serde(default)]
    versions: Vec<GroupVersion>,
    preferred_version: Option<GroupVersion>,
}

#[derive(Deserialize)]
struct GroupVersion {
    version: String,
}

#[derive(Deserialize)]
struct Resources {
    #[serde(default)]
    resources: Vec<NamedResource>,
}

#[derive(Deserialize)]
struct NamedResource {
    name: String,
    #[serde(default)]
    verbs: Vec<String>,
}

fn is_listed(verbs: &[String]) -> bool {
    verbs.iter().any(|verb| verb == "list")
}

type Ask<'a> = &'a mut dyn FnMut(Question<'_>) -> Result<Reply, Unanswered>;

fn groups(server: &str, ask: Ask<'_>) -> Result<BTreeMap<String, Vec<Version>>, Reason> {
    let reply = get("/apis", AGGREGATED, server, ask)?;
    if let Some(groups) = aggregated(&reply) {
        let read = groups
            .into_iter()
            .map(|group| (group.metadata.name, group.versions.into_iter().map(AggregatedVersion::read).collect()));
        return Ok(read.collect());
    }
    let groups: Groups = of_kind(&reply, "APIGroupList", server)?;
    let read = groups.groups.into_iter().map(|group| {
        let preferred = group.preferred_version.map(|preferred| preferred.version).unwrap_or_default();
        let mut names: Vec<String> = group.versions.into_iter().map(|version| version.version).collect();
        names.sort_by_key(|name| *name != preferred);
        (group.name, names.into_iter().map(|name| Version { name, kinds: Kinds::Unasked }).collect())
    });
    Ok(read.collect())
}

fn core(server: &str, ask: Ask<'_>) -> Result<Vec<Version>, Reason> {
    let reply = get("/api", AGGREGATED, server, ask)?;
    if let Some(groups) = aggregated(&reply) {
        return Ok(groups.into_iter().flat_map(|group| group.versions).map(AggregatedVersion::read).collect());
    }
    Ok(vec![Version { name: "v1".to_owned(), kinds: Kinds::Unasked }])
}

fn kinds(group: &str, version: &str, server: &str, ask: Ask<'_>) -> Kinds {
    // Only a valid name may become part of a URL.
    if Resource::new(group, version, "x").is_err() {
        return Kinds::Known { listed: Vec::new(), stale: false };
    }
    let path = if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
    match get(&path, "application/json", server, ask).and_then(|reply| of_kind(&reply, "APIResourceList", server)) {
        Ok(Resources { resources }) => {
            let listed = resources.into_iter().filter(|kind| is_listed(&kind.verbs)).map(|kind| kind.name);
            Kinds::Known { listed: listed.collect(), stale: false }
        }
        Err(reason) => Kinds::Unknown(reason),
    }
}

fn get(path: &str, accept: &'static str, server: &str, ask: Ask<'_>) -> Result<Reply, Reason> {
    match ask(Question { path, accept, largest: LARGEST }) {
        Ok(reply) if reply.status == 200 => Ok(reply),
        Ok(reply) if is_absent(&reply) => {
            Err(Reason::new(Cause::System, format!("get {path}"), "the API server does not have it"))
        }
        Ok(reply) => Err(refusal(&reply, &format!("get {path}"), server)),
        Err(Unanswered::Failed(reason) | Unanswered::TooLarge(reason)) => Err(reason),
    }
}

fn aggregated(reply: &Reply) -> Option<Vec<AggregatedGroup>> {
    let read: Aggregated = serde_json::from_slice(&reply.body).ok()?;
    (read.kind == "APIGroupDiscoveryList").then_some(read.items)
}

fn of_kind<T: DeserializeOwned>(reply: &Reply, kind: &str, server: &str) -> Result<T, Reason> {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let named: Option<Kind> = serde_json::from_slice(&reply.body).ok();
    let read = named.filter(|named| named.kind == kind).and_then(|_| serde_json::from_slice(&reply.body).ok());
    read.ok_or_else(|| not_an_api(reply, server))
}
