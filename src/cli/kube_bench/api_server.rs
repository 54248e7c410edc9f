//! Queries the API server as kube-bench does inside a pod: for its version, and for evidence of AKS and RKE on its
//! nodes.
//!
//! kube-bench tries ten times, a second apart, and then repeats that. Here all requests together end after [`TIME`],
//! and the server is verified with the pod's `ca.crt`. Only the pod's own token is used, never a kubeconfig.

use std::collections::BTreeMap;
use std::env;
use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use kubernetes::{Api, Event, Limits, Options, Outcome, ServiceAccount, Source, View, connect};
use model::Notice;
use probe::{Cause, Observed, Reason};
use serde::Deserialize;

use crate::cli::run::RunOptions;
use crate::kube_bench::choice::{Release, Told};

use super::{OfApi, benchmark, is_asked_for};

/// The time limit for all requests together.
const TIME: Duration = Duration::from_secs(10);

/// How many times an unreachable server is tried: the cluster's DNS may still be starting.
const ATTEMPTS: u32 = 3;

/// The pause between attempts.
const PAUSE: Duration = Duration::from_secs(1);

/// The time limit for a connection.
const CONNECTING: Duration = Duration::from_secs(3);

/// The name of the API server inside a cluster.
const NAME: &str = "kubernetes.default.svc";

/// The environment variable that makes kube-bench take the address from the service's variables.
const BY_VARIABLES: &str = "KUBE_BENCH_K8S_ENV";

/// Whether the API server is queried: inside a pod, if rule files are run for this node and nothing names the
/// benchmark.
pub(in crate::cli) fn is_asked(options: &RunOptions) -> bool {
    let is_given = || options.benchmark().is_ok_and(|given| benchmark::named(&given).is_some());
    is_asked_for(options) && options.node.node.is_none() && !is_given() && account().is_some()
}

/// Queries the API server's platform and version; empty if it is not to be queried.
pub(super) fn ask(options: &RunOptions) -> OfApi {
    let Some(account) = account().filter(|_| is_asked(options)) else { return OfApi::default() };
    let end = Instant::now() + TIME;
    let left = || end.saturating_duration_since(Instant::now());
    for attempt in 1..=ATTEMPTS {
        let mut said = OfApi::default();
        let why = match asked(&account, left(), &mut said.notices) {
            Ok(told) => return OfApi { told: Some(told), ..said },
            Err(why) => why,
        };
        if attempt == ATTEMPTS || left() <= PAUSE + CONNECTING || !matches!(why.cause, Cause::System | Cause::TimedOut)
        {
            said.notices.push(not_asked(&why, "the platform and version are determined from the node"));
            return said;
        }
        thread::sleep(PAUSE);
    }
    OfApi::default()
}

fn not_asked(why: &Reason, instead: &str) -> Notice {
    Notice::new("api-server-not-asked", format!("{why}; {instead}"))
}

/// Returns the pod's service account and the server's address; none outside a pod.
fn account() -> Option<ServiceAccount> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let by_variables = || Some((set("KUBERNETES_SERVICE_HOST")?, set("KUBERNETES_SERVICE_PORT_HTTPS")?));
    let (host, port) =
        set(BY_VARIABLES).and_then(|_| by_variables()).unwrap_or_else(|| (NAME.to_owned(), "443".to_owned()));
    ServiceAccount::of_pod(host, port)
}

fn asked(account: &ServiceAccount, time: Duration, notices: &mut Vec<Notice>) -> Result<Told, Reason> {
    let mut options =
        Options::new(Source::InCluster(account.clone()), concat!("kube-assay/", env!("CARGO_PKG_VERSION")));
    options.limits = Limits {
        connect_timeout: CONNECTING,
        page_timeout: time,
        run_deadline: time,
        page_items: 50,
        ..options.limits
    };
    let api = connect(&options)?;
    let version = match api.version() {
        Observed::Present(version) => version,
        Observed::Absent => return Err(Reason::new(Cause::Malformed, api.server(), "has no version")),
        Observed::Unknown(why) => return Err(why),
    };
    let release = format!("{}.{}", version.major, version.minor.replace('+', ""));
    if !is_release(&release) {
        return Err(Reason::new(Cause::Malformed, api.server(), "reports no Kubernetes version"));
    }
    let server = api.server().to_owned();
    let mut spelt = version.git_version;
    let mut evidence = format!("{server} says {spelt}");
    match by_nodes(&api) {
        Ok(Some((suffix, sign))) => {
            spelt.push_str(suffix);
            evidence = format!("{evidence}, and {sign}");
        }
        Ok(None) => {}
        Err(why) => notices
            .push(not_asked(&why, "AKS and RKE nodes are not recognized (allow listing nodes, or pass --benchmark)")),
    }
    Ok(Told { version: Release { release, spelt }, evidence })
}

