//! Benchmark, targets and exit code, chosen as kube-bench does: by what a node shows, by programs that it may run, and
//! by options.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::kube_bench::judged;
use super::{house, refused};
use crate::synthetic::{KUBELET_PID, Node, Report, Said, kube_assay};

const BENCHMARKS: [&str; 9] = [
    "cis-1.11",
    "cis-1.12",
    "eks-1.7.0",
    "eks-1.8.0",
    "gke-1.9.0",
    "k3s-cis-1.9",
    "rke2-cis-1.8",
    "rh-1.4",
    "tkgi-1.2.53",
];

const SETTINGS: &str = "\
master:
  components: [apiserver, etcd]
  apiserver: {bins: [kube-apiserver]}
  etcd: {optional: true, bins: [etcd]}
node:
  components: [kubelet]
  kubelet: {bins: [kubelet]}
etcd:
  components: [etcd]
  etcd: {bins: [etcd]}
controlplane: {components: []}
policies: {components: []}
managedservices: {components: []}
# By which rules each release is judged.
version_mapping:
  \"1.17\": cis-1.11
  \"1.20\": cis-1.11
  \"1.32\": cis-1.12
  \"OCP-4.12\": rh-1.4
target_mapping:
";

/// Creates rule files without checks: each benchmark has all targets, EKS with `managedservices` instead of `etcd`.
fn rules() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let mut settings = SETTINGS.to_owned();
    let mut files = Vec::new();
    for benchmark in BENCHMARKS {
        let last = if benchmark.starts_with("eks") { "managedservices" } else { "etcd" };
        // One benchmark is not mapped to `master`.
        let mapped = if benchmark == "rh-1.4" { "" } else { "master, " };
        writeln!(settings, "  {benchmark}: [{mapped}controlplane, node, policies, {last}]").expect("a text");
        for (id, target) in ["master", last, "controlplane", "node", "policies"].iter().enumerate() {
            let text = format!("{{id: {}, version: {benchmark}, text: T, type: {target}, groups: []}}", id + 1);
            files.push((format!("{benchmark}/{target}.yaml"), text));
        }
    }
    // Like those for K3s: the runtime stands for every component.
    files.push(("k3s-cis-1.9/config.yaml".to_owned(), "master: {apiserver: {bins: [containerd]}}".to_owned()));
    files.push(("config.yaml".to_owned(), settings));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    house::write(directory.path(), &files);
    directory
}

/// Returns the benchmark and the detected version.
fn chosen(said: &Said) -> (String, String) {
    assert_eq!(said.code, 0, "{}", said.err);
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let first = &json["Controls"][0];
    let text = |key: &str| first[key].as_str().unwrap_or_default().to_owned();
    (text("version"), text("detected_version"))
}

fn program(node: &Node, path: &str) {
    node.file(path, "#!/bin/sh\n");
    node.mode(path, 0o755);
}

#[test]
fn what_programs_would_tell_is_learnt_from_the_node() {
    let rules = rules();
    let run = |node: &Node| Said::of(node.command().args(["--json", "-v", "-D"]).arg(rules.path()));
    for (tag, kubectl, benchmark, detected) in [
        ("v1.32.4", false, "cis-1.12", "1.32"),
        ("v1.32.4", true, "cis-1.12", "1.32"),
        ("v1.36.1", false, "cis-1.12", "1.36"),
        ("v1.31.4", false, "cis-1.11", "1.31"),
        // The kubelet's version does not determine the platform.
        ("v1.30.5-rke2r1-build20240910", false, "cis-1.11", "1.30"),
        ("v1.30.5-rke2r1-build20240910", true, "rke2-cis-1.8", "rke2-cis-1.8"),
        ("v1.30.5-rke2r12-build20240910", true, "cis-1.11", "1.30"),
        ("v1.26.5_vmware.1", true, "tkgi-1.2.53", "tkgi-1.2.53"),
        // The directory has no benchmark for this platform.
        ("v1.30.5-aliyun.1", true, "cis-1.11", "1.30"),
        // A control plane node cannot belong to EKS.
        ("v1.32.4-eks-1-32-14", true, "cis-1.12", "1.32"),
    ] {
        let node = Node::control_plane();
        node.manifest("kube-apiserver", tag);
        if kubectl {
            program(&node, "/usr/local/bin/kubectl");
        }
        let said = run(&node);
        assert_eq!(chosen(&said), (benchmark.to_owned(), detected.to_owned()), "{tag} {kubectl}");
        let suggests = said.err.contains("(for RKE2, give --benchmark rke2-cis-1.8)");
        assert_eq!(suggests, tag.contains("rke2r1-") && !kubectl, "{}", said.err);
    }
    // A file without execute permission is not a program.
    let node = Node::control_plane();
    node.manifest("kube-apiserver", "v1.30.5-rke2r1-build20240910");
    node.file("/usr/bin/kubectl", "");
    assert_eq!(chosen(&run(&node)).0, "cis-1.11");
}

