//! A complete run: takes a node, the definitions and a request, and returns a report.

mod called;
mod decision;
mod further;
mod names;
mod node_settings;
mod notices;
mod record;
mod request;

use model::{Host, Kubernetes, Report, Run, Sandbox, Schema, TargetNote};

use crate::collect;
use crate::collect::inventory::Inventory;
use crate::collect::observations::Observations;
use crate::detect::{self, DetectedTarget};
use crate::evaluate::{self, Judges, Policies};
use crate::select::{Choice, Selection};
use definitions::Definitions;
use definitions::SharedText;
use definitions::benchmark::{Benchmark, Control, KubernetesVersion, Target};
use definitions::profile::Profile;
use probe::Node;

pub use crate::collect::{Access, Authorization, PodSecurity};
pub use called::{Kind, controls_called, controls_near, controls_titled, kind_of, targets, title};
pub use decision::{Decision, benchmark_of, decide};
pub use further::Further;
pub use names::check_names_in_any;
pub use node_settings::{BesideNode, NodeSettings};
pub use notices::{NO_COMPONENT, PROCESS_IGNORED, is_empty};
pub use record::recorded;
pub use request::{BenchmarkChoice, ProfileChoice, RequestError, RunRequest, TOLD};

/// Checks a node.
///
/// # Errors
///
/// If the request names something that does not exist; nothing about the node is an error.
pub fn assay(node: &dyn Node, definitions: &Definitions, request: &RunRequest) -> Result<Report, RequestError> {
    assay_within(node, &Beside::default(), definitions, request)
}

/// A cluster whose objects were read.
pub struct SeenCluster<'c> {
    /// The report's description of it.
    pub about: model::Cluster,
    /// Judges controls by its objects and by what the node shows of the cluster.
    pub policies: &'c dyn BesideNode,
    /// Notices for the user.
    pub notices: Vec<model::Notice>,
}

/// The AWS evidence of a cluster.
pub struct SeenAws<'a> {
    /// Judges controls by this evidence.
    pub policies: &'a dyn Policies,
    /// Notices for the user.
    pub notices: Vec<model::Notice>,
}

/// The evidence read besides the node's own.
#[derive(Default)]
pub struct Beside<'b> {
    /// The node's cluster.
    pub cluster: Option<SeenCluster<'b>>,
    /// The AWS evidence of that cluster.
    pub aws: Option<SeenAws<'b>>,
}

/// Checks a node together with the evidence read besides it.
///
/// # Errors
///
/// If the request names something that does not exist; nothing about the node or the other evidence is an error.
pub fn assay_within(
    node: &dyn Node,
    beside: &Beside<'_>,
    definitions: &Definitions,
    request: &RunRequest,
) -> Result<Report, RequestError> {
    assay_with_remains(node, beside, definitions, request).map(|(report, _)| report)
}

/// What a report was made from. A program that is about to exit need not free it, which takes several per cent of a run.
#[derive(Debug)]
pub struct Remains<'d> {
    _selections: Vec<Selection<'d>>,
    _observations: Observations<'d>,
}

