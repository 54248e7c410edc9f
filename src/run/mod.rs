//! The whole job: a node, the definitions and a request in; a report out.

mod called;
mod decision;
mod names;
mod notices;
mod record;
mod request;

use model::{Benchmark, Host, Kubernetes, Platform, Profile, Report, Run, Sandbox, Schema, TargetNote};

use crate::collect;
use crate::collect::inventory::Inventory;
use crate::detect;
use crate::evaluate::{self, Judges, Policies};
use crate::select::{Choice, Selection};
use definitions::Definitions;
use definitions::benchmark::{Control, KubernetesVersion};
use probe::Node;

pub use called::{Kind, controls_called, controls_near, controls_titled, kind_of, targets, title};
pub use decision::{Decision, benchmark_of, decide};
pub use names::check_names_in_any;
pub use notices::{NO_COMPONENT, PROCESS_IGNORED, is_empty};
pub use record::recorded;
pub use request::{BenchmarkChoice, ProfileChoice, RequestError, RunRequest, TOLD};

/// Assays a node.
///
/// # Errors
///
/// Where the request names something that does not exist; nothing about the node is an error.
pub fn assay(node: &dyn Node, definitions: &Definitions, request: &RunRequest) -> Result<Report, RequestError> {
    assay_within(node, &Beside::default(), definitions, request)
}

/// A cluster whose objects were looked at.
pub struct SeenCluster<'c> {
    /// What is said of it in the report.
    pub about: model::Cluster,
    /// Who judges by its objects.
    pub policies: &'c dyn Policies,
    /// What the user should know of it.
    pub notices: Vec<model::Notice>,
}

/// What AWS says of a cluster.
pub struct SeenAws<'a> {
    /// Who judges by it.
    pub policies: &'a dyn Policies,
    /// What the user should know of it.
    pub notices: Vec<model::Notice>,
}

/// What was looked at beside a node.
#[derive(Default)]
pub struct Beside<'b> {
    /// Its cluster.
    pub cluster: Option<SeenCluster<'b>>,
    /// What AWS says of that.
    pub aws: Option<SeenAws<'b>>,
}

/// Assays a node and what was looked at beside it.
///
/// # Errors
///
/// Where the request names something that does not exist; nothing about the node or what is beside it is an error.
pub fn assay_within(
    node: &dyn Node,
    beside: &Beside<'_>,
    definitions: &Definitions,
    request: &RunRequest,
) -> Result<Report, RequestError> {
    let library = &definitions.library;
    let inventory = collect::take_inventory(node, library);
    let decision = decide(node, definitions, request, &inventory)?;
    let Decision { benchmark, profile, mut notices, .. } = decision;
    let targets: Vec<_> = decision.targets.iter().map(|target| target.target).collect();
    names::check_names(definitions, benchmark, request, &targets, &mut notices)?;
    notices.extend(notices::of_mistaken_skips(profile, benchmark, &targets));
    let choice = Choice {
        targets,
        checks: request.checks.clone(),
        groups: request.groups.clone(),
        skip: request.skip.clone(),
        level: request.level,
        without_scored: request.without_scored,
        without_unscored: request.without_unscored,
    };
    let platform = decision.platform.as_ref().map(|detected| detected.platform);
    let select = |choice: &Choice| Selection::of(library, benchmark, profile, platform, choice);
    let selection = select(&choice);
    if selection.is_empty() {
        // What would be left without these two says whether they are the reason.
        let with_all = Choice { level: None, without_scored: false, without_unscored: false, ..choice.clone() };
        notices.extend(notices::of_nothing_left(&choice, !select(&with_all).is_empty()));
    }
    let Beside { cluster, aws } = beside;
    match cluster {
        Some(cluster) => notices.extend(cluster.notices.iter().cloned()),
        None => notices.extend(notices::of_no_cluster(&selection, aws.is_some(), request)),
    }
    match aws {
        Some(aws) => notices.extend(aws.notices.iter().cloned()),
        None => notices.extend(notices::of_no_aws(&selection, cluster.is_some(), request)),
    }
    let controls: Vec<&Control> = selection.controls().collect();
    let version = decision.version.as_ref().map(|detected| detected.version);
    let version = version.or_else(|| version_of_node(node, request, &inventory));
    let observations = collect::observe(node, inventory, platform, version, &controls);
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
        cluster: cluster.as_ref().map(|cluster| cluster.about.clone()),
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
        // Only who runs the program knows better, as of the time below.
        sandbox: Sandbox::default(),
        notices,
        started: request.started.clone(),
        // Only who has a clock knows better.
        finished: request.started.clone(),
    };
    let judges =
        Judges { objects: cluster.as_ref().map(|cluster| cluster.policies), aws: aws.as_ref().map(|aws| aws.policies) };
    Ok(Report { schema: Schema, run, targets: evaluate::assess(&selection, &observations, judges) })
}

/// The version of a node whose benchmark was chosen without it: the one that it shows, else the one that the user gives.
fn version_of_node(node: &dyn Node, request: &RunRequest, inventory: &Inventory<'_>) -> Option<KubernetesVersion> {
    let given = match &request.benchmark {
        BenchmarkChoice::ForVersion(version) => Some(*version),
        BenchmarkChoice::Detected | BenchmarkChoice::Named(_) => None,
    };
    detect::version(node, inventory).map(|detected| detected.version).or(given)
}
