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
    /// The value of `KUBECONFIG`: kubeconfigs separated by colons. The first to set a value wins; missing files are
    /// skipped.
    List(OsString),
    /// The service account of the pod that this process runs in.
    InCluster(ServiceAccount),
}

/// How a pod reaches the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// The API server's address, from `KUBERNETES_SERVICE_HOST`.
    pub host: String,
    /// The API server's port, from `KUBERNETES_SERVICE_PORT`.
    pub port: String,
    /// The directory with `token` and `ca.crt`: `/var/run/secrets/kubernetes.io/serviceaccount`.
    pub directory: PathBuf,
}

impl ServiceAccount {
    /// The service account of the pod at this API server address; `None` outside a pod.
    pub fn of_pod(host: String, port: String) -> Option<Self> {
        let directory = PathBuf::from(SERVICE_ACCOUNT);
        let is_pod = ["token", "ca.crt"].iter().all(|file| directory.join(file).is_file());
        is_pod.then_some(Self { host, port, directory })
    }
}

/// The environment variables that are honoured. Nothing else in this crate reads the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// `KUBECONFIG`.
    pub kubeconfig: Option<OsString>,
    /// `HOME`, whose `.kube/config` is read if only a context is selected.
    pub home: Option<PathBuf>,
    /// `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`.
    pub service: Option<(String, String)>,
    /// `HTTPS_PROXY` or `https_proxy`: used for a cluster without `proxy-url` in its kubeconfig.
    pub https_proxy: Option<String>,
    /// `NO_PROXY` or `no_proxy`: hosts that bypass the proxy.
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

/// The service account directory in every pod.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

impl Source {
    /// The selected source, in this order: a named kubeconfig, `KUBECONFIG`, the default file if a context is named,
    /// the pod's own service account. `None` if nothing selects a cluster; the default file alone does not, since it
    /// may point to any cluster.
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
    /// The context of the kubeconfig; `None` for its current context.
    pub context: Option<String>,
    /// Whether programs named in the kubeconfig may be run to get credentials.
    pub allow_exec: bool,
    /// Whether to skip verifying the server's certificate. The kubeconfig cannot enable this.
    pub insecure_skip_tls_verify: bool,
    /// The proxy settings of the environment.
    pub environment: Environment,
    /// Rates, times and sizes.
    pub limits: Limits,
    /// The `User-Agent` header: `kube-assay/VERSION`.
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

/// Limits on requests.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The most requests started per second.
    pub requests_per_second: f64,
    /// The time to connect: name resolution, TCP, proxy and TLS.
    pub connect_timeout: Duration,
    /// The time for a complete answer, from the request to its last byte.
    pub page_timeout: Duration,
    /// The time for the whole run, from [`connect`](crate::connect) on.
    pub run_deadline: Duration,
    /// The most objects requested per page.
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
