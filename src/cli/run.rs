//! `run`: checks a node.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use model::{Command, Notice, Report};
use redact::{Bounds, Masked, mask_text};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::embedded;
use crate::node::{commit, is_root, remarks};
#[cfg(feature = "cluster")]
use crate::policies::{SaidByAws, Seen};
use crate::report::Summary;
use crate::run::{
    BenchmarkChoice, Beside, NO_COMPONENT, PROCESS_IGNORED, ProfileChoice, RunRequest, assay_with_remains, benchmark_of,
};
use ::definitions::Definitions;
use ::definitions::SharedText;
#[cfg(feature = "cluster")]
use ::definitions::benchmark::Target;
use ::definitions::benchmark::{Benchmark, Component};
use ::probe::{Answer, Location, Node, Observed, Question};

#[cfg(feature = "cluster")]
use super::cluster::{aws::AwsOptions, options::ClusterOptions, run::put_cluster, source::seen};
use super::failure::Failure;
use super::options::{
    BenchmarkOptions, CheckOptions, CompatibilityOptions, EmptyOptions, ExecLimitOptions, ExecOptions, GivenBenchmark,
    GivenChoice, NodeNameOptions, NodeOptions, ProfileOptions, ReportOptions, RuleOptions, TargetOptions, Verbosity,
    requested,
};
use super::output::Outputs;
use super::phases::{self, Job, Looked};
use super::{containment, definitions, notice, target_node};

// The options of `run`.
#[derive(Debug, Args)]
#[command(
    after_long_help = "Environment: KUBE_ASSAY_BENCHMARK, KUBE_ASSAY_VERSION, KUBE_ASSAY_PROFILE, KUBE_ASSAY_NODE_NAME"
)]
#[cfg_attr(feature = "cluster", command(mut_args(hide_details)))]
pub(super) struct RunOptions {
    #[command(flatten)]
    pub(super) benchmark: BenchmarkOptions,
    #[command(flatten)]
    pub(super) profile: ProfileOptions,
    #[command(flatten)]
    pub(super) targets: TargetOptions,
    #[command(flatten)]
    pub(super) checks: CheckOptions,
    #[command(flatten)]
    pub(super) report: ReportOptions,
    #[command(flatten)]
    pub(super) node: NodeOptions,
    #[command(flatten)]
    pub(super) node_name: NodeNameOptions,
    // `cluster --help` lists all of these; some are hidden here.
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    pub(super) cluster: ClusterOptions,
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    pub(super) aws: AwsOptions,
    #[command(flatten)]
    pub(super) empty: EmptyOptions,
    #[command(flatten)]
    pub(super) exec: ExecOptions,
    #[command(flatten)]
    pub(super) exec_limit: ExecLimitOptions,
    #[command(flatten)]
    pub(super) rules: RuleOptions,
    #[command(flatten)]
    pub(super) compatibility: CompatibilityOptions,
}

/// Hides the details of cluster access: the list of options is long enough.
#[cfg(feature = "cluster")]
fn hide_details(option: clap::Arg) -> clap::Arg {
    const DETAILS: [&str; 5] =
        ["aws_evidence", "context", "cluster_objects", "insecure_skip_tls_verify", "requests_per_second"];
    let is_detail = DETAILS.contains(&option.get_id().as_str());
    if is_detail { option.hide(true) } else { option }
}

impl RunOptions {
    /// Returns the benchmark or version given, with kube-bench's precedence if it is being replaced.
    pub(super) fn benchmark(&self) -> Result<GivenBenchmark, Failure> {
        if self.compatibility.compat {
            self.benchmark.given_to_kube_bench()
        } else if self.rules.rule_files.are_named() {
            self.benchmark.given_for_rule_files()
        } else {
            self.benchmark.given()
        }
    }
}

