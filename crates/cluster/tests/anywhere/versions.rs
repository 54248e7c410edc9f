//! Versions, their support, and the bundles that they come from.

use cluster::Resource;

use crate::anywhere::world::{World, anywhere, asks_the_management_cluster, cluster, held, names_the_right, notes};

fn of(name: &str, eksa: &str, kubernetes: &str, more: &str) -> String {
    cluster(name, "VSphere", more).replace("v0.26.1", eksa).replace("\"1.35\"", &format!("\"{kubernetes}\""))
}

#[test]
fn two_minor_versions_get_patches() {
    let table = [
        ("v0.26.1", "2026-11-30", "pass"),
        ("v0.25.3", "2026-11-30", "pass"),
        ("v0.27.0", "2026-11-30", "pass"),
        ("v0.26.0-dev+build.1", "2026-11-30", "pass"),
        ("v0.24.9", "2026-11-30", "fail"),
        ("v0.9.0", "2026-11-30", "fail"),
        // Once the table is too old, newer releases may exist.
        ("v0.26.1", "2027-03-29", "pass"),
        ("v0.26.1", "2027-03-30", "unknown: table of versions as of 2026-11-29"),
        ("v0.24.9", "2027-03-30", "fail"),
        ("latest", "2026-11-30", "unknown: Cluster default/mgmt: has no eksaVersion"),
        ("null", "2026-11-30", "unknown: Cluster default/mgmt: has no eksaVersion"),
    ];
    for (version, day, expected) in table {
        let offenders: &[&str] =
            if expected == "fail" { &["Cluster default/mgmt [spec.eksaVersion]: v0."] } else { &[] };
        held("eks-anywhere/version", &World::new(&of("mgmt", version, "1.35", "")).on(day), expected, offenders);
    }
    asks_the_management_cluster("eks-anywhere/version");
}

const BUNDLES: &str = "{versionsBundles: [{kubeVersion: \"1.34\", endOfStandardSupport: \"2027-01-31\"}, \
                       {kubeVersion: \"1.31\", endOfStandardSupport: \"2025-12-31\"}]}";

fn bundled(version: &str) -> String {
    let name = format!("eksa-{}", version.replace('.', "-"));
    anywhere(
        "EKSARelease",
        &format!("eksa-system/{name}"),
        &format!("{{version: {version}, bundlesRef: {{name: bundles-90, namespace: eksa-system}}}}"),
    ) + &anywhere("Bundles", "eksa-system/bundles-90", BUNDLES)
}

#[test]
fn kubernetes_is_in_support() {
    const LICENSE: &str = "  licenseToken: canary";
    let table = [
        ("1.36", "", "2026-11-30", "pass"),
        ("1.33", "", "2026-08-31", "pass"),
        ("1.33", "", "2026-09-01", "fail"),
        ("1.33", LICENSE, "2026-09-01", "pass"),
        ("1.33", LICENSE, "2027-08-31", "pass"),
        ("1.33", LICENSE, "2027-09-01", "fail"),
        ("1.30", LICENSE, "2026-08-31", "pass"),
        ("1.30", LICENSE, "2026-09-01", "fail"),
        ("1.29", LICENSE, "2026-11-30", "fail"),
        ("1.32", "", "2026-11-30", "fail"),
        ("1.32", LICENSE, "2026-11-30", "pass"),
        ("1.32", LICENSE, "2027-04-01", "unknown: table of versions"),
        // Support ends as the bundle says.
        ("1.31", LICENSE, "2026-12-31", "pass"),
        ("1.31", LICENSE, "2027-01-01", "fail"),
        ("1.34", "", "2027-01-31", "pass"),
        ("1.34", "", "2027-02-01", "fail"),
        ("1.36", "", "2027-04-01", "unknown: table of versions"),
        ("1.40", "", "2026-11-30", "unknown: Cluster default/mgmt: the end of support of Kubernetes 1.40"),
        ("x", "", "2026-11-30", "unknown: Cluster default/mgmt: spec.kubernetesVersion `x` is not a version"),
    ];
    for (version, more, day, expected) in table {
        let yaml = of("mgmt", "v0.26.1", version, more) + &bundled("v0.26.1");
        let offender = format!("Cluster default/mgmt [spec.kubernetesVersion]: {version}: ");
        let offenders: &[&str] = if expected == "fail" { &[&offender] } else { &[] };
        held("eks-anywhere/kubernetes-support", &World::new(&yaml).on(day), expected, offenders);
    }
}

