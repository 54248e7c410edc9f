//! Controls decided by a cluster's specification alone.

use cluster::Resource;

use crate::anywhere::world::{World, asks_the_management_cluster, cluster, held, names_the_right, notes};

/// Control, provider, additional fields of the specification, verdict, and offending field.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const CONTROLS: [&str; 7] =
    ["encryption-at-rest", "mirror-verification", "policy-mode", "packages", "endpoint", "irsa", "webhook-protection"];

const TABLE: [Row; 35] = [
    (
        "encryption-at-rest",
        "VSphere",
        "  etcdEncryption: [{providers: [{kms: {name: a}}], resources: [secrets]}]",
        "pass",
        "",
    ),
    (
        "encryption-at-rest",
        "VSphere",
        "  etcdEncryption: [{resources: [configmaps]}, {resources: [secrets]}]",
        "pass",
        "",
    ),
    (
        "encryption-at-rest",
        "VSphere",
        "  etcdEncryption: [{resources: [configmaps]}]",
        "fail",
        "spec.etcdEncryption]: without secrets",
    ),
    ("encryption-at-rest", "VSphere", "  etcdEncryption: null", "fail", "spec.etcdEncryption]: not set"),
    ("encryption-at-rest", "Nutanix", "", "fail", "spec.etcdEncryption]: not set"),
    ("encryption-at-rest", "CloudStack", "", "fail", "spec.etcdEncryption]: not set"),
    ("encryption-at-rest", "Tinkerbell", "", "none: etcdEncryption", ""),
    ("encryption-at-rest", "Snow", "", "none: etcdEncryption", ""),
    ("encryption-at-rest", "Docker", "", "none: etcdEncryption", ""),
    ("encryption-at-rest", "Other", "", "unknown: Cluster default/mgmt: has no datacenterRef", ""),
    ("mirror-verification", "VSphere", "", "none: registryMirrorConfiguration", ""),
    ("mirror-verification", "VSphere", "  registryMirrorConfiguration: {endpoint: mirror}", "pass", ""),
    (
        "mirror-verification",
        "VSphere",
        "  registryMirrorConfiguration: {endpoint: mirror, caCertContent: x, insecureSkipVerify: false}",
        "pass",
        "",
    ),
    (
        "mirror-verification",
        "Nutanix",
        "  registryMirrorConfiguration: {endpoint: mirror, insecureSkipVerify: true}",
        "fail",
        "spec.registryMirrorConfiguration.insecureSkipVerify]: true, for mirror",
    ),
    ("policy-mode", "VSphere", "", "pass", ""),
    ("policy-mode", "VSphere", "  clusterNetwork: {cniConfig: {cilium: {}}}", "pass", ""),
    ("policy-mode", "VSphere", "  clusterNetwork: {cniConfig: {cilium: {policyEnforcementMode: always}}}", "pass", ""),
    ("policy-mode", "VSphere", "  clusterNetwork: {cniConfig: {cilium: {policyEnforcementMode: default}}}", "pass", ""),
    (
        "policy-mode",
        "VSphere",
        "  clusterNetwork: {cniConfig: {cilium: {policyEnforcementMode: never}}}",
        "fail",
        "spec.clusterNetwork.cniConfig.cilium.policyEnforcementMode]: never",
    ),
    ("policy-mode", "VSphere", "  clusterNetwork: {cniConfig: null}", "pass", ""),
    ("packages", "VSphere", "", "manual", ""),
    ("packages", "VSphere", "  packages: {disable: true}", "none: packages", ""),
    ("endpoint", "VSphere", "  controlPlaneConfiguration: {endpoint: {host: 10.0.0.1}}", "manual", ""),
    ("endpoint", "Docker", "", "none: endpoint", ""),
    ("irsa", "VSphere", "", "none: podIamConfig", ""),
    ("irsa", "VSphere", "  podIamConfig: {serviceAccountIssuer: \"https://issuer/a\"}", "manual", ""),
    (
        "irsa",
        "VSphere",
        "  podIamConfig: {serviceAccountIssuer: \"http://issuer/a\"}",
        "fail",
        "spec.podIamConfig.serviceAccountIssuer]: `http://issuer/a`, expected https",
    ),
    ("irsa", "VSphere", "  podIamConfig: {}", "fail", "spec.podIamConfig.serviceAccountIssuer]: ``, expected https"),
    (
        "webhook-protection",
        "VSphere",
        "  controlPlaneConfiguration: {skipAdmissionForSystemResources: true}",
        "pass",
        "",
    ),
    (
        "webhook-protection",
        "VSphere",
        "  controlPlaneConfiguration: {skipAdmissionForSystemResources: false}",
        "fail",
        "spec.controlPlaneConfiguration.skipAdmissionForSystemResources]: false",
    ),
    (
        "webhook-protection",
        "Tinkerbell",
        "",
        "fail",
        "spec.controlPlaneConfiguration.skipAdmissionForSystemResources]: not set",
    ),
    ("webhook-protection", "Snow", "", "none: skipAdmissionForSystemResources", ""),
    ("webhook-protection", "VSphere", "  eksaVersion: v0.23.4", "none: skipAdmissionForSystemResources", ""),
    ("webhook-protection", "VSphere", "  kubernetesVersion: \"1.30\"", "none: skipAdmissionForSystemResources", ""),
    (
        "webhook-protection",
        "VSphere",
        "  eksaVersion: null",
        "unknown: Cluster default/mgmt: kubernetesVersion or eksaVersion is not set",
        "",
    ),
];

