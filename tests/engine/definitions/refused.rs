//! Every kind of mistake, with its message.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use definitions::benchmark::{CODES, SourceFile};
use definitions::{Definitions, load_with};

use super::fixture::{mistakes, spoilt};

/// A mistake introduced into the fixture, and the resulting message.
struct Case {
    /// The code of the mistake.
    code: &'static str,
    /// The file to change, …
    path: &'static str,
    /// … by replacing this text …
    old: &'static str,
    /// … with this one.
    new: &'static str,
    /// The whole output, verbatim.
    said: &'static str,
}

const CASES: &[Case] = &[
    Case {
        code: "syntax",
        path: "controls/apiserver.yaml",
        old: r"audit: { settings: apiserver }
  expect: { flag: --anonymous",
        new: r"audit: { settings: apiserver
  expect: { flag: --anonymous",
        said: r"benchmarks/controls/apiserver.yaml:7:9: while parsing a flow mapping, did not find expected ',' or '}'
  expect: { flag: --anonymous-auth, is: false, unset: fail }
        ^",
    },
    Case {
        code: "syntax",
        path: "controls/kubelet.yaml",
        old: "title: No one reaches",
        new: "title: 'No one reaches",
        said: r"benchmarks/controls/kubelet.yaml:3:3: invalid indentation in multiline quoted scalar
  level: 1
  ^",
    },
    Case {
        code: "several-documents",
        path: "controls/kubelet.yaml",
        old: r"anonymous-auth:
",
        new: r"first: {}
---
anonymous-auth:
",
        said: r"benchmarks/controls/kubelet.yaml:2:1: a second document begins here
---
^^^
hint: put it into a file of its own",
    },
    Case {
        code: "anchor",
        path: "controls/kubelet.yaml",
        old: "title: No one",
        new: "title: &title No one",
        said: r"benchmarks/controls/kubelet.yaml:2:10: anchors are not used here
  title: &title No one reaches the kubelet without a name
         ^^^^^^
hint: leave it out",
    },
    Case {
        code: "anchor",
        path: "controls/kubelet.yaml",
        old: "title: No one reaches the kubelet without a name",
        new: "title: *title",
        said: r"benchmarks/controls/kubelet.yaml:2:10: aliases are not used here
  title: *title
         ^^^^^^
hint: write it out",
    },
    Case {
        code: "tag",
        path: "controls/kubelet.yaml",
        old: "title: No one",
        new: "title: !!str No one",
        said: r#"benchmarks/controls/kubelet.yaml:2:10: tags such as "!!str" are not used here
  title: !!str No one reaches the kubelet without a name
         ^^^^^
hint: leave it out"#,
    },
    Case {
        code: "too-deep",
        path: "controls/kubelet.yaml",
        old: "title: No one reaches the kubelet without a name",
        new: "title: [[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]",
        said: r"benchmarks/controls/kubelet.yaml:2:28: more than 20 nested mappings and lists
  title: [[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]
                           ^",
    },
    Case {
        code: "bad-key",
        path: "controls/apiserver.yaml",
        old: r#"mode: "{{at_most}}""#,
        new: "mode: {{at_most}}",
        said: r#"benchmarks/controls/apiserver.yaml:17:20: a mapping or list stands where a key belongs
  expect: { mode: {{at_most}}, missing: fail }
                   ^
hint: put a value such as "{{name}}" in quotes"#,
    },
    Case {
        code: "duplicate-key",
        path: "controls/apiserver.yaml",
        old: "rationale: It holds",
        new: r"title: Twice
  rationale: It holds",
        said: r#"benchmarks/controls/apiserver.yaml:14:3: duplicate key "title"
  title: Twice
  ^^^^^
hint: it is already given in line 11"#,
    },
    Case {
        code: "empty-file",
        path: "controls/kubelet.yaml",
        old: "",
        new: r"# nothing yet
",
        said: r"benchmarks/controls/kubelet.yaml:1:1: nothing is defined here
# nothing yet
^",
    },
    Case {
        code: "unknown-key",
        path: "controls/apiserver.yaml",
        old: "  references:",
        new: "  refrences:",
        said: r#"benchmarks/controls/apiserver.yaml:9:3: unknown key "refrences"
  refrences: [https://kubernetes.io/docs/reference/]
  ^^^^^^^^^
hint: did you mean "references"?"#,
    },
    Case {
        code: "unknown-key",
        path: "controls/apiserver.yaml",
        old: r#"at_most: "{{limit}}""#,
        new: r#"at_mots: "{{limit}}""#,
        said: r#"benchmarks/controls/apiserver.yaml:26:38: unknown key "at_mots"
  expect: { flag: --request-timeout, at_mots: "{{limit}}", unset: "{{unset}}" }
                                     ^^^^^^^
hint: did you mean "at_most"?"#,
    },
    Case {
        code: "unknown-key",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600""#,
        new: r#"{ flag: --x, mode: "600""#,
        said: r#"benchmarks/controls/apiserver.yaml:46:13: unknown key "flag"
  expect: { flag: --x, mode: "600", owner: root:root, missing: not-applicable }
            ^^^^
hint: one of: mode, owner, owned_by, certificate, says, names, file, missing"#,
    },
    Case {
        code: "unknown-key",
        path: "cis-1.12.yaml",
        old: "evaluate: false",
        new: "skip: true",
        said: r#"benchmarks/cis-1.12.yaml:17:94: unknown key "skip"
          "1.2.10": { control: apiserver/request-timeout, scored: false, assessment: manual, skip: true }
                                                                                             ^^^^
hint: one of: control, with, level, scored, assessment, evaluate"#,
    },
    Case {
        code: "missing-key",
        path: "controls/apiserver.yaml",
        old: r"  rationale: It may do everything.
",
        new: "",
        said: r#"benchmarks/controls/apiserver.yaml:48:1: control "cluster-admin" lacks "rationale"
cluster-admin:
^^^^^^^^^^^^^"#,
    },
    Case {
        code: "unknown-key",
        path: "controls/apiserver.yaml",
        old: r"  remediation: Remove bindings that no one needs.
",
        new: r"  remediation:
    default: Remove bindings.
    eks-anywere: Remove them there.
",
        said: r#"benchmarks/controls/apiserver.yaml:56:5: unknown key "eks-anywere"
    eks-anywere: Remove them there.
    ^^^^^^^^^^^
hint: did you mean "eks-anywhere"?"#,
    },
    Case {
        code: "missing-key",
        path: "controls/apiserver.yaml",
        old: r"  remediation: Remove bindings that no one needs.
",
        new: r"  remediation:
    eks: Remove bindings.
",
        said: r#"benchmarks/controls/apiserver.yaml:54:3: "remediation" lacks "default"
  remediation:
  ^^^^^^^^^^^"#,
    },
    Case {
        code: "contradiction",
        path: "controls/apiserver.yaml",
        old: r"  remediation: Remove bindings that no one needs.
",
        new: r"  remediation:
    default: Remove bindings.
    eks: Remove them there.
    eks-al2: One.
    eks-al2023: Two.
    eks-bottlerocket: Three.
",
        said: r#"benchmarks/controls/apiserver.yaml:56:5: "eks" beside a text for each of its platforms
    eks: Remove them there.
    ^^^
hint: leave it out: nothing uses it"#,
    },
    Case {
        code: "empty-text",
        path: "controls/apiserver.yaml",
        old: r"  remediation: Remove bindings that no one needs.
",
        new: r"  remediation:
    default: Remove bindings.
    kubeadm: ''
",
        said: r#"benchmarks/controls/apiserver.yaml:56:14: "kubeadm" is empty
    kubeadm: ''
             ^^"#,
    },
    Case {
        code: "unknown-place",
        path: "controls/apiserver.yaml",
        old: r"  remediation: Remove bindings that no one needs.
",
        new: r"  remediation:
    default: Remove bindings.
    kubeadm: Look at {{apiserver.manifesto}}.
",
        said: r#"benchmarks/controls/apiserver.yaml:56:22: unknown place "apiserver.manifesto"
    kubeadm: Look at {{apiserver.manifesto}}.
                     ^^^^^^^^^^^^^^^^^^^^^^^
hint: did you mean "apiserver.manifest"?"#,
    },
    Case {
        code: "wrong-type",
        path: "controls/apiserver.yaml",
        old: r"  remediation: Remove bindings that no one needs.
",
        new: r"  remediation: [Remove bindings.]
",
        said: r#"benchmarks/controls/apiserver.yaml:54:16: "remediation" must be a string, or a mapping of strings by platform, not a list
  remediation: [Remove bindings.]
               ^"#,
    },
    Case {
        code: "missing-key",
        path: "controls/apiserver.yaml",
        old: r"  review: Look at the bindings.
",
        new: "",
        said: r#"benchmarks/controls/apiserver.yaml:48:1: control "cluster-admin" lacks "audit" or "review"
cluster-admin:
^^^^^^^^^^^^^"#,
    },
    Case {
        code: "missing-key",
        path: "cis-1.12.yaml",
        old: ", scored: true, assessment: automated }",
        new: ", scored: true }",
        said: r#"benchmarks/cis-1.12.yaml:11:11: check "1.1.1" lacks "assessment"
          "1.1.1": { control: apiserver/manifest-mode, with: { at_most: "600" }, scored: true }
          ^^^^^^^"#,
    },
    Case {
        code: "missing-key",
        path: "controls/apiserver.yaml",
        old: "owner: root:root, missing: not-applicable",
        new: "owner: root:root",
        said: r#"benchmarks/controls/apiserver.yaml:46:3: "expect" lacks "missing"
  expect: { mode: "600", owner: root:root }
  ^^^^^^"#,
    },
    Case {
        code: "missing-key",
        path: "controls/apiserver.yaml",
        old: r#"below: "*.key", directories: false"#,
        new: "directories: true",
        said: r#"benchmarks/controls/apiserver.yaml:45:30: "directories" without "below"
  audit: { files: [pki.dir], directories: true }
                             ^^^^^^^^^^^
hint: give the names of the files below the directory"#,
    },
    Case {
        code: "missing-key",
        path: "components.yaml",
        old: r"  bare_with: [--etcd-servers]
",
        new: "",
        said: r#"benchmarks/components.yaml:4:3: "bare" without "bare_with"
  bare: [apiserver]
  ^^^^
hint: list the flags that distinguish the program from others of that name"#,
    },
    Case {
        code: "missing-key",
        path: "platform.yaml",
        old: r"benchmark: cis-1.12
",
        new: "",
        said: r#"profiles/platform.yaml:9:1: "skip_numbers" without "benchmark"
skip_numbers:
^^^^^^^^^^^^
hint: name the benchmark whose numbers these are"#,
    },
    Case {
        code: "unknown-component",
        path: "platform.yaml",
        old: "    reason: The platform keeps them elsewhere.\n",
        new: "    unless_set: { component: apiservr, flag: --profiling }\n    reason: The platform keeps them elsewhere.\n",
        said: r#"profiles/platform.yaml:4:30: unknown component "apiservr"
    unless_set: { component: apiservr, flag: --profiling }
                             ^^^^^^^^
hint: did you mean "apiserver"?"#,
    },
    Case {
        code: "no-setting",
        path: "platform.yaml",
        old: "    reason: The platform keeps them elsewhere.\n",
        new: "    unless_set: { component: apiserver }\n    reason: The platform keeps them elsewhere.\n",
        said: r#"profiles/platform.yaml:4:5: "unless_set" names no setting
    unless_set: { component: apiserver }
    ^^^^^^^^^^
hint: give a flag, a key or both"#,
    },
    Case {
        code: "missing-key",
        path: "platform.yaml",
        old: "    reason: The platform keeps them elsewhere.\n",
        new: "    unless_set: { flag: --profiling }\n    reason: The platform keeps them elsewhere.\n",
        said: r#"profiles/platform.yaml:4:5: "unless_set" lacks "component"
    unless_set: { flag: --profiling }
    ^^^^^^^^^^"#,
    },
    Case {
        code: "no-config",
        path: "platform.yaml",
        old: "    reason: The platform keeps them elsewhere.\n",
        new: "    unless_set: { component: pki, flag: --profiling, key: a.b }\n    reason: The platform keeps them elsewhere.\n",
        said: r#"profiles/platform.yaml:4:59: "apiserver" has no configuration file
    unless_set: { component: pki, flag: --profiling, key: a.b }
                                                          ^^^
hint: leave out the key, or give the component a "config""#,
    },
    Case {
        code: "bad-flag",
        path: "platform.yaml",
        old: "    reason: The platform keeps them elsewhere.\n",
        new: "    unless_set: { component: apiserver, flag: profiling }\n    reason: The platform keeps them elsewhere.\n",
        said: r#"profiles/platform.yaml:4:47: "profiling" is not a flag
    unless_set: { component: apiserver, flag: profiling }
                                              ^^^^^^^^^
hint: write it as "--profiling""#,
    },
    Case {
        code: "unknown-key",
        path: "platform.yaml",
        old: "    reason: The platform keeps them elsewhere.\n",
        new: "    unless_set: { component: apiserver, flags: --profiling }\n    reason: The platform keeps them elsewhere.\n",
        said: r#"profiles/platform.yaml:4:41: unknown key "flags"
    unless_set: { component: apiserver, flags: --profiling }
                                        ^^^^^
hint: did you mean "flag"?"#,
    },
    Case {
        code: "contradiction",
        path: "components.yaml",
        old: "      evidence: true\n",
        new: "      evidence: true\n      needs_component: true\n",
        said: r#"benchmarks/components.yaml:18:7: "needs_component" beside "evidence"
      needs_component: true
      ^^^^^^^^^^^^^^^
hint: leave one of them out: what shows that the component is present cannot depend on it"#,
    },
    Case {
        code: "wrong-type",
        path: "platform.yaml",
        old: "    reason: The platform keeps them elsewhere.\n",
        new: "    unless_set: --profiling\n    reason: The platform keeps them elsewhere.\n",
        said: r#"profiles/platform.yaml:4:17: "unless_set" must be a mapping, not "--profiling"
    unless_set: --profiling
                ^^^^^^^^^^^"#,
    },
    Case {
        code: "wrong-type",
        path: "controls/apiserver.yaml",
        old: "title: Requests end in time",
        new: "title: 1.20",
        said: r#"benchmarks/controls/apiserver.yaml:20:10: "title" must be a string, not the number 1.20
  title: 1.20
         ^^^^
hint: put it in quotes: "1.20""#,
    },
    Case {
        code: "wrong-type",
        path: "cis-1.12.yaml",
        old: "scored: true",
        new: "scored: yes",
        said: r#"benchmarks/cis-1.12.yaml:11:90: "scored" must be true or false, not "yes"
          "1.1.1": { control: apiserver/manifest-mode, with: { at_most: "600" }, scored: yes, assessment: automated }
                                                                                         ^^^"#,
    },
    Case {
        code: "wrong-type",
        path: "controls/apiserver.yaml",
        old: "references: [https://kubernetes.io/docs/reference/]",
        new: "references: https://kubernetes.io/docs/reference/",
        said: r#"benchmarks/controls/apiserver.yaml:9:15: "references" must be a list, not "https://kubernetes.io/docs/reference/"
  references: https://kubernetes.io/docs/reference/
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#,
    },
    Case {
        code: "wrong-type",
        path: "controls/apiserver.yaml",
        old: r#"audit: { files: [pki.dir], below: "*.key", directories: false }"#,
        new: "audit: pki.dir",
        said: r#"benchmarks/controls/apiserver.yaml:45:10: "audit" must be a mapping, not "pki.dir"
  audit: pki.dir
         ^^^^^^^"#,
    },
    Case {
        code: "wrong-type",
        path: "cis-1.12.yaml",
        old: r#"from: "1.32""#,
        new: "from: 1.30",
        said: r#"benchmarks/cis-1.12.yaml:2:21: "from" must be a string, not the number 1.30
kubernetes: { from: 1.30, to: "1.34" }
                    ^^^^
hint: put it in quotes: "1.30""#,
    },
    Case {
        code: "ambiguous-word",
        path: "controls/apiserver.yaml",
        old: "is: false",
        new: "is: no",
        said: r#"benchmarks/controls/apiserver.yaml:7:41: "no" without quotes is interpreted differently by different YAML parsers
  expect: { flag: --anonymous-auth, is: no, unset: fail }
                                        ^^
hint: put it in quotes: "no""#,
    },
    Case {
        code: "ambiguous-word",
        path: "cis-1.12.yaml",
        old: r#""1.2":"#,
        new: "1.2:",
        said: r#"benchmarks/cis-1.12.yaml:13:7: "1.2" without quotes may be parsed as a different number
      1.2:
      ^^^
hint: put it in quotes: "1.2""#,
    },
    Case {
        code: "empty-text",
        path: "controls/apiserver.yaml",
        old: "title: Few are cluster-admin",
        new: r#"title: """#,
        said: r#"benchmarks/controls/apiserver.yaml:49:10: "title" is empty
  title: ""
         ^^"#,
    },
    Case {
        code: "empty-text",
        path: "controls/apiserver.yaml",
        old: "[https://kubernetes.io/docs/reference/]",
        new: "[]",
        said: r#"benchmarks/controls/apiserver.yaml:9:15: "references" is an empty list
  references: []
              ^"#,
    },
    Case {
        code: "unknown-word",
        path: "cis-1.12.yaml",
        old: "assessment: automated",
        new: "assessment: automatic",
        said: r#"benchmarks/cis-1.12.yaml:11:108: "assessment" cannot be "automatic"
          "1.1.1": { control: apiserver/manifest-mode, with: { at_most: "600" }, scored: true, assessment: automatic }
                                                                                                           ^^^^^^^^^
hint: did you mean "automated"?"#,
    },
    Case {
        code: "unknown-word",
        path: "components.yaml",
        old: "precedence: arguments",
        new: "precedence: flags",
        said: r#"benchmarks/components.yaml:31:65: "precedence" cannot be "flags"
  config: { flag: --config, drop_ins: --config-dir, precedence: flags }
                                                                ^^^^^
hint: one of: arguments, file"#,
    },
    Case {
        code: "bad-name",
        path: "controls/apiserver.yaml",
        old: "cluster-admin:",
        new: "Cluster-Admin:",
        said: r#"benchmarks/cis-1.12.yaml:34:31: unknown control "apiserver/cluster-admin"
          "5.1.1": { control: apiserver/cluster-admin, scored: false, assessment: manual }
                              ^^^^^^^^^^^^^^^^^^^^^^^
hint: did you mean "apiserver/Cluster-Admin"?

benchmarks/controls/apiserver.yaml:48:1: "Cluster-Admin" cannot be the name of a control
Cluster-Admin:
^^^^^^^^^^^^^
hint: begin with a lowercase letter, followed by lowercase letters, digits, - and _"#,
    },
    Case {
        code: "bad-name",
        path: "controls/apiserver.yaml",
        old: r#"{ limit: 1h, unset: pass }
  audit: { settings: apiserver }
  expect: { flag: --request-timeout, at_most: "{{limit}}""#,
        new: r#"{ kubelet: 1h, unset: pass }
  audit: { settings: apiserver }
  expect: { flag: --request-timeout, at_most: "{{kubelet}}""#,
        said: r#"benchmarks/controls/apiserver.yaml:24:17: "kubelet" is the name of a component
  parameters: { kubelet: 1h, unset: pass }
                ^^^^^^^
hint: give the parameter another name

profiles/platform.yaml:8:51: unknown parameter "limit"
  - { control: apiserver/request-timeout, with: { limit: 5m }, reason: Slow disks., source: The platform's guide }
                                                  ^^^^^
hint: one of: kubelet, unset"#,
    },
    Case {
        code: "bad-flag",
        path: "controls/apiserver.yaml",
        old: "flag: --anonymous-auth,",
        new: "flag: anonymous-auth=,",
        said: r#"benchmarks/controls/apiserver.yaml:7:19: "anonymous-auth=" is not a flag
  expect: { flag: anonymous-auth=, is: false, unset: fail }
                  ^^^^^^^^^^^^^^^
hint: write it as "--anonymous-auth""#,
    },
    Case {
        code: "bad-flag",
        path: "components.yaml",
        old: "boolean: [--anonymous-auth, --profiling]",
        new: "boolean: [--anonymous-auth, -profiling]",
        said: r#"benchmarks/components.yaml:8:33: "-profiling" is not a flag
    boolean: [--anonymous-auth, -profiling]
                                ^^^^^^^^^^
hint: write it as "--profiling""#,
    },
    Case {
        code: "bad-key-path",
        path: "controls/kubelet.yaml",
        old: "key: authentication.anonymous.enabled",
        new: "key: authentication..enabled",
        said: r#"benchmarks/controls/kubelet.yaml:7:42: key path "authentication..enabled" cannot be parsed from character 15 on
  expect: { flag: --anonymous-auth, key: authentication..enabled, is: false, unset: fail }
                                         ^^^^^^^^^^^^^^^^^^^^^^^
hint: write it as a.b[*].c, a[0], a[key=x|y].b or a.b~"#,
    },
    Case {
        code: "bad-path",
        path: "components.yaml",
        old: "candidates: [/etc/kubernetes/pki]",
        new: "candidates: [etc/kubernetes/pki]",
        said: r#"benchmarks/components.yaml:25:20: "etc/kubernetes/pki" is not absolute
      candidates: [etc/kubernetes/pki]
                   ^^^^^^^^^^^^^^^^^^
hint: begin it with /"#,
    },
    Case {
        code: "bad-path",
        path: "components.yaml",
        old: "/etc/kubernetes/kubelet/*]",
        new: "/etc/*/kubelet]",
        said: r#"benchmarks/components.yaml:39:50: "/etc/*/kubelet" has * elsewhere than in its last part
      candidates: [/var/lib/kubelet/config.yaml, /etc/*/kubelet]
                                                 ^^^^^^^^^^^^^^
hint: write out the directories, or give several candidates"#,
    },
    Case {
        code: "bad-path",
        path: "components.yaml",
        old: "/etc/kubernetes/kubelet/*]",
        new: "\"/{home}/.kube\"]",
        said: r#"benchmarks/components.yaml:39:50: "/{home}/.kube" begins with what stands for nothing
      candidates: [/var/lib/kubelet/config.yaml, "/{home}/.kube"]
                                                 ^^^^^^^^^^^^^^^
hint: one of: /{cluster-directory}, /{homes}, /{administrator}"#,
    },
    Case {
        code: "unknown-place",
        path: "components.yaml",
        old: "/etc/kubernetes/kubelet/*]",
        new: "/etc/kubernetes/kubelet/*]\n      named_in: { place: shell, variable: A }",
        said: r#"benchmarks/components.yaml:40:26: unknown place of the same component "shell"
      named_in: { place: shell, variable: A }
                         ^^^^^
hint: one of: config"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: "owner: root:root",
        new: "owned_by: [root, \"a b\"]",
        said: r#"benchmarks/controls/apiserver.yaml:46:43: "a b" is no user
  expect: { mode: "600", owned_by: [root, "a b"], missing: not-applicable }
                                          ^^^^^
hint: give a name, a number, or COMPONENT.PLACE for the owner of what lies there"#,
    },
    Case {
        code: "contradiction",
        path: "controls/apiserver.yaml",
        old: "owner: root:root",
        new: "owner: root:root, owned_by: [root]",
        said: r#"benchmarks/controls/apiserver.yaml:46:26: "owner" beside "owned_by"
  expect: { mode: "600", owner: root:root, owned_by: [root], missing: not-applicable }
                         ^^^^^
hint: give one of them"#,
    },
    Case {
        code: "bad-path",
        path: "components.yaml",
        old: "/etc/kubernetes/kubelet/*]",
        new: "/etc/../kubelet]",
        said: r#"benchmarks/components.yaml:39:50: "/etc/../kubelet" is not in its shortest form
      candidates: [/var/lib/kubelet/config.yaml, /etc/../kubelet]
                                                 ^^^^^^^^^^^^^^^
hint: leave out empty parts, . and .."#,
    },
    Case {
        code: "bad-glob",
        path: "controls/apiserver.yaml",
        old: r#"below: "*.key""#,
        new: r#"below: "pki/*.key""#,
        said: r#"benchmarks/controls/apiserver.yaml:45:37: "below" is a pattern for the names of files, not "pki/*.key"
  audit: { files: [pki.dir], below: "pki/*.key", directories: false }
                                    ^^^^^^^^^^^
hint: leave out directories, as in "*.conf""#,
    },
    Case {
        code: "bad-place",
        path: "components.yaml",
        old: r"      static_pod: true
      candidates: [/etc/kubernetes/manifests/kube-apiserver.yaml]
",
        new: "",
        said: r#"benchmarks/components.yaml:14:5: place "manifest" has no location to look at
    manifest:
    ^^^^^^^^
hint: set candidates, follow or static_pod: true"#,
    },
    Case {
        code: "bad-executable",
        path: "components.yaml",
        old: "executables: [kubelet]",
        new: "executables: [/usr/bin/kubelet]",
        said: r#"benchmarks/components.yaml:28:17: "/usr/bin/kubelet" is a path
  executables: [/usr/bin/kubelet]
                ^^^^^^^^^^^^^^^^
hint: give the file name alone"#,
    },
    Case {
        code: "bad-reference",
        path: "controls/apiserver.yaml",
        old: "https://kubernetes.io",
        new: "http://kubernetes.io",
        said: r#"benchmarks/controls/apiserver.yaml:9:16: "http://kubernetes.io/docs/reference/" is not the address of a page
  references: [http://kubernetes.io/docs/reference/]
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: give an address that begins with https://"#,
    },
    Case {
        code: "bad-template",
        path: "controls/apiserver.yaml",
        old: "in {{apiserver.manifest}}.",
        new: "in {{#if x}}{{apiserver.manifest}}{{/if}}.",
        said: r#"benchmarks/controls/apiserver.yaml:8:16: "{{#if x}}" cannot be filled in
  remediation: Set --anonymous-auth=false in {{#if x}}{{apiserver.manifest}}{{/if}}.
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: only {{parameter}}, {{COMPONENT.PLACE}} and {{snippet.NAME}} are filled in"#,
    },
    Case {
        code: "bad-template",
        path: "controls/apiserver.yaml",
        old: "in {{apiserver.manifest}}.",
        new: "in {{apiserver.manifest.",
        said: r#"benchmarks/controls/apiserver.yaml:8:16: "{{" without "}}"
  remediation: Set --anonymous-auth=false in {{apiserver.manifest.
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: close it, as in {{name}}"#,
    },
    Case {
        code: "misplaced-template",
        path: "controls/apiserver.yaml",
        old: "rationale: It holds the arguments.",
        new: "rationale: Mode {{at_most}} holds.",
        said: r#"benchmarks/controls/apiserver.yaml:14:14: {{…}} as a part of "rationale" is not filled in
  rationale: Mode {{at_most}} holds.
             ^^^^^^^^^^^^^^^^^^^^^^^
hint: use the parameter as the whole value, or write the value out"#,
    },
    Case {
        code: "misplaced-template",
        path: "controls/apiserver.yaml",
        old: "excludes: AlwaysAllow",
        new: r#"excludes: "Always{{what}}""#,
        said: r#"benchmarks/controls/apiserver.yaml:37:49: {{…}} as a part of a value is not filled in
      - { flag: --authorization-mode, excludes: "Always{{what}}", unset: fail }
                                                ^^^^^^^^^^^^^^^^
hint: use the parameter as the whole value, or write the value out"#,
    },
    Case {
        code: "misplaced-template",
        path: "cis-1.12.yaml",
        old: r#"with: { at_most: "600" }"#,
        new: r#"with: { at_most: "{{mode}}" }"#,
        said: r#"benchmarks/cis-1.12.yaml:11:73: {{…}} as the value of a parameter is not filled in
          "1.1.1": { control: apiserver/manifest-mode, with: { at_most: "{{mode}}" }, scored: true, assessment: automated }
                                                                        ^^^^^^^^^^
hint: use the parameter as the whole value, or write the value out"#,
    },
    Case {
        code: "unknown-component",
        path: "controls/apiserver.yaml",
        old: r"audit: { settings: apiserver }
  expect: { flag: --anonymous",
        new: r"audit: { settings: apisrver }
  expect: { flag: --anonymous",
        said: r#"benchmarks/controls/apiserver.yaml:6:22: unknown component "apisrver"
  audit: { settings: apisrver }
                     ^^^^^^^^
hint: did you mean "apiserver"?"#,
    },
    Case {
        code: "unknown-component",
        path: "components.yaml",
        old: "part_of: apiserver",
        new: "part_of: scheduler",
        said: r#"benchmarks/components.yaml:20:12: unknown component "scheduler"
  part_of: scheduler
           ^^^^^^^^^
hint: one of: apiserver, kubelet, pki"#,
    },
    Case {
        code: "unknown-place",
        path: "controls/apiserver.yaml",
        old: "files: apiserver.manifest",
        new: "files: apiserver.manifst",
        said: r#"benchmarks/controls/apiserver.yaml:16:19: unknown place "apiserver.manifst"
  audit: { files: apiserver.manifst }
                  ^^^^^^^^^^^^^^^^^
hint: did you mean "apiserver.manifest"?"#,
    },
    Case {
        code: "unknown-place",
        path: "controls/apiserver.yaml",
        old: "in {{apiserver.manifest}}.",
        new: "in {{apiserver.kubeconfig}}.",
        said: r#"benchmarks/controls/apiserver.yaml:8:46: unknown place "apiserver.kubeconfig"
  remediation: Set --anonymous-auth=false in {{apiserver.kubeconfig}}.
                                             ^^^^^^^^^^^^^^^^^^^^^^^^
hint: one of: apiserver.manifest"#,
    },
    Case {
        code: "unknown-place",
        path: "controls/apiserver.yaml",
        old: "files: [pki.dir]",
        new: "files: [pki]",
        said: r#"benchmarks/controls/apiserver.yaml:45:20: "pki" is not a place
  audit: { files: [pki], below: "*.key", directories: false }
                   ^^^
hint: write it as COMPONENT.PLACE, such as apiserver.manifest"#,
    },
    Case {
        code: "unknown-control",
        path: "cis-1.12.yaml",
        old: "control: apiserver/anonymous-auth",
        new: "control: apiserver/anonymus-auth",
        said: r#"benchmarks/cis-1.12.yaml:16:31: unknown control "apiserver/anonymus-auth"
          "1.2.9": { control: apiserver/anonymus-auth, scored: false, assessment: manual }
                              ^^^^^^^^^^^^^^^^^^^^^^^
hint: did you mean "apiserver/anonymous-auth"?"#,
    },
    Case {
        code: "unknown-control",
        path: "platform.yaml",
        old: "control: apiserver/key-mode",
        new: "control: apiserver/no-such-thing-at-all",
        said: r#"profiles/platform.yaml:3:14: unknown control "apiserver/no-such-thing-at-all"
  - control: apiserver/no-such-thing-at-all
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: one of: apiserver/anonymous-auth, apiserver/client-ca, apiserver/cluster-admin, apiserver/key-mode, apiserver/manifest-mode, apiserver/request-timeout, kubelet/anonymous-auth"#,
    },
    Case {
        code: "unknown-parameter",
        path: "cis-1.12.yaml",
        old: r#"with: { at_most: "600" }"#,
        new: r#"with: { at_mots: "600" }"#,
        said: r#"benchmarks/cis-1.12.yaml:11:31: "apiserver/manifest-mode" needs the parameter "at_most"
          "1.1.1": { control: apiserver/manifest-mode, with: { at_mots: "600" }, scored: true, assessment: automated }
                              ^^^^^^^^^^^^^^^^^^^^^^^
hint: give it, as in with: { at_most: … }, or at_most: ~ for no condition

benchmarks/cis-1.12.yaml:11:64: unknown parameter "at_mots"
          "1.1.1": { control: apiserver/manifest-mode, with: { at_mots: "600" }, scored: true, assessment: automated }
                                                               ^^^^^^^
hint: did you mean "at_most"?"#,
    },
    Case {
        code: "unknown-parameter",
        path: "cis-1.12.yaml",
        old: "control: apiserver/key-mode,",
        new: r#"control: apiserver/key-mode, with: { mode: "600" },"#,
        said: r#"benchmarks/cis-1.12.yaml:12:59: unknown parameter "mode"
          "1.1.2": { control: apiserver/key-mode, with: { mode: "600" }, scored: true, assessment: automated }
                                                          ^^^^
hint: "apiserver/key-mode" takes no parameters"#,
    },
    Case {
        code: "unknown-parameter",
        path: "controls/apiserver.yaml",
        old: "title: The manifest has mode {{at_most}}",
        new: "title: The manifest has mode {{atmost}}",
        said: r#"benchmarks/controls/apiserver.yaml:11:32: unknown parameter "atmost"
  title: The manifest has mode {{atmost}} or stricter
                               ^^^^^^^^^^
hint: did you mean "at_most"?"#,
    },
    Case {
        code: "unknown-parameter",
        path: "controls/apiserver.yaml",
        old: r#"unset: "{{unset}}""#,
        new: r#"unset: "{{unst}}""#,
        said: r#"benchmarks/controls/apiserver.yaml:24:28: nothing refers to the parameter "unset"
  parameters: { limit: 1h, unset: pass }
                           ^^^^^
hint: use it as "{{unset}}", or leave it out

benchmarks/controls/apiserver.yaml:26:67: unknown parameter "unst"
  expect: { flag: --request-timeout, at_most: "{{limit}}", unset: "{{unst}}" }
                                                                  ^^^^^^^^^^
hint: did you mean "unset"?"#,
    },
    Case {
        code: "missing-parameter",
        path: "cis-1.12.yaml",
        old: r#"with: { at_most: "600" }, "#,
        new: "",
        said: r#"benchmarks/cis-1.12.yaml:11:31: "apiserver/manifest-mode" needs the parameter "at_most"
          "1.1.1": { control: apiserver/manifest-mode, scored: true, assessment: automated }
                              ^^^^^^^^^^^^^^^^^^^^^^^
hint: give it, as in with: { at_most: … }, or at_most: ~ for no condition"#,
    },
    Case {
        code: "unused-parameter",
        path: "controls/apiserver.yaml",
        old: "parameters: { limit: 1h, unset: pass }",
        new: "parameters: { limit: 1h, unset: pass, more: 3 }",
        said: r#"benchmarks/controls/apiserver.yaml:24:41: nothing refers to the parameter "more"
  parameters: { limit: 1h, unset: pass, more: 3 }
                                        ^^^^
hint: use it as "{{more}}", or leave it out"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: r#"mode: "600""#,
        new: "mode: 0600",
        said: r#"benchmarks/controls/apiserver.yaml:46:19: "mode" must be an octal mode, at most 7777, not the number 0600
  expect: { mode: 0600, owner: root:root, missing: not-applicable }
                  ^^^^
hint: put it in quotes: "0600""#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: r#"mode: "600""#,
        new: r#"mode: "rw-""#,
        said: r#"benchmarks/controls/apiserver.yaml:46:19: "mode" must be an octal mode, at most 7777, not the text "rw-"
  expect: { mode: "rw-", owner: root:root, missing: not-applicable }
                  ^^^^^"#,
    },
    Case {
        code: "wrong-value",
        path: "cis-1.12.yaml",
        old: r#"with: { at_most: "600" }"#,
        new: "with: { at_most: 600 }",
        said: r#"benchmarks/cis-1.12.yaml:11:73: "at_most" is used where "mode" must be an octal mode, at most 7777, not the number 600
          "1.1.1": { control: apiserver/manifest-mode, with: { at_most: 600 }, scored: true, assessment: automated }
                                                                        ^^^
hint: put it in quotes: "600""#,
    },
    Case {
        code: "wrong-value",
        path: "cis-1.12.yaml",
        old: r#"with: { at_most: "600" }"#,
        new: "with: { at_most: ~ }",
        said: r#"benchmarks/cis-1.12.yaml:11:73: "at_most" is printed in the title or the remediation, and must have a value
          "1.1.1": { control: apiserver/manifest-mode, with: { at_most: ~ }, scored: true, assessment: automated }
                                                                        ^"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: "owner: root:root",
        new: "owner: root",
        said: r#"benchmarks/controls/apiserver.yaml:46:33: "owner" must be user:group, not the text "root"
  expect: { mode: "600", owner: root, missing: not-applicable }
                                ^^^^"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: "parameters: { limit: 1h",
        new: "parameters: { limit: soon",
        said: r#"benchmarks/controls/apiserver.yaml:24:24: "limit" is used where "at_most" must be a whole number, or a duration such as 1h30m, not the text "soon"
  parameters: { limit: soon, unset: pass }
                       ^^^^"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: "parameters: { limit: 1h",
        new: r#"parameters: { limit: "30""#,
        said: r#"benchmarks/controls/apiserver.yaml:24:24: "limit" is used where "at_most" must be a whole number, or a duration such as 1h30m, not the text "30"
  parameters: { limit: "30", unset: pass }
                       ^^^^
hint: leave out the quotes: 30"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: r"unset: pass }
  audit",
        new: r"unset: maybe }
  audit",
        said: r#"benchmarks/controls/apiserver.yaml:24:35: "unset" is used where "unset" must be pass or fail, not the text "maybe"
  parameters: { limit: 1h, unset: maybe }
                                  ^^^^^"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: "set: true }",
        new: r#"set: "yes" }"#,
        said: r#"benchmarks/controls/apiserver.yaml:36:40: "set" must be true or false, not the text "yes"
      - { flag: --client-ca-file, set: "yes" }
                                       ^^^^^"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: "excludes: AlwaysAllow",
        new: "excludes: 7",
        said: r#"benchmarks/controls/apiserver.yaml:37:49: "excludes" must be a string or a list of strings, not the number 7
      - { flag: --authorization-mode, excludes: 7, unset: fail }
                                                ^
hint: put it in quotes: "7""#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: "excludes: AlwaysAllow",
        new: "differs_from: client-ca-file",
        said: r#"benchmarks/controls/apiserver.yaml:37:53: "differs_from" must be COMPONENT --flag, not the text "client-ca-file"
      - { flag: --authorization-mode, differs_from: client-ca-file, unset: fail }
                                                    ^^^^^^^^^^^^^^"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: "is: false",
        new: "is: ~",
        said: r#"benchmarks/controls/apiserver.yaml:7:41: "is" is compared with nothing
  expect: { flag: --anonymous-auth, is: ~, unset: fail }
                                        ^
hint: give a value, or leave the condition out"#,
    },
    Case {
        code: "wrong-value",
        path: "platform.yaml",
        old: "with: { limit: 5m }",
        new: "with: { limit: 5 minutes }",
        said: r#"profiles/platform.yaml:8:58: "limit" is used where "at_most" must be a whole number, or a duration such as 1h30m, not the text "5 minutes"
  - { control: apiserver/request-timeout, with: { limit: 5 minutes }, reason: Slow disks., source: The platform's guide }
                                                         ^^^^^^^^^"#,
    },
    Case {
        code: "no-setting",
        path: "controls/apiserver.yaml",
        old: "{ flag: --client-ca-file, set: true }",
        new: "{ set: true }",
        said: r"benchmarks/controls/apiserver.yaml:36:9: the expectation names no setting
      - { set: true }
        ^
hint: give a flag, a key or a file",
    },
    Case {
        code: "no-condition",
        path: "controls/apiserver.yaml",
        old: "{ flag: --anonymous-auth, is: false, unset: fail }",
        new: "{ flag: --anonymous-auth, unset: fail }",
        said: r"benchmarks/controls/apiserver.yaml:7:3: the expectation has no condition
  expect: { flag: --anonymous-auth, unset: fail }
  ^^^^^^
hint: one of: is, is_not, at_least, at_most, includes, excludes, only, host, set, differs_from",
    },
    Case {
        code: "no-condition",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: "{ missing: fail }",
        said: r"benchmarks/controls/apiserver.yaml:46:3: the expectation has no condition
  expect: { missing: fail }
  ^^^^^^
hint: one of: mode, owner, owned_by, certificate, says, file",
    },
    Case {
        code: "no-condition",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: "{ certificate: {}, missing: fail }",
        said: r#"benchmarks/controls/apiserver.yaml:46:13: "certificate" has no condition
  expect: { certificate: {}, missing: fail }
            ^^^^^^^^^^^
hint: one of: days_left, ca_days_left, subject_group"#,
    },
    Case {
        code: "unknown-key",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: "{ certificate: { days: 30 }, missing: fail }",
        said: r#"benchmarks/controls/apiserver.yaml:46:28: unknown key "days"
  expect: { certificate: { days: 30 }, missing: fail }
                           ^^^^
hint: one of: days_left, ca_days_left, subject_group"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: "{ certificate: { days_left: 30d }, missing: fail }",
        said: r#"benchmarks/controls/apiserver.yaml:46:39: the days that are left must be a whole number from 0 to 36500, not the text "30d"
  expect: { certificate: { days_left: 30d }, missing: fail }
                                      ^^^"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: "{ certificate: { ca_days_left: -1 }, missing: fail }",
        said: r"benchmarks/controls/apiserver.yaml:46:42: the days that are left must be a whole number from 0 to 36500, not the number -1
  expect: { certificate: { ca_days_left: -1 }, missing: fail }
                                         ^^",
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: "{ certificate: { subject_group: [a] }, missing: fail }",
        said: r#"benchmarks/controls/apiserver.yaml:46:43: "subject_group" must be the name of a group, not a list
  expect: { certificate: { subject_group: [a] }, missing: fail }
                                          ^"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: "{ certificate: { days_left: ~ }, missing: fail }",
        said: r#"benchmarks/controls/apiserver.yaml:46:39: "days_left" is compared with nothing
  expect: { certificate: { days_left: ~ }, missing: fail }
                                      ^
hint: give a value, or leave the condition out"#,
    },
    Case {
        code: "missing-key",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: "{ certificate: { days_left: 30 } }",
        said: r#"benchmarks/controls/apiserver.yaml:46:3: "expect" lacks "missing"
  expect: { certificate: { days_left: 30 } }
  ^^^^^^"#,
    },
    Case {
        code: "wrong-value",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: "{ file: { absent: false } }",
        said: r#"benchmarks/controls/apiserver.yaml:46:29: "absent" can only be true
  expect: { file: { absent: false } }
                            ^^^^^
hint: to expect a file, give its mode or owner, and missing: fail"#,
    },
    Case {
        code: "contradiction",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: r#"{ file: { absent: true }, mode: "600" }"#,
        said: r#"benchmarks/controls/apiserver.yaml:46:37: "mode" beside "file"
  expect: { file: { absent: true }, mode: "600" }
                                    ^^^^
hint: set an expectation of the file, or that it is absent"#,
    },
    Case {
        code: "missing-key",
        path: "controls/apiserver.yaml",
        old: r#"{ mode: "600", owner: root:root, missing: not-applicable }"#,
        new: "{ file: {} }",
        said: r#"benchmarks/controls/apiserver.yaml:46:13: "file" lacks "absent"
  expect: { file: {} }
            ^^^^"#,
    },
    Case {
        code: "missing-unset",
        path: "controls/apiserver.yaml",
        old: "{ flag: --anonymous-auth, is: false, unset: fail }",
        new: "{ flag: --anonymous-auth, is: false }",
        said: r#"benchmarks/controls/apiserver.yaml:7:3: the expectation does not say what unset means
  expect: { flag: --anonymous-auth, is: false }
  ^^^^^^
hint: give "unset": pass or fail, by the benchmark's text"#,
    },
    Case {
        code: "contradiction",
        path: "controls/apiserver.yaml",
        old: "set: true }",
        new: "set: true, unset: pass }",
        said: r#"benchmarks/controls/apiserver.yaml:36:53: by "set", unset can only fail
      - { flag: --client-ca-file, set: true, unset: pass }
                                                    ^^^^
hint: leave out "unset""#,
    },
    Case {
        code: "contradiction",
        path: "controls/apiserver.yaml",
        old: "review: Look",
        new: r"audit: { settings: apiserver }
  review: Look",
        said: r#"benchmarks/controls/apiserver.yaml:53:3: "audit" beside "review"
  audit: { settings: apiserver }
  ^^^^^
hint: leave out "review", or what the program would evaluate"#,
    },
    Case {
        code: "contradiction",
        path: "components.yaml",
        old: "part_of: apiserver",
        new: r"part_of: apiserver
  grammar: etcd",
        said: r#"benchmarks/components.yaml:21:3: "grammar" beside "part_of"
  grammar: etcd
  ^^^^^^^
hint: leave it out: the process is that of the component it is part of"#,
    },
    Case {
        code: "contradiction",
        path: "controls/apiserver.yaml",
        old: r"    all:
",
        new: r"    unset: fail
    all:
",
        said: r#"benchmarks/controls/apiserver.yaml:35:5: "unset" beside "all"
    unset: fail
    ^^^^^
hint: make it one of the expectations in "all""#,
    },
    Case {
        code: "no-process",
        path: "components.yaml",
        old: "executables: [kubelet]",
        new: "executables: []",
        said: r#"benchmarks/components.yaml:28:16: "executables" is an empty list
  executables: []
               ^

benchmarks/controls/kubelet.yaml:6:22: "kubelet" has no process
  audit: { settings: kubelet }
                     ^^^^^^^
hint: give the component executables, or look at files"#,
    },
    Case {
        code: "no-unit",
        path: "controls/kubelet.yaml",
        old: "audit: { settings: kubelet }
  expect: { flag: --anonymous-auth, key: authentication.anonymous.enabled, is: false, unset: fail }",
        new: "audit: { unit: apiserver }
  expect: { key: Service.User, is: root, unset: pass }",
        said: r#"benchmarks/controls/kubelet.yaml:6:18: "apiserver" has no systemd unit
  audit: { unit: apiserver }
                 ^^^^^^^^^
hint: give the component a "unit", or look at settings or files"#,
    },
    Case {
        code: "contradiction",
        path: "controls/apiserver.yaml",
        old: "  review: Look at the bindings.",
        new: "  review: Look at the bindings.
  applies: { not_on: [kubeadm], if: { flag: --profiling, set: true }, because: It has none. }",
        said: r#"benchmarks/controls/apiserver.yaml:54:33: "if" without an audit of settings
  applies: { not_on: [kubeadm], if: { flag: --profiling, set: true }, because: It has none. }
                                ^^
hint: leave it out, or look at the settings of the component"#,
    },
    Case {
        code: "misplaced-template",
        path: "controls/kubelet.yaml",
        old: "  audit:",
        new: "  applies: { not_on: [kubeadm], if: { flag: --v, is: \"{{x}}\", unset: fail }, because: It has none. }
  audit:",
        said: r#"benchmarks/controls/kubelet.yaml:6:37: {{…}} as a part of "if" is not filled in
  applies: { not_on: [kubeadm], if: { flag: --v, is: "{{x}}", unset: fail }, because: It has none. }
                                    ^
hint: write the value out"#,
    },
    Case {
        code: "bad-unit",
        path: "components.yaml",
        old: "  unit: kubelet.service",
        new: "  unit: kubelet",
        said: r#"benchmarks/components.yaml:41:9: "kubelet" is not the name of a systemd service
  unit: kubelet
        ^^^^^^^
hint: write it as kubelet.service"#,
    },
    Case {
        code: "bad-unit-setting",
        path: "controls/kubelet.yaml",
        old: "audit: { settings: kubelet }
  expect: { flag: --anonymous-auth, key: authentication.anonymous.enabled, is: false, unset: fail }",
        new: "audit: { unit: kubelet }
  expect: { key: IPAddressDeny, includes: any, unset: fail }",
        said: r#"benchmarks/controls/kubelet.yaml:7:18: "IPAddressDeny" is not a setting of a systemd unit
  expect: { key: IPAddressDeny, includes: any, unset: fail }
                 ^^^^^^^^^^^^^
hint: write it as SECTION.NAME, such as Service.NoNewPrivileges"#,
    },
    Case {
        code: "unknown-key",
        path: "controls/kubelet.yaml",
        old: "audit: { settings: kubelet }
  expect: { flag: --anonymous-auth, key: authentication.anonymous.enabled, is: false, unset: fail }",
        new: "audit: { unit: kubelet }
  expect: { key: Service.CPUWeight, at_least: 100, unset: fail }",
        said: r#"benchmarks/controls/kubelet.yaml:7:37: unknown key "at_least"
  expect: { key: Service.CPUWeight, at_least: 100, unset: fail }
                                    ^^^^^^^^
hint: one of: key, unset, all, any, is, is_not, includes, excludes, only, set"#,
    },
    Case {
        code: "contradiction",
        path: "controls/kubelet.yaml",
        old: "audit: { settings: kubelet }
  expect: { flag: --anonymous-auth, key: authentication.anonymous.enabled, is: false, unset: fail }",
        new: "audit: { unit: kubelet, below: \"*.conf\" }
  expect: { key: Service.User, is: root, unset: pass }",
        said: r#"benchmarks/controls/kubelet.yaml:6:27: "below" beside "unit"
  audit: { unit: kubelet, below: "*.conf" }
                          ^^^^^
hint: look at settings, at a unit or at files"#,
    },
    Case {
        code: "no-config",
        path: "controls/apiserver.yaml",
        old: "{ flag: --anonymous-auth, is: false, unset: fail }",
        new: "{ flag: --anonymous-auth, key: a.b, is: false, unset: fail }",
        said: r#"benchmarks/controls/apiserver.yaml:7:42: "apiserver" has no configuration file
  expect: { flag: --anonymous-auth, key: a.b, is: false, unset: fail }
                                         ^^^
hint: leave out the key, or give the component a "config""#,
    },
    Case {
        code: "not-boolean",
        path: "controls/apiserver.yaml",
        old: "flag: --anonymous-auth, is: false",
        new: "flag: --anonymous, is: false",
        said: r#"benchmarks/controls/apiserver.yaml:7:36: --anonymous of "apiserver" is compared with a boolean, but takes a string
  expect: { flag: --anonymous, is: false, unset: fail }
                                   ^^^^^
hint: list the flag under "boolean" of its component, or quote the value"#,
    },
    Case {
        code: "not-map",
        path: "controls/apiserver.yaml",
        old: "flag: --feature-gates, entry",
        new: "flag: --feature-gate, entry",
        said: r#"benchmarks/controls/apiserver.yaml:38:40: --feature-gate of "apiserver" is not a map
      - { flag: --feature-gate, entry: Old, is: "false", unset: pass }
                                       ^^^
hint: leave out the entry, or list the flag under "map" of its component"#,
    },
    Case {
        code: "unknown-component",
        path: "components.yaml",
        old: "{ flag: --tls-private-key-file, parent: true }",
        new: r"{ of: kubelt, flag: --tls-private-key-file }",
        said: r#"benchmarks/components.yaml:24:17: unknown component "kubelt"
        - { of: kubelt, flag: --tls-private-key-file }
                ^^^^^^
hint: did you mean "kubelet"?"#,
    },
    Case {
        code: "no-process",
        path: "components.yaml",
        old: "{ flag: --tls-private-key-file, parent: true }",
        new: r"{ of: pki, flag: --tls-private-key-file }",
        said: r#"benchmarks/components.yaml:24:17: "pki" has no process
        - { of: pki, flag: --tls-private-key-file }
                ^^^
hint: name the component whose arguments count"#,
    },
    Case {
        code: "contradiction",
        path: "components.yaml",
        old: "{ flag: --tls-private-key-file, parent: true }",
        new: r"{ flag: --tls-private-key-file, parent: true, beside: a.conf }",
        said: r#"benchmarks/components.yaml:24:57: "beside" beside "parent"
        - { flag: --tls-private-key-file, parent: true, beside: a.conf }
                                                        ^^^^^^
hint: give one of them"#,
    },
    Case {
        code: "unknown-word",
        path: "components.yaml",
        old: "candidates: [/etc/kubernetes/pki]",
        new: r"distributions: { k3: [/etc/kubernetes/pki] }",
        said: r#"benchmarks/components.yaml:25:24: unknown distribution "k3"
      distributions: { k3: [/etc/kubernetes/pki] }
                       ^^
hint: did you mean "k3s"?"#,
    },
    Case {
        code: "unknown-word",
        path: "components.yaml",
        old: "needs_host_pids: false",
        new: "role: worker",
        said: r#"benchmarks/components.yaml:29:9: "role" cannot be "worker"
  role: worker
        ^^^^^^
hint: one of: control-plane, node, store"#,
    },
    Case {
        code: "unknown-word",
        path: "components.yaml",
        old: "needs_host_pids: false",
        new: r"namespaces: { all: [kube-system], openshft: [openshift-sdn] }",
        said: r#"benchmarks/components.yaml:29:37: unknown distribution "openshft"
  namespaces: { all: [kube-system], openshft: [openshift-sdn] }
                                    ^^^^^^^^
hint: did you mean "openshift"?"#,
    },
    Case {
        code: "bad-namespace",
        path: "components.yaml",
        old: "needs_host_pids: false",
        new: r"namespaces: { all: [kube-system, Kube System] }",
        said: r#"benchmarks/components.yaml:29:36: "Kube System" cannot be the name of a namespace
  namespaces: { all: [kube-system, Kube System] }
                                   ^^^^^^^^^^^
hint: at most 63 lowercase letters, digits and -, not starting or ending with -"#,
    },
    Case {
        code: "missing-key",
        path: "components.yaml",
        old: "candidates: [/etc/kubernetes/pki]",
        new: r"arguments: [/etc/kubernetes/pki]",
        said: r#"benchmarks/components.yaml:25:7: "arguments" without "static_pod" or "shown_by: arguments"
      arguments: [/etc/kubernetes/pki]
      ^^^^^^^^^
hint: say static_pod: true where files of arguments stand in for a manifest, or shown_by: arguments"#,
    },
    Case {
        code: "part-of",
        path: "components.yaml",
        old: "part_of: apiserver",
        new: "part_of: pki",
        said: r#"benchmarks/components.yaml:20:12: "pki" has no process of its own
  part_of: pki
           ^^^
hint: name the component whose arguments count"#,
    },
    Case {
        code: "duplicate-entry",
        path: "components.yaml",
        old: "list: [--authorization-mode]",
        new: "list: [--profiling]",
        said: r#"benchmarks/components.yaml:9:12: --profiling is listed under "boolean" already
    list: [--profiling]
           ^^^^^^^^^^^"#,
    },
    Case {
        code: "duplicate-entry",
        path: "platform.yaml",
        old: r"adjust:
",
        new: r"  - { control: apiserver/key-mode, reason: Again., source: Memory }
adjust:
",
        said: r#"profiles/platform.yaml:7:16: "apiserver/key-mode" is listed twice
  - { control: apiserver/key-mode, reason: Again., source: Memory }
               ^^^^^^^^^^^^^^^^^^"#,
    },
    Case {
        code: "duplicate-entry",
        path: "platform.yaml",
        old: r#"id: "4.2.1""#,
        new: r#"id: "4.2.1", reason: Copied., source: X, meant: kubelet/anonymous-auth }
  - { target: node, id: "4.2.1""#,
        said: r#"profiles/platform.yaml:13:25: node 4.2.1 is left out twice
  - { target: node, id: "4.2.1", meant: kubelet/anonymous-auth, reason: Copied., source: The platform's Jobs }
                        ^^^^^^^"#,
    },
    Case {
        code: "duplicate-number",
        path: "cis-1.12.yaml",
        old: r#"      "4.2":"#,
        new: r#"      "4":
        title: Odd
        checks:
          "4.2.1": { control: kubelet/anonymous-auth, scored: true, assessment: automated }
      "4.2":"#,
        said: r#"benchmarks/cis-1.12.yaml:30:11: number "4.2.1" is used twice in this target
          "4.2.1": { control: kubelet/anonymous-auth, scored: true, assessment: automated }
          ^^^^^^^"#,
    },
    Case {
        code: "number-order",
        path: "cis-1.12.yaml",
        old: r#""1.2.9""#,
        new: r#""1.2.12""#,
        said: r#"benchmarks/cis-1.12.yaml:17:11: number "1.2.10" comes after "1.2.12"
          "1.2.10": { control: apiserver/request-timeout, scored: false, assessment: manual, evaluate: false }
          ^^^^^^^^
hint: keep the order of the benchmark's document

benchmarks/cis-1.12.yaml:18:11: number "1.2.11" comes after "1.2.12"
          "1.2.11": { control: apiserver/client-ca, scored: true, assessment: automated }
          ^^^^^^^^
hint: keep the order of the benchmark's document

profiles/platform.yaml:11:27: cis-1.12 master has no number "1.2.9"
  - { target: master, id: "1.2.9", meant: apiserver/client-ca, reason: Copied., source: The platform's Jobs }
                          ^^^^^^^
hint: one of: 1.1.1, 1.1.2, 1.2.12, 1.2.10, 1.2.11"#,
    },
    Case {
        code: "number-group",
        path: "cis-1.12.yaml",
        old: r#""1.2.9""#,
        new: r#""1.3.9""#,
        said: r#"benchmarks/cis-1.12.yaml:16:11: number "1.3.9" does not belong to group "1.2"
          "1.3.9": { control: apiserver/anonymous-auth, scored: false, assessment: manual }
          ^^^^^^^
hint: its numbers begin with "1.2."

profiles/platform.yaml:11:27: cis-1.12 master has no number "1.2.9"
  - { target: master, id: "1.2.9", meant: apiserver/client-ca, reason: Copied., source: The platform's Jobs }
                          ^^^^^^^
hint: one of: 1.1.1, 1.1.2, 1.3.9, 1.2.10, 1.2.11"#,
    },
    Case {
        code: "number-group",
        path: "cis-1.12.yaml",
        old: r#""5.1":"#,
        new: r#""6.1":"#,
        said: r#"benchmarks/cis-1.12.yaml:31:7: number "6.1" does not belong to section "5"
      "6.1":
      ^^^^^
hint: its numbers begin with "5."

benchmarks/cis-1.12.yaml:34:11: number "5.1.1" does not belong to group "6.1"
          "5.1.1": { control: apiserver/cluster-admin, scored: false, assessment: manual }
          ^^^^^^^
hint: its numbers begin with "6.1.""#,
    },
    Case {
        code: "bad-version",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: r#"defaults: { --profiling: { "1.20.4": "true" } }"#,
        said: r#"benchmarks/components.yaml:12:30: "1.20.4" is more than a release line
  defaults: { --profiling: { "1.20.4": "true" } }
                             ^^^^^^^^
hint: write "1.20""#,
    },
    Case {
        code: "ambiguous-word",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: r#"defaults: { --profiling: { 1.20: "true" } }"#,
        said: r#"benchmarks/components.yaml:12:30: "1.20" without quotes may be parsed as a different number
  defaults: { --profiling: { 1.20: "true" } }
                             ^^^^
hint: put it in quotes: "1.20""#,
    },
    Case {
        code: "empty-text",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: "defaults: { --profiling: {} }",
        said: r#"benchmarks/components.yaml:12:28: "--profiling" is an empty mapping
  defaults: { --profiling: {} }
                           ^
hint: write it as { "1.20": …, "1.24": … }"#,
    },
    Case {
        code: "wrong-type",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: r#"defaults: { --profiling: { "1.20": 0 } }"#,
        said: r#"benchmarks/components.yaml:12:38: "--profiling" must be a string, not the number 0
  defaults: { --profiling: { "1.20": 0 } }
                                     ^
hint: put it in quotes: "0""#,
    },
    Case {
        code: "missing-key",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: r#"feature_gates: { G: { "1.20": { stage: beta } } }"#,
        said: r#"benchmarks/components.yaml:12:33: a feature gate lacks "default"
  feature_gates: { G: { "1.20": { stage: beta } } }
                                ^"#,
    },
    Case {
        code: "contradiction",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: r#"feature_gates: { G: { "1.20": { stage: removed, default: false } } }"#,
        said: r#"benchmarks/components.yaml:12:51: "default" of a gate that was removed
  feature_gates: { G: { "1.20": { stage: removed, default: false } } }
                                                  ^^^^^^^
hint: leave it out"#,
    },
    Case {
        code: "unknown-word",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: r#"feature_gates: { G: { "1.20": { stage: stable, default: false } } }"#,
        said: r#"benchmarks/components.yaml:12:42: "stage" cannot be "stable"
  feature_gates: { G: { "1.20": { stage: stable, default: false } } }
                                         ^^^^^^
hint: one of: alpha, beta, ga, deprecated, removed"#,
    },
    Case {
        code: "unknown-word",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: "passed_by: { k3s: { --a: [{ value: x, when: sqlite }] } }",
        said: r#"benchmarks/components.yaml:12:47: "when" cannot be "sqlite"
  passed_by: { k3s: { --a: [{ value: x, when: sqlite }] } }
                                              ^^^^^^
hint: one of: etcd, kine, external-etcd, encryption, egress, protect, cloud"#,
    },
    Case {
        code: "unknown-key",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: "passed_by: { k3s: { --a: [{ valeu: x }] } }",
        said: r#"benchmarks/components.yaml:12:31: unknown key "valeu"
  passed_by: { k3s: { --a: [{ valeu: x }] } }
                              ^^^^^
hint: did you mean "value"?"#,
    },
    Case {
        code: "bad-version",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: r#"passed_by: { k3s: { --a: [{ since: "1.32.4" }] } }"#,
        said: r#"benchmarks/components.yaml:12:38: "1.32.4" is more than a release line
  passed_by: { k3s: { --a: [{ since: "1.32.4" }] } }
                                     ^^^^^^^^
hint: write "1.32""#,
    },
    Case {
        code: "bad-version",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: r#"passed_by: { k3s: { --a: [{ unsure: ["banana"] }] } }"#,
        said: r#"benchmarks/components.yaml:12:40: "banana" is not a Kubernetes release line
  passed_by: { k3s: { --a: [{ unsure: ["banana"] }] } }
                                       ^^^^^^^^
hint: write it as "1.32""#,
    },
    Case {
        code: "bad-flag",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: "passed_by: { k3s: { a: x } }",
        said: r#"benchmarks/components.yaml:12:23: "a" is not a flag
  passed_by: { k3s: { a: x } }
                      ^
hint: write it as "--a""#,
    },
    Case {
        code: "wrong-type",
        path: "components.yaml",
        old: r#"defaults: { --profiling: "true" }"#,
        new: "passed_by: { k3s: { --a: false } }",
        said: r#"benchmarks/components.yaml:12:28: "--a" must be a string, not the boolean false
  passed_by: { k3s: { --a: false } }
                           ^^^^^
hint: put it in quotes: "false""#,
    },
    Case {
        code: "missing-key",
        path: "controls/apiserver.yaml",
        old: "  review: Look at the bindings.",
        new: "  show: [--profiling]
  review: Look at the bindings.",
        said: r#"benchmarks/controls/apiserver.yaml:48:1: control "cluster-admin" lacks "audit"
cluster-admin:
^^^^^^^^^^^^^"#,
    },
    Case {
        code: "contradiction",
        path: "controls/apiserver.yaml",
        old: "  review: Look at the bindings.",
        new: "  audit: { files: apiserver.manifest }
  show: [--profiling]
  review: Look at the bindings.",
        said: r#"benchmarks/controls/apiserver.yaml:54:3: "show" without an audit of settings
  show: [--profiling]
  ^^^^
hint: leave it out, or look at the settings of a component"#,
    },
    Case {
        code: "missing-key",
        path: "controls/kubelet.yaml",
        old: "  expect:",
        new: "  show: [--anonymous-auth]
  expect:",
        said: r#"benchmarks/controls/kubelet.yaml:1:1: control "anonymous-auth" lacks "review"
anonymous-auth:
^^^^^^^^^^^^^^"#,
    },
    Case {
        code: "version-range",
        path: "cis-1.12.yaml",
        old: r#"from: "1.32""#,
        new: r#"from: "1.35""#,
        said: r#"benchmarks/cis-1.12.yaml:2:1: the range ends at 1.34, before it begins at 1.35
kubernetes: { from: "1.35", to: "1.34" }
^^^^^^^^^^
hint: write { from: "1.34", to: "1.35" }"#,
    },
    Case {
        code: "bad-version",
        path: "cis-1.12.yaml",
        old: r#"from: "1.32""#,
        new: r#"from: "v1.32.4""#,
        said: r#"benchmarks/cis-1.12.yaml:2:21: "v1.32.4" is more than a release line
kubernetes: { from: "v1.32.4", to: "1.34" }
                    ^^^^^^^^^
hint: write "1.32""#,
    },
    Case {
        code: "bad-version",
        path: "cis-1.12.yaml",
        old: r#"from: "1.32""#,
        new: "from: newest",
        said: r#"benchmarks/cis-1.12.yaml:2:21: "newest" is not a Kubernetes release line
kubernetes: { from: newest, to: "1.34" }
                    ^^^^^^
hint: write it as "1.32""#,
    },
    Case {
        code: "unknown-platform",
        path: "cis-1.12.yaml",
        old: "targets:",
        new: "platforms: [eks-al2, eks-al2032]\ntargets:",
        said: r#"benchmarks/cis-1.12.yaml:3:22: unknown platform "eks-al2032"
platforms: [eks-al2, eks-al2032]
                     ^^^^^^^^^^
hint: did you mean "eks-al2023"?"#,
    },
    Case {
        code: "unknown-platform",
        path: "platform.yaml",
        old: "skip:",
        new: "platforms: [xyz]\nskip:",
        said: r#"profiles/platform.yaml:2:13: unknown platform "xyz"
platforms: [xyz]
            ^^^
hint: one of: kubeadm, eks-anywhere, eks-anywhere-bottlerocket, external-etcd, eks-al2, eks-al2023, eks-bottlerocket, k3s, rke2, rke, microk8s, canonical-k8s, k0s, talos, openshift, microshift, gke, aks, ack, tkgi, kops, kubespray, minikube, kind, self-managed, standalone-kubelet"#,
    },
    Case {
        code: "unknown-platform",
        path: "controls/kubelet.yaml",
        old: "  audit:",
        new: "  applies: { not_on: [bottlerocket], because: It has none. }\n  audit:",
        said: r#"benchmarks/controls/kubelet.yaml:6:23: unknown platform "bottlerocket"
  applies: { not_on: [bottlerocket], because: It has none. }
                      ^^^^^^^^^^^^
hint: did you mean "eks-bottlerocket"?"#,
    },
    Case {
        code: "duplicate-entry",
        path: "platform.yaml",
        old: "skip:",
        new: "platforms: [kubeadm, kubeadm]\nskip:",
        said: r#"profiles/platform.yaml:2:12: "kubeadm" is listed twice
platforms: [kubeadm, kubeadm]
           ^"#,
    },
    Case {
        code: "missing-key",
        path: "controls/kubelet.yaml",
        old: "  audit:",
        new: "  applies: { not_on: [kubeadm] }\n  audit:",
        said: r#"benchmarks/controls/kubelet.yaml:6:3: "applies" lacks "because"
  applies: { not_on: [kubeadm] }
  ^^^^^^^"#,
    },
    Case {
        code: "unknown-target",
        path: "cis-1.12.yaml",
        old: "  node:",
        new: "  worker:",
        said: r#"benchmarks/cis-1.12.yaml:19:3: unknown target "worker"
  worker:
  ^^^^^^
hint: one of: master, etcd, controlplane, node, policies, managedservices, cluster, admin

profiles/platform.yaml:12:25: cis-1.12 has no target "node"
  - { target: node, id: "4.2.1", meant: kubelet/anonymous-auth, reason: Copied., source: The platform's Jobs }
                        ^^^^^^^
hint: one of: master, policies"#,
    },
    Case {
        code: "unknown-target",
        path: "platform.yaml",
        old: "target: node",
        new: "target: etcd",
        said: r#"profiles/platform.yaml:12:25: cis-1.12 has no target "etcd"
  - { target: etcd, id: "4.2.1", meant: kubelet/anonymous-auth, reason: Copied., source: The platform's Jobs }
                        ^^^^^^^
hint: one of: master, node, policies"#,
    },
    Case {
        code: "unknown-number",
        path: "platform.yaml",
        old: r#"id: "4.2.1""#,
        new: r#"id: "4.2.2""#,
        said: r#"profiles/platform.yaml:12:25: cis-1.12 node has no number "4.2.2"
  - { target: node, id: "4.2.2", meant: kubelet/anonymous-auth, reason: Copied., source: The platform's Jobs }
                        ^^^^^^^
hint: one of: 4.2.1"#,
    },
    Case {
        code: "unknown-benchmark",
        path: "platform.yaml",
        old: "benchmark: cis-1.12",
        new: "benchmark: cis-1.13",
        said: r#"profiles/platform.yaml:9:12: unknown benchmark "cis-1.13"
benchmark: cis-1.13
           ^^^^^^^^
hint: one of: cis-1.12"#,
    },
    Case {
        code: "missing-key",
        path: "controls/kubelet.yaml",
        old: "  level: 1\n  severity: low\n",
        new: "",
        said: "benchmarks/controls/kubelet.yaml:1:1: control \"anonymous-auth\" lacks \"level\"
anonymous-auth:
^^^^^^^^^^^^^^

benchmarks/controls/kubelet.yaml:1:1: control \"anonymous-auth\" lacks \"severity\"
anonymous-auth:
^^^^^^^^^^^^^^",
    },
    Case {
        code: "wrong-value",
        path: "controls/kubelet.yaml",
        old: "level: 1",
        new: "level: 3",
        said: r#"benchmarks/controls/kubelet.yaml:3:10: "level" cannot be "3"
  level: 3
         ^
hint: 1 or 2, as CIS has them"#,
    },
    Case {
        code: "wrong-value",
        path: "cis-1.12.yaml",
        old: "{ control: kubelet/anonymous-auth,",
        new: "{ control: kubelet/anonymous-auth, level: two,",
        said: r#"benchmarks/cis-1.12.yaml:26:62: "level" cannot be "two"
          "4.2.1": { control: kubelet/anonymous-auth, level: two, scored: true, assessment: automated }
                                                             ^^^
hint: 1 or 2, as CIS has them"#,
    },
    Case {
        code: "unknown-word",
        path: "controls/kubelet.yaml",
        old: "severity: low",
        new: "severity: dire",
        said: r#"benchmarks/controls/kubelet.yaml:4:13: "severity" cannot be "dire"
  severity: dire
            ^^^^
hint: one of: critical, high, medium, low"#,
    },
    Case {
        code: "contradiction",
        path: "cis-1.12.yaml",
        old: r#"targets:
  master:
    id: "1"
    title: Control plane components
    groups:
      "1.1":
        title: Files
        checks:
          "1.1.1": { control: apiserver/manifest-mode,"#,
        new: r#"levels: false
targets:
  master:
    id: "1"
    title: Control plane components
    groups:
      "1.1":
        title: Files
        checks:
          "1.1.1": { control: apiserver/manifest-mode, level: 1,"#,
        said: r#"benchmarks/cis-1.12.yaml:12:56: "level" in a benchmark without levels
          "1.1.1": { control: apiserver/manifest-mode, level: 1, with: { at_most: "600" }, scored: true, assessment: automated }
                                                       ^^^^^
hint: leave it out, or leave out "levels: false""#,
    },
    Case {
        code: "unknown-snippet",
        path: "controls/kubelet.yaml",
        old: "Set it in {{kubelet.config}}.",
        new: "Set it. {{snippet.restart}}",
        said: r#"benchmarks/controls/kubelet.yaml:8:24: unknown snippet "restart"
  remediation: Set it. {{snippet.restart}}
                       ^^^^^^^^^^^^^^^^^^^"#,
    },
    Case {
        code: "misplaced-template",
        path: "controls/kubelet.yaml",
        old: "title: No one reaches the kubelet without a name",
        new: "title: A {{snippet.title}}",
        said: r#"benchmarks/controls/kubelet.yaml:2:12: {{…}} as a part of "title" is not filled in
  title: A {{snippet.title}}
           ^^^^^^^^^^^^^^^^^
hint: snippets are for remediations: write it out"#,
    },
    Case {
        code: "bad-name",
        path: "components.yaml",
        old: "pki:\n",
        new: "snippet:\n  name: S\n  part_of: apiserver\n  places:\n    a: { candidates: [/a] }\npki:\n",
        said: r#"benchmarks/components.yaml:18:1: "snippet" cannot be the name of a component
snippet:
^^^^^^^
hint: {{snippet.…}} stands for the texts of snippets.yaml: give the component another name"#,
    },
];

/// Codes that need more than one file. Each has a test of its own below, or in `replaced.rs` or `extended.rs`.
const OF_SEVERAL_FILES: [&str; 5] = ["circular", "duplicate-definition", "misfit", "misplaced-file", "unused-control"];

/// Codes of warnings, tested in `tests/program/cli/lint.rs`.
const WARNINGS: [&str; 1] = ["idle-control"];

/// Codes of unreadable files, tested in `tests/program/cli/definitions.rs`.
const OF_FILES: [&str; 1] = ["unreadable-file"];

#[test]
fn each_mistake_is_shown_where_it_is() {
    let mut wrong = String::new();
    for case in CASES {
        let found = mistakes(case.path, case.old, case.new);
        if found.to_string() != case.said || found.iter().all(|mistake| mistake.code != case.code) {
            let _ = writeln!(wrong, "{} by {:?}:\n{found}\ninstead of\n{}\n", case.code, case.new, case.said);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_code_has_a_case() {
    let told: BTreeSet<&str> =
        CASES.iter().map(|case| case.code).chain(OF_SEVERAL_FILES).chain(WARNINGS).chain(OF_FILES).collect();
    let known: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(told, known);
    assert_eq!(known.len(), CODES.len(), "a code is listed twice");
}

#[test]
fn all_mistakes_are_shown_at_once_by_file_and_line() {
    let (mut benchmarks, mut profiles) = spoilt("", "", "");
    for file in benchmarks.iter_mut().chain(&mut profiles) {
        file.text = match file.path.as_str() {
            "components.yaml" => file.text.replacen("grammar: kubernetes", "grammar: posix", 1),
            "cis-1.12.yaml" => file.text.replace("kubelet/anonymous-auth", "kubelet/anon").replace("600", "900"),
            "platform.yaml" => file.text.replace("reason: Slow disks., ", ""),
            _ => file.text.clone(),
        };
    }
    let found = load_with(&Definitions::default(), &benchmarks, &profiles).expect_err("they are refused");
    let places: Vec<String> =
        found.iter().map(|mistake| format!("{}:{} {}", mistake.file, mistake.line, mistake.code)).collect();
    assert_eq!(
        places,
        [
            "benchmarks/cis-1.12.yaml:11 wrong-value",
            "benchmarks/cis-1.12.yaml:26 unknown-control",
            "benchmarks/components.yaml:6 unknown-word",
            "profiles/platform.yaml:8 missing-key",
        ]
    );
    assert_eq!(found.to_string().matches("\n\n").count(), 3, "an empty line between two");
}

#[test]
fn a_file_that_cannot_be_read_is_one_mistake() {
    // Every control in the file is then unknown, and so is every place, but only the syntax error is reported.
    for path in ["components.yaml", "controls/apiserver.yaml", "cis-1.12.yaml"] {
        let found = mistakes(path, "", "[");
        let codes: Vec<&str> = found.iter().map(|mistake| mistake.code).collect();
        assert_eq!(codes, ["syntax"], "{path}: {found}");
    }
}

#[test]
fn files_in_the_wrong_place_are_refused() {
    let odd = [
        ("components.json", "benchmarks/components.json:1:1: \"components.json\" is not a definition file"),
        (
            "other/apiserver.yaml",
            "benchmarks/other/apiserver.yaml:1:1: \"other/apiserver.yaml\" is not a definition file",
        ),
        ("controls/a/b.yaml", "benchmarks/controls/a/b.yaml:1:1: \"controls/a/b.yaml\" is not a definition file"),
    ];
    for (path, said) in odd {
        let (mut benchmarks, profiles) = spoilt("", "", "");
        benchmarks.push(SourceFile::new("benchmarks/", path, "a: b\n"));
        let found = load_with(&Definitions::default(), &benchmarks, &profiles).expect_err(path);
        let rest = "\na: b\n^\nhint: components.yaml, snippets.yaml, controls/NAME.yaml and NAME.yaml are";
        assert_eq!(found.to_string(), format!("{said}{rest}"));
        assert!(found.iter().all(|mistake| mistake.code == "misplaced-file"));
    }
    let (benchmarks, mut profiles) = spoilt("", "", "");
    profiles.push(SourceFile::new("profiles", "a/b.yaml", "title: A\n"));
    let found = load_with(&Definitions::default(), &benchmarks, &profiles).expect_err("a profile in a directory");
    let said = "profiles/a/b.yaml:1:1: \"a/b.yaml\" is not a profile\ntitle: A\n^\nhint: NAME.yaml is";
    assert_eq!(found.to_string(), said);
}

#[test]
fn the_same_name_twice_is_refused() {
    // Files in two directories, or in one with both YAML extensions.
    let hint = |first: &str| format!("\nhint: {first} has the other one: keep one of them, or rename one");
    for (directory, ending) in [("more", "yaml"), ("benchmarks", "yml")] {
        for (name, what) in [
            ("components", "the file of components"),
            ("controls/kubelet", "the file of controls \"kubelet\""),
            ("cis-1.12", "benchmark \"cis-1.12\""),
        ] {
            let (mut benchmarks, profiles) = spoilt("", "", "");
            benchmarks.push(SourceFile::new(directory, &format!("{name}.{ending}"), "other: {}\n"));
            let found = load_with(&Definitions::default(), &benchmarks, &profiles).expect_err(name);
            let said = format!("{directory}/{name}.{ending}:1:1: {what} is defined twice\nother: {{}}\n^");
            assert_eq!(found.to_string(), said + &hint(&format!("benchmarks/{name}.yaml")));
            assert!(found.iter().all(|mistake| mistake.code == "duplicate-definition"));
        }
        let (benchmarks, mut profiles) = spoilt("", "", "");
        let directory = directory.replace("benchmarks", "profiles");
        profiles.push(SourceFile::new(&directory, &format!("platform.{ending}"), "title: Another\n"));
        let found = load_with(&Definitions::default(), &benchmarks, &profiles).expect_err("two profiles");
        let said =
            format!("{directory}/platform.{ending}:1:1: profile \"platform\" is defined twice\ntitle: Another\n^");
        assert_eq!(found.to_string(), said + &hint("profiles/platform.yaml"));
    }
}

#[test]
fn what_a_terminal_would_act_on_is_not_printed() {
    let found = mistakes("controls/kubelet.yaml", "title: No one", "title: \"\u{85}\"\n  titel\t: \u{202e}No one");
    let shown = found.to_string();
    assert!(!shown.contains(|c: char| c == '\u{202e}' || c.is_control() && c != '\n' && c != '\t'), "{shown}");
    let (mut benchmarks, profiles) = spoilt("", "", "");
    benchmarks.push(SourceFile::new("\u{1b}[2J", "x.yaml", "x\u{7f}: 1\n"));
    let found = load_with(&Definitions::default(), &benchmarks, &profiles).expect_err("x is no key");
    assert!(!found.to_string().contains(['\u{1b}', '\u{7f}']), "{found}");
}

#[test]
fn of_a_very_long_line_only_the_part_around_the_mistake_is_shown() {
    let padding = "x".repeat(5000);
    let found = mistakes("controls/kubelet.yaml", "is: false", &format!("entry: \"{padding}\", iss: false"));
    let shown = found.to_string();
    assert!(shown.lines().all(|line| line.chars().count() <= 200), "{shown}");
    assert!(shown.contains("iss: false"), "{shown}");
}
