//! Distributions, managed services and installers: evidence for them and their versions, and what is no evidence.

use std::fs;
use std::slice::from_ref;

use tempfile::TempDir;

use super::detect::Told;
use super::says;
use crate::synthetic::{Report, Said};

/// A synthetic node in YAML, and its temporary directory.
struct Synthetic {
    place: TempDir,
}

impl Synthetic {
    fn new(description: &str) -> Self {
        let place = TempDir::new().expect("a temporary directory");
        fs::write(place.path().join("node.yaml"), description).expect("written");
        Self { place }
    }

    fn path(&self) -> String {
        self.place.path().join("node.yaml").display().to_string()
    }
}

fn told(description: &str) -> Told {
    Told::of_file(&Synthetic::new(description).path(), &[])
}

/// Returns the platform and version of a node with these processes and files.
fn seen(description: &str) -> (String, String) {
    let told = told(description);
    (told.name("platform").to_owned(), told.name("version").to_owned())
}

const OF_POD: &str = "0::/kubepods/burstable/pod66e60491-1f3a-4f57-9d29-0c1b2a3d4e5f/\
                      d1bac86f0d2f4a3c8b5e6f7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718";

/// Returns the description of one host process of root.
fn process(command: &str, executable: &str, cgroup: &str) -> String {
    format!("- {{ cmd: \"{command}\", exe: \"{executable}\", cgroup: \"0::{cgroup}\" }}\n")
}

fn node(processes: &[String], rest: &str) -> String {
    format!("hostname: node-1\nprocesses:\n{}{rest}", processes.concat())
}

#[test]
fn golden_nodes_tell_it_in_text_and_in_json() {
    let nodes = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/golden/nodes/made-up")).expect("a directory");
    let mut count = 0;
    for node in nodes {
        let path = node.expect("a file").path().display().to_string();
        let told = Told::of_file(&path, &[]);
        let text = says(&["detect", "--node", &path]);
        assert_eq!((text.code, text.err.as_str()), (0, ""), "{path}");
        let (platform, title) = (told.name("platform"), told.0["platform"]["title"].as_str());
        let line =
            title.map_or_else(|| "platform    none".to_owned(), |title| format!("platform    {platform}: {title}"));
        assert!(text.out.contains(&line), "{path}: {line}: {}", text.out);
        for thing in ["platform", "version", "benchmark"].into_iter().skip(usize::from(platform == "none")) {
            for sentence in told.evidence(thing).lines() {
                assert!(text.out.contains(&format!("            - {sentence}\n")), "{path}: {sentence}: {}", text.out);
            }
        }
        // None of them has a profile, except EKS Anywhere.
        assert!(told.name("profile") == "none" || platform.starts_with("eks-anywhere"), "{path}");
        // None of them has contradictory evidence.
        assert!(!told.notices().contains(&"platform-evidence-disagrees"), "{path}: {}", told.0);
        assert!(!told.notices().contains(&"version-evidence-disagrees"), "{path}: {}", told.0);
        count += 1;
    }
    assert!(count > 30, "{count}");
}

