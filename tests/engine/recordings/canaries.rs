//! Canary words: no recording contains content that is not read, even if it does not look like a secret. Words are
//! planted everywhere a node can contain one.

use kube_assay::embedded;
use serde_yaml::{Mapping, Value};

use super::every_node::reports_of_all_controls;
use super::world::{World, made_up};
use super::{difference, record};
use crate::golden::NODES;

/// A word that does not look like a secret.
const WORD: &str = "Canary";

/// Returns a file with the word in every place that is not read.
fn hidden(path: &str, text: &str) -> String {
    let is_json = text.starts_with('{');
    if path.contains("/manifests/") || path.contains("/static-pods/") || path.contains("/pod-manifests/") {
        let mut is_first = true;
        let lines = text.lines().flat_map(|line| {
            let indentation = line.len() - line.trim_start().len();
            let is_flag = line.trim_start().starts_with("- --") && std::mem::take(&mut is_first);
            let blank = " ".repeat(indentation);
            let more = if is_flag {
                format!("{blank}- --zz-unknown=Canary1\n{blank}- --zz-other\n{blank}- Canary2\n{blank}- Canary3 --x=Canary4\n")
            } else {
                String::new()
            };
            [more, format!("{line} # Canary5\n")]
        });
        let lines: String = lines.collect();
        let annotations = "Canary6: {Canary7: [Canary8, {Canary9: \"Canary10\"}]}\n? Canary11\n: |\n  Canary12\n";
        return format!("# Canary13\n{lines}{annotations}");
    }
    if path.contains("/systemd/") {
        return format!(
            "# Canary1\n; Canary2\n{text}\n[Service]\nEnvironment=Canary3=Canary4 \"Canary5=a Canary6\"\nCanary7=Canary8\n\
             ExecStartPre=/bin/sh -c 'Canary9'\n[Canary10]\nCanary11=Canary12 \\\n  Canary13\n"
        );
    }
    if path.contains(".toml") {
        return format!(
            "# Canary1\n{text}\n[Canary2.Canary3]\nCanary4 = \"Canary5\"\nCanary6 = [\"Canary7\", {{Canary8 = 1}}]\n"
        );
    }
    if path.ends_with("/config.json")
        || path.ends_with("config.v2.json")
        || path.ends_with("hostconfig.json")
        || is_json
    {
        let more = "{\"Canary1\": {\"Canary2\": [\"Canary3\"]}, \"process\": {\"env\": [\"A=Canary4\"], \"args\": [\"Canary5\"]},";
        return text.replacen('{', more, 1);
    }
    if path.contains("/args/") {
        return format!(
            "# Canary1\n{text}\n--zz-unknown=Canary2 --zz-other Canary3\nCanary4\n--zz=\"Canary5 Canary6\"\n"
        );
    }
    if path.contains(".env")
        || path.contains("/default/")
        || path.ends_with("os-release")
        || path.ends_with(".service.env")
    {
        return format!("# Canary1\nCanary2=Canary3\n{text}\nCanary4=\"Canary5\nCanary6\"\nZZ=Canary7\n");
    }
    if path.ends_with("dpkg/status") {
        return format!(
            "Package: Canary1\nVersion: Canary2\n\n{}\nMaintainer: Canary3\nCanary4: Canary5\n",
            text.trim_end()
        );
    }
    // User names are read, so they contain no canary.
    if path == "/etc/shadow" {
        return format!("# Canary1\n{text}\nops:Canary2:Canary3:0:99999:7:::Canary4\n");
    }
    let is_yaml = matches!(serde_yaml::from_str::<Value>(text), Ok(Value::Mapping(_)));
    if is_yaml && text.lines().all(|line| !line.starts_with("---")) {
        return format!(
            "# Canary1\nCanary2: {{Canary3: [Canary4, \"Canary5\"]}} # Canary6\n{}\n'Canary7': >-\n  Canary8\n  Canary9\nx: &canary \
             Canary10\ny: *canary\n",
            text.trim_end()
        );
    }
    format!("# Canary1\n{text}")
}

/// Returns a node with the word in every file, command line, environment and account.
fn with_words(name: &str) -> World {
    let mut world = made_up(name);
    for file in world.files() {
        let path = file.get("path").and_then(Value::as_str).unwrap_or_default().to_owned();
        let text = file.get("content").and_then(Value::as_str).unwrap_or_default().to_owned();
        if path != "/etc/hostname" && path != "/etc/nsswitch.conf" {
            file.insert("content".into(), hidden(&path, &text).into());
        }
    }
    for process in world.processes() {
        let words = ["--zz-unknown=Canary1", "--zz-other", "Canary2", "-Canary3", "--Canary4=Canary5", "Canary6 x"];
        if let Some(arguments) = process.get_mut("argv").and_then(Value::as_sequence_mut) {
            // An overwritten command line contains only the program.
            if arguments.len() > 1 {
                arguments.extend(words.map(Value::from));
            }
        }
        if let Some(line) = process.get_mut("cmd")
            && line.as_str().is_some_and(|line| line.contains(' '))
        {
            *line = format!("{} {}", line.as_str().unwrap_or_default(), words[..5].join(" ")).into();
        }
        let environment = process.entry("env".into()).or_insert_with(|| Value::Mapping(Mapping::new()));
        if let Some(environment) = environment.as_mapping_mut() {
            environment.insert("Canary7".into(), "Canary8".into());
        }
    }
    world.passwd().push("Canary9:x:54321:54321:Canary10:/home/Canary11:/bin/Canary12".into());
    world
}

#[test]
fn a_word_that_nobody_reads_is_in_no_recording() {
    let definitions = embedded::definitions();
    let mut found = Vec::new();
    for golden in &NODES {
        let node = with_words(golden.name).node();
        let text = record(&node, &definitions, |node| drop(reports_of_all_controls(node, &definitions)));
        found.extend(text.lines().filter(|line| line.contains(WORD)).map(|line| format!("{}: {line}", golden.name)));
    }
    assert!(found.is_empty(), "{} lines:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_node_with_such_words_has_the_report_of_its_recording() {
    let definitions = embedded::definitions();
    for name in [
        "kubeadm-control-plane",
        "k3s-server",
        "microk8s-node",
        "openshift-control-plane",
        "external-etcd-unprivileged",
    ] {
        let node = with_words(name).node();
        let differs = difference(&node, &definitions, |node| reports_of_all_controls(node, &definitions));
        assert!(differs.is_none(), "{name}: {}", differs.unwrap_or_default());
    }
}
