//! Files in all formats, valid and broken: whatever they contain, a recording produces the same report as its node.

use definitions::Definitions;
use kube_assay::embedded;
use kube_assay::run::ProfileChoice;

use super::difference;
use super::world::{World, made_up};
use crate::golden::run;

/// A change to a file's content.
type Change = fn(&str) -> Vec<u8>;

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
}

/// Variants of any text.
const ANY: [(&str, Change); 16] = [
    ("empty", |_| Vec::new()),
    ("blank", |_| b" \n\t\n".to_vec()),
    ("a mark of the byte order", |text| format!("\u{feff}{text}").into_bytes()),
    ("CRLF", |text| text.replace('\n', "\r\n").into_bytes()),
    ("CR", |text| text.replace('\n', "\r").into_bytes()),
    ("a rare line break", |text| text.replacen('\n', "\u{2028}", 3).into_bytes()),
    ("UTF-16, the low byte first", |text| utf16(text, u16::to_le_bytes)),
    ("UTF-16, the high byte first", |text| utf16(text, u16::to_be_bytes)),
    ("half a letter", |text| [utf16(text, u16::to_le_bytes).as_slice(), b"x"].concat()),
    ("a byte that is no UTF-8", |text| [b"# \xe9\n", text.as_bytes()].concat()),
    ("such a byte at the end", |text| [text.as_bytes(), b"\xff"].concat()),
    ("a byte that is zero", |text| format!("{text}\0").into_bytes()),
    ("cut short", |text| text.as_bytes()[..text.len() * 2 / 3].to_vec()),
    ("cut shorter", |text| text.as_bytes()[..text.len() / 3].to_vec()),
    ("twice", |text| format!("{text}{text}").into_bytes()),
    ("a long line", |text| format!("# {}\n{text}", "x".repeat(5000)).into_bytes()),
];

/// Variants of YAML whose root is a block mapping.
const BLOCK: [(&str, Change); 22] = [
    ("a list", |_| b"- a\n- b\n".to_vec()),
    ("a text", |_| b"just a text\n".to_vec()),
    ("nothing", |_| b"~\n".to_vec()),
    ("a tab", |text| format!("{text}x:\n\ty: 1\n").into_bytes()),
    ("an open list", |text| format!("{text}x: [\n").into_bytes()),
    ("an open quote", |text| format!("{text}x: \"a\n").into_bytes()),
    ("two colons", |text| format!("{text}x: a: b\n").into_bytes()),
    ("an unknown alias", |text| format!("{text}x: *nowhere\n").into_bytes()),
    ("an alias within itself", |text| format!("{text}x: &x [*x]\n").into_bytes()),
    ("two documents", |text| format!("---\n{text}---\n{text}x: [\n").into_bytes()),
    ("a directive", |text| format!("%YAML 1.1\n---\n{text}...\n").into_bytes()),
    ("comments", |text| text.replace('\n', " # x: y\n# z\n").into_bytes()),
    ("blank lines", |text| text.replace('\n', "\n\n").into_bytes()),
    ("a long key", |text| format!("? {}\n: 1\n{text}", "k".repeat(3000)).into_bytes()),
    ("a key that is a list", |text| format!("? [a]\n: 1\n{text}").into_bytes()),
    ("all keys twice", |text| {
        let second: String =
            text.lines().filter(|line| !line.starts_with([' ', '-'])).fold(String::new(), |all, line| {
                let (key, _) = line.split_once(':').unwrap_or((line, ""));
                all + key + ": 5\n"
            });
        format!("{second}{text}").into_bytes()
    }),
    ("keys once more, behind", |text| {
        let key = text.lines().find_map(|line| line.split_once(':')).map_or("x", |(key, _)| key);
        format!("{text}{key}: {{a: 1}}\n{key}: [b]\n").into_bytes()
    }),
    ("the whole under an anchor", |text| {
        let inner: String = text.lines().flat_map(|line| ["  ", line, "\n"]).collect();
        format!("hidden: &all\n{inner}<<: *all\n").into_bytes()
    }),
    ("the whole in a list of what is taken in", |text| {
        let inner: String = text.lines().flat_map(|line| ["    ", line, "\n"]).collect();
        format!("hidden:\n  - &all\n{inner}<<: [{{kind: x}}, *all]\n").into_bytes()
    }),
    ("values behind aliases", |text| {
        let lines = text.lines().enumerate().map(|(at, line)| match line.split_once(": ") {
            Some((key, value)) if !value.trim().is_empty() && !value.starts_with(['&', '*', '|', '>', '{', '[']) => {
                format!("{key}: &v{at} {value}")
            }
            _ => line.to_owned(),
        });
        let lines: Vec<String> = lines.collect();
        let aliases: Vec<String> = lines
            .iter()
            .filter_map(|line| line.split_once(": &v")?.1.split(' ').next())
            .map(|at| format!("*v{at}"))
            .collect();
        format!("{}\nmore: [{}]\n", lines.join("\n"), aliases.join(", ")).into_bytes()
    }),
    ("as JSON", |text| {
        let value: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
        serde_json::to_vec_pretty(&value).expect("JSON")
    }),
    ("as JSON on one line, with a tail", |text| {
        let value: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
        format!("{} x", serde_json::to_string(&value).expect("JSON")).into_bytes()
    }),
];