#[test]
fn each_is_known_by_what_its_processes_show() {
    const SYSTEM: &str = "/system.slice/kubelet.service";
    let kubelet =
        |arguments: &str| node(&[process(&format!("/usr/bin/kubelet {arguments}"), "/usr/bin/kubelet", SYSTEM)], "");
    let of = |command: &str, executable: &str, cgroup: &str| node(&[process(command, executable, cgroup)], "");
    let table = [
        // Programs that embed the components.
        ("k3s", of("'/usr/local/bin/k3s server'", "/srv/k3s/data/0a1b/bin/k3s", "/system.slice/k3s.service")),
        ("k3s", of("'/usr/local/bin/k3s agent'", "/var/lib/rancher/k3s/data/0a1b/bin/k3s", "/k3s-agent")),
        ("k3s", of("k3s-server", "/var/lib/rancher/k3s/data/0a1b/bin/k3s-server", "/x.service")),
        ("microk8s", of("/snap/microk8s/1/kubelite --kubelet-args-file=/x", "/snap/microk8s/1/kubelite", "/x.service")),
        ("microshift", of("microshift run", "/usr/bin/microshift", "/system.slice/microshift.service")),
        // Programs that start the components: by unit, by program, by arguments.
        ("microk8s", of("/snap/microk8s/1/kubelet --kubeconfig=/x", "/snap/microk8s/1/kubelet", SYSTEM)),
        ("rke2", of("kubelet --kubeconfig=/x", "/srv/rke2/data/v1.30.1-rke2r1-0a/bin/kubelet", "/x")),
        ("rke2", of("kubelet --kubeconfig=/x", "/usr/bin/kubelet", "/system.slice/rke2-agent.service")),
        ("k0s", of("/srv/k0s/bin/kubelet --kubeconfig=/srv/k0s/kubelet.conf", "/srv/k0s/bin/kubelet", "/x")),
        (
            "k0s",
            of(
                "/srv/x/bin/kubelet --kubeconfig=/srv/x/kubelet.conf",
                "/srv/x/bin/kubelet",
                "/system.slice/k0sworker.service",
            ),
        ),
        ("k0s", kubelet("--kubeconfig=/x --containerd=/run/k0s/containerd.sock")),
        (
            "canonical-k8s",
            of(
                "/snap/k8s/7/bin/kubelet --kubeconfig=/etc/kubernetes/kubelet.conf",
                "/snap/k8s/7/bin/kubelet",
                "/system.slice/snap.k8s.kubelet.service",
            ),
        ),
        (
            "tkgi",
            of(
                "/var/vcap/packages/kubernetes/bin/kubelet --kubeconfig=/x",
                "/var/vcap/packages/kubernetes/bin/kubelet",
                "/x",
            ),
        ),
        (
            "talos",
            of(
                "/usr/local/bin/kubelet --kubeconfig=/etc/kubernetes/kubeconfig-kubelet --config=/etc/kubernetes/kubelet.yaml",
                "/usr/local/bin/kubelet",
                "/x",
            ),
        ),
        (
            "openshift",
            kubelet("--kubeconfig=/x --node-labels=node-role.kubernetes.io/worker,node.openshift.io/os_id=rhel"),
        ),
        ("openshift", of("kube-apiserver --openshift-config=/x", "/usr/bin/kube-apiserver", "/x")),
        ("kops", kubelet("--kubeconfig=/x --node-labels=kops.k8s.io/instancegroup=nodes")),
        ("gke", kubelet("--kubeconfig=/x --node-labels=a=b,cloud.google.com/gke-nodepool=pool")),
        ("aks", kubelet("--kubeconfig=/x --node-labels kubernetes.azure.com/cluster=c")),
        ("ack", kubelet("--kubeconfig=/etc/kubernetes/kubelet.conf --node-labels=ack.aliyun.com=c1")),
        ("rke", kubelet("--kubeconfig=/etc/kubernetes/ssl/kubecfg-kube-node.yaml")),
        (
            "minikube",
            of(
                "/var/lib/minikube/binaries/v1.33.1/kubelet --kubeconfig=/etc/kubernetes/kubelet.conf",
                "/var/lib/minikube/binaries/v1.33.1/kubelet",
                SYSTEM,
            ),
        ),
        ("kind", kubelet("--kubeconfig=/etc/kubernetes/kubelet.conf --provider-id=kind://docker/kind/kind-worker")),
        // None of them.
        ("kubeadm", kubelet("--kubeconfig=/etc/kubernetes/kubelet.conf --provider-id=aws:///x")),
        ("kubeadm", kubelet("--kubeconfig=/etc/kubernetes/kubelet.conf --config=/etc/kubernetes/kubelet-config.yaml")),
        ("self-managed", kubelet("--kubeconfig=/x --config=/etc/kubernetes/kubelet.yaml")),
        ("self-managed", kubelet("--kubeconfig=/x --config=/home/kubernetes/kubelet-config.yaml")),
        ("self-managed", kubelet("--kubeconfig=/var/lib/kubelet/kubeconfig --config=/var/lib/kubelet/kubelet.conf")),
        ("self-managed", kubelet("--kubeconfig=/x --node-labels=example.com/gke-nodepool=x,xkops.k8s.io/a=b")),
        ("self-managed", kubelet("--kubeconfig=/x --config=/etc/kubernetes/kubelet.conf")),
        ("none", of("'/usr/local/bin/k3s server'", "/usr/bin/busybox", "/k3s.service")),
        ("none", of("microshift version", "/usr/bin/microshift", "/x")),
    ];
    for (platform, description) in table {
        assert_eq!(told(&description).name("platform"), platform, "{description}");
    }
}

