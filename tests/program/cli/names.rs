//! Misspelt or misplaced names: each error says what was probably meant, and where it belongs.

use std::process::Command as Process;

use serde_json::Value;

use super::{refused, says};
use crate::synthetic::{Node, Said, kube_assay};

fn keys(words: &[&str]) -> Vec<String> {
    let said = says(&[&["explain", "--json"], words].concat());
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{words:?}");
    let json: Value = serde_json::from_str(&said.out).expect("JSON");
    let controls = json["controls"].as_array().expect("a list");
    controls.iter().map(|control| control["key"].as_str().expect("a key").to_owned()).collect()
}

#[test]
fn controls_are_explained_by_what_users_call_them() {
    let anonymous = ["apiserver/anonymous-auth", "kubelet/anonymous-auth"];
    for words in [
        &["anonymous-auth"][..],
        &["--anonymous-auth"],
        &["--anonymous-auth=false"],
        &["Anonymous-Auth"],
        &["--", "--anonymous-auth"],
        &["--anonymous-auth", "anonymous-auth", "kubelet/anonymous-auth", "--anonymous-auth"],
    ] {
        assert_eq!(keys(words), anonymous, "{words:?}");
    }
    // In the order of the names, each once.
    assert_eq!(keys(&["4.2.1", "1.2.1", "--benchmark", "cis-1.12"]), [anonymous[1], anonymous[0]]);
    assert_eq!(keys(&["1.2.1", "4.2.1", "1.2.1", "--benchmark", "cis-1.12"]), anonymous);
    for (name, key) in [
        ("authentication.anonymous.enabled", "kubelet/anonymous-auth"),
        ("kernel", "kubelet/protect-kernel-defaults"),
        ("Kernel Defaults", "kubelet/protect-kernel-defaults"),
        // Settings that are only shown to reviewers have flags too.
        ("--request-timeout", "apiserver/request-timeout"),
    ] {
        assert_eq!(keys(&[name]), [key], "{name}");
    }
    assert_eq!(
        keys(&["RotateKubeletServerCertificate"]),
        ["controller-manager/rotate-kubelet-server-certificate", "kubelet/rotate-server-certificate"]
    );
    // With a benchmark, only its controls are found.
    assert!(keys(&["profiling"]).len() == 3 && keys(&["--profiling"]).len() == 3);
    refused(&says(&["explain", "profiling", "--benchmark", "eks-1.8.0"]), &["\"profiling\": not in eks-1.8.0"]);
    // A flag may stand anywhere, and options keep their values.
    let said = says(&["explain", "--anonymous-auth", "--benchmark", "cis-1.20", "--json"]);
    assert!(said.code == 0 && said.out.starts_with("{\"controls\":[{\"key\":\"apiserver/anonymous-auth\""));
    // The text output lists them one after the other.
    let page = says(&["explain", "4.2.1", "1.2.1", "--benchmark", "cis-1.12"]).out;
    assert!(page.starts_with("kubelet/anonymous-auth\n") && page.contains("\n\napiserver/anonymous-auth\n"), "{page}");
}

