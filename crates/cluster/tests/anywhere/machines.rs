//! Controls about machines: logins, images, bootstrap configuration, and certificate expiry.

use cluster::Resource;

use crate::anywhere::world::{
    World, anywhere, asks_the_management_cluster, cluster, held, names_the_right, notes, object,
};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKeyOfTheFirstCluster";
const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKeyOfTheOtherCluster";
/// An SSH key with a 1024-bit modulus.
const WEAK: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQD//////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////w==";

fn machines(kind: &str, name: &str, key: &str) -> String {
    anywhere(
        kind,
        &format!("default/{name}"),
        &format!("{{osFamily: ubuntu, users: [{{name: capv, sshAuthorizedKeys: [\"{key} canary@host\"]}}]}}"),
    )
}

fn refers(name: &str, kind: &str) -> String {
    let plane = format!("  controlPlaneConfiguration: {{machineGroupRef: {{kind: {kind}, name: {name}-cp}}}}");
    let workers = format!(
        "  workerNodeGroupConfigurations: [{{name: md-0, machineGroupRef: {{kind: {kind}, name: {name}-cp}}}}]"
    );
    cluster(name, "VSphere", &format!("{plane}\n{workers}"))
}

#[test]
fn keys_are_strong_and_of_one_cluster() {
    for kind in ["VSphereMachineConfig", "NutanixMachineConfig", "TinkerbellMachineConfig", "CloudStackMachineConfig"] {
        let both = |key: &str| {
            refers("mgmt", kind)
                + &refers("prod", kind)
                + &machines(kind, "mgmt-cp", KEY)
                + &machines(kind, "prod-cp", key)
        };
        let of = |name: &str, found: &str| format!("{kind} default/{name}-cp [user capv]: {found}");
        let (first, second) = (of("mgmt", "ssh-ed25519 …"), of("prod", "ssh-ed25519 …"));
        let weak = of("prod", "ssh-rsa …");
        let missing = format!("unknown: {kind} prod-cp: not found, but Cluster default/prod refers to it");
        let table: [(String, &str, &[&str]); 6] = [
            (both(OTHER), "pass", &[]),
            (both(KEY), "fail", &[&first, &second]),
            (both(WEAK), "fail", &[&weak]),
            (both("ssh-rsa AAAA"), "unknown: ", &[]),
            (refers("prod", kind), &missing, &[]),
            (refers("mgmt", kind) + &machines(kind, "mgmt-cp", "no key"), "pass", &[]),
        ];
        for (yaml, expected, offenders) in table {
            held("eks-anywhere/ssh-keys", &World::new(&yaml), expected, offenders);
        }
    }
    names_the_right("eks-anywhere/ssh-keys", &refers("mgmt", "VSphereMachineConfig"), Resource::VSphereMachineConfigs);
    asks_the_management_cluster("eks-anywhere/ssh-keys");
    let snow = refers("mgmt", "SnowMachineConfig");
    held("eks-anywhere/ssh-keys", &World::new(&snow), "none: users", &[]);
}

#[test]
fn origins_of_images_are_told() {
    let config = |kind: &str, spec: &str| refers("mgmt", kind) + &anywhere(kind, "default/mgmt-cp", spec);
    let table = [
        (config("VSphereMachineConfig", "{template: /dc/vm/ubuntu}"), "[spec.template]: /dc/vm/ubuntu"),
        (config("NutanixMachineConfig", "{image: {type: name, name: ubuntu-1}}"), "[spec.image]: ubuntu-1"),
        (config("NutanixMachineConfig", "{image: {type: uuid, uuid: 0-1}}"), "[spec.image]: 0-1"),
        (config("CloudStackMachineConfig", "{template: {name: rhel}}"), "[spec.template]: rhel"),
        (
            config("TinkerbellMachineConfig", "{osImageURL: \"HTTP://files/ubuntu.gz\"}"),
            "[spec.osImageURL]: HTTP://files/ubuntu.gz: not encrypted",
        ),
        (
            config("TinkerbellMachineConfig", "{osImageURL: \"https://u:canary@files/ubuntu.gz\"}"),
            "[spec.osImageURL]: https://masked:masked@files/ubuntu.gz",
        ),
    ];
    for (yaml, note) in table {
        let judgement = held("eks-anywhere/image-origin", &World::new(&yaml), "manual", &[]);
        assert!(
            notes(&judgement)[0].ends_with(note) || notes(&judgement)[0].contains(note),
            "{:?} {note}",
            notes(&judgement)
        );
    }
    let hook = cluster("mgmt", "Tinkerbell", "")
        + &anywhere("TinkerbellDatacenterConfig", "default/mgmt", "{hookImagesURLPath: \"http://hook\"}");
    let judgement = held("eks-anywhere/image-origin", &World::new(&hook), "manual", &[]);
    assert!(notes(&judgement)[0].contains("hookImagesURLPath"), "{:?}", notes(&judgement));
    asks_the_management_cluster("eks-anywhere/image-origin");
}

