//! Detection: the platform of a node, its evidence and its consequences, and nodes that only resemble a platform.

use serde_json::Value;

use super::{refused, says};
use crate::synthetic::{CONTAINER, KUBELET_PID, Node, PROXY_PID, Report, Said, kube_assay, ordinary_pod, static_pod};

const HOST: &str = "0::/system.slice/kubelet.service\n";
const BOTTLEROCKET: &str = "NAME=Bottlerocket\nID=bottlerocket\nVERSION_ID=1.20.5\n";

/// The output of `detect` for a node.
pub(crate) struct Told(pub(crate) Value);

impl Told {
    pub(crate) fn of(node: &Node, words: &[&str]) -> Self {
        let said = node.says(&[&["detect", "--json"][..], words].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        Self(serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out)))
    }

    /// Returns the output of `detect` for a recorded node.
    pub(crate) fn of_file(path: &str, words: &[&str]) -> Self {
        let said = says(&[&["detect", "--json", "--node", path][..], words].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        Self(serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out)))
    }

    pub(crate) fn name(&self, thing: &str) -> &str {
        self.0[thing]["name"].as_str().unwrap_or("none")
    }

    /// Returns the evidence for a property, one sentence per line.
    pub(crate) fn evidence(&self, thing: &str) -> String {
        sentences(&self.0[thing]["evidence"])
    }

    pub(crate) fn targets(&self) -> Vec<&str> {
        self.0["targets"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|target| target["name"].as_str().expect("text"))
            .collect()
    }

    pub(crate) fn notices(&self) -> Vec<&str> {
        self.0["notices"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|notice| notice["code"].as_str().expect("text"))
            .collect()
    }

    /// Returns the text of the notice with this code.
    pub(crate) fn notice(&self, code: &str) -> &str {
        let notices = self.0["notices"].as_array().expect("a list");
        let notice = notices.iter().find(|notice| notice["code"] == code);
        notice.unwrap_or_else(|| panic!("{code}: {notices:?}"))["text"].as_str().expect("text")
    }
}

/// Returns a containerd configuration with this pause image.
fn containerd(image: &str) -> String {
    format!("version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"{image}\"\n")
}

fn sentences(evidence: &Value) -> String {
    let sentences = evidence.as_array().expect("a list").iter().map(|sentence| sentence.as_str().expect("text"));
    sentences.collect::<Vec<_>>().join("\n")
}

fn kubelet(node: &Node, arguments: &[&str]) {
    node.process(KUBELET_PID, &[&["/usr/bin/kubelet"][..], arguments].concat(), "/usr/bin/kubelet", HOST);
}

/// Adds a kube-proxy that runs from this image.
fn proxy(node: &Node, image: &str) {
    node.process(PROXY_PID, &["kube-proxy"], "/usr/local/bin/kube-proxy", &ordinary_pod());
    node.pod_of("kube-system");
    node.file(
        &format!("/run/containerd/io.containerd.runtime.v2.task/k8s.io/{CONTAINER}/config.json"),
        &format!("{{\"annotations\": {{\"io.kubernetes.cri.image-name\": \"{image}\"}}}}"),
    );
}

fn eks_anywhere_control_plane() -> Node {
    let node = Node::control_plane();
    for component in ["kube-apiserver", "kube-controller-manager", "kube-scheduler"] {
        node.manifest(component, "v1.32.4-eks-1-32-14");
    }
    node
}

/// Creates an etcd machine whose etcd is configured by environment variables.
fn etcd_machine() -> Node {
    let node = Node::empty();
    node.process(700, &["/opt/bin/etcd"], "/opt/bin/etcd", "0::/system.slice/etcd.service\n");
    let environment =
        "ETCD_CLIENT_CERT_AUTH=true\0ETCD_DATA_DIR=/var/lib/etcd\0ETCD_CERT_FILE=/etc/etcd/pki/server.crt\0";
    std::fs::write(node.of_process(700, "environ"), environment).expect("written");
    node
}

const EKS_KUBECONFIG: &str = "--kubeconfig=/var/lib/kubelet/kubeconfig";

/// Creates an EKS worker with its kubelet configuration in this file.
fn eks(config: &str) -> Node {
    let node = Node::empty();
    node.file(config, "{\"kind\": \"KubeletConfiguration\", \"apiVersion\": \"kubelet.config.k8s.io/v1beta1\"}");
    node.file("/var/lib/kubelet/kubeconfig", "apiVersion: v1\n");
    kubelet(&node, &[EKS_KUBECONFIG, "--config", config]);
    node
}

#[test]
fn kubeadm_is_told_by_its_kubeconfig() {
    let told = Told::of(&Node::worker(), &[]);
    assert_eq!((told.name("platform"), told.name("profile")), ("kubeadm", "none"));
    assert!(
        told.evidence("platform").contains("--kubeconfig of kubelet (process 100) is /etc/kubernetes/kubelet.conf")
    );
    assert_eq!(told.targets(), ["node", "policies"]);
    let told = Told::of(&Node::control_plane(), &[]);
    assert_eq!((told.name("platform"), told.name("benchmark")), ("kubeadm", "cis-1.12"));
    assert_eq!(told.targets(), ["master", "controlplane", "node", "policies"]);
    assert_eq!(told.notices(), [""; 0]);
    // When stopped, the node keeps its platform.
    let node = Node::worker();
    std::fs::remove_dir_all(node.proc().join(KUBELET_PID.to_string())).expect("removed");
    let told = Told::of(&node, &[]);
    assert_eq!(told.name("platform"), "kubeadm");
    assert!(told.evidence("platform").contains("/etc/kubernetes/kubelet.conf exists"), "{}", told.evidence("platform"));
}

