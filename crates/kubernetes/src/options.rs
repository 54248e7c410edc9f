//! Options of a connection: the kubeconfig, permissions and time limits.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The source of the API server's address and the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// One kubeconfig, which must exist.
    File(PathBuf),
    /// The value of `KUBECONFIG`: kubeconfigs separated by colons. The first that sets something wins; files that are
    /// missing are skipped.
    List(OsString),
    /// The service account of the pod that this runs in.
    InCluster(ServiceAccount),
}

/// The means of a pod to reach the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// The address of the API server: `KUBERNETES_SERVICE_HOST`.
    pub host: String,
    /// Its port: `KUBERNETES_SERVICE_PORT`.
    pub port: String,
    /// The directory with `token` and `ca.crt`: `/var/run/secrets/kubernetes.io/serviceaccount`.
    pub directory: PathBuf,
}

impl ServiceAccount {
    /// The service account of the pod that this runs in, with the address of its API server; none outside of a pod.
    pub fn of_pod(host: String, port: String) -> Option<Self> {
        let directory = PathBuf::from(SERVICE_ACCOUNT);
        let is_pod = ["token", "ca.crt"].iter().all(|file| directory.join(file).is_file());
        is_pod.then_some(Self { host, port, directory })
    }
}

/// The environment variables that are used. Nothing else in this crate reads the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `KUBECONFIG`.
    pub kubeconfig: Option<OsString>,
    /// `HOME`, whose `.kube/config` is read if only a context is named.
    pub home: Option<PathBuf>,
    /// `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`.
    pub service: Option<(String, String)>,
    /// `HTTPS_PROXY`, or `https_proxy`: for a cluster whose kubeconfig has no `proxy-url`.
    pub https_proxy: Option<String>,
    /// `NO_PROXY`, or `no_proxy`: hosts that are reached without the proxy.
    pub no_proxy: Option<String>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let either = |upper: &str, lower: &str| env::var(upper).or_else(|_| env::var(lower)).ok();
        Self {
            kubeconfig: env::var_os("KUBECONFIG"),
            home: env::var_os("HOME").map(PathBuf::from),
            service: env::var("KUBERNETES_SERVICE_HOST").ok().zip(env::var("KUBERNETES_SERVICE_PORT").ok()),
            https_proxy: either("HTTPS_PROXY", "https_proxy"),
            no_proxy: either("NO_PROXY", "no_proxy"),
        }
    }
}

/// The directory of the service account in every pod.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

impl Source {
    /// The selected source: a kubeconfig by name, `KUBECONFIG`, the default file if a context is named,
    /// and the pod's own service account, in this order. `None` if nothing selects a cluster: the
    /// default file alone does not, since it may be anyone's.
    pub fn find(kubeconfig: Option<&Path>, context: Option<&str>, environment: &Environment) -> Option<Self> {
        if let Some(file) = kubeconfig {
            return Some(Self::File(file.to_owned()));
        }
        if let Some(list) = environment.kubeconfig.as_ref().filter(|list| !list.is_empty()) {
            return Some(Self::List(list.clone()));
        }
        if context.is_some() {
            return Some(Self::File(environment.home.as_deref().unwrap_or(Path::new("/")).join(".kube/config")));
        }
        let (host, port) = environment.service.clone()?;
        let directory = PathBuf::from(SERVICE_ACCOUNT);
        let given = !host.is_empty() && !port.is_empty() && directory.join("token").is_file();
        given.then_some(Self::InCluster(ServiceAccount { host, port, directory }))
    }
}

/// The options of a connection to a cluster.
#[derive(Debug, Clone)]
pub struct Options {
    /// The source of the API server's address and the credentials.
    pub source: Source,
    /// The context of the kubeconfig; its current one if none is named.
    pub context: Option<String>,
    /// Whether a program that the kubeconfig names may be run for credentials.
    pub allow_exec: bool,
    /// Whether the server's certificate may go unverified. A kubeconfig cannot ask for it.
    pub insecure_skip_tls_verify: bool,
    /// The proxy settings of the environment.
    pub environment: Environment,
    /// The limits.
    pub limits: Limits,
    /// `kube-assay/VERSION`.
    pub user_agent: String,
}

impl Options {
    /// Options with the defaults of the command line.
    pub fn new(source: Source, user_agent: impl Into<String>) -> Self {
        Self {
            source,
            context: None,
            allow_exec: false,
            insecure_skip_tls_verify: false,
            environment: Environment::default(),
            limits: Limits::default(),
            user_agent: user_agent.into(),
        }
    }
}

/// Limits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most requests that are started per second.
    pub requests_per_second: f64,
    /// The time for a connection: name, TCP, proxy and TLS.
    pub connect_timeout: Duration,
    /// The time for a whole answer, from the request to its last byte.
    pub page_timeout: Duration,
    /// The time for everything, from [`connect`](crate::connect) on.
    pub run_deadline: Duration,
    /// The most objects of a page.
    pub page_items: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_second: 5.0,
            connect_timeout: Duration::from_secs(10),
            page_timeout: Duration::from_mins(1),
            run_deadline: Duration::from_mins(10),
            page_items: 500,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_asked_only_where_something_says_so() {
        let nothing = Environment { home: Some("/root".into()), ..Environment::default() };
        assert_eq!(Source::find(None, None, &nothing), None);
        let pod = Environment { service: Some(("10.0.0.1".into(), "443".into())), ..nothing.clone() };
        assert_eq!(Source::find(None, None, &pod), None, "without a token a pod's variables say nothing");
        let list = Environment { kubeconfig: Some("a:b".into()), ..pod };
        assert_eq!(Source::find(None, None, &list), Some(Source::List("a:b".into())));
        assert_eq!(Source::find(Some(Path::new("c")), Some("x"), &list), Some(Source::File("c".into())));
        assert_eq!(Source::find(None, Some("x"), &nothing), Some(Source::File("/root/.kube/config".into())));
        let empty = Environment { kubeconfig: Some(OsString::new()), ..nothing };
        assert_eq!(Source::find(None, None, &empty), None);
    }
}
