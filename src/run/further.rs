//! Several benchmarks in one run, and which target is run of which of them.

use crate::detect::DetectedTarget;
use definitions::Definitions;
use definitions::benchmark::{Benchmark, Library, Platform, Target};
use model::{Cluster, ClusterRole, Notice};

use super::called::Kind;
use super::decision;
use super::request::{RequestError, RunRequest};

/// A further benchmark of a run.
#[derive(Debug, Clone)]
pub struct Further<'d> {
    /// Which.
    pub benchmark: &'d Benchmark,
    /// Why it.
    pub evidence: String,
    /// What is run of it, in this order.
    pub targets: Vec<DetectedTarget>,
}

/// The further benchmarks that the user named, each once.
pub(super) fn named<'d>(
    definitions: &'d Definitions,
    first: &Benchmark,
    request: &RunRequest,
) -> Result<Vec<&'d Benchmark>, RequestError> {
    let mut further: Vec<&Benchmark> = Vec::new();
    for name in &request.further {
        let benchmark = decision::named(definitions, name);
        let benchmark = benchmark.map_err(|error| error.given_by(request.benchmark_variable))?;
        if benchmark.name != first.name && further.iter().all(|known| known.name != benchmark.name) {
            further.push(benchmark);
        }
    }
    Ok(further)
}

/// The one benchmark that has all the targets which the user named, where there is one only, and why it.
pub(super) fn by_targets<'l>(library: &'l Library, request: &RunRequest) -> Option<(&'l Benchmark, String)> {
    let targets = request.targets.as_ref()?;
    let has_all = |benchmark: &&Benchmark| targets.iter().all(|target| benchmark.target(*target).is_some());
    let mut having = library.benchmarks.values().filter(has_all);
    let only = having.next().filter(|_| having.next().is_none())?;
    let names: Vec<&str> = targets.iter().map(|target| target.name()).collect();
    Some((only, format!("the only one with {}", names.join(", "))))
}

/// Refuses targets that none of the benchmarks has.
pub(super) fn refuse_unknown_targets(
    definitions: &Definitions,
    benchmarks: &[&Benchmark],
    targets: &[Target],
) -> Result<(), RequestError> {
    let has = |target: &Target| benchmarks.iter().any(|benchmark| benchmark.target(*target).is_some());
    let Some(unknown) = targets.iter().find(|target| !has(target)) else { return Ok(()) };
    let known = benchmarks.iter().flat_map(|benchmark| benchmark.targets.iter().map(|index| index.target.name()));
    let names: Vec<&str> = benchmarks.iter().map(|benchmark| benchmark.name.as_str()).collect();
    Err(RequestError::unknown(Kind::Target, unknown.name(), Some(&names.join(" or ")), known, definitions))
}

/// Of the targets that the user named, those that a benchmark has, each once.
pub(super) fn given_targets(benchmark: &Benchmark, targets: &[Target], evidence: &str) -> Vec<DetectedTarget> {
    let mut given: Vec<DetectedTarget> = Vec::new();
    for target in targets {
        if benchmark.target(*target).is_some() && given.iter().all(|known| known.target != *target) {
            given.push(DetectedTarget { target: *target, evidence: vec![evidence.to_owned()] });
        }
    }
    given
}

/// That no benchmark looks at the directory of a cluster that the user named.
pub(super) fn of_directory(benchmarks: &[&Benchmark], request: &RunRequest) -> Option<Notice> {
    let is_asked_for = request.targets.as_ref().is_none_or(|targets| targets.contains(&Target::Admin));
    let is_looked_at = is_asked_for && benchmarks.iter().any(|benchmark| benchmark.target(Target::Admin).is_some());
    (request.cluster_directory.is_some() && !is_looked_at).then(|| Notice {
        code: "cluster-directory-unused".into(),
        text: "--cluster-dir: no selected check uses it (pass --targets admin)".to_owned(),
    })
}

/// Where a run takes place: what its node was provisioned as, and its cluster.
pub(super) struct Where<'w> {
    pub(super) platform: Option<Platform>,
    pub(super) cluster: Option<&'w Cluster>,
}

/// That other benchmarks are meant for the node or its cluster too.
pub(super) fn suggestions(
    library: &Library,
    place: &Where<'_>,
    benchmarks: &[&Benchmark],
    request: &RunRequest,
) -> Vec<Notice> {
    let is_run = |other: &&Benchmark| benchmarks.iter().any(|benchmark| benchmark.name == other.name);
    let names: Vec<&str> = benchmarks.iter().map(|benchmark| benchmark.name.as_str()).collect();
    let names = names.join(",");
    let mut notices = Vec::new();
    for other in library.benchmarks.values().filter(|other| !is_run(other)) {
        let of_cluster = place.cluster.and_then(|cluster| of_cluster(other, cluster, &names, request));
        let platform = place.platform.filter(|platform| other.suggested_on.contains(platform));
        notices.extend(of_cluster.or_else(|| {
            let text = format!(
                "{}: benchmark {} also applies (add it with --benchmark {names},{1})",
                platform?.title(),
                other.name
            );
            Some(Notice { code: "benchmark-suggested".into(), text })
        }));
    }
    notices
}

/// That a benchmark is meant for this cluster, or for the one that manages it.
fn of_cluster(other: &Benchmark, cluster: &Cluster, names: &str, request: &RunRequest) -> Option<Notice> {
    let Cluster { distribution, eks_anywhere, .. } = cluster;
    let distribution = distribution.as_deref()?;
    let platform: Platform = distribution.parse().ok()?;
    let about: Vec<Target> =
        other.targets.iter().map(|index| index.target).filter(|target| target.is_about_cluster()).collect();
    if !other.suggested_on.contains(&platform) || about.is_empty() {
        return None;
    }
    let name = &other.name;
    let title = eks_anywhere.as_ref().map_or(distribution, |cluster| cluster.title.as_str());
    let role = eks_anywhere.as_ref().map(|cluster| (cluster.role, &cluster.evidence));
    // A list without a section of policies is about the cluster that manages.
    if let (Some((ClusterRole::Workload, evidence)), [Target::Cluster]) = (&role, about.as_slice()) {
        let text = format!(
            "{title}: {evidence}; benchmark {name} applies to its management cluster (check that one with kube-assay \
             cluster --benchmark {name})"
        );
        return Some(Notice { code: "workload-cluster".into(), text });
    }
    let doubt = match role {
        Some((ClusterRole::Unknown, evidence)) => format!("; whether it manages clusters is not known: {evidence}"),
        _ => String::new(),
    };
    // Targets that were typed leave out those of the other benchmark.
    let left_out = request
        .targets
        .as_ref()
        .filter(|targets| !request.is_about_cluster_alone && !about.iter().any(|target| targets.contains(target)));
    let with_targets = left_out.map_or_else(String::new, |targets| {
        let targets: Vec<&str> = targets.iter().chain(&about).map(|target| target.name()).collect();
        format!(" --targets {}", targets.join(","))
    });
    let text =
        format!("{title}: benchmark {name} also applies{doubt} (add it with --benchmark {names},{name}{with_targets})");
    Some(Notice { code: "benchmark-suggested".into(), text })
}