#[test]
fn eks_anywhere_is_kubeadm_with_images_of_eks_distro() {
    let told = Told::of(&eks_anywhere_control_plane(), &[]);
    assert_eq!(
        (told.name("platform"), told.name("profile"), told.name("benchmark")),
        ("eks-anywhere", "eks-anywhere", "cis-1.12")
    );
    assert!(told.evidence("platform").contains("is from EKS Distro"));
    assert!(told.notice("profile-detected").contains("--profile none disables it"));
    // A worker is detected by its pause image or its kube-proxy image.
    let node = Node::worker();
    proxy(&node, "10.0.0.1:443/eks-anywhere/eks-distro/kubernetes/kube-proxy:v1.31.7-eks-1-31-20");
    let told = Told::of(&node, &[]);
    assert_eq!(
        (told.name("platform"), told.name("version"), told.name("profile")),
        ("eks-anywhere", "1.31", "eks-anywhere")
    );
    let node = Node::worker();
    kubelet(
        &node,
        &[
            "--kubeconfig=/etc/kubernetes/kubelet.conf",
            "--config=/var/lib/kubelet/config.yaml",
            "--pod-infra-container-image=public.ecr.aws/eks-distro/kubernetes/pause:3.10",
        ],
    );
    assert_eq!(Told::of(&node, &[]).name("platform"), "eks-anywhere");
}

#[test]
fn eks_anywhere_is_told_without_a_pause_image_in_the_arguments_and_without_a_kube_proxy() {
    for (file, text, sign) in [
        (
            "/etc/containerd/config.toml",
            "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"public.ecr.aws/eks-distro/kubernetes/pause:3.10\"\n",
            "sandbox_image in /etc/containerd/config.toml is public.ecr.aws/eks-distro/kubernetes/pause:3.10",
        ),
        (
            "/etc/containerd/conf.d/10-pause.toml",
            "version = 3\n[plugins.'io.containerd.cri.v1.images'.pinned_images]\n  sandbox = '10.0.0.1:443/m/pause:v1.32.4-eks-1-32-14'\n",
            "sandbox in /etc/containerd/conf.d/10-pause.toml is 10.0.0.1:443/m/pause:v1.32.4-eks-1-32-14",
        ),
        (
            "/var/lib/kubelet/kubeadm-flags.env",
            "KUBELET_KUBEADM_ARGS=\"--node-ip=10.0.0.1 --pod-infra-container-image=public.ecr.aws/eks-distro/kubernetes/pause:3.9\"\n",
            "--pod-infra-container-image in /var/lib/kubelet/kubeadm-flags.env is public.ecr.aws/eks-distro",
        ),
    ] {
        let node = Node::worker();
        node.file(file, text);
        let told = Told::of(&node, &[]);
        assert_eq!((told.name("platform"), told.name("profile")), ("eks-anywhere", "eks-anywhere"), "{file}");
        assert!(told.evidence("platform").contains(sign), "{}", told.evidence("platform"));
        // A recording gives the same result.
        let recording = node.outside().join("node.yaml").display().to_string();
        assert_eq!(node.says(&["record", "--file", &recording]).code, 0);
        let recorded: Value =
            serde_json::from_str(&says(&["detect", "--json", "--node", &recording]).out).expect("JSON");
        assert_eq!(recorded["platform"], told.0["platform"]);
        // Together with EKS's layout it is no evidence, because EKS images may contain such a pause image too.
        let node = eks("/etc/kubernetes/kubelet/config.json");
        node.file(file, text);
        assert_eq!(Told::of(&node, &[]).name("platform"), "eks-al2023", "{file}");
    }
    // The version alone, which belongs to another distribution.
    let node = Node::worker();
    proxy(&node, "10.0.0.1:443/mirror/kube-proxy:v1.32.3-eks-473151a");
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.name("version")), ("eks-anywhere", "1.32"));
    assert!(told.evidence("platform").contains("v1.32.3-eks-473151a is an EKS Distro build (image "));
    assert_eq!(Told::of(&node, &["--benchmark", "cis-1.11"]).name("profile"), "eks-anywhere");
}

#[test]
fn plain_kubeadm_is_not_taken_for_eks_anywhere() {
    let node = Node::worker();
    proxy(&node, "registry.k8s.io/kube-proxy:v1.32.3");
    node.file("/etc/containerd/config.toml", "# sandbox_image = \"public.ecr.aws/eks-distro/kubernetes/pause:3.10\"\n");
    node.file(
        "/var/lib/kubelet/kubeadm-flags.env",
        "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=registry.k8s.io/pause:3.10\"\n",
    );
    kubelet(
        &node,
        &[
            "--kubeconfig=/etc/kubernetes/kubelet.conf",
            "--cloud-provider=external",
            "--provider-id=aws:///us-east-1a/i-0",
        ],
    );
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.name("profile")), ("kubeadm", "none"), "{}", told.evidence("platform"));
}

#[test]
fn eks_anywhere_is_never_taken_for_eks() {
    // All files of an EKS node, on a node set up by kubeadm.
    for control_plane in [true, false] {
        let node = if control_plane { eks_anywhere_control_plane() } else { Node::worker() };
        node.file("/var/lib/kubelet/kubeconfig", "apiVersion: v1\n");
        node.file("/etc/kubernetes/kubelet/kubelet-config.json", "{}");
        node.file("/etc/os-release", "ID=\"amzn\"\nVERSION_ID=\"2\"\n");
        kubelet(
            &node,
            &[
                "--kubeconfig=/etc/kubernetes/kubelet.conf",
                "--config=/var/lib/kubelet/config.yaml",
                "--node-labels=eks.amazonaws.com/nodegroup=x",
                "--provider-id=aws:///us-east-1a/i-0",
                "--pod-infra-container-image=public.ecr.aws/eks-distro/kubernetes/pause:3.10",
            ],
        );
        let told = Told::of(&node, &[]);
        assert_eq!(told.name("platform"), "eks-anywhere", "{}", told.evidence("platform"));
        assert!(told.name("benchmark").starts_with("cis-"));
    }
    // Nor is EKS taken for EKS Anywhere, whatever the version of its kubelet.
    let node = eks("/etc/kubernetes/kubelet/config.json");
    proxy(&node, "602401143452.dkr.ecr.us-east-1.amazonaws.com/eks/kube-proxy:v1.32.3-eks-473151a");
    assert_eq!(Told::of(&node, &[]).name("platform"), "eks-al2023");
}

