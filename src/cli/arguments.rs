//! What can be typed. kube-bench's names, where the thing is the same.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::report::Format;

use super::failure::Failure;
use super::heeded::Use;
use super::report::ReportArgs;
use super::typed;

/// Assays a Kubernetes node against the CIS benchmarks: it looks for itself, and says what it saw and where.
///
/// Without a subcommand it finds out what runs on this node and checks everything that applies. It changes nothing and
/// starts no process.
#[derive(Debug, Parser)]
#[command(
    name = KUBE_ASSAY,
    disable_version_flag = true,
    // As kube-bench has it: of an option that is given twice, the last counts.
    args_override_self = true
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) options: Options,
    /// Print this program's version
    #[arg(short = 'V', long = "tool-version", global = true, action = ArgAction::SetTrue)]
    pub(super) tool_version: bool,
    /// The name that the program was called by
    #[arg(skip = KUBE_ASSAY)]
    pub(super) called: &'static str,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check this node (what happens without a subcommand)
    Run,
    /// Show what this node is (no node is no error here), what would be run on it, and why
    Detect,
    /// Check a recorded EKS Anywhere control plane that is part of this program
    Demo,
    /// List benchmarks, targets, profiles or controls
    List {
        /// What to list
        #[arg(value_enum, default_value_t = Listed::Benchmarks)]
        what: Listed,
    },
    /// Tell of a control: what is looked at, what is expected, why, and how to mend it
    Explain {
        /// A number (1.2.1) or a control (apiserver/anonymous-auth)
        name: String,
    },
    /// Check definitions of your own, or with --config-dir those of kube-bench, on their own
    Lint {
        /// Directories as --benchmarks-dir takes them; those called profiles, in them or by themselves, hold profiles
        #[arg(value_name = "DIR")]
        directories: Vec<PathBuf>,
    },
    /// Write a benchmark of --config-dir as one of ours, with controls of its own
    Convert {
        /// Where to: a directory that is new or empty; the benchmark's name where it is left out
        #[arg(value_name = "DIR")]
        directory: Option<PathBuf>,
    },
    /// Print saved reports (--format native) in any format
    Report(ReportArgs),
    /// Write down what the checks look at on this node, to be checked elsewhere with --node
    Record {
        /// Where to; standard output where it is left out or -
        #[arg(short = 'o', long = "file")]
        file: Option<PathBuf>,
    },
    /// Print this program's version
    Version,
    /// Print completions for a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Listed {
    Benchmarks,
    Targets,
    Profiles,
    Controls,
}

impl Arguments {
    /// Reads the words of a command line, the program's name first.
    ///
    /// # Errors
    ///
    /// What clap says: wrong usage, or a help text.
    pub(super) fn read(words: Vec<OsString>) -> Result<Self, clap::Error> {
        let is_kube_bench = has_its_name(&words);
        let mut command = Self::command();
        if is_kube_bench {
            command = command.name(KUBE_BENCH).bin_name(KUBE_BENCH);
        }
        let spelt = typed::spelt(&Self::command(), words);
        let matches = command.try_get_matches_from_mut(spelt).map_err(with_tip)?;
        let mut arguments = Self::from_arg_matches(&matches)?;
        arguments.options.compat |= is_kube_bench;
        arguments.called = if is_kube_bench { KUBE_BENCH } else { KUBE_ASSAY };
        if let Some(heeded) = Use::of(arguments.command.as_ref(), arguments.options.compat) {
            let wrong = heeded.refuse_others(command.get_arguments(), &matches);
            wrong.map_err(|text| command.error(ErrorKind::ArgumentConflict, text))?;
            if !heeded.variables {
                arguments.options.drop_variables(&matches, |_| true);
            }
        }
        arguments.options.weigh(&matches).map_err(|text| command.error(ErrorKind::ArgumentConflict, text))?;
        Ok(arguments)
    }
}