/// Checks the node of these options.
pub(super) fn run(options: &'static RunOptions, verbosity: &'static Verbosity) -> Result<ExitCode, Failure> {
    if options.compatibility.strict {
        return Err(Failure::Usage(anyhow!(
            "--strict: the built-in benchmarks are always strict (leave it out, or name rule files with --config-dir)"
        )));
    }
    let begin = move || {
        let outputs = Outputs::of(&options.report, verbosity, options.node.node.as_deref())?;
        let mut request = RunRequest {
            targets: options.targets.targets()?,
            node_name: options.node_name.given()?,
            cluster_directory: options.node.cluster_directory()?,
            ..requested(options.benchmark()?.choice()?, &options.profile, request(String::new()))?
        };
        options.checks.put_into(&mut request)?;
        let definitions = definitions::of(&options.rules.definitions)?;
        #[cfg(feature = "cluster")]
        let cluster = if is_about_cluster(options, &request) { seen(&options.cluster, &options.exec)? } else { None };
        #[cfg(feature = "cluster")]
        let aws = options.aws.evidence()?.map(|evidence| SaidByAws::of(evidence, cluster.as_ref()));
        Ok(Check {
            options,
            verbosity,
            outputs,
            request,
            definitions,
            #[cfg(feature = "cluster")]
            cluster,
            #[cfg(feature = "cluster")]
            aws,
        })
    };
    phases::carry_out_beside(&options.node, &options.exec, begin, &|| read_ahead(options))
}

/// Reads ahead the built-in definitions that the options select. Errors in the options are reported when the run
/// begins.
fn read_ahead(options: &RunOptions) {
    let given = options.benchmark().and_then(|given| given.choice());
    let targets = options.targets.targets();
    if let (Ok(given), Ok(targets)) = (given, targets) {
        let first = match &given.choice {
            BenchmarkChoice::Named(name) => Some(name),
            BenchmarkChoice::ForVersion(_) | BenchmarkChoice::Detected => None,
        };
        embedded::read_ahead(first.into_iter().chain(&given.further).map(String::as_str), targets.as_deref());
    }
}

/// The job of `run`.
struct Check {
    options: &'static RunOptions,
    verbosity: &'static Verbosity,
    outputs: Outputs,
    request: RunRequest,
    definitions: &'static Definitions,
    #[cfg(feature = "cluster")]
    cluster: Option<Seen>,
    #[cfg(feature = "cluster")]
    aws: Option<SaidByAws>,
}

impl Job for Check {
    fn components(&self) -> Option<&BTreeMap<SharedText, Component>> {
        Some(&self.definitions.library.components)
    }

    fn written(&self) -> Vec<PathBuf> {
        self.outputs.files().map(Path::to_owned).collect()
    }

    fn look(&self, node: &Looked, seen_from: &str) -> Result<ExitCode, Failure> {
        let Self { options, verbosity, outputs, request, definitions, .. } = self;
        let mut request = RunRequest { root: seen_from.to_owned(), machine_id: machine_id(node), ..request.clone() };
        request.command = command("run", &request);
        put_node(&mut request.command, &options.node, options.exec.allow_exec);
        #[cfg(feature = "cluster")]
        put_cluster(&mut request.command, &options.cluster, &options.aws);
        #[cfg(feature = "cluster")]
        let beside =
            Beside { cluster: self.cluster.as_ref().map(Seen::within), aws: self.aws.as_ref().map(SaidByAws::within) };
        #[cfg(not(feature = "cluster"))]
        let beside = Beside::default();
        let (mut report, remains) = assay_with_remains(node, &beside, definitions, &request).map_err(Failure::usage)?;
        // Freeing it would only delay the exit.
        let _remains = ManuallyDrop::new(remains);
        #[cfg(feature = "cluster")]
        report.run.notices.extend(self.cluster.as_ref().and_then(|cluster| of_no_node(cluster, &report.run.host.name)));
        report.run.notices.extend(unanswered());
        if options.node.node.is_none() && !is_root() {
            report.run.notices.push(Notice {
                code: "not-root".into(),
                text: "user: not root, so what only root can read is unknown (run as root)".to_owned(),
            });
        }
        refuse_empty(options, verbosity, &report)?;
        finish(&options.report, verbosity, outputs, report)
    }
}