#[test]
fn a_misspelt_name_is_met_with_the_nearest() {
    for (words, message) in [
        (
            &["explain", "anonymos-auth"][..],
            "control or number \"anonymos-auth\": not known (did you mean \"apiserver/anonymous-auth\" or \
             \"kubelet/anonymous-auth\"?)",
        ),
        (
            &["explain", "--anonymos-auth"],
            "control or number \"--anonymos-auth\": not known (did you mean \"apiserver/anonymous-auth\" or",
        ),
        (
            &["explain", "rotate"],
            "(did you mean \"controller-manager/rotate-kubelet-server-certificate\", \"kubelet/rotate-certificates\" or",
        ),
        (&["explain", "kernl"], "\"kernl\": not known (did you mean \"kubelet/protect-kernel-defaults\"?)"),
        (&["explain", "Kernle Defautls"], "(did you mean \"kubelet/protect-kernel-defaults\"?)"),
        (&["demo", "--check", "Protect kernel"], "not in cis-1.12 (did you mean \"kubelet/protect-kernel-defaults\"?)"),
        (&["explain", "service account"], "\"apiserver/service-account-plugin\" or one of "),
        (&["explain", "eks-anywere"], "(did you mean --profile eks-anywhere?)"),
        (&["demo", "-c", "anonymous-auth"], "check \"anonymous-auth\": not in cis-1.12 (did you mean \"apiserver/"),
        (&["demo", "--check=--anonymous-auth"], "(did you mean \"apiserver/anonymous-auth\" or \"kubelet/anonymous-"),
        (&["demo", "--skip", "profilng"], "\"profilng\": not in cis-1.12 (did you mean \"apiserver/profiling\", "),
        (&["demo", "--benchmark", "cis-1.21"], "benchmark \"cis-1.21\": not known (did you mean \"cis-1.12\"?)"),
        (&["demo", "--benchmark", "1.12"], "benchmark \"1.12\": not known (did you mean \"cis-1.12\"?)"),
        (&["demo", "--benchmark", "eks-anywere"], "(did you mean --profile eks-anywhere?)"),
        (&["demo", "--profile", "eks-anywere"], "profile \"eks-anywere\": not known (did you mean \"eks-anywhere\"?)"),
        (&["demo", "-s", "polices"], "target \"polices\": not known (did you mean \"policies\"?)"),
        (
            &["demo", "--version", "cis1.12"],
            "\"cis1.12\": not a Kubernetes version (write it as 1.32 or v1.32.4; did you",
        ),
        (
            &["demo", "--format", "jsno"],
            "--format jsno: not known (did you mean json? use text, json, junit or native)",
        ),
        (&["demo", "--output", "jnuit=x"], "--output jnuit: not known (did you mean junit?"),
        (&["list", "--format", "txet"], "--format txet: not known here (did you mean text? use text or json)"),
        (&["demo", "--show", "fial"], "--show fial: not known (did you mean fail? use fail, unknown, "),
        (&["demo", "--only", "pas"], "--only pas: not known (did you mean pass? "),
        (&["demo", "--junit", "--junit-fail-on", "wran"], "--junit-fail-on wran: not known (did you mean warn? "),
        (&["list", "contrls"], "a similar value exists: 'controls'"),
        (&["explian", "1.2.1"], "a similar subcommand exists: 'explain'"),
        (&["explain", "--jsno", "1.2.1"], "a similar argument exists: '--json'"),
    ] {
        refused(&says(words), &[message]);
    }
}

#[test]
fn a_name_of_another_kind_goes_elsewhere() {
    for (words, message) in [
        (&["demo", "--benchmark", "eks-anywhere"][..], "\"eks-anywhere\": is a profile (give --profile eks-anywhere)"),
        (&["demo", "--benchmark", "1.32"], "benchmark \"1.32\": not known (did you mean --version 1.32?)"),
        (&["demo", "--profile", "cis-1.12"], "profile \"cis-1.12\": is a benchmark (give --benchmark cis-1.12)"),
        (&["demo", "--version", "cis-1.12"], "did you mean --benchmark cis-1.12?)"),
        (&["demo", "-s", "cis-1.12"], "target \"cis-1.12\": is a benchmark (give --benchmark cis-1.12)"),
        (&["demo", "-s", "1.2.1"], "target \"1.2.1\": is a check (give --check 1.2.1)"),
        (&["demo", "-s", "5.3"], "target \"5.3\": is a group (give --group 5.3)"),
        (&["demo", "-s", "apiserver/profiling"], "is a control (give --check apiserver/profiling)"),
        (&["demo", "-c", "master"], "check \"master\": is a target (give --targets master)"),
        (&["demo", "-c", "cis-1.12"], "check \"cis-1.12\": is a benchmark (give --benchmark cis-1.12)"),
        (&["demo", "--skip", "eks-anywhere"], "is a profile (give --profile eks-anywhere)"),
        (&["demo", "-g", "1.2.1"], "group \"1.2.1\": is a check of cis-1.12 (give --check 1.2.1)"),
        (&["explain", "cis-1.12"], "\"cis-1.12\": is a benchmark (see kube-assay list benchmarks)"),
        (&["explain", "eks-anywhere"], "is a profile (see kube-assay list profiles)"),
        (&["explain", "master"], "is a target (see kube-assay list targets)"),
        (
            &["list", "--format", "junit"],
            "--format junit: not known here (use text or json; run, demo and report have the",
        ),
        (&["master"], "master: not a subcommand, but a target (give --targets master)"),
        (&["1.2.1"], "1.2.1: not a subcommand, but a check (give --check 1.2.1, or run kube-assay explain 1.2.1)"),
        (&["cis-1.12"], "cis-1.12: not a subcommand, but a benchmark (give --benchmark cis-1.12)"),
        (&["eks-anywhere"], "eks-anywhere: not a subcommand, but a profile (give --profile eks-anywhere)"),
    ] {
        refused(&says(words), &[message]);
    }
}

