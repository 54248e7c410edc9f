//! The subcommands other than `run`.

use std::collections::BTreeSet;

use super::{refused, says};
use crate::synthetic::{Node, Report, Said, kube_assay};

fn prints(words: &[&str]) -> String {
    let said = says(words);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{words:?}");
    said.out
}

#[test]
fn the_version_is_printed_under_each_of_its_names() {
    let expected = format!("kube-assay {}\n", env!("CARGO_PKG_VERSION"));
    for word in ["version", "-V", "--tool-version"] {
        assert_eq!(prints(&[word]), expected);
    }
}

#[test]
fn whoever_asks_kubernetes_version_for_the_programs_is_told_how() {
    for words in [&["--version"][..], &["run", "--version"]] {
        refused(
            &says(words),
            &[
                "a value is required for '--version <1.N>'",
                "tip: 'kube-assay version' and '-V' print the version of this program",
            ],
        );
    }
    assert!(!says(&["--benchmark"]).err.contains("tip:"));
}

#[test]
fn help_is_a_subcommand_too() {
    assert_eq!(prints(&["help"]), prints(&["--help"]));
    assert_eq!(prints(&["--json", "help", "run", "-v", "3"]), prints(&["run", "--help"]));
    for subcommand in ["run", "list", "explain"] {
        assert_eq!(prints(&["help", subcommand]), prints(&[subcommand, "--help"]));
    }
    refused(&says(&["help", "rnu"]), &["rnu"]);
}

#[test]
fn what_there_is_can_be_listed() {
    let benchmarks = prints(&["list"]);
    let names: Vec<&str> = benchmarks.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let expected =
        "1.5 1.6 1.20 1.23 1.24 1.7 1.8 1.9 1.10 1.11 1.12 2.0".split(' ').map(|edition| format!("cis-{edition}"));
    let eks = "1.0.1 1.1.0 1.2.0 1.5.0 1.7.0 1.8.0 anywhere-guide hardening stig-kubernetes-v1r6"
        .split(' ')
        .map(|edition| format!("eks-{edition}"));
    let expected: Vec<String> = expected.chain(eks).collect();
    assert_eq!(names, expected, "the oldest first, and then those that are for a platform");
    assert_eq!(benchmarks, prints(&["list", "benchmarks"]));
    for (name, versions) in
        [("cis-1.12", "1.32 to "), ("cis-1.20", "1.19 to "), ("cis-1.23", "1.22 to "), ("cis-1.10", "1.28  ")]
    {
        let line = benchmarks.lines().find(|line| line.starts_with(name)).expect("listed");
        assert!(line.contains(&format!("Kubernetes {versions}")) && line.contains(" checks"), "{line}");
    }
    let targets = prints(&["list", "targets"]);
    for (target, benchmarks) in [
        ("master", 12),
        ("etcd", 13),
        ("controlplane", 19),
        ("node", 20),
        ("policies", 20),
        ("managedservices", 7),
        ("cluster", 1),
        ("admin", 1),
    ] {
        let count = targets.lines().filter(|line| line.split_whitespace().nth(1) == Some(target)).count();
        assert_eq!(count, benchmarks, "{target}");
    }
    let profiles = prints(&["list", "profiles"]);
    let names: Vec<&str> = profiles.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(
        names,
        ["eks-anywhere", "eks-anywhere-published", "eks-anywhere-published-stacked-etcd", "eks-anywhere-stacked-etcd"]
    );
    let controls = prints(&["list", "controls"]);
    let line = controls.lines().find(|line| line.starts_with("apiserver/anonymous-auth ")).expect("listed");
    assert!(line.contains("cis-1.5 1.2.1 L1, cis-1.6 1.2.1 L1, cis-1.20 1.2.1 L1, cis-1.23 1.2.1 L1, "), "{line}");
    assert!(!controls.contains("{{"), "no template is left");
    refused(&says(&["list", "everything"]), &["benchmarks, targets, profiles, controls"]);
}