#[test]
fn platforms_are_known_by_what_they_leave() {
    let rules = rules();
    let run = |node: &Node| Said::of(node.command().args(["--json", "-v", "-D"]).arg(rules.path()));
    let both = |benchmark: &str| (benchmark.to_owned(), benchmark.to_owned());
    let host = "0::/system.slice/x.service\n";
    let kubelet = |words: &[&str], executable: &str| {
        let node = Node::empty();
        node.process(KUBELET_PID, &[&["kubelet"][..], words].concat(), executable, host);
        node
    };
    let rke2 = kubelet(
        &["--kubeconfig=/var/lib/rancher/rke2/agent/kubelet.kubeconfig"],
        "/var/lib/rancher/rke2/data/v1.30.5-rke2r1-0a1b2c3d4e5f/bin/kubelet",
    );
    assert_eq!(chosen(&run(&rke2)), ("cis-1.11".to_owned(), "1.30".to_owned()));
    program(&rke2, "/usr/bin/kubectl");
    assert_eq!(chosen(&run(&rke2)), both("rke2-cis-1.8"));
    // If the release is unknown, the newest benchmark is used.
    let gke = kubelet(
        &["--kubeconfig=/x", "--node-labels=a=b,cloud.google.com/gke-nodepool=p"],
        "/home/kubernetes/bin/kubelet",
    );
    let said = run(&gke);
    assert_eq!(chosen(&said), both("gke-1.9.0"));
    assert!(
        said.err.contains("benchmark gke-1.9.0: newest for GKE, since the Kubernetes version is unknown"),
        "{}",
        said.err
    );
    let eks = kubelet(
        &["--kubeconfig=/var/lib/kubelet/kubeconfig", "--config=/etc/kubernetes/kubelet/config.json"],
        "/usr/bin/kubelet",
    );
    assert_eq!(chosen(&run(&eks)), both("eks-1.8.0"));
    eks.file("/var/lib/dpkg/status", "Package: kubelet\nStatus: install ok installed\nVersion: 1.31.2-1\n");
    assert_eq!(chosen(&run(&eks)), both("eks-1.7.0"));
    let k3s = Node::empty();
    k3s.process(50, &["/usr/local/bin/k3s", "agent"], "/usr/local/bin/k3s", host);
    k3s.process(51, &["containerd"], "/var/lib/rancher/k3s/data/current/bin/containerd", host);
    let said = run(&k3s);
    assert_eq!(chosen(&said), both("k3s-cis-1.9"));
    // The runtime does not make an agent a master.
    assert_eq!(targets(&said), ["controlplane", "node", "policies"][1..]);
    // The image of kube-proxy's static pod shows the node's release.
    let manifest =
        "spec: {containers: [{name: kube-proxy, image: 'x/kube-proxy-amd64:v1.30.1-gke.1', command: [kube-proxy]}]}\n";
    gke.file("/etc/kubernetes/manifests/kube-proxy.manifest", &format!("apiVersion: v1\nkind: Pod\n{manifest}"));
    gke.process(
        KUBELET_PID,
        &["kubelet", "--kubeconfig=/x", "--pod-manifest-path=/etc/kubernetes/manifests"],
        "/x/kubelet",
        host,
    );
    assert_eq!(chosen(&run(&gke)), ("cis-1.11".to_owned(), "1.30".to_owned()));
    let minikube =
        kubelet(&["--kubeconfig=/etc/kubernetes/kubelet.conf"], "/var/lib/minikube/binaries/v1.32.1/kubelet");
    assert_eq!(chosen(&run(&minikube)), ("cis-1.12".to_owned(), "1.32".to_owned()));
    let openshift = Node::empty();
    openshift.process(KUBELET_PID, &["kubelet", "--kubeconfig=/x"], "/usr/bin/kubelet", host);
    openshift.file("/etc/os-release", "ID=rhcos\nVERSION_ID=\"4.12\"\n");
    let said = run(&openshift);
    assert_eq!(chosen(&said), ("cis-1.11".to_owned(), "1.25".to_owned()));
    assert!(said.err.contains("(for OpenShift, give --benchmark rh-1.4)"), "{}", said.err);
    program(&openshift, "/usr/bin/oc");
    assert_eq!(chosen(&run(&openshift)), both("rh-1.4"));
    openshift.file("/etc/os-release", "ID=rhel\nVERSION_ID=9.4\nOPENSHIFT_VERSION=4.11\n");
    assert_eq!(chosen(&run(&openshift)), both("rh-1.4"));
    let words = ["Kubernetes version: nothing on this node reveals it (give --version 1.N or --benchmark NAME)"];
    refused(&run(&Node::worker()), &words);
    refused(&run(&Node::empty()), &words);
}

