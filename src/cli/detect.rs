//! `detect`: prints what a run would detect on this node, and the evidence.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use redact::mask_text;

use crate::collect;
use crate::node::commit;
use crate::report::escape;
use crate::report::wrap::hanging;
use crate::run::{Decision, RunRequest, decide};
use ::definitions::Definitions;
use ::definitions::SharedText;
use ::definitions::benchmark::Component;

#[cfg(feature = "cluster")]
use super::cluster::{options::ClusterOptions, source::seen};
use super::failure::Failure;
use super::options::{
    BenchmarkOptions, DefinitionOptions, ExecOptions, JsonOptions, NodeNameOptions, NodeOptions, Printed,
    ProfileOptions, TargetOptions, requested,
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
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    pub(super) cluster: ClusterOptions,
    #[command(flatten)]
    definitions: DefinitionOptions,
}

/// Prints the detected node and what would run on it; checks nothing.
pub(super) fn run(options: &'static DetectOptions) -> Result<ExitCode, Failure> {
    let printed = options.json.printed()?;
    phases::carry_out(&options.node, &options.exec, move || {
        let definitions = definitions::of(&options.definitions)?;
        let request = RunRequest {
            targets: options.targets.targets()?,
            node_name: options.node_name.given()?,
            cluster_directory: options.node.cluster_directory()?,
            ..requested(options.benchmark.choice()?, &options.profile, run::request(String::new()))?
        };
        #[cfg(feature = "cluster")]
        let cluster = seen(&options.cluster, &options.exec)?.map(|seen| seen.within().about);
        #[cfg(not(feature = "cluster"))]
        let cluster = None;
        Ok(Detection { printed, definitions, request, cluster })
    })
}

/// The job of `detect`.
struct Detection {
    printed: Printed,
    definitions: &'static Definitions,
    request: RunRequest,
    cluster: Option<model::Cluster>,
}

impl Job for Detection {
    fn components(&self) -> Option<&BTreeMap<SharedText, Component>> {
        Some(&self.definitions.library.components)
    }

