//! The registries that images come from.

use std::collections::{BTreeMap, BTreeSet};

use probe::{Cause, Reason};
use serde::Deserialize;

use super::evidence::Evidence;
use super::summary::{Image, PodSummary};
use super::verdict::{STATIC, Verdict, seen};
use crate::pods::{ImageName, RegistryPrefix};
use crate::policy::{Judgement, ObjectName, Outcome, Seen};

/// The key of [`approved_registries`].
pub(super) const APPROVED_REGISTRIES: &str = "image-registry/approved-registries";

/// The most registries shown.
const MOST_SHOWN: usize = 100;

/// The registries that images may come from.
#[derive(Debug, Clone, Default)]
pub struct Registries {
    /// The approved registries; if empty, the control is manual.
    approved: Vec<RegistryPrefix>,
    /// Why the approved registries are unknown, if so.
    mistake: Option<Reason>,
    of_platform: Vec<PlatformRegistries>,
}

/// The registries of a platform's own workloads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformRegistries {
    /// The reason, which findings show.
    pub reason: String,
    /// The namespaces of the platform's workloads.
    pub namespaces: Vec<String>,
    /// Registries, or paths in them. A `*` matches one component of a host: `602401143452.dkr.ecr.*.amazonaws.com`.
    pub registries: Vec<String>,
}

impl Registries {
    /// Creates the set of registries from those approved by a parameter and those of the platform.
    pub fn new<'t>(approved: impl IntoIterator<Item = &'t str>, of_platform: Vec<PlatformRegistries>) -> Self {
        let mut all = Self { of_platform, ..Self::default() };
        for text in approved {
            match RegistryPrefix::parse(text) {
                Some(registry) => all.approved.push(registry),
                None => {
                    let subject = format!("registries: {text:?}");
                    let detail =
                        "neither a registry nor a path in one (write HOST or HOST/PATH, as in docker.io/library)";
                    all.mistake.get_or_insert_with(|| Reason::new(Cause::Malformed, subject, detail));
                }
            }
        }
        all
    }

    /// Why an image in a namespace is the platform's own, if it is.
    fn exemption(&self, namespace: &str, image: &ImageName) -> Option<&str> {
        let ships = |own: &&PlatformRegistries| {
            own.namespaces.iter().any(|name| name == namespace)
                && own.registries.iter().any(|registry| is_of_pattern(image, registry))
        };
        self.of_platform.iter().find(ships).map(|own| own.reason.as_str())
    }
}

impl PlatformRegistries {
    /// The approved registries as text.
    pub fn in_words(&self) -> String {
        format!("{} in {}: {}", self.registries.join(", "), self.namespaces.join(", "), self.reason)
    }
}

/// Whether an image is below a registry whose host may contain `*` for one component.
fn is_of_pattern(image: &ImageName, pattern: &str) -> bool {
    let (host, path) = pattern.split_once('/').unwrap_or((pattern, ""));
    let parts = |host: &str| host.split('.').count();
    let same = host.split('.').zip(image.host.split('.')).all(|(wanted, own)| wanted == "*" || wanted == own);
    let below = || image.path.strip_prefix(path).is_some_and(|rest| path.is_empty() || rest.starts_with('/'));
    parts(host) == parts(&image.host) && same && below()
}

/// The distinct names of user images (`HOST/PATH`; invalid names verbatim), without the images that the platform
/// ships.
///
/// # Errors
///
/// Returns the reason if images may be missing.
pub fn images_of_users(pods: &PodSummary, of_platform: Vec<PlatformRegistries>) -> Result<Vec<String>, Reason> {
    if let Some(reason) = pods.gap() {
        return Err(reason.clone());
    }
    if pods.more_images() > 0 {
        let detail = format!("{} more than are kept", pods.more_images());
        return Err(Reason::new(Cause::TooLarge, "images", detail));
    }
    let registries = Registries { of_platform, ..Registries::default() };
    let is_users = |image: &Image<'_>| {
        let name = image.reference.split_once('/').filter(|_| image.is_name);
        let name = name.map(|(host, path)| ImageName { host: host.to_owned(), path: path.to_owned() });
        !image.is_static && name.is_none_or(|name| registries.exemption(&image.object.namespace, &name).is_none())
    };
    let names: BTreeSet<&str> = pods.images().filter(is_users).map(|image| image.reference).collect();
    Ok(names.into_iter().map(str::to_owned).collect())
}

/// Images come from approved registries.
pub(super) fn approved_registries(evidence: &Evidence<'_>) -> Judgement {
    let mut verdict = Verdict::new(APPROVED_REGISTRIES, evidence);
    let registries = evidence.registries;
    let is_listed = !registries.approved.is_empty() && registries.mistake.is_none();
    let mut used: BTreeMap<String, (BTreeSet<String>, BTreeSet<ObjectName>)> = BTreeMap::new();
    for image in evidence.pods.images() {
        let name = image.is_name.then(|| image.reference.split_once('/')).flatten();
        let name = name.map(|(host, path)| ImageName { host: host.to_owned(), path: path.to_owned() });
        let registry = name.as_ref().map_or("not the name of an image", |name| name.host.as_str());
        let (images, workloads) = used.entry(registry.to_owned()).or_default();
        images.insert(image.reference.to_owned());
        workloads.insert(image.object.clone());
        if is_listed && !name.as_ref().is_some_and(|name| registries.approved.iter().any(|own| name.is_below(own))) {
            judge(&mut verdict, registries, image, name.as_ref());
        }
    }
    let mut used: Vec<(String, usize, usize)> =
        used.into_iter().map(|(registry, (images, workloads))| (registry, images.len(), workloads.len())).collect();
    used.sort_by_key(|(_, _, workloads)| std::cmp::Reverse(*workloads));
    let more = used.len().saturating_sub(MOST_SHOWN);
    for (registry, images, workloads) in used.into_iter().take(MOST_SHOWN) {
        let found = format!("{registry}: {} of {}", many(images, "image"), many(workloads, "workload"));
        verdict.notes(seen("", "", "", found));
    }
    if more > 0 {
        verdict.notes(seen("", "", "", format!("{more} more registries not listed")));
    }
    verdict.misses(registries.mistake.as_ref());
    verdict.misses(evidence.pods.gap());
    let unread = (evidence.pods.more_images() > 0).then(|| {
        let detail = format!("{} more than are kept", evidence.pods.more_images());
        Reason::new(Cause::TooLarge, "images", detail)
    });
    verdict.misses(unread.as_ref());
    let judgement = verdict.judgement();
    match judgement.outcome {
        _ if registries.approved.is_empty() && registries.mistake.is_none() => {
            Judgement { outcome: Outcome::Manual, ..judgement }
        }
        _ => judgement,
    }
}

/// Adds an image that is not approved.
fn judge(verdict: &mut Verdict<'_>, registries: &Registries, image: Image<'_>, name: Option<&ImageName>) {
    let exemption = name.and_then(|name| registries.exemption(&image.object.namespace, name));
    let rest = if name.is_some() { "not of an approved registry" } else { "not the name of an image" };
    let found = Seen {
        object: image.object,
        part: Some(image.container.to_owned()),
        path: Vec::new(),
        found: format!("image {}: {rest}", image.reference),
    };
    match exemption {
        Some(reason) => verdict.exempt(found, reason),
        None if image.is_static => verdict.exempt(found, STATIC),
        None => verdict.offends(found),
    }
}

fn many(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