fn targets(said: &Said) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let controls = json["Controls"].as_array().expect("a list");
    controls.iter().map(|controls| controls["node_type"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn targets_are_those_of_the_programs_that_run() {
    let rules = rules();
    let run = |node: &Node, words: &[&str]| {
        let said = Said::of(node.command().args(["--json", "-v", "--compat", "-D"]).arg(rules.path()).args(words));
        targets(&said)
    };
    let (node, worker) = (Node::control_plane(), Node::worker());
    assert_eq!(run(&node, &["--benchmark", "cis-1.12"]), ["master", "controlplane", "node", "policies"]);
    assert_eq!(
        run(&node, &["--benchmark", "eks-1.8.0"]),
        ["master", "managedservices", "controlplane", "node", "policies"]
    );
    // A benchmark need not be mapped to `master`.
    assert_eq!(run(&node, &["--benchmark", "rh-1.4"]), ["master", "controlplane", "node", "policies"]);
    assert_eq!(run(&worker, &["--benchmark", "cis-1.12"]), ["node", "policies"]);
    node.process(400, &["etcd", "--data-dir=/x"], "/usr/local/bin/etcd", "0::/\n");
    assert_eq!(run(&node, &["--benchmark", "cis-1.12"]), ["master", "etcd", "controlplane", "node", "policies"]);
    let all = ["master", "etcd", "controlplane", "node", "policies"];
    assert_eq!(run(&worker, &["run", "--benchmark", "cis-1.12"]), all);
    assert_eq!(run(&worker, &["run", "--benchmark", "cis-1.12", "--targets", "etcd,node"]), ["etcd", "node"]);
    for wrong in ["worker", "Master", "Node"] {
        let words = ["--compat", "run", "--benchmark", "cis-1.12", "--targets", wrong, "-D"];
        let said = Said::of(worker.command().args(words).arg(rules.path()));
        assert_eq!(said.code, 1, "{wrong}: {}", said.err);
    }
    fs::remove_file(rules.path().join("cis-1.12/policies.yaml")).expect("removed");
    let said = Said::of(worker.command().args(["--json", "-v", "--benchmark", "cis-1.12", "-D"]).arg(rules.path()));
    assert_eq!(targets(&said), ["node"]);
    assert!(said.err.contains("no rule file for the target policies, which applies to this node"), "{}", said.err);
}

#[test]
fn what_is_given_counts_and_what_is_given_twice_is_refused() {
    let (node, rules) = (Node::control_plane(), rules());
    let directory = rules.path().to_str().expect("text");
    let link = node.outside().join("kube-bench");
    symlink(assert_cmd::cargo::cargo_bin!("kube-assay"), &link).expect("linked");
    let run = |variables: &[(&str, &str)], words: &[&str]| {
        let mut command = assert_cmd::Command::from_std(Command::new(&link));
        command.arg("--root").arg(node.root()).arg("--proc").arg(node.proc());
        command.args(["--json", "-D", directory]).args(words).env_remove("KUBE_BENCH_VERSION");
        Said::of(command.envs(variables.iter().copied()))
    };
    let given = |benchmark: &str| (benchmark.to_owned(), "none".to_owned());
    let bench = "KUBE_BENCH_VERSION";
    for (variables, words, benchmark) in [
        (&[][..], &["--version", "1.30"][..], given("cis-1.11")),
        (&[], &["--benchmark", "eks-1.8.0"], given("eks-1.8.0")),
        (&[(bench, "1.30")], &[], given("cis-1.11")),
        (&[(bench, "1.30")], &["--version", "1.32"], given("cis-1.12")),
        (&[(bench, "1.30")], &["--version", ""], given("cis-1.11")),
        // More useful than an error.
        (&[], &["--version", "v1.30.4+rke2r1"], given("cis-1.11")),
        (&[], &["--version", "ocp-4.13"], given("rh-1.4")),
        (&[], &["--version", "1.18"], ("error".to_owned(), String::new())),
        (&[], &["--version", "1.17"], given("cis-1.11")),
        (&[], &["--version", "OCP-4.12"], ("error".to_owned(), String::new())),
        // A blank value counts as not given.
        (&[], &["--version", " "], ("cis-1.12".to_owned(), "1.32".to_owned())),
        (&[(bench, "1.30")], &["--version", " "], ("cis-1.12".to_owned(), "1.32".to_owned())),
        (&[(bench, "  ")], &["--benchmark", "eks-1.8.0"], given("eks-1.8.0")),
        (&[(bench, "")], &["--benchmark", "eks-1.8.0"], given("eks-1.8.0")),
        (&[(bench, "1.30")], &["--benchmark", ""], given("cis-1.11")),
        (&[], &["--benchmark", " "], ("cis-1.12".to_owned(), "1.32".to_owned())),
        // kube-bench's variables and options override this program's own variables.
        (&[("KUBE_ASSAY_VERSION", "1.30")], &["--benchmark", "eks-1.8.0"], given("eks-1.8.0")),
        (&[("KUBE_ASSAY_BENCHMARK", "eks-1.8.0"), (bench, "1.30")], &[], given("cis-1.11")),
        // Both choose the benchmark.
        (&[], &["--version", "1.30", "--benchmark", "cis-1.12"], ("error".to_owned(), String::new())),
        (&[(bench, "1.30")], &["--benchmark", "cis-1.12"], ("error".to_owned(), String::new())),
        (&[], &["--check", "1.1", "--group", "1"], ("error".to_owned(), String::new())),
        (&[], &["--version", "1.14"], ("error".to_owned(), String::new())),
        (&[], &["--benchmark", "cis-9"], ("error".to_owned(), String::new())),
    ] {
        let said = run(variables, words);
        if benchmark.0 == "error" {
            assert_eq!((said.code, said.out.as_str()), (1, ""), "{variables:?} {words:?}: {}", said.err);
        } else {
            assert_eq!(chosen(&said), benchmark, "{variables:?} {words:?}");
        }
    }
    // Printing the version requires no choice.
    assert_eq!(run(&[(bench, "1.30")], &["--benchmark", "cis-1.12", "version"]).code, 0);
    assert_eq!(run(&[], &["--unheard-of"]).code, 255);
}

#[test]
fn a_recording_is_chosen_for_as_the_node_was() {
    let rules = rules();
    let platform = Node::control_plane();
    platform.manifest("kube-apiserver", "v1.30.5-rke2r1-build20240910");
    program(&platform, "/usr/local/bin/kubectl");
    let openshift = Node::worker();
    openshift.file("/etc/os-release", "ID=rhcos\nVERSION_ID=\"4.12\"\n");
    program(&openshift, "/usr/bin/oc");
    for (node, benchmark) in [(&platform, "rke2-cis-1.8"), (&openshift, "rh-1.4"), (&Node::control_plane(), "cis-1.12")]
    {
        let recording = node.outside().join("recording.yaml");
        let said = Said::of(
            node.command().args(["record", "--with-contents", "-D"]).arg(rules.path()).arg("--file").arg(&recording),
        );
        assert_eq!(said.code, 0, "{}", said.err);
        let live = Report::of(node.command().args(["--json", "-v", "-D"]).arg(rules.path()));
        assert_eq!(live.json["Run"]["benchmark"], benchmark);
        let again = Report::of(kube_assay().args(["--json", "--node"]).arg(&recording).arg("-D").arg(rules.path()));
        assert_eq!(judged(again), judged(live));
    }
}

/// Executable programs in a directory that only root can change.
struct Programs(TempDir);

impl Programs {
    fn new() -> Option<Self> {
        // The usual directory for temporary files is world-writable.
        ::kube_assay::node::is_root().then(|| Self(tempfile::tempdir_in("/var/lib").expect("a directory")))
    }

    fn put(&self, name: &str, script: &str, mode: u32) -> PathBuf {
        let path = self.0.path().join(name);
        // Written by another process: if a test starts a process meanwhile, it inherits our open handle, and a file
        // that is open for writing cannot be executed.
        let text = format!("#!/bin/sh\n{script}");
        let mut writer = Command::new("/bin/sh");
        let status = writer.args(["-c", "printf %s \"$1\" >\"$0\""]).arg(&path).arg(text).status().expect("a shell");
        assert!(status.success(), "{name} cannot be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        path
    }

    fn run(&self, rules: &Path) -> Said {
        let mut command = kube_assay();
        command.env("PATH", self.0.path()).args(["--json", "-v", "--allow-exec", "--exec-limit", "2", "-D"]);
        Said::of(command.arg(rules))
    }
}

#[test]
fn programs_are_asked_in_kube_benchs_order() {
    let Some(programs) = Programs::new() else { return };
    let rules = rules();
    let run = || programs.run(rules.path());
    let told = |benchmark: &str, detected: &str| (benchmark.to_owned(), detected.to_owned());
    let server = |git: &str, minor: &str| {
        format!(
            "[ \"$*\" = 'version -o json' ] || exit 9\necho '{{\"clientVersion\": {{\"gitVersion\": \"v1.17.0\"}}, \"serverVersion\": \
             {{\"major\": \"1\", \"minor\": \"{minor}\", \"gitVersion\": \"{git}\"}}}}'\n"
        )
    };
    programs.put("kubelet", "[ \"$*\" = --version ] || exit 9\necho Kubernetes v1.31.2-eks-7f9249a\nexit 1\n", 0o755);
    // Its exit code does not matter, nor does the suffix.
    assert_eq!(chosen(&run()), told("cis-1.11", "1.31"));
    programs.put("kubectl", &server("v1.30.5+rke2r1", "30+"), 0o755);
    assert_eq!(chosen(&run()), told("rke2-cis-1.8", "rke2-cis-1.8"));
    programs.put("kubectl", &server("v1.32.5", "32"), 0o755);
    assert_eq!(chosen(&run()), told("cis-1.12", "1.32"));
    programs.put("oc", "echo 'Client Version: 4.12.9'\n", 0o755);
    assert_eq!(chosen(&run()), told("rh-1.4", "rh-1.4"));
    // There is no benchmark for OpenShift 5, and a failing `oc` is ignored.
    programs.put("oc", "echo 'Client Version: 5.0.1'\n", 0o755);
    assert_eq!(chosen(&run()), told("cis-1.12", "1.32"));
    programs.put("oc", "echo 'Client Version: 4.12.9'\nexit 1\n", 0o755);
    assert_eq!(chosen(&run()), told("cis-1.12", "1.32"));
    // If the server is unreachable, kube-bench would assume 1.18 or give up.
    for script in
        ["echo '{}'\necho refused >&2\nexit 1\n", "echo '{\"clientVersion\": {}}'\n", "sleep 60\n", "kill $$\n"]
    {
        programs.put("kubectl", script, 0o755);
        let said = run();
        assert_eq!(chosen(&said), told("eks-1.7.0", "eks-1.7.0"), "{script}");
        assert!(
            said.err.contains(&format!("notice: {}: ", programs.0.path().join("kubectl").display())),
            "{}",
            said.err
        );
    }
    // Programs that others can change are not run.
    let mark = programs.0.path().join("ran");
    programs.put("kubectl", &format!(": >{}\n{}", mark.display(), server("v1.32.5", "32")), 0o757);
    let said = run();
    assert_eq!(chosen(&said), told("eks-1.7.0", "eks-1.7.0"));
    assert!(said.err.contains("others than root can write to ") && !mark.exists(), "{}", said.err);
}