#[test]
fn certificates_of_providers_are_verified() {
    let of = |provider: &str, spec: &str| {
        cluster("mgmt", provider, "") + &anywhere(&format!("{provider}DatacenterConfig"), "default/mgmt", spec)
    };
    for provider in ["VSphere", "Nutanix"] {
        let offender =
            format!("{provider}DatacenterConfig default/mgmt [spec.insecure]: true, for Cluster default/mgmt");
        let missing = format!("unknown: {provider}DatacenterConfig mgmt: not found");
        let table: [(String, &str, &[&str]); 5] = [
            (of(provider, "{}"), "pass", &[]),
            (of(provider, "{insecure: false, thumbprint: a}"), "pass", &[]),
            (of(provider, "{insecure: null}"), "pass", &[]),
            (of(provider, "{insecure: true}"), "fail", &[&offender]),
            (cluster("mgmt", provider, ""), &missing, &[]),
        ];
        for (yaml, expected, offenders) in table {
            held("eks-anywhere/provider-tls", &World::new(&yaml), expected, offenders);
        }
    }
    held("eks-anywhere/provider-tls", &World::new(&of("Tinkerbell", "{insecure: true}")), "none: insecure", &[]);
    names_the_right("eks-anywhere/provider-tls", &of("VSphere", "{}"), Resource::VSphereDatacenterConfigs);
    asks_the_management_cluster("eks-anywhere/provider-tls");
    let broken = World::new(&of("VSphere", "{insecure: [1]}"));
    held("eks-anywhere/provider-tls", &broken, "unknown: vspheredatacenterconfigs.anywhere.eks.amazonaws.com", &[]);
}

const PLANE: &str = "controlplane.cluster.x-k8s.io/v1beta1";

fn plane(spec: &str) -> String {
    cluster("mgmt", "VSphere", "")
        + &object(PLANE, "KubeadmControlPlane", "eksa-system/mgmt", &format!("{{kubeadmConfigSpec: {spec}}}"))
}

