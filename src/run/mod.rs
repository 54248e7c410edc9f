//! The whole job: a node, the definitions and a request in; a report out.

mod decision;
mod names;
mod notices;
mod request;

use model::{Benchmark, Host, Kubernetes, Platform, Profile, Report, Run, Schema, TargetNote};

use crate::evaluate;
use crate::plan::census::{self, Census};
use crate::plan::detection::{self, DetectedVersion};
use crate::plan::selection::{Choice, Selection};
use crate::plan::survey::Survey;
use definitions::Definitions;
use definitions::benchmark::{Control, KubernetesVersion};
use probe::Node;

pub use decision::{Decision, benchmark_of, decide};
pub use names::check_names_in_any;
pub use notices::{NO_COMPONENT, PROCESS_IGNORED, is_empty};
pub use request::{BenchmarkChoice, ProfileChoice, RequestError, RunRequest};

/// Assays a node.
///
/// `ask_elsewhere` is called where the node itself does not show its Kubernetes version; it may run `kubelet --version`.
///
/// # Errors
///
/// Where the request names something that does not exist; nothing about the node is an error.
pub fn assay(
    node: &dyn Node,
    definitions: &Definitions,
    request: &RunRequest,
    ask_elsewhere: &dyn Fn(&Census<'_>) -> Option<DetectedVersion>,
) -> Result<Report, RequestError> {
    let library = &definitions.library;
    let census = census::take(node, library);
    let decision = decide(node, definitions, request, &census, ask_elsewhere)?;
    let Decision { benchmark, profile, mut notices, .. } = decision;
    let targets: Vec<_> = decision.targets.iter().map(|target| target.target).collect();
    names::check_names(benchmark, request, &targets, &mut notices)?;
    notices.extend(notices::of_mistaken_skips(profile, benchmark, &targets));
    let choice = Choice {
        targets,
        checks: request.checks.clone(),
        groups: request.groups.clone(),
        skip: request.skip.clone(),
        without_scored: request.without_scored,
        without_unscored: request.without_unscored,
    };
    let platform = decision.platform.as_ref().map(|detected| detected.platform);
    let select = |choice: &Choice| Selection::of(library, benchmark, profile, platform, choice);
    let selection = select(&choice);
    if selection.is_empty() {
        // What would be left without these two says whether they are the reason.
        let with_all = Choice { without_scored: false, without_unscored: false, ..choice.clone() };
        notices.extend(notices::of_nothing_left(&choice, !select(&with_all).is_empty()));
    }
    let controls: Vec<&Control> = selection.controls().collect();
    let version = decision.version.as_ref().map(|detected| detected.version);
    let version = version.or_else(|| version_of_node(node, request, &census));
    let survey = Survey::make(node, census, platform, version, &controls);
    let run = Run {
        tool: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: request.command.clone(),
        host: Host { name: decision.node, machine_id: request.machine_id.clone() },
        root: request.root.clone(),
        platform: decision.platform.map(|detected| Platform {
            name: detected.platform.name().to_owned(),
            title: detected.platform.title().to_owned(),
            evidence: detected.evidence,
        }),
        kubernetes: Kubernetes {
            version: decision.version.as_ref().map(|detected| detected.version.to_string()),
            evidence: decision.version_evidence,
        },
        benchmark: Benchmark {
            name: benchmark.name.clone(),
            title: benchmark.title.clone(),
            digest: benchmark.digest.clone(),
            evidence: decision.benchmark_evidence,
        },
        profile: profile.map(|profile| Profile {
            name: profile.name.clone(),
            title: profile.title.clone(),
            evidence: decision.profile_evidence,
        }),
        targets: decision
            .targets
            .into_iter()
            .map(|detected| TargetNote { name: detected.target.name().to_owned(), evidence: detected.evidence })
            .collect(),
        notices,
        started: request.started.clone(),
        // Only who has a clock knows better.
        finished: request.started.clone(),
    };
    Ok(Report { schema: Schema, run, targets: evaluate::assess(&selection, &survey) })
}

/// The version of a node whose benchmark was chosen without it: the one that it shows, else the one that the user gives.
fn version_of_node(node: &dyn Node, request: &RunRequest, census: &Census<'_>) -> Option<KubernetesVersion> {
    let given = match &request.benchmark {
        BenchmarkChoice::ForVersion(version) => Some(*version),
        BenchmarkChoice::Detected | BenchmarkChoice::Named(_) => None,
    };
    detection::version(node, census).map(|detected| detected.version).or(given)
}
