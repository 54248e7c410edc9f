//! Several benchmarks in one run, and which target is run of which of them.

use crate::detect::DetectedTarget;
use definitions::Definitions;
use definitions::benchmark::{Benchmark, Library, Platform, Target};
use model::Notice;

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
pub(super) fn given_targets(benchmark: &Benchmark, targets: &[Target]) -> Vec<DetectedTarget> {
    let mut given: Vec<DetectedTarget> = Vec::new();
    for target in targets {
        if benchmark.target(*target).is_some() && given.iter().all(|known| known.target != *target) {
            given.push(DetectedTarget { target: *target, evidence: vec!["given with --targets".to_owned()] });
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

/// That other benchmarks are meant for this platform too.
pub(super) fn suggestions(
    library: &Library,
    platform: Option<Platform>,
    benchmarks: &[&Benchmark],
) -> impl Iterator<Item = Notice> {
    let is_run = |other: &Benchmark| benchmarks.iter().any(|benchmark| benchmark.name == other.name);
    let suggested = platform.into_iter().flat_map(|platform| {
        let others = library.benchmarks.values();
        others.filter(move |other| other.suggested_on.contains(&platform)).map(move |other| (platform, other))
    });
    let names: Vec<&str> = benchmarks.iter().map(|benchmark| benchmark.name.as_str()).collect();
    suggested.filter(move |(_, other)| !is_run(other)).map(move |(platform, other)| Notice {
        code: "benchmark-suggested".into(),
        text: format!(
            "{}: benchmark {} also applies (add it with --benchmark {},{1})",
            platform.title(),
            other.name,
            names.join(",")
        ),
    })
}