#[test]
fn every_control_and_number_is_explained() {
    let page = prints(&["explain", "apiserver/anonymous-auth"]);
    for part in ["why\n", "checks\n", "expected\n", "remediation\n", "numbers\n", "cis-1.20 1.2.1 (master, "] {
        assert!(page.contains(part), "{part:?} is in {page}");
    }
    assert_eq!(page, prints(&["explain", "1.2.1"]));
    // Titles that changed between editions are shown as in the newest.
    let page = prints(&["explain", "apiserver/manifest-mode"]);
    let unwrapped = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        page.starts_with(
            "apiserver/manifest-mode\nAPI server manifest permissions are 600 or more restrictive\nseverity: medium\n"
        ),
        "{page}"
    );
    assert!(
        page.contains("chmod 600 ")
            && unwrapped.contains("mode 644 or more restrictive (cis-1.5, cis-1.6, cis-1.20, cis-1.23, eks-"),
        "{page}"
    );
    assert!(
        unwrapped.contains(
            "the manifest of the static pod that runs it, or else the file that holds the arguments of its service, or \
             else /etc/kubernetes/manifests/"
        ),
        "{page}"
    );
    // 1.2.6 is a different control in each edition; with a benchmark, only its own is shown.
    let keys = |words: &[&str]| -> BTreeSet<String> {
        let page = prints(words);
        page.lines().filter(|line| line.starts_with("apiserver/")).map(str::to_owned).collect()
    };
    assert_eq!(keys(&["explain", "1.2.6"]).len(), 2);
    assert_eq!(
        keys(&["explain", "1.2.6", "--benchmark", "cis-1.20"]),
        BTreeSet::from(["apiserver/authorization-mode-not-always-allow".to_owned()])
    );
    for line in prints(&["list", "controls"]).lines() {
        let key = line.split_whitespace().next().expect("a key");
        let page = prints(&["explain", key]);
        assert!(page.starts_with(key) && !page.contains("{{"), "{page}");
    }
    refused(&says(&["explain", "1.2.99"]), &["control or number \"1.2.99\": not known (1.2 has 1.2.1 to 1.2.35)"]);
    refused(&says(&["explain", "apiserver/anonymos-auth"]), &["did you mean \"apiserver/anonymous-auth\"?"]);
    refused(&says(&["explain", "xyzzy"]), &["kube-assay list controls"]);
    refused(&says(&["explain", "1.2.1", "--benchmark", "cis-9"]), &["benchmark \"cis-9\": not known"]);
    refused(&says(&["explain"]), &["<NAME>"]);
}

#[test]
fn an_option_that_a_subcommand_lacks_is_refused_with_those_that_have_it() {
    for (words, message) in [
        (
            &["list", "--outputfile", "zz"][..],
            "--outputfile: not an option of list (available in run, demo, report and cluster)",
        ),
        (
            &["--junit", "list", "controls"],
            "--junit: not an option of list (available in run, demo, report and cluster)",
        ),
        (&["list", "targets", "--targets", "foo"], "--targets: not an option of list ("),
        (
            &["list", "controls", "--profile=foo"],
            "--profile: not an option of list (available in run, detect, demo and cluster)",
        ),
        (&["list", "profiles", "--benchmark", "cis-1.12"], "--benchmark, --version: not options of list profiles"),
        (&["list", "--root", "/"], "--root: not an option of list (available in run, detect and record)"),
        (
            &["explain", "1.2.6", "-c", "1.2.7"],
            "-c: not an option of explain (available in run, demo, record and cluster)",
        ),
        (&["lint", "benchmarks", "--junit"], "--junit: not an option of lint ("),
        (&["lint", "benchmarks", "--benchmark", "cis-1.12"], "--benchmark: not an option of lint ("),
        (&["version", "--json"], "--json: not an option of version ("),
        (&["completions", "bash", "--exit-code", "0"], "--exit-code: not an option of completions ("),
        (&["convert", "-D", "cfg", "--benchmark", "x", "--skip", "1"], "--skip: not an option of convert ("),
        (&["convert", "-D", "cfg", "--benchmarks-dir", "x"], "--benchmarks-dir: not an option of convert ("),
        (&["record", "--profile", "none"], "--profile: not an option of record ("),
        (&["run", "-o", "x"], "-o: not an option of run (record has it; use --outputfile FILE)"),
        (&["detect", "--strict"], "--strict: not an option of detect (run has it)"),
    ] {
        let said = says(words);
        refused(&said, &[&format!("error: {message}")]);
    }
    refused(
        &says(&["list", "--junit", "--skip", "1.2", "--junit"]),
        &[
            "error: --junit: not an option of list (available in run, demo, report and cluster); --skip: not an option of list (available in run, demo, record and cluster)\n",
        ],
    );
    // If an option's value is missing, nothing else is reported.
    refused(&says(&["list", "--benchmark", "--json"]), &["error: a value is required for '--benchmark <A,B>'"]);
    // Options that no subcommand has are reported as misspelt.
    refused(&says(&["list", "--benchmarc", "x"]), &["unexpected argument '--benchmarc'", "'--benchmark'"]);
    refused(
        &says(&["lint", "benchmarks", "--format", "junit"]),
        &["--format junit: not known here (use text or json;"],
    );
    assert_eq!(says(&["lint", "profiles", "--format", "json"]).out, "[]\n");
    assert!(!std::fs::exists("zz").expect("known"));
}

