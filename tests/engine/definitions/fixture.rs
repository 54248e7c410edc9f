//! A small set of valid definitions, and ways to introduce mistakes.

use definitions::benchmark::{Diagnostics, SourceFile};
use definitions::{Definitions, load_with};

/// The files: directory, path, and text.
pub const FILES: [(&str, &str, &str); 5] = [
    (
        "benchmarks",
        "components.yaml",
        r#"apiserver:
  name: kube-apiserver
  executables: [kube-apiserver, hyperkube kube-apiserver]
  bare: [apiserver]
  bare_with: [--etcd-servers]
  grammar: kubernetes
  flags:
    boolean: [--anonymous-auth, --profiling]
    list: [--authorization-mode]
    map: [--feature-gates]
    duration: [--request-timeout]
  defaults: { --profiling: "true" }
  places:
    manifest:
      static_pod: true
      candidates: [/etc/kubernetes/manifests/kube-apiserver.yaml]
      evidence: true
pki:
  name: Kubernetes PKI
  part_of: apiserver
  places:
    dir:
      follow:
        - { flag: --tls-private-key-file, parent: true }
      candidates: [/etc/kubernetes/pki]
kubelet:
  name: kubelet
  executables: [kubelet]
  needs_host_pids: false
  grammar: kubernetes
  config: { flag: --config, drop_ins: --config-dir, precedence: arguments }
  flags:
    boolean: [--anonymous-auth]
  places:
    config:
      follow:
        - { flag: --config }
        - { flag: --config-dir, glob: "*.conf" }
      candidates: [/var/lib/kubelet/config.yaml, /etc/kubernetes/kubelet/*]
      take: every
  unit: kubelet.service
"#,
    ),
    (
        "benchmarks",
        "controls/apiserver.yaml",
        r#"anonymous-auth:
  title: No one reaches the API server without a name
  level: 1
  severity: low
  rationale: A request without a name cannot be traced.
  audit: { settings: apiserver }
  expect: { flag: --anonymous-auth, is: false, unset: fail }
  remediation: Set --anonymous-auth=false in {{apiserver.manifest}}.
  references: [https://kubernetes.io/docs/reference/]
manifest-mode:
  title: The manifest has mode {{at_most}} or stricter
  level: 1
  severity: low
  rationale: It holds the arguments.
  parameters: { at_most: ~ }
  audit: { files: apiserver.manifest }
  expect: { mode: "{{at_most}}", missing: fail }
  remediation: chmod {{at_most}} {{apiserver.manifest}}
request-timeout:
  title: Requests end in time
  level: 1
  severity: low
  rationale: Endless ones wear it out.
  parameters: { limit: 1h, unset: pass }
  audit: { settings: apiserver }
  expect: { flag: --request-timeout, at_most: "{{limit}}", unset: "{{unset}}" }
  remediation: Set --request-timeout.
client-ca:
  title: Clients show certificates
  level: 1
  severity: low
  rationale: Otherwise anyone may call.
  audit: { settings: apiserver }
  expect:
    all:
      - { flag: --client-ca-file, set: true }
      - { flag: --authorization-mode, excludes: AlwaysAllow, unset: fail }
      - { flag: --feature-gates, entry: Old, is: "false", unset: pass }
  remediation: Set --client-ca-file.
key-mode:
  title: Keys are for their owner
  level: 1
  severity: low
  rationale: Anyone who has them is the server.
  audit: { files: [pki.dir], below: "*.key", directories: false }
  expect: { mode: "600", owner: root:root, missing: not-applicable }
  remediation: chmod 600 {{pki.dir}}/*.key
cluster-admin:
  title: Few are cluster-admin
  level: 1
  severity: low
  rationale: It may do everything.
  review: Look at the bindings.
  remediation: Remove bindings that no one needs.
"#,
    ),
    (
        "benchmarks",
        "controls/kubelet.yaml",
        r"anonymous-auth:
  title: No one reaches the kubelet without a name
  level: 1
  severity: low
  rationale: It runs whatever it is asked to.
  audit: { settings: kubelet }
  expect: { flag: --anonymous-auth, key: authentication.anonymous.enabled, is: false, unset: fail }
  remediation: Set it in {{kubelet.config}}.
",
    ),
    (
        "benchmarks",
        "cis-1.12.yaml",
        r#"title: CIS Kubernetes Benchmark 1.12.0
kubernetes: { from: "1.32", to: "1.34" }
targets:
  master:
    id: "1"
    title: Control plane components
    groups:
      "1.1":
        title: Files
        checks:
          "1.1.1": { control: apiserver/manifest-mode, with: { at_most: "600" }, scored: true, assessment: automated }
          "1.1.2": { control: apiserver/key-mode, scored: true, assessment: automated }
      "1.2":
        title: API server
        checks:
          "1.2.9": { control: apiserver/anonymous-auth, scored: false, assessment: manual }
          "1.2.10": { control: apiserver/request-timeout, scored: false, assessment: manual, evaluate: false }
          "1.2.11": { control: apiserver/client-ca, scored: true, assessment: automated }
  node:
    id: "4"
    title: Worker
    groups:
      "4.2":
        title: Kubelet
        checks:
          "4.2.1": { control: kubelet/anonymous-auth, scored: true, assessment: automated }
  policies:
    id: "5"
    title: Policies
    groups:
      "5.1":
        title: RBAC
        checks:
          "5.1.1": { control: apiserver/cluster-admin, scored: false, assessment: manual }
"#,
    ),
    (
        "profiles",
        "platform.yaml",
        r#"title: A platform
skip:
  - control: apiserver/key-mode
    reason: The platform keeps them elsewhere.
    source: The platform's guide
    guide_ids: ["1.1.21"]
adjust:
  - { control: apiserver/request-timeout, with: { limit: 5m }, reason: Slow disks., source: The platform's guide }
benchmark: cis-1.12
skip_numbers:
  - { target: master, id: "1.2.9", meant: apiserver/client-ca, reason: Copied., source: The platform's Jobs }
  - { target: node, id: "4.2.1", meant: kubelet/anonymous-auth, reason: Copied., source: The platform's Jobs }
"#,
    ),
];

/// Returns the files, with `old` replaced once by `new` in one of them. If `old` is empty, `new` replaces the whole
/// text.
pub fn spoilt(path: &str, old: &str, new: &str) -> (Vec<SourceFile>, Vec<SourceFile>) {
    let (mut benchmarks, mut profiles) = (Vec::new(), Vec::new());
    for (directory, file, text) in FILES {
        let text = match old {
            _ if file != path => text.to_owned(),
            "" => new.to_owned(),
            old => {
                assert!(text.contains(old), "{path} does not hold {old:?}");
                text.replacen(old, new, 1)
            }
        };
        let list = if directory == "profiles" { &mut profiles } else { &mut benchmarks };
        list.push(SourceFile::new(directory, file, text));
    }
    (benchmarks, profiles)
}

/// Loads the definitions in [`FILES`].
pub fn sound() -> Definitions {
    let (benchmarks, profiles) = spoilt("", "", "");
    load_with(&Definitions::default(), &benchmarks, &profiles).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// Returns the mistakes after one replacement.
pub fn mistakes(path: &str, old: &str, new: &str) -> Diagnostics {
    let (benchmarks, profiles) = spoilt(path, old, new);
    load_with(&Definitions::default(), &benchmarks, &profiles).expect_err("the mistake is refused")
}