/// Whether a cluster is read: one that is named, or, if checks of its objects may run, the one that the environment
/// shows.
#[cfg(feature = "cluster")]
fn is_about_cluster(options: &RunOptions, request: &RunRequest) -> bool {
    let is_of_cluster = |target: &Target| target.is_about_cluster();
    options.cluster.is_named() || request.targets.as_ref().is_none_or(|targets| targets.iter().any(is_of_cluster))
}

/// Returns the notice that the node does not belong to the cluster.
#[cfg(feature = "cluster")]
fn of_no_node(cluster: &Seen, node: &str) -> Option<Notice> {
    (cluster.has_node(node) == Some(false)).then(|| Notice {
        code: "node-not-in-cluster".into(),
        text: format!(
            "node {node}: not among the nodes of {}, so the report is about two clusters (name the cluster that it \
             belongs to, or its name there with --node-name)",
            cluster.source()
        ),
    })
}

/// Returns notices of what did not respond in this run, and of a deadline that passed.
pub(super) fn unanswered() -> impl Iterator<Item = Notice> {
    remarks().into_iter().map(|(code, text)| Notice::new(code, text))
}

/// Rejects a report on something that is not a node, which would look like a node without failures.
fn refuse_empty(options: &RunOptions, verbosity: &Verbosity, report: &Report) -> Result<(), Failure> {
    let told = |code| report.run.notices.iter().filter(move |notice| notice.code == code);
    if options.empty.allow_empty || told(NO_COMPONENT).next().is_none() {
        return Ok(());
    }
    // There will be no report to contain them.
    for ignored in told(PROCESS_IGNORED) {
        notice::alone(verbosity, &mask_text(&ignored.text));
    }
    Err(target_node::empty(&mask_text(&report.run.root)))
}

/// Writes the reports, prints the notices, and decides the exit code.
pub(super) fn finish(
    options: &ReportOptions,
    verbosity: &Verbosity,
    outputs: &Outputs,
    mut report: Report,
) -> Result<ExitCode, Failure> {
    report.run.finished = now();
    report.run.sandbox = containment::in_force();
    let failed = Summary::from(&report).fail > 0;
    outputs.keep(&mut report);
    Bounds::default().run(&mut report.run);
    // Never dropped: freeing the report would only delay the exit.
    let report = ManuallyDrop::new(Masked::new(report));
    if commit() && notice::is_heard(verbosity) {
        let run = &report.run;
        // On a terminal, where both streams are visible, the text report already contains them.
        if verbosity.is_verbose() || !outputs.prints_text() {
            for told in &run.notices {
                notice::beside_output(verbosity, &told.text);
            }
        }
        if verbosity.is_verbose() {
            let (benchmark, version) = (&run.benchmark, &run.kubernetes.evidence);
            notice::beside_output(
                verbosity,
                &format!("benchmark {} ({}): {version}", benchmark.name, benchmark.digest),
            );
        }
        containment::tell(verbosity, &run.sandbox);
    }
    outputs.write(&|format, style, out| format.write(&report, style, out))?;
    Ok(if failed { ExitCode::from(options.exit_code) } else { ExitCode::SUCCESS })
}