/// The position of options and the spelling of switches and numbers work the same for every subcommand.
#[test]
fn options_may_stand_before_the_subcommand_that_has_them() {
    assert_eq!(
        prints(&["--benchmark", "cis-1.20", "list", "targets"]),
        prints(&["list", "targets", "--benchmark=cis-1.20"])
    );
    assert_eq!(prints(&["--json=1", "lint", "profiles"]), "[]\n");
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("run").display().to_string();
    let node = "golden/nodes/eks-anywhere-control-plane.yaml";
    assert_eq!(says(&["-o", &file, "--node", node, "record", "-c", "1.2.1"]).code, 0);
    assert!(std::fs::read_to_string(file).expect("written").starts_with("form: "));
}

#[test]
fn help_fits_on_screens() {
    let page = |words: &[&str]| {
        let page = prints(words);
        assert!(page.lines().all(|line| line.chars().count() <= 100 && !line.ends_with(' ')), "{page}");
        page
    };
    for (words, most) in [
        (&["-h"][..], 48),
        (&["run", "-h"], 48),
        (&["--compat", "-h"], 48),
        (&["--help"], 100),
        (&["run", "--help"], 96),
        (&["--compat", "--help"], 100),
    ] {
        let lines = page(words).lines().count();
        assert!((30..=most).contains(&lines), "{words:?}: {lines} lines");
    }
    let (short, full) = (page(&["run", "-h"]), page(&["run", "--help"]));
    let heads = |page: &str| -> Vec<String> {
        page.lines().filter_map(|line| Some(line.strip_suffix(':')?.to_owned())).collect()
    };
    assert_eq!(
        heads(&full),
        ["Options", "What to check", "Output", "Node", "Cluster", "Custom rules", "kube-bench compatibility"]
    );
    // Rarely needed groups of options appear only in the full help.
    assert_eq!(heads(&short), ["Options", "What to check", "Output", "Node", "kube-bench compatibility"]);
    // Rarely used options appear only in the full help, which also describes the others in more detail.
    for option in ["--noresults", "--exec-limit", "--scored", "--config "] {
        assert!(full.contains(option) && !short.contains(option), "{option}");
    }
    assert!(
        short.contains("Write the report to this file\n") && full.contains("Write the report to this file instead of")
    );
    assert!(!full.contains("\n\n      --"), "options follow each other without empty lines: {full}");
    for variable in ["KUBE_ASSAY_BENCHMARK", "KUBE_ASSAY_VERSION", "KUBE_ASSAY_PROFILE", "KUBE_ASSAY_NODE_NAME"] {
        assert!(full.contains(variable) && !short.contains(variable), "{variable}");
    }
    for subcommand in
        ["detect", "demo", "list", "explain", "lint", "convert", "report", "record", "version", "completions"]
    {
        let (short, full) = (page(&[subcommand, "-h"]), page(&[subcommand, "--help"]));
        assert!(short.lines().count() <= 48 && full.lines().count() <= 96, "{subcommand}");
        // Each begins with the description by which the program lists it.
        let about = short.lines().next().expect("a line");
        let listed =
            page(&["-h"]).lines().any(|line| line.starts_with(&format!("  {subcommand} ")) && line.ends_with(about));
        assert!(listed, "{subcommand}: {about}");
    }
}

