//! The subcommands beside `run`.

use std::collections::BTreeSet;

use super::{refused, says};
use crate::made_up::{Node, Report, Said, kube_assay};

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
            &["a value is required for '--version <1.N>'", "tip: this program's own version is printed by", "'-V'"],
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
    let eks =
        "1.0.1 1.1.0 1.2.0 1.5.0 1.7.0 1.8.0 stig-kubernetes-v1r6".split(' ').map(|edition| format!("eks-{edition}"));
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
    for (target, benchmarks) in
        [("master", 12), ("etcd", 12), ("controlplane", 19), ("node", 19), ("policies", 19), ("managedservices", 7)]
    {
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
    assert!(line.contains("cis-1.5 1.2.1, cis-1.6 1.2.1, cis-1.20 1.2.1, cis-1.23 1.2.1, "), "{line}");
    assert!(!controls.contains("{{"), "no template is left");
    refused(&says(&["list", "everything"]), &["benchmarks, targets, profiles, controls"]);
}

#[test]
fn every_control_and_number_is_explained() {
    let page = prints(&["explain", "apiserver/anonymous-auth"]);
    for part in ["why\n", "looked at\n", "expected\n", "to mend it\n", "numbers\n", "cis-1.20 1.2.1 (master, "] {
        assert!(page.contains(part), "{part:?} is in {page}");
    }
    assert_eq!(page, prints(&["explain", "1.2.1"]));
    // What moved between editions is shown as the newest has it.
    let page = prints(&["explain", "apiserver/manifest-mode"]);
    let unwrapped = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        page.starts_with("apiserver/manifest-mode\nThe API server's manifest has mode 600 or stricter\n"),
        "{page}"
    );
    assert!(
        page.contains("chmod 600 ")
            && unwrapped.contains("mode 644 or stricter (cis-1.5, cis-1.6, cis-1.20, cis-1.23, eks-"),
        "{page}"
    );
    assert!(
        unwrapped.contains(
            "the manifest of the static pod that runs it, or else the file that holds the arguments of its service, or \
             else /etc/kubernetes/manifests/"
        ),
        "{page}"
    );
    // 1.2.6 is another control in each edition, and of them that of the chosen one.
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
fn what_means_nothing_to_a_subcommand_is_refused_and_not_passed_over() {
    for (words, subcommand) in [
        (&["list", "--outputfile", "zz"][..], "list, which"),
        (&["list", "--json"], "list, which"),
        (&["--junit", "list", "controls"], "list, which"),
        (&["list", "targets", "--targets", "foo"], "list, which"),
        (&["list", "controls", "--profile", "foo"], "list, which"),
        (&["list", "profiles", "--benchmark", "cis-1.12"], "list profiles, which"),
        (&["list", "--root", "/"], "list, which"),
        (&["explain", "--json", "1.2.6"], "explain, which"),
        (&["explain", "1.2.6", "--check", "1.2.7"], "explain, which"),
        (&["lint", "benchmarks", "--junit"], "lint, which"),
        (&["lint", "benchmarks", "--benchmark", "cis-1.12"], "lint, which"),
        (&["version", "--json"], "version, which"),
        (&["completions", "bash", "--exit-code", "0"], "completions, which"),
        (&["convert", "-D", "cfg", "--benchmark", "x", "--skip", "1"], "convert, which"),
        (&["record", "--profile", "none"], "record, which"),
    ] {
        refused(&says(words), &[&format!(": means nothing to {subcommand}")]);
    }
    refused(&says(&["list", "--json", "--skip", "1.2"]), &["--skip, --json: mean nothing to list"]);
    refused(&says(&["lint", "benchmarks", "--format", "junit"]), &["--format junit: this prints text, or JSON"]);
    assert_eq!(says(&["lint", "profiles", "--format", "json"]).out, "[]\n");
    // kube-bench takes them all.
    assert_eq!(says(&["version", "--json", "--compat"]).code, 0);
    assert!(!std::fs::exists("zz").expect("known"));
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
        let unknown = ["benchmark \"cis-1.21\": not known (did you mean \"cis-1.12\"?"];
        refused(&says(&["list", what, "--benchmark", "cis-1.21"]), &unknown);
    }
    let library = kube_assay::definitions::embedded().library;
    let of_it: BTreeSet<_> =
        library.benchmark("cis-1.20").expect("known").checks().map(|(_, check)| check.control.clone()).collect();
    let page = prints(&["list", "controls", "--benchmark", "cis-1.20"]);
    assert_eq!(
        page.lines().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect::<BTreeSet<_>>(),
        of_it
    );
    // Its title is its own.
    assert!(page.contains("The API server's manifest has mode 644 or stricter"), "{page}");
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
    let heads: Vec<&str> = page.lines().skip(2).filter(|line| !line.starts_with(' ') && !line.is_empty()).collect();
    let expected = [
        "why",
        "looked at",
        "expected",
        "default",
        "to mend it",
        "to mend it on EKS Anywhere (Ubuntu, RHEL)",
        "to mend it on EKS Anywhere (Bottlerocket), EKS (Bottlerocket)",
        "to mend it on EKS (Amazon Linux 2)",
        "to mend it on EKS (Amazon Linux 2023)",
        "numbers",
        "references",
    ];
    assert_eq!(heads, expected);
    for line in [
        "  --protect-kernel-defaults: false",
        "  cis-1.23 4.2.6 (node, Automated, scored): CIS Kubernetes V1.23 Benchmark, section 4.2.6",
        "  https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/",
    ] {
        assert!(page.lines().any(|found| found == line), "{line:?} is in {page}");
    }
    // What only people judge has no default, and nothing that the program looks at.
    let page = prints(&["explain", "rbac/cluster-admin"]);
    assert!(page.contains("\nfor a person to look at\n") && !page.contains("\nlooked at\n"), "{page}");
}