/// Whether an option was given on the command line, and not by the environment or by default.
pub(super) fn is_typed(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// Tells whoever wanted this program's version how it is asked for: --version is kube-bench's, of Kubernetes.
fn with_tip(mut error: clap::Error) -> clap::Error {
    let is_version =
        |value: &ContextValue| matches!(value, ContextValue::String(option) if option.starts_with("--version "));
    let lacks_value =
        matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty());
    if lacks_value && error.get(ContextKind::InvalidArg).is_some_and(is_version) {
        let tip = "this program's own version is printed by 'kube-assay version' and '-V'";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

const KUBE_ASSAY: &str = "kube-assay";
/// The program whose place this one takes.
const KUBE_BENCH: &str = "kube-bench";

/// Whether these words, the program's name first, ask for kube-bench's behaviour, be they understood or not.
pub(super) fn is_compatible(words: &[OsString]) -> bool {
    has_its_name(words) || words.iter().any(|word| word == "--compat" || word == "--compat=true")
}

fn has_its_name(words: &[OsString]) -> bool {
    words.first().is_some_and(|program| Path::new(program).file_name().is_some_and(|name| name == KUBE_BENCH))
}

/// Options of every subcommand that has a use for them.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are the switches that users of kube-bench know")]
pub(super) struct Options {
    /// The benchmark, such as cis-1.12 (see list benchmarks)
    #[arg(long, global = true, value_name = "NAME", env = "KUBE_ASSAY_BENCHMARK")]
    pub(super) benchmark: Option<String>,
    /// The Kubernetes version, such as 1.32, by which the benchmark is chosen
    #[arg(long, global = true, value_name = "1.N", env = "KUBE_ASSAY_VERSION")]
    pub(super) version: Option<String>,
    /// A profile, such as eks-anywhere (see list profiles); else the one of the node's platform; none switches profiles off
    #[arg(long, global = true, value_name = "NAME", env = "KUBE_ASSAY_PROFILE")]
    pub(super) profile: Option<String>,
    /// Targets to check: master (or control-plane), node (or worker), etcd, controlplane, policies
    #[arg(short = 's', long, global = true, value_name = "A,B", value_delimiter = ',')]
    pub(super) targets: Vec<String>,
    /// Only these checks, by number or control
    #[arg(short = 'c', long, global = true, value_name = "IDS", value_delimiter = ',')]
    pub(super) check: Vec<String>,
    /// Only these groups
    #[arg(short = 'g', long, global = true, value_name = "IDS", value_delimiter = ',')]
    pub(super) group: Vec<String>,
    /// Checks, groups or controls to leave out
    #[arg(long, global = true, value_name = "IDS", value_delimiter = ',')]
    pub(super) skip: Vec<String>,
    /// Run the scored checks
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = ArgAction::Set)]
    pub(super) scored: bool,
    /// Run the checks that are not scored
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = ArgAction::Set)]
    pub(super) unscored: bool,

    /// Print JSON
    #[arg(long, global = true, help_heading = "Output")]
    pub(super) json: bool,
    /// Print JUnit XML
    #[arg(long, global = true, help_heading = "Output")]
    pub(super) junit: bool,
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        help = format!("Print this format: {}", Format::list("or")),
        help_heading = "Output"
    )]
    pub(super) format: Option<String>,
    /// Write the report to this file instead of standard output, which is also called -
    #[arg(long, global = true, value_name = "FILE", help_heading = "Output")]
    pub(super) outputfile: Option<PathBuf>,
    /// Write a report of this format to this file, beside the printed one; may be repeated
    #[arg(long, global = true, value_name = "FORMAT=FILE", help_heading = "Output")]
    pub(super) output: Vec<String>,
    /// Exit with this code where a check is FAIL
    #[arg(long, global = true, value_name = "N", default_value_t = 0, help_heading = "Output")]
    pub(super) exit_code: u8,
    /// Leave the results out of the text
    #[arg(long, global = true, help_heading = "Output")]
    pub(super) noresults: bool,
    /// Leave the summaries out of the text
    #[arg(long, global = true, help_heading = "Output")]
    pub(super) nosummary: bool,
    /// Leave the remediations out of the text
    #[arg(long, global = true, help_heading = "Output")]
    pub(super) noremediations: bool,
    /// Leave the totals out; JSON is a bare array then
    #[arg(long, global = true, help_heading = "Output")]
    pub(super) nototals: bool,
    /// Print what was found for failed checks in the text
    #[arg(long, global = true, help_heading = "Output")]
    pub(super) include_test_output: bool,
    /// Print notices on standard error too, also where it is no terminal; kube-bench's -v N is accepted
    #[arg(short = 'v', long = "verbose", global = true, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "1", help_heading = "Output")]
    pub(super) verbose: Option<u8>,
    /// Print nothing on standard error but errors, also at a terminal
    #[arg(short = 'q', long, global = true, help_heading = "Output")]
    pub(super) quiet: bool,

    /// The node's file system as seen from here
    #[arg(long, global = true, value_name = "DIR", default_value = "/", help_heading = "Node")]
    pub(super) root: PathBuf,
    /// The node's proc mount as seen from here; none for a node that does not run, such as a mounted disk
    #[arg(long, global = true, value_name = "DIR", default_value = "/proc", help_heading = "Node")]
    pub(super) proc: PathBuf,
    /// Report on a root without Kubernetes and etcd too, which is an error otherwise
    #[arg(long, global = true, help_heading = "Node")]
    pub(super) allow_empty: bool,
    /// Check a recorded node instead of this one
    #[arg(long, global = true, value_name = "FILE", conflicts_with_all = ["root", "proc"], help_heading = "Node")]
    pub(super) node: Option<PathBuf>,
    /// The node's name in reports; else its own
    #[arg(long, global = true, value_name = "NAME", env = "KUBE_ASSAY_NODE_NAME", help_heading = "Node")]
    pub(super) node_name: Option<String>,
    /// Allow processes: kubelet --version where nothing else tells the Kubernetes version and the kubelet is root's alone;
    /// with --config-dir also oc, kubectl and the kubelet for platform and version, and /bin/sh for audits that call what is
    /// not interpreted
    #[arg(long, global = true, help_heading = "Node")]
    pub(super) allow_exec: bool,
    /// How many seconds /bin/sh may take for one audit, with --config-dir and --allow-exec
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400), help_heading = "Node")]
    pub(super) exec_limit: u64,

    /// A directory of controls, benchmarks and components, added to the built-in ones
    #[arg(long, global = true, value_name = "DIR", help_heading = "Definitions")]
    pub(super) benchmarks_dir: Vec<PathBuf>,
    /// A directory of profiles, added to the built-in ones
    #[arg(long, global = true, value_name = "DIR", help_heading = "Definitions")]
    pub(super) profiles_dir: Vec<PathBuf>,

    /// A directory of kube-bench's rule files, run as it is instead of the built-in benchmarks
    #[arg(short = 'D', long, global = true, value_name = "DIR", conflicts_with_all = ["benchmarks_dir", "profiles_dir"], help_heading = "kube-bench")]
    pub(super) config_dir: Option<PathBuf>,
    /// The settings of that directory, instead of its config.yaml
    #[arg(long, global = true, value_name = "FILE", help_heading = "kube-bench")]
    pub(super) config: Option<PathBuf>,
    /// Judge checks whose audits are of a well-known form as ours are, and mark what kube-bench would say otherwise
    #[arg(long, global = true, help_heading = "kube-bench")]
    pub(super) strict: bool,
    /// Behave as kube-bench does, which a program of that name does unasked: nothing more in outputs, its exit codes
    #[arg(long, global = true, help_heading = "kube-bench")]
    pub(super) compat: bool,

    #[command(flatten)]
    pub(super) of_kube_bench: OfKubeBench,
}