#[test]
fn variables_that_are_set_for_all_runs_change_no_list() {
    for words in [&["list"][..], &["list", "targets"], &["list", "profiles"], &["version"], &["completions", "bash"]] {
        let mut command = kube_assay();
        for (name, value) in
            [("BENCHMARK", "nonsense"), ("VERSION", "banana"), ("PROFILE", "nonsense"), ("NODE_NAME", "n")]
        {
            command.env(format!("KUBE_ASSAY_{name}"), value);
        }
        let said = Said::of(command.args(words));
        assert_eq!((said.code, said.out), (0, prints(words)), "{words:?}: {}", said.err);
    }
}

#[test]
fn a_benchmark_or_a_version_narrows_what_is_told() {
    let benchmarks = |page: &str| -> BTreeSet<String> {
        page.split([' ', '\n', ',']).filter(|word| word.starts_with("cis-")).map(str::to_owned).collect()
    };
    let only = |name: &str| BTreeSet::from([name.to_owned()]);
    for what in ["benchmarks", "targets", "controls"] {
        assert!(benchmarks(&prints(&["list", what])).len() > 10);
        assert_eq!(benchmarks(&prints(&["list", what, "--benchmark", "cis-1.20"])), only("cis-1.20"), "{what}");
        assert_eq!(benchmarks(&prints(&["--version", "1.23", "list", what])), only("cis-1.23"), "{what}");
        let unknown = ["benchmark \"cis-1.21\": not known (did you mean \"cis-1.12\"?)"];
        refused(&says(&["list", what, "--benchmark", "cis-1.21"]), &unknown);
    }
    let library = kube_assay::embedded::definitions().library;
    let of_it: BTreeSet<_> =
        library.benchmark("cis-1.20").expect("known").checks().map(|(_, check)| check.control.to_string()).collect();
    let page = prints(&["list", "controls", "--benchmark", "cis-1.20"]);
    assert_eq!(
        page.lines().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect::<BTreeSet<_>>(),
        of_it
    );
    // The title is that of the benchmark.
    assert!(page.contains("API server manifest permissions are 644 or more restrictive"), "{page}");
    assert_eq!(
        prints(&["explain", "1.2.6", "--version", "1.21"]),
        prints(&["explain", "1.2.6", "--benchmark", "cis-1.20"])
    );
    refused(&says(&["explain", "1.2.6", "--version", "banana"]), &["--version \"banana\": not a Kubernetes version"]);
    refused(
        &says(&["explain", "1.2.35", "--benchmark", "cis-1.12"]),
        &["control or number \"1.2.35\": not in cis-1.12 (1.2 has 1.2.1 to 1.2.30)"],
    );
    let said = says(&["list", "--version", "1.99"]);
    assert!(
        said.code == 0 && said.err.contains("newer than every benchmark here; cis-2.0 is the newest"),
        "{}",
        said.err
    );
}

#[test]
fn an_explanation_tells_all_that_a_reader_wants() {
    let page = prints(&["explain", "kubelet/protect-kernel-defaults"]);
    let heads: Vec<&str> = page.lines().skip(3).filter(|line| !line.starts_with(' ') && !line.is_empty()).collect();
    let expected = [
        "why",
        "checks",
        "expected",
        "default",
        "remediation",
        "remediation on EKS Anywhere (Ubuntu, RHEL)",
        "remediation on EKS Anywhere (Bottlerocket), EKS (Bottlerocket)",
        "remediation on EKS (Amazon Linux 2)",
        "remediation on EKS (Amazon Linux 2023)",
        "numbers",
        "references",
    ];
    assert_eq!(heads, expected);
    for line in [
        "  --protect-kernel-defaults: false",
        "  cis-1.24 4.2.6 (node, Automated, level 1, scored): CIS Kubernetes V1.24 Benchmark, section 4.2.6",
        "  https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/",
    ] {
        assert!(page.lines().any(|found| found == line), "{line:?} is in {page}");
    }
    // Manual controls have no default, and inspect nothing.
    let page = prints(&["explain", "rbac/cluster-admin"]);
    assert!(page.contains("\nreview\n") && !page.contains("\nlooked at\n"), "{page}");
}

