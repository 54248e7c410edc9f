//! The choice of targets and checks.

use super::refused;
use crate::synthetic::{API_SERVER_PID, Node, Report, Said, kube_assay};

#[test]
fn alone_it_runs_what_applies_to_the_node() {
    assert_eq!(Node::worker().report(&[]).targets(), ["node", "policies"]);
    let control_plane = Node::control_plane().report(&[]);
    assert_eq!(control_plane.targets(), ["master", "controlplane", "node", "policies"]);
    assert_eq!(control_plane.run("node"), "node-1");
    let stacked = Node::control_plane();
    stacked.process(400, &["etcd", "--data-dir=/var/lib/etcd"], "/usr/local/bin/etcd", &crate::synthetic::static_pod());
    assert_eq!(stacked.report(&[]).targets(), ["master", "controlplane", "etcd", "node", "policies"]);
    // A manifest shows that a component should run, even if it is stopped.
    let stopped = Node::control_plane();
    for pid in API_SERVER_PID..API_SERVER_PID + 3 {
        std::fs::remove_dir_all(stopped.proc().join(pid.to_string())).expect("removed");
    }
    assert!(stopped.report(&[]).targets().contains(&"master"));
}

#[test]
fn run_does_what_happens_without_it() {
    let node = Node::control_plane();
    let mut reports = [node.report(&[]).json, node.report(&["run"]).json];
    for report in &mut reports {
        report["Run"]["started"] = "".into();
    }
    assert_eq!(reports[0], reports[1]);
}

#[test]
fn targets_are_chosen_under_either_name() {
    let node = Node::control_plane();
    for (words, targets) in [
        (&["run", "--targets", "master,node"][..], &["master", "node"][..]),
        (&["run", "-s", "node"], &["node"]),
        (&["run", "-s", "worker,control-plane"], &["node", "master"]),
        (&["run", "-s", "master", "-s", "policies"], &["master", "policies"]),
        (&["-s", "master", "run", "-s", "etcd"], &["master", "etcd"]),
        (&["--targets=controlplane"], &["controlplane"]),
        (&["-s", "node,worker,node"], &["node"]),
        (&["-s", " node , master "], &["node", "master"]),
    ] {
        assert_eq!(node.report(words).targets(), targets, "{words:?}");
    }
    refused(&node.says(&["-s", "mster"]), &["target \"mster\": not known", "did you mean \"master\"?"]);
    refused(&node.says(&["-s", "wroker"]), &["did you mean \"worker\"?"]);
    refused(
        &node.says(&["-s", "managedservices"]),
        &["target \"managedservices\": not in cis-1.12", "master, controlplane, etcd, node, policies"],
    );
}

#[test]
fn checks_are_chosen_by_number_and_by_control() {
    let node = Node::control_plane();
    for (words, numbers) in [
        (&["--check", "1.2.1,4.2.1"][..], &["1.2.1", "4.2.1"][..]),
        (&["-c", "apiserver/anonymous-auth"], &["1.2.1"]),
        (&["-c", "1.2.1", "run", "-c", "1.2.2"], &["1.2.1", "1.2.2"]),
        (&["--group", "3.1"], &["3.1.1", "3.1.2", "3.1.3"]),
        (&["-g", "3.1", "--skip", "3.1.2"], &["3.1.1", "3.1.2", "3.1.3"]),
    ] {
        assert!(node.report(words).verdicts().keys().eq(numbers), "{words:?}");
    }
    let elsewhere = node.report(&["-s", "node", "--check", "1.2.1"]);
    assert_eq!(elsewhere.verdicts().len(), 0);
    assert_eq!(elsewhere.notices(), ["1.2.1: belongs to a target that is not checked here (pass --targets)"]);
}

#[test]
fn checks_are_chosen_by_level() {
    let node = Node::control_plane();
    let all = node.report(&[]);
    let numbers = |report: &Report| -> Vec<String> { report.verdicts().into_keys().collect() };
    let levels = |report: &Report| -> Vec<u64> {
        report.checks().map(|check| check["level"].as_u64().expect("a level")).collect()
    };
    let of_first = node.report(&["--level", "1"]);
    assert!(levels(&of_first).iter().all(|level| *level == 1));
    assert_eq!(levels(&of_first).len(), levels(&all).iter().filter(|level| **level == 1).count());
    // Level 2 includes level 1, as in CIS.
    assert_eq!(numbers(&node.report(&["--level=2"])), numbers(&all));
    assert!(levels(&all).contains(&2));
    // The level is that of the edition: NodeRestriction moved to level 2.
    for (benchmark, number, is_first) in [("cis-1.24", "1.2.15", true), ("cis-1.12", "1.2.14", false)] {
        let report = node.report(&["--benchmark", benchmark, "--level", "1", "--targets", "master"]);
        assert_eq!(numbers(&report).contains(&number.to_owned()), is_first, "{benchmark} {number}");
    }
    let nothing = node.report(&["--level", "1", "--check", "1.2.14"]);
    assert_eq!(nothing.notices(), ["--level 1: leaves out every check that was chosen (leave it out)"]);
    for (option, value, range) in [
        ("--level", "3", "1 to 2"),
        ("--level", "x", "1 to 2"),
        ("--exit-code", "256", "0 to 255"),
        ("--exit-code", "fail", "0 to 255"),
        ("--deadline", "0", "1 to 86400"),
        ("--deadline", "1m", "1 to 86400"),
    ] {
        refused(&node.says(&[option, value]), &[option, &format!("not a number from {range}")]);
    }
    let stig = "eks-stig-kubernetes-v1r6";
    refused(&node.says(&["--benchmark", stig, "--level", "1"]), &["--level: eks-stig-kubernetes-v1r6 has no levels"]);
    let rule_files = ["--config-dir", "tests/rule_files/cfg", "--benchmark", "house-1", "--level", "1"];
    refused(&node.says(&rule_files), &["--level: rule files have no levels"]);
}

