//! Any kubeconfig or answer gives a result or a reason: nothing panics or hangs.

use std::fs;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::fake::Site;
use crate::fake::http::{Answer, Body};
use kubernetes::{Limits, Options, Outcome, Resource, Source, View, connect};
use probe::Observed;

/// Bytes with a meaning to at least one of the parsers.
const ODD: &[u8] = b"\0\n\t\"\\{}[]:,-&*!|>'%@#\xff \xc30";

/// A deterministic random number generator (Knuth's constants).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }

    /// The text with some bytes changed, inserted, removed or duplicated.
    fn mutant(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let odd = ODD[self.below(ODD.len())];
            match self.below(5) {
                0 => bytes[at] = odd,
                1 => bytes.insert(at, odd),
                2 => drop(bytes.drain(at..(at + 9).min(bytes.len()))),
                3 => bytes.truncate(at.max(1)),
                _ => {
                    let begin = self.below(bytes.len());
                    let part = bytes[begin..(begin + 40).min(bytes.len())].to_vec();
                    bytes.splice(at..at, part);
                }
            }
            if bytes.is_empty() {
                bytes.push(b' ');
            }
        }
        bytes
    }
}

#[test]
fn no_kubeconfig_does_harm() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("config");
    let text = crate::fake::kubeconfig(
        &[
            "server: https://10.0.0.1:6443",
            "certificate-authority-data: c2VjcmV0",
            "tls-server-name: api",
            "proxy-url: socks5://u:p@h",
        ],
        &[
            "token: let-me-in",
            "client-certificate: /dev/null",
            "as: a",
            "as-user-extra: {a: [b]}",
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, args: [y], env: [{name: a, value: b}]}",
        ],
    );
    let mut numbers = Numbers(7);
    for _ in 0..2000 {
        let mutant = numbers.mutant(&text);
        fs::write(&path, &mutant).expect("it is written");
        if let Err(reason) = connect(&Options::new(Source::File(path.clone()), "test")) {
            let words = reason.to_string();
            let clean = words.chars().all(|character| !character.is_control()) && words.len() < 4000;
            assert!(clean, "{words:?} of {}", String::from_utf8_lossy(&mutant));
        }
    }
}

#[test]
fn no_answer_does_harm() {
    let body: Arc<Mutex<(u16, Vec<u8>)>> = Arc::default();
    let answered = body.clone();
    let site = Site::new(move |_| {
        let (status, body) = answered.lock().expect("not poisoned").clone();
        Answer::new(status, "application/json", Body::Whole(body))
    });
    let limits = Limits { requests_per_second: 1e6, run_deadline: Duration::from_mins(10), ..Limits::default() };
    let options = Options { limits, ..Options::new(Source::File(site.trusted()), "test") };
    let pods = Resource::new("", "v1", "pods").expect("a resource");
    let texts = [
        r#"{"kind":"PodList","metadata":{"continue":""},"items":[{"metadata":{"name":"a","namespace":"b"},"spec":{"x":[1.5,null,"\\u00e9"]}}]}"#,
        r#"{"kind":"Status","metadata":{"continue":"x"},"message":"pods is forbidden: User \"a\\\"b\" cannot","reason":"Forbidden"}"#,
        r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":""},"versions":[{"version":"v1","resources":[{"resource":"pods","verbs":["list"]}]}]}]}"#,
        r#"{"major":"1","minor":"34","gitVersion":"v1.34.2","platform":"linux/amd64"}"#,
    ];
    let mut numbers = Numbers(8);
    for round in 0..1000 {
        let status = [200, 200, 200, 403, 404, 410, 401][numbers.below(7)];
        let mutant = numbers.mutant(texts[round % texts.len()]);
        *body.lock().expect("not poisoned") = (status, mutant.clone());
        // A new client each time, since discovery is cached.
        let api = connect(&options).expect("it is made");
        let mut reasons = Vec::new();
        if let Outcome::Unknown(reason) = api.list(&pods, View::Whole, &mut |_| ControlFlow::Continue(())).outcome {
            reasons.push(reason);
        }
        if let Observed::Unknown(reason) = api.find("", "pods") {
            reasons.push(reason);
        }
        if let Observed::Unknown(reason) = api.version() {
            reasons.push(reason);
        }
        for reason in reasons {
            let words = reason.to_string();
            let clean = words.chars().all(|character| !character.is_control()) && words.len() < 4000;
            assert!(clean, "{words:?} of {}", String::from_utf8_lossy(&mutant));
        }
        assert!(api.requests() <= 8, "{} requests", api.requests());
    }
}