#[test]
fn explanations_fit_a_hundred_columns() {
    for line in prints(&["list", "controls"]).lines() {
        let key = line.split_whitespace().next().expect("a key");
        // Commands are for copying and are not wrapped.
        let is_prose = |line: &&str| !line.starts_with("      ");
        for line in prints(&["explain", key]).lines().filter(is_prose).filter(|line| line.chars().count() > 100) {
            assert_eq!(line.split_whitespace().count(), 1, "{key}: only a single word may be wider: {line}");
        }
    }
}

#[test]
fn every_control_is_listed_with_the_benchmarks_that_use_it() {
    let uses: BTreeSet<String> = prints(&["list", "controls"])
        .lines()
        .flat_map(|line| {
            let (key, rest) = line.split_once(' ').expect("a key, a title and its uses");
            let (_, uses) = rest.trim().rsplit_once("  ").unwrap_or_else(|| panic!("{key}: no benchmark uses it"));
            let uses: Vec<String> = uses.split(", ").map(|used| format!("{key} {used}")).collect();
            assert!(!uses.is_empty(), "{line}");
            uses
        })
        .collect();
    let library = kube_assay::embedded::definitions().library;
    let checks = |benchmark: &definitions::benchmark::Benchmark| -> Vec<String> {
        let listed = |check: &definitions::benchmark::Check| {
            let level = library.controls.get(&check.control).and_then(|control| benchmark.level_of(check, control));
            let level = level.map_or_else(String::new, |level| format!(" L{level}"));
            format!("{} {} {}{level}", check.control, benchmark.name, check.id)
        };
        benchmark.checks().map(|(_, check)| listed(check)).collect()
    };
    assert_eq!(uses, library.benchmarks.values().flat_map(checks).collect());
}

#[test]
fn the_demo_needs_nothing_of_this_machine() {
    let said = Said::of(kube_assay().arg("demo").env_clear().current_dir("/"));
    assert_eq!(said.code, 0);
    assert_eq!(said.err, "");
    assert!(said.out.contains(", profile eks-anywhere (8 checks skipped)\n"), "{}", said.out);
    assert!(said.out.contains("\nFAIL (3)\n") && said.out.contains("\ntotal: 3 fail, "));
    let report = Report::of(kube_assay().args(["demo", "--json", "--profile", "none", "-s", "master"]));
    assert_eq!((report.targets(), report.skipped()), (vec!["master"], vec![]));
    assert_eq!(
        Report::of(kube_assay().args(["--benchmark", "cis-1.20", "demo", "--json"])).run("benchmark"),
        "cis-1.20"
    );
    assert_eq!(says(&["demo", "--exit-code", "7"]).code, 7);
    for words in [["--node", "x"], ["--root", "/mnt"], ["--proc", "/x"]] {
        refused(&says(&[&["demo"][..], &words].concat()), &[words[0], ": not an option of demo ("]);
    }
}

#[test]
fn completions_are_for_every_shell() {
    for (shell, part) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef kube-assay"),
        ("fish", "complete -c kube-assay"),
        ("elvish", "edit:"),
    ] {
        let text = prints(&["completions", shell]);
        assert!(text.contains(part) && text.contains("benchmarks-dir"), "{shell}");
    }
    refused(&says(&["completions", "cmd"]), &["bash"]);
    // Under another name, completions are for that name.
    let place = tempfile::tempdir().expect("a directory");
    let link = place.path().join("kube-bench");
    std::os::unix::fs::symlink(assert_cmd::cargo::cargo_bin!("kube-assay"), &link).expect("linked");
    for (shell, part) in [("bash", "kube-bench"), ("zsh", "#compdef kube-bench"), ("fish", "complete -c kube-bench")] {
        let said = Said::of(assert_cmd::Command::new(&link).args(["completions", shell]));
        assert!(said.code == 0 && said.out.contains(part) && !said.out.contains("kube-assay"), "{}", said.out);
    }
}

