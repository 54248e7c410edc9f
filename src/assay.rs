//! The whole job: a node, the definitions and an order in; findings out.

use std::collections::BTreeSet;

use crate::benchmark::{Benchmark, Control, Coverage, KubernetesVersion, Library, Target};
use crate::definitions::Definitions;
use crate::evaluate;
use crate::finding::{Assay, Notice, ProfileNote};
use crate::plan::census::{self, Census, Presence};
use crate::plan::detection::{self, DetectedVersion};
use crate::plan::selection::{Choice, Selection};
use crate::plan::survey::Survey;
use crate::probe::Node;
use crate::profile::{Mistaken, Profile};

/// What a user wants of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// How the benchmark is chosen.
    pub benchmark: BenchmarkChoice,
    /// The profile's name; none for none.
    pub profile: Option<String>,
    /// The targets; none for those that apply to the node.
    pub targets: Option<Vec<Target>>,
    /// Only these checks, by number or control; all where it is empty.
    pub checks: BTreeSet<String>,
    /// Only these groups; all where it is empty.
    pub groups: BTreeSet<String>,
    /// Checks, groups and controls to skip.
    pub skip: BTreeSet<String>,
    /// Leave out scored checks.
    pub without_scored: bool,
    /// Leave out checks that are not scored.
    pub without_unscored: bool,
    /// The node's name, where the user gives it; else its own.
    pub node_name: Option<String>,
    /// Where the node's file system is seen from, for the report.
    pub root: String,
    /// When the run began (RFC 3339, UTC).
    pub started: String,
}

/// How the benchmark is chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BenchmarkChoice {
    /// By the version that the node shows.
    #[default]
    Detected,
    /// By name.
    Named(String),
    /// By a Kubernetes version that the user gives.
    ForVersion(KubernetesVersion),
}

/// An order that cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// A name that nothing bears.
    #[error("{kind} {name:?}: {}{}", unknown(.within.as_deref()), suggestion(kind, .known, .name))]
    Unknown {
        /// What it should be: `benchmark`, `check`.
        kind: &'static str,
        /// The name.
        name: String,
        /// The benchmark that lacks it, where others may have it.
        within: Option<String>,
        /// What there is.
        known: Vec<String>,
    },
    /// Several mistakes, a line each.
    #[error("{}", lines(.0))]
    Several(Vec<OrderError>),
    /// A profile that goes with another benchmark.
    #[error("profile {profile:?}: goes with {needed} only, not with {chosen} (leave out --benchmark and --version)")]
    OtherBenchmark {
        /// The profile.
        profile: String,
        /// The benchmark that it goes with.
        needed: String,
        /// The one that was chosen.
        chosen: String,
    },
    /// There are no benchmarks at all.
    #[error("benchmarks: none are known (correct --benchmarks-dir)")]
    NoBenchmarks,
}

fn unknown(within: Option<&str>) -> String {
    within.map_or_else(|| "not known".to_owned(), |benchmark| format!("not in {benchmark}"))
}