#[test]
fn explanations_fit_a_hundred_columns() {
    for line in prints(&["list", "controls"]).lines() {
        let key = line.split_whitespace().next().expect("a key");
        for line in prints(&["explain", key]).lines().filter(|line| line.chars().count() > 100) {
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
    let library = kube_assay::definitions::embedded().library;
    let checks = |benchmark: &kube_assay::benchmark::Benchmark| -> Vec<String> {
        benchmark.checks().map(|(_, check)| format!("{} {} {}", check.control, benchmark.name, check.id)).collect()
    };
    assert_eq!(uses, library.benchmarks.values().flat_map(checks).collect());
}

#[test]
fn the_demo_needs_nothing_of_this_machine() {
    let said = Said::of(kube_assay().arg("demo").env_clear().current_dir("/"));
    assert_eq!(said.code, 0);
    assert_eq!(said.err, "");
    assert!(said.out.contains("# profile eks-anywhere: "), "{}", said.out);
    assert!(said.out.contains("[PASS] 1.2.6 ") && said.out.contains("== Summary total =="));
    let report = Report::of(kube_assay().args(["demo", "--json", "--profile", "none", "-s", "master"]));
    assert_eq!((report.targets(), report.skipped()), (vec!["master"], vec![]));
    assert_eq!(
        Report::of(kube_assay().args(["--benchmark", "cis-1.20", "demo", "--json"])).run("benchmark"),
        "cis-1.20"
    );
    assert_eq!(says(&["demo", "--exit-code", "7"]).code, 7);
    for words in [["--node", "x"], ["--root", "/mnt"], ["--proc", "/x"]] {
        refused(&says(&[&["demo"][..], &words].concat()), &["demo, which checks a node of its own"]);
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
    // Under another name they are for that name.
    let place = tempfile::tempdir().expect("a directory");
    let link = place.path().join("kube-bench");
    std::os::unix::fs::symlink(assert_cmd::cargo::cargo_bin!("kube-assay"), &link).expect("linked");
    for (shell, part) in [("bash", "kube-bench"), ("zsh", "#compdef kube-bench"), ("fish", "complete -c kube-bench")] {
        let said = Said::of(assert_cmd::Command::new(&link).args(["completions", shell]));
        assert!(said.code == 0 && said.out.contains(part) && !said.out.contains("kube-assay"), "{}", said.out);
    }
}

/// Every option that the help names, with a use of it.
#[test]
fn every_option_that_the_help_promises_works() {
    let help = prints(&["--help"]);
    let node = Node::control_plane();
    let file = node.outside().join("out").display().to_string();
    let beside = format!("json={}", node.outside().join("beside").display());
    let root = node.root().display().to_string();
    let proc = node.proc().display().to_string();
    let uses: &[(&str, &[&str])] = &[
        ("--benchmark", &["cis-1.20"]),
        ("--version", &["1.23"]),
        ("--profile", &["eks-anywhere"]),
        ("--targets", &["master,node"]),
        ("--check", &["1.1.1"]),
        ("--group", &["1.1"]),
        ("--skip", &["1.1.1"]),
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
        ("--noresults", &[]),
        ("--nosummary", &[]),
        ("--noremediations", &[]),
        ("--nototals", &[]),
        ("--include-test-output", &[]),
        ("--verbose", &["1"]),
        ("--quiet", &[]),
        ("--allow-empty", &[]),
        // Both are of one node.
        ("--root", &[&root, "--proc", &proc]),
        ("--proc", &[&proc, "--root", &root]),
        ("--node", &["golden/nodes/eks-anywhere-control-plane.yaml"]),
        ("--node-name", &["blue"]),
        ("--allow-exec", &[]),
        ("--exec-limit", &["5"]),
        ("--compat", &[]),
        ("--benchmarks-dir", &["benchmarks"]),
        ("--profiles-dir", &["profiles"]),
    ];
    let promised: BTreeSet<&str> = help
        .lines()
        .filter(|line| line.trim_start().starts_with('-'))
        .flat_map(|line| line.split([' ', ',', '[', '=']))
        .filter(|word| word.starts_with("--"))
        .collect();
    // Those of rule files are used together, where these are tested.
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
        // Its own help is that of the program.
        .filter(|subcommand| *subcommand != "help")
    {
        assert!(prints(&[subcommand, "--help"]).contains(&format!("kube-assay {subcommand}")), "{subcommand}");
    }
}