#[test]
fn credentials_are_in_secrets() {
    let own = "KubeadmControlPlane eksa-system/mgmt";
    let file = |content: &str| plane(&format!("{{files: [{{path: /etc/a, content: \"{content}\"}}]}}"));
    let deployment = |env: &str| {
        plane("{}")
            + &object(
                "apps/v1",
                "Deployment",
                "eksa-system/tinkerbell",
                &format!("{{template: {{spec: {{containers: [{{name: tinkerbell, image: t, env: [{env}]}}]}}}}}}"),
            )
    };
    let template = plane("{}")
        + &object(
            "bootstrap.cluster.x-k8s.io/v1beta1",
            "KubeadmConfigTemplate",
            "eksa-system/mgmt-md-0-1",
            "{template: {spec: {files: [{path: /etc/b, content: 'authorization = \"Basic canary\"'}]}}}",
        );
    let header = format!("{own} [file /etc/a]: holds an Authorization header");
    let url = format!("{own} [file /etc/a]: holds a URL with a password");
    let key = format!("{own} [file /etc/a]: holds a private key");
    let command = format!("{own} [preKubeadmCommands[1]]: holds a URL with a password");
    let variable = "Deployment eksa-system/tinkerbell [container tinkerbell, variable ";
    let kernel = format!("{variable}KERNEL_ARGS]: holds a password");
    let named = format!("{variable}REGISTRY_PASSWORD]: holds a password");
    let table: [(String, &str, &[&str]); 14] = [
        (file("plain"), "pass", &[]),
        (file(r#"[header]\n  authorization = \"Basic canary\""#), "fail", &[&header]),
        (file("Environment=HTTPS_PROXY=http://u:canary@proxy"), "fail", &[&url]),
        (file(r"-----BEGIN EC PRIVATE KEY-----\ncanary"), "fail", &[&key]),
        (plane("{files: [{path: /etc/a, contentFrom: {secret: {name: x, key: canary}}}]}"), "pass", &[]),
        (plane("{preKubeadmCommands: [\"hostname x\", \"curl http://u:canary@h\"]}"), "fail", &[&command]),
        (plane("{preKubeadmCommands: null, files: null}"), "pass", &[]),
        (template, "fail", &["KubeadmConfigTemplate eksa-system/mgmt-md-0-1 [file /etc/b]: holds an Authorization"]),
        (deployment("{name: KERNEL_ARGS, value: \"a=1 registry_password=canary\"}"), "fail", &[&kernel]),
        (deployment("{name: REGISTRY_PASSWORD, value: canary}"), "fail", &[&named]),
        (deployment("{name: REGISTRY_PASSWORD, valueFrom: {secretKeyRef: {name: a, key: b}}}"), "pass", &[]),
        (
            cluster(
                "mgmt",
                "VSphere",
                "  proxyConfiguration: {httpProxy: \"u:canary@proxy:3128\", httpsProxy: \"proxy:3128\"}",
            ) + &object(PLANE, "KubeadmControlPlane", "eksa-system/mgmt", "{}"),
            "fail",
            &[
                "Cluster default/mgmt [spec.proxyConfiguration.httpProxy]: masked:masked@proxy:3128, which contains a password",
            ],
        ),
        (cluster("mgmt", "VSphere", ""), "unknown: KubeadmControlPlane mgmt: not found", &[]),
        (String::new(), "unknown: clusters.anywhere.eks.amazonaws.com: not in this cluster (check", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/credentials-outside-secrets", &World::new(&yaml), expected, offenders);
    }
    for resource in [Resource::KubeadmControlPlanes, Resource::KubeadmConfigTemplates, Resource::Deployments] {
        names_the_right("eks-anywhere/credentials-outside-secrets", &plane("{}"), resource);
    }
    // A newer API version, whose fields have other types.
    let newer = plane(
        "{clusterConfiguration: {apiServer: {extraArgs: [{name: a, value: b}]}}, files: [{path: /a, content: x}]}",
    )
    .replace("v1beta1", "v1beta2");
    held("eks-anywhere/credentials-outside-secrets", &World::new(&newer), "pass", &[]);
}

#[test]
fn served_certificates_last() {
    let of = |info: &str, machines: &[&str]| {
        let mut yaml = cluster("mgmt", "VSphere", "") + &format!("status: {{clusterCertificateInfo: {info}}}\n");
        for name in machines {
            let role = if name.contains("etcd") {
                "cluster.x-k8s.io/etcd-cluster: mgmt-etcd"
            } else {
                "cluster.x-k8s.io/control-plane: \"\""
            };
            let role = if name.contains("md") { "cluster.x-k8s.io/deployment-name: md-0" } else { role };
            let machine = format!(
                "---\napiVersion: cluster.x-k8s.io/v1beta1\nkind: Machine\nmetadata: {{name: {name}, namespace: eksa-system, labels: {{cluster.x-k8s.io/cluster-name: mgmt, {role}}}}}\n"
            );
            yaml += &machine;
        }
        yaml
    };
    let table: [(String, &str, &[&str]); 10] = [
        (of("[{machine: cp-1, expiresInDays: 300}]", &["cp-1", "md-1"]), "pass", &[]),
        (of("[{machine: cp-1, expiresInDays: 30}]", &["cp-1"]), "pass", &[]),
        (
            of("[{machine: cp-1, expiresInDays: 29}]", &["cp-1"]),
            "fail",
            &["Cluster default/mgmt [machine cp-1]: 29 days left"],
        ),
        (
            of("[{machine: cp-1, expiresInDays: -3}]", &["cp-1"]),
            "fail",
            &["Cluster default/mgmt [machine cp-1]: -3 days left"],
        ),
        (
            of("[{machine: cp-1, expiresInDays: 300}]", &["cp-1", "etcd-1"]),
            "unknown: Machine etcd-1: not in clusterCertificateInfo",
            &[],
        ),
        (of("[{machine: old, expiresInDays: 2}, {machine: cp-1, expiresInDays: 300}]", &["cp-1"]), "pass", &[]),
        (of("[{machine: cp-1}]", &["cp-1"]), "unknown: Cluster default/mgmt: no expiry for machine cp-1", &[]),
        (of("[]", &["cp-1"]), "unknown: Machine cp-1", &[]),
        (of("[]", &[]), "unknown: Cluster default/mgmt: no machine", &[]),
        (of("null", &["cp-1"]), "unknown: Cluster default/mgmt: its status has no clusterCertificateInfo", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/served-certificates", &World::new(&yaml), expected, offenders);
    }
    let fine = of("[{machine: cp-1, expiresInDays: 300}]", &["cp-1"]);
    names_the_right("eks-anywhere/served-certificates", &fine, Resource::CapiMachines);
    held(
        "eks-anywhere/served-certificates",
        &World::new(&fine).lacking(&[Resource::CapiMachines]),
        "unknown: machines.cluster.x-k8s.io: not in this cluster",
        &[],
    );
    asks_the_management_cluster("eks-anywhere/served-certificates");
}

#[test]
fn control_planes_are_reconciled() {
    let paused = plane("{}").replace(
        "{name: \"mgmt\", namespace: eksa-system}",
        "{name: mgmt, namespace: eksa-system, annotations: {cluster.x-k8s.io/paused: \"canary\", other: canary}}",
    );
    let table: [(&str, &str, &[&str]); 3] = [
        (&plane("{}"), "pass", &[]),
        (&paused, "fail", &["KubeadmControlPlane eksa-system/mgmt: annotation cluster.x-k8s.io/paused"]),
        (&cluster("mgmt", "VSphere", ""), "unknown: KubeadmControlPlane mgmt: not found", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/paused-control-planes", &World::new(yaml), expected, offenders);
    }
    names_the_right("eks-anywhere/paused-control-planes", &plane("{}"), Resource::KubeadmControlPlanes);
    asks_the_management_cluster("eks-anywhere/paused-control-planes");
}

#[test]
fn api_servers_log() {
    const SAFE: &str = "[{level: Metadata}]";
    const ARGUMENTS: &str = "{audit-policy-file: /etc/kubernetes/audit-policy.yaml, audit-log-path: /var/log/a.log}";
    let of = |arguments: &str, rules: &str| {
        let file = format!(
            "{{path: /etc/kubernetes/audit-policy.yaml, content: \"{{apiVersion: audit.k8s.io/v1, kind: Policy, rules: {rules}}}\"}}"
        );
        plane(&format!("{{clusterConfiguration: {{apiServer: {{extraArgs: {arguments}}}}}, files: [{file}]}}"))
    };
    let list = "[{name: audit-policy-file, value: /a}, {name: audit-webhook-config-file, value: /b}]";
    let own = "KubeadmControlPlane eksa-system/mgmt [";
    let table: [(String, &str, &[&str]); 9] = [
        (of(ARGUMENTS, SAFE), "pass", &[]),
        (of(list, SAFE), "pass", &[]),
        (of("{}", SAFE), "fail", &[&format!("{own}--audit-policy-file]: not set")]),
        (of("{audit-policy-file: /a}", SAFE), "fail", &[&format!("{own}--audit-log-path]: not set")]),
        (
            of(ARGUMENTS, "[{level: RequestResponse}]"),
            "fail",
            &[&format!(
                "{own}/etc/kubernetes/audit-policy.yaml, rule 1]: logs the contents of Secrets: RequestResponse of create"
            )],
        ),
        (
            of(ARGUMENTS, "[{level: Metadata, verbs: [get]}, {level: None}]"),
            "fail",
            &[&format!("{own}/etc/kubernetes/audit-policy.yaml, rule 2]: drops every request")],
        ),
        (of(ARGUMENTS, "[]"), "fail", &[&format!("{own}/etc/kubernetes/audit-policy.yaml]: has no rules")]),
        (
            of(ARGUMENTS, "7"),
            "unknown: KubeadmControlPlane eksa-system/mgmt: file /etc/kubernetes/audit-policy.yaml is not a readable audit policy",
            &[],
        ),
        (
            plane(&format!("{{clusterConfiguration: {{apiServer: {{extraArgs: {ARGUMENTS}}}}}, files: []}}")),
            "unknown: KubeadmControlPlane eksa-system/mgmt: its audit policy is not among its files",
            &[],
        ),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/audit-policy", &World::new(&yaml), expected, offenders);
    }
    let nodes = of(ARGUMENTS, "[{level: None, verbs: [get], resources: [{resources: [nodes]}]}, {level: Metadata}]");
    let judgement = held("eks-anywhere/audit-policy", &World::new(&nodes), "pass", &[]);
    assert!(notes(&judgement)[0].contains("drops reads of nodes"), "{:?}", notes(&judgement));
    names_the_right("eks-anywhere/audit-policy", &nodes, Resource::KubeadmControlPlanes);
    asks_the_management_cluster("eks-anywhere/audit-policy");
}

#[test]
fn what_tinkerbell_exposes_is_told() {
    let service = |ports: &str| {
        cluster("mgmt", "Tinkerbell", "")
            + &object(
                "v1",
                "Service",
                "eksa-system/tinkerbell",
                &format!("{{type: LoadBalancer, loadBalancerIP: 10.0.0.9, ports: [{ports}]}}"),
            )
            + &object("v1", "Service", "shop/ssh", "{type: LoadBalancer, ports: [{name: ssh, port: 2222}]}")
    };
    let deployment = |container: &str| {
        service("{port: 67, protocol: UDP}")
            + &object(
                "apps/v1",
                "Deployment",
                "eksa-system/tinkerbell",
                &format!("{{template: {{spec: {{containers: [{container}]}}}}}}"),
            )
    };
    let exposed = "Service eksa-system/tinkerbell [port 2222]: the console over SSH";
    let on = "Deployment eksa-system/tinkerbell [container t]: the console over SSH (secondstar) is on: ";
    let table: [(String, &str, &[&str]); 9] = [
        (service("{name: dhcp, port: 67, protocol: UDP}, {name: http, port: 7171}"), "manual", &[]),
        (service("{name: x, port: 2222}"), "fail", &[exposed]),
        (service("{name: secondstar, port: 22}"), "fail", &["Service eksa-system/tinkerbell [port 22]"]),
        (deployment("{name: t, env: [{name: TINKERBELL_ENABLE_SECONDSTAR, value: \"true\"}]}"), "fail", &[on]),
        (deployment("{name: t, env: [{name: TINKERBELL_ENABLE_SECONDSTAR, value: \"false\"}]}"), "manual", &[]),
        (deployment("{name: t, args: [\"--enable-secondstar\"]}"), "fail", &[on]),
        (deployment("{name: t, args: [\"--enable-secondstar=false\"]}"), "manual", &[]),
        (cluster("mgmt", "Tinkerbell", ""), "unknown: Service eksa-system/tinkerbell: not found", &[]),
        (cluster("mgmt", "VSphere", ""), "none: Tinkerbell", &[]),
    ];
    for (yaml, expected, offenders) in table {
        held("eks-anywhere/tinkerbell-exposure", &World::new(&yaml), expected, offenders);
    }
    let judgement = World::new(&service("{name: dhcp, port: 67, protocol: UDP}, {port: 7171}"))
        .judge("eks-anywhere/tinkerbell-exposure");
    assert_eq!(notes(&judgement), ["Service eksa-system/tinkerbell: LoadBalancer at 10.0.0.9: 67/UDP dhcp, 7171/TCP"]);
    names_the_right("eks-anywhere/tinkerbell-exposure", &service(""), Resource::Services);
    names_the_right("eks-anywhere/tinkerbell-exposure", &service(""), Resource::Deployments);
}

#[test]
fn controllers_of_boards_are_told() {
    let bmc = |tls: &str| {
        object(
            "bmc.tinkerbell.org/v1alpha1",
            "Machine",
            "eksa-system/bmc-1",
            &format!("{{connection: {{host: 10.0.0.7, insecureTLS: {tls}}}}}"),
        )
    };
    let metal = cluster("mgmt", "Tinkerbell", "");
    let judgement = held("eks-anywhere/bmc-tls", &World::new(&(metal.clone() + &bmc("true"))), "manual", &[]);
    assert_eq!(notes(&judgement), ["Machine eksa-system/bmc-1 [spec.connection.insecureTLS]: true, for 10.0.0.7"]);
    let judgement = held("eks-anywhere/bmc-tls", &World::new(&(metal.clone() + &bmc("false"))), "manual", &[]);
    assert_eq!(notes(&judgement), [""; 0]);
    held("eks-anywhere/bmc-tls", &World::new(&metal), "none: machines.bmc.tinkerbell.org", &[]);
    names_the_right("eks-anywhere/bmc-tls", &metal, Resource::BmcMachines);
}