/// Whether a text has the form `1.31`.
fn is_release(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

/// Returns the suffix that kube-bench adds to the server's version for the platform of its nodes, and the evidence.
fn by_nodes(api: &Api) -> Result<Option<(&'static str, String)>, Reason> {
    let nodes = match api.find("", "nodes") {
        Observed::Present(nodes) => nodes,
        Observed::Absent => return Ok(None),
        Observed::Unknown(why) => return Err(why),
    };
    let mut signs = Signs::default();
    let listing = api.list(&nodes, View::Whole, &mut |event| match event {
        Event::Object(object) => {
            serde_json::from_str(object.get()).map_or(ControlFlow::Continue(()), |node| signs.see(&node))
        }
        Event::Again => {
            signs = Signs::default();
            ControlFlow::Continue(())
        }
    });
    match listing.outcome {
        Outcome::Complete | Outcome::Stopped | Outcome::Absent => Ok(signs.platform()),
        Outcome::Unknown(why) => Err(why),
    }
}

/// The fields of a node that show its platform.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Node {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    name: String,
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Spec {
    #[serde(rename = "providerID")]
    provider_id: Option<String>,
}

impl Metadata {
    fn label(&self, key: &str) -> Option<&str> {
        self.labels.as_ref()?.get(key).map(String::as_str)
    }

    fn has_annotation(&self, key: &str) -> bool {
        self.annotations.as_ref().is_some_and(|annotations| annotations.contains_key(key))
    }
}

/// The evidence from the nodes: the first one shows the platform, and a cluster with a Windows node is not RKE.
#[derive(Debug, Default)]
struct Signs {
    is_begun: bool,
    aks: Option<String>,
    rke: Option<String>,
}

impl Signs {
    fn see(&mut self, node: &Node) -> ControlFlow<()> {
        const OF_RKE: [&str; 2] = ["rke.cattle.io/external-ip", "rke.cattle.io/internal-ip"];
        const OF_AKS: &str = "kubernetes.azure.com/cluster";
        let Node { metadata, spec } = node;
        if !self.is_begun {
            self.is_begun = true;
            let of_node = |sign: &str| format!("node {} has {sign}", metadata.name);
            let of_rke = OF_RKE.iter().find(|sign| metadata.has_annotation(sign));
            self.rke = of_rke.map(|sign| of_node(sign));
            let provider = spec.provider_id.as_ref().is_some_and(|provider| provider.starts_with("azure://"));
            let provider = provider.then_some("providerID azure://");
            self.aks = metadata.label(OF_AKS).map(|_| OF_AKS).or(provider).map(of_node);
        }
        if metadata.label("kubernetes.io/os") == Some("windows") {
            self.rke = None;
        }
        if self.rke.is_some() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn platform(self) -> Option<(&'static str, String)> {
        // For both, kube-bench appends RKE's suffix and then that of AKS, and recognizes neither.
        match (self.rke, self.aks) {
            (Some(_), Some(_)) | (None, None) => None,
            (Some(sign), None) => Some(("-rancher1", sign)),
            (None, Some(sign)) => Some(("-aks1", sign)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn platform(nodes: &[Value]) -> (Option<&'static str>, usize) {
        let mut signs = Signs::default();
        let mut seen = 0;
        for node in nodes {
            seen += 1;
            if signs.see(&serde_json::from_value(node.clone()).expect("a node")).is_break() {
                break;
            }
        }
        (signs.platform().map(|(suffix, _)| suffix), seen)
    }

    #[test]
    fn the_first_node_shows_the_platform() {
        let node = |labels: Value, annotations: Value, provider: Value| json!({"metadata": {"name": "n", "labels": labels, "annotations": annotations}, "spec": {"providerID": provider}});
        let plain = node(json!(null), json!(null), json!(null));
        let rke =
            node(json!({"kubernetes.io/os": "linux"}), json!({"rke.cattle.io/internal-ip": "10.0.0.1"}), json!(""));
        let rke_outside = node(json!({}), json!({"rke.cattle.io/external-ip": ""}), json!(null));
        let windows = node(json!({"kubernetes.io/os": "windows"}), json!({}), json!(null));
        let aks = node(json!({"kubernetes.azure.com/cluster": "a"}), json!({}), json!(null));
        let azure = node(json!({}), json!({}), json!("azure:///subscriptions/x"));
        let both =
            node(json!({"kubernetes.azure.com/cluster": "a"}), json!({"rke.cattle.io/external-ip": ""}), json!(""));
        for (nodes, suffix, seen) in [
            (vec![], None, 0),
            (vec![json!({})], None, 1),
            (vec![plain.clone(), aks.clone()], None, 1),
            (vec![aks.clone(), rke.clone()], Some("-aks1"), 1),
            (vec![azure], Some("-aks1"), 1),
            (vec![rke.clone(), plain.clone()], Some("-rancher1"), 2),
            (vec![rke_outside, aks], Some("-rancher1"), 2),
            (vec![rke, plain, windows.clone()], None, 3),
            (vec![windows], None, 1),
            (vec![both], None, 1),
        ] {
            assert_eq!(platform(&nodes), (suffix, seen), "{nodes:?}");
        }
    }

    #[test]
    fn a_release_is_two_numbers() {
        for (text, expected) in
            [("1.31", true), ("1.", false), (".", false), ("1.31.2", false), ("a.b", false), ("1", false)]
        {
            assert_eq!(is_release(text), expected, "{text}");
        }
    }
}
