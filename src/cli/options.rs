//! Groups of options shared by several subcommands. Each subcommand includes the groups that apply to it.
//!
//! The comments of these structs are not doc comments, since clap would use those as help texts of subcommands.
//!
//! Some options can also be given by an environment variable, which is read where the option takes effect.

use std::env::{self, VarError};
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::anyhow;
use clap::{ArgAction, Args};

use crate::embedded;
use crate::node::LiveOptions;
use crate::report::Format;
use crate::run::{BenchmarkChoice, Kind, ProfileChoice, RequestError, RunRequest, targets};
use ::definitions::SharedText;
use ::definitions::benchmark::{Target, VersionError, suggestion};

use probe::normalize;

use super::failure::Failure;
use super::usage::{near, shown};

const WHAT: &str = "What to check";
const OUTPUT: &str = "Output";
const WHERE: &str = "Node";
const RULES: &str = "Custom rules";
const KUBE_BENCH: &str = "kube-bench compatibility";

// The verbosity on standard error; every subcommand has these.
#[derive(Debug, Default, Args)]
pub(super) struct Verbosity {
    /// Print notices even if standard error is not a terminal
    #[arg(short = 'v', long = "verbose", alias = "v", global = true, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "1", display_order = 900)]
    pub(super) verbose: Option<i64>,
    /// Print only failures and counts, and no notices
    #[arg(short = 'q', long, global = true, hide_short_help = true, display_order = 901)]
    pub(super) quiet: bool,
}

impl Verbosity {
    /// Whether `-v` asks for more output.
    pub(super) fn is_verbose(&self) -> bool {
        self.verbose.is_some_and(|level| level > 0)
    }

    /// Rejects `--quiet` with `--verbose`.
    pub(super) fn refuse_both(&self) -> Result<(), &'static str> {
        if self.quiet && self.is_verbose() {
            return Err("--quiet and --verbose: one prints less and the other more (give one of them)");
        }
        Ok(())
    }
}

// The benchmark.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct BenchmarkOptions {
    /// Use these benchmarks, such as cis-1.12 (see `list`)
    #[arg(long, value_name = "A,B", help_heading = WHAT)]
    pub(super) benchmark: Option<String>,
    /// Choose the benchmark for this Kubernetes version
    #[arg(long, value_name = "1.N", help_heading = WHAT)]
    pub(super) version: Option<String>,
}

impl BenchmarkOptions {
    /// Returns how the benchmark is chosen: by the options, or else by the environment.
    pub(super) fn choice(&self) -> Result<GivenChoice, Failure> {
        self.given()?.choice()
    }

    /// Returns the options alone, at most one of the two.
    pub(super) fn typed(&self) -> Result<GivenBenchmark, Failure> {
        let Self { benchmark, version } = self.clone();
        refuse_both(benchmark.as_ref(), version.as_ref(), "--benchmark and --version")?;
        Ok(GivenBenchmark { benchmark, version, variable: None })
    }

    /// Returns the options, or else the environment's values; at most one of the two.
    pub(super) fn given(&self) -> Result<GivenBenchmark, Failure> {
        let typed = self.typed()?;
        if typed.benchmark.is_some() || typed.version.is_some() {
            return Ok(typed);
        }
        let (benchmark, version) = (variable(BENCHMARK_VARIABLE)?, variable(VERSION_VARIABLE)?);
        refuse_both(benchmark.as_ref(), version.as_ref(), "KUBE_ASSAY_BENCHMARK and KUBE_ASSAY_VERSION")?;
        let name = if version.is_some() { VERSION_VARIABLE } else { BENCHMARK_VARIABLE };
        Ok(GivenBenchmark { variable: (benchmark.is_some() || version.is_some()).then_some(name), benchmark, version })
    }

    /// Like [`given`](Self::given), for rule files: a blank value counts as not given.
    pub(super) fn given_for_rule_files(&self) -> Result<GivenBenchmark, Failure> {
        self.without_blanks().given()
    }