/// Like [`assay_within`], but leaves it to the caller when to free what the report was made from.
///
/// # Errors
///
/// The errors of [`assay_within`].
pub fn assay_with_remains<'d>(
    node: &dyn Node,
    beside: &Beside<'_>,
    definitions: &'d Definitions,
    request: &RunRequest,
) -> Result<(Report, Remains<'d>), RequestError> {
    let library = &definitions.library;
    let mut inventory = collect::take_inventory(node, library);
    inventory.administer(node, request.cluster_directory.as_deref())?;
    let about = beside.cluster.as_ref().map(|cluster| &cluster.about);
    let decision = decide(node, about, definitions, request, &inventory)?;
    let Decision { benchmark, profile, ref further, mut notices, .. } = decision;
    let first = (benchmark, targets_of(&decision.targets));
    let of_further = further.iter().map(|further| (further.benchmark, targets_of(&further.targets)));
    let all: Vec<(&Benchmark, Vec<Target>)> = [first].into_iter().chain(of_further).collect();
    names::check_names(definitions, &all, request, &mut notices)?;
    let platform = decision.platform.as_ref().map(|detected| detected.platform);
    let select = |choice: Choice, index: usize| {
        let benchmark = all[index].0;
        // A profile for one benchmark does not apply to the others.
        let is_meant = |profile: &&Profile| profile.benchmark.as_ref().is_none_or(|needed| *needed == benchmark.name);
        Selection::of(library, benchmark, profile.filter(is_meant), platform, &choice)
    };
    let choice = |targets: &[Target]| Choice {
        targets: targets.to_vec(),
        checks: request.checks.clone(),
        groups: request.groups.clone(),
        skip: request.skip.clone(),
        level: request.level,
        without_scored: request.without_scored,
        without_unscored: request.without_unscored,
    };
    let mut selections = Vec::new();
    for (index, (benchmark, targets)) in all.iter().enumerate() {
        notices.extend(notices::of_mistaken_skips(profile, benchmark, targets));
        selections.push(select(choice(targets), index));
    }
    if selections.iter().all(Selection::is_empty) {
        // Selecting without these filters shows whether they are the reason.
        let with_all = |targets: &[Target]| Choice {
            level: None,
            without_scored: false,
            without_unscored: false,
            ..choice(targets)
        };
        let left = |(index, (_, targets)): (usize, &(_, Vec<Target>))| !select(with_all(targets), index).is_empty();
        let is_by_score = all.iter().enumerate().any(left);
        notices.extend(notices::of_nothing_left(&choice(&[]), is_by_score));
    }
    let Beside { cluster, aws } = beside;
    match cluster {
        Some(cluster) => notices.extend(cluster.notices.iter().cloned()),
        None => notices.extend(notices::of_no_cluster(&selections, aws.is_some(), request)),
    }
    match aws {
        Some(aws) => notices.extend(aws.notices.iter().cloned()),
        None => notices.extend(notices::of_no_aws(&selections, cluster.is_some(), request)),
    }
    let controls: Vec<&Control> = selections.iter().flat_map(Selection::controls).collect();
    let version = decision.version.as_ref().map(|detected| detected.version);
    let version = version.or_else(|| version_of_node(node, request, &inventory));
    let pod_security = cluster.as_ref().map(|_| collect::pod_security(node, &inventory)).unwrap_or_default();
    let access = cluster.as_ref().map(|_| collect::access(node, &inventory)).unwrap_or_default();
    let observations = collect::observe(node, inventory, platform, version, &controls);
    let run = Run {
        tool: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: request.command.clone(),
        host: Host { name: decision.node, machine_id: request.machine_id.clone() },
        root: request.root.clone(),
        platform: decision.platform.map(|detected| model::Platform {
            name: detected.platform.name().to_owned(),
            title: detected.platform.title().to_owned(),
            evidence: detected.evidence,
        }),
        kubernetes: Kubernetes {
            version: decision.version.as_ref().map(|detected| detected.version.to_string()),
            evidence: decision.version_evidence,
        },
        cluster: cluster.as_ref().map(|cluster| cluster.about.clone()),
        benchmark: reported(benchmark, decision.benchmark_evidence),
        further: further.iter().map(|further| reported(further.benchmark, further.evidence.clone())).collect(),
        profile: profile.map(|profile| model::Profile {
            name: profile.name.to_string(),
            title: profile.title.to_string(),
            evidence: decision.profile_evidence,
        }),
        targets: notes(decision.targets, None)
            .chain(further.iter().flat_map(|further| notes(further.targets.clone(), Some(&further.benchmark.name))))
            .collect(),
        // Filled in by the caller, as is the time below.
        sandbox: Sandbox::default(),
        notices,
        started: request.started.clone(),
        // Filled in by the caller, which has a clock.
        finished: request.started.clone(),
    };
    let settings = NodeSettings::of(&run.host.name, pod_security, access, &observations);
    let policies = cluster.as_ref().map(|cluster| cluster.policies.beside(&settings));
    let judges = Judges { objects: policies.as_deref(), aws: aws.as_ref().map(|aws| aws.policies) };
    let mut targets = Vec::new();
    let names = [None].into_iter().chain(further.iter().map(|further| Some(&further.benchmark.name)));
    for (selection, benchmark) in selections.iter().zip(names) {
        let benchmark = || benchmark.map(SharedText::to_string);
        let assessed = evaluate::assess(selection, &observations, judges).into_iter();
        targets.extend(assessed.map(|target| model::Target { benchmark: benchmark(), ..target }));
    }
    let report = Report { schema: Schema, run, targets };
    Ok((report, Remains { _selections: selections, _observations: observations }))
}

fn targets_of(detected: &[DetectedTarget]) -> Vec<Target> {
    detected.iter().map(|target| target.target).collect()
}

/// Converts a benchmark to its form in reports.
fn reported(benchmark: &Benchmark, evidence: String) -> model::Benchmark {
    model::Benchmark {
        name: benchmark.name.to_string(),
        title: benchmark.title.to_string(),
        digest: benchmark.digest.to_string(),
        evidence,
    }
}

/// Returns why each target is run; `benchmark` is set for further benchmarks only.
fn notes(targets: Vec<DetectedTarget>, benchmark: Option<&SharedText>) -> impl Iterator<Item = TargetNote> {
    targets.into_iter().map(move |DetectedTarget { target, evidence }| TargetNote {
        name: target.name().to_owned(),
        benchmark: benchmark.map(SharedText::to_string),
        evidence,
    })
}

/// Returns the version of a node whose benchmark was chosen without it: the detected version, or else the one the user
/// gave.
fn version_of_node(node: &dyn Node, request: &RunRequest, inventory: &Inventory<'_>) -> Option<KubernetesVersion> {
    let given = match &request.benchmark {
        BenchmarkChoice::ForVersion(version) => Some(*version),
        BenchmarkChoice::Detected | BenchmarkChoice::Named(_) => None,
    };
    detect::version(node, inventory).map(|detected| detected.version).or(given)
}
