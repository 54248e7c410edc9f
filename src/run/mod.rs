//! The whole job: a node, the definitions and a request in; a report out.

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
use crate::detect::{self, DetectedTarget};
use crate::evaluate::{self, Judges, Policies};
use crate::select::{Choice, Selection};
use definitions::Definitions;
use definitions::benchmark::{Benchmark, Control, KubernetesVersion, Target};
use definitions::profile::Profile;
use probe::Node;

pub use crate::collect::PodSecurity;
pub use called::{Kind, controls_called, controls_near, controls_titled, kind_of, targets, title};
pub use decision::{Decision, benchmark_of, decide};
pub use further::Further;
pub use names::check_names_in_any;
pub use node_settings::{BesideNode, NodeSettings};
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
    /// Who judges by its objects, and by what the node shows of it.
    pub policies: &'c dyn BesideNode,
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
    let mut inventory = collect::take_inventory(node, library);
    inventory.administer(request.cluster_directory.as_deref());
    let decision = decide(node, definitions, request, &inventory)?;
    let Decision { benchmark, profile, ref further, mut notices, .. } = decision;
    let first = (benchmark, targets_of(&decision.targets));
    let of_further = further.iter().map(|further| (further.benchmark, targets_of(&further.targets)));
    let all: Vec<(&Benchmark, Vec<Target>)> = [first].into_iter().chain(of_further).collect();
    names::check_names(definitions, &all, request, &mut notices)?;
    let platform = decision.platform.as_ref().map(|detected| detected.platform);
    let select = |choice: Choice, index: usize| {
        let benchmark = all[index].0;
        // A profile that goes with one benchmark says nothing of the others.
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
        // What would be left without these two says whether they are the reason.
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
            name: profile.name.clone(),
            title: profile.title.clone(),
            evidence: decision.profile_evidence,
        }),
        targets: notes(decision.targets, None)
            .chain(further.iter().flat_map(|further| notes(further.targets.clone(), Some(&further.benchmark.name))))
            .collect(),
        // Only who runs the program knows better, as of the time below.
        sandbox: Sandbox::default(),
        notices,
        started: request.started.clone(),
        // Only who has a clock knows better.
        finished: request.started.clone(),
    };
    let settings = NodeSettings::of(&run.host.name, pod_security, &observations);
    let policies = cluster.as_ref().map(|cluster| cluster.policies.beside(&settings));
    let judges = Judges { objects: policies.as_deref(), aws: aws.as_ref().map(|aws| aws.policies) };
    let mut targets = Vec::new();
    let names = [None].into_iter().chain(further.iter().map(|further| Some(&further.benchmark.name)));
    for (selection, benchmark) in selections.iter().zip(names) {
        let assessed = evaluate::assess(selection, &observations, judges);
        targets.extend(assessed.into_iter().map(|target| model::Target { benchmark: benchmark.cloned(), ..target }));
    }
    Ok(Report { schema: Schema, run, targets })
}

fn targets_of(detected: &[DetectedTarget]) -> Vec<Target> {
    detected.iter().map(|target| target.target).collect()
}

/// A benchmark as reports name it.
fn reported(benchmark: &Benchmark, evidence: String) -> model::Benchmark {
    model::Benchmark {
        name: benchmark.name.clone(),
        title: benchmark.title.clone(),
        digest: benchmark.digest.clone(),
        evidence,
    }
}

/// Why targets are run; `benchmark` is that of a further one.
fn notes(targets: Vec<DetectedTarget>, benchmark: Option<&String>) -> impl Iterator<Item = TargetNote> {
    targets.into_iter().map(move |DetectedTarget { target, evidence }| TargetNote {
        name: target.name().to_owned(),
        benchmark: benchmark.cloned(),
        evidence,
    })
}

/// The version of a node whose benchmark was chosen without it: the one that it shows, else the one that the user gives.
fn version_of_node(node: &dyn Node, request: &RunRequest, inventory: &Inventory<'_>) -> Option<KubernetesVersion> {
    let given = match &request.benchmark {
        BenchmarkChoice::ForVersion(version) => Some(*version),
        BenchmarkChoice::Detected | BenchmarkChoice::Named(_) => None,
    };
    detect::version(node, inventory).map(|detected| detected.version).or(given)
}
