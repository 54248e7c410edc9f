//! What a user may want of a run, and what is wrong with it.

use std::collections::BTreeSet;

use definitions::benchmark::{KubernetesVersion, Target, suggestion};

/// What a user wants of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunRequest {
    /// How the benchmark is chosen.
    pub benchmark: BenchmarkChoice,
    /// How the profile is chosen.
    pub profile: ProfileChoice,
    /// The targets; none for those that apply to the node.
    pub targets: Option<Vec<Target>>,
    /// Only these checks, by number or control; all where it is empty.
    pub checks: BTreeSet<String>,
    /// Only these groups; all where it is empty.
    pub groups: BTreeSet<String>,
    /// Checks, groups and controls to skip.
    pub skip: BTreeSet<String>,
    /// Leave out checks of a higher level.
    pub level: Option<u8>,
    /// Leave out scored checks.
    pub without_scored: bool,
    /// Leave out checks that are not scored.
    pub without_unscored: bool,
    /// The node's name, where the user gives it; else its own.
    pub node_name: Option<String>,
    /// Where the node's file system is seen from, for the report.
    pub root: String,
    /// What was asked for, for the report.
    pub command: model::Command,
    /// The digest of the node's machine id, for the report.
    pub machine_id: Option<String>,
    /// When the run began (RFC 3339, UTC).
    pub started: String,
}

/// How the profile is chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ProfileChoice {
    /// The platform's own, if there is one.
    #[default]
    Detected,
    /// None, whatever the platform.
    None,
    /// By name.
    Named(String),
}

/// How the benchmark is chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BenchmarkChoice {
    /// By the platform and version that the node shows.
    #[default]
    Detected,
    /// By name.
    Named(String),
    /// By a Kubernetes version that the user gives.
    ForVersion(KubernetesVersion),
}

/// A request that cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
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
    /// A number of the wrong kind.
    #[error("{kind} {name:?}: is a {is}{} ({instead})", .within.as_deref().map(|benchmark| format!(" of {benchmark}")).unwrap_or_default())]
    OtherKind {
        /// What it should be: `check`.
        kind: &'static str,
        /// The number.
        name: String,
        /// What it is: `group`.
        is: &'static str,
        /// The benchmark, where there is one only.
        within: Option<String>,
        /// What to give for it.
        instead: String,
    },
    /// Several mistakes, a line each.
    #[error("{}", lines(.0))]
    Several(Vec<RequestError>),
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
    /// A level of a benchmark that has none.
    #[error("--level: {benchmark} has no levels (leave out --level)")]
    NoLevels {
        /// The benchmark.
        benchmark: String,
    },
    /// There are no benchmarks at all.
    #[error("benchmarks: none are known (correct --benchmarks-dir)")]
    NoBenchmarks,
}

fn unknown(within: Option<&str>) -> String {
    within.map_or_else(|| "not known".to_owned(), |benchmark| format!("not in {benchmark}"))
}

fn lines(errors: &[RequestError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// ` (did you mean "x"?)`, or what there is where that is short, or where to find it.
fn suggestion(kind: &str, known: &[String], name: &str) -> String {
    const LISTED: usize = 12;
    let nearest = suggestion::nearest(name, known.iter().map(String::as_str));
    let nearest = nearest.map(|nearest| format!("did you mean {nearest:?}?"));
    let all = match known.len() {
        0 => None,
        1..=LISTED => Some(format!("there are {}", known.join(", "))),
        _ if kind == BENCHMARK => Some(format!("there are {}", known.join(", "))),
        _ if nearest.is_some() => None,
        _ if kind == GROUP => Some(format!("there are {}", known.join(", "))),
        _ => {
            Some(numbers_near(name, known).unwrap_or_else(|| "kube-assay list controls shows what there is".to_owned()))
        }
    };
    match (nearest, all) {
        (None, None) => String::new(),
        (Some(said), None) | (None, Some(said)) => format!(" ({said})"),
        (Some(nearest), Some(all)) => format!(" ({nearest} {all})"),
    }
}

/// Which numbers there are in a group, or beside a number that its group lacks: `1.2 has 1.2.1 to 1.2.29`.
fn numbers_near(name: &str, known: &[String]) -> Option<String> {
    let group = |name: &str| -> Option<(u32, u32)> {
        let last = |number: &String| number.strip_prefix(name)?.strip_prefix('.')?.parse::<u32>().ok();
        let numbers = known.iter().filter_map(last);
        Some((numbers.clone().min()?, numbers.max()?))
    };
    if let Some((first, last)) = group(name) {
        return Some(format!("{name} has {name}.{first} to {name}.{last}"));
    }
    let (above, number) = name.rsplit_once('.')?;
    let (first, last) = group(above)?;
    // Within the range, the range says nothing.
    let number: u32 = number.parse().ok()?;
    (number < first || last < number).then(|| format!("{above} has {above}.{first} to {above}.{last}"))
}

pub(crate) const BENCHMARK: &str = "benchmark";
pub(super) const GROUP: &str = "group";
