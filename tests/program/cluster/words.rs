//! Messages about misspelt words, and the heading of a cluster report.

use crate::synthetic::{Said, kube_assay};

const CARELESS: &str = "golden/clusters/careless";
const MANAGEMENT: &str = "golden/clusters/eks-anywhere-management";
const NODE: &str = "golden/nodes/kubeadm-control-plane.yaml";

fn says(words: &[&str]) -> Said {
    Said::of(kube_assay().args(words))
}

#[test]
fn words_of_who_can_that_are_not_known_are_told_with_the_nearest() {
    for (verb, resource, notice) in [
        ("lst", "pods", "`lst` is not a verb of the Kubernetes API (did you mean list? verbs are case-sensitive)"),
        ("get", "secretes", "`secretes` is not a built-in resource (did you mean secrets? write a custom resource as"),
        (
            "get",
            "pods/exce",
            "`exce` is not a subresource of pods (did you mean exec? pass an object's name with --name)",
        ),
        ("pods", "get", "the verb comes first (did you mean get pods?)"),
    ] {
        let said = says(&["who-can", verb, resource, "--cluster-objects", CARELESS]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.err.contains(&format!("notice: who-can: {notice}")), "{}", said.err);
    }
    for (verb, resource) in [("get", "pods"), ("drain", "widgets.example.com"), ("*", "*")] {
        let said = says(&["who-can", verb, resource, "--cluster-objects", CARELESS]);
        assert!(!said.err.contains("who-can:"), "{}", said.err);
        assert!(said.out.contains("  cluster-wide  built into the API server\n"), "{}", said.out);
    }
}

#[test]
fn names_and_places_of_arguments_are_told() {
    for (words, message) in [
        (
            &["pod-security", "--cluster-objects", CARELESS, "--policy", "restrictd"][..],
            "--policy restrictd: not a Pod Security level (did you mean restricted? ",
        ),
        (
            &["pod-security", "--cluster-objects", CARELESS, "--policy", "baseline:1.30"],
            "--policy baseline:1.30: not a Pod Security version (did you mean baseline:v1.30? ",
        ),
        (&["cluster", CARELESS], "golden/clusters/careless: cluster takes no such argument (give --cluster-objects "),
        (
            &["cluster", "eks-hardening"],
            "eks-hardening: cluster takes no such argument (give --benchmark eks-hardening)",
        ),
        (&["cluster", "--cluster-objects", CARELESS, "--targets", "node"], "--targets node: concerns nodes"),
        (&["aws-evidence-commands", "prod"], "(give --cluster-name prod)"),
        (&["aws-evidence-commands", "--cluster", "prod"], "pod-security; use --cluster-name)"),
        (&["run", "node1.yaml"], "node1.yaml: run takes no such argument (give --node node1.yaml for a recorded node"),
        (&["run", "-f", "json"], "-f: not an option of run (use --format)"),
        (&["list", "cis-1.12"], "cis-1.12: is a benchmark (run kube-assay list controls --benchmark cis-1.12)"),
        (
            &["demo", "--skip", "eks-anywhere/foreign-roles"],
            "not in cis-1.12 (it is in eks-anywhere-guide: add it with --benchmark cis-1.12,eks-anywhere-guide)",
        ),
    ] {
        let said = says(words);
        assert!(said.code == 2 && said.err.contains(message), "{words:?}: {}", said.err);
    }
}

#[test]
fn a_report_of_a_cluster_begins_with_it_and_says_what_shows_its_version() {
    let said = says(&["cluster", "--cluster-objects", CARELESS]);
    let head: Vec<&str> = said.out.lines().take_while(|line| !line.is_empty()).collect();
    assert!(head[0].contains(", cluster golden/clusters/careless, "), "{head:#?}");
    assert!(head[1].ends_with("Kubernetes 1.36, known from the newest kubelet"), "{head:#?}");
    // The only benchmark with the target is used.
    let said = says(&["cluster", "--cluster-objects", MANAGEMENT, "--targets", "cluster"]);
    assert!(said.out.contains("(eks-anywhere-guide): the only one with cluster\n"), "{} {}", said.out, said.err);
}

#[test]
fn the_head_has_six_lines_at_most() {
    let all = "cis-1.12,eks-anywhere-guide,eks-hardening";
    let said =
        says(&["--node", NODE, "--benchmark", all, "--cluster-objects", "golden/clusters/kubeadm", "--only", "fail"]);
    let head: Vec<&str> = said.out.lines().take_while(|line| !line.is_empty()).collect();
    assert!(head.len() == 6 && head.iter().all(|line| line.chars().count() <= 110), "{head:#?}");
    assert!(head[5].starts_with("only checks that are: fail; targets "), "{head:#?}");
}

#[test]
fn failures_of_objects_say_what_was_expected() {
    let said = says(&["cluster", "--cluster-objects", MANAGEMENT, "--benchmark", "eks-anywhere-guide", "--junit"]);
    let failures: Vec<&str> = said.out.lines().filter(|line| line.contains("<failure ")).collect();
    assert!(!failures.is_empty());
    for failure in failures {
        assert!(failure.contains(": found ") && failure.contains(", expected "), "{failure}");
    }
}