    /// Like [`given`](Self::given), with kube-bench's precedence: its own variable sets the version if none was given
    /// on the command line, and conflicts with `--benchmark`. This program's variables yield to both.
    pub(super) fn given_to_kube_bench(&self) -> Result<GivenBenchmark, Failure> {
        let Self { benchmark, version } = self.without_blanks();
        // A `--version` of blanks overrides the variable, and then counts as not given.
        if self.version.as_ref().is_some_and(|version| !version.is_empty()) {
            refuse_both(benchmark.as_ref(), version.as_ref(), "--benchmark and --version")?;
            return Ok(GivenBenchmark { benchmark, version, variable: None });
        }
        if let Some(version) = variable(KUBE_BENCH_VARIABLE)? {
            refuse_both(benchmark.as_ref(), Some(&version), "--benchmark and KUBE_BENCH_VERSION")?;
            return Ok(GivenBenchmark { benchmark, version: Some(version), variable: Some(KUBE_BENCH_VARIABLE) });
        }
        Self { benchmark, version: None }.given()
    }

    fn without_blanks(&self) -> Self {
        let said = |value: &Option<String>| value.clone().filter(|value| !value.trim().is_empty());
        Self { benchmark: said(&self.benchmark), version: said(&self.version) }
    }
}

fn refuse_both(benchmark: Option<&String>, version: Option<&String>, names: &str) -> Result<(), Failure> {
    if benchmark.is_some() && version.is_some() {
        return Err(Failure::Usage(anyhow!("{names}: each chooses the benchmark (give one of them)")));
    }
    Ok(())
}

/// The name that selects the detected benchmark.
const DETECTED: &str = "detected";

/// The benchmark or version given, and where it was given.
#[derive(Debug, Clone, Default)]
pub(super) struct GivenBenchmark {
    pub(super) benchmark: Option<String>,
    pub(super) version: Option<String>,
    /// The environment variable that gave it; none if it was given on the command line.
    pub(super) variable: Option<&'static str>,
}

/// How the benchmark is chosen, and where that was given.
#[derive(Debug, Clone)]
pub(super) struct GivenChoice {
    pub(super) choice: BenchmarkChoice,
    /// Further benchmarks, by name.
    pub(super) further: Vec<String>,
    /// The environment variable that chose it; none if it was given on the command line.
    pub(super) variable: Option<&'static str>,
}

impl GivenBenchmark {
    /// Parses the value into a choice.
    pub(super) fn choice(&self) -> Result<GivenChoice, Failure> {
        let mut further = Vec::new();
        let choice = match (&self.benchmark, &self.version) {
            (Some(names), _) => {
                let mut names = names.split(',').map(str::trim);
                let first = names.next().unwrap_or_default();
                further.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
                if first == DETECTED { BenchmarkChoice::Detected } else { BenchmarkChoice::Named(first.to_owned()) }
            }
            (None, Some(version)) => BenchmarkChoice::ForVersion(version.parse().map_err(|error| self.no(&error))?),
            (None, None) => BenchmarkChoice::Detected,
        };
        Ok(GivenChoice { choice, further, variable: self.variable })
    }

    /// Returns the error for an invalid version, with a hint if it is a benchmark's name.
    fn no(&self, error: &VersionError) -> Failure {
        let option = self.variable.unwrap_or("--version");
        let definitions = embedded::shared();
        let library = &definitions.library;
        let benchmarks = || library.benchmarks.keys().map(SharedText::as_str);
        let meant = library.benchmark(&error.0).map(|benchmark| benchmark.name.as_str());
        match meant.or_else(|| suggestion::nearest(&error.0, benchmarks())) {
            Some(benchmark) => Failure::Usage(anyhow!(
                "{option} {}: not a Kubernetes version (write it as 1.32 or v1.32.4; did you mean --benchmark {benchmark}?)",
                suggestion::quoted(&error.0)
            )),
            None => Failure::Usage(anyhow!("{option} {error}")),
        }
    }
}