#[test]
fn workers_may_lag_behind() {
    let workers = "  workerNodeGroupConfigurations: [{name: md-0, kubernetesVersion: \"1.29\"}, {name: md-1}]";
    let yaml = of("mgmt", "v0.26.1", "1.35", workers);
    let offenders = ["Cluster default/mgmt [workerNodeGroupConfigurations md-0: kubernetesVersion]: 1.29"];
    held("eks-anywhere/kubernetes-support", &World::new(&yaml), "fail", &offenders);
}

#[test]
fn a_date_that_is_none_counts_as_missing() {
    let bundles = BUNDLES.replace("2027-01-31", "2027-31-01");
    let yaml = of("mgmt", "v0.26.1", "1.34", "") + &bundled("v0.26.1").replace(BUNDLES, &bundles);
    held("eks-anywhere/kubernetes-support", &World::new(&yaml).on("2026-11-30"), "pass", &[]);
    held("eks-anywhere/kubernetes-support", &World::new(&yaml).on("2027-04-01"), "unknown: table", &[]);
}

#[test]
fn versions_do_not_drift_apart() {
    let skipping = |yaml: String| {
        let annotation = "anywhere.eks.amazonaws.com/skip-eksa-version-skew-check";
        yaml.replace("namespace: default}", &format!("namespace: default, annotations: {{{annotation}: \"canary\"}}}}"))
    };
    let both = |version: &str| of("mgmt", "v0.26.1", "1.35", "") + &of("prod", version, "1.35", "");
    let own = "Cluster default/prod [spec.eksaVersion]: ";
    let table: [(String, &str, &[&str]); 7] = [
        (both("v0.26.0"), "pass", &[]),
        (both("v0.25.3"), "pass", &[]),
        (both("v0.24.9"), "fail", &[own]),
        (both("v0.28.0"), "fail", &[own]),
        (both("null"), "unknown: Cluster default/prod: has no eksaVersion", &[]),
        (
            of("prod", "v0.26.1", "1.35", ""),
            "unknown: Cluster mgmt: not found, though it manages Cluster default/prod",
            &[],
        ),
        (skipping(of("mgmt", "v0.26.1", "1.35", "")), "fail", &["Cluster default/mgmt: annotation anywhere"]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/version-skew", &World::new(&yaml), expected, offenders);
    }
    asks_the_management_cluster("eks-anywhere/version-skew");
}

#[test]
fn bundles_are_signed() {
    let signed = |yaml: String| {
        yaml.replace(
            "{name: \"bundles-90\", namespace: eksa-system}",
            "{name: bundles-90, namespace: eksa-system, annotations: {anywhere.eks.amazonaws.com/signature: canary}}",
        )
    };
    let plain = |version: &str| of("mgmt", version, "1.35", "") + &bundled(version);
    let offenders = ["Bundles eksa-system/bundles-90: no annotation anywhere.eks.amazonaws.com/signature, for Cluster"];
    let table: [(String, &str, &[&str]); 6] = [
        (signed(plain("v0.26.1")), "pass", &[]),
        (plain("v0.26.1"), "fail", &offenders),
        (plain("v0.21.7"), "none: Bundles", &[]),
        (of("mgmt", "v0.26.1", "1.35", "") + &bundled("v0.25.0"), "unknown: Cluster default/mgmt: no Bundles", &[]),
        (
            signed(
                of("mgmt", "v0.26.1", "1.35", "  bundlesRef: {name: bundles-90}")
                    + &anywhere("Bundles", "eksa-system/bundles-90", "{}"),
            ),
            "pass",
            &[],
        ),
        (of("mgmt", "null", "1.35", ""), "unknown: Cluster default/mgmt: has no eksaVersion", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/signed-bundle", &World::new(&yaml), expected, offenders);
    }
    names_the_right("eks-anywhere/signed-bundle", &plain("v0.26.1"), Resource::EksaReleases);
    names_the_right("eks-anywhere/signed-bundle", &plain("v0.26.1"), Resource::Bundles);
}

fn node(name: &str, image: &str, kubelet: &str, label: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{{label}}}}}\nstatus: {{nodeInfo: \
         {{osImage: \"{image}\", kubeletVersion: {kubelet}}}}}\n"
    )
}

#[test]
fn bottlerocket_is_the_newest() {
    let table = [
        ("Bottlerocket OS 1.64.0 (vmware-k8s-1.33)", "v1.33.1-eks-a", "2026-11-30", "pass"),
        ("Bottlerocket OS 1.70.0 (vmware-k8s-1.33)", "v1.33.1-eks-a", "2026-11-30", "pass"),
        ("Bottlerocket OS 1.62.0 (vmware-k8s-1.33)", "v1.33.1-eks-a", "2026-11-30", "fail"),
        ("Bottlerocket OS 1.62.0 (vmware-k8s-1.32)", "v1.32.1-eks-a", "2026-11-30", "pass"),
        ("Bottlerocket OS 1.9.0 (vmware-k8s-1.32)", "v1.32.1-eks-a", "2026-11-30", "fail"),
        ("Bottlerocket OS 1.64.0 (vmware-k8s-1.33)", "v1.33.1-eks-a", "2027-06-01", "unknown: table of versions"),
        ("Bottlerocket OS 1.62.0 (vmware-k8s-1.33)", "v1.33.1-eks-a", "2027-06-01", "fail"),
        ("Bottlerocket OS", "v1.33.1-eks-a", "2026-11-30", "unknown: Node a"),
        ("Bottlerocket OS 1.40.0 (vmware-k8s-1.29)", "v1.29.1-eks-a", "2026-11-30", "unknown: Node a"),
        ("Ubuntu 22.04.4 LTS", "v1.33.1-eks-a", "2026-11-30", "none: Bottlerocket"),
    ];
    for (image, kubelet, day, expected) in table {
        let offenders: &[&str] = if expected == "fail" { &["Node a: Bottlerocket 1."] } else { &[] };
        held(
            "eks-anywhere/bottlerocket-version",
            &World::new(&node("a", image, kubelet, "")).on(day),
            expected,
            offenders,
        );
    }
    let control = "eks-anywhere/bottlerocket-version";
    names_the_right(control, "", Resource::Nodes);
}

#[test]
fn an_operator_updates_bottlerocket() {
    const IMAGE: &str = "Bottlerocket OS 1.64.0 (vmware-k8s-1.33)";
    const LABEL: &str = "bottlerocket.aws/updater-interface-version: 2.0.0";
    let shadow = "---\napiVersion: brupop.bottlerocket.aws/v2\nkind: BottlerocketShadow\nmetadata: {name: brs-a, namespace: brupop-bottlerocket-aws}\n";
    let of = |image: &str, label: &str| node("a", image, "v1.33.1", label);
    let table = [
        (of(IMAGE, LABEL) + shadow, "pass", ""),
        (of(IMAGE, LABEL), "manual", "labelled for the update operator, which does not know it"),
        (of(IMAGE, "") + shadow, "manual", "not labelled"),
        (of(IMAGE, "bottlerocket.aws/updater-interface-version: 1.0.0") + shadow, "manual", "expected 2.0.0"),
        (of("Ubuntu 22.04", ""), "none: Bottlerocket", ""),
    ];
    for (yaml, expected, note) in table {
        let judgement = held("eks-anywhere/update-operator", &World::new(&yaml), expected, &[]);
        assert!(note.is_empty() || notes(&judgement)[0].contains(note), "{:?}", notes(&judgement));
    }
    names_the_right("eks-anywhere/update-operator", &(of(IMAGE, LABEL) + shadow), Resource::BottlerocketShadows);
}