#[test]
fn the_profile_of_eks_anywhere_follows_from_where_etcd_is() {
    let node = eks_anywhere_control_plane();
    assert_eq!(Told::of(&node, &[]).name("profile"), "eks-anywhere");
    node.manifest("etcd", "v3.5.21-eks-1-32-14");
    node.process(203, &["etcd", "--data-dir=/var/lib/etcd"], "/usr/local/bin/etcd", &static_pod());
    let told = Told::of(&node, &[]);
    assert_eq!(told.name("profile"), "eks-anywhere-stacked-etcd");
    assert!(told.evidence("profile").contains("etcd runs (process 203)"));
    // A given profile is used, and `none` disables it.
    for (profile, name) in [("eks-anywhere", "eks-anywhere"), ("none", "none")] {
        let told = Told::of(&node, &["--profile", profile]);
        assert_eq!((told.name("profile"), told.notices()), (name, vec!["benchmark-suggested"]));
        let report = node.report(&["--profile", profile]);
        assert_eq!(report.json["Run"]["profile"]["name"].as_str().unwrap_or("none"), name);
        assert_eq!(report.skipped().is_empty(), name == "none");
    }
    let report = node.report(&[]);
    assert_eq!(report.json["Run"]["profile"]["name"], "eks-anywhere-stacked-etcd");
    let detected = |notice: &&str| notice.starts_with("profile eks-anywhere-stacked-etcd: enabled automatically");
    assert!(report.notices().iter().any(detected), "{:?}", report.notices());
    assert_eq!(
        node.report(&["--profile", "none"]).notices(),
        [
            "EKS Anywhere (Ubuntu, RHEL): benchmark eks-anywhere-guide also applies (add it with --benchmark cis-1.12,eks-anywhere-guide)"
        ]
    );
}

#[test]
fn a_profile_for_another_platform_is_told_of() {
    let told = Told::of(&Node::control_plane(), &["--profile", "eks-anywhere"]);
    let notice = told.notice("profile-other-platform");
    assert!(notice.starts_with("profile eks-anywhere: written for eks-anywhere and eks-anywhere-bottlerocket, but"));
    assert!(notice.contains("this node is kubeadm") && notice.contains("--profile none"), "{notice}");
    assert_eq!(told.name("profile"), "eks-anywhere", "it is no error");
    // If the platform is unknown, there is no mismatch to report.
    assert_eq!(
        Told::of(&Node::empty(), &["--profile", "eks-anywhere", "--version", "1.32"]).notices(),
        ["no-component"]
    );
}

#[test]
fn bottlerocket_is_of_eks_or_of_eks_anywhere() {
    let worker = |variant: &str| {
        let node = Node::empty();
        node.file("/etc/os-release", &format!("{BOTTLEROCKET}VARIANT_ID={variant}\n"));
        node.file("/etc/kubernetes/kubelet/config", "kind: KubeletConfiguration\nserverTLSBootstrap: true\n");
        node.file("/etc/kubernetes/kubelet/kubeconfig", "apiVersion: v1\n");
        kubelet(
            &node,
            &["--kubeconfig", "/etc/kubernetes/kubelet/kubeconfig", "--config", "/etc/kubernetes/kubelet/config"],
        );
        node
    };
    for (variant, platform, benchmark, profile) in [
        ("vmware-k8s-1.32", "eks-anywhere-bottlerocket", "cis-1.12", "eks-anywhere"),
        ("metal-k8s-1.29", "eks-anywhere-bottlerocket", "cis-1.11", "eks-anywhere"),
        ("aws-k8s-1.29", "eks-bottlerocket", "eks-1.8.0", "none"),
        ("aws-k8s-1.29-nvidia", "eks-bottlerocket", "eks-1.8.0", "none"),
    ] {
        let told = Told::of(&worker(variant), &[]);
        let seen = (told.name("platform"), told.name("benchmark"), told.name("profile"));
        assert_eq!(seen, (platform, benchmark, profile), "{variant}");
        assert!(told.evidence("platform").contains(variant));
    }
    // Traces of kubeadm decide, whatever the variant.
    let node = worker("aws-k8s-1.29");
    node.directory("/var/lib/kubeadm");
    let told = Told::of(&node, &[]);
    assert_eq!(told.name("platform"), "eks-anywhere-bottlerocket");
    assert!(told.evidence("platform").contains("/var/lib/kubeadm exists"));
    // A Bottlerocket node of neither.
    assert_eq!(Told::of(&worker("other-k8s-1.29"), &[]).name("platform"), "self-managed");
}

