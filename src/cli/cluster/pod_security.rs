//! `pod-security`: lists the Pod Security violations of pods, under the names of the Pod Security checks.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use cluster::lists::Documents;
use cluster::pods::standard::{Level, NEWEST, Policy, PolicyError, Subject, Violation, names, violations};
use cluster::pods::{Pod, Workload, WorkloadKind, batch};
use cluster::{Cluster, Listing, Resource, Shown};
use definitions::benchmark::KubernetesVersion;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cli::failure::Failure;
use crate::cli::options::{ExecOptions, JsonOptions, Printed, Verbosity};
use crate::cli::usage::{near, shown};
use crate::cli::{notice, output};
use crate::report::escape;

use super::options::ClusterOptions;
use super::source;

// The options of `pod-security`.
#[derive(Debug, Args)]
#[command(mut_arg("kubeconfig", |option| option.hide_short_help(false)))]
#[command(mut_arg("cluster", |option| option.hide_short_help(false)))]
pub(in crate::cli) struct PodSecurityOptions {
    /// Files of pods and workloads, as kubectl applies or prints them
    #[arg(value_name = "FILE", conflicts_with_all = ["kubeconfig", "context", "cluster", "cluster_objects", "batch"])]
    files: Vec<PathBuf>,
    /// Evaluate this policy, such as baseline or restricted:v1.30 (repeatable) [default: restricted:latest]
    #[arg(long, value_name = "LEVEL[:VERSION]")]
    policy: Vec<String>,
    /// Take this Kubernetes version as latest
    #[arg(long, value_name = "1.N")]
    kubernetes_version: Option<String>,
    /// Answer the questions in this file, one JSON object per line (- for standard input)
    #[arg(long, value_name = "FILE", conflicts_with = "policy")]
    batch: Option<PathBuf>,
    /// Exit with this code if a pod violates a policy
    #[arg(long, value_name = "N", default_value_t = 0)]
    exit_code: u8,
    #[command(flatten)]
    json: JsonOptions,
    #[command(flatten)]
    cluster: ClusterOptions,
    #[command(flatten)]
    pub(in crate::cli) exec: ExecOptions,
}

impl PodSecurityOptions {
    /// Whether the API server is queried.
    pub(in crate::cli) fn asks_api(&self) -> bool {
        self.files.is_empty() && self.batch.is_none() && self.cluster.asks_api()
    }
}

/// The violations of one pod or workload.
#[derive(Serialize)]
struct Judged {
    kind: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
    name: String,
    violates: BTreeMap<String, Vec<Told>>,
}

/// One violation.
#[derive(Serialize)]
struct Told {
    check: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    found: String,
}

/// Prints the violations of pods and workloads.
pub(in crate::cli) fn run(options: &PodSecurityOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    let latest = latest(options.kubernetes_version.as_deref())?;
    if let Some(file) = &options.batch {
        return super::batch::answer(file, |line| batch::answer(line, latest));
    }
    let printed = options.json.printed()?;
    let policies = policies(&options.policy)?;
    let mut judging = Judging { policies: &policies, latest, judged: Vec::new(), mistakes: Vec::new(), seen: 0 };
    if options.files.is_empty() {
        let cluster = source::open(&options.cluster, &options.cluster.required()?, &options.exec)?;
        let listing = judging.pods(&*cluster);
        if let Listing::Unknown(reason) = listing {
            judging.mistakes.push(reason.to_string());
        }
    }
    for file in &options.files {
        let documents = source::objects(file)?;
        let known = judging.mistakes.len();
        // A file need not contain every kind.
        let _ = judging.pods(&documents);
        judging.workloads(&documents);
        for mistake in judging.mistakes.iter_mut().skip(known) {
            mistake.insert_str(0, &format!("{}: ", file.display()));
        }
        judging.mistakes.extend_from_slice(documents.mistakes());
    }
    let Judging { judged, mistakes, seen, .. } = judging;
    let violating = !judged.is_empty();
    match printed {
        Printed::Text => output::text_in_columns(&in_words(&judged, seen))?,
        Printed::Json | Printed::PrettyJson => output::data(&judged, printed)?,
    };
    // The first one becomes the error.
    for mistake in mistakes.iter().skip(1) {
        notice::alone(verbosity, mistake);
    }
    if let Some(mistake) = mistakes.first() {
        return Err(Failure::System(anyhow!("{mistake}")));
    }
    Ok(if violating { ExitCode::from(options.exit_code) } else { ExitCode::SUCCESS })
}

/// Returns the minor version that `latest` means.
fn latest(version: Option<&str>) -> Result<u64, Failure> {
    let Some(version) = version else { return Ok(NEWEST) };
    let version: KubernetesVersion =
        version.parse().map_err(|error| Failure::Usage(anyhow!("--kubernetes-version {error}")))?;
    Ok(u64::from(version.minor))
}