fn lines(errors: &[OrderError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// ` (did you mean "x"?)`, or what there is where that is short, or where to find it.
fn suggestion(kind: &str, known: &[String], name: &str) -> String {
    const LISTED: usize = 12;
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(candidate, name), candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    let nearest = nearest.map(|(_, nearest)| format!("did you mean {nearest:?}?"));
    let all = match known.len() {
        0 => None,
        1..=LISTED => Some(format!("there are {}", known.join(", "))),
        _ if kind == BENCHMARK => Some(format!("there are {}", known.join(", "))),
        _ if nearest.is_some() => None,
        _ if kind == GROUP => Some(format!("there are {}", known.join(", "))),
        _ => Some("kube-assay list controls shows what there is".to_owned()),
    };
    match (nearest, all) {
        (None, None) => String::new(),
        (Some(said), None) | (None, Some(said)) => format!(" ({said})"),
        (Some(nearest), Some(all)) => format!(" ({nearest} {all})"),
    }
}

pub(crate) const BENCHMARK: &str = "benchmark";
const GROUP: &str = "group";

/// Assays a node.
///
/// `ask_elsewhere` is called where the node itself does not show its Kubernetes version; it may run `kubelet --version`.
///
/// # Errors
///
/// Where the order names something that does not exist; nothing about the node is an error.
pub fn assay(
    node: &dyn Node,
    definitions: &Definitions,
    order: &Order,
    ask_elsewhere: &dyn Fn(&Census<'_>) -> Option<DetectedVersion>,
) -> Result<Assay, OrderError> {
    let library = &definitions.library;
    let profile = order.profile.as_ref().map(|name| find_profile(definitions, name)).transpose()?;
    let mut notices = Vec::new();
    let census = census::take(node, library);
    let chosen = choose(node, library, profile, order, &census, ask_elsewhere, &mut notices)?;
    let benchmark = chosen.benchmark;
    let detected_targets = detection::targets(&census);
    let targets = targets(benchmark, order, &detected_targets, &mut notices)?;
    check_names(benchmark, order, &targets, &mut notices)?;
    notices.extend(census_notices(&census));
    notices.extend(profile_notice(profile, benchmark, &targets));
    let choice = Choice {
        targets,
        checks: order.checks.clone(),
        groups: order.groups.clone(),
        skip: order.skip.clone(),
        without_scored: order.without_scored,
        without_unscored: order.without_unscored,
    };
    let selection = Selection::of(library, benchmark, profile, &choice);
    let node_name = order.node_name.clone().unwrap_or_else(|| census.host_name.clone());
    let controls: Vec<&Control> = selection.controls().collect();
    let survey = Survey::make(node, census, &controls);
    Ok(Assay {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        node: node_name,
        root: order.root.clone(),
        benchmark: benchmark.name.clone(),
        benchmark_title: benchmark.title.clone(),
        benchmark_digest: benchmark.digest.clone(),
        detected_version: chosen.detected.as_ref().map(|detected| detected.version.to_string()),
        version_evidence: chosen.evidence,
        profile: profile.map(|profile| ProfileNote { name: profile.name.clone(), title: profile.title.clone() }),
        started: order.started.clone(),
        notices,
        targets: evaluate::assess(&selection, &survey),
    })
}

fn find_profile<'a>(definitions: &'a Definitions, name: &str) -> Result<&'a Profile, OrderError> {
    definitions.profiles.iter().find(|profile| profile.name == name).ok_or_else(|| OrderError::Unknown {
        kind: "profile",
        name: name.to_owned(),
        within: None,
        known: definitions.profiles.iter().map(|profile| profile.name.clone()).collect(),
    })
}

/// A benchmark, and why it.
struct Chosen<'a> {
    benchmark: &'a Benchmark,
    detected: Option<DetectedVersion>,
    evidence: String,
}

