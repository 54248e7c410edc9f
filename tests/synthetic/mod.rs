//! A synthetic node, made of a temporary root and proc directory, for testing the real program.

#![allow(dead_code, reason = "each test program that includes this uses what it needs of it")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// The timeout after which a run counts as hanging.
const LIMIT: Duration = Duration::from_mins(1);

/// Returns the program with a clean environment: no variable that could change its behaviour.
pub fn kube_assay() -> Command {
    let mut command = Command::cargo_bin("kube-assay").expect("the program is built");
    for (name, _) in std::env::vars_os() {
        if name.as_bytes().starts_with(b"KUBE_ASSAY_") {
            command.env_remove(name);
        }
    }
    // Tests must not use the cluster of the user who runs them.
    command.env_remove("KUBECONFIG").env_remove("KUBERNETES_SERVICE_HOST");
    command.env_remove("CLICOLOR_FORCE").timeout(LIMIT);
    command
}

/// A node in a temporary directory.
pub struct Node {
    place: TempDir,
}

/// The flags of an API server without any fault that the tests check for.
pub const API_SERVER: [&str; 17] = [
    "kube-apiserver",
    "--anonymous-auth=false",
    "--audit-log-maxage=30",
    "--audit-log-path=/var/log/kubernetes/audit.log",
    "--authorization-mode=Node,RBAC",
    "--client-ca-file=/etc/kubernetes/pki/ca.crt",
    "--enable-admission-plugins=NodeRestriction",
    "--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt",
    "--etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt",
    "--etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key",
    "--kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt",
    "--kubelet-client-key=/etc/kubernetes/pki/apiserver-kubelet-client.key",
    "--profiling=false",
    "--service-account-key-file=/etc/kubernetes/pki/sa.pub",
    "--tls-cert-file=/etc/kubernetes/pki/apiserver.crt",
    "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key",
];

/// A kubelet configured by a file.
pub const KUBELET: [&str; 4] = [
    "/usr/bin/kubelet",
    "--config=/var/lib/kubelet/config.yaml",
    "--kubeconfig=/etc/kubernetes/kubelet.conf",
    "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
];

/// The contents of that file.
pub const KUBELET_CONFIG: &str = "\
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous:
    enabled: false
  webhook:
    enabled: true
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
readOnlyPort: 0
rotateCertificates: true
staticPodPath: /etc/kubernetes/manifests
";

/// The PIDs of the processes on a synthetic node.
pub const KUBELET_PID: i32 = 100;
pub const API_SERVER_PID: i32 = 200;
pub const PROXY_PID: i32 = 300;

impl Node {
    /// Creates a node that only runs a shell.
    pub fn empty() -> Self {
        let node = Self { place: TempDir::new().expect("a temporary directory") };
        for part in ["root", "proc"] {
            fs::create_dir(node.place.path().join(part)).expect("created");
        }
        node.process(1, &["/bin/sh"], "/bin/sh", "0::/init.scope\n");
        node
    }

    /// Creates a node with a kubelet and its files, of unknown version.
    pub fn worker() -> Self {
        let node = Self::empty();
        node.file("/etc/hostname", "node-1\n");
        node.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        node.file("/etc/group", "root:x:0:\n");
        node.file("/var/lib/kubelet/config.yaml", KUBELET_CONFIG);
        node.file("/etc/kubernetes/kubelet.conf", "apiVersion: v1\nkind: Config\n");
        node.file("/etc/kubernetes/pki/ca.crt", "a certificate\n");
        node.file("/usr/lib/systemd/system/kubelet.service", "[Service]\n");
        node.process(KUBELET_PID, &KUBELET, "/usr/bin/kubelet", "0::/system.slice/kubelet.service\n");
        node
    }

    /// Creates a worker that also runs a Kubernetes 1.32 control plane.
    pub fn control_plane() -> Self {
        let node = Self::worker();
        for (component, pid, arguments) in [
            ("kube-apiserver", API_SERVER_PID, &API_SERVER[..]),
            ("kube-controller-manager", 201, &["kube-controller-manager", "--profiling=false"][..]),
            ("kube-scheduler", 202, &["kube-scheduler", "--profiling=false"][..]),
        ] {
            node.manifest(component, "v1.32.4");
            node.process(pid, arguments, &format!("/usr/local/bin/{component}"), &static_pod());
        }
        for name in ["apiserver", "apiserver-etcd-client", "apiserver-kubelet-client"] {
            node.file(&format!("/etc/kubernetes/pki/{name}.crt"), "a certificate\n");
            node.file(&format!("/etc/kubernetes/pki/{name}.key"), "a key\n");
        }
        node.file("/etc/kubernetes/pki/etcd/ca.crt", "a certificate\n");
        node.file("/etc/kubernetes/admin.conf", "apiVersion: v1\nkind: Config\n");
        node
    }