#[test]
fn a_specification_decides() {
    for (control, provider, more, expected, offender) in TABLE {
        let mut yaml = cluster("mgmt", provider, more);
        for field in ["eksaVersion", "kubernetesVersion"] {
            if more.contains(field) {
                // Replaces the default line of [`cluster`].
                let line = yaml.lines().find(|line| line.trim_start().starts_with(field)).expect("a line").to_owned();
                yaml = yaml.replacen(&format!("{line}\n"), "", 1);
            }
        }
        let offender = format!("Cluster default/mgmt [{offender}");
        let offenders = if expected == "fail" { vec![offender.as_str()] } else { Vec::new() };
        held(&format!("eks-anywhere/{control}"), &World::new(&yaml), expected, &offenders);
    }
}

#[test]
fn each_cluster_is_named() {
    let yaml = cluster("mgmt", "VSphere", "") + &cluster("metal", "Tinkerbell", "") + &cluster("ntx", "Nutanix", "");
    let offenders = ["Cluster default/mgmt [spec.etcd", "Cluster default/ntx [spec.etcd"];
    let judgement = held("eks-anywhere/encryption-at-rest", &World::new(&yaml), "fail", &offenders);
    assert_eq!(notes(&judgement), ["Cluster default/metal: TinkerbellDatacenterConfig has no etcdEncryption"]);
    // An unknown in one cluster does not hide an offender in another.
    let yaml = cluster("mgmt", "VSphere", "") + &cluster("odd", "Other", "");
    held("eks-anywhere/encryption-at-rest", &World::new(&yaml), "fail", &offenders[..1]);
}

#[test]
fn issuers_are_not_shared() {
    let of = |name: &str, issuer: &str| {
        cluster(name, "VSphere", &format!("  podIamConfig: {{serviceAccountIssuer: \"https://{issuer}\"}}"))
    };
    let apart = of("mgmt", "a") + &of("b", "b");
    held("eks-anywhere/irsa", &World::new(&apart), "manual", &[]);
    let shared = of("mgmt", "a") + &of("b", "a") + &of("c", "c");
    let offenders =
        ["Cluster default/mgmt [spec.podIamConfig.serviceAccountIssuer]: https://a, as b has", "Cluster default/b ["];
    held("eks-anywhere/irsa", &World::new(&shared), "fail", &offenders);
}

#[test]
fn public_endpoints_are_told() {
    for (host, expected) in [
        ("10.0.0.1", "a private address"),
        ("8.8.4.4", "a public address"),
        ("\"8.8.4.4:6443\"", "a public address"),
        ("\"[2600::1]:6443\"", "a public address"),
        ("api.example.com", "a host name"),
    ] {
        let more = format!("  controlPlaneConfiguration: {{endpoint: {{host: {host}}}}}");
        let judgement = held("eks-anywhere/endpoint", &World::new(&cluster("mgmt", "VSphere", &more)), "manual", &[]);
        assert!(notes(&judgement)[0].contains(expected), "{host}: {:?}", notes(&judgement));
    }
}

#[test]
fn what_is_not_seen_is_asked_for() {
    for control in CONTROLS {
        let control = format!("eks-anywhere/{control}");
        asks_the_management_cluster(&control);
        names_the_right(&control, &cluster("mgmt", "VSphere", ""), Resource::AnywhereClusters);
    }
}