/// What kube-bench takes and this program does not need, so that command lines still work; with what it has no use for
/// at all it says so.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are the switches that users of kube-bench know")]
pub(super) struct OfKubeBench {
    #[arg(long, global = true, hide = true)]
    logtostderr: bool,
    #[arg(long, global = true, hide = true)]
    alsologtostderr: bool,
    #[arg(long = "log_dir", global = true, hide = true, value_name = "DIR")]
    log_dir: Option<String>,
    #[arg(long = "log_backtrace_at", global = true, hide = true, value_name = "PLACE")]
    log_backtrace_at: Option<String>,
    #[arg(long, global = true, hide = true, value_name = "N")]
    stderrthreshold: Option<String>,
    #[arg(long, global = true, hide = true, value_name = "PATTERN")]
    vmodule: Option<String>,
    #[arg(long, global = true, hide = true)]
    pgsql: bool,
    #[arg(long, global = true, hide = true)]
    asff: bool,
}

impl Options {
    /// Whether more is to be told than without `-v`.
    pub(super) fn is_verbose(&self) -> bool {
        self.verbose.is_some_and(|level| level > 0)
    }

    /// Whether they say which node to look at.
    pub(super) fn names_a_node(&self) -> bool {
        self.node.is_some() || self.root != Path::new("/") || self.proc != Path::new("/proc")
    }