// The profile.
#[derive(Debug, Default, Args)]
pub(super) struct ProfileOptions {
    /// Apply this profile instead of the platform's, or none
    #[arg(long, value_name = "NAME", help_heading = WHAT)]
    pub(super) profile: Option<String>,
}

impl ProfileOptions {
    /// Returns how the profile is chosen, by the option or else the environment, and the environment variable if one
    /// was used.
    pub(super) fn choice(&self) -> Result<(ProfileChoice, Option<&'static str>), Failure> {
        let (given, variable) = match &self.profile {
            Some(name) => (Some(name.clone()), None),
            None => (variable(PROFILE_VARIABLE)?, Some(PROFILE_VARIABLE)),
        };
        Ok(match given.as_deref() {
            None => (ProfileChoice::Detected, None),
            Some("none") => (ProfileChoice::None, variable),
            Some(name) => (ProfileChoice::Named(name.to_owned()), variable),
        })
    }
}

/// Adds these choices to a request.
pub(super) fn requested(
    benchmark: GivenChoice,
    profile: &ProfileOptions,
    request: RunRequest,
) -> Result<RunRequest, Failure> {
    let (profile, profile_variable) = profile.choice()?;
    let GivenChoice { choice: benchmark, further, variable: benchmark_variable } = benchmark;
    Ok(RunRequest { benchmark, benchmark_variable, further, profile, profile_variable, ..request })
}

// The targets.
#[derive(Debug, Default, Args)]
pub(super) struct TargetOptions {
    /// Check only these targets, such as master,node
    #[arg(short = 's', long, value_name = "A,B", value_delimiter = ',', help_heading = WHAT)]
    #[arg(long_help = "Check only these targets: master (or control-plane), node (or worker), \
                       etcd, controlplane, policies, managedservices, cluster, admin")]
    pub(super) targets: Vec<String>,
}

impl TargetOptions {
    /// Returns the names as given, without blanks.
    pub(super) fn names(&self) -> Vec<String> {
        named(&self.targets)
    }

    /// Returns the targets; none if no name is given.
    pub(super) fn targets(&self) -> Result<Option<Vec<Target>>, Failure> {
        let targets = self.names().iter().map(|name| target(name)).collect::<Result<Vec<_>, _>>()?;
        Ok((!targets.is_empty()).then_some(targets))
    }
}

fn target(name: &str) -> Result<Target, Failure> {
    name.parse().map_err(|name: String| {
        // The built-in definitions suffice for a suggestion: custom ones add no targets.
        let definitions = embedded::shared();
        Failure::usage(RequestError::unknown(Kind::Target, &name, None, targets(), definitions))
    })
}

// The checks.
#[derive(Debug, Args)]
pub(super) struct CheckOptions {
    /// Run only these checks, by number or control
    #[arg(short = 'c', long, value_name = "IDS", value_delimiter = ',', help_heading = WHAT)]
    pub(super) check: Vec<String>,
    /// Run only these groups
    #[arg(short = 'g', long, value_name = "IDS", value_delimiter = ',', hide_short_help = true, help_heading = WHAT)]
    pub(super) group: Vec<String>,
    /// Skip these checks, groups or controls
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = WHAT)]
    pub(super) skip: Vec<String>,
    /// Run the checks up to this CIS level, 1 or 2
    #[arg(long, value_name = "N", value_parser = number(1_u8..=2), hide_short_help = true, help_heading = WHAT)]
    pub(super) level: Option<u8>,
    /// Run the scored checks
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = ArgAction::Set, hide_possible_values = true, hide_short_help = true, help_heading = WHAT)]
    pub(super) scored: bool,
    /// Run the checks that are not scored
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = ArgAction::Set, hide_possible_values = true, hide_short_help = true, help_heading = WHAT)]
    pub(super) unscored: bool,
}

