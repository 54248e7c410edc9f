//! Secrets in all file formats: none is recorded, and a recording produces the same findings as its node.

#[path = "../../synthetic/mod.rs"]
mod machine;

use std::collections::BTreeMap;
use std::fs;

use machine::{KUBELET_CONFIG, Node, Report, kube_assay};

/// The secret that must not be recorded.
const SECRET: &str = "U0VDUkVUS0VZTUFURVJJQUwxMjM0NTY3ODkwMTIzNDU=";

/// Returns the verdict, reason and evidence of each check.
fn findings(report: &Report) -> BTreeMap<String, String> {
    let of = |check: &serde_json::Value| {
        let said = ["verdict", "reason", "evidence", "actual_value"].map(|key| check[key].to_string()).join(" ");
        (check["test_number"].to_string(), said)
    };
    report.checks().map(of).collect()
}

/// Records the node and checks that no form of the secret is in the recording, and that its findings equal the node's.
#[track_caller]
fn check(node: &Node, form: &str) -> String {
    let file = node.outside().join("recording.yaml");
    let choice = ["--benchmark", "cis-1.12", "--targets", "master,node", "--profile", "none"];
    let mut record = node.command();
    record.args(["record", "--benchmark", "cis-1.12", "--file"]).arg(&file).assert().success();
    let text = fs::read_to_string(&file).expect("written");
    assert_untold(&text, form);
    let live = node.report(&choice);
    let recorded = Report::of(kube_assay().arg("--json").args(choice).arg("--node").arg(&file));
    let (live, recorded) = (findings(&live), findings(&recorded));
    for (number, said) in &live {
        assert_eq!(recorded.get(number), Some(said), "{form}: {number}");
    }
    text
}

#[track_caller]
fn assert_untold(recording: &str, form: &str) {
    let joined: String = recording.chars().filter(|letter| !letter.is_whitespace() && *letter != '\\').collect();
    let line = recording.lines().find(|line| line.contains(SECRET));
    assert!(!joined.contains(SECRET), "{form}: {line:?}");
    // Content that is not text is encoded in base64.
    for part in recording.split("base64: ").skip(1) {
        let bytes = decoded(part.lines().next().unwrap_or_default());
        let text: String = bytes.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
        assert!(!text.contains(SECRET), "{form}: {text}");
    }
}

fn decoded(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let values = text.bytes().filter_map(|byte| LETTERS.iter().position(|letter| *letter == byte));
    let bits: Vec<bool> = values.flat_map(|value| (0..6).rev().map(move |bit| value >> bit & 1 == 1)).collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
}

/// Returns an encryption configuration with these lines; `SECRET` stands for the secret.
fn encryption(lines: &str) -> String {
    let lines = lines.replace('\n', "\n        ");
    let text = format!(
        "kind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  - aescbc:\n      keys:\n      - \
         name: key1\n        {lines}\n  - identity: {{}}\n"
    );
    text.replace("SECRET", SECRET)
}