    /// Whether JSON is asked for, of a subcommand that prints it or text.
    ///
    /// # Errors
    ///
    /// Wrong usage where it is another format.
    pub(super) fn wants_json(&self) -> Result<bool, Failure> {
        match self.format.as_deref() {
            None => Ok(self.json),
            Some("json") => Ok(true),
            Some("text") if !self.json => Ok(false),
            Some("text") => Err(Failure::Usage(anyhow!("--json, --format: more than one format (give one of them)"))),
            Some(other) => Err(Failure::Usage(anyhow!(
                "--format {other}: this prints text, or JSON with --json (use run for a report)"
            ))),
        }
    }

    /// Forgets what variables of the environment say, as far as they are like this.
    fn drop_variables(&mut self, matches: &ArgMatches, is_dropped: impl Fn(&str) -> bool) {
        for (name, value) in [
            ("benchmark", &mut self.benchmark),
            ("version", &mut self.version),
            ("profile", &mut self.profile),
            ("node_name", &mut self.node_name),
        ] {
            if !is_typed(matches, name) {
                value.take_if(|value| is_dropped(value));
            }
        }
    }

    /// Where no version was typed, kube-bench's variable gives one, also beside a benchmark. This program's own variables
    /// yield to both.
    fn weigh_as_kube_bench(&mut self, typed: &impl Fn(&str) -> bool) {
        let is_typed = typed("version") && self.version.as_ref().is_some_and(|version| !version.is_empty());
        let by_variable = std::env::var("KUBE_BENCH_VERSION").ok().filter(|version| !is_typed && !version.is_empty());
        if typed("benchmark") && !is_typed {
            self.version = None;
        }
        if (is_typed || by_variable.is_some()) && !typed("benchmark") {
            self.benchmark = None;
        }
        self.version = by_variable.or(self.version.take());
    }

    /// What cannot be given together, by the options alone; kube-bench finds that out when it runs, and not as wrong usage.
    fn both(&self) -> Result<(), &'static str> {
        if self.benchmark.is_some() && self.version.is_some() {
            return Err(
                "--benchmark and --version, or KUBE_BENCH_VERSION: each chooses the benchmark (give one of them)",
            );
        }
        if !self.check.is_empty() && !self.group.is_empty() {
            return Err("--check and --group: each chooses the checks (give one of them)");
        }
        Ok(())
    }

    /// Refuses, in the place of kube-bench, to run with what cannot be given together.
    pub(super) fn refuse_both(&self) -> Result<(), Failure> {
        if self.compat { self.both().map_err(|text| Failure::Usage(anyhow!(text))) } else { Ok(()) }
    }

    /// Weighs what was typed against what the environment says, which yields.
    fn weigh(&mut self, matches: &ArgMatches) -> Result<(), &'static str> {
        let typed = |name: &str| is_typed(matches, name);
        // A variable that is set to nothing is not set: Job templates leave such behind.
        self.drop_variables(matches, str::is_empty);
        if self.of_kube_bench.pgsql || self.of_kube_bench.asff {
            return Err(
                "--pgsql, --asff: reports go to files and standard output only (send the JSON on with a tool of the \
                        receiver's)",
            );
        }
        if self.quiet && self.is_verbose() {
            return Err("--quiet and --verbose: one prints less and the other more (give one of them)");
        }
        let of_rule_files = self.config_dir.is_some() || self.config.is_some();
        if self.compat {
            self.weigh_as_kube_bench(&typed);
        }
        if self.compat || of_rule_files {
            for value in [&mut self.benchmark, &mut self.version] {
                value.take_if(|value| value.trim().is_empty());
            }
        }
        if of_rule_files && typed("profile") && self.profile.as_deref() != Some("none") {
            return Err(
                "--profile: belongs to the built-in benchmarks (leave it out with --config-dir; --skip skips checks)",
            );
        }
        if self.compat {
            return Ok(());
        }
        if self.benchmark.is_some() && self.version.is_some() {
            match (typed("benchmark"), typed("version")) {
                (true, false) => self.version = None,
                (false, true) => self.benchmark = None,
                (true, true) => return Err("--benchmark and --version: each chooses the benchmark (give one of them)"),
                (false, false) => {
                    return Err(
                        "KUBE_ASSAY_BENCHMARK and KUBE_ASSAY_VERSION: each chooses the benchmark (set one of them)",
                    );
                }
            }
        }
        self.both()
    }
}