/// A variable may have been set long ago, so messages must name it.
#[test]
fn what_a_variable_gave_is_told_with_its_name() {
    let place = tempfile::tempdir().expect("a directory");
    let kube_bench = place.path().join("kube-bench");
    std::os::unix::fs::symlink(assert_cmd::cargo::cargo_bin!("kube-assay"), &kube_bench).expect("linked");
    let node = Node::control_plane();
    let with = |variables: &[(&str, &str)], words: &[&str]| {
        let mut command = match words.first() {
            Some(&"kube-bench") => {
                let mut command = assert_cmd::Command::from_std(Process::new(&kube_bench));
                command.arg("--root").arg(node.root()).arg("--proc").arg(node.proc());
                command.args(&words[1..]);
                command
            }
            _ => {
                let mut command = kube_assay();
                command.args(words);
                command
            }
        };
        Said::of(command.envs(variables.iter().copied()))
    };
    let rules = ["-D", "tests/rule_files/cfg", "--node", "golden/nodes/eks-anywhere-control-plane.yaml"];
    for (variables, words, message) in [
        (
            &[("KUBE_ASSAY_VERSION", "banana")][..],
            &["demo"][..],
            "KUBE_ASSAY_VERSION \"banana\": not a Kubernetes version (write it as 1.32 or v1.32.4)",
        ),
        (&[("KUBE_ASSAY_VERSION", "banana")], &["explain", "1.2.1"], "KUBE_ASSAY_VERSION \"banana\": not a Kubernetes"),
        (
            &[("KUBE_ASSAY_VERSION", "cis-1.12")],
            &["demo"],
            "KUBE_ASSAY_VERSION \"cis-1.12\": not a Kubernetes version (",
        ),
        (
            &[("KUBE_ASSAY_BENCHMARK", "cis-9")],
            &["demo"],
            "KUBE_ASSAY_BENCHMARK: benchmark \"cis-9\": not known (there",
        ),
        (&[("KUBE_ASSAY_BENCHMARK", "cis-9")], &["explain", "1.2.1"], "KUBE_ASSAY_BENCHMARK: benchmark \"cis-9\": not"),
        (
            &[("KUBE_ASSAY_BENCHMARK", "banana")],
            &rules,
            "KUBE_ASSAY_BENCHMARK: tests/rule_files/cfg: no benchmark banana",
        ),
        (
            &[("KUBE_ASSAY_BENCHMARK", "banana")],
            &["convert", "-D", "tests/rule_files/cfg", "/nowhere/at/all"],
            "KUBE_ASSAY_BENCHMARK: tests/rule_files/cfg: no benchmark banana",
        ),
        (
            &[("KUBE_ASSAY_VERSION", "banana")],
            &rules,
            "KUBE_ASSAY_VERSION: tests/rule_files/cfg/config.yaml: version_map",
        ),
        (&[("KUBE_ASSAY_PROFILE", "eks")], &["demo"], "KUBE_ASSAY_PROFILE: profile \"eks\": not known (there are eks-"),
        (
            &[("KUBE_ASSAY_BENCHMARK", "cis-1.12"), ("KUBE_ASSAY_PROFILE", "eks-anywhere-published")],
            &["demo"],
            "KUBE_ASSAY_PROFILE: profile \"eks-anywhere-published\": supports only cis-1.20, not cis-1.12 (unset \
             KUBE_ASSAY_BENCHMARK)",
        ),
        (
            &[("KUBE_ASSAY_BENCHMARK", "a"), ("KUBE_ASSAY_VERSION", "1.30")],
            &["demo"],
            "KUBE_ASSAY_BENCHMARK and KUBE_ASSAY_VERSION: each chooses the benchmark",
        ),
        (
            &[("KUBE_BENCH_VERSION", "banana")],
            &["kube-bench"],
            "KUBE_BENCH_VERSION \"banana\": not a Kubernetes version",
        ),
        (
            &[("KUBE_BENCH_VERSION", "1.30")],
            &["kube-bench", "--benchmark", "x"],
            "--benchmark and KUBE_BENCH_VERSION: each chooses the benchmark (give one of them)",
        ),
        // Command-line values are reported as such, whatever variables are set.
        (
            &[("KUBE_ASSAY_VERSION", "banana")],
            &["demo", "--version", "plum"],
            "error: --version \"plum\": not a Kubernetes",
        ),
        (&[("KUBE_ASSAY_PROFILE", "x")], &["demo", "--profile", "y"], "error: profile \"y\": not known"),
    ] {
        let said = with(variables, words);
        assert!(said.code == 1 || said.code == 2, "{variables:?} {words:?}");
        assert!(said.out.is_empty() && said.err.contains(message), "{variables:?} {words:?}: {}", said.err);
    }
    // The report names the variable too.
    let said = with(&[("KUBE_ASSAY_BENCHMARK", "cis-1.20"), ("KUBE_ASSAY_PROFILE", "none")], &["demo", "-v"]);
    assert!(said.out.contains("given with KUBE_ASSAY_BENCHMARK"), "{}", said.out);
    let said = with(&[("KUBE_ASSAY_VERSION", "1.20"), ("KUBE_ASSAY_PROFILE", "eks-anywhere")], &["demo", "-v"]);
    assert!(said.out.contains("Kubernetes 1.20, given with KUBE_ASSAY_VERSION"), "{}", said.out);
    assert!(said.out.contains("(given with KUBE_ASSAY_PROFILE)"), "{}", said.out);
}

