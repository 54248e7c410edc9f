//! Which benchmark of a directory is run where none is named.

use anyhow::anyhow;

use crate::benchmark::{KubernetesVersion, Platform};
use crate::cli::arguments::Options;
use crate::cli::failure::{Failure, notice};
use crate::cli::run;
use crate::definitions::embedded;
use crate::kube_bench::{Directory, Which};
use crate::plan::{census, detection};
use crate::probe::Node;

/// The benchmark that the options name, or the one of the node's Kubernetes version; on a worker of managed EKS the newest
/// that the directory has for EKS. Nodes of EKS Anywhere are no such workers, though their versions look alike.
pub(super) fn chosen(options: &Options, directory: &Directory, node: &dyn Node) -> Result<Which, Failure> {
    if let Some(name) = &options.benchmark {
        return Ok(Which::Benchmark(name.clone()));
    }
    if let Some(version) = &options.version {
        // Directories have other things than versions in their mapping too, such as ocp-4.11.
        let version =
            version.parse().map_or_else(|_| version.clone(), |version: KubernetesVersion| version.to_string());
        return Ok(Which::Version(version));
    }
    let definitions = embedded();
    let census = census::take(node, &definitions.library);
    let platform = detection::platform(node, &census).map(|detected| detected.platform);
    if matches!(platform, Some(Platform::EksAl2 | Platform::EksAl2023 | Platform::EksBottlerocket))
        && let Some(benchmark) = directory.newest("eks-")
    {
        let title = platform.map(Platform::title).unwrap_or_default();
        notice(&format!("benchmark {benchmark}: the newest for EKS, since this is {title}"));
        return Ok(Which::Benchmark(benchmark.to_owned()));
    }
    let found = detection::version(node, &census).or_else(|| run::ask_elsewhere(options, node)(&census));
    let Some(found) = found else {
        return Err(Failure::Usage(anyhow!(
            "Kubernetes version: nothing on this node tells it (give --version 1.N, or --benchmark NAME)"
        )));
    };
    notice(&format!("Kubernetes {}: {}", found.version, found.evidence));
    Ok(Which::Version(found.version.to_string()))
}
