//! A fake API server over real TLS that can fail like real ones, for the tests of the client and of the program
//! (`examples/fake-api.rs`).

#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod certificates;
pub mod generated;
pub mod http;
pub mod lists;

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::ServerConfig;

use certificates::{Authority, Leaf};
use http::{Answer, Asked};

/// Answers requests.
pub type Answering = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// A server that runs until the process exits.
pub struct Server {
    /// The address that it listens on.
    pub address: SocketAddr,
    /// All requests so far.
    pub asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts a server over TLS on this port; 0 picks a free one.
    pub fn start(tls: Arc<ServerConfig>, port: u16, answering: Answering) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let log = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, answering, log) = (tls.clone(), answering.clone(), log.clone());
                thread::spawn(move || http::serve(stream, tls, &answering, &log));
            }
        });
        Self { address, asked }
    }

    /// The paths of all requests, with their queries.
    pub fn paths(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").iter().map(|asked| asked.target.clone()).collect()
    }

    /// The last request.
    pub fn last(&self) -> Asked {
        self.asked.lock().expect("not poisoned").last().cloned().expect("something was asked")
    }
}

/// A server with its own authority, and a directory for kubeconfigs.
pub struct Site {
    /// The server.
    pub server: Server,
    /// The authority that signs its certificates.
    pub authority: Authority,
    /// The directory of this test's files.
    pub directory: tempfile::TempDir,
}

impl Site {
    /// A server for `localhost` and `127.0.0.1` that accepts client certificates of its authority.
    pub fn new(answering: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::with_leaf(answering, |authority| authority.leaf(&["localhost", "127.0.0.1"]))
    }

    /// A server with the certificate that `leaf` makes.
    pub fn with_leaf(
        answering: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
        leaf: impl FnOnce(&Authority) -> Leaf,
    ) -> Self {
        let authority = Authority::new("fake-ca");
        let tls = certificates::server(&leaf(&authority), Some(&authority));
        let server = Server::start(tls, 0, Arc::new(answering));
        Self { server, authority, directory: tempfile::tempdir().expect("a directory") }
    }

    /// Writes a file of this test.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        fs::write(&path, text).expect("it is written");
        path
    }

    /// Writes a kubeconfig with these lines for its cluster and its user, each `key: value`.
    pub fn kubeconfig(&self, cluster: &[&str], user: &[&str]) -> PathBuf {
        self.file("ca.crt", &self.authority.pem());
        let url = format!("server: https://localhost:{}", self.server.address.port());
        let server = (!cluster.iter().any(|line| line.starts_with("server:"))).then_some(url.as_str());
        let cluster: Vec<&str> = server.into_iter().chain(cluster.iter().copied()).collect();
        self.file("config", &kubeconfig(&cluster, user))
    }

    /// Writes a kubeconfig that verifies the server and has a token.
    pub fn trusted(&self) -> PathBuf {
        self.kubeconfig(&["certificate-authority: ca.crt"], &["token: let-me-in"])
    }
}

/// The text of a kubeconfig with one context.
pub fn kubeconfig(cluster: &[&str], user: &[&str]) -> String {
    let lines = |lines: &[&str]| lines.iter().flat_map(|line| ["\n    ", line]).collect::<String>();
    let empty = |lines: &[&str]| if lines.is_empty() { " {}" } else { "" };
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: fake\nclusters:\n- name: fake\n  cluster:{}{}\nusers:\n- name: \
         tester\n  user:{}{}\ncontexts:\n- name: fake\n  context:\n    cluster: fake\n    user: tester\n",
        empty(cluster),
        lines(cluster),
        empty(user),
        lines(user)
    )
}

/// Writes a kubeconfig for a server, with its authority embedded.
pub fn write_kubeconfig(path: &Path, address: SocketAddr, authority: &Authority) {
    let server = format!("server: https://{address}");
    let data = format!("certificate-authority-data: {}", authority.base64());
    fs::write(path, kubeconfig(&[&server, &data], &["token: let-me-in"])).expect("the kubeconfig is written");
}
