//! Chooses the benchmark of a directory of rule files.

use anyhow::anyhow;

use crate::cli::failure::Failure;
use crate::cli::options::GivenBenchmark;
use crate::cli::run::RunOptions;
use crate::kube_bench::choice::{Choice, Told, choose};
use crate::kube_bench::{Directory, Remark, Which, refuse_unknown};
use ::definitions::benchmark::KubernetesVersion;
use model::Notice;
use probe::Node;

use super::{known, programs};

/// The detected version in reports if the benchmark or the version was given.
const GIVEN: &str = "none";

/// Returns the benchmark that the options name, or the one that kube-bench would choose. `server` is the API server's
/// version.
///
/// Notices about the choice are added to `notices`.
pub(super) fn chosen(
    options: &RunOptions,
    directory: &Directory,
    node: &dyn Node,
    server: Option<&Told>,
    notices: &mut Vec<Notice>,
) -> Result<Choice, Failure> {
    let given = options.benchmark()?;
    if let Some(which) = named(&given) {
        refuse_unknown(directory, &which).map_err(|remark| refused(&given, &remark))?;
        return Ok(Choice { which, detected: GIVEN.to_owned(), notes: Vec::new() });
    }
    let mut shown = known::by_evidence(node);
    if let Some(told) = server {
        (shown.kubernetes, shown.is_of_server) = (Some(told.clone()), true);
    }
    let may_execute = options.exec.allow_exec && !options.node.names_a_node();
    let known = if may_execute { programs::ask(options, node, shown, server.is_some(), notices) } else { shown };
    let Some(choice) = choose(&known, directory) else {
        let or_ask = if may_execute || options.node.names_a_node() {
            ""
        } else {
            ", or pass --allow-exec to ask kubectl and the kubelet"
        };
        let told = notices.iter().map(|notice| notice.text.as_str());
        let why = ["nothing on this node reveals it"].into_iter().chain(told).collect::<Vec<_>>().join("; ");
        return Err(Failure::Usage(anyhow!(
            "Kubernetes version: {why} (give --version 1.N or --benchmark NAME{or_ask})"
        )));
    };
    notices.extend(choice.notes.iter().map(|text| Notice { code: "benchmark-detected".into(), text: text.clone() }));
    Ok(choice)
}

/// Returns the error that the directory lacks the benchmark or version given, naming the environment variable if one
/// gave it.
pub(super) fn refused(given: &GivenBenchmark, remark: &Remark) -> Failure {
    let by = given.variable.map_or_else(String::new, |variable| format!("{variable}: "));
    Failure::Usage(anyhow!("{by}{remark}"))
}

/// Returns the benchmark or the version given.
pub(super) fn named(options: &GivenBenchmark) -> Option<Which> {
    if let Some(name) = &options.benchmark {
        return Some(Which::Benchmark(name.clone()));
    }
    let version = options.version.as_ref()?;
    // The version mapping of a directory may also contain other names, such as ocp-4.11.
    let version = version.parse().map_or_else(|_| version.clone(), |version: KubernetesVersion| version.to_string());
    Some(Which::Version(version))
}