/// A file of each kind: the node, the end of its path, and whether it is block-style YAML.
const FILES: [(&str, &str, bool); 21] = [
    ("kubeadm-control-plane", "/var/lib/kubelet/config.yaml", true),
    ("kubeadm-control-plane", "/manifests/kube-apiserver.yaml", true),
    ("kubeadm-control-plane", "/manifests/etcd.yaml", true),
    ("kubeadm-control-plane", "/var/lib/dpkg/status", false),
    ("structured-control-plane", "/kubelet.conf.d/10-hardening.conf", true),
    ("structured-control-plane", "/auth/authorization.yaml", true),
    ("structured-control-plane", "/auth/authentication.yaml", true),
    ("eks-anywhere-iam-encryption-control-plane", "/encryption-config.yaml", true),
    ("eks-anywhere-iam-encryption-control-plane", "631848771ef/config.json", false),
    ("k3s-server", "/k3s.service", false),
    ("k3s-server", "/k3s.service.env", false),
    ("k3s-server", "/00-k3s-defaults.conf", true),
    ("external-etcd-unprivileged", "/etc/etcd/etcd.env", false),
    ("external-etcd-unprivileged", "/20-peers.conf", false),
    ("microk8s-node", "/args/kube-apiserver", false),
    ("microk8s-node", "/snap.yaml", false),
    ("openshift-control-plane", "/kube-apiserver-pod-8/configmaps/config/config.yaml", true),
    ("openshift-control-plane", "/00-multus.conf", false),
    ("openshift-control-plane", "/etc/os-release", false),
    ("aks-node", "/etc/containerd/config.toml", false),
    ("kubespray-etcd-docker", "/config.v2.json", false),
];

#[test]
fn whatever_the_form_of_a_file_the_recording_gives_the_report_of_its_node() {
    let definitions = embedded::definitions();
    let mut wrong = Vec::new();
    for (name, path, is_block) in FILES {
        let world = made_up(name);
        let text = world.content(path);
        let of_block = BLOCK.iter().filter(|_| is_block && !text.starts_with(['{', '[']));
        for (form, change) in ANY.iter().chain(of_block) {
            wrong.extend(check(&world.with(path, &change(&text)), &definitions, &format!("{name} {path}: {form}")));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Returns how the report of a node's recording differs from the node's, if it does.
fn check(world: &World, definitions: &Definitions, label: &str) -> Option<String> {
    let node = world.node();
    let differs =
        difference(&node, definitions, |node| vec![run(node, "/", None, ProfileChoice::Detected, definitions)]);
    differs.map(|differs| format!("{label}: {differs}"))
}