#[test]
fn what_bottlerocket_has_no_setting_for_does_not_apply_there() {
    let node = Node::empty();
    node.file("/etc/os-release", &format!("{BOTTLEROCKET}VARIANT_ID=aws-k8s-1.29\n"));
    node.file("/etc/kubernetes/kubelet/kubeconfig", "apiVersion: v1\n");
    kubelet(
        &node,
        &["--kubeconfig", "/etc/kubernetes/kubelet/kubeconfig", "--config", "/etc/kubernetes/kubelet/config"],
    );
    let with = |config: &str| {
        node.file("/etc/kubernetes/kubelet/config", &format!("kind: KubeletConfiguration\n{config}"));
        let report = node.report(&["-c", "3.2.9"]);
        let (verdict, reason) = report.verdict("3.2.9");
        (verdict.to_owned(), reason.to_owned())
    };
    let (verdict, reason) = with("");
    assert_eq!(verdict, "not-applicable");
    assert!(reason.starts_with("Bottlerocket writes the kubelet's configuration itself"), "{reason}");
    // Explicit settings count as usual.
    assert_eq!(with("featureGates:\n  RotateKubeletServerCertificate: false\n").0, "fail");
    assert_eq!(with("featureGates:\n  RotateKubeletServerCertificate: true\n").0, "pass");
    assert_eq!(eks("/etc/kubernetes/kubelet/config.json").report(&["-c", "3.2.9"]).verdict("3.2.9").0, "fail");
}

#[test]
fn eks_on_amazon_linux_is_told_by_where_its_kubelets_files_lie() {
    for (config, platform) in [
        ("/etc/kubernetes/kubelet/kubelet-config.json", "eks-al2"),
        ("/etc/kubernetes/kubelet/config.json", "eks-al2023"),
    ] {
        let node = eks(config);
        let told = Told::of(&node, &[]);
        assert_eq!((told.name("platform"), told.name("profile")), (platform, "none"));
        assert_eq!(told.name("benchmark"), "eks-1.8.0");
        assert!(told.evidence("benchmark").starts_with("the newest edition for EKS"));
        assert_eq!(told.targets(), ["controlplane", "node", "policies", "managedservices"]);
        // Its benchmark needs no version, so none is reported as missing.
        assert_eq!((told.name("version"), told.notices()), ("none", vec![]));
        assert!(told.evidence("version").contains("the node does not show it"));
        assert_eq!(node.report(&[]).targets(), ["controlplane", "node", "policies", "managedservices"]);
        // Targets about the managed service exist only in its benchmarks.
        assert_eq!(Told::of(&node, &["--benchmark", "cis-1.12"]).targets(), ["node", "policies"]);
        assert_eq!(Told::of(&node, &["--version", "1.32"]).name("benchmark"), "cis-1.12", "as was asked for");
    }
    // A kubelet whose arguments reveal EKS, with its files elsewhere.
    let node = eks("/etc/elsewhere.json");
    assert_eq!(Told::of(&node, &[]).name("platform"), "self-managed", "the kubeconfig's place alone tells nothing");
    for sign in
        ["--node-labels=a=b,eks.amazonaws.com/nodegroup=x", "--image-credential-provider-config=/etc/eks/c.json"]
    {
        kubelet(&node, &[EKS_KUBECONFIG, "--config=/etc/elsewhere.json", sign]);
        node.file("/etc/os-release", "ID=\"amzn\"\nVERSION_ID=\"2\"\n");
        assert_eq!(Told::of(&node, &[]).name("platform"), "eks-al2", "{sign}");
        node.file("/etc/os-release", "ID=\"amzn\"\nVERSION_ID=\"2023\"\n");
        assert_eq!(Told::of(&node, &[]).name("platform"), "eks-al2023", "{sign}");
    }
    // Running on AWS does not imply EKS.
    kubelet(&node, &[EKS_KUBECONFIG, "--config=/etc/elsewhere.json", "--provider-id=aws:///us-east-1a/i-0"]);
    assert_eq!(Told::of(&node, &[]).name("platform"), "self-managed");
}

#[test]
fn a_control_plane_is_never_a_node_of_eks() {
    let node = eks("/etc/kubernetes/kubelet/config.json");
    node.process(200, &["kube-apiserver", "--etcd-servers=https://10.0.0.1:2379"], "/usr/bin/kube-apiserver", HOST);
    let told = Told::of(&node, &[]);
    assert_eq!(told.name("platform"), "self-managed");
    assert_eq!(told.targets(), ["master", "controlplane", "node", "policies"]);
}

#[test]
fn a_machine_for_etcd_is_one_whatever_lies_about() {
    let node = etcd_machine();
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.name("profile")), ("external-etcd", "none"));
    // Checks of etcd's files are in the target `master`.
    assert_eq!(told.targets(), ["master", "etcd", "policies"]);
    assert!(told.evidence("platform").contains("no kubelet is present"));
    let report = node.report(&[]);
    assert_eq!((report.verdict("2.2").0, report.verdict("2.5").0), ("pass", "fail"));
    // There is no kubelet to run.
    let notice = told.notice("version-unknown");
    assert!(notice.contains("--version 1.N") && !notice.contains("--allow-exec"), "{notice}");
    // The node image contains a kubelet, which is not started here.
    node.file("/usr/lib/systemd/system/kubelet.service", "[Service]\n");
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.targets()), ("external-etcd", vec!["master", "etcd", "policies"]));
    // A kubelet that runs etcd as a static pod, without a cluster.
    kubelet(&node, &["--config=/etc/kubernetes/kubelet/config"]);
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.targets()), ("external-etcd", vec!["master", "etcd", "policies"]));
    assert!(told.notice("kubelet-without-cluster").contains("--targets etcd,node"));
    assert_eq!(Told::of(&node, &["--targets", "etcd,node"]).targets(), ["etcd", "node"]);
    // With a kubeconfig, it is a node of a cluster that also runs etcd.
    node.file("/etc/kubernetes/kubelet.conf", "apiVersion: v1\n");
    kubelet(&node, &["--kubeconfig=/etc/kubernetes/kubelet.conf"]);
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.targets()), ("kubeadm", vec!["etcd", "node", "policies"]));
    // A stopped node that had joined a cluster.
    let node = etcd_machine();
    node.file("/usr/lib/systemd/system/kubelet.service", "[Service]\n");
    node.file("/etc/kubernetes/kubelet.conf", "apiVersion: v1\n");
    assert_eq!(Told::of(&node, &[]).name("platform"), "kubeadm");
}

