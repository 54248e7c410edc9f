//! The decisions made before any check runs: what the node is, and which definitions apply to it. A request overrules
//! detection, never the evidence.

use std::cell::OnceCell;

use crate::collect::inventory::{Inventory, Presence};
use crate::detect::{
    self, AskedKubelets, DetectedPlatform, DetectedTarget, DetectedVersion, Fit, FitReason, ProfileForNode,
};
use definitions::Definitions;
use definitions::benchmark::{Benchmark, Coverage, KubernetesVersion, Library, Platform};
use definitions::profile::Profile;
use model::{Cluster, Notice};
use probe::Node;

use super::called::Kind;
use super::further::{self, Further, Where};
use super::notices::of_inventory;
use super::request::{BenchmarkChoice, ProfileChoice, RequestError, RunRequest};

/// What a node is, what runs on it, and why.
#[derive(Debug, Clone)]
pub struct Decision<'d> {
    /// The node's name.
    pub node: String,
    /// How it was provisioned; none if no component of Kubernetes or etcd was found.
    pub platform: Option<DetectedPlatform>,
    /// Its Kubernetes version, if the node shows one and the user did not choose the benchmark.
    pub version: Option<DetectedVersion>,
    /// The evidence for the version, or that the user gave it.
    pub version_evidence: String,
    /// The targets to run, in this order.
    pub targets: Vec<DetectedTarget>,
    /// The run's first benchmark.
    pub benchmark: &'d Benchmark,
    /// Why this benchmark.
    pub benchmark_evidence: String,
    /// The profile in effect.
    pub profile: Option<&'d Profile>,
    /// Why this profile, or why none.
    pub profile_evidence: String,
    /// Further benchmarks of the run.
    pub further: Vec<Further<'d>>,
    /// Notices for the user.
    pub notices: Vec<Notice>,
}

/// Decides what a run does, from its node and, if it was read, its cluster.
///
/// # Errors
///
/// If the request names something that does not exist, or combines things that exclude each other.
pub fn decide<'d>(
    node: &dyn Node,
    cluster: Option<&Cluster>,
    definitions: &'d Definitions,
    request: &RunRequest,
    inventory: &Inventory<'_>,
) -> Result<Decision<'d>, RequestError> {
    let library = &definitions.library;
    // Kubelets are queried only if nothing else shows the version.
    let found = OnceCell::new();
    let find = || {
        found.get_or_init(|| match detect::version(node, inventory) {
            Some(version) => AskedKubelets { version: Some(version), ..AskedKubelets::default() },
            None => detect::ask_kubelets(node, inventory),
        })
    };
    let find_version = || &find().version;
    let detected = detect::platform(node, inventory).map(|detected| match detected.platform {
        Platform::Kubeadm => match find_version() {
            Some(version) => detect::with_version(detected, version),
            None => detected,
        },
        _ => detected,
    });
    let platform = detected.as_ref().map(|detected| detected.platform);
    let mut notices: Vec<Notice> = detected.as_ref().and_then(disagreement).into_iter().collect();
    let (profile, profile_evidence) = profile(definitions, request, detected.as_ref(), inventory, &mut notices)?;
    let find = || find().clone();
    let Chosen { benchmark, version, version_evidence, benchmark_evidence } =
        choose(definitions, profile, platform, request, &find, &mut notices)?;
    // A platform's own edition is used whatever the version.
    let has_own_edition = platform.is_some_and(|platform| library.benchmark_on(platform).is_some());
    if let Some(version) = version.as_ref().filter(|_| !has_own_edition) {
        notices.extend(of_versions(version, &detect::other_versions(node, inventory, version.version)));
    }
    let further = further::named(definitions, benchmark, request)?;
    let all: Vec<&Benchmark> = [&[benchmark], &further[..]].concat();
    if let Some(targets) = &request.targets {
        further::refuse_unknown_targets(definitions, &all, targets)?;
    }
    let targets = |benchmark| match &request.targets {
        Some(targets) if request.is_about_cluster_alone => {
            further::given_targets(benchmark, targets, "about the cluster")
        }
        Some(targets) => further::given_targets(benchmark, targets, "given with --targets"),
        None => detect::targets(inventory, platform, benchmark),
    };
    if request.targets.is_none() {
        notices.extend(of_kubelet_without_cluster(platform, inventory));
    }
    notices.extend(further::suggestions(library, &Where { platform, cluster }, &all, request));
    notices.extend(further::of_directory(&all, request));
    let evidence = format!("given with {}", request.benchmark_variable.unwrap_or("--benchmark"));
    let further = further.into_iter().map(|benchmark| Further {
        benchmark,
        evidence: evidence.clone(),
        targets: targets(benchmark),
    });
    let (targets, further) = (targets(benchmark), further.collect());
    notices.extend(of_inventory(inventory));
    let refusals = found.get().into_iter().flat_map(|asked| &asked.refusals);
    notices.extend(refusals.map(|why| Notice { code: "kubelet-not-asked".into(), text: why.to_string() }));
    Ok(Decision {
        node: request.node_name.clone().unwrap_or_else(|| inventory.host_name.clone()),
        platform: detected,
        version,
        version_evidence,
        targets,
        benchmark,
        benchmark_evidence,
        profile,
        profile_evidence,
        further,
        notices,
    })
}