fn policies(given: &[String]) -> Result<Vec<(String, Policy)>, Failure> {
    let given = if given.is_empty() { &["restricted:latest".to_owned()] } else { given };
    given
        .iter()
        .map(|text| {
            let policy: Policy = text.parse().map_err(|error| no_policy(text, &error))?;
            Ok((policy.to_string(), policy))
        })
        .collect()
}

/// Returns the error for an invalid policy, with the most similar valid one.
fn no_policy(text: &str, error: &PolicyError) -> Failure {
    let (level, version) = text.split_once(':').map_or((text, None), |(level, version)| (level, Some(version)));
    let what = match error {
        PolicyError::Level(_) => {
            let near = near(&level.to_lowercase(), Level::ALL.map(Level::name));
            format!("not a Pod Security level ({near}use privileged, baseline or restricted)")
        }
        PolicyError::Version(_) => {
            let minor = version.unwrap_or_default().trim_start_matches('v').split('.').nth(1).unwrap_or_default();
            let is_minor = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
            let near = if is_minor { format!("did you mean {level}:v1.{minor}? ") } else { String::new() };
            format!("not a Pod Security version ({near}write LEVEL:latest or LEVEL:v1.MINOR)")
        }
    };
    Failure::Usage(anyhow!("--policy {}: {what}", shown(text)))
}

struct Judging<'p> {
    policies: &'p [(String, Policy)],
    latest: u64,
    judged: Vec<Judged>,
    mistakes: Vec<String>,
    seen: usize,
}

impl Judging<'_> {
    /// Judges the pods of a cluster.
    fn pods(&mut self, cluster: &dyn Cluster) -> Listing {
        let (judged, seen) = (self.judged.len(), self.seen);
        cluster.list(Resource::Pods, &mut |shown| match shown {
            Shown::Object(object) => self.pod(object),
            Shown::Again => {
                self.judged.truncate(judged);
                self.seen = seen;
            }
        })
    }

    /// Judges workloads by their pod templates, even if they have no pods yet.
    fn workloads(&mut self, documents: &Documents) {
        for kind in WorkloadKind::ALL {
            // A file need not contain every kind.
            let _ = documents.list(kind.resource(), &mut |shown| {
                if let Shown::Object(object) = shown {
                    self.workload(kind, object);
                }
            });
        }
    }

    fn pod(&mut self, object: &RawValue) {
        match serde_json::from_str::<Pod>(object.get()) {
            Ok(pod) => {
                let meta = &pod.metadata;
                let (namespace, name) = (meta.namespace.clone(), meta.name.clone());
                self.judge("Pod", namespace, name, Subject::from(&pod));
            }
            Err(error) => self.mistakes.push(format!("a pod: invalid: {error}")),
        }
    }

    fn workload(&mut self, kind: WorkloadKind, object: &RawValue) {
        match serde_json::from_str::<Workload>(object.get()) {
            Ok(workload) => {
                let meta = &workload.metadata;
                let (namespace, name) = (meta.namespace.clone(), meta.name.clone());
                self.judge(kind.name(), namespace, name, Subject::from(workload.template(kind)));
            }
            Err(error) => self.mistakes.push(format!("a {}: invalid: {error}", kind.name())),
        }
    }

    fn judge(&mut self, kind: &'static str, namespace: String, name: String, subject: Subject<'_>) {
        self.seen += 1;
        let mut violates = BTreeMap::new();
        for (text, policy) in self.policies {
            let found = violations(subject, *policy, self.latest);
            if !found.is_empty() {
                violates.insert(text.clone(), found.iter().map(told).collect());
            }
        }
        if !violates.is_empty() {
            self.judged.push(Judged { kind, namespace, name, violates });
        }
    }
}

fn told(violation: &Violation<'_>) -> Told {
    let check = names(std::slice::from_ref(violation)).first().copied().unwrap_or_default();
    Told { check, container: violation.container.map(str::to_owned), found: violation.found.clone().into_owned() }
}

fn in_words(judged: &[Judged], seen: usize) -> String {
    let mut text = String::new();
    for Judged { kind, namespace, name, violates } in judged {
        let slash = if namespace.is_empty() { "" } else { "/" };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{kind} {}{slash}{}", escape::line(namespace), escape::line(name));
        for (policy, told) in violates {
            let _ = writeln!(text, "  {policy}");
            for Told { check, container, found } in told {
                let container = container.as_ref().map_or_else(String::new, |name| format!(" (container {name})"));
                let _ = writeln!(text, "    {check}: {}", escape::line(&format!("{found}{container}")));
            }
        }
    }
    let _ = writeln!(text, "{} of {seen} violate a policy", judged.len());
    text
}