#[test]
fn a_kubelet_that_starts_again_and_again_makes_no_node_of_a_machine_for_etcd() {
    // The kubelet unit that node images enable, while it happens to run.
    const STARTED: [&str; 3] = [
        "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
        "--kubeconfig=/etc/kubernetes/kubelet.conf",
        "--config=/var/lib/kubelet/config.yaml",
    ];
    let started = || {
        let node = etcd_machine();
        node.file("/etc/etcd/etcd.env", "ETCD_CLIENT_CERT_AUTH=true\n");
        let unit = "[Service]\nEnvironmentFile=/etc/etcd/etcd.env\nExecStart=/usr/bin/etcd\n";
        node.file("/etc/systemd/system/etcd.service", unit);
        node.directory("/var/lib/etcd/member");
        node.file("/usr/lib/systemd/system/kubelet.service", "[Service]\n");
        kubelet(&node, &STARTED);
        node
    };
    let node = started();
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.targets()), ("external-etcd", vec!["master", "etcd", "policies"]));
    let because = "kubelet (process 100) has joined no cluster: missing: /etc/kubernetes/kubelet.conf, \
                   /etc/kubernetes/bootstrap-kubelet.conf";
    assert!(told.evidence("platform").contains(because), "{}", told.evidence("platform"));
    assert!(told.notice("kubelet-without-cluster").contains("--targets etcd,node"));
    // etcd's files and settings are still judged.
    let report = node.report(&["--benchmark", "cis-1.12"]);
    for (id, verdict) in [("1.1.7", "pass"), ("1.1.11", "fail"), ("2.2", "pass"), ("2.5", "fail")] {
        assert_eq!(report.verdict(id).0, verdict, "{id}");
    }
    // A recording gives the same result.
    let file = node.outside().join("node.yaml").display().to_string();
    assert_eq!(node.says(&["record", "--file", &file]).code, 0);
    let recorded: Value = serde_json::from_str(&says(&["detect", "--json", "--node", &file]).out).expect("JSON");
    assert_eq!(recorded["platform"], told.0["platform"]);
    // One of the files suffices for a node that joins, or has joined, a cluster.
    for kubeconfig in ["/etc/kubernetes/kubelet.conf", "/etc/kubernetes/bootstrap-kubelet.conf"] {
        let node = started();
        node.file(kubeconfig, "apiVersion: v1\n");
        let told = Told::of(&node, &[]);
        assert_eq!((told.name("platform"), told.targets()), ("kubeadm", vec!["etcd", "node", "policies"]));
    }
    // If they cannot be read, they are not taken for missing.
    let node = started();
    node.link("/etc/kubernetes", "kubernetes");
    assert_eq!(Told::of(&node, &[]).name("platform"), "kubeadm");
    // One of two kubelets has joined a cluster.
    let node = started();
    node.file("/srv/kubeconfig", "apiVersion: v1\n");
    node.process(101, &["/usr/bin/kubelet", "--kubeconfig=/srv/kubeconfig"], "/usr/bin/kubelet", HOST);
    assert_eq!(Told::of(&node, &[]).name("platform"), "kubeadm");
}

#[test]
fn what_packages_leave_makes_no_machine_for_etcd() {
    const UNIT: &str = "[Service]\nExecStart=/usr/bin/etcd\n";
    let leave = |node: &Node| {
        node.file("/etc/etcd/etcd.conf", "ETCD_DATA_DIR=/var/lib/etcd/default.etcd\n");
        node.file("/usr/lib/systemd/system/etcd.service", UNIT);
        node.link("/etc/systemd/system/multi-user.target.wants/etcd.service", "/usr/lib/systemd/system/etcd.service");
        node.directory("/var/lib/etcd");
    };
    // Alone, they do not make the machine a node.
    let node = Node::empty();
    leave(&node);
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.targets()), ("none", vec!["policies"]));
    // Together with a kubelet, they add no target and do not change the profile.
    let node = Node::worker();
    leave(&node);
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.targets()), ("kubeadm", vec!["node", "policies"]));
    let node = eks_anywhere_control_plane();
    leave(&node);
    let told = Told::of(&node, &[]);
    assert_eq!(told.name("profile"), "eks-anywhere");
    assert_eq!(told.targets(), ["master", "controlplane", "node", "policies"]);
    let report = node.report(&["--benchmark", "cis-1.12", "--profile", "none"]);
    for id in ["1.1.7", "1.1.8", "1.1.11", "1.1.12"] {
        assert_eq!(report.verdict(id).0, "not-applicable", "{id}");
    }
    // With data, or with etcdadm's settings, it is a stopped etcd.
    for (file, directory) in [(None, Some("/var/lib/etcd/default.etcd/member")), (Some("/etc/etcd/etcd.env"), None)] {
        let node = Node::empty();
        leave(&node);
        if let Some(file) = file {
            node.file(file, "ETCD_CLIENT_CERT_AUTH=true\n");
        }
        if let Some(directory) = directory {
            node.directory(directory);
        }
        let told = Told::of(&node, &[]);
        assert_eq!((told.name("platform"), told.targets()), ("external-etcd", vec!["master", "etcd", "policies"]));
        assert!(told.evidence("platform").starts_with("etcd does not run, but /"), "{}", told.evidence("platform"));
    }
}

