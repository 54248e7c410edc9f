//! `detect`: what a run would take this node for, and why.

use std::borrow::Cow;
use std::fmt::Write;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde::Serialize;

use redact::mask_text;

use crate::collect;
use crate::node::commit;
use crate::report::escape;
use crate::run::{Decision, RunRequest, decide};
use ::definitions::Definitions;
use ::definitions::benchmark::Library;

use super::failure::Failure;
use super::options::{
    BenchmarkOptions, DefinitionOptions, ExecOptions, JsonOptions, NodeNameOptions, NodeOptions, ProfileOptions,
    TargetOptions,
};
use super::phases::{self, Job, Looked};
use super::{definitions, output, run};

// The options of `detect`.
#[derive(Debug, Args)]
pub(super) struct DetectOptions {
    #[command(flatten)]
    benchmark: BenchmarkOptions,
    #[command(flatten)]
    profile: ProfileOptions,
    #[command(flatten)]
    targets: TargetOptions,
    #[command(flatten)]
    json: JsonOptions,
    #[command(flatten)]
    pub(super) node: NodeOptions,
    #[command(flatten)]
    node_name: NodeNameOptions,
    #[command(flatten)]
    pub(super) exec: ExecOptions,
    #[command(flatten)]
    definitions: DefinitionOptions,
}

/// Tells what the node is, and what would be run on it; nothing is checked.
pub(super) fn run(options: &'static DetectOptions) -> Result<ExitCode, Failure> {
    let as_json = options.json.wants_json()?;
    phases::carry_out(&options.node, &options.exec, move || {
        let definitions = definitions::of(&options.definitions)?;
        let request = RunRequest {
            benchmark: options.benchmark.choice()?,
            profile: options.profile.choice()?,
            targets: options.targets.targets()?,
            node_name: options.node_name.given()?,
            ..run::request(String::new())
        };
        Ok(Detection { as_json, definitions, request })
    })
}

/// A node of which is told what it is.
struct Detection {
    as_json: bool,
    definitions: ManuallyDrop<Definitions>,
    request: RunRequest,
}

impl Job for Detection {
    fn library(&self) -> Option<&Library> {
        Some(&self.definitions.library)
    }

    fn written(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn look(&self, node: &Looked, seen_from: &str) -> Result<ExitCode, Failure> {
        let Self { as_json, definitions, request } = self;
        let inventory = collect::take_inventory(node, &definitions.library);
        let mut decision = decide(node, definitions, request, &inventory).map_err(Failure::usage)?;
        decision.notices.extend(run::unanswered());
        let told = Told::of(&decision, seen_from);
        commit();
        if *as_json {
            let json = serde_json::to_string(&told).context("detect").map_err(Failure::System)?;
            return output::line(&escape::line(&json));
        }
        output::text(&told.text())
    }
}

/// What is told, without secrets.
#[derive(Serialize)]
struct Told {
    node: String,
    root: String,
    platform: Option<Thing>,
    version: Thing,
    targets: Vec<Thing>,
    benchmark: Thing,
    profile: Thing,
    notices: Vec<Remark>,
}

/// Something that was decided, and what speaks for it.
#[derive(Serialize)]
struct Thing {
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    evidence: Vec<String>,
}

#[derive(Serialize)]
struct Remark {
    code: String,
    text: String,
}

impl Told {
    fn of(decision: &Decision<'_>, root: &str) -> Self {
        let shown = |text: &str| mask_text(text).into_owned();
        let sentences = |evidence: &[String]| evidence.iter().map(|sentence| shown(sentence)).collect();
        let thing = |name: Option<String>, title: Option<&str>, evidence: &str| Thing {
            name,
            title: title.map(str::to_owned),
            evidence: vec![shown(evidence)],
        };
        let benchmark = decision.benchmark;
        Self {
            node: shown(&decision.node),
            root: shown(root),
            platform: decision.platform.as_ref().map(|detected| Thing {
                name: Some(detected.platform.name().to_owned()),
                title: Some(detected.platform.title().to_owned()),
                evidence: sentences(&detected.evidence),
            }),
            version: thing(
                decision.version.as_ref().map(|detected| detected.version.to_string()),
                None,
                &decision.version_evidence,
            ),
            targets: decision
                .targets
                .iter()
                .map(|detected| Thing {
                    name: Some(detected.target.name().to_owned()),
                    title: benchmark.target(detected.target).map(|index| index.title.clone()),
                    evidence: sentences(&detected.evidence),
                })
                .collect(),
            benchmark: thing(Some(benchmark.name.clone()), Some(&benchmark.title), &decision.benchmark_evidence),
            profile: thing(
                decision.profile.map(|profile| profile.name.clone()),
                decision.profile.map(|profile| profile.title.as_str()),
                &decision.profile_evidence,
            ),
            notices: decision
                .notices
                .iter()
                .map(|notice| Remark { code: notice.code.clone().into_owned(), text: shown(&notice.text) })
                .collect(),
        }
    }

    /// For people: each thing on a line, its evidence indented below it.
    fn text(&self) -> String {
        let mut text = format!("node        {} (seen from {})\n", escape::line(&self.node), escape::line(&self.root));
        let nothing = Thing { name: None, title: None, evidence: vec!["nothing of Kubernetes or etcd is here".into()] };
        let platform = self.platform.as_ref().unwrap_or(&nothing);
        let head = [("platform", platform), ("version", &self.version)];
        let tail = [("benchmark", &self.benchmark), ("profile", &self.profile)];
        let targets = self.targets.iter().map(|target| ("target", target));
        for (word, thing) in head.into_iter().chain(targets).chain(tail) {
            let name = thing.name.as_deref().map_or(Cow::Borrowed("none"), escape::line);
            let title = thing.title.as_deref().map_or_else(String::new, |title| format!(": {}", escape::line(title)));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{word:<11} {name}{title}");
            for sentence in &thing.evidence {
                let _ = writeln!(text, "            - {}", escape::line(sentence));
            }
        }
        for notice in &self.notices {
            let _ = writeln!(text, "notice      {}", escape::line(&notice.text));
        }
        text
    }
}
