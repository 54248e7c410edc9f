//! Chooses the benchmark for a node.

use definitions::benchmark::{Benchmark, Coverage, KubernetesVersion, Library, Platform};

/// A benchmark, and why it was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit<'l> {
    /// The benchmark.
    pub benchmark: &'l Benchmark,
    /// Why it was chosen.
    pub reason: FitReason,
}

/// Why a benchmark was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FitReason {
    /// It is the newest edition for the node's platform.
    Platform(Platform),
    /// It is for the node's Kubernetes version, with this coverage.
    Version(KubernetesVersion, Coverage),
    /// It is the newest of all, since the version is not known.
    Newest,
}

/// Returns the benchmark for the platform if it has its own, otherwise the one for the Kubernetes version, otherwise
/// the newest. `None` only if there are no benchmarks.
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