    fn written(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn look(&self, node: &Looked, seen_from: &str) -> Result<ExitCode, Failure> {
        let Self { printed, definitions, request, cluster } = self;
        let mut inventory = collect::take_inventory(node, &definitions.library);
        inventory.administer(node, request.cluster_directory.as_deref()).map_err(Failure::usage)?;
        let mut decision = decide(node, cluster.as_ref(), definitions, request, &inventory).map_err(Failure::usage)?;
        decision.notices.extend(run::unanswered());
        let told = Told { cluster: cluster.as_ref().map(of_cluster), ..Told::of(&decision, seen_from) };
        commit();
        match printed {
            Printed::Text => output::text(&told.text(output::columns())),
            Printed::Json | Printed::PrettyJson => output::data(&told, *printed),
        }
    }
}

/// The detection result as printed, with secrets masked.
#[derive(Serialize)]
struct Told {
    node: String,
    root: String,
    platform: Option<Thing>,
    version: Thing,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<Thing>,
    targets: Vec<Thing>,
    benchmark: Thing,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    further_benchmarks: Vec<Thing>,
    profile: Thing,
    notices: Vec<Remark>,
}

/// A detected or chosen item and the evidence for it.
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

/// Describes a cluster and the evidence for it.
fn of_cluster(cluster: &model::Cluster) -> Thing {
    let model::Cluster { source, version, distribution, eks_anywhere, network, policy_engines, nodes } = cluster;
    let shown = |text: &str| mask_text(text).into_owned();
    let nodes = nodes.iter().map(|(role, count)| format!("{count} {role}")).collect::<Vec<_>>().join(", ");
    let said = [("seen from", Some(source.clone())), ("version", version.clone()), ("nodes", Some(nodes))];
    let said =
        said.into_iter().filter_map(|(word, said)| Some(format!("{word} {}", said.filter(|said| !said.is_empty())?)));
    let evidence = eks_anywhere
        .iter()
        .flat_map(of_eks_anywhere)
        .chain(said)
        .chain(network.iter().cloned())
        .chain(policy_engines.iter().map(|engine| format!("policy engine {engine}")));
    let evidence = evidence.map(|text| shown(&text)).collect();
    Thing { name: distribution.clone(), title: eks_anywhere.as_ref().map(|cluster| shown(&cluster.title)), evidence }
}

/// Describes a cluster's EKS Anywhere installation, one sentence per known fact.
fn of_eks_anywhere(cluster: &model::EksAnywhere) -> Vec<String> {
    let model::EksAnywhere { role: _, title: _, evidence, name: _, version, bundles, provider, manages } = cluster;
    let listed = |model::Listed { first, more }: &model::Listed| match more {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    };
    let said = [
        Some(evidence.clone()),
        version.as_ref().map(|version| format!("EKS Anywhere {version}")),
        bundles.as_ref().map(|bundles| format!("Bundles {bundles}")),
        provider.as_ref().map(|provider| format!("provider {provider}")),
        (!manages.is_empty()).then(|| format!("manages {}", listed(manages))),
    ];
    said.into_iter().flatten().collect()
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
            cluster: None,
            targets: [(benchmark, &decision.targets)]
                .into_iter()
                .chain(decision.further.iter().map(|further| (further.benchmark, &further.targets)))
                .flat_map(|(benchmark, targets)| targets.iter().map(move |detected| (benchmark, detected)))
                .map(|(benchmark, detected)| Thing {
                    name: Some(detected.target.name().to_owned()),
                    title: benchmark.target(detected.target).map(|index| index.title.to_string()),
                    evidence: sentences(&detected.evidence),
                })
                .collect(),
            benchmark: thing(Some(benchmark.name.to_string()), Some(&benchmark.title), &decision.benchmark_evidence),
            further_benchmarks: decision
                .further
                .iter()
                .map(|further| {
                    thing(Some(further.benchmark.name.to_string()), Some(&further.benchmark.title), &further.evidence)
                })
                .collect(),
            profile: thing(
                decision.profile.map(|profile| profile.name.to_string()),
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

    /// Formats the result as text: one line per item, its evidence indented below it.
    fn text(&self, width: Option<usize>) -> String {
        let mut text = String::new();
        let mut line = |head: &str, said: &str| {
            let said = escape::line(said);
            // Continuation lines are indented to the start of their text.
            let (line, hang) = match said.strip_prefix("- ") {
                Some(_) => (format!("{:HEAD$}{said}", ""), HEAD + 2),
                None => (format!("{head:<HEAD$}{said}"), HEAD),
            };
            match width {
                Some(width) if said.starts_with("- ") => text.push_str(&hanging(&said, [HEAD, hang], width)),
                Some(width) => text.push_str(&hanging(&line, [0, hang], width)),
                None => text.extend([line.as_str(), "\n"]),
            }
        };
        line("node", &format!("{} (seen from {})", self.node, self.root));
        let nothing = Thing { name: None, title: None, evidence: vec!["no Kubernetes component or etcd found".into()] };
        let platform = self.platform.as_ref().unwrap_or(&nothing);
        let head = [("platform", platform), ("version", &self.version)];
        let benchmarks = [&self.benchmark].into_iter().chain(&self.further_benchmarks);
        let tail = benchmarks.map(|benchmark| ("benchmark", benchmark)).chain([("profile", &self.profile)]);
        let targets = self.targets.iter().map(|target| ("target", target));
        let cluster = self.cluster.iter().map(|cluster| ("cluster", cluster));
        for (word, thing) in head.into_iter().chain(cluster).chain(targets).chain(tail) {
            let name = thing.name.as_deref().unwrap_or("none");
            let title = thing.title.as_deref().map_or_else(String::new, |title| format!(": {title}"));
            line(word, &format!("{name}{title}"));
            for sentence in &thing.evidence {
                line("", &format!("- {sentence}"));
            }
        }
        for notice in &self.notices {
            line("notice", &notice.text);
        }
        text
    }
}

/// The width of the first column, in characters.
const HEAD: usize = 12;