impl CheckOptions {
    /// Rejects `--check` with `--group`.
    pub(super) fn refuse_both(&self) -> Result<(), Failure> {
        if !self.check.is_empty() && !self.group.is_empty() {
            return Err(Failure::Usage(anyhow!("--check and --group: each chooses the checks (give one of them)")));
        }
        Ok(())
    }

    /// Adds the choice to a request.
    pub(super) fn put_into(&self, request: &mut RunRequest) -> Result<(), Failure> {
        self.refuse_both()?;
        let set = |names: &[String]| named(names).into_iter().collect();
        request.checks = set(&self.check);
        request.groups = set(&self.group);
        request.skip = set(&self.skip);
        request.level = self.level;
        request.without_scored = !self.scored;
        request.without_unscored = !self.unscored;
        Ok(())
    }
}

/// Returns the names of a list, trimmed, without blank ones.
pub(super) fn named(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

// The content, format and destination of reports.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are the switches that users of kube-bench know")]
pub(super) struct ReportOptions {
    /// Print JSON
    #[arg(long, help_heading = OUTPUT)]
    pub(super) json: bool,
    /// Print JUnit XML
    #[arg(long, help_heading = OUTPUT)]
    pub(super) junit: bool,
    #[arg(
        long,
        value_name = "FORMAT",
        help = format!("Print this format: {}", Format::list("or")),
        hide_short_help = true,
        help_heading = OUTPUT
    )]
    pub(super) format: Option<String>,
    /// Write the report to this file
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    #[arg(long_help = "Write the report to this file instead of standard output (-); symbolic links are not followed")]
    pub(super) outputfile: Option<PathBuf>,
    /// Also write this format to this file (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", help_heading = OUTPUT)]
    pub(super) output: Vec<String>,
    /// Exit with this code if a check fails
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = number(0_u8..=255), help_heading = OUTPUT)]
    pub(super) exit_code: u8,
    /// List these checks too: warn, manual, skipped, not-applicable, pass or all
    #[arg(long, value_name = "A,B", value_delimiter = ',', hide_short_help = true, help_heading = OUTPUT)]
    #[arg(long_help = "List these checks in the text besides failed and unknown ones: warn, manual, skipped, \
                     not-applicable, pass or all [default: warn]")]
    pub(super) show: Vec<String>,
    /// Report only these checks: fail, unknown, warn, manual, ...
    #[arg(long, value_name = "A,B", value_delimiter = ',', hide_short_help = true, help_heading = OUTPUT)]
    #[arg(
        long_help = "Report only these checks, in every format: fail, unknown, warn, manual, skipped, not-applicable, \
                     pass"
    )]
    pub(super) only: Vec<String>,
    /// Print complete remediations in the text
    #[arg(long, hide_short_help = true, help_heading = OUTPUT)]
    pub(super) remediations: bool,
    /// Print the JSON on several lines, indented
    #[arg(long, hide_short_help = true, help_heading = OUTPUT)]
    pub(super) pretty: bool,
    /// Report unscored checks as JUnit failures: warn or unknown
    #[arg(long, value_name = "WHICH", hide_short_help = true, help_heading = OUTPUT)]
    pub(super) junit_fail_on: Option<String>,
    /// Omit file and line of failures from the JUnit
    #[arg(long, hide_short_help = true, help_heading = OUTPUT)]
    pub(super) junit_strict: bool,
    /// Omit the checks from the text
    #[arg(long, hide_short_help = true, help_heading = OUTPUT)]
    pub(super) noresults: bool,
    /// Omit the counts of each target from the text
    #[arg(long, hide_short_help = true, help_heading = OUTPUT)]
    pub(super) nosummary: bool,
    /// Omit the fixes from the text
    #[arg(long, hide_short_help = true, help_heading = OUTPUT)]
    pub(super) noremediations: bool,
    /// Omit the totals; JSON is then a bare array
    #[arg(long, hide_short_help = true, help_heading = OUTPUT)]
    pub(super) nototals: bool,
    /// Print everything found for the listed checks
    #[arg(long, hide_short_help = true, help_heading = OUTPUT)]
    pub(super) include_test_output: bool,
}