/// Every option in the help, with a use of it.
#[test]
fn every_option_that_the_help_promises_works() {
    let help = prints(&["--help"]);
    let node = Node::control_plane();
    let file = node.outside().join("out").display().to_string();
    let beside = format!("json={}", node.outside().join("beside").display());
    let root = node.root().display().to_string();
    let proc = node.proc().display().to_string();
    let outside = |name: &str| node.outside().join(name).display().to_string();
    let [missing, objects, recorded] = ["kubeconfig", "objects.json", "cluster.recording"].map(outside);
    std::fs::write(&objects, r#"{"pods":[]}"#).expect("written");
    assert_eq!(says(&["record", "--cluster", &recorded, "--cluster-objects", &objects]).code, 0);
    let uses: &[(&str, &[&str])] = &[
        ("--benchmark", &["cis-1.20"]),
        ("--version", &["1.23"]),
        ("--profile", &["eks-anywhere"]),
        ("--targets", &["master,node"]),
        ("--check", &["1.1.1"]),
        ("--group", &["1.1"]),
        ("--skip", &["1.1.1"]),
        ("--level", &["1"]),
        ("--scored", &[]),
        ("--unscored", &[]),
        ("--tool-version", &[]),
        ("--help", &[]),
        ("--json", &[]),
        ("--junit", &[]),
        ("--format", &["json"]),
        ("--outputfile", &[&file]),
        ("--output", &[&beside]),
        ("--exit-code", &["0"]),
        ("--show", &["all"]),
        ("--only", &["fail,unknown"]),
        ("--remediations", &[]),
        ("--pretty", &["--json"]),
        ("--junit-fail-on", &["warn", "--junit"]),
        ("--junit-strict", &["--junit"]),
        ("--noresults", &[]),
        ("--nosummary", &[]),
        ("--noremediations", &[]),
        ("--nototals", &[]),
        ("--include-test-output", &[]),
        ("--verbose", &["1"]),
        ("--quiet", &[]),
        ("--allow-empty", &[]),
        // Both must belong to one node.
        ("--root", &[&root, "--proc", &proc]),
        ("--proc", &[&proc, "--root", &root]),
        ("--node", &["golden/nodes/eks-anywhere-control-plane.yaml"]),
        ("--node-name", &["blue"]),
        ("--cluster-dir", &["/etc"]),
        ("--deadline", &["60"]),
        ("--no-sandbox", &[]),
        ("--allow-exec", &[]),
        ("--exec-limit", &["5"]),
        ("--compat", &[]),
        ("--kubeconfig", &[&missing]),
        ("--cluster", &[&recorded]),
        ("--benchmarks-dir", &["benchmarks"]),
        ("--profiles-dir", &["profiles"]),
    ];
    let promised: BTreeSet<&str> = help
        .lines()
        .filter(|line| line.trim_start().starts_with('-'))
        .flat_map(|line| line.split([' ', ',', '[', '=']))
        .filter(|word| word.starts_with("--"))
        .collect();
    // Options for rule files only work together, and are tested with these.
    let of_rule_files = ["--config-dir", "--config", "--strict"];
    assert_eq!(promised, uses.iter().map(|(name, _)| *name).chain(of_rule_files).collect());
    for (name, values) in uses {
        for before in [true, false] {
            let mut command = if ["--root", "--proc", "--node"].contains(name) { kube_assay() } else { node.command() };
            command.args((!before).then_some("run")).arg(name).args(*values).args(before.then_some("run"));
            let said = Said::of(&mut command);
            assert_eq!(said.code, 0, "{name}: {}", said.err);
        }
    }
    for subcommand in help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .map_while(|line| line.strip_prefix("  ")?.split_whitespace().next())
        // `help --help` shows the program's own help.
        .filter(|subcommand| *subcommand != "help")
    {
        assert!(prints(&[subcommand, "--help"]).contains(&format!("kube-assay {subcommand}")), "{subcommand}");
    }
}
