//! Which options mean something to a subcommand. All of them are read everywhere, as kube-bench's are, so that what was
//! typed and means nothing there is refused: nobody is to believe that it did something.

use clap::{Arg, ArgMatches};

use super::arguments::{Command, Listed};

/// What a subcommand makes of the options.
pub(super) struct Use {
    /// The options that mean something to it, by kind.
    options: &'static [&'static [&'static str]],
    /// Whether variables of the environment stand for options here. Those are set for all runs, and are never refused.
    pub(super) variables: bool,
    /// What it is, and what to do instead.
    is: &'static str,
}

const BENCHMARK: &[&str] = &["benchmark", "version"];
const TARGETS: &[&str] = &["targets"];
const CHECKS: &[&str] = &["check", "group", "skip", "scored", "unscored"];
const REPORT: &[&str] = &[
    "json",
    "junit",
    "format",
    "outputfile",
    "output",
    "exit_code",
    "noresults",
    "nosummary",
    "noremediations",
    "nototals",
    "include_test_output",
];
const AS_JSON: &[&str] = &["json", "format"];
const NODE: &[&str] = &["root", "proc", "node"];
const DEFINITIONS: &[&str] = &["benchmarks_dir", "profiles_dir"];
/// Where nothing comes of them, [`super::kube_bench::refuse`] says for what they are.
const RULE_FILES: &[&str] = &["config_dir", "config"];
/// How much is said, and in whose place the program stands.
const ALWAYS: &[&str] = &["verbose", "quiet", "compat", "tool_version", "help"];

impl Use {
    /// What this subcommand makes of them; nothing to say of those that take them all.
    pub(super) fn of(command: Option<&Command>, compat: bool) -> Option<Self> {
        Some(match command? {
            Command::Run => return None,
            // kube-bench takes all its options with these too.
            Command::Version | Command::Completions { .. } if compat => return None,
            Command::Detect => Self {
                options: &[
                    BENCHMARK,
                    &["profile", "node_name", "allow_exec"],
                    TARGETS,
                    AS_JSON,
                    NODE,
                    DEFINITIONS,
                    RULE_FILES,
                ],
                variables: true,
                is: "detect, which prints text, or JSON with --json, and checks nothing (use run for a report)",
            },
            Command::Demo => Self {
                options: &[BENCHMARK, &["profile", "node_name"], TARGETS, CHECKS, REPORT, DEFINITIONS, RULE_FILES],
                variables: true,
                is: "demo, which checks a node of its own (use run to check this one)",
            },
            Command::List { what: Listed::Profiles } => Self {
                options: &[DEFINITIONS, RULE_FILES],
                variables: false,
                is: "list profiles, which prints all of them as text (leave it out)",
            },
            Command::List { .. } => Self {
                options: &[BENCHMARK, DEFINITIONS, RULE_FILES],
                variables: false,
                is: "list, which prints text, of one benchmark with --benchmark or --version (leave it out)",
            },
            Command::Explain { .. } => Self {
                options: &[BENCHMARK, DEFINITIONS, RULE_FILES],
                variables: true,
                is: "explain, which prints text, as one benchmark has it with --benchmark or --version (leave it out)",
            },
            Command::Lint { .. } => Self {
                options: &[AS_JSON, DEFINITIONS, RULE_FILES],
                variables: false,
                is: "lint, which checks definitions and prints text, or JSON with --json (leave it out)",
            },
            Command::Convert { .. } => Self {
                options: &[&["benchmark"], DEFINITIONS, RULE_FILES],
                variables: true,
                is: "convert, which writes a benchmark of --config-dir as it is (leave it out)",
            },
            Command::Report(_) => Self {
                options: &[REPORT],
                variables: true,
                is: "report, which prints saved reports and looks at no node (leave it out)",
            },
            Command::Record { .. } => Self {
                options: &[BENCHMARK, TARGETS, CHECKS, NODE, &["allow_empty"], DEFINITIONS, RULE_FILES],
                variables: true,
                is: "record, which writes a recording, not a report (leave it out, and give --file to write to a file)",
            },
            Command::Version => {
                Self { options: &[], variables: false, is: "version, which prints a line of text (leave it out)" }
            }
            Command::Completions { .. } => {
                Self { options: &[], variables: false, is: "completions, which prints a shell's script (leave it out)" }
            }
        })
    }

    /// Refuses those of the options that were typed and mean nothing here.
    pub(super) fn refuse_others<'a>(
        &self,
        options: impl Iterator<Item = &'a Arg>,
        matches: &ArgMatches,
    ) -> Result<(), String> {
        let mut others = Vec::new();
        for option in options.filter(|option| !option.is_hide_set()) {
            let id = option.get_id().as_str();
            let is_heeded = ALWAYS.contains(&id) || self.options.iter().any(|kind| kind.contains(&id));
            if !is_heeded && super::arguments::is_typed(matches, id) {
                others.extend(option.get_long().map(|name| format!("--{name}")));
            }
        }
        let verb = match others.len() {
            0 => return Ok(()),
            1 => "means",
            _ => "mean",
        };
        Err(format!("{}: {verb} nothing to {}", others.join(", "), self.is))
    }
}