#[test]
fn a_profile_that_only_files_ask_for_is_suggested() {
    // A stopped worker.
    let node = Node::worker();
    node.file("/etc/containerd/config.toml", &containerd("public.ecr.aws/eks-distro/kubernetes/pause:3.10"));
    assert_eq!(Told::of(&node, &[]).name("profile"), "eks-anywhere");
    std::fs::remove_dir_all(node.proc().join(KUBELET_PID.to_string())).expect("removed");
    let suggested = |node: &Node, platform: &str, because: &str| {
        let told = Told::of(node, &[]);
        assert_eq!((told.name("platform"), told.name("profile")), (platform, "none"), "{}", told.0);
        assert!(!told.notices().contains(&"profile-detected"));
        let notice = told.notice("profile-suggested");
        assert!(notice.starts_with("profile eks-anywhere: suggested, not enabled: EKS Anywhere"), "{notice}");
        assert!(notice.contains(because), "{notice}");
        assert!(notice.contains("pass --profile eks-anywhere"), "{notice}");
        // No profile is applied, but it can be requested.
        assert_eq!(node.report(&["--targets", "master,node"]).skipped(), [""; 0]);
        let told = Told::of(node, &["--profile", "eks-anywhere"]);
        assert_eq!(told.name("profile"), "eks-anywhere");
        assert!(!told.notices().contains(&"profile-suggested"));
    };
    suggested(&node, "eks-anywhere", "neither a kubelet nor a control plane component runs");
    // A control plane of which only manifests and kubeconfigs are left.
    let node = eks_anywhere_control_plane();
    for pid in [KUBELET_PID, 200, 201, 202] {
        std::fs::remove_dir_all(node.proc().join(pid.to_string())).expect("removed");
    }
    suggested(&node, "eks-anywhere", "neither a kubelet nor a control plane component runs");
    // A control plane whose API server still runs.
    let node = eks_anywhere_control_plane();
    std::fs::remove_dir_all(node.proc().join(KUBELET_PID.to_string())).expect("removed");
    assert_eq!(Told::of(&node, &[]).name("profile"), "eks-anywhere");
    // Bottlerocket without a running kubelet.
    let node = Node::empty();
    node.file("/etc/os-release", &format!("{BOTTLEROCKET}VARIANT_ID=vmware-k8s-1.32\n"));
    node.file("/etc/kubernetes/kubelet/config", "kind: KubeletConfiguration\n");
    suggested(&node, "eks-anywhere-bottlerocket", "neither a kubelet nor a control plane component runs");
}

#[test]
fn evidence_that_disagrees_is_named_and_enables_no_profile() {
    let disagrees = |node: &Node, platform: &str, suggested: bool, parts: &[&str]| {
        let told = Told::of(node, &[]);
        assert_eq!((told.name("platform"), told.name("profile")), (platform, "none"), "{}", told.0);
        let notice = told.notice("platform-evidence-disagrees");
        for part in parts {
            assert!(notice.contains(part), "{part} is in {notice}");
        }
        assert_eq!(told.notices().contains(&"profile-suggested"), suggested, "{}", told.0);
    };
    // Images of the control plane take precedence: kubeadm's own, with a kube-proxy from EKS Distro.
    let node = Node::control_plane();
    proxy(&node, "public.ecr.aws/eks-distro/kubernetes/kube-proxy:v1.32.4-eks-1-32-14");
    let parts = ["kube-proxy:v1.32.4-eks-1-32-14 of kube-proxy (process 300) is from EKS Distro", "treated as kubeadm"];
    disagrees(&node, "kubeadm", false, &parts);
    // The reverse.
    let node = eks_anywhere_control_plane();
    proxy(&node, "registry.k8s.io/kube-proxy:v1.32.4");
    disagrees(&node, "eks-anywhere", true, &["kube-proxy:v1.32.4 of kube-proxy (process 300) is not from EKS Distro"]);
    let node = eks_anywhere_control_plane();
    node.manifest("kube-scheduler", "v1.32.4");
    disagrees(
        &node,
        "eks-anywhere",
        true,
        &["image registry.k8s.io/kube-scheduler:v1.32.4 in", "is not from EKS Distro"],
    );
    // A file that names EKS Distro's pause image, with a kube-proxy from elsewhere.
    let node = Node::worker();
    proxy(&node, "registry.k8s.io/kube-proxy:v1.32.4");
    node.file("/etc/containerd/config.toml", &containerd("public.ecr.aws/eks-distro/kubernetes/pause:3.10"));
    disagrees(&node, "kubeadm", false, &["sandbox_image in /etc/containerd/config.toml is public.ecr.aws/eks-distro"]);
    // kubeadm's layout with EKS's labels.
    let node = Node::worker();
    proxy(&node, "public.ecr.aws/eks-distro/kubernetes/kube-proxy:v1.32.4-eks-1-32-14");
    kubelet(&node, &["--kubeconfig=/etc/kubernetes/kubelet.conf", "--node-labels=eks.amazonaws.com/nodegroup=x"]);
    disagrees(&node, "eks-anywhere", true, &["sets node labels of eks.amazonaws.com"]);
    // Bottlerocket for EKS with traces of kubeadm.
    let node = Node::empty();
    node.file("/etc/os-release", &format!("{BOTTLEROCKET}VARIANT_ID=aws-k8s-1.29\n"));
    node.directory("/var/lib/kubeadm");
    kubelet(&node, &["--kubeconfig=/etc/kubernetes/kubelet/kubeconfig"]);
    disagrees(&node, "eks-anywhere-bottlerocket", true, &["/var/lib/kubeadm exists", "is a variant for EKS"]);
}

#[test]
fn versions_that_disagree_are_named() {
    let package = |node: &Node, version: &str| {
        let text = format!("Package: kubelet\nStatus: hold ok installed\nVersion: {version}\n\n");
        node.file("/var/lib/dpkg/status", &text);
    };
    let node = Node::control_plane();
    package(&node, "1.31.7-1.1");
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("version"), told.name("benchmark")), ("1.32", "cis-1.12"));
    let notice = told.notice("version-evidence-disagrees");
    for part in
        ["1.32 by image registry.k8s.io/kube-apiserver:v1.32.4", "1.31 by package kubelet 1.31.7-1.1 in", "--version"]
    {
        assert!(notice.contains(part), "{part} is in {notice}");
    }
    // A different patch release is not a mismatch, and versions are not compared if the user has chosen one.
    package(&node, "1.32.9-1.1");
    assert_eq!(Told::of(&node, &[]).notices(), [""; 0]);
    package(&node, "1.31.7-1.1");
    assert_eq!(Told::of(&node, &["--version", "1.31"]).notices(), [""; 0]);
}

