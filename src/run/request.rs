//! What a user can request of a run, and the errors of a request.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::collect::NoDirectory;
use definitions::Definitions;
use definitions::benchmark::suggestion::quoted;
use definitions::benchmark::{Benchmark, KubernetesVersion, Target, suggestion};

use super::called::{Kind, elsewhere, is_version, near};

/// A user's request for one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunRequest {
    /// How the benchmark is chosen.
    pub benchmark: BenchmarkChoice,
    /// The environment variable that chose it; none if it was given on the command line.
    pub benchmark_variable: Option<&'static str>,
    /// Further benchmarks for the same run, by name.
    pub further: Vec<String>,
    /// How the profile is chosen.
    pub profile: ProfileChoice,
    /// The environment variable that chose it; none if it was given on the command line.
    pub profile_variable: Option<&'static str>,
    /// The targets; none for those that apply to the node.
    pub targets: Option<Vec<Target>>,
    /// Whether the targets are the default ones of a cluster run, which checks no node, rather than given by the user.
    pub is_about_cluster_alone: bool,
    /// Only these checks, by number or control; all if empty.
    pub checks: BTreeSet<String>,
    /// Only these groups; all if empty.
    pub groups: BTreeSet<String>,
    /// Checks, groups and controls to skip.
    pub skip: BTreeSet<String>,
    /// Leaves out checks above this level.
    pub level: Option<u8>,
    /// Leaves out scored checks.
    pub without_scored: bool,
    /// Leaves out unscored checks.
    pub without_unscored: bool,
    /// The node's name, if the user gives it; else its own is used.
    pub node_name: Option<String>,
    /// The directory of the cluster administered from this machine.
    pub cluster_directory: Option<PathBuf>,
    /// The path that the node is read from (its root or a recording), or the cluster's name; for the report.
    pub root: String,
    /// The command that was run, for the report.
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
    /// An unknown name.
    #[error("{} {}: {}{hint}", .kind.word(), quoted(.name), unknown(.within.as_deref()))]
    Unknown {
        /// The kind of name expected.
        kind: Kind,
        /// The name.
        name: String,
        /// The benchmark that lacks it, if others may have it.
        within: Option<String>,
        /// What to give instead, as text: ` (did you mean "x"?)`.
        hint: String,
    },
    /// A name of the wrong kind.
    #[error("{} {}: is a {is}{} ({instead})", .kind.word(), quoted(.name), .within.as_deref().map(|benchmark| format!(" of {benchmark}")).unwrap_or_default())]
    OtherKind {
        /// The kind of name expected.
        kind: Kind,
        /// The name.
        name: String,
        /// What it is: `group`.
        is: &'static str,
        /// The benchmark, if there is only one.
        within: Option<String>,
        /// What to give instead.
        instead: String,
    },
    /// Several mistakes, one per line.
    #[error("{}", lines(.0))]
    Several(Vec<RequestError>),
    /// Further names that are not listed and may be mistakes too.
    #[error("{0} more names: not listed (correct those above first)")]
    More(usize),
    /// An error in the value of an environment variable.
    #[error("{variable}: {error}")]
    FromVariable {
        /// The name of the variable.
        variable: &'static str,
        /// What is wrong with its value.
        error: Box<RequestError>,
    },
    /// A profile that supports only another benchmark.
    #[error("profile {profile:?}: supports only {needed}, not {chosen} ({instead})")]
    OtherBenchmark {
        /// The profile.
        profile: String,
        /// The benchmark that it supports.
        needed: String,
        /// The benchmark that was chosen.
        chosen: String,
        /// What to change.
        instead: String,
    },
    /// A level given for a benchmark that has none.
    #[error("--level: {benchmark} has no levels (leave out --level)")]
    NoLevels {
        /// The benchmark.
        benchmark: String,
    },
    /// The cluster directory that was named does not exist.
    #[error(transparent)]
    NoDirectory(#[from] NoDirectory),
    /// There are no benchmarks.
    #[error("benchmarks: none found (correct --benchmarks-dir)")]
    NoBenchmarks,
}

impl RequestError {
    /// Returns the error for a name that is not known for its kind, with a hint from `known` and all other names.
    pub fn unknown<'k>(
        kind: Kind,
        name: &str,
        within: Option<&str>,
        known: impl IntoIterator<Item = &'k str>,
        definitions: &Definitions,
    ) -> Self {
        let within = within.map(str::to_owned);
        if let Some(is) = elsewhere(definitions, kind, name) {
            let (is, instead) = (is.word(), instead(kind, is, name));
            return Self::OtherKind { kind, name: name.to_owned(), is, within: None, instead };
        }
        let known: Vec<&str> = known.into_iter().collect();
        let hint = in_others(definitions, within.as_deref(), name)
            .unwrap_or_else(|| suggestion(kind, &known, name, || near(definitions, kind, name)));
        Self::Unknown { kind, name: name.to_owned(), within, hint }
    }

    /// Combines mistakes into one error, with the number of `more` that are not listed.
    ///
    /// # Errors
    ///
    /// If there are any mistakes.
    pub fn refuse(mut mistakes: Vec<Self>, more: usize) -> Result<(), Self> {
        if more > 0 {
            mistakes.push(Self::More(more));
        }
        match mistakes.pop() {
            None => Ok(()),
            Some(only) if mistakes.is_empty() => Err(only),
            Some(last) => {
                mistakes.push(last);
                Err(Self::Several(mistakes))
            }
        }
    }

    /// Attributes the error to the environment variable that gave the value, if one did.
    #[must_use]
    pub fn given_by(self, variable: Option<&'static str>) -> Self {
        match variable {
            Some(variable) => Self::FromVariable { variable, error: Box::new(self) },
            None => self,
        }
    }
}