// JSON or text output, for subcommands that print one of them.
#[derive(Debug, Args)]
pub(super) struct JsonOptions {
    /// Print JSON
    #[arg(long, help_heading = OUTPUT)]
    json: bool,
    /// Print this format: text or json
    #[arg(long, value_name = "FORMAT", help_heading = OUTPUT)]
    format: Option<String>,
    /// Print the JSON on several lines, indented
    #[arg(long, help_heading = OUTPUT)]
    pretty: bool,
}

/// The output format of a subcommand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    /// Text for people.
    Text,
    /// JSON on one line.
    Json,
    /// JSON on several lines, indented.
    PrettyJson,
}

impl JsonOptions {
    /// Returns the requested output format.
    ///
    /// # Errors
    ///
    /// If the format is unknown or contradictory, or `--pretty` is given without JSON: wrong usage.
    pub(super) fn printed(&self) -> Result<Printed, Failure> {
        const KNOWN: [&str; 2] = ["text", "json"];
        let json = match self.format.as_deref() {
            None => self.json,
            Some("json") => true,
            Some("text") if !self.json => false,
            Some("text") => {
                return Err(Failure::Usage(anyhow!("--json, --format: more than one format (give one of them)")));
            }
            Some(other) => {
                let (near, other) = (near(other, KNOWN), shown(other));
                let is_of_reports = Format::ALL.iter().any(|format| format.name() == other);
                let of_reports = if is_of_reports { "; run, demo and report have the others" } else { "" };
                return Err(Failure::Usage(anyhow!(
                    "--format {other}: not known here ({near}use text or json{of_reports})"
                )));
            }
        };
        match (json, self.pretty) {
            (false, true) => Err(Failure::Usage(anyhow!("--pretty: no JSON is written (add --json)"))),
            (false, false) => Ok(Printed::Text),
            (true, false) => Ok(Printed::Json),
            (true, true) => Ok(Printed::PrettyJson),
        }
    }
}

// The node.
#[derive(Debug, Args)]
pub(super) struct NodeOptions {
    /// Read the node's files from here
    #[arg(long, value_name = "DIR", default_value = "/", help_heading = WHERE)]
    pub(super) root: PathBuf,
    /// Read the node's processes from this proc mount
    #[arg(long, value_name = "DIR", default_value = "/proc", hide_short_help = true, help_heading = WHERE)]
    #[arg(long_help = "Read the node's processes from this proc mount; none for a mounted disk")]
    pub(super) proc: PathBuf,
    /// Use a recorded node instead of this one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["root", "proc"], help_heading = WHERE)]
    pub(super) node: Option<PathBuf>,
    /// Check this cluster directory on an administrator's machine
    #[arg(long, value_name = "DIR", hide_short_help = true, help_heading = WHERE)]
    cluster_dir: Option<PathBuf>,
    /// Stop after this many seconds; the rest is unknown
    #[arg(long, value_name = "SECONDS", value_parser = number(1_u64..=86_400), hide_short_help = true, help_heading = WHERE)]
    deadline: Option<u64>,
    /// Disable the sandbox
    #[arg(long, hide_short_help = true, help_heading = WHERE)]
    pub(super) no_sandbox: bool,
}