fn profile<'d>(
    definitions: &'d Definitions,
    request: &RunRequest,
    detected: Option<&DetectedPlatform>,
    inventory: &Inventory<'_>,
    notices: &mut Vec<Notice>,
) -> Result<(Option<&'d Profile>, String), RequestError> {
    match &request.profile {
        ProfileChoice::None => {
            let by =
                request.profile_variable.map_or("--profile none".to_owned(), |variable| format!("{variable}=none"));
            Ok((None, format!("disabled with {by}")))
        }
        ProfileChoice::Named(name) => {
            let profile = definitions.profile(name).ok_or_else(|| {
                let known = definitions.profiles.iter().map(|profile| profile.name.as_str());
                RequestError::unknown(Kind::Profile, name, None, known, definitions).given_by(request.profile_variable)
            })?;
            notices.extend(detected.and_then(|detected| for_another_platform(profile, detected)));
            Ok((Some(profile), format!("given with {}", request.profile_variable.unwrap_or("--profile"))))
        }
        ProfileChoice::Detected => {
            let wanted = detected.and_then(|detected| {
                let ProfileForNode { name, because } = detect::profile(detected.platform, inventory)?;
                Some((detected, definitions.profile(name)?, because))
            });
            let Some((detected, profile, because)) = wanted else {
                return Ok((None, "this platform has none".to_owned()));
            };
            let platform = detected.platform;
            if let Some(doubt) = detected.doubt() {
                notices.push(Notice {
                    code: "profile-suggested".into(),
                    text: format!(
                        "profile {0}: suggested, not enabled: {1} detected, but {doubt} (pass --profile {0} to enable \
                         it)",
                        profile.name,
                        platform.title()
                    ),
                });
                return Ok((None, format!("{} is suggested, not enabled: {doubt}", profile.name)));
            }
            let evidence = format!("{}: {because}", platform.title());
            notices.push(Notice {
                code: "profile-detected".into(),
                text: format!(
                    "profile {}: enabled automatically: {} detected: {because} (--profile none disables it)",
                    profile.name,
                    platform.title()
                ),
            });
            Ok((Some(profile), evidence))
        }
    }
}

/// Returns the notice of evidence against the chosen platform.
fn disagreement(detected: &DetectedPlatform) -> Option<Notice> {
    let DetectedPlatform { platform, evidence, contrary, .. } = detected;
    (!contrary.is_empty()).then(|| Notice {
        code: "platform-evidence-disagrees".into(),
        text: format!(
            "platform: the evidence disagrees: {}, but {} (treated as {platform})",
            evidence.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(" and "),
            contrary.join("; ")
        ),
    })
}

