//! Secrets of a node appear in no report, message or recording.

use std::fs;

use crate::synthetic::{API_SERVER_PID, KUBELET_CONFIG, Node, static_pod};

/// The secret that must not appear.
const SECRET: &str = "s3cr3t-Xq9";

fn node() -> Node {
    let node = Node::control_plane();
    node.api_server_with(&[
        format!("--token={SECRET}"),
        "--oidc-client-secret".to_owned(),
        SECRET.to_owned(),
        format!("--etcd-servers=https://admin:{SECRET}@etcd-1:2379"),
        format!("--audit-webhook-config-file=https://u:{SECRET}@hook/x"),
        format!("--client-ca-file=https://u:{SECRET}@ca/x"),
        format!("--authorization-mode=https://u:{SECRET}@x"),
        format!("--profiling=password={SECRET}"),
        format!("--tls-cipher-suites=Bearer {SECRET}{SECRET}{SECRET}"),
    ]);
    node.process(
        202,
        &["kube-scheduler", "--password", SECRET, &format!("--bind-address=https://u:{SECRET}@0.0.0.0")],
        "/usr/local/bin/kube-scheduler",
        &static_pod(),
    );
    node.process(
        400,
        &["etcd", &format!("--advertise-client-urls=https://root:{SECRET}@10.0.0.1:2379")],
        "/usr/local/bin/etcd",
        &static_pod(),
    );
    fs::write(
        node.of_process(400, "environ"),
        format!("ETCD_PASSWORD={SECRET}\0ETCD_DATA_DIR=/var/lib/etcd\0ETCD_CERT_FILE=https://u:{SECRET}@x\0"),
    )
    .expect("written");
    fs::write(node.of_process(API_SERVER_PID, "environ"), format!("AWS_SECRET_ACCESS_KEY={SECRET}\0"))
        .expect("written");
    // Keys, kubeconfigs and credentials in files that are inspected.
    for path in ["/etc/kubernetes/pki/apiserver.key", "/etc/kubernetes/admin.conf", "/etc/kubernetes/kubelet.conf"] {
        node.file(path, &format!("token: {SECRET}\n"));
    }
    node.file("/etc/kubernetes/pki/ca.crt", SECRET);
    node.file(
        "/var/lib/kubelet/config.yaml",
        &format!("{KUBELET_CONFIG}password: {SECRET}\nstaticPodURLHeader:\n  Authorization: [Bearer {SECRET}]\n"),
    );
    node.file(
        "/etc/kubernetes/enc.yaml",
        &format!(
            "kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\nresources:\n- resources: [secrets]\n  \
             providers:\n  - aescbc: {{keys: [{{name: k, secret: {SECRET}}}]}}\n"
        ),
    );
    node.file("/etc/passwd", &format!("root:{SECRET}:0:0:root:/root:/bin/sh\n"));
    node
}

#[test]
fn no_report_and_no_message_tells_a_secret() {
    let node = node();
    for format in ["text", "json", "junit"] {
        for benchmark in ["cis-1.20", "cis-1.23", "cis-1.12"] {
            let said = node.says(&["-v", "--include-test-output", "--format", format, "--benchmark", benchmark]);
            assert_eq!(said.code, 0);
            assert!(said.out.contains("(masked)"), "{format} {benchmark}: what is hidden is shown to be");
            for text in [&said.out, &said.err] {
                let line = text.lines().find(|line| line.contains(SECRET));
                assert_eq!(line, None, "{format} {benchmark}");
            }
        }
    }
}

#[test]
fn no_recording_tells_a_secret() {
    let node = node();
    let said = node.says(&["record"]);
    assert_eq!(said.code, 0);
    assert_eq!(said.out.lines().find(|line| line.contains(SECRET)), None);
    assert!(!said.err.contains(SECRET) && said.out.contains("--token=(withheld"), "{}", said.out);
}

#[test]
fn the_encryption_file_is_judged_and_its_keys_are_not_written_down() {
    let node = node();
    node.api_server_with(&["--encryption-provider-config=/etc/kubernetes/enc.yaml"]);
    let report = node.report(&[]);
    assert_eq!(report.verdict("1.2.28").0, "pass");
    assert!(!report.json.to_string().contains(SECRET));
    let recording = node.says(&["record"]).out;
    assert!(recording.contains("aescbc"));
    assert_eq!(recording.lines().find(|line| line.contains(SECRET)), None);
}
