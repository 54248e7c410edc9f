//! Every distinct audit in kube-bench's own rule files: how many can be parsed, and how many run without a process.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use audit_shell::{AuditOutcome, Limits, commands, interpret, is_interpreted};

use crate::files::{listed, node};
use crate::outside;

/// Audits that call these programs are not expected to run without a process.
const ELSEWHERE: [&str; 5] = ["oc", "kubectl", "gcloud", "journalctl", "openssl"];

/// Collects the audits in a rule file, at any depth.
fn audits(value: &serde_yaml::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_yaml::Value::Mapping(map) => {
            for (key, value) in map {
                if matches!(key.as_str(), Some("audit" | "audit_config" | "audit_env")) {
                    found.extend(value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned));
                } else {
                    audits(value, found);
                }
            }
        }
        serde_yaml::Value::Sequence(values) => values.iter().for_each(|value| audits(value, found)),
        _ => {}
    }
}

/// Substitutes the variables of an audit by the values on a kubeadm node.
pub(crate) fn substituted(audit: &str) -> String {
    let mut text = audit.to_owned();
    for (component, bin, conf) in [
        ("controllermanager", "kube-controller-manager", "/etc/kubernetes/manifests/kube-controller-manager.yaml"),
        ("apiserver", "kube-apiserver", "/etc/kubernetes/manifests/kube-apiserver.yaml"),
        ("scheduler", "kube-scheduler", "/etc/kubernetes/manifests/kube-scheduler.yaml"),
        ("kubelet", "kubelet", "/var/lib/kubelet/config.yaml"),
        ("proxy", "kube-proxy", "/var/lib/kube-proxy/config.conf"),
        ("etcd", "etcd", "/etc/kubernetes/manifests/etcd.yaml"),
    ] {
        let kubeconfig = format!("/etc/kubernetes/{component}.conf");
        for (kind, value) in [
            ("kubeconfig", kubeconfig.as_str()),
            ("cafile", "/etc/kubernetes/pki/ca.crt"),
            ("datadir", "/var/lib/etcd"),
            ("svc", "/lib/systemd/system/kubelet.service"),
            ("conf", conf),
            ("bin", bin),
        ] {
            text = text.replace(&format!("${component}{kind}"), value);
        }
    }
    text
}

/// Returns all distinct audits in the rule files.
pub(crate) fn distinct_audits() -> BTreeSet<String> {
    let mut distinct = BTreeSet::new();
    for directory in listed(&outside::rules()) {
        let Ok(files) = fs::read_dir(directory) else { continue };
        for file in files {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            audits(
                &serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
                &mut distinct,
            );
        }
    }
    distinct
}

#[test_with::env(KUBE_BENCH_CFG)]
#[test]
fn nearly_all_audits_of_kube_bench_run_without_a_process() {
    let distinct = distinct_audits();
    let node = node(&outside::node("kubeadm-cp"));
    // By the unsupported command, or else the first command.
    let mut table: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let (mut parsed, mut ours, mut native) = (0, 0, 0);
    let mut rest = String::new();
    for audit in &distinct {
        let script = substituted(audit);
        let listed = commands(&script);
        parsed += usize::from(listed.is_ok());
        let outcome = interpret(&script, &node, &Limits::default());
        let words: Vec<&str> = audit.split(|letter: char| !letter.is_alphanumeric() && letter != '-').collect();
        let elsewhere = ELSEWHERE.iter().find(|name| words.contains(name));
        let names = listed.clone().unwrap_or_default();
        let key = match (&outcome, elsewhere) {
            (_, Some(name)) => (*name).to_owned(),
            (AuditOutcome::NeedsProcess { command }, None) => command.clone(),
            _ => names
                .iter()
                .find(|name| !is_interpreted(name))
                .or(names.first())
                .cloned()
                .unwrap_or_else(|| "(no shell)".to_owned()),
        };
        let row = table.entry(key).or_default();
        row[0] += 1;
        row[1] += usize::from(listed.is_ok());
        if matches!(outcome, AuditOutcome::Done { .. }) {
            row[2] += 1;
        }
        if elsewhere.is_none() {
            ours += 1;
            if matches!(outcome, AuditOutcome::Done { .. }) {
                native += 1;
            } else {
                let _ =
                    writeln!(rest, "{outcome:?}: {}", audit.chars().take(110).collect::<String>().replace('\n', "\\n"));
            }
        }
    }
    println!("{:<44} {:>7} {:>7} {:>7}", "command", "audits", "parsed", "native");
    for (command, [all, parsed, native]) in &table {
        println!(
            "{:<44} {all:>7} {parsed:>7} {native:>7}",
            command.chars().take(44).collect::<String>().replace('\n', " ")
        );
    }
    println!(
        "{} audits, {parsed} parsed; of {ours} that call nothing of a cluster {native} run natively; the rest:\n{rest}",
        distinct.len()
    );
    assert!(distinct.len() > 600, "only {} audits were found", distinct.len());
    assert!(parsed * 100 >= distinct.len() * 95, "only {parsed} of {} audits are parsed", distinct.len());
    assert!(native * 100 >= ours * 97, "only {native} of {ours} audits run natively:\n{rest}");
}
