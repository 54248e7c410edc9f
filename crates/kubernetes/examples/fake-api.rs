//! An API server of ours over TLS, for end-to-end tests: serves the lists of a directory, writes a kubeconfig, says
//! that it is ready, and ends when its input does.
//!
//!     fake-api DIRECTORY KUBECONFIG [--port N] [--pods N] [--forbid RESOURCE]... [--version STATUS:TEXT] [--log FILE]
//!
//! `--pods` makes so many pods of 5.8 KB while they are sent. A list is `pods.json` or
//! `roles.rbac.authorization.k8s.io.json`, as `kubectl get -A -o json` writes it. `--version` is the answer to `/version`, as
//! HTML where it begins so.

#[path = "../tests/fake/mod.rs"]
mod fake;

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::{env, io};

use fake::certificates::{Authority, server};
use fake::http::{Answer, Body};
use fake::lists::{Kind, Lists};
use fake::{Server, generated, write_kubeconfig};

const USAGE: &str =
    "fake-api DIRECTORY KUBECONFIG [--port N] [--pods N] [--forbid RESOURCE]... [--version STATUS:TEXT] [--log FILE]";

fn main() {
    let mut paths = Vec::new();
    let (mut port, mut pods, mut forbidden, mut version, mut log) = (0, None, Vec::new(), None, None);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect(USAGE);
        match argument.as_str() {
            "--port" => port = value().parse().expect("a port"),
            "--pods" => pods = Some(value().parse().expect("a number")),
            "--forbid" => forbidden.push(value()),
            "--version" => version = Some(value()),
            "--log" => log = Some(PathBuf::from(value())),
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let [directory, kubeconfig] = paths.as_slice() else { panic!("{USAGE}") };
    let mut lists = Lists::of_directory(directory);
    lists.forbidden = forbidden;
    if pods.is_some() {
        lists.add(Kind {
            group: String::new(),
            version: "v1".to_owned(),
            plural: "pods".to_owned(),
            singular: "Pod".to_owned(),
            objects: Vec::new(),
        });
    }
    let log = log.map(|path| OpenOptions::new().create(true).append(true).open(path).expect("the log can be written"));
    let log = Mutex::new(log);
    let authority = Authority::new("fake-ca");
    let tls = server(&authority.leaf(&["localhost", "127.0.0.1", "kubernetes.default.svc"]), Some(&authority));
    let answering = Arc::new(move |asked: &fake::http::Asked| {
        if let Some(log) = log.lock().expect("not poisoned").as_mut() {
            let _ = writeln!(log, "{} {} {}", asked.method, asked.target, asked.header("user-agent"));
        }
        if let Some(answer) = version.as_deref().filter(|_| asked.path == "/version") {
            let (status, text) = answer.split_once(':').expect(USAGE);
            let form = if text.starts_with('<') { "text/html" } else { "application/json" };
            return Answer::new(status.parse().expect("a status"), form, Body::Whole(text.as_bytes().to_vec()));
        }
        match pods {
            Some(total) if asked.path == "/api/v1/pods" => generated::pods(asked, total, 5600),
            _ => lists.answer(asked),
        }
    });
    let server = Server::start(tls, port, answering);
    write_kubeconfig(kubeconfig, server.address, &authority);
    println!("https://{}", server.address);
    let _ = io::stdin().read_to_end(&mut Vec::new());
}