/// The most unknown names that are reported individually.
pub const TOLD: usize = 10;

/// Returns what to do with a name of another kind.
fn instead(wanted: Kind, is: Kind, name: &str) -> String {
    match (wanted, is) {
        (Kind::ControlOrNumber, _) => format!("see kube-assay list {}s", is.word()),
        _ => format!("give {} {name}", is.option()),
    }
}

fn unknown(within: Option<&str>) -> String {
    within.map_or_else(|| "not known".to_owned(), |benchmark| format!("not in {benchmark}"))
}

fn lines(errors: &[RequestError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// ` (it is in cis-1.24, …)`: the benchmarks that have a control or check of exactly this name if the chosen one does
/// not. Plain numbers are excluded, since they mean something else in each benchmark.
fn in_others(definitions: &Definitions, within: Option<&str>, name: &str) -> Option<String> {
    const LISTED: usize = 3;
    let within = within?;
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let has_it =
        |benchmark: &&Benchmark| benchmark.checks().any(|(_, check)| check.control == name || check.id == name);
    let others: Vec<&str> = definitions
        .library
        .oldest_first()
        .into_iter()
        .filter(has_it)
        .map(|benchmark| benchmark.name.as_str())
        .collect();
    match others.as_slice() {
        [] => None,
        [only] => Some(format!(" (it is in {only}: add it with --benchmark {within},{only})")),
        [.., newest] if others.len() <= LISTED => {
            Some(format!(" (it is in {}: add one with --benchmark {within},{newest})", others.join(", ")))
        }
        [.., newest] => Some(format!(
            " (it is in {} benchmarks, such as {newest}: add one with --benchmark {within},{newest})",
            others.len()
        )),
    }
}

/// ` (did you mean "x"?)`, or the known names if there are few, or where to find them.
fn suggestion(kind: Kind, known: &[&str], name: &str, elsewhere: impl FnOnce() -> Option<String>) -> String {
    const LISTED: usize = 12;
    let nearest =
        suggestion::nearest(name, known.iter().copied()).map(|nearest| format!("did you mean {}?", quoted(nearest)));
    let by_number =
        || matches!(kind, Kind::Benchmark | Kind::Profile | Kind::Target).then(|| by_number(name, known)).flatten();
    let numbers = || if kind == Kind::Group { None } else { numbers_near(name, known) };
    let all = || match known.len() {
        0 => None,
        count if count <= LISTED || matches!(kind, Kind::Benchmark | Kind::Group) => {
            Some(format!("there are {}", known.join(", ")))
        }
        _ => Some("see kube-assay list controls".to_owned()),
    };
    let hint = nearest.or_else(by_number).or_else(numbers).or_else(elsewhere).or_else(all);
    hint.map_or_else(String::new, |hint| format!(" ({hint})"))
}

/// Suggests a benchmark given by its number alone, or `--version` for a Kubernetes version: `did you mean "cis-1.12"?`
fn by_number(name: &str, known: &[&str]) -> Option<String> {
    let is_numbered = |known: &&&str| known.split_once('-').is_some_and(|(_, number)| number == name);
    let mut meant: Vec<String> = known.iter().filter(is_numbered).map(|known| quoted(known)).collect();
    if is_version(name) {
        meant.push(format!("--version {name}"));
    }
    (!meant.is_empty()).then(|| format!("did you mean {}?", meant.join(" or ")))
}

/// Describes the numbers of a group, or of the group that lacks this number: `1.2 has 1.2.1 to 1.2.29`.
fn numbers_near(name: &str, known: &[&str]) -> Option<String> {
    let group = |name: &str| -> Option<(u32, u32)> {
        let last = |number: &&str| number.strip_prefix(name)?.strip_prefix('.')?.parse::<u32>().ok();
        let numbers = known.iter().filter_map(last);
        Some((numbers.clone().min()?, numbers.max()?))
    };
    if let Some((first, last)) = group(name) {
        return Some(format!("{name} has {name}.{first} to {name}.{last}"));
    }
    let (above, number) = name.rsplit_once('.')?;
    let (first, last) = group(above)?;
    // For a number within it, the range is no help.
    let number: u32 = number.parse().ok()?;
    (number < first || last < number).then(|| format!("{above} has {above}.{first} to {above}.{last}"))
}