fn for_another_platform(profile: &Profile, detected: &DetectedPlatform) -> Option<Notice> {
    let DetectedPlatform { platform, evidence, .. } = detected;
    if profile.platforms.is_empty() || profile.platforms.contains(platform) {
        return None;
    }
    let written_for: Vec<&str> = profile.platforms.iter().map(|platform| platform.name()).collect();
    Some(Notice {
        code: "profile-other-platform".into(),
        text: format!(
            "profile {}: written for {}, but this node is {platform} ({}); its skips apply anyway (--profile none \
             disables them)",
            profile.name,
            written_for.join(" and "),
            evidence.first().map_or("", String::as_str)
        ),
    })
}

/// A benchmark, and why it was chosen.
struct Chosen<'d> {
    benchmark: &'d Benchmark,
    version: Option<DetectedVersion>,
    version_evidence: String,
    benchmark_evidence: String,
}

fn choose<'d>(
    definitions: &'d Definitions,
    profile: Option<&Profile>,
    platform: Option<Platform>,
    request: &RunRequest,
    find: &dyn Fn() -> AskedKubelets,
    notices: &mut Vec<Notice>,
) -> Result<Chosen<'d>, RequestError> {
    let without_version = |benchmark, evidence: &str| Chosen {
        benchmark,
        version: None,
        version_evidence: evidence.to_owned(),
        benchmark_evidence: evidence.to_owned(),
    };
    let library = &definitions.library;
    let needed = profile.and_then(|profile| profile.benchmark.as_deref());
    let variable = request.benchmark_variable;
    let chosen = match (&request.benchmark, needed) {
        (BenchmarkChoice::Named(name), _) => {
            let benchmark = named(definitions, name).map_err(|error| error.given_by(variable))?;
            without_version(benchmark, &format!("given with {}", variable.unwrap_or("--benchmark")))
        }
        (BenchmarkChoice::ForVersion(version), _) => {
            let evidence = format!("Kubernetes {version}, given with {}", variable.unwrap_or("--version"));
            without_version(for_version(library, *version, notices)?, &evidence)
        }
        (BenchmarkChoice::Detected, Some(name)) => {
            without_version(named(definitions, name)?, "the only one that the profile supports")
        }
        (BenchmarkChoice::Detected, None)
            if let Some((benchmark, evidence)) = further::by_targets(library, request) =>
        {
            without_version(benchmark, &evidence)
        }
        (BenchmarkChoice::Detected, None) => by_detection(library, platform, find(), notices)?,
    };
    if let (Some(needed), Some(profile)) = (needed, profile)
        && chosen.benchmark.name != needed
    {
        return Err(RequestError::OtherBenchmark {
            profile: profile.name.to_string(),
            needed: needed.to_owned(),
            chosen: chosen.benchmark.name.to_string(),
            instead: match variable {
                Some(variable) => format!("unset {variable}"),
                None => "leave out --benchmark and --version".to_owned(),
            },
        }
        .given_by(request.profile_variable));
    }
    Ok(chosen)
}

/// Returns the benchmark that is chosen independently of the node; none if the choice depends on the node.
///
/// # Errors
///
/// If there is no benchmark of this name, or there are no benchmarks.
pub fn benchmark_of<'d>(
    definitions: &'d Definitions,
    choice: &BenchmarkChoice,
    notices: &mut Vec<Notice>,
) -> Result<Option<&'d Benchmark>, RequestError> {
    match choice {
        BenchmarkChoice::Detected => Ok(None),
        BenchmarkChoice::Named(name) => named(definitions, name).map(Some),
        BenchmarkChoice::ForVersion(version) => for_version(&definitions.library, *version, notices).map(Some),
    }
}

pub(super) fn named<'d>(definitions: &'d Definitions, name: &str) -> Result<&'d Benchmark, RequestError> {
    let library = &definitions.library;
    library.benchmark(name).ok_or_else(|| {
        let known = library.oldest_first().into_iter().map(|benchmark| benchmark.name.as_str());
        RequestError::unknown(Kind::Benchmark, name, None, known, definitions)
    })
}