#[test]
fn checks_groups_and_controls_are_skipped() {
    let node = Node::control_plane();
    let report = node.report(&["--skip", "1.2.1,kubelet/anonymous-auth,3.2", "run", "--skip", "1.2.2"]);
    assert_eq!(report.skipped(), ["1.2.1", "1.2.2", "3.2.1", "3.2.2", "4.2.1"]);
    assert_eq!(report.verdict("1.2.1").1, "left out with --skip 1.2.1");
    assert_eq!(report.verdict("4.2.1").1, "left out with --skip kubelet/anonymous-auth");
}

#[test]
fn unknown_names_are_refused_all_at_once() {
    let node = Node::control_plane();
    refused(&node.says(&["--check", "12.9"]), &["check \"12.9\": not in cis-1.12 (did you mean \"1.2.9\"?)"]);
    refused(&node.says(&["--group", "x"]), &["there are 1.1, 1.2,"]);
    refused(&node.says(&["--check", "xyzzy"]), &["see kube-assay list controls"]);
    refused(
        &node.says(&["--check", "apiserver/anonymos-auth,kubelet/anonymous-aut", "--skip", "etcd/clent-cert-auth"]),
        &["\"apiserver/anonymous-auth\"?", "\"kubelet/anonymous-auth\"?", "\"etcd/client-cert-auth\"?"],
    );
    // A number from another edition.
    refused(&node.says(&["--check", "1.2.35", "--benchmark", "cis-1.12"]), &["check \"1.2.35\": not in cis-1.12"]);
    refused(
        &node.says(&["--check", "1.2.1", "--group", "1.2"]),
        &["--check and --group: each chooses the checks (give one of them)"],
    );
    refused(&node.says(&["--check", "1.2.1", "run", "--group", "1.2"]), &["--check and --group: each chooses"]);
}

#[test]
fn nothing_is_suggested_that_was_not_meant() {
    let node = Node::control_plane();
    let all = "see kube-assay list controls";
    for (words, expected) in [
        (["--check", "1.2.99"], "check \"1.2.99\": not in cis-1.12 (1.2 has 1.2.1 to 1.2.30)"),
        (["--check", "1.2"], "check \"1.2\": is a group of cis-1.12 (give --group 1.2)"),
        (["--check", "1"], "check \"1\": is a section of cis-1.12 (give --targets master)"),
        (["--check", "2"], "check \"2\": is a group of cis-1.12 (give --group 2)"),
        (["--check", "9.1"], &format!("check \"9.1\": not in cis-1.12 ({all})")),
        (["--check", "apiserver/foo"], &format!("check \"apiserver/foo\": not in cis-1.12 ({all})")),
        (["--group", "1"], "group \"1\": is a section of cis-1.12 (give --targets master)"),
        (["--group", "1.9"], "group \"1.9\": not in cis-1.12 (there are 1.1, 1.2, 1.3, 1.4, 2, 3.1, "),
        (["--group", "1.2.6"], "group \"1.2.6\": is a check of cis-1.12 (give --check 1.2.6)"),
        (
            ["--group", "apiserver/anonymous-auth"],
            "group \"apiserver/anonymous-auth\": is a control of cis-1.12 (give --check apiserver/anonymous-auth)",
        ),
        (["--skip", "1"], "check or group \"1\": is a section of cis-1.12 (give its groups: --skip 1.1,1.2,1.3,1.4)"),
    ] {
        refused(&node.says(&words), &[expected]);
    }
    for (name, expected) in
        [("9.9.9", all), ("apiserver/foo", all), ("5.3", "5.3 has 5.3.1 to 5.3.2"), ("42.6", "did you mean \"4.2.6\"?")]
    {
        let said = super::says(&["explain", name]);
        refused(&said, &[&format!("control or number \"{name}\": not known ({expected})")]);
    }
}