    /// Writes the manifest of a static pod.
    pub fn manifest(&self, component: &str, tag: &str) {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {component}\nspec:\n  containers:\n  - name: {component}\n    \
             image: registry.k8s.io/{component}:{tag}\n    command: [{component}]\n    volumeMounts:\n    - {{name: k, \
             mountPath: /etc/kubernetes}}\n  volumes:\n  - {{name: k, hostPath: {{path: /etc/kubernetes}}}}\n"
        );
        self.file(&format!("/etc/kubernetes/manifests/{component}.yaml"), &text);
    }

    /// Returns the real path of a path on the node.
    pub fn at(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    pub fn root(&self) -> PathBuf {
        self.place.path().join("root")
    }

    pub fn proc(&self) -> PathBuf {
        self.place.path().join("proc")
    }

    /// Returns a directory for files that are not part of the node.
    pub fn outside(&self) -> &Path {
        self.place.path()
    }

    /// Writes a file with mode 0600, replacing whatever exists.
    pub fn file(&self, path: &str, content: &str) {
        let place = self.at(path);
        fs::create_dir_all(place.parent().expect("a parent")).expect("created");
        self.remove(path);
        fs::write(&place, content).expect("written");
        self.mode(path, 0o600);
    }

    pub fn directory(&self, path: &str) {
        fs::create_dir_all(self.at(path)).expect("created");
    }

    /// Creates a symbolic link to `to`, replacing whatever exists.
    pub fn link(&self, path: &str, to: impl AsRef<Path>) {
        let place = self.at(path);
        fs::create_dir_all(place.parent().expect("a parent")).expect("created");
        self.remove(path);
        symlink(to, place).expect("linked");
    }

    pub fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode)).expect("set");
    }

    pub fn remove(&self, path: &str) {
        let place = self.at(path);
        match fs::symlink_metadata(&place) {
            Ok(there) if there.is_dir() => fs::remove_dir_all(place).expect("removed"),
            Ok(_) => fs::remove_file(place).expect("removed"),
            Err(_) => {}
        }
    }

    /// Adds a process to the proc directory.
    pub fn process<A: AsRef<OsStr>>(&self, pid: i32, arguments: &[A], executable: &str, cgroup: &str) {
        let place = self.proc().join(pid.to_string());
        if place.exists() {
            fs::remove_dir_all(&place).expect("removed");
        }
        fs::create_dir(&place).expect("created");
        let mut words = Vec::new();
        for argument in arguments {
            words.extend_from_slice(argument.as_ref().as_bytes());
            words.push(0);
        }
        let name = executable.rsplit('/').next().unwrap_or_default();
        let name: String = name.chars().take(15).collect();
        fs::write(place.join("cmdline"), words).expect("written");
        fs::write(place.join("comm"), format!("{name}\n")).expect("written");
        fs::write(place.join("stat"), format!("{pid} ({name}) S 1 {pid} {pid} 0 -1{rest}\n", rest = " 0".repeat(44)))
            .expect("written");
        fs::write(place.join("cgroup"), cgroup).expect("written");
        fs::write(place.join("environ"), b"").expect("written");
        let status = format!("Name:\t{name}\nPid:\t{pid}\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nNSpid:\t{pid}\n");
        fs::write(place.join("status"), status).expect("written");
        fs::write(place.join("uid_map"), "         0          0 4294967295\n").expect("written");
        symlink(executable, place.join("exe")).expect("linked");
        symlink(self.root(), place.join("root")).expect("linked");
    }

    /// Puts the pod of [`ordinary_pod`] into a namespace, as shown by the kubelet's pod log directory.
    pub fn pod_of(&self, namespace: &str) {
        self.directory(&format!("/var/log/pods/{namespace}_kube-proxy-abcde_{ORDINARY_POD}"));
    }

    /// Returns the path of a file in a process's proc directory.
    pub fn of_process(&self, pid: i32, name: &str) -> PathBuf {
        self.proc().join(pid.to_string()).join(name)
    }

    /// Restarts the API server with additional arguments.
    pub fn api_server_with<A: AsRef<OsStr>>(&self, more: &[A]) {
        let arguments: Vec<&OsStr> = API_SERVER.iter().map(OsStr::new).chain(more.iter().map(AsRef::as_ref)).collect();
        self.process(API_SERVER_PID, &arguments, "/usr/local/bin/kube-apiserver", &static_pod());
    }

    /// Returns the program, set up to check this node.
    pub fn command(&self) -> Command {
        let mut command = kube_assay();
        command.arg("--root").arg(self.root()).arg("--proc").arg(self.proc());
        command
    }

    /// Runs the program on this node and returns its output.
    pub fn says(&self, arguments: &[&str]) -> Said {
        Said::of(self.command().args(arguments))
    }

    /// Runs the program on this node and returns its JSON report.
    pub fn report(&self, arguments: &[&str]) -> Report {
        Report::of(self.command().arg("--json").args(arguments))
    }
}

