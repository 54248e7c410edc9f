//! `who-can`: lists who may do something, and by which bindings.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use cluster::rbac::question::{self, Doubt, Question};
use cluster::rbac::{BUILT_IN, Rbac};
use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::options::{ExecOptions, JsonOptions, Printed, Verbosity};
use crate::cli::usage::near;
use crate::cli::{notice, output};
use crate::policies::rights;
use crate::report::escape;

use super::options::ClusterOptions;
use super::{batch, source};

// The options of `who-can`.
#[derive(Debug, Args)]
#[command(mut_arg("kubeconfig", |option| option.hide_short_help(false)))]
#[command(mut_arg("cluster", |option| option.hide_short_help(false)))]
pub(in crate::cli) struct WhoCanOptions {
    /// The verb, such as get, create or impersonate
    #[arg(value_name = "VERB", required_unless_present = "batch")]
    verb: Option<String>,
    /// The resource (pods, pods/exec, deployments.apps) or URL (/healthz)
    #[arg(value_name = "RESOURCE", required_unless_present = "batch")]
    resource: Option<String>,
    /// Check this namespace [default: all namespaces]
    #[arg(short = 'n', long, value_name = "NAME")]
    namespace: Option<String>,
    /// Check the object of this name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Answer yes or no for this user
    #[arg(long = "as", value_name = "USER")]
    user: Option<String>,
    /// The user's groups (repeatable)
    #[arg(long = "as-group", value_name = "GROUP", requires = "user")]
    groups: Vec<String>,
    /// Answer the questions in this file, one JSON object per line (- for standard input)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["verb", "resource", "namespace", "name", "user"])]
    batch: Option<PathBuf>,
    #[command(flatten)]
    json: JsonOptions,
    #[command(flatten)]
    cluster: ClusterOptions,
    #[command(flatten)]
    pub(in crate::cli) exec: ExecOptions,
}

impl WhoCanOptions {
    /// Whether the API server is queried.
    pub(in crate::cli) fn asks_api(&self) -> bool {
        self.cluster.asks_api()
    }
}

/// The result, also serialized as JSON.
#[derive(Serialize)]
struct Told {
    /// Whether the user of `--as` may; `None` if everyone who may is listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<bool>,
    grants: Vec<Listed>,
    /// Why others may be missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<String>,
}

/// One grant.
#[derive(Serialize)]
struct Listed {
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    path: Vec<String>,
}

/// Prints who may do it.
pub(in crate::cli) fn run(options: &WhoCanOptions, verbosity: &Verbosity) -> Result<ExitCode, Failure> {
    let open = || source::open(&options.cluster, &options.cluster.required()?, &options.exec);
    if let Some(file) = &options.batch {
        let rbac = rights(&*open()?);
        return batch::answer(file, |line| question::answer(&rbac, line));
    }
    let printed = options.json.printed()?;
    let text = |word: &Option<String>| word.clone().unwrap_or_default();
    let (verb, resource, name) = (text(&options.verb), text(&options.resource), text(&options.name));
    let question = Question::parse(&verb, &resource, &name).map_err(|why| Failure::Usage(anyhow!("who-can: {why}")))?;
    let rbac = rights(&*open()?);
    if question::VERBS.contains(&resource.as_str()) && question::resources().any(|name| name == verb) {
        notice::alone(verbosity, &format!("who-can: the verb comes first (did you mean {resource} {verb}?)"));
    } else {
        for doubt in &question.doubts {
            notice::alone(verbosity, &format!("who-can: {}", in_doubt(doubt)));
        }
    }
    let told = told(options, &rbac, &question);
    let is_incomplete = !told.unknown.is_empty() && told.allowed != Some(true);
    match printed {
        Printed::Text => output::text_in_columns(&in_words(&told))?,
        Printed::Json | Printed::PrettyJson => output::data(&told, printed)?,
    };
    if is_incomplete {
        return Err(Failure::System(anyhow!("who-can: the answer is incomplete: {}", told.unknown.join("; "))));
    }
    Ok(ExitCode::SUCCESS)
}

/// Formats a doubt as text, with the name that was probably meant.
fn in_doubt(doubt: &Doubt) -> String {
    let (known, otherwise): (Vec<&str>, String) = match doubt {
        Doubt::Verb(_) => (question::VERBS.to_vec(), "verbs are case-sensitive".to_owned()),
        Doubt::Resource(resource) => {
            (question::resources().collect(), format!("write a custom resource as {resource}.GROUP"))
        }
        Doubt::Subresource { .. } => (question::SUBRESOURCES.to_vec(), "pass an object's name with --name".to_owned()),
    };
    let typed = match doubt {
        Doubt::Verb(typed) | Doubt::Resource(typed) | Doubt::Subresource { subresource: typed, .. } => typed,
    };
    format!("{doubt} ({}{otherwise})", near(&typed.to_lowercase(), known))
}

fn told(options: &WhoCanOptions, rbac: &Rbac, question: &Question) -> Told {
    let namespace = options.namespace.as_deref();
    let (allowed, grants) = match &options.user {
        Some(user) => {
            let grant =
                rbac.allowed(user, &groups(user, &options.groups), &question.action, namespace.unwrap_or_default());
            (Some(grant.is_some()), grant.into_iter().collect())
        }
        None => (None, rbac.who_can(&question.action, &question.place(namespace))),
    };
    let grants = grants.iter().map(|grant| Listed {
        subject: grant.who.to_string(),
        namespace: grant.namespace().map(str::to_owned),
        path: rbac.path(grant),
    });
    Told { allowed, grants: grants.collect(), unknown: rbac.missing().iter().map(ToString::to_string).collect() }
}

/// Returns the groups that the API server assigns to an impersonated user: those of a service account if none are
/// given, and the group of all users.
fn groups(user: &str, given: &[String]) -> Vec<String> {
    const KNOWN: &str = "system:authenticated";
    const UNKNOWN: &str = "system:unauthenticated";
    let mut groups = given.to_vec();
    let account = user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
    if let (Some((namespace, _)), true) = (account, groups.is_empty()) {
        groups.extend(["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")]);
    }
    let everyone = if user == "system:anonymous" { UNKNOWN } else { KNOWN };
    if !groups.iter().any(|group| group == KNOWN || group == UNKNOWN) {
        groups.push(everyone.to_owned());
    }
    groups
}

fn in_words(told: &Told) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    match told.allowed {
        Some(true) => text.push_str("yes\n"),
        Some(false) => text.push_str("no\n"),
        None => {}
    }
    for Listed { subject, namespace, path } in &told.grants {
        let scope =
            namespace.as_ref().map_or("cluster-wide".to_owned(), |namespace| format!("in namespace {namespace}"));
        let path = path.join(", ");
        let by = if path == BUILT_IN { "" } else { "by " };
        let _ = writeln!(text, "{}  {}  {by}{}", escape::line(subject), escape::line(&scope), escape::line(&path));
    }
    text
}