#[test]
fn scored_and_unscored_checks_can_be_left_out() {
    let node = Node::control_plane();
    let scored = |report: &Report| {
        let scored: Vec<bool> = report.checks().map(|check| check["scored"] == true).collect();
        (scored.iter().any(|scored| *scored), scored.iter().any(|scored| !*scored))
    };
    for (words, expected) in [
        (&[][..], (true, true)),
        (&["--scored", "--unscored"], (true, true)),
        (&["--scored=false"], (false, true)),
        (&["--unscored=false"], (true, false)),
        (&["--unscored=0", "run"], (true, false)),
        (&["--scored=false", "--unscored=false"], (false, false)),
    ] {
        assert_eq!(scored(&node.report(words)), expected, "{words:?}");
    }
    for (words, notice) in [
        (&["--scored=false", "--unscored=false"][..], "--scored=false, --unscored=false: leave no check to be run"),
        (&["--check", "1.2.6", "--scored=false"], "--scored=false: leaves out every check that was chosen"),
        (&["--check", "1.2.1", "--unscored=false"], "--unscored=false: leaves out every check that was chosen"),
    ] {
        let said = node.says(words);
        assert!(said.code == 0 && said.err.is_empty(), "{words:?}: {}", said.err);
        assert!(said.out.contains(&format!("\n  {notice}")), "{words:?}: {}", said.out);
    }
    // If only the target excludes the check, only the target is mentioned.
    let elsewhere = node.report(&["-s", "node", "--check", "1.2.1", "--scored=false"]);
    assert_eq!(elsewhere.notices(), ["1.2.1: belongs to a target that is not checked here (pass --targets)"]);
    refused(&node.says(&["--scored=perhaps"]), &["--scored", "perhaps", "true, false"]);
}

#[test]
fn of_an_option_given_twice_the_last_counts() {
    let node = Node::control_plane();
    let twice = node.report(&["--benchmark", "cis-1.20", "run", "--benchmark", "cis-1.23"]);
    assert_eq!(twice.run("benchmark"), "cis-1.23");
    assert_eq!(node.report(&["--json", "run", "--json=true"]).targets().len(), 4);
}

#[test]
fn the_environment_yields_to_what_is_typed() {
    let node = Node::control_plane();
    let with = |variables: &[(&str, &str)], words: &[&str]| {
        Said::of(node.command().args(["--json"]).args(words).envs(variables.iter().copied()))
    };
    let benchmark = |said: &Said| {
        let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
        report["Run"]["benchmark"].as_str().expect("a benchmark").to_owned()
    };
    for (variables, words, expected) in [
        (&[("KUBE_ASSAY_BENCHMARK", "cis-1.20")][..], &[][..], "cis-1.20"),
        (&[("KUBE_ASSAY_VERSION", "1.23")], &[], "cis-1.23"),
        (&[("KUBE_ASSAY_VERSION", "1.23")], &["run"], "cis-1.23"),
        (&[("KUBE_ASSAY_BENCHMARK", "cis-1.20")], &["--version", "1.23"], "cis-1.23"),
        (&[("KUBE_ASSAY_VERSION", "1.23")], &["run", "--benchmark", "cis-1.20"], "cis-1.20"),
        (&[("KUBE_ASSAY_BENCHMARK", "cis-1.20")], &["--benchmark", "cis-1.23"], "cis-1.23"),
        // Templates may leave variables empty.
        (&[("KUBE_ASSAY_BENCHMARK", ""), ("KUBE_ASSAY_VERSION", "")], &[], "cis-1.12"),
        (&[("KUBE_ASSAY_PROFILE", ""), ("KUBE_ASSAY_NODE_NAME", "")], &[], "cis-1.12"),
    ] {
        assert_eq!(benchmark(&with(variables, words)), expected, "{variables:?} {words:?}");
    }
    refused(
        &with(&[("KUBE_ASSAY_BENCHMARK", "cis-1.20"), ("KUBE_ASSAY_VERSION", "1.23")], &[]),
        &["KUBE_ASSAY_BENCHMARK and KUBE_ASSAY_VERSION"],
    );
    let named = with(&[("KUBE_ASSAY_NODE_NAME", "blue"), ("KUBE_ASSAY_PROFILE", "eks-anywhere")], &[]);
    assert!(named.out.contains("\"node\":\"blue\"") && named.out.contains("\"name\":\"eks-anywhere\""));
    let both = with(&[("KUBE_ASSAY_NODE_NAME", "blue")], &["--node-name", "red", "--profile", "none"]);
    assert!(both.out.contains("\"node\":\"red\""));
}

#[test]
fn words_that_mean_nothing_are_refused() {
    for (words, part) in [
        (&["runn"][..], "'run'"),
        (&["--bench", "x"], "'--benchmark'"),
        (&["run", "again"], "unexpected argument 'again'"),
        (&["--check"], "a value is required"),
        (&["--exit-code", "256"], "a number from 0 to 255"),
        (&["-v", "--verbose=x"], "invalid value 'x'"),
        (&["--node", "x", "--root", "/"], "cannot be used with"),
        (&["--node", "x", "run", "--proc", "/proc"], "cannot be used with"),
        (&["--root", ""], "--root"),
    ] {
        refused(&Said::of(kube_assay().args(words)), &[part]);
    }
}