#[test]
fn keys_of_encryption_are_not_recorded() {
    let node = Node::control_plane();
    node.api_server_with(&["--encryption-provider-config=/etc/kubernetes/enc.yaml"]);
    let json = r#"{"kind":"EncryptionConfiguration","resources":[{"resources":["secrets"],"providers":[{"aescbc":{"keys":[{"name":"k","secret":"SECRET"}]}}]}]}"#;
    let json = json.replace("SECRET", SECRET);
    let mut forms: Vec<(String, Vec<u8>)> = [
        "secret: SECRET",
        "secret : SECRET",
        "\"secret\" : \"SECRET\"",
        "'secret' :   'SECRET'",
        "secret:\tSECRET",
        "secret\t: SECRET",
        "secret:\n  SECRET",
        "secret: |-\n  SECRET",
        "secret: >2\n    SECRET\n\n",
        "secret: \"a\n  SECRET\"",
        "secret: !!str SECRET",
        "secret: !!str \"SECRET\" # token: SECRET",
        "secret: &s SECRET\nother: *s",
        "other: &s SECRET\nsecret: *s",
        "? secret\n: SECRET",
        "? \"secret\"\n: \"SECRET\"",
        "\"s\\u0065cret\": SECRET",
        "\"\\x73ecret\": SECRET",
        "<<: {secret: SECRET}",
        "more: [{name: k, secret: SECRET}, {name: l, \"secret\":\"SECRET\"}]",
        "secret: [SECRET]",
        "secret: \"a,SECRET\"",
        "# secret: SECRET\n# secret : SECRET\nsecret: SECRET",
    ]
    .into_iter()
    .map(|lines| (lines.to_owned(), encryption(lines).into_bytes()))
    .collect();
    let plain = encryption("secret: SECRET");
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let pretty = serde_json::to_string_pretty(&value).expect("JSON");
    for (form, text) in [
        ("JSON on one line", json.clone()),
        ("JSON as Go and Python print it", pretty.clone()),
        ("JSON as Jackson prints it", pretty.replace("\":", "\" :")),
        ("JSON with tabs", pretty.replace("  ", "\t")),
        ("JSON with the values on lines of their own", json.replace("\":", "\":\n")),
        ("JSON with CRLF", pretty.replace('\n', "\r\n")),
        ("JSON without indentation", pretty.replace("\n ", "\n").replace("  ", "")),
        ("an escaped slash", json.replace("\"secret\":", "\"s\\u0065cret\": ")),
        ("CRLF", plain.replace('\n', "\r\n")),
        ("CR", plain.replace('\n', "\r")),
        ("a blank that is none", plain.replace(SECRET, &format!("{SECRET}\u{a0}"))),
        ("two documents", format!("{plain}---\n{plain}")),
        ("a second document that is broken", format!("{plain}---\nsecret : {SECRET}\na: [\n")),
        (
            "a broken document",
            format!("{plain}a: [\nsecret : {SECRET}\n\"secret\" : \"{SECRET}\"\n\"secret\" :\n\"{SECRET}\"\n"),
        ),
        ("a mark of the byte order", format!("\u{feff}{plain}")),
        ("texts that are not indented", plain.replace(SECRET, &format!("\"a\n{SECRET}\nb\""))),
        ("a rare line break", plain.replace("name: key1", "name: key1\u{2028}")),
    ] {
        forms.push((form.to_owned(), text.into_bytes()));
    }
    forms.push(("UTF-16, the low byte first".to_owned(), utf16(&plain, u16::to_le_bytes)));
    forms.push(("UTF-16, the high byte first".to_owned(), utf16(&plain, u16::to_be_bytes)));
    forms.push(("UTF-16 without an announcement".to_owned(), utf16(&plain, u16::to_le_bytes).split_off(2)));
    let mut half = utf16(&plain, u16::to_le_bytes);
    half.push(b'x');
    forms.push(("an incomplete UTF-16 character".to_owned(), half));
    forms.push(("a byte of Latin-1".to_owned(), [b"# \xe9\n", plain.as_bytes()].concat()));
    forms.push(("a byte of Latin-1 in the secret".to_owned(), {
        let (before, after) = plain.split_once(SECRET).expect("it is there");
        [before.as_bytes(), SECRET.as_bytes(), b"\xe9", after.as_bytes()].concat()
    }));
    for (form, bytes) in forms {
        fs::write(node.at("/etc/kubernetes/enc.yaml"), &bytes).expect("written");
        if form.contains("half") || form.contains("in the secret") || form.contains("without an announcement") {
            // The content cannot be decoded, so it cannot be masked: only the cause is recorded.
            let file = node.outside().join("recording.yaml");
            node.command().args(["record", "--benchmark", "cis-1.12", "--file"]).arg(&file).assert().success();
            let text = fs::read_to_string(&file).expect("written");
            assert_untold(&text, &form);
            assert!(text.contains("cause: malformed"), "{form}: {text}");
            let recorded = Report::of(kube_assay().args(["--json", "--benchmark", "cis-1.12", "--node"]).arg(&file));
            for report in [node.report(&["--benchmark", "cis-1.12"]), recorded] {
                assert_eq!(report.verdict("1.2.28").0, "unknown", "{form}");
            }
            continue;
        }
        check(&node, &form);
    }
}

#[test]
fn secrets_of_manifests_are_not_recorded() {
    let node = Node::control_plane();
    let manifest = |of_container: &str, of_metadata: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-apiserver\n  annotations:\n    a: b\n{of_metadata}spec:\n  \
             containers:\n  - name: kube-apiserver\n    image: registry.k8s.io/kube-apiserver:v1.32.4\n{of_container}    \
             volumeMounts: [{{name: k, mountPath: /etc/kubernetes}}]\n  volumes:\n  - {{name: k, hostPath: {{path: \
             /etc/kubernetes}}}}\n  - name: t\n    secret: {{secretName: x}}\n"
        )
        .replace("SECRET", SECRET)
    };
    for (of_container, of_metadata) in [
        ("    command: [kube-apiserver, --token, SECRET, --v=2]\n", ""),
        (
            "    command: [\"kube-apiserver\",\"--token\",\"SECRET\"]\n    args: [--password=SECRET, --header, 'Authorization: Basic SECRET']\n",
            "",
        ),
        (
            "    command:\n    - kube-apiserver\n    - --token\n    - SECRET\n    args:\n    - |\n      --token\n    - &x SECRET\n    - *x\n",
            "",
        ),
        ("    command: [kube-apiserver]\n    args: [&f --token, SECRET, *f, SECRET]\n", ""),
        ("    command: [sh, -c, \"kube-apiserver --token SECRET\"]\n", ""),
        ("    command:\n    - sh\n    - -c\n    - >-\n      kube-apiserver --token\n      SECRET\n      --v=2\n", ""),
        (
            "    command:\n    - sh\n    - -c\n    - |\n      kube-apiserver \\\n        --password SECRET\n      # token: SECRET\n",
            "",
        ),
        ("    env:\n    - name: API_TOKEN\n      value: SECRET\n    - value: 'SECRET'\n      name: API_TOKEN\n", ""),
        ("    env: [{name: API_TOKEN, value: SECRET}, {\"value\" : \"SECRET\", \"name\" : \"DB_PASSWORD\"}]\n", ""),
        ("    env:\n    - &e {name: API_TOKEN, value: x}\n    - <<: *e\n      value: SECRET\n", ""),
        ("    livenessProbe: {httpGet: {port: 1, httpHeaders: [{name: Authorization, value: Basic SECRET}]}}\n", ""),
        ("    command: [kube-apiserver]\n", "    token : SECRET\n    x: {token: &t SECRET}\n    y: *t\n"),
        (
            "    command: [kube-apiserver]\n",
            "    last: '{\"command\":[\"x\",\"--token\",\"SECRET\"],\"secret\" : \"SECRET\"}'\n",
        ),
        (
            "    command: [kube-apiserver]\n",
            "    last: |\n      {\"command\":[\"x\",\"--token\",\n      \"SECRET\"],\"secret\" :\n      \"SECRET\"}\n",
        ),
        (
            "    command: [kube-apiserver]\n",
            "    key: [\"-----BEGIN RSA PRIVATE KEY-----\", SECRET, -----END RSA PRIVATE KEY-----]\n",
        ),
    ] {
        for breaks in ["\n", "\r\n"] {
            let text = manifest(of_container, of_metadata).replace('\n', breaks);
            node.file("/etc/kubernetes/manifests/kube-apiserver.yaml", &text);
            check(&node, &text);
        }
    }
}

