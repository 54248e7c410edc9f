//! The benchmark that goes with a node.

use definitions::benchmark::{Benchmark, Coverage, KubernetesVersion, Library, Platform};

/// A benchmark, and what it was chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit<'l> {
    /// The benchmark.
    pub benchmark: &'l Benchmark,
    /// What it was chosen by.
    pub reason: FitReason,
}

/// What a benchmark was chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FitReason {
    /// It is the newest edition for the node's platform.
    Platform(Platform),
    /// The node's Kubernetes version, and how well it goes with that.
    Version(KubernetesVersion, Coverage),
    /// Nothing: it is the newest of all, since the version is not known.
    Newest,
}

/// The benchmark for a platform that has one of its own; else the one for the Kubernetes version; else the newest. None
/// only where there are no benchmarks.
pub fn benchmark(library: &Library, platform: Option<Platform>, version: Option<KubernetesVersion>) -> Option<Fit<'_>> {
    if let Some(platform) = platform
        && let Some(benchmark) = library.benchmark_on(platform)
    {
        return Some(Fit { benchmark, reason: FitReason::Platform(platform) });
    }
    let beyond = KubernetesVersion { major: u16::MAX, minor: u16::MAX };
    let (benchmark, coverage) = library.benchmark_for(version.unwrap_or(beyond))?;
    let reason = version.map_or(FitReason::Newest, |version| FitReason::Version(version, coverage));
    Some(Fit { benchmark, reason })
}