fn choose<'a>(
    node: &dyn Node,
    library: &'a Library,
    profile: Option<&Profile>,
    order: &Order,
    census: &Census<'_>,
    ask_elsewhere: &dyn Fn(&Census<'_>) -> Option<DetectedVersion>,
    notices: &mut Vec<Notice>,
) -> Result<Chosen<'a>, OrderError> {
    let named = |name: &str| {
        library.benchmarks.get(name).ok_or_else(|| OrderError::Unknown {
            kind: BENCHMARK,
            name: name.to_owned(),
            within: None,
            known: library.oldest_first().into_iter().map(|benchmark| benchmark.name.clone()).collect(),
        })
    };
    let needed = profile.and_then(|profile| profile.benchmark.as_deref());
    let chosen = match (&order.benchmark, needed) {
        (BenchmarkChoice::Named(name), _) => {
            Chosen { benchmark: named(name)?, detected: None, evidence: "given with --benchmark".to_owned() }
        }
        (BenchmarkChoice::ForVersion(version), _) => Chosen {
            benchmark: for_version(library, *version, notices)?,
            detected: None,
            evidence: format!("Kubernetes {version}, given with --version"),
        },
        (BenchmarkChoice::Detected, Some(name)) => Chosen {
            benchmark: named(name)?,
            detected: None,
            evidence: "the only one that the profile goes with".to_owned(),
        },
        (BenchmarkChoice::Detected, None) => match detection::version(node, census).or_else(|| ask_elsewhere(census)) {
            Some(detected) => Chosen {
                benchmark: for_version(library, detected.version, notices)?,
                evidence: detected.evidence.clone(),
                detected: Some(detected),
            },
            None => unknown_version(library, notices)?,
        },
    };
    if let (Some(needed), Some(profile)) = (needed, profile)
        && chosen.benchmark.name != needed
    {
        return Err(OrderError::OtherBenchmark {
            profile: profile.name.clone(),
            needed: needed.to_owned(),
            chosen: chosen.benchmark.name.clone(),
        });
    }
    Ok(chosen)
}

const HOW_TO_CHOOSE: &str = "give --version 1.N or --benchmark NAME to choose";

fn unknown_version<'a>(library: &'a Library, notices: &mut Vec<Notice>) -> Result<Chosen<'a>, OrderError> {
    let newest = KubernetesVersion { major: u16::MAX, minor: u16::MAX };
    let (benchmark, _) = library.benchmark_for(newest).ok_or(OrderError::NoBenchmarks)?;
    notices.push(Notice {
        code: "version-unknown",
        text: format!(
            "Kubernetes version: nothing on the node tells it, so the newest benchmark, {}, is used ({HOW_TO_CHOOSE}, or \
             --allow-exec to ask the kubelet)",
            benchmark.name
        ),
    });
    Ok(Chosen {
        benchmark,
        detected: None,
        evidence: "the newest, since the node does not show its version".to_owned(),
    })
}

fn for_version<'a>(
    library: &'a Library,
    version: KubernetesVersion,
    notices: &mut Vec<Notice>,
) -> Result<&'a Benchmark, OrderError> {
    let (benchmark, coverage) = library.benchmark_for(version).ok_or(OrderError::NoBenchmarks)?;
    let name = &benchmark.name;
    let said = match coverage {
        Coverage::Exact => None,
        Coverage::Newer => {
            Some(("version-in-gap", format!("no benchmark here is for it; {name} is the next newer one")))
        }
        Coverage::NewestKnown => {
            Some(("version-newer", format!("newer than every benchmark here; {name} is the newest")))
        }
        Coverage::Older => Some(("version-older", format!("older than every benchmark here; {name} is the oldest"))),
    };
    if let Some((code, said)) = said {
        notices.push(Notice { code, text: format!("Kubernetes {version}: {said} ({HOW_TO_CHOOSE})") });
    }
    Ok(benchmark)
}

fn targets(
    benchmark: &Benchmark,
    order: &Order,
    detected: &[Target],
    notices: &mut Vec<Notice>,
) -> Result<Vec<Target>, OrderError> {
    let has = |target: &Target| benchmark.targets.iter().any(|index| index.target == *target);
    if let Some(targets) = &order.targets {
        if let Some(lacking) = targets.iter().find(|target| !has(target)) {
            return Err(OrderError::Unknown {
                kind: "target",
                name: lacking.to_string(),
                within: Some(benchmark.name.clone()),
                known: benchmark.targets.iter().map(|index| index.target.to_string()).collect(),
            });
        }
        let mut named: Vec<Target> = Vec::new();
        for target in targets {
            if !named.contains(target) {
                named.push(*target);
            }
        }
        return Ok(named);
    }
    let targets: Vec<Target> = detected.iter().copied().filter(has).collect();
    if !detected.iter().any(|target| matches!(target, Target::Master | Target::Node | Target::Etcd)) {
        notices.push(Notice {
            code: "no-component",
            text: "node: no kubelet, kube-proxy, etcd or control-plane component was found, neither running nor \
                   installed (run it in the node's PID namespace, mount the node's / and give --root, or choose \
                   --targets)"
                .to_owned(),
        });
    }
    Ok(targets)
}

