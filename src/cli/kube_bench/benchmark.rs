//! Which benchmark of a directory is run where none is named.

use anyhow::anyhow;

use crate::benchmark::{KubernetesVersion, Platform};
use crate::cli::arguments::Options;
use crate::cli::elsewhere::Elsewhere;
use crate::cli::failure::Failure;
use crate::definitions::embedded;
use crate::finding::Notice;
use crate::kube_bench::{Directory, Which};
use crate::plan::{census, detection};
use crate::probe::Node;

/// The benchmark that the options name, or the one of the node's Kubernetes version; on a worker of managed EKS the newest
/// that the directory has for EKS. Nodes of EKS Anywhere are no such workers, though their versions look alike.
pub(super) fn chosen(
    options: &Options,
    directory: &Directory,
    node: &dyn Node,
    notices: &mut Vec<Notice>,
) -> Result<Which, Failure> {
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
        let text = format!("benchmark {benchmark}: the newest for EKS, since this is {title}");
        notices.push(Notice { code: "benchmark-detected", text });
        return Ok(Which::Benchmark(benchmark.to_owned()));
    }
    let elsewhere = Elsewhere::new(options, node);
    let found = detection::version(node, &census).or_else(|| elsewhere.ask(&census));
    notices.extend(elsewhere.notices());
    let Some(found) = found else {
        let told =
            ["nothing on this node tells it"].into_iter().chain(notices.iter().map(|notice| notice.text.as_str()));
        let why = told.collect::<Vec<_>>().join("; ");
        return Err(Failure::Usage(anyhow!("Kubernetes version: {why} (give --version 1.N, or --benchmark NAME)")));
    };
    let text = format!("Kubernetes {}: {}", found.version, found.evidence);
    notices.push(Notice { code: "version-detected", text });
    Ok(Which::Version(found.version.to_string()))
}