#[test]
fn what_is_left_out_does_not_break_a_configuration() {
    let node = Node::worker();
    for more in [
        "staticPodURLHeader:\n  Authorization: [Bearer SECRET]\n",
        "staticPodURLHeader: {Authorization: [Bearer SECRET], X: [y]}\n",
        "staticPodURLHeader: {\"Authorization\":[\"Basic SECRET\"]}\n",
        "x: {token: &t SECRET}\ny: *t\n",
        "x: {token: SECRET}\n",
        "SECRET: {SECRET: SECRET}\n",
        "password: |\n  SECRET\n  x\neventRecordQPS: 5\n",
        "password: \"SECRET\n  x\" # y\neventRecordQPS: 5\n",
        "password: SECRET # SECRET\n",
        "password: 'SECRET'\n",
        "password: \"\"\ntoken: null\nmore: 1 # SECRETARY is no secret\n",
    ] {
        let more = more.replace("SECRETARY", "secretary").replace("SECRET", SECRET);
        node.file("/var/lib/kubelet/config.yaml", &format!("{KUBELET_CONFIG}{more}"));
        let text = check(&node, &more);
        assert!(!text.contains("password") && !text.contains("secretary"), "{more}: {text}");
    }
}

#[test]
fn malformed_configurations_stay_malformed() {
    let node = Node::worker();
    for (before, more) in [
        (&b"# \xe9\n"[..], "password: SECRET\n"),
        (b"", "a: [\ntoken: SECRET\n"),
        (b"", "token: SECRET\n\tb: 1\n"),
        (b"- a\n- token: SECRET\ntoken: [--token, SECRET, \n", ""),
    ] {
        let text = format!("{}{KUBELET_CONFIG}{more}", "");
        let bytes = [before, text.as_bytes()].concat();
        let text = String::from_utf8_lossy(&bytes).replace("SECRET", SECRET);
        let bytes = if before.contains(&0xe9) { bytes } else { text.into_bytes() };
        fs::write(node.at("/var/lib/kubelet/config.yaml"), bytes).expect("written");
        check(&node, more);
        assert_eq!(node.report(&["--benchmark", "cis-1.12"]).verdict("4.2.1").0, "unknown", "{more}");
    }
}

#[test]
fn kubeconfigs_keep_their_shape() {
    let node = Node::worker();
    node.file("/etc/kubernetes/kubelet.conf", &format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {{server: 'https://h:6443', certificate-authority: \
         /etc/kubernetes/pki/ca.crt}}\nusers:\n- name: u\n  user : {{client-key-data : {SECRET}, token: \"{SECRET}\"}}\n- name: \
         v\n  user:\n    password: {SECRET}\n    exec: {{command: x, args: [--token, {SECRET}], env: [{{value: {SECRET}, name: \
         TOKEN}}]}}\n"
    ));
    check(&node, "a kubeconfig");
}

#[test]
fn keys_that_nobody_reads_are_left_out() {
    let node = Node::worker();
    let more = format!("x: {{'https://a:{SECRET}1@h': 1, 'https://b:{SECRET}2@h': 2}}\n");
    node.file("/var/lib/kubelet/config.yaml", &format!("{KUBELET_CONFIG}{more}"));
    assert_eq!(node.report(&["--benchmark", "cis-1.12"]).verdict("4.2.1").0, "pass");
    let text = check(&node, "two keys");
    assert!(!text.contains("https://a"), "{text}");
    let first = node.outside().join("recording.yaml");
    let again =
        kube_assay().args(["record", "--benchmark", "cis-1.12", "--node"]).arg(&first).output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&again.stdout), text);
}