/// Returns the chosen benchmark, if one is chosen, for subcommands that accept only one.
pub(super) fn chosen_benchmark<'d>(
    given: &GivenChoice,
    verbosity: &Verbosity,
    definitions: &'d Definitions,
) -> Result<Option<&'d Benchmark>, Failure> {
    let mut notices = Vec::new();
    let GivenChoice { choice, further, variable } = given;
    if let Some(second) = further.first() {
        let option = variable.unwrap_or("--benchmark");
        return Err(Failure::Usage(anyhow!("{option} {second}: a second benchmark (give one)")));
    }
    let chosen = benchmark_of(definitions, choice, &mut notices);
    let chosen = chosen.map_err(|error| Failure::usage(error.given_by(*variable)))?;
    for told in notices {
        notice::alone(verbosity, &told.text);
    }
    Ok(chosen)
}

/// Returns a request for everything that applies to the node at `root`, starting now.
pub(super) fn request(root: String) -> RunRequest {
    RunRequest { root, started: now(), ..RunRequest::default() }
}

/// Returns the subcommand and the choices that decide what is checked.
pub(super) fn command(name: &str, request: &RunRequest) -> Command {
    let mut command = Command { name: name.to_owned(), choices: BTreeMap::new() };
    let first = match &request.benchmark {
        BenchmarkChoice::Named(name) => Some(name.as_str()),
        BenchmarkChoice::Detected | BenchmarkChoice::ForVersion(_) => None,
    };
    choose(&mut command, "benchmark", first.into_iter().chain(request.further.iter().map(String::as_str)));
    if let BenchmarkChoice::ForVersion(version) = &request.benchmark {
        choose(&mut command, "version", [version]);
    }
    match &request.profile {
        ProfileChoice::Detected => {}
        ProfileChoice::None => choose(&mut command, "profile", ["none"]),
        ProfileChoice::Named(name) => choose(&mut command, "profile", [name]),
    }
    choose(&mut command, "targets", request.targets.iter().flatten());
    for (name, chosen) in [("check", &request.checks), ("group", &request.groups), ("skip", &request.skip)] {
        choose(&mut command, name, <&BTreeSet<String>>::into_iter(chosen));
    }
    choose(&mut command, "level", request.level);
    choose(&mut command, "scored", request.without_scored.then_some(false));
    choose(&mut command, "unscored", request.without_unscored.then_some(false));
    choose(&mut command, "node-name", &request.node_name);
    command
}

/// Adds which node was examined, and whether starting processes was allowed.
pub(super) fn put_node(command: &mut Command, node: &NodeOptions, allow_exec: bool) {
    choose(command, "node", node.node.iter().map(|node| node.display()));
    for (name, default, path) in [("root", "/", &node.root), ("proc", "/proc", &node.proc)] {
        choose(command, name, (path != Path::new(default)).then(|| path.display()));
    }
    choose(command, "cluster-dir", node.cluster_directory().ok().flatten().iter().map(|directory| directory.display()));
    choose(command, "allow-exec", allow_exec.then_some(true));
    choose(command, "no-sandbox", node.no_sandbox.then_some(true));
}

/// Adds a choice, unless it has no values.
pub(super) fn choose<T: ToString>(command: &mut Command, name: &str, values: impl IntoIterator<Item = T>) {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    if !values.is_empty() {
        command.choices.insert(name.to_owned(), values);
    }
}

/// Returns a digest of the node's machine id that does not reveal the id; `None` if it has none.
///
/// Recordings contain no machine id.
pub(super) fn machine_id(node: &dyn Node) -> Option<String> {
    let question = Question::Content(Location::node("/etc/machine-id"));
    let Observed::Present(Answer::Content(content)) = node.ask(&question) else { return None };
    let id = content.bytes.trim_ascii();
    // Before the first boot of an image it is `uninitialized`.
    if id.len() != 32 || !id.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digest = Sha256::digest([b"kube-assay machine-id:", id].concat());
    let mut hexadecimal = String::new();
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    Some(hexadecimal)
}

/// Returns the current time, to the second (RFC 3339, UTC).
pub(super) fn now() -> String {
    // Formatting fails only for years of more than four digits.
    OffsetDateTime::now_utc().truncate_to_second().format(&Rfc3339).unwrap_or_default()
}