/// Returns the cgroup of a static pod's container.
pub fn static_pod() -> String {
    let pod = "0a".repeat(16);
    format!(
        "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{pod}.slice/cri-containerd-{CONTAINER}.scope\n"
    )
}

/// Returns the cgroup of an ordinary pod's container, under containerd and cgroup v1.
pub fn ordinary_pod() -> String {
    format!("12:pids:/kubepods/besteffort/pod{ORDINARY_POD}/{CONTAINER}\n")
}

/// The UID of that pod.
const ORDINARY_POD: &str = "66e60491-1111-2222-3333-444455556666";

/// A container ID.
pub const CONTAINER: &str = "d1bac86fd1bac86fd1bac86fd1bac86fd1bac86fd1bac86fd1bac86fd1bac86f";

/// The program's output and exit code.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Runs a command.
    pub fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("it runs");
        Self {
            code: status.code().expect("it ends on its own, and in time"),
            out: String::from_utf8(stdout).expect("UTF-8 on standard output"),
            err: String::from_utf8(stderr).expect("UTF-8 on standard error"),
        }
    }
}

/// A JSON report, and the program's standard error.
pub struct Report {
    pub json: Value,
    pub err: String,
}

impl Report {
    /// Runs a command that prints JSON and must succeed.
    pub fn of(command: &mut Command) -> Self {
        let said = Said::of(command);
        assert_eq!(said.code, 0, "{}", said.err);
        Self { json: serde_json::from_str(&said.out).expect("JSON"), err: said.err }
    }

    /// Returns all checks.
    pub fn checks(&self) -> impl Iterator<Item = &Value> {
        self.json["Controls"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|target| target["tests"].as_array().into_iter().flatten())
            .flat_map(|group| group["results"].as_array().into_iter().flatten())
    }

    /// Returns the check with this number.
    pub fn check(&self, id: &str) -> &Value {
        self.checks().find(|check| check["test_number"] == id).unwrap_or_else(|| panic!("no check {id}"))
    }

    /// Returns the verdict and reason of a check.
    pub fn verdict(&self, id: &str) -> (&str, &str) {
        let check = self.check(id);
        (check["verdict"].as_str().expect("a verdict"), check["reason"].as_str().unwrap_or_default())
    }

    /// Returns the verdicts, by check number.
    pub fn verdicts(&self) -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        self.checks().map(|check| (text(&check["test_number"]), text(&check["verdict"]))).collect()
    }

    /// Returns the numbers of the skipped checks.
    pub fn skipped(&self) -> Vec<String> {
        self.verdicts().into_iter().filter(|(_, verdict)| verdict == "skipped").map(|(id, _)| id).collect()
    }

    /// Returns the targets that were run.
    pub fn targets(&self) -> Vec<&str> {
        self.json["Controls"].as_array().into_iter().flatten().filter_map(|t| t["node_type"].as_str()).collect()
    }

    /// Returns the notices of the run. They must appear only in the report, since standard error is not a terminal
    /// here.
    pub fn notices(&self) -> Vec<&str> {
        let notices = self.json["Run"]["notices"].as_array().expect("notices");
        let texts: Vec<&str> = notices.iter().filter_map(|notice| notice["text"].as_str()).collect();
        for text in &texts {
            assert!(!self.err.contains(text), "{text:?} is told on standard error: {}", self.err);
        }
        texts
    }

    /// Returns a property of the run.
    pub fn run(&self, key: &str) -> &str {
        self.json["Run"][key].as_str().unwrap_or_default()
    }
}