#[test]
fn what_a_cloud_keeps_to_itself_is_not_here() {
    for (label, platform) in [("cloud.google.com/gke-nodepool=x", "gke"), ("kubernetes.azure.com/cluster=x", "aks")] {
        let kubelet =
            process(&format!("kubelet --kubeconfig=/x --node-labels={label}"), "/usr/bin/kubelet", "/kubelet");
        let told = told(&node(from_ref(&kubelet), ""));
        assert_eq!((told.name("platform"), told.name("profile")), (platform, "none"));
        assert!(told.name("benchmark").starts_with("cis-"), "{}", told.0);
        let control_plane = process("kube-apiserver --etcd-servers=x", "/usr/bin/kube-apiserver", "/x");
        assert_eq!(seen(&node(&[kubelet, control_plane], "")).0, "self-managed");
    }
}

// Kubelet arguments that others may use too.
const KOPS: &str = "--kubeconfig=/var/lib/kubelet/kubeconfig";
const KUBESPRAY: &str = "--kubeconfig=/etc/kubernetes/kubelet.conf --config=/etc/kubernetes/kubelet-config.yaml";
const KIND: &str = "--kubeconfig=/etc/kubernetes/kubelet.conf";
const GKE: &str = "--kubeconfig=/var/lib/kubelet/kubeconfig --config=/home/kubernetes/kubelet-config.yaml";
const OPENSHIFT: &str = "--kubeconfig=/var/lib/kubelet/kubeconfig --config=/etc/kubernetes/kubelet.conf";
const TALOS: &str = "--kubeconfig=/x --config=/etc/kubernetes/kubelet.yaml";

#[test]
fn two_hints_are_needed_and_a_process_shows_one() {
    let kubelet =
        |arguments: &str| process(&format!("kubelet {arguments}"), "/usr/bin/kubelet", "/system.slice/kubelet.service");
    let root = |path: &str| format!("files:\n- {{ path: {path} }}\n");
    let others = |path: &str| format!("files:\n- {{ path: {path}, uid: 1000 }}\n");
    let system =
        |lines: &str| format!("files:\n- path: /etc/os-release\n  content: |\n    {}\n", lines.replace('\n', "\n    "));
    let table = [
        (KOPS, root("/opt/kops/bin/nodeup"), "kops"),
        (KOPS, others("/opt/kops/bin/nodeup"), "self-managed"),
        ("--kubeconfig=/x", root("/opt/kops/bin/nodeup"), "self-managed"),
        (KUBESPRAY, root("/etc/kubernetes/kubelet.env"), "kubespray"),
        (KUBESPRAY, others("/etc/kubernetes/kubelet.env"), "kubeadm"),
        (KIND, root("/kind/version"), "kind"),
        (KIND, others("/kind/version"), "kubeadm"),
        (GKE, system("ID=cos"), "gke"),
        (GKE, system("ID=ubuntu"), "self-managed"),
        (OPENSHIFT, system("ID=rhcos"), "openshift"),
        (OPENSHIFT, system("ID=fedora\nOPENSHIFT_VERSION=4.15"), "openshift"),
        (OPENSHIFT, root("/etc/machine-config-daemon/currentconfig"), "openshift"),
        (OPENSHIFT, others("/etc/machine-config-daemon/currentconfig"), "self-managed"),
        (TALOS, system("ID=talos"), "talos"),
        ("--kubeconfig=/x", system("ID=talos"), "self-managed"),
    ];
    for (arguments, rest, platform) in table {
        assert_eq!(seen(&node(&[kubelet(arguments)], &rest)).0, platform, "{arguments} {rest}");
    }
    // Files without any process are no evidence.
    for path in ["/var/lib/rancher/k3s/server", "/opt/kops/bin/nodeup", "/etc/k0s/k0s.yaml"] {
        assert_eq!(seen(&node(&[process("/bin/sh", "/bin/sh", "/x")], &root(path))).0, "none", "{path}");
    }
}

