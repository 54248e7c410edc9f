//! Benchmarks that extend others.

use std::collections::BTreeMap;

use definitions::benchmark::{Benchmark, Diagnostics, SourceFile, Target, Value};
use definitions::{Definitions, load_with};

use super::fixture::{sound, spoilt};

/// Loads the fixture with these files on top.
fn with(files: &[(&str, &str)]) -> Result<Definitions, Diagnostics> {
    let files: Vec<SourceFile> = files.iter().map(|(path, text)| SourceFile::new("mine", path, *text)).collect();
    load_with(&sound(), &files, &[])
}

/// Returns the benchmark that a file with this text defines.
fn house(text: &str) -> Benchmark {
    let definitions = with(&[("house.yaml", text)]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    definitions.library.benchmarks["house"].clone()
}

/// Returns the contents of a benchmark, one item per line.
fn contents(benchmark: &Benchmark) -> Vec<String> {
    let mut lines = Vec::new();
    for index in &benchmark.targets {
        lines.push(format!("{} {} {}", index.target, index.id, index.title));
        for group in &index.groups {
            lines.push(format!("  {} {}", group.id, group.title));
            for check in &group.checks {
                let with: Vec<String> = check.with.iter().map(|(name, value)| format!(" {name}={value}")).collect();
                lines.push(format!("    {} {}{}", check.id, check.control, with.concat()));
            }
        }
    }
    lines
}

/// The line of [`EXTENSION`] at which its targets begin.
const EXTENSION: &str = "title: House rules
extends: cis-1.12
without: [\"1.1.2\", apiserver/cluster-admin]
with:
  apiserver/manifest-mode: { at_most: \"400\" }
  apiserver/request-timeout: { limit: ~ }
targets:
  node:
    groups:
      \"4.1\":
        title: Files
        checks:
          \"4.1.1\": { control: apiserver/manifest-mode, with: { at_most: \"644\" }, scored: true, assessment: manual }
  master:
    groups:
      \"1.2\":
        checks:
          \"1.2.9\": { control: kubelet/anonymous-auth, scored: true, assessment: automated }
          \"1.2.10.1\": { control: apiserver/key-mode, scored: true, assessment: automated }
      House:
        title: Our own
        checks:
          H-1: { control: apiserver/cluster-admin, scored: false, assessment: manual }
  managedservices:
    id: \"6\"
    title: Managed
    groups:
      \"6.1\":
        title: Registry
        checks:
          \"6.1.1\": { control: apiserver/cluster-admin, scored: false, assessment: manual }
";

#[test]
fn what_is_extended_is_taken_over_changed_and_added_to() {
    let house = house(EXTENSION);
    assert_eq!(
        contents(&house),
        [
            "master 1 Control plane components",
            "  1.1 Files",
            "    1.1.1 apiserver/manifest-mode at_most=400",
            "  1.2 API server",
            "    1.2.9 kubelet/anonymous-auth",
            "    1.2.10 apiserver/request-timeout limit=",
            "    1.2.10.1 apiserver/key-mode",
            "    1.2.11 apiserver/client-ca",
            "  House Our own",
            "    H-1 apiserver/cluster-admin",
            "node 4 Worker",
            "  4.1 Files",
            "    4.1.1 apiserver/manifest-mode at_most=644",
            "  4.2 Kubelet",
            "    4.2.1 kubelet/anonymous-auth",
            "managedservices 6 Managed",
            "  6.1 Registry",
            "    6.1.1 apiserver/cluster-admin",
        ]
    );
    assert_eq!((house.title.as_str(), house.kubernetes), ("House rules", None));
    let timeout = house.target(Target::Master).and_then(|index| index.check("1.2.10")).expect("it is taken over");
    assert_eq!(timeout.with, BTreeMap::from([("limit".into(), Value::Null)]));
    assert!(!timeout.evaluate && !timeout.scored, "the rest of a check stays as it was");
}

#[test]
fn an_extension_of_nothing_more_is_the_same_benchmark_by_another_name() {
    let base = sound().library.benchmarks["cis-1.12"].clone();
    let house = house("title: The same\nextends: cis-1.12\n");
    assert_eq!(house.targets, base.targets);
    assert_ne!(house.digest, base.digest);
}

#[test]
fn the_digest_follows_what_is_changed_and_what_is_extended() {
    let digest = |text: &str| house(text).digest;
    let bare = digest("title: House\nextends: cis-1.12\n");
    assert_ne!(bare, digest("title: House\nextends: cis-1.12\nwithout: [\"1.1.1\"]\n"));
    let with = "title: House\nextends: cis-1.12\nwith: { apiserver/request-timeout: { limit: 2h } }\n";
    assert_ne!(bare, digest(with));
    let written_out = EXTENSION.split("targets:").next().expect("the beginning");
    assert_eq!(digest(written_out), digest(&written_out.replace("title: House rules\n", "title: 'House rules'\n")));

    let other = spoilt(
        "cis-1.12.yaml",
        "\"1.2.11\": { control: apiserver/client-ca, scored: true",
        "\"1.2.11\": { control: apiserver/client-ca, scored: false",
    );
    let mut files = other.0;
    files.push(SourceFile::new("mine", "house.yaml", "title: House\nextends: cis-1.12\n"));
    let changed = load_with(&Definitions::default(), &files, &other.1).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_ne!(bare, changed.library.benchmarks["house"].digest);
}

#[test]
fn groups_and_targets_that_are_left_out_leave_no_heading() {
    let house = house("title: House\nextends: cis-1.12\nwithout: [\"1.1\", \"4.2.1\", apiserver/cluster-admin]\n");
    let headings: Vec<String> = contents(&house).into_iter().filter(|line| !line.starts_with("    ")).collect();
    assert_eq!(headings, ["master 1 Control plane components", "  1.2 API server"]);
    // What is left out may be added again in another form, without repeating its heading.
    let replaced = self::house(
        "title: House\nextends: cis-1.12\nwithout: [\"1.1\"]\ntargets:\n  master:\n    groups:\n      \"1.1\":\n        \
         checks:\n          \"1.1.5\": { control: apiserver/key-mode, scored: true, assessment: automated }\n",
    );
    assert_eq!(contents(&replaced)[1..3], ["  1.1 Files", "    1.1.5 apiserver/key-mode"]);
}

#[test]
fn extensions_may_be_extended_in_whatever_order_they_are_read() {
    let outer = ("a.yaml", "title: A\nextends: z\nwithout: [\"4.2\"]\n");
    let inner = ("z.yaml", "title: Z\nextends: cis-1.12\nwithout: [\"5.1\"]\n");
    for files in [[outer, inner], [inner, outer]] {
        let definitions = with(&files).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let targets: Vec<Target> =
            definitions.library.benchmarks["a"].targets.iter().map(|index| index.target).collect();
        assert_eq!(targets, [Target::Master]);
    }
}

#[test]
fn a_benchmark_that_replaces_ours_is_the_one_that_is_extended() {
    let ours = "title: Ours\ntargets:\n  node:\n    id: \"4\"\n    title: Nodes\n    groups:\n      \"4.2\":\n        \
                title: K\n        checks:\n          \"4.2.1\": { control: kubelet/anonymous-auth, scored: true, \
                assessment: automated }\n";
    let (benchmarks, _) = spoilt("cis-1.12.yaml", "", ours);
    let house = SourceFile::new("mine", "house.yaml", "title: House\nextends: cis-1.12\n");
    let files = [benchmarks, vec![house]].concat();
    let definitions = load_with(&Definitions::default(), &files, &[]).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let house = contents(&definitions.library.benchmarks["house"]);
    assert_eq!(house, ["node 4 Nodes", "  4.2 K", "    4.2.1 kubelet/anonymous-auth"]);
}

/// Files that are refused together, the code of a mistake, and the whole output.
type Refused = (&'static [(&'static str, &'static str)], &'static str, &'static str);

const REFUSED: &[Refused] = &[
    (
        &[("house.yaml", "title: House\nextends: house\n")],
        "circular",
        r#"mine/house.yaml:2:10: benchmark "house" extends itself
extends: house
         ^^^^^
hint: a benchmark is named after its file: give the extending one a different name"#,
    ),
    (
        // A file with the name of a built-in benchmark replaces it, so there is nothing left to extend.
        &[("cis-1.12.yaml", "title: Ours\nextends: cis-1.12\n")],
        "circular",
        r#"mine/cis-1.12.yaml:2:10: benchmark "cis-1.12" extends itself
extends: cis-1.12
         ^^^^^^^^
hint: a benchmark is named after its file: give the extending one a different name"#,
    ),
    (
        &[
            ("a.yaml", "title: A\nextends: b\n"),
            ("b.yaml", "title: B\nextends: c\n"),
            ("c.yaml", "title: C\nextends: a\n"),
            ("outside.yaml", "title: Outside\nextends: a\n"),
        ],
        "circular",
        r#"mine/a.yaml:2:10: benchmark "a" extends itself, by way of "b" and "c"
extends: b
         ^
hint: a benchmark is named after its file: give the extending one a different name

mine/b.yaml:2:10: benchmark "b" extends itself, by way of "c" and "a"
extends: c
         ^
hint: a benchmark is named after its file: give the extending one a different name

mine/c.yaml:2:10: benchmark "c" extends itself, by way of "a" and "b"
extends: a
         ^
hint: a benchmark is named after its file: give the extending one a different name"#,
    ),
    (
        &[("house.yaml", "title: House\nextends: cis-1.21\n")],
        "unknown-benchmark",
        r#"mine/house.yaml:2:10: unknown benchmark "cis-1.21"
extends: cis-1.21
         ^^^^^^^^
hint: did you mean "cis-1.12"?"#,
    ),
    (
        &[("house.yaml", "title: House\nextends: ~\n")],
        "wrong-type",
        r#"mine/house.yaml:2:10: "extends" must be a string, not nothing
extends: ~
         ^
hint: put it in quotes: "~""#,
    ),
    (
        &[("house.yaml", "title: House\nwithout: [\"1.1\"]\ntargets: {}\n")],
        "missing-key",
        r#"mine/house.yaml:2:1: "without" in a benchmark that extends none
without: ["1.1"]
^^^^^^^
hint: name the benchmark that it refers to, as in extends: cis-1.12"#,
    ),
    (
        &[("house.yaml", "title: House\nextends: cis-1.12\nwithout: [\"1.2.12\"]\n")],
        "unknown-number",
        r#"mine/house.yaml:3:11: cis-1.12 has no number "1.2.12"
without: ["1.2.12"]
          ^^^^^^^^
hint: one of: 1.1, 1.2, 4.2, 5.1, 1.1.1, 1.1.2, 1.2.9, 1.2.10, 1.2.11, 4.2.1, 5.1.1"#,
    ),
    (
        &[("house.yaml", "title: House\nextends: cis-1.12\nwithout: [apiserver/client-caa, \"1.1\", \"1.1\"]\n")],
        "duplicate-entry",
        r#"mine/house.yaml:3:11: unknown control "apiserver/client-caa"
without: [apiserver/client-caa, "1.1", "1.1"]
          ^^^^^^^^^^^^^^^^^^^^
hint: did you mean "apiserver/client-ca"?

mine/house.yaml:3:33: "1.1" is left out twice
without: [apiserver/client-caa, "1.1", "1.1"]
                                ^^^^^"#,
    ),
    (
        &[
            (
                "controls/house.yaml",
                "look:\n  title: T\n  level: 1\n  severity: low\n  rationale: R\n  review: Look.\n  remediation: R\n",
            ),
            ("house.yaml", "title: House\nextends: cis-1.12\nwith: { house/look: {} }\n"),
        ],
        "unused-control",
        r#"mine/house.yaml:3:9: cis-1.12 does not contain "house/look"
with: { house/look: {} }
        ^^^^^^^^^^
hint: a check that this benchmark adds takes its parameters next to its number"#,
    ),
    (
        &[(
            "house.yaml",
            "title: House\nextends: cis-1.12\nwithout: [apiserver/manifest-mode]\nwith:\n  \
             apiserver/manifest-mode: { at_most: \"400\" }\n",
        )],
        "contradiction",
        r#"mine/house.yaml:5:3: "apiserver/manifest-mode" is left out by "without"
  apiserver/manifest-mode: { at_most: "400" }
  ^^^^^^^^^^^^^^^^^^^^^^^
hint: leave it out here too"#,
    ),
    (
        &[(
            "house.yaml",
            "title: House\nextends: cis-1.12\nwith:\n  apiserver/manifest-mode: { at_mots: \"400\" }\n  \
             apiserver/request-timeout: { limit: soon }\n",
        )],
        "unknown-parameter",
        r#"mine/house.yaml:4:30: unknown parameter "at_mots"
  apiserver/manifest-mode: { at_mots: "400" }
                             ^^^^^^^
hint: did you mean "at_most"?

mine/house.yaml:5:39: "limit" is used where "at_most" must be a whole number, or a duration such as 1h30m, not the text "soon"
  apiserver/request-timeout: { limit: soon }
                                      ^^^^"#,
    ),
    (
        // A new target must be complete.
        &[(
            "house.yaml",
            "title: House\nextends: cis-1.12\ntargets:\n  etcd:\n    groups: {}\n  node:\n    id: \"5\"\n    groups:\n      \
             \"4.3\": {}\n",
        )],
        "missing-key",
        r#"mine/house.yaml:4:3: target "etcd" lacks "id"
  etcd:
  ^^^^

mine/house.yaml:4:3: target "etcd" lacks "title"
  etcd:
  ^^^^

mine/house.yaml:7:9: target "node" is section "4" of the extended benchmark
    id: "5"
        ^^^
hint: leave "id" out

mine/house.yaml:9:7: group "4.3" lacks "title"
      "4.3": {}
      ^^^^^

mine/house.yaml:9:7: group "4.3" lacks "checks"
      "4.3": {}
      ^^^^^"#,
    ),
    (
        &[(
            "house.yaml",
            "title: House\nextends: cis-1.12\ntargets:\n  master:\n    groups:\n      \"1.1\":\n        checks:\n          \
             \"1.1.10\": { control: apiserver/key-mode, scored: true, assessment: automated }\n          \
             \"1.1.9\": { control: apiserver/manifest-mode, scored: true, assessment: automated }\n",
        )],
        "number-order",
        r#"mine/house.yaml:9:11: number "1.1.9" comes after "1.1.10"
          "1.1.9": { control: apiserver/manifest-mode, scored: true, assessment: automated }
          ^^^^^^^
hint: keep the order of the benchmark's document

mine/house.yaml:9:31: "apiserver/manifest-mode" needs the parameter "at_most"
          "1.1.9": { control: apiserver/manifest-mode, scored: true, assessment: automated }
                              ^^^^^^^^^^^^^^^^^^^^^^^
hint: give it, as in with: { at_most: … }, or at_most: ~ for no condition"#,
    ),
    (
        &[
            (
                "a.yaml",
                "title: A\nextends: cis-1.12\ntargets:\n  node:\n    groups:\n      \"4.2\":\n        checks:\n          \
                        H-1: { control: kubelet/anonymous-auth, scored: true, assessment: automated }\n",
            ),
            (
                "b.yaml",
                "title: B\nextends: a\ntargets:\n  node:\n    groups:\n      H:\n        title: H\n        checks:\n          \
                        H-1: { control: kubelet/anonymous-auth, scored: true, assessment: automated }\n",
            ),
        ],
        "duplicate-number",
        r#"mine/b.yaml:9:11: number "H-1" is in group "4.2" of the extended benchmark
          H-1: { control: kubelet/anonymous-auth, scored: true, assessment: automated }
          ^^^
hint: replace it there, or take another number"#,
    ),
    (
        // Mistakes in the extended benchmark are not reported again in the extending one.
        &[
            ("a.yaml", "title: A\nextends: cis-1.12\nwithuot: [\"4.2\"]\n"),
            ("b.yaml", "title: B\nextends: a\nwithout: [\"9.9\"]\ntargets: { etcd: {} }\n"),
            ("c.yaml", "["),
            ("d.yaml", "title: D\nextends: c\nwithout: [\"9.9\"]\nwith: { nothing/such: {} }\n"),
        ],
        "unknown-key",
        r#"mine/a.yaml:3:1: unknown key "withuot"
withuot: ["4.2"]
^^^^^^^
hint: did you mean "without"?

mine/c.yaml:1:1: unclosed bracket '['
[
^"#,
    ),
];

#[test]
fn each_mistake_of_an_extension_is_shown_where_it_is() {
    for (files, code, said) in REFUSED {
        let found = with(files).expect_err(code);
        assert_eq!(found.to_string(), *said, "{files:?}");
        assert!(found.iter().any(|mistake| mistake.code == *code), "{code}: {found:?}");
    }
}