#[test]
fn a_kubelet_without_a_cluster_stands_alone() {
    let node = Node::empty();
    kubelet(&node, &["--config=/etc/kubelet.yaml"]);
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.targets()), ("standalone-kubelet", vec!["node", "policies"]));
    assert!(told.evidence("platform").contains("kubelet (process 100) has no --kubeconfig"));
    // A kubelet that is about to join a cluster is not standalone.
    kubelet(&node, &["--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf"]);
    assert_eq!(Told::of(&node, &[]).name("platform"), "kubeadm");
    kubelet(&node, &["--kubeconfig=/srv/kubeconfig"]);
    assert_eq!(Told::of(&node, &[]).name("platform"), "self-managed");
}

#[test]
fn components_within_another_program_are_told_of() {
    let node = Node::empty();
    node.process(
        50,
        &["/usr/local/bin/k3s server"],
        "/var/lib/rancher/k3s/data/current/bin/k3s",
        "0::/system.slice/k3s.service\n",
    );
    let told = Told::of(&node, &[]);
    assert_eq!(told.name("platform"), "k3s");
    let runs = "k3s server runs (process 50, /var/lib/rancher/k3s/data/current/bin/k3s, in k3s.service)";
    assert!(told.evidence("platform").starts_with(runs), "{}", told.evidence("platform"));
    assert!(told.0["targets"][0]["evidence"][0] == "kube-apiserver is part of k3s server (process 50)", "{}", told.0);
    assert_eq!(told.targets(), ["master", "controlplane", "node", "policies"]);
    assert!(told.notice("component-embedded").contains("kubelet in k3s server (process 50)"));
    // Its command line is overwritten, and nothing else shows what it was.
    assert!(told.notice("component-embedded").contains("the settings are unknown: k3s.service: no such unit"));
    let report = node.report(&["--benchmark", "cis-1.12"]);
    let (verdict, reason) = report.verdict("4.2.1");
    assert_eq!(verdict, "unknown");
    assert!(reason.starts_with("k3s.service: no such unit was found"), "{reason}");
    let unit =
        "[Service]\nExecStart=/usr/local/bin/k3s server --token 'abc-77' --kube-apiserver-arg=audit-log-maxage=30\n";
    node.file("/etc/systemd/system/k3s.service", unit);
    let settings = "token: abc-78\nagent-token: abc-79\nkubelet-arg:\n- event-qps=0\n- anonymous-auth=true\n";
    node.file("/etc/rancher/k3s/config.yaml", settings);
    let told = Told::of(&node, &[]);
    let notice = told.notice("component-embedded");
    assert!(notice.ends_with("(settings: /etc/rancher/k3s/config.yaml, /etc/systemd/system/k3s.service)"), "{notice}");
    let report = node.report(&["--benchmark", "cis-1.12"]);
    let (verdict, reason) = report.verdict("4.2.1");
    assert_eq!(verdict, "fail");
    assert!(reason.contains("/etc/rancher/k3s/config.yaml:5 kubelet-arg anonymous-auth: found true"), "{reason}");
    assert_eq!(report.verdict("1.2.17").0, "pass");
    assert_eq!(report.verdict("4.2.11").0, "pass");
    // Defaults that depend on the version are known once it is.
    let check = |version: &str, control: &str| {
        let report = node.report(&["--version", version, "--check", control]);
        let check = report.checks().next().expect("one").clone();
        format!("{} {}", check["verdict"].as_str().unwrap_or_default(), check["reason"].as_str().unwrap_or_default())
    };
    let said = check("1.33", "kubelet/seccomp-default");
    assert!(said.starts_with("unknown /var/lib/rancher/k3s/agent/etc/kubelet.conf.d"), "{said}");
    for (version, begin) in [("1.27", "pass"), ("1.31", "pass"), ("1.32", "unknown"), ("1.33", "pass")] {
        let said = check(version, "kubelet/read-only-port");
        assert!(said.starts_with(begin), "{version}: {said}");
    }
    let said = check("1.26", "kubelet/hostname-override");
    assert!(said.contains("is known from 1.27 on, and this is 1.26"), "{said}");
    // A package left behind by another installation is not the running version.
    node.file("/var/lib/dpkg/status", "Package: kubelet\nStatus: install ok installed\nVersion: 1.27.1-1.1\n");
    assert_eq!(Told::of(&node, &[]).name("version"), "none");
    node.remove("/var/lib/dpkg/status");
    // A recording keeps the relevant settings, and no token.
    let recording = node.outside().join("k3s.yaml").display().to_string();
    assert_eq!(node.says(&["record", "--file", &recording]).code, 0);
    let kept = std::fs::read_to_string(&recording).expect("recorded");
    assert!(kept.contains("event-qps=0") && kept.contains("audit-log-maxage=30"), "{kept}");
    assert!(!kept.contains("abc-7") && !kept.contains("token:"), "{kept}");
    let again = Report::of(kube_assay().args(["--node", &recording, "--benchmark", "cis-1.12", "--json"]));
    assert_eq!(again.verdicts(), report.verdicts());
    node.remove("/etc/systemd/system/k3s.service");
    node.remove("/etc/rancher/k3s/config.yaml");
    // Another program of that name, one in a pod, and another subcommand of the same program.
    for (word, executable, cgroup) in [
        ("/usr/local/bin/k3s server", "/tmp/busybox", "0::/x\n"),
        ("/usr/local/bin/k3s server", "/usr/local/bin/k3s", ordinary_pod().as_str()),
        ("/usr/local/bin/k3s kubectl", "/usr/local/bin/k3s", "0::/x\n"),
    ] {
        node.process(50, &[word], executable, cgroup);
        assert_eq!(Told::of(&node, &[]).name("platform"), "none", "{word} {executable} {cgroup}");
    }
}

