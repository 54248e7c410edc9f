//! Runs of several benchmarks, and which targets each of them contributes.

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
    /// The benchmark.
    pub benchmark: &'d Benchmark,
    /// Why it is run.
    pub evidence: String,
    /// Its targets, in this order.
    pub targets: Vec<DetectedTarget>,
}

/// Returns the further benchmarks that the user named, without duplicates.
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

/// Returns the benchmark that has all the targets the user named, and why it was chosen, if it is the only one.
pub(super) fn by_targets<'l>(library: &'l Library, request: &RunRequest) -> Option<(&'l Benchmark, String)> {
    let targets = request.targets.as_ref()?;
    let has_all = |benchmark: &&Benchmark| targets.iter().all(|target| benchmark.target(*target).is_some());
    let mut having = library.benchmarks.values().filter(has_all);
    let only = having.next().filter(|_| having.next().is_none())?;
    let names: Vec<&str> = targets.iter().map(|target| target.name()).collect();
    Some((only, format!("the only one with {}", names.join(", "))))
}

/// Rejects targets that none of the benchmarks has.
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

/// Returns the targets that the user named and the benchmark has, without duplicates.
pub(super) fn given_targets(benchmark: &Benchmark, targets: &[Target], evidence: &str) -> Vec<DetectedTarget> {
    let mut given: Vec<DetectedTarget> = Vec::new();
    for target in targets {
        if benchmark.target(*target).is_some() && given.iter().all(|known| known.target != *target) {
            given.push(DetectedTarget { target: *target, evidence: vec![evidence.to_owned()] });
        }
    }
    given
}

/// Returns the notice that no selected benchmark uses the cluster directory the user named.
pub(super) fn of_directory(benchmarks: &[&Benchmark], request: &RunRequest) -> Option<Notice> {
    let is_asked_for = request.targets.as_ref().is_none_or(|targets| targets.contains(&Target::Admin));
    let is_looked_at = is_asked_for && benchmarks.iter().any(|benchmark| benchmark.target(Target::Admin).is_some());
    (request.cluster_directory.is_some() && !is_looked_at).then(|| Notice {
        code: "cluster-directory-unused".into(),
        text: "--cluster-dir: no selected check uses it (pass --targets admin)".to_owned(),
    })
}

/// Where a run takes place: its node's platform, and its cluster.
pub(super) struct Where<'w> {
    pub(super) platform: Option<Platform>,
    pub(super) cluster: Option<&'w Cluster>,
}

/// Returns notices of other benchmarks that also apply to the node or its cluster.
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

/// Returns the notice that a benchmark applies to this cluster, or to the one that manages it.
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
    // A benchmark without a policies section is about the management cluster.
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
    // Targets given with `--targets` may exclude those of the other benchmark.
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