/// A name may come from a file or variable that someone else wrote.
#[test]
fn whatever_is_echoed_is_short_and_harmless() {
    let long = "x".repeat(40_000);
    let evil = "\u{1b}[31mred\u{1b}]0;title\u{7}\u{202e}\r\n";
    let joined = |option: &str, value: &str| format!("{option}={value}");
    for value in [&long, evil] {
        let many = [value; 3].join(",");
        for words in [
            &["explain", value][..],
            &["explain", "--", value],
            &["explain", &format!("--{value}")],
            &["list", value],
            &["list", &format!("--{value}")],
            &["list", &joined("--benchmark", value)],
            &[value],
            &["run", value],
            &["demo", &joined("--benchmark", value)],
            &["demo", &joined("--version", value)],
            &["demo", &joined("--profile", value)],
            &["demo", &joined("--targets", value)],
            &["demo", &joined("--check", value)],
            &["demo", &joined("--check", &many)],
            &["demo", &joined("--group", value)],
            &["demo", &joined("--skip", value)],
            &["demo", &joined("--level", value)],
            &["demo", &joined("--format", value)],
            &["demo", &joined("--output", value)],
            &["demo", &joined("--show", value)],
            &["demo", "--junit", &joined("--junit-fail-on", value)],
            &["demo", &joined("--exit-code", value)],
            &["demo", &joined("-v", value)],
            &["demo", &joined("--json", value)],
            &["detect", &joined("--format", value)],
            &["help", value],
            &["completions", value],
            &["convert", "-D", "tests/rule_files/cfg", &joined("--benchmark", value), "/nowhere/at/all"],
            &["-D", "tests/rule_files/cfg", "--node", "golden/nodes/external-etcd.yaml", &joined("--benchmark", value)],
            &["-D", "tests/rule_files/cfg", "--node", "golden/nodes/external-etcd.yaml", &joined("--version", value)],
            &[
                "-D",
                "tests/rule_files/cfg",
                "--node",
                "golden/nodes/external-etcd.yaml",
                "--benchmark=house-1",
                &joined("--targets", value),
            ],
            &["--compat", value],
            &["--compat", "run", &format!("--{value}")],
            &["--compat", &joined("--exit-code", value)],
            &["record", "-D", "tests/rule_files/cfg", "--with-contents", &joined("--targets", value)],
            &["--root", value],
            &["--proc", value],
            &["--node", value],
            &["-D", value],
            &["--benchmarks-dir", value],
            &["--profiles-dir", value],
            &["demo", "--outputfile", &format!("/nowhere/{value}")],
            &["demo", "--outputfile", "/dev/null", "--output", &format!("json=/nowhere/{value}")],
            &["report", value],
            &["lint", value],
            &["record", "--file", &format!("/nowhere/{value}")],
        ] {
            let said = says(words);
            let shown: Vec<String> = words.iter().map(|word| word.chars().take(40).collect()).collect();
            assert_ne!(said.code, 0, "{shown:?}");
            assert!(said.out.is_empty(), "{shown:?}");
            assert!(said.err.len() < 3_000, "{shown:?}: {} bytes", said.err.len());
            let is_harmless = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
            assert!(said.err.chars().all(is_harmless), "{shown:?}: {:?}", said.err);
        }
    }
}

#[test]
fn of_many_unknown_names_a_few_are_told() {
    let names: Vec<String> = (0..20_000).map(|number| format!("x{number}")).collect();
    for words in [&["demo", "--check", &names.join(",")][..], &["demo", "--skip", &names.join(",")]] {
        let said = says(words);
        assert_eq!((said.code, said.err.lines().count()), (2, 11), "{}", said.err.len());
        assert!(said.err.ends_with("19990 more names: not listed (correct those above first)\n"), "{}", said.err);
    }
    let words: Vec<&str> = std::iter::once("explain").chain(names.iter().map(String::as_str)).collect();
    let said = says(&words);
    assert_eq!((said.code, said.err.lines().count()), (2, 11));
}