#[test]
fn nobody_but_root_moves_the_platform_or_the_version() {
    // Processes that an ordinary user may start, or a tenant in a pod, next to a kubelet of kubeadm.
    let own = process(
        "/usr/bin/kubelet --kubeconfig=/etc/kubernetes/kubelet.conf",
        "/usr/bin/kubelet",
        "/system.slice/kubelet.service",
    );
    let mimics = [
        ("'/usr/local/bin/k3s server'", "/usr/local/bin/k3s"),
        ("/snap/microk8s/1/kubelite", "/snap/microk8s/1/kubelite"),
        ("microshift run", "/usr/bin/microshift"),
        ("kubelet --kubeconfig=/x --node-labels=cloud.google.com/gke-nodepool=x", "/usr/bin/kubelet"),
        ("kubelet --kubeconfig=/x", "/var/lib/rancher/rke2/data/v1.20.1-rke2r1-0a/bin/kubelet"),
        ("/var/lib/minikube/binaries/v1.20.1/kubelet --kubeconfig=/x", "/var/lib/minikube/binaries/v1.20.1/kubelet"),
        ("kube-apiserver --openshift-config=/x", "/usr/bin/kube-apiserver"),
    ];
    for (command, executable) in mimics {
        let standing = [
            "cgroup: \"0::/user.slice/user-1000.slice/session-1.scope\", uid: 1000".to_owned(),
            "cgroup: \"0::/system.slice/k3s.service\", uid: 1000".to_owned(),
            format!("cgroup: \"0::{OF_POD}\""),
            "cgroup: \"0::/system.slice/docker-0a1b2c3d4e5f.scope/system.slice/kubelet.service\"".to_owned(),
        ];
        for standing in standing {
            let mimic = format!("- {{ cmd: \"{command}\", exe: \"{executable}\", {standing} }}\n");
            let alone = told(&node(from_ref(&own), ""));
            let beside = told(&node(&[own.clone(), mimic.clone()], ""));
            for thing in ["platform", "version", "benchmark", "profile", "targets"] {
                assert_eq!(beside.0[thing], alone.0[thing], "{thing}: {mimic}");
            }
            let is_listed = beside.notices().contains(&"process-ignored");
            // A distribution in an ordinary pod is a different cluster and is not taken for this one.
            assert!(is_listed || standing.contains("kubepods"), "{mimic}: {}", beside.0);
            // Alone, it does not make the machine a node.
            assert_eq!(seen(&node(from_ref(&mimic), "")), ("none".to_owned(), "none".to_owned()), "{mimic}");
        }
    }
}

#[test]
fn signs_of_two_are_named() {
    let k3s = process("'/usr/local/bin/k3s agent'", "/usr/local/bin/k3s", "/system.slice/k3s-agent.service");
    let kubeadm = process(
        "kubelet --kubeconfig=/etc/kubernetes/kubelet.conf",
        "/usr/bin/kubelet",
        "/system.slice/kubelet.service",
    );
    let told_of = told(&node(&[k3s, kubeadm], ""));
    assert_eq!(told_of.name("platform"), "k3s");
    let notice = told_of.notice("platform-evidence-disagrees");
    assert!(
        notice.contains("k3s agent runs (process 2")
            && notice.contains("is /etc/kubernetes/kubelet.conf, as set by kubeadm"),
        "{notice}"
    );
    let labels = "kubelet --kubeconfig=/x --node-labels=cloud.google.com/gke-nodepool=x,eks.amazonaws.com/nodegroup=y";
    let told_of = told(&node(&[process(labels, "/usr/bin/kubelet", "/x")], ""));
    assert_eq!(told_of.name("platform"), "gke");
    assert!(told_of.notice("platform-evidence-disagrees").contains("eks.amazonaws.com"));
    // Evidence that a platform leaves itself does not count for another.
    let spray = "kubelet --kubeconfig=/etc/kubernetes/kubelet.conf --config=/etc/kubernetes/kubelet-config.yaml";
    let told_of =
        told(&node(&[process(spray, "/usr/bin/kubelet", "/x")], "files:\n- { path: /etc/kubernetes/kubelet.env }\n"));
    assert_eq!(told_of.name("platform"), "kubespray");
    assert!(!told_of.notices().contains(&"platform-evidence-disagrees"), "{}", told_of.0);
}

#[test]
fn leftovers_of_kubeadm_do_not_count_beside_what_runs() {
    let rest = "files:\n- { path: /etc/kubernetes/admin.conf }\n- { path: /etc/kubernetes/kubelet.conf }\n";
    let k3s = process("'/usr/local/bin/k3s server'", "/usr/local/bin/k3s", "/system.slice/k3s.service");
    let told_of = told(&node(&[k3s], rest));
    assert_eq!(told_of.name("platform"), "k3s");
    assert!(!told_of.notices().contains(&"platform-evidence-disagrees"), "{}", told_of.0);
}

