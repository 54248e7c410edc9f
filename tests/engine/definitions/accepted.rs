//! Valid definitions, and what is read from them.

use std::collections::BTreeMap;

use definitions::SharedText;
use definitions::benchmark::text::{Paths, SNIPPET, render};
use definitions::benchmark::{
    Audit, CertificateCondition, Comparison, Control, Coverage, Expectation, FileCondition, Grammar, KubernetesVersion,
    Library, Missing, Operator, PlaceName, Platform, Precedence, Setting, SettingCondition, SourceFile, Take, Target,
    Value, load, platform,
};
use definitions::{Definitions, load_with};
use kube_assay::embedded;

use super::fixture::{sound, spoilt};

fn control(key: &str) -> Control {
    sound().library.control(key).unwrap_or_else(|| panic!("{key}")).clone()
}

fn given(name: &str, value: Value) -> BTreeMap<SharedText, Value> {
    BTreeMap::from([(name.into(), value)])
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// Returns the condition of a control with only one setting.
fn setting(control: &Control) -> &SettingCondition {
    match &control.expect {
        Some(Expectation::Setting(condition)) => condition,
        other => panic!("{other:?}"),
    }
}

#[test]
fn components_are_read_as_written() {
    let library = sound().library;
    let apiserver = library.component("apiserver").expect("apiserver");
    assert_eq!(apiserver.executables, ["kube-apiserver", "hyperkube kube-apiserver"]);
    assert_eq!(
        (apiserver.bare.as_slice(), apiserver.bare_with.as_slice()),
        (&["apiserver".into()][..], &["--etcd-servers".into()][..])
    );
    assert_eq!(apiserver.flags.duration, ["--request-timeout"]);
    assert_eq!(apiserver.default_in_words("--profiling", None, None).as_deref(), Some("true"));
    let manifest = &apiserver.places["manifest"];
    assert!(manifest.static_pod && manifest.evidence && manifest.take == Take::First);
    let kubelet = library.component("kubelet").expect("kubelet");
    let config = kubelet.config.as_ref().expect("a configuration file");
    assert_eq!((config.flag.as_str(), config.drop_ins.as_deref()), ("--config", Some("--config-dir")));
    assert_eq!(config.precedence, Precedence::Arguments);
    let place = &kubelet.places["config"];
    assert_eq!(place.take, Take::Every);
    assert_eq!(place.follow[1].glob.as_deref(), Some("*.conf"));
    let pki = library.component("pki").expect("pki");
    assert_eq!(pki.part_of.as_deref(), Some("apiserver"));
    assert!(pki.places["dir"].follow[0].parent);
}

#[test]
fn what_changes_with_the_version_is_read_in_any_order() {
    let (benchmarks, profiles) = spoilt(
        "components.yaml",
        r#"defaults: { --profiling: "true" }"#,
        r#"defaults: { --profiling: { "1.30": "false", "1.20": "true" } }
  meanings: { --request-timeout: { "0": { "1.20": "none", "1.30": "at once" }, 1h: long } }
  feature_gates: { Old: { "1.21": { stage: ga, default: true }, "1.20": { stage: alpha, default: false } } }"#,
    );
    let library = load_with(&Definitions::default(), &benchmarks, &profiles).expect("sound").library;
    let apiserver = library.component("apiserver").expect("apiserver");
    let line = |minor| Some(KubernetesVersion { major: 1, minor });
    let default = |flag, entry, version| apiserver.default_in_words(flag, entry, version).unwrap_or_default();
    assert_eq!(default("--profiling", None, line(29)), "true");
    assert_eq!(default("--profiling", None, line(30)), "false");
    assert_eq!(default("--profiling", None, None), "true before Kubernetes 1.30; false from 1.30 on");
    assert_eq!(default("--feature-gates", Some("Old"), line(20)), "false (alpha)");
    assert_eq!(default("--feature-gates", Some("Old"), line(36)), "true (GA)");
    assert_eq!(apiserver.meaning_in_words("--request-timeout", "0", line(35)).as_deref(), Some("at once"));
    assert_eq!(apiserver.meaning_in_words("--request-timeout", "1h", None).as_deref(), Some("long"));
    assert_eq!(apiserver.meaning_in_words("--request-timeout", "1m", None), None);
}

#[test]
fn a_review_may_show_settings() {
    let review = "  audit: { settings: apiserver }\n  show: [--client-ca-file]\n  review: Look at the bindings.";
    let (benchmarks, profiles) = spoilt("controls/apiserver.yaml", "  review: Look at the bindings.", review);
    let library = load_with(&Definitions::default(), &benchmarks, &profiles).expect("sound").library;
    let control = library.control("apiserver/cluster-admin").expect("the control");
    assert_eq!(control.expect, None);
    let shown = control.shows.as_ref().expect("a setting").settings();
    assert_eq!(shown[0].setting.flag.as_deref(), Some("--client-ca-file"));
    assert!(shown[0].comparisons.is_empty());
}

#[test]
fn a_part_reads_arguments_as_its_owner_does() {
    let (mut benchmarks, profiles) = spoilt("components.yaml", "grammar: kubernetes", "grammar: etcd");
    benchmarks.reverse();
    let definitions = load_with(&Definitions::default(), &benchmarks, &profiles).expect("they are sound");
    assert_eq!(definitions.library.components["pki"].grammar, Grammar::Etcd);
}

#[test]
fn controls_are_read_as_written() {
    let anonymous = control("kubelet/anonymous-auth");
    assert_eq!(anonymous.audit, Audit::Settings { component: "kubelet".into() });
    let expected = SettingCondition {
        setting: Setting {
            flag: Some("--anonymous-auth".into()),
            key: Some("authentication.anonymous.enabled".into()),
            entry: None,
            file: None,
        },
        comparisons: vec![Comparison { operator: Operator::Is, operand: Value::Bool(false) }],
        unset: text("fail"),
    };
    assert_eq!(setting(&anonymous), &expected);

    let keys = control("apiserver/key-mode");
    let places = vec![PlaceName { component: "pki".into(), place: "dir".into() }];
    assert_eq!(keys.audit, Audit::Files { places, below: Some("*.key".into()), directories: false, holding: None });
    let expected = FileCondition {
        mode: Some(text("600")),
        owner: Some(text("root:root")),
        owned_by: Vec::new(),
        certificate: None,
        says: None,
        missing: Missing::NotApplicable,
    };
    assert_eq!(keys.expect, Some(Expectation::File(expected)));

    let read = |expect: &str| {
        let (benchmarks, profiles) = spoilt(
            "controls/apiserver.yaml",
            r#"expect: { mode: "600", owner: root:root, missing: not-applicable }"#,
            expect,
        );
        let definitions =
            load_with(&Definitions::default(), &benchmarks, &profiles).unwrap_or_else(|error| panic!("{error}"));
        let control = definitions.library.control("apiserver/key-mode").expect("the control").with(&BTreeMap::new());
        let Some(Expectation::File(condition)) = control.expect else { panic!("{expect}") };
        condition
    };
    let certificate = |days_left: Option<i64>, ca_days_left: Option<i64>, group: Option<&str>| FileCondition {
        mode: None,
        owner: None,
        owned_by: Vec::new(),
        certificate: Some(CertificateCondition {
            days_left: days_left.map(Value::Integer),
            ca_days_left: ca_days_left.map(Value::Integer),
            subject_group: group.map(text),
        }),
        says: None,
        missing: Missing::Fail,
    };
    let none = FileCondition {
        mode: None,
        owner: None,
        owned_by: Vec::new(),
        certificate: None,
        says: None,
        missing: Missing::Pass,
    };
    let table = [
        ("expect: { certificate: { days_left: 30 }, missing: fail }", certificate(Some(30), None, None)),
        (
            "expect: { certificate: { days_left: 0, ca_days_left: 365, subject_group: system:nodes }, missing: fail }",
            certificate(Some(0), Some(365), Some("system:nodes")),
        ),
        (
            "parameters: { days: 30, group: a }\n  expect: { certificate: { days_left: \"{{days}}\", subject_group: \"{{group}}\" }, \
             missing: fail }",
            certificate(Some(30), None, Some("a")),
        ),
        ("expect: { file: { absent: true } }", none),
    ];
    for (expect, expected) in table {
        assert_eq!(read(expect), expected, "{expect}");
    }

    let admin = control("apiserver/cluster-admin");
    assert_eq!((admin.audit, admin.expect), (Audit::Review, None));
    assert_eq!(admin.review.as_deref(), Some("Look at the bindings."));
}

#[test]
fn set_says_what_unset_means() {
    let Some(Expectation::All(parts)) = control("apiserver/client-ca").expect else { panic!("all of three") };
    let unset: Vec<Value> = parts
        .iter()
        .map(|part| match part {
            Expectation::Setting(condition) => condition.unset.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(unset, [text("fail"), text("fail"), text("pass")]);
}

#[test]
fn each_operator_is_read() {
    let conditions = [
        ("is: 0", Operator::Is, Value::Integer(0)),
        ("is_not: 127.0.0.1", Operator::IsNot, text("127.0.0.1")),
        ("at_least: 30", Operator::AtLeast, Value::Integer(30)),
        ("at_most: 1h30m0.5s", Operator::AtMost, text("1h30m0.5s")),
        ("includes: [A, B]", Operator::Includes, Value::List(vec!["A".into(), "B".into()])),
        ("excludes: A", Operator::Excludes, text("A")),
        ("only: [A]", Operator::Only, Value::List(vec!["A".into()])),
        ("host: [127.0.0.1, \"::1\"]", Operator::Host, Value::List(vec!["127.0.0.1".into(), "::1".into()])),
        ("set: true", Operator::Set, Value::Bool(true)),
        ("differs_from: kubelet --client-ca-file", Operator::DiffersFrom, text("kubelet --client-ca-file")),
    ];
    for (written, operator, operand) in conditions {
        let condition = format!("flag: --x, {written}, unset: fail");
        let old = "flag: --anonymous-auth, is: false, unset: fail";
        let (benchmarks, profiles) = spoilt("controls/apiserver.yaml", old, &condition);
        let definitions =
            load_with(&Definitions::default(), &benchmarks, &profiles).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let control = &definitions.library.controls["apiserver/anonymous-auth"];
        assert_eq!(setting(control).comparisons, [Comparison { operator, operand }], "{written}");
    }
}

#[test]
fn a_further_file_is_read() {
    let old = "flag: --anonymous-auth, is: false";
    let new =
        "flag: --anonymous-auth, file: { named_by: --authentication-config, key: 'anonymous.enabled' }, is: false";
    let (benchmarks, profiles) = spoilt("controls/apiserver.yaml", old, new);
    let definitions = load_with(&Definitions::default(), &benchmarks, &profiles).expect("it is sound");
    let file = setting(&definitions.library.controls["apiserver/anonymous-auth"]).setting.file.clone().expect("a file");
    assert_eq!((file.named_by.as_str(), file.key.as_str()), ("--authentication-config", "anonymous.enabled"));
}

#[test]
fn a_control_takes_the_parameters_of_an_index() {
    let filled = control("apiserver/manifest-mode").with(&given("at_most", text("600")));
    assert_eq!(
        filled.expect,
        Some(Expectation::File(FileCondition {
            mode: Some(text("600")),
            owner: None,
            owned_by: Vec::new(),
            certificate: None,
            says: None,
            missing: Missing::Fail
        }))
    );
    assert_eq!(filled.parameters, given("at_most", text("600")));

    let timeout = control("apiserver/request-timeout");
    let by_default = timeout.with(&BTreeMap::new());
    assert_eq!(setting(&by_default).comparisons, [Comparison { operator: Operator::AtMost, operand: text("1h") }]);
    assert_eq!(setting(&by_default).unset, text("pass"));
    let otherwise = timeout.with(&given("unset", text("fail")));
    assert_eq!(setting(&otherwise).unset, text("fail"));
    assert_eq!(setting(&otherwise).comparisons[0].operand, text("1h"));
}

#[test]
fn a_parameter_of_nothing_drops_its_condition() {
    let dropped = control("apiserver/request-timeout").with(&given("limit", Value::Null));
    assert_eq!(setting(&dropped).comparisons, [Comparison { operator: Operator::AtMost, operand: Value::Null }]);
    let (benchmarks, profiles) = spoilt(
        "controls/apiserver.yaml",
        "parameters: { at_most: ~ }\n  audit: { files: apiserver.manifest }\n  expect: { mode: \"{{at_most}}\",",
        "parameters: { at_most: \"600\", owner: ~ }\n  audit: { files: apiserver.manifest }\n  \
         expect: { mode: \"{{at_most}}\", owner: \"{{owner}}\",",
    );
    let benchmarks: Vec<SourceFile> = benchmarks
        .into_iter()
        .map(|file| SourceFile {
            text: file.text.replace("{ at_most: \"600\" }, scored", "{ owner: ~ }, scored"),
            ..file
        })
        .collect();
    let library = load(&Library::default(), &benchmarks).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    drop(profiles);
    let check = library.benchmarks["cis-1.12"].checks().next().expect("a check").1;
    let filled = library.controls[&check.control].with(&check.with);
    assert_eq!(
        filled.expect,
        Some(Expectation::File(FileCondition {
            mode: Some(text("600")),
            owner: None,
            owned_by: Vec::new(),
            certificate: None,
            says: None,
            missing: Missing::Fail
        }))
    );
}

#[test]
fn a_set_that_is_a_parameter_says_what_unset_means_when_it_is_known() {
    let (benchmarks, _) = spoilt(
        "controls/apiserver.yaml",
        "  audit: { settings: apiserver }\n  expect: { flag: --anonymous-auth, is: false, unset: fail }",
        "  parameters: { given: true }\n  audit: { settings: apiserver }\n  expect: { flag: --x, set: \"{{given}}\" }",
    );
    let library = load(&Library::default(), &benchmarks).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let control = &library.controls["apiserver/anonymous-auth"];
    assert_eq!(setting(&control.with(&BTreeMap::new())).unset, text("fail"));
    assert_eq!(setting(&control.with(&given("given", Value::Bool(false)))).unset, text("pass"));
}

#[test]
fn benchmarks_are_read_in_the_order_of_the_file() {
    let library = sound().library;
    let benchmark = library.benchmark("cis-1.12").expect("cis-1.12");
    let numbers: Vec<(Target, &str)> = benchmark.checks().map(|(target, check)| (target, check.id.as_str())).collect();
    let expected = [
        (Target::Master, "1.1.1"),
        (Target::Master, "1.1.2"),
        (Target::Master, "1.2.9"),
        (Target::Master, "1.2.10"),
        (Target::Master, "1.2.11"),
        (Target::Node, "4.2.1"),
        (Target::Policies, "5.1.1"),
    ];
    assert_eq!(numbers, expected);
    let master = benchmark.target(Target::Master).expect("master");
    assert!(!master.check("1.2.10").expect("1.2.10").evaluate);
    assert!(master.check("1.2.9").expect("1.2.9").evaluate);
    assert!(master.check("4.2.1").is_none() && benchmark.target(Target::Etcd).is_none());
    let numbered = library.checks_of("kubelet/anonymous-auth");
    assert_eq!(numbered.len(), 1);
    assert_eq!((numbered[0].benchmark.name.as_str(), numbered[0].check.id.as_str()), ("cis-1.12", "4.2.1"));
}

/// Returns a library with benchmarks of these names and version ranges.
fn versions(ranges: &[(&str, &str)]) -> Library {
    let files: Vec<SourceFile> = ranges
        .iter()
        .map(|(name, kubernetes)| {
            SourceFile::new("benchmarks", &format!("{name}.yaml"), format!("title: T\n{kubernetes}targets: {{}}\n"))
        })
        .collect();
    load(&Library::default(), &files).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

#[test]
fn a_version_finds_its_benchmark() {
    let library = versions(&[
        ("cis-1.20", "kubernetes: { from: \"1.19\", to: \"1.21\" }\n"),
        ("cis-1.23", "kubernetes: { from: \"1.22\", to: \"1.23\" }\n"),
        ("cis-1.12", "kubernetes: { from: \"1.32\", to: \"1.34\" }\n"),
        ("cis-2.0", "kubernetes: { from: \"1.34\", to: \"1.35\" }\n"),
        ("eks-1.5", ""),
    ]);
    let table = [
        ("1.18", "cis-1.20", Coverage::Older),
        ("1.19", "cis-1.20", Coverage::Exact),
        ("1.21", "cis-1.20", Coverage::Exact),
        ("1.22", "cis-1.23", Coverage::Exact),
        ("1.24", "cis-1.12", Coverage::Newer),
        ("1.31", "cis-1.12", Coverage::Newer),
        ("1.33", "cis-1.12", Coverage::Exact),
        ("1.34", "cis-2.0", Coverage::Exact),
        ("1.36", "cis-2.0", Coverage::NewestKnown),
        ("2.0", "cis-2.0", Coverage::NewestKnown),
    ];
    for (version, name, coverage) in table {
        let version: KubernetesVersion = version.parse().expect("a version");
        let found = library.benchmark_for(version).map(|(benchmark, coverage)| (benchmark.name.as_str(), coverage));
        assert_eq!(found, Some((name, coverage)), "{version}");
    }
    let version = KubernetesVersion { major: 1, minor: 33 };
    assert_eq!(versions(&[("eks-1.5", "")]).benchmark_for(version), None);
}

#[test]
fn the_digest_follows_what_matters() {
    let digest = |definitions: &Definitions| definitions.library.benchmarks["cis-1.12"].digest.clone();
    let of = |path: &str, old: &str, new: &str| {
        let (benchmarks, profiles) = spoilt(path, old, new);
        let definitions = load_with(&Definitions::default(), &benchmarks, &profiles);
        digest(&definitions.unwrap_or_else(|mistakes| panic!("{mistakes}")))
    };
    let before = digest(&sound());
    assert!(before.len() == 16 && before.chars().all(|c| c.is_ascii_hexdigit()), "{before}");
    assert_eq!(before, digest(&sound()));
    // The digest changes with the benchmark, a control, a component, the owner of a part, and a place used only in a
    // text.
    assert_ne!(before, of("cis-1.12.yaml", "scored: true", "scored: false"));
    assert_ne!(before, of("controls/kubelet.yaml", "unset: fail", "unset: pass"));
    assert_ne!(before, of("components.yaml", "/etc/kubernetes/pki", "/etc/pki"));
    assert_ne!(before, of("components.yaml", "executables: [kube-apiserver,", "executables: [apiserver,"));
    // It does not change with a comment, a profile, or a control without a number.
    assert_eq!(before, of("components.yaml", "apiserver:", "# a remark\napiserver:"));
    assert_eq!(before, of("platform.yaml", "title: A platform", "title: Another"));
    let more = "more:\n  title: T\n  level: 1\n  severity: low\n  rationale: R\n  review: Look.\n  remediation: R\nanonymous-auth:";
    assert_eq!(before, of("controls/kubelet.yaml", "anonymous-auth:", more));
}

#[test]
fn a_remediation_may_differ_by_platform() {
    let of = |remediation: &str| {
        let old = "  remediation: Remove bindings that no one needs.\n";
        let (benchmarks, profiles) = spoilt("controls/apiserver.yaml", old, &format!("  remediation:{remediation}"));
        let definitions = load_with(&Definitions::default(), &benchmarks, &profiles).expect("sound");
        definitions.library.control("apiserver/cluster-admin").expect("there").remediation.clone()
    };
    let one = of(" Remove them.\n");
    assert!(Platform::ALL.into_iter().all(|platform| one.on(Some(platform)) == "Remove them."));
    assert!(one.differing.is_empty());
    // A platform's own text takes precedence over its family's, and that over the default, whatever their order.
    let several = of("\n    eks: C\n    eks-al2023: D\n    eks-anywhere: B\n    default: A\n");
    let table = [
        (None, "A"),
        (Some(Platform::Kubeadm), "A"),
        (Some(Platform::EksAnywhere), "B"),
        (Some(Platform::EksAnywhereBottlerocket), "B"),
        (Some(Platform::EksAl2), "C"),
        (Some(Platform::EksAl2023), "D"),
        (Some(Platform::EksBottlerocket), "C"),
    ];
    for (platform, expected) in table {
        assert_eq!(several.on(platform), expected, "{platform:?}");
    }
    let shown: Vec<(String, &str)> =
        several.differing.iter().map(|(platforms, text)| (platform::titles(platforms), text.as_str())).collect();
    let eks = "EKS (Amazon Linux 2), EKS (Bottlerocket)";
    assert_eq!(
        shown,
        [("EKS Anywhere", "B"), (eks, "C"), ("EKS (Amazon Linux 2023)", "D")].map(|(a, b)| (a.to_owned(), b))
    );
    let both = of("\n    default: A\n    eks-anywhere: B\n    eks-anywhere-bottlerocket: C\n");
    assert_eq!(both.on(Some(Platform::EksAnywhere)), "B");
    assert_eq!(both.on(Some(Platform::EksAnywhereBottlerocket)), "C");
}

#[test]
fn a_remediation_may_name_snippets() {
    let (mut benchmarks, profiles) = spoilt(
        "controls/apiserver.yaml",
        "  remediation: Set --request-timeout.\n",
        "  remediation: |\n    Set --request-timeout.\n    {{snippet.upgrade}}\n",
    );
    benchmarks.push(SourceFile::new("benchmarks", "snippets.yaml", "upgrade: |\n  1. Upgrade.\n  2. Look.\n"));
    let library = load_with(&Definitions::default(), &benchmarks, &profiles).expect("sound").library;
    let found = library.control("apiserver/request-timeout").expect("there");
    let paths = Paths::from([(SNIPPET.into(), library.snippets.to_value())]);
    let text = render(found.remediation.on(None), &found.parameters, &paths);
    assert_eq!(text, "Set --request-timeout.\n1. Upgrade.\n2. Look.");
    // The digest depends on the snippets that are used, and on no others.
    let digest = |text: &str| {
        let mut benchmarks = benchmarks.clone();
        benchmarks.pop();
        benchmarks.push(SourceFile::new("benchmarks", "snippets.yaml", text));
        let library = load_with(&Definitions::default(), &benchmarks, &profiles).expect("sound").library;
        library.benchmark("cis-1.12").expect("there").digest.clone()
    };
    assert_ne!(digest("upgrade: A\n"), digest("upgrade: B\n"));
    assert_eq!(digest("upgrade: A\n"), digest("upgrade: A\nidle: B\n"));
    // A user's snippet replaces a built-in one.
    let more = [SourceFile::new("mine", "snippets.yaml", "upgrade: Wait.\n")];
    let base = load_with(&Definitions::default(), &benchmarks, &profiles).expect("sound");
    let library = load_with(&base, &more, &[]).expect("sound").library;
    assert_eq!(library.snippets.get("upgrade").map(SharedText::as_str), Some("Wait."));
}

#[test]
fn every_built_in_snippet_is_used_and_its_commands_stay_on_lines_of_their_own() {
    let library = embedded::definitions().library;
    let texts: Vec<&str> = library.controls.values().flat_map(|control| control.remediation.texts()).collect();
    for (name, snippet) in &library.snippets {
        let written = format!("{{{{{SNIPPET}.{name}}}}}");
        let ends_in_command = snippet.lines().last().is_some_and(|line| line.starts_with("    "));
        let mut uses = texts.iter().flat_map(|text| text.split(&written).skip(1)).peekable();
        assert!(uses.peek().is_some(), "{written}: no remediation has it");
        for rest in uses.filter(|_| ends_in_command) {
            assert!(rest.is_empty() || rest.starts_with('\n'), "{written}: a command goes on with {rest:?}");
        }
    }
}

#[test]
fn built_in_titles_are_short_and_differ_within_a_benchmark() {
    let library = embedded::definitions().library;
    for benchmark in library.benchmarks.values() {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (_, check) in benchmark.checks() {
            let control = library.control(&check.control).expect("there").with(&check.with);
            let title = render(&control.title, &control.parameters, &Paths::new()).into_owned();
            assert!(title.chars().count() <= 80 && !title.contains("{{"), "{}: {title}", control.key);
            let other = *seen.entry(title.clone()).or_insert(&check.control);
            assert_eq!(other, check.control, "{}: {title:?} is the title of both", benchmark.name);
        }
    }
}

#[test]
fn a_check_has_the_level_of_its_edition() {
    let level = |old: &str, new: &str, id: &str| {
        let (benchmarks, profiles) = spoilt("cis-1.12.yaml", old, new);
        let library = load_with(&Definitions::default(), &benchmarks, &profiles).expect("sound").library;
        let benchmark = library.benchmark("cis-1.12").expect("there");
        let (_, check) = benchmark.checks().find(|(_, check)| check.id == id).expect("there");
        benchmark.level_of(check, library.control(&check.control).expect("there"))
    };
    assert_eq!(level("title: CIS", "title: CIS", "4.2.1"), Some(1));
    let with = "{ control: kubelet/anonymous-auth, level: 2,";
    assert_eq!(level("{ control: kubelet/anonymous-auth,", with, "4.2.1"), Some(2));
    assert_eq!(level("{ control: kubelet/anonymous-auth,", with, "1.1.1"), Some(1));
    assert_eq!(level("targets:\n", "levels: false\ntargets:\n", "4.2.1"), None);
}

#[test]
fn the_embedded_definitions_are_those_of_the_files() {
    let read = |directory: &str, below: &str| -> Vec<SourceFile> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(directory).join(below);
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
            .map(|path| {
                let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
                let path_below = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
                SourceFile::new(directory, &path_below, std::fs::read_to_string(&path).expect("a text"))
            })
            .collect()
    };
    let benchmarks = [read("benchmarks", ""), read("benchmarks", "controls")].concat();
    let loaded = load_with(&Definitions::default(), &benchmarks, &read("profiles", ""));
    assert_eq!(loaded.unwrap_or_else(|mistakes| panic!("{mistakes}")), embedded::definitions());
}

#[test]
fn every_kubernetes_version_has_its_benchmark() {
    let library = embedded::definitions().library;
    let table = [
        (15..=15, "1.5"),
        (16..=18, "1.6"),
        (19..=21, "1.20"),
        (22..=23, "1.23"),
        (24..=24, "1.24"),
        (25..=25, "1.7"),
        (26..=26, "1.8"),
        (27..=27, "1.9"),
        (28..=28, "1.10"),
        (29..=31, "1.11"),
        (32..=33, "1.12"),
        (34..=36, "2.0"),
    ];
    for (minors, edition) in table {
        let name = format!("cis-{edition}");
        for minor in minors {
            let found = library.benchmark_for(KubernetesVersion { major: 1, minor });
            let coverage = if minor == 36 { Coverage::NewestKnown } else { Coverage::Exact };
            assert_eq!(
                found.map(|(benchmark, fit)| (benchmark.name.as_str(), fit)),
                Some((name.as_str(), coverage)),
                "1.{minor}"
            );
        }
    }
}

#[test]
fn a_platform_finds_the_newest_edition_for_it() {
    let library = versions(&[
        ("eks-1.8.0", "platforms: [eks-al2, eks-al2023]\n"),
        ("eks-1.10.0", "platforms: [eks-al2023]\n"),
        ("eks-1.9.0", "platforms: [eks-al2023]\n"),
        ("cis-1.12", "kubernetes: { from: \"1.32\", to: \"1.34\" }\n"),
    ]);
    let on = |platform| library.benchmark_on(platform).map(|benchmark| benchmark.name.as_str());
    assert_eq!(on(Platform::EksAl2), Some("eks-1.8.0"));
    assert_eq!(on(Platform::EksAl2023), Some("eks-1.10.0"));
    assert_eq!(on(Platform::Kubeadm), None);
    let shipped = embedded::definitions().library;
    for platform in Platform::ALL {
        let name = shipped.benchmark_on(platform).map(|benchmark| benchmark.name.as_str());
        let is_eks = matches!(platform, Platform::EksAl2 | Platform::EksAl2023 | Platform::EksBottlerocket);
        assert_eq!(name, is_eks.then_some("eks-1.8.0"), "{platform}");
    }
}

#[test]
fn a_control_says_where_it_does_not_apply() {
    let key = "  applies: { not_on: [eks-bottlerocket], because: It has no such setting. }\n";
    let (benchmarks, profiles) = spoilt("controls/kubelet.yaml", "  audit:", &format!("{key}  audit:"));
    let library = load_with(&Definitions::default(), &benchmarks, &profiles).expect("sound").library;
    let control = library.control("kubelet/anonymous-auth").expect("a control");
    assert_eq!(control.exempt_on(Some(Platform::EksBottlerocket)), Some("It has no such setting."));
    assert_eq!(control.exempt_on(Some(Platform::Kubeadm)), None);
}