#[test]
fn where_nothing_is_nothing_is_made_up() {
    let node = Node::empty();
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.targets()), ("none", vec!["policies"]));
    assert!(told.notices().contains(&"no-component"));
    assert!(node.says(&["detect"]).out.contains("platform    none\n"));
}

#[test]
fn processes_that_are_hidden_are_not_taken_for_absent() {
    let node = Node::worker();
    let proc = std::fs::canonicalize(node.proc()).expect("there");
    for pid in [1, KUBELET_PID] {
        std::fs::remove_dir_all(proc.join(pid.to_string())).expect("removed");
    }
    node.process(900, &["-bash"], "/bin/bash", "0::/user.slice\n");
    std::fs::create_dir(proc.join("self")).expect("created");
    let line = format!("22 1 0:21 / {} rw shared:5 - proc proc rw,hidepid=2\n", proc.display());
    std::fs::write(proc.join("self/mountinfo"), line).expect("written");
    let told = Told::of(&node, &[]);
    assert_eq!((told.name("platform"), told.targets()), ("kubeadm", vec!["node", "policies"]));
    let notice = told.notice("processes-unknown");
    assert!(
        notice.contains("mounted with hidepid=2") && notice.contains("it is unknown which components run"),
        "{notice}"
    );
    assert!(sentences(&told.0["targets"][0]["evidence"]).starts_with("kubelet belongs here, since "));
    let report = node.report(&["--benchmark", "cis-1.12", "--targets", "etcd,node", "-c", "2.1,4.2.1"]);
    for id in ["2.1", "4.2.1"] {
        let (verdict, reason) = report.verdict(id);
        assert!(verdict == "unknown" && reason.contains("hides the processes of others"), "{id}: {verdict} {reason}");
    }
}

#[test]
fn it_is_told_in_text_and_of_recordings_too() {
    let node = eks_anywhere_control_plane();
    let said = node.says(&["detect"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    for line in [
        "platform    eks-anywhere: EKS Anywhere (Ubuntu, RHEL)\n            - --kubeconfig of kubelet",
        "version     1.32\n            - image registry.k8s.io/kube-apiserver:v1.32.4-eks-1-32-14 in ",
        "target      master: Control plane components\n            - kube-apiserver runs (process 200)\n",
        "benchmark   cis-1.12: CIS Kubernetes Benchmark 1.12.0\n            - for Kubernetes 1.32\n",
        "profile     eks-anywhere: EKS Anywhere (external etcd)\n",
        "notice      profile eks-anywhere: enabled automatically",
    ] {
        assert!(said.out.contains(line), "{line:?} is in {}", said.out);
    }
    let file = node.outside().join("node.yaml").display().to_string();
    assert_eq!(node.says(&["record", "--file", &file]).code, 0);
    let live = Told::of(&node, &[]).0;
    let mut recorded: Value = serde_json::from_str(&says(&["detect", "--json", "--node", &file]).out).expect("JSON");
    recorded["root"] = live["root"].clone();
    assert_eq!(recorded, live);
    // The reports say the same.
    let report = node.report(&[]);
    assert_eq!(report.run("platform"), "eks-anywhere");
    assert_eq!(report.json["Run"]["platform_evidence"], live["platform"]["evidence"]);
    assert_eq!(report.json["Run"]["targets"][0]["name"], "master");
    let text = node.says(&["run", "-v"]).out;
    assert!(text.contains("platform eks-anywhere: EKS Anywhere (Ubuntu, RHEL) (--kubeconfig of kubelet"), "{text}");
    assert!(text.contains("target master: kube-apiserver runs (process 200); "), "{text}");
}

#[test]
fn a_recording_is_not_told_to_ask_its_kubelet() {
    let node = Node::worker();
    assert!(Told::of(&node, &[]).notice("version-unknown").contains("--allow-exec to ask the kubelet"));
    let file = node.outside().join("node.yaml").display().to_string();
    assert_eq!(node.says(&["record", "--file", &file]).code, 0);
    let said = Said::of(kube_assay().args(["--node", &file, "-v"]));
    assert!(said.err.contains("the node does not show it") && !said.err.contains("--allow-exec"), "{}", said.err);
}

#[test]
fn nothing_secret_and_nothing_deceptive_is_told() {
    let node = Node::worker();
    proxy(&node, "https://root:hunter2secret@mirror/eks-distro/kubernetes/kube-proxy:v1.32.4\\u001b[2J");
    for words in [&["detect"][..], &["detect", "--json"], &["run"], &["--json"], &["--junit"]] {
        let said = node.says(words);
        assert_eq!(said.code, 0);
        for text in [said.out, said.err] {
            assert!(!text.contains("hunter2secret") && !text.contains('\u{1b}'), "{words:?}: {text}");
        }
    }
}

#[test]
fn it_is_no_report() {
    let node = Node::worker();
    for words in [&["--junit"][..], &["--outputfile", "x"], &["--output", "json=x"], &["--check", "1.2.99"]] {
        refused(&node.says(&[&["detect"][..], words].concat()), &[words[0], ": not an option of detect ("]);
    }
    refused(
        &node.says(&["detect", "--format", "junit"]),
        &["--format junit: not known here (use text or json; run, demo and report have the others)"],
    );
    refused(&node.says(&["detect", "--json", "--format", "text"]), &["more than one format"]);
}