#[test]
fn a_program_that_cannot_be_seen_is_judged_by_what_can() {
    let hidden = |command: &str, cgroup: &str| {
        format!("- {{ cmd: \"{command}\", exe: \"/x/kubelet\", cgroup: \"0::{cgroup}\", hidden: [exe] }}\n")
    };
    for (command, cgroup, platform) in [
        ("/var/lib/minikube/binaries/v1.33.1/kubelet --kubeconfig=/x", "/system.slice/kubelet.service", "minikube"),
        (
            "kubelet --kubeconfig=/var/lib/rancher/rke2/agent/kubelet.kubeconfig",
            "/system.slice/rke2-server.service",
            "rke2",
        ),
        ("/var/lib/k0s/bin/kubelet --kubeconfig=/x", "/x", "k0s"),
    ] {
        assert_eq!(seen(&node(&[hidden(command, cgroup)], "")).0, platform, "{command}");
    }
}

#[test]
fn the_version_is_told_by_the_program_the_system_the_snap_or_the_image() {
    let kubelet = |executable: &str| process("kubelet --kubeconfig=/x", executable, "/system.slice/kubelet.service");
    let file = |path: &str, content: &str| {
        format!("files:\n- path: {path}\n  content: |\n    {}\n", content.replace('\n', "\n    "))
    };
    let snap = |version: &str| file("/snap/microk8s/9/meta/snap.yaml", &format!("name: microk8s\nversion: {version}"));
    let kubelite = || process("/snap/microk8s/9/kubelite", "/snap/microk8s/9/kubelite", "/x.service");
    let microshift = || process("microshift run", "/usr/bin/microshift", "/system.slice/microshift.service");
    let table = [
        (
            node(&[kubelet("/srv/data/v1.30.1-rke2r1-0a1b/bin/kubelet")], ""),
            "1.30",
            "program /srv/data/v1.30.1-rke2r1-0a1b/bin/kubelet of kubelet",
        ),
        (node(&[kubelet("/usr/local/bin/kubelet-v1.31.2")], ""), "1.31", "program /usr/local/bin/kubelet-v1.31.2"),
        (
            node(&[kubelet("/usr/bin/kubelet")], &file("/etc/os-release", "ID=rhcos\nOPENSHIFT_VERSION=\"4.16\"")),
            "1.29",
            "OPENSHIFT_VERSION=4.16 in /etc/os-release",
        ),
        (
            node(&[kubelet("/usr/bin/kubelet")], &file("/etc/os-release", "ID=rhcos\nVERSION_ID=\"4.12\"")),
            "1.25",
            "VERSION_ID=4.12",
        ),
        (
            node(&[kubelet("/usr/bin/kubelet")], &file("/etc/os-release", "ID=rhel\nVERSION_ID=\"9.4\"")),
            "none",
            "the node does not show it",
        ),
        (node(&[kubelite()], &snap("v1.31.4")), "1.31", "version: v1.31.4 in /snap/microk8s/9/meta/snap.yaml"),
        (node(&[kubelite()], &snap("latest")), "none", "the node does not show it"),
        (node(&[kubelite()], &snap("2.0")), "none", "the node does not show it"),
        (
            node(&[microshift()], &file("/var/lib/microshift/version", r#"{"version":"4.18.3","boot_id":"x"}"#)),
            "1.31",
            "version 4.18.3 in /var/lib/microshift/version",
        ),
        (node(&[microshift()], &file("/var/lib/microshift/version", "4.18.3")), "none", "the node does not show it"),
        // Files without the process are no evidence.
        (node(&[process("/bin/sh", "/bin/sh", "/x")], &snap("v1.31.4")), "none", "the node does not show it"),
        (
            node(&[process("/bin/sh", "/bin/sh", "/x")], &file("/etc/os-release", "OPENSHIFT_VERSION=4.16")),
            "none",
            "the node does not show it",
        ),
    ];
    for (description, version, evidence) in table {
        let told = told(&description);
        assert_eq!(told.name("version"), version, "{description}");
        assert!(told.evidence("version").contains(evidence), "{}", told.evidence("version"));
    }
}

#[test]
fn the_image_of_a_kubelet_in_a_container_tells_its_version() {
    const ID: &str = "d1bac86f0d2f4a3c8b5e6f7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718";
    let kubelet = |cgroup: &str| {
        format!(
            "hostname: n\nprocesses:\n- {{ cmd: \"kubelet --kubeconfig=/etc/kubernetes/ssl/kubecfg-kube-node.yaml\", exe: /usr/bin/kubelet, \
             cgroup: \"0::{cgroup}\", standing: {{ pid_namespaces: 1, host_network: true }} }}\nfiles:\n"
        )
    };
    let docker = format!(
        "{}- path: /var/lib/docker/containers/{ID}/config.v2.json\n  content: '{{\"Config\": {{\"Image\": \
         \"rancher/hyperkube:v1.24.17-rancher1\"}}}}'\n",
        kubelet(&format!("/system.slice/docker-{ID}.scope"))
    );
    let podman = format!(
        "{}- path: /var/lib/containers/storage/overlay-containers/{ID}/userdata/config.json\n  content: '{{}}'\n- path: \
         /var/lib/containers/storage/overlay-containers/containers.json\n  content: '[{{\"id\": \"{ID}\", \"metadata\": \
         \"{{\\\"image-name\\\": \\\"quay.io/poseidon/kubelet:v1.31.1\\\"}}\"}}]'\n",
        kubelet(&format!("/system.slice/kubelet.service/libpod-payload-{ID}"))
    );
    for (description, version, image) in
        [(docker, "1.24", "hyperkube:v1.24.17-rancher1"), (podman, "1.31", "poseidon/kubelet:v1.31.1")]
    {
        let told = told(&description);
        assert_eq!((told.name("platform"), told.name("version")), ("rke", version), "{description}");
        assert!(told.evidence("version").contains(image), "{}", told.evidence("version"));
    }
}

#[test]
fn versions_of_several_programs_disagree_by_name() {
    let first = process("kubelet --kubeconfig=/x", "/opt/kubernetes-1.31.2/kubelet", "/system.slice/kubelet.service");
    let second = process("kubelet --kubeconfig=/y", "/opt/v1.29.3/kubelet", "/system.slice/kubelet2.service");
    let told_of = told(&node(&[first, second], ""));
    assert_eq!(told_of.name("version"), "1.31");
    let notice = told_of.notice("version-evidence-disagrees");
    assert!(notice.contains("1.29 by program /opt/v1.29.3/kubelet of kubelet (process 3)"), "{notice}");
}

#[test]
fn a_machine_that_runs_kind_in_a_container_is_no_node() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/nodes/made-up/kind-host.yaml");
    let said = says(&["--node", path]);
    refused_as_no_node(&said);
    let ignored = "1 process called kubelet of root (in the docker container 0f75c92f2abd, a node of its own)";
    assert!(said.err.contains(ignored), "{}", said.err);
    refused_as_no_node(&says(&["record", "--node", path]));
    // Files in that container say nothing about the host.
    let told = Told::of_file(path, &[]);
    assert_eq!((told.name("platform"), told.name("version"), told.targets()), ("none", "none", vec!["policies"]));
    // A machine that is a node itself keeps its platform.
    let told = Told::of_file(&path.replace("kind-host", "kind-host-worker"), &[]);
    assert_eq!((told.name("platform"), told.name("version")), ("kubeadm", "1.32"));
    assert_eq!(told.targets(), ["node", "policies"]);
}

fn refused_as_no_node(said: &Said) {
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{}", said.err);
    for part in ["not a node: no kubelet, kube-proxy, etcd or control-plane component found", "--allow-empty"] {
        assert!(said.err.contains(part), "{}", said.err);
    }
}

#[test]
fn remediations_say_first_where_the_platform_has_settings_given() {
    let node = |name: &str| format!("{}/golden/nodes/made-up/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let remediation = |name: &str, id: &str| {
        let said = says(&["--json", "--benchmark", "cis-1.12", "--check", id, "--node", &node(name)]);
        let report = Report { json: serde_json::from_str(&said.out).expect("JSON"), err: said.err };
        report.check(id)["remediation"].as_str().expect("text").to_owned()
    };
    for (name, id, place) in [
        ("rke2-server-cis", "1.2.9", "in /etc/rancher/rke2/config.yaml. "),
        ("k0s-controller-worker", "1.2.9", "in /etc/k0s/k0s.yaml"),
        ("talos-control-plane", "1.4.1", "in the machine configuration"),
        ("gke-node", "4.2.4", "node pool"),
        ("kops-control-plane", "1.2.9", "kops edit cluster"),
    ] {
        let text = remediation(name, id);
        assert!(text.starts_with("On ") && text.contains(place) && text.contains('\n'), "{name} {id}: {text}");
    }
    // Modes are changed on the files themselves, and kubeadm users edit the manifests.
    for (name, id) in [("rke2-server-cis", "4.1.1"), ("kubeadm-control-plane", "1.2.9")] {
        let text = remediation(name, id);
        assert!(!text.starts_with("On ") || text.starts_with("On the"), "{name} {id}: {text}");
    }
}
