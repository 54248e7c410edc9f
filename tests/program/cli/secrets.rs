//! Secrets of every form, everywhere on a node: none appears in any output, recording or message.

use std::fmt::Write;
use std::fs;

use kube_assay::report::Format;

use super::house;
use super::kube_bench::SETTINGS;
use crate::synthetic::{API_SERVER_PID, KUBELET_CONFIG, Node, Said};

/// Returns the texts of the table of secrets, each with the parts that must not appear.
fn texts() -> Vec<(String, Vec<String>)> {
    let table = include_str!("../../../golden/secrets.txt");
    let lines = table.lines().filter(|line| !line.starts_with("# ") && !line.is_empty());
    lines
        .map(|line| {
            let line = line.replace('·', "").replace("\\\\", "\u{1}").replace("\\n", "\n").replace('\u{1}', "\\");
            let secrets = line.split(['⟦', '⟧']).skip(1).step_by(2).filter_map(telling).collect();
            (line.replace(['⟦', '⟧'], ""), secrets)
        })
        .collect()
}

/// Returns the longest alphanumeric part of a secret.
fn telling(secret: &str) -> Option<String> {
    let runs = secret.split(|letter: char| !letter.is_ascii_alphanumeric());
    runs.max_by_key(|run| run.len()).filter(|run| run.len() >= 6).map(str::to_owned)
}

/// Creates a node with these texts in every possible place; places for a single text get the first.
fn node_with(texts: &[String], has_files: bool) -> Node {
    let node = Node::control_plane();
    let first = texts.first().expect("a text");
    let line = |text: &String| text.replace('\n', " ");
    let quoted: Vec<String> = texts.iter().map(|text| serde_json::to_string(text).expect("a text")).collect();
    let list = quoted.join(", ");
    let mut arguments = vec![format!("--audit-log-path={first}"), format!("--tls-cipher-suites={first}")];
    if has_files {
        arguments.push(format!("--client-ca-file=/etc/kubernetes/{first}"));
    }
    let mut environment = String::new();
    let mut unit = String::from("[Service]\n");
    let mut config = format!("{KUBELET_CONFIG}tlsCipherSuites: [{list}]\n");
    let manifest = node.at("/etc/kubernetes/manifests/kube-apiserver.yaml");
    let pod = fs::read_to_string(&manifest).expect("read");
    let command = format!("command: [kube-apiserver, {list}]\n    args: [{list}]");
    let mut pod = pod.replace("command: [kube-apiserver]", &command);
    for (number, (text, quoted)) in texts.iter().zip(&quoted).enumerate() {
        let line = line(text);
        arguments.extend([format!("--seeded-{number}={text}"), text.clone()]);
        let _ = write!(environment, "SEEDED_{number}={text}\0");
        let _ =
            write!(unit, "ExecStart=\nExecStart=/usr/bin/kubelet {line}\nEnvironment={quoted}\nEnvironment=S={line}\n");
        let _ = write!(config, "seeded{number}: {quoted}\n# {line}\n");
        let _ = writeln!(pod, "# {line}");
        if has_files && !text.contains('/') && text.len() < 200 {
            let path = format!("/etc/kubernetes/pki/{text}.key");
            node.file(&path, "a key\n");
            node.mode(&path, 0o666);
        }
    }
    node.api_server_with(&arguments);
    fs::write(node.of_process(API_SERVER_PID, "environ"), environment).expect("written");
    node.file("/var/lib/kubelet/config.yaml", &config);
    node.file("/usr/lib/systemd/system/kubelet.service", &unit);
    fs::write(&manifest, pod).expect("written");
    node.file("/etc/hostname", &format!("{}\n", line(first)));
    node.file("/srv/text", &texts.join("\n"));
    node
}

#[test]
fn seeded_secrets_are_in_no_output() {
    let rules = tempfile::tempdir().expect("a directory");
    let check = |id: &str, audit: &str| {
        format!(
            "  - id: {id}\n    text: C\n    audit: {audit}\n    tests: {{test_items: [{{flag: sentinel}}]}}\n    \
             remediation: R\n    scored: true\n"
        )
    };
    let file = format!(
        "id: 2\nversion: house-1\ntext: T\ntype: node\ngroups:\n- id: 2.1\n  text: G\n  checks:\n{}{}{}",
        check("2.1.1", "cat /srv/text"),
        check("2.1.2", "ps -ef"),
        check("2.1.3", "cat /etc/kubernetes/manifests/kube-apiserver.yaml /nosuch; false"),
    );
    house::write(rules.path(), &[("config.yaml", SETTINGS), ("house-1/node.yaml", &file)]);
    let mut seen = Vec::new();
    let all = texts();
    // Batches combine entries far apart in the table, so that similar ones are not together.
    let batches = all.len().div_ceil(8);
    for batch in 0..batches {
        let batch: Vec<_> = all.iter().skip(batch).step_by(batches).cloned().collect();
        let (texts, secrets): (Vec<String>, Vec<Vec<String>>) = batch.into_iter().unzip();
        // A recording contains the names of files that were read, so names are tested separately.
        let nodes = [node_with(&texts, true), node_with(&texts, false)];
        let [node, unnamed] = &nodes;
        let place = |name: &str| node.outside().join(name).display().to_string();
        let outputs: Vec<String> =
            Format::ALL.iter().map(|format| format!("--output={}={}", format.name(), place(format.name()))).collect();
        let of_rules: Vec<String> = outputs.iter().filter(|output| !output.contains("native")).cloned().collect();
        let rules = rules.path().display().to_string();
        let commands: [Vec<&str>; 4] = [
            ["-v"].into_iter().chain(outputs.iter().map(String::as_str)).collect(),
            vec!["detect", "-v"],
            vec!["record", "-v", "--file", "RECORDING"],
            ["-v", "-D", &rules, "--benchmark", "house-1", "-s", "node"]
                .into_iter()
                .chain(of_rules.iter().map(String::as_str))
                .collect(),
        ];
        for words in commands {
            let recording = place("recording");
            let words: Vec<&str> =
                words.into_iter().map(|word| if word == "RECORDING" { &recording } else { word }).collect();
            let node = if words.contains(&"record") { unnamed } else { node };
            let Said { code, out, err } = node.says(&words);
            assert_eq!(code, 0, "{words:?}: {err}");
            let mut said = vec![("standard output".to_owned(), out), ("standard error".to_owned(), err)];
            for name in Format::ALL.iter().map(|format| format.name()).chain(["recording"]) {
                if let Ok(text) = fs::read_to_string(place(name)) {
                    said.push((name.to_owned(), text));
                    fs::remove_file(place(name)).expect("removed");
                }
            }
            for (name, text) in said {
                for secret in secrets.iter().flatten().filter(|secret| text.contains(secret.as_str())) {
                    let at = text.find(secret.as_str()).unwrap_or_default();
                    let around = text.get(at.saturating_sub(80)..at + 40).unwrap_or_default();
                    seen.push(format!("{}: {name}: {secret}: {around:?}", words.first().unwrap_or(&"")));
                }
            }
        }
    }
    assert!(seen.is_empty(), "{} are seen:\n{}", seen.len(), seen.join("\n"));
}