impl NodeOptions {
    /// Returns the time limit of the run.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.deadline.map(Duration::from_secs)
    }

    /// Returns the cluster directory, as an absolute path on the node.
    pub(super) fn cluster_directory(&self) -> Result<Option<PathBuf>, Failure> {
        let Some(directory) = &self.cluster_dir else { return Ok(None) };
        if directory.is_absolute() {
            return Ok(Some(normalize(directory)));
        }
        if self.node.is_some() || self.root != Path::new("/") {
            let shown = directory.display();
            return Err(Failure::Usage(anyhow!(
                "--cluster-dir {shown}: is relative (with --node and --root, give the path on that machine, beginning with /)"
            )));
        }
        let from = env::current_dir().map_err(|error| {
            Failure::System(anyhow!(
                "--cluster-dir: the current directory is not known: {error} (give an absolute path)"
            ))
        })?;
        Ok(Some(normalize(&from.join(directory))))
    }

    /// Whether the options select a node other than this machine.
    pub(super) fn names_a_node(&self) -> bool {
        self.node.is_some() || self.root != Path::new("/") || self.proc != Path::new("/proc")
    }

    /// Returns the paths of a live node.
    pub(super) fn place(&self) -> LiveOptions {
        LiveOptions { root: self.root.clone(), proc: self.proc.clone() }
    }
}

// The node's name.
#[derive(Debug, Args)]
pub(super) struct NodeNameOptions {
    /// Report this name instead of the node's own
    #[arg(long, value_name = "NAME", hide_short_help = true, help_heading = WHERE)]
    node_name: Option<String>,
}

impl NodeNameOptions {
    /// Returns the name given by the option, or else by the environment.
    pub(super) fn given(&self) -> Result<Option<String>, Failure> {
        match &self.node_name {
            Some(name) => Ok(Some(name.clone()).filter(|name| !name.is_empty())),
            None => variable("KUBE_ASSAY_NODE_NAME"),
        }
    }
}

// Whether programs may be run, such as the kubelet for its version.
#[derive(Debug, Args)]
pub(super) struct ExecOptions {
    /// Allow running processes, such as kubelet --version
    #[arg(long, help_heading = WHERE)]
    #[arg(
        long_help = "Allow running processes: kubelet --version where nothing else shows the Kubernetes version; with \
                       --config-dir also oc, kubectl, and /bin/sh for audits that are not interpreted"
    )]
    pub(super) allow_exec: bool,
}

// The time limit of a program.
#[derive(Debug, Args)]
pub(super) struct ExecLimitOptions {
    /// Limit each audit to this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = number(1_u64..=86_400), hide_short_help = true, help_heading = WHERE)]
    exec_limit: u64,
}

impl ExecLimitOptions {
    pub(super) fn time(&self) -> Duration {
        Duration::from_secs(self.exec_limit)
    }
}

// Whether a root that is not a node is accepted.
#[derive(Debug, Args)]
pub(super) struct EmptyOptions {
    /// Accept a root without Kubernetes and etcd
    #[arg(long, hide_short_help = true, help_heading = WHERE)]
    pub(super) allow_empty: bool,
}

// Custom definitions, in addition to the built-in ones.
#[derive(Debug, Default, Args)]
pub(super) struct DefinitionOptions {
    /// Add benchmarks, controls and components
    #[arg(long, value_name = "DIR", hide_short_help = true, help_heading = RULES)]
    pub(super) benchmarks_dir: Vec<PathBuf>,
    /// Add profiles
    #[arg(long, value_name = "DIR", hide_short_help = true, help_heading = RULES)]
    pub(super) profiles_dir: Vec<PathBuf>,
}

// A directory of kube-bench's rule files.
#[derive(Debug, Default, Args)]
pub(super) struct RuleFileOptions {
    /// Use the kube-bench rule files in this directory
    #[arg(short = 'D', long, value_name = "DIR", help_heading = KUBE_BENCH)]
    #[arg(
        long_help = "Use the kube-bench rule files in this directory, unchanged, instead of the built-in benchmarks"
    )]
    pub(super) config_dir: Option<PathBuf>,
    /// Use this file instead of the directory's config.yaml
    #[arg(long, value_name = "FILE", hide_short_help = true, help_heading = KUBE_BENCH)]
    pub(super) config: Option<PathBuf>,
}

impl RuleFileOptions {
    /// Whether a directory of rule files or a configuration file is given.
    pub(super) fn are_named(&self) -> bool {
        self.config_dir.is_some() || self.config.is_some()
    }
}