const HOW_TO_CHOOSE: &str = "give --version 1.N or --benchmark NAME to choose";

fn by_detection<'d>(
    library: &'d Library,
    platform: Option<Platform>,
    asked: AskedKubelets,
    notices: &mut Vec<Notice>,
) -> Result<Chosen<'d>, RequestError> {
    let AskedKubelets { version, lacks_leave, .. } = asked;
    let fit = detect::benchmark(library, platform, version.as_ref().map(|detected| detected.version));
    let Fit { benchmark, reason } = fit.ok_or(RequestError::NoBenchmarks)?;
    let version_evidence = match &version {
        Some(detected) => detected.evidence.clone(),
        None => "the node does not show it".to_owned(),
    };
    let (version_evidence, benchmark_evidence) = match reason {
        FitReason::Platform(platform) => (version_evidence, format!("the newest edition for {}", platform.title())),
        FitReason::Version(version, coverage) => {
            notices.extend(version_notice(benchmark, version, coverage));
            (version_evidence, format!("for Kubernetes {version}"))
        }
        FitReason::Newest => {
            let ask = if lacks_leave { ", or --allow-exec to ask the kubelet" } else { "" };
            notices.push(Notice {
                code: "version-unknown".into(),
                text: format!(
                    "Kubernetes version: the node does not show it, so the newest benchmark, {}, is used \
                     ({HOW_TO_CHOOSE}{ask})",
                    benchmark.name
                ),
            });
            (version_evidence, "the newest, since the node does not show its version".to_owned())
        }
    };
    Ok(Chosen { benchmark, version, version_evidence, benchmark_evidence })
}

fn for_version<'d>(
    library: &'d Library,
    version: KubernetesVersion,
    notices: &mut Vec<Notice>,
) -> Result<&'d Benchmark, RequestError> {
    let (benchmark, coverage) = library.benchmark_for(version).ok_or(RequestError::NoBenchmarks)?;
    notices.extend(version_notice(benchmark, version, coverage));
    Ok(benchmark)
}

/// Returns the notice that other evidence shows a version different from the one used.
fn of_versions(version: &DetectedVersion, others: &[DetectedVersion]) -> Option<Notice> {
    let others: Vec<String> = others.iter().map(|other| format!("{} by {}", other.version, other.evidence)).collect();
    (!others.is_empty()).then(|| Notice {
        code: "version-evidence-disagrees".into(),
        text: format!(
            "Kubernetes version: the evidence disagrees: {0} by {1}, but {2} ({0} is used; {HOW_TO_CHOOSE})",
            version.version,
            version.evidence,
            others.join("; ")
        ),
    })
}

/// Returns the notice for a version that no benchmark covers.
fn version_notice(benchmark: &Benchmark, version: KubernetesVersion, coverage: Coverage) -> Option<Notice> {
    let name = &benchmark.name;
    let (code, said) = match coverage {
        Coverage::Exact => return None,
        Coverage::Newer => ("version-in-gap", format!("no benchmark covers it; {name} is the next newer one")),
        Coverage::NewestKnown => ("version-newer", format!("newer than every benchmark here; {name} is the newest")),
        Coverage::Older => ("version-older", format!("older than every benchmark here; {name} is the oldest")),
    };
    Some(Notice { code: code.into(), text: format!("Kubernetes {version}: {said} ({HOW_TO_CHOOSE})") })
}

/// Returns the notice that a kubelet runs on a machine that belongs to no cluster.
fn of_kubelet_without_cluster(platform: Option<Platform>, inventory: &Inventory<'_>) -> Option<Notice> {
    let runs = matches!(inventory.presence.get("kubelet"), Some(Presence::Running));
    (platform == Some(Platform::ExternalEtcd) && runs).then(|| Notice {
        code: "kubelet-without-cluster".into(),
        text: "kubelet: runs on an etcd machine and belongs to no cluster, so the node target is not checked (give \
               --targets etcd,node to include it)"
            .to_owned(),
    })
}