/// Refuses numbers that the benchmark lacks, and tells of those that lie in a target that is not run.
fn check_names(
    benchmark: &Benchmark,
    order: &Order,
    targets: &[Target],
    notices: &mut Vec<Notice>,
) -> Result<(), OrderError> {
    let mut checks = BTreeSet::new();
    let mut groups = BTreeSet::new();
    let mut run = BTreeSet::new();
    for index in &benchmark.targets {
        for group in &index.groups {
            groups.insert(group.id.clone());
            for check in &group.checks {
                checks.extend([check.id.clone(), check.control.clone()]);
                if targets.contains(&index.target) {
                    run.extend([check.id.clone(), check.control.clone(), group.id.clone()]);
                }
            }
        }
    }
    let either: BTreeSet<String> = checks.union(&groups).cloned().collect();
    let mut mistakes = Vec::new();
    for (kind, names, known) in
        [("check", &order.checks, &checks), (GROUP, &order.groups, &groups), ("check or group", &order.skip, &either)]
    {
        mistakes.extend(names.difference(known).map(|name| OrderError::Unknown {
            kind,
            name: name.clone(),
            within: Some(benchmark.name.clone()),
            known: known.iter().cloned().collect(),
        }));
    }
    match mistakes.pop() {
        None => {}
        Some(only) if mistakes.is_empty() => return Err(only),
        Some(last) => {
            mistakes.push(last);
            return Err(OrderError::Several(mistakes));
        }
    }
    for name in order.checks.union(&order.groups).filter(|name| !run.contains(*name)) {
        notices.push(Notice {
            code: "target-not-run",
            text: format!("{name}: belongs to a target that is not run here (give --targets)"),
        });
    }
    Ok(())
}

fn census_notices(census: &Census<'_>) -> Vec<Notice> {
    let mut notices: Vec<Notice> = census
        .ignored
        .iter()
        .map(|ignored| Notice {
            code: "process-ignored",
            text: format!("process {}: bears the name of {}, but {}", ignored.pid, ignored.name, ignored.reason),
        })
        .collect();
    // What cannot be listed hides every component that left no file behind.
    let hidden = census.presence.values().find_map(|presence| match presence {
        Presence::Unknown(why) => Some(why),
        Presence::Running | Presence::Installed(_) | Presence::Absent => None,
    });
    if let Some(why) = hidden {
        notices.push(Notice { code: "processes-unknown", text: format!("{why}; which components run is not known") });
    }
    if let Some(why) = &census.degraded {
        notices.push(Notice {
            code: "executables-unreadable",
            text: format!("{why}; processes are told by their names alone"),
        });
    }
    notices
}

/// Numbers that a profile skips though they mean something else in this benchmark, of the targets that are run.
fn profile_notice(profile: Option<&Profile>, benchmark: &Benchmark, targets: &[Target]) -> Option<Notice> {
    let profile = profile?;
    let mistaken = profile.mistaken(benchmark);
    let skipped: Vec<String> = mistaken
        .iter()
        .filter(|mistake| targets.contains(&mistake.skip.target))
        .map(|Mistaken { skip, check }| format!("{} is {} and not {}", skip.id, check.control, skip.meant))
        .collect();
    (!skipped.is_empty()).then(|| Notice {
        code: "skipped-by-mistake",
        text: format!(
            "profile {}: {} checks are skipped by mistake, because their numbers mean something else in {}: {} (give a \
             profile that skips by control, such as eks-anywhere, to have them checked)",
            profile.name,
            skipped.len(),
            benchmark.name,
            skipped.join(", ")
        ),
    })
}