// Custom rules: definitions or rule files, but not both.
#[derive(Debug, Default, Args)]
#[command(mut_arg("config_dir", |option| option.conflicts_with_all(["benchmarks_dir", "profiles_dir"])))]
pub(super) struct RuleOptions {
    #[command(flatten)]
    pub(super) definitions: DefinitionOptions,
    #[command(flatten)]
    pub(super) rule_files: RuleFileOptions,
}

// Compatibility with kube-bench.
#[derive(Debug, Args)]
pub(super) struct CompatibilityOptions {
    /// Evaluate known audits as the built-in checks do
    #[arg(long, hide_short_help = true, help_heading = KUBE_BENCH)]
    pub(super) strict: bool,
    /// Behave as kube-bench: options, outputs, exit codes
    #[arg(long, help_heading = KUBE_BENCH)]
    pub(super) compat: bool,
    #[command(flatten)]
    pub(super) ignored: IgnoredOptions,
}

// Flags of kube-bench that have no effect here, accepted so that existing command lines keep working: those of glog,
// its logging library. Flags that would send reports elsewhere are rejected with an explanation.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are the switches that users of kube-bench know")]
pub(super) struct IgnoredOptions {
    #[arg(long, hide = true)]
    logtostderr: bool,
    #[arg(long, hide = true)]
    alsologtostderr: bool,
    #[arg(long = "log_dir", hide = true, value_name = "DIR")]
    log_dir: Option<String>,
    #[arg(long = "log_backtrace_at", hide = true, value_name = "PLACE")]
    log_backtrace_at: Option<String>,
    #[arg(long, hide = true, value_name = "N")]
    stderrthreshold: Option<String>,
    #[arg(long, hide = true, value_name = "PATTERN")]
    vmodule: Option<String>,
    #[arg(long = "log_link", hide = true, value_name = "DIR")]
    log_link: Option<String>,
    #[arg(long, hide = true, value_name = "N", allow_negative_numbers = true)]
    logbuflevel: Option<String>,
    #[arg(long, hide = true)]
    pgsql: bool,
    #[arg(long, hide = true)]
    asff: bool,
}

impl IgnoredOptions {
    /// Rejects flags that would send reports to a service. kube-bench does not send any either when it prints JSON or
    /// JUnit.
    pub(super) fn refuse_receivers(&self) -> Result<(), &'static str> {
        match (self.pgsql, self.asff) {
            (true, _) => Err(NO_POSTGRESQL),
            (_, true) => Err(NO_SECURITY_HUB),
            _ => Ok(()),
        }
    }
}

pub(super) const NO_POSTGRESQL: &str =
    "--pgsql: PostgreSQL output is not supported (write the report with --json, and load that)";
pub(super) const NO_SECURITY_HUB: &str =
    "--asff: AWS Security Hub output is not supported (write the report with --json, and send that)";

pub(super) const BENCHMARK_VARIABLE: &str = "KUBE_ASSAY_BENCHMARK";
const VERSION_VARIABLE: &str = "KUBE_ASSAY_VERSION";
const PROFILE_VARIABLE: &str = "KUBE_ASSAY_PROFILE";
const KUBE_BENCH_VARIABLE: &str = "KUBE_BENCH_VERSION";

/// Parses a number within a range. The error gives the range, also for values that are no numbers.
pub(super) fn number<T: Copy + Display + FromStr + PartialOrd>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |typed| {
        let parsed = typed.parse().ok().filter(|number| range.contains(number));
        parsed.ok_or_else(|| format!("not a number from {} to {}", range.start(), range.end()))
    }
}

/// Returns the value of an environment variable. A blank one counts as unset, since Job templates leave blank variables
/// behind.
pub(super) fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Failure::Usage(anyhow!("{name}: is not UTF-8 text (correct it, or unset it)")))
        }
    }
}
