//! Cluster checks from outside: kubectl's output, recordings, `who-can`, `pod-security`, and refused input.

mod words;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::synthetic::{Said, kube_assay};

/// Answers of a real API server; see the README in that directory.
const ORACLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/cluster/tests/oracle");

/// A secret in every part of an object that is not read.
const SECRET: &str = "hunter2-of-the-cluster";

fn object(kind: &str, namespace: &str, name: &str, rest: Value) -> Value {
    let mut object = json!({
        "kind": kind,
        "metadata": { "name": name, "annotations": { "note": SECRET }, "managedFields": [{ "manager": SECRET }] },
    });
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = namespace.into();
    }
    let Value::Object(rest) = rest else { panic!("an object") };
    object.as_object_mut().expect("an object").extend(rest);
    object
}

fn pod(name: &str, spec: Value) -> Value {
    let mut object = object("Pod", "shop", name, json!({ "status": { "phase": "Running" } }));
    object["spec"] = spec;
    object
}

/// Returns the lists of a small cluster, by file name: one team, one privileged pod, one reader of Secrets.
fn lists() -> Vec<(&'static str, &'static str, Vec<Value>)> {
    let container = json!({
        "name": "web",
        "image": "registry.example/web:1",
        "args": [SECRET],
        "env": [{ "name": "PASSWORD", "value": SECRET }],
        "securityContext": { "privileged": true },
    });
    let subject = json!({ "kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "alice" });
    let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader" });
    let rules = json!([{ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] }]);
    let rbac = "rbac.authorization.k8s.io/v1";
    vec![
        ("namespaces", "v1", vec![object("Namespace", "", "shop", json!({}))]),
        (
            "nodes",
            "v1",
            vec![object("Node", "", "n-1", json!({ "status": { "nodeInfo": { "kubeletVersion": "v1.33.1" } } }))],
        ),
        ("clusterroles", rbac, vec![object("ClusterRole", "", "reader", json!({ "rules": rules }))]),
        (
            "clusterrolebindings",
            rbac,
            vec![object("ClusterRoleBinding", "", "readers", json!({ "roleRef": role, "subjects": [subject] }))],
        ),
        ("roles", rbac, vec![]),
        ("rolebindings", rbac, vec![]),
        ("serviceaccounts", "v1", vec![]),
        ("cronjobs", "batch/v1", vec![]),
        ("jobs", "batch/v1", vec![]),
        ("deployments", "apps/v1", vec![]),
        ("replicasets", "apps/v1", vec![]),
        ("daemonsets", "apps/v1", vec![]),
        ("statefulsets", "apps/v1", vec![]),
        ("replicationcontrollers", "v1", vec![]),
        ("pods", "v1", vec![pod("web-1", json!({ "containers": [container] }))]),
        ("services", "v1", vec![]),
        ("ingresses", "networking.k8s.io/v1", vec![]),
        ("ingressclasses", "networking.k8s.io/v1", vec![]),
        ("persistentvolumeclaims", "v1", vec![]),
        ("persistentvolumes", "v1", vec![]),
        ("storageclasses", "storage.k8s.io/v1", vec![]),
        ("poddisruptionbudgets", "policy/v1", vec![]),
        ("networkpolicies", "networking.k8s.io/v1", vec![]),
        ("validatingwebhookconfigurations", "admissionregistration.k8s.io/v1", vec![]),
        ("validatingadmissionpolicies", "admissionregistration.k8s.io/v1", vec![]),
        ("validatingadmissionpolicybindings", "admissionregistration.k8s.io/v1", vec![]),
        ("customresourcedefinitions", "apiextensions.k8s.io/v1", vec![]),
        (
            "configmaps",
            "v1",
            vec![object("ConfigMap", "kube-system", "aws-auth", json!({ "data": { "other": SECRET } }))],
        ),
    ]
}

/// Writes the lists to a directory, as kubectl prints them.
fn directory() -> TempDir {
    let directory = TempDir::new().expect("a directory");
    for (name, api, mut items) in lists() {
        for item in &mut items {
            item["apiVersion"] = api.into();
        }
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
        fs::write(directory.path().join(format!("{name}.json")), list.to_string()).expect("written");
    }
    directory
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn native(words: &[&str]) -> Value {
    let said = Said::of(kube_assay().args(words).args(["--format", "native"]));
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out))
}

fn check<'r>(report: &'r Value, control: &str) -> &'r Value {
    let below = |value: &'r Value, key: &str| value[key].as_array().into_iter().flatten().collect::<Vec<_>>();
    let groups = below(report, "targets").into_iter().flat_map(|target| below(target, "groups"));
    let checks = groups.flat_map(|group| below(group, "checks"));
    checks
        .into_iter()
        .find(|check| check["control"] == control)
        .unwrap_or_else(|| panic!("{control}: not in the report"))
}

#[test]
fn the_api_servers_own_answers_are_ours() {
    let objects = format!("{ORACLE}/rbac-objects.json");
    let text = fs::read_to_string(format!("{ORACLE}/rbac-answers.json")).expect("it is there");
    let packed: Value = serde_json::from_str(&text).expect("JSON");
    assert!(packed["users"].as_array().is_some_and(|users| users.len() > 3));
    let pods = format!("{ORACLE}/pod-security.jsonl");
    let said = Said::of(kube_assay().args(["pod-security", "--batch", &pods]));
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let expected = fs::read_to_string(&pods).expect("it is there");
    let mut lines = 0;
    for (ours, theirs) in said.out.lines().zip(expected.lines()) {
        let read = |line: &str| -> Value { serde_json::from_str(line).expect("JSON") };
        let (ours, theirs) = (read(ours), read(theirs));
        // By level, with a separate entry if a version differs.
        for (policy, found) in ours["violates"].as_object().expect("an object") {
            let level = policy.split(':').next().unwrap_or_default();
            let expected = theirs["violates"].get(policy).or_else(|| theirs["violates"].get(level));
            assert_eq!(Some(found), expected, "{policy} of {theirs}");
        }
        assert_eq!(ours["violates"].as_object().map(serde_json::Map::len), Some(8));
        lines += 1;
    }
    assert_eq!((lines, said.out.lines().count()), (500, 500));
    // The crate's own tests cover all 4,000 answers about rights; this only checks that the command line gives the same
    // ones.
    let question = json!({ "spec": { "user": "x", "groups": ["system:masters"], "resourceAttributes": { "verb": "get", "resource": "secrets" } } });
    let no = json!({ "spec": { "user": "x", "nonResourceAttributes": { "verb": "get", "path": "/metrics" } } });
    let said = Said::of(
        kube_assay()
            .args(["who-can", "--batch", "-", "--cluster-objects", &objects])
            .write_stdin(format!("{question}\n\n{no}\nnonsense\n")),
    );
    let answers: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(said.code, 2, "{}", said.err);
    assert_eq!(answers[0], json!({ "spec": question["spec"], "allowed": true }));
    assert_eq!(answers[1], json!({ "spec": no["spec"], "allowed": false }));
    assert!(answers[2]["error"].as_str().is_some_and(|error| error.starts_with("line 4: ")), "{}", answers[2]);
    assert!(said.err.contains("1 of 3 lines could not be answered"), "{}", said.err);
}

#[test]
fn who_can_lists_subjects_with_their_paths_and_answers_for_one() {
    let directory = directory();
    let ask = |words: &[&str]| {
        Said::of(kube_assay().arg("who-can").args(words).args(["--cluster-objects", shown(directory.path())]))
    };
    let all = ask(&["get", "secrets"]);
    assert_eq!(all.code, 0, "{}", all.err);
    assert!(
        all.out.contains("User alice  cluster-wide  by ClusterRoleBinding readers, ClusterRole reader, rule 1"),
        "{}",
        all.out
    );
    for (words, answer) in [
        (vec!["get", "secrets", "--as", "alice"], "yes"),
        (vec!["get", "secret", "-n", "shop", "--as", "alice", "--as-group", "dev"], "yes"),
        (vec!["list", "secrets", "--as", "alice"], "no"),
        (vec!["get", "secrets", "--as", "bob"], "no"),
        (vec!["get", "/healthz", "--as", "alice"], "no"),
    ] {
        let said = ask(&words);
        assert_eq!((said.code, said.out.lines().next()), (0, Some(answer)), "{words:?} {}", said.err);
    }
}

#[test]
fn objects_recordings_and_files_of_several_kinds_give_one_report() {
    let directory = directory();
    let objects = shown(directory.path());
    let report = native(&["cluster", "--cluster-objects", objects]);
    let privileged = check(&report, "pod-security/privileged");
    assert_eq!(privileged["verdict"], "fail");
    let object = &privileged["evidence"][0]["source"]["object"];
    assert_eq!(object, &json!({ "kind": "Pod", "namespace": "shop", "name": "web-1", "part": "container web" }));
    assert_eq!(check(&report, "rbac/secrets-access")["verdict"], "fail");
    assert_eq!(check(&report, "rbac/cluster-admin")["verdict"], "pass");
    assert_eq!(report["run"]["benchmark"]["name"], "cis-1.12", "by the version of the kubelets");

    let recording = directory.path().join("cluster.recording");
    let said = Said::of(kube_assay().args(["record", "--cluster", shown(&recording), "--cluster-objects", objects]));
    assert_eq!(said.code, 0, "{}", said.err);
    let recorded = fs::read_to_string(&recording).expect("it is written");
    assert!(!recorded.contains(SECRET), "{recorded}");
    assert_eq!(native(&["cluster", "--cluster", shown(&recording)])["targets"], report["targets"]);

    // One file that maps resources to lists, and one of YAML documents.
    let mut yaml = String::new();
    let mut map = serde_json::Map::new();
    for (name, api, mut items) in lists() {
        for item in &mut items {
            item["apiVersion"] = api.into();
        }
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": items });
        let _ = write!(yaml, "---\n{}", serde_yaml::to_string(&list).expect("YAML"));
        map.insert(name.to_owned(), Value::Array(items));
    }
    let file = directory.path().join("all-in-one");
    fs::write(&file, Value::Object(map).to_string()).expect("written");
    assert_eq!(native(&["cluster", "--cluster-objects", shown(&file)])["targets"], report["targets"]);
    // A kind in a file's name counts as listed, even without objects.
    let names: Vec<&str> = lists().iter().map(|(name, _, _)| *name).collect();
    let several = TempDir::new().expect("a directory");
    fs::write(several.path().join("all.yaml"), yaml).expect("written");
    for names in names.chunks(6) {
        let file = several.path().join(format!("{}.yaml", names.join(",")));
        fs::write(file, "apiVersion: v1\nkind: List\nitems: []\n").expect("written");
    }
    assert_eq!(native(&["cluster", "--cluster-objects", shown(several.path())])["targets"], report["targets"]);
}

#[test]
fn no_format_shows_what_was_not_looked_at() {
    let directory = directory();
    for format in ["text", "json", "junit", "native"] {
        let words = ["cluster", "--cluster-objects", shown(directory.path()), "--format", format];
        let said = Said::of(kube_assay().args(words));
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(!said.out.contains(SECRET) && said.out.contains("web-1"), "{format}: {}", said.out);
    }
}

/// What a failed, interrupted or partial command leaves in a file that a shell redirects its output to.
#[test]
fn a_file_without_a_whole_list_is_no_empty_list() {
    let directory = directory();
    fs::remove_file(directory.path().join("pods.json")).expect("removed");
    let empty = |control: &str| {
        let report = native(&["cluster", "--cluster-objects", shown(directory.path())]);
        check(&report, control).clone()
    };
    for (name, text, said) in [
        ("pods.json", "", "contains no list"),
        ("pods.json", " \n", "contains no list"),
        ("pods.json", "{}", "contains no list"),
        ("pods.yaml", "", "contains no list"),
        ("pods.yaml", "---\n# nothing\n---\n", "contains no list"),
        ("pods.yaml", "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n", "cut off"),
        ("pods.yaml", "apiVersion: v1\nitems: []\n", "cut off"),
        ("pods.json", r#"{"apiVersion":"v1","kind":"PodList"}"#, "without items"),
        ("pods.json", r#"{"kind":"PodList","metadata":{"continue":"eyJ2"},"items":[]}"#, "metadata.continue"),
        ("pods.json", r#"{"kind":"Status","status":"Failure","message":"pods is forbidden"}"#, "pods is forbidden"),
    ] {
        let file = directory.path().join(name);
        fs::write(&file, text).expect("written");
        let check = empty("pod-security/privileged");
        assert_eq!(check["verdict"], "unknown", "{text:?} {check}");
        assert!(check.to_string().contains(said), "{text:?} {check}");
        fs::remove_file(&file).expect("removed");
    }
    // As kubectl prints it where there are none.
    for list in [r#"{"kind":"List","metadata":{"resourceVersion":""},"items":[]}"#, "[]"] {
        fs::write(directory.path().join("pods.json"), list).expect("written");
        assert_eq!(empty("pod-security/privileged")["verdict"], "pass", "{list}");
    }
}

/// A kind that not every cluster has counts as not installed where no file lists it, unless an unread file may have.
#[test]
fn a_file_that_was_not_read_may_have_listed_what_is_not_installed_everywhere() {
    let directory = directory();
    let listing = |name: &str| {
        let said =
            Said::of(kube_assay().args(["record", "--cluster", "-", "--cluster-objects", shown(directory.path())]));
        assert_eq!(said.code, 0, "{}", said.err);
        let recorded: Value = serde_json::from_str(&said.out).expect("JSON");
        recorded["lists"][name].clone()
    };
    let policies = "ciliumnetworkpolicies.cilium.io";
    assert_eq!(listing(policies)["state"], "absent");
    let page = |token: &str| {
        let metadata = json!({ "continue": token });
        json!({ "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicyList", "metadata": metadata, "items": [] })
    };
    let (first, last) = (page("eyJ2").to_string(), page("").to_string());
    for text in ["", "{", "7", r#"{"kind":"Status","status":"Failure"}"#, first.as_str()] {
        fs::write(directory.path().join("a.json"), text).expect("written");
        let answer = listing(policies);
        assert_eq!(answer["state"], "unknown", "{text:?} {answer}");
        assert!(answer.to_string().contains("a.json"), "{text:?} {answer}");
    }
    // The last part looks like a whole list.
    fs::write(directory.path().join("b.json"), &last).expect("written");
    assert_eq!(listing(policies)["state"], "unknown");
    fs::write(directory.path().join("a.json"), "").expect("written");
    assert_eq!(listing(policies)["state"], "complete", "it is listed, in another file");
    fs::remove_file(directory.path().join("b.json")).expect("removed");
    // What has nothing to do with it.
    let other = json!({ "kind": "DeploymentList", "metadata": { "continue": "eyJ2" }, "items": [] }).to_string();
    for text in [r#"{"clientVersion":{"gitVersion":"v1.32.0"}}"#, other.as_str()] {
        fs::write(directory.path().join("a.json"), text).expect("written");
        assert_eq!(listing(policies)["state"], "absent", "{text}");
    }
}

#[test]
fn what_was_not_listed_is_unknown_and_says_what_to_add() {
    let directory = directory();
    for (list, controls) in [
        ("pods", ["pod-security/host-pid", "rbac/token-mounts"]),
        ("rolebindings", ["rbac/cluster-admin", "rbac/create-pods"]),
        ("namespaces", ["workloads/network-policies", "pod-security/policy-mechanism"]),
    ] {
        let file = directory.path().join(format!("{list}.json"));
        let text = fs::read(&file).expect("it is there");
        // Missing, truncated, and with an invalid object.
        for broken in [None, Some(&text[..text.len() / 2]), Some(br#"{"kind":"List","items":[7]}"#)] {
            match broken {
                None => fs::remove_file(&file).expect("removed"),
                Some(bytes) => fs::write(&file, bytes).expect("written"),
            }
            let report = native(&["cluster", "--cluster-objects", shown(directory.path())]);
            for control in controls {
                let check = check(&report, control);
                assert_ne!(check["verdict"], "pass", "{list} {broken:?} {check}");
            }
        }
        fs::write(&file, text).expect("written");
    }
}

#[test]
fn a_node_is_judged_as_ever_beside_a_cluster_that_cannot_be_asked() {
    let node = "golden/nodes/kubeadm-control-plane.yaml";
    let alone = native(&["run", "--node", node, "--targets", "master,policies"]);
    let directory = TempDir::new().expect("a directory");
    let kubeconfig = directory.path().join("kubeconfig");
    let cluster = json!({ "server": "https://127.0.0.1:1" });
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{ "name": "c", "cluster": cluster }],
        "users": [{ "name": "c", "user": { "token": SECRET } }],
        "contexts": [{ "name": "c", "context": { "cluster": "c", "user": "c" } }],
    });
    fs::write(&kubeconfig, config.to_string()).expect("written");
    let missing = directory.path().join("missing");
    for kubeconfig in [&kubeconfig, &missing] {
        let report =
            native(&["run", "--node", node, "--targets", "master,policies", "--kubeconfig", shown(kubeconfig)]);
        assert!(!report.to_string().contains(SECRET));
        assert_eq!(report["targets"][0], alone["targets"][0]);
        let check = check(&report, "rbac/cluster-admin");
        assert_eq!(check["verdict"], "unknown", "{check}");
        assert_ne!(check["reason"]["detail"], Value::Null);
    }
    assert_eq!(check(&alone, "rbac/cluster-admin")["verdict"], "manual");
    // With cluster objects both are judged, and the node does not belong to that cluster.
    let objects = self::directory();
    let report =
        native(&["run", "--node", node, "--targets", "master,policies", "--cluster-objects", shown(objects.path())]);
    assert_eq!(report["targets"][0], alone["targets"][0]);
    assert_eq!(check(&report, "pod-security/privileged")["verdict"], "fail");
    let notices = report["run"]["notices"].to_string();
    assert!(notices.contains("node-not-in-cluster") && !notices.contains("cluster-not-asked"), "{notices}");
}

#[test]
fn what_is_no_cluster_is_refused_in_one_line_with_what_to_do() {
    let directory = TempDir::new().expect("a directory");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).expect("written");
        path
    };
    let node = file("node.yaml", "form: 3\n");
    let deep = file("deep.json", &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    let html = file("page.html", "<html></html>");
    let newer = file("newer.json", r#"{"recordedCluster":9,"source":"x","lists":{}}"#);
    let config = file("config", "{\"clusters\": 7}");
    let empty = directory.path().join("empty");
    fs::create_dir(&empty).expect("made");
    for (option, value, says) in [
        ("--cluster", shown(&node), "not a recorded cluster"),
        ("--cluster", shown(&newer), "record the cluster again"),
        ("--cluster", "/dev/null", "not a regular file"),
        ("--cluster", "/nowhere", "no such file"),
        ("--cluster-objects", shown(&html), "as kubectl prints it"),
        ("--cluster-objects", shown(&deep), "kubectl"),
        ("--cluster-objects", shown(&empty), "no list of objects"),
        ("--cluster-objects", "/nowhere", "no such file"),
        ("--kubeconfig", "/nowhere", "no such file"),
        ("--kubeconfig", shown(&config), "config"),
    ] {
        let said = Said::of(kube_assay().args(["cluster", option, value]));
        assert_ne!(said.code, 0, "{option} {value}");
        assert!(said.err.contains(says) && said.err.lines().count() == 1, "{option} {value}: {}", said.err);
        assert_eq!(said.out, "");
    }
    let said = Said::of(kube_assay().args(["who-can", "get", "pods"]));
    assert!(said.code == 2 && said.err.contains("--kubeconfig"), "{}", said.err);
    let said = Said::of(kube_assay().args(["cluster", "--cluster", "a", "--cluster-objects", "b"]));
    assert!(said.code == 2 && said.err.contains("pass only one of them"), "{}", said.err);
}

/// An EKS Anywhere management cluster, as kubectl prints it.
const MANAGEMENT: &str = "golden/clusters/eks-anywhere-management";

/// A node outside the cluster.
const NODE: &str = "golden/nodes/eks-anywhere-control-plane.yaml";

/// A workload cluster: an EKS Anywhere node, and no objects of a management cluster.
fn workload_cluster() -> TempDir {
    let directory = directory();
    let node = object(
        "Node",
        "",
        "prod-1",
        json!({
            "spec": { "providerID": "vsphere://4210" },
            "status": { "nodeInfo": { "kubeletVersion": "v1.33.5-eks-1-33-11" } },
        }),
    );
    let list = json!({ "apiVersion": "v1", "kind": "NodeList", "items": [node] });
    fs::write(directory.path().join("nodes.json"), list.to_string()).expect("written");
    directory
}

fn json_of(words: &[&str]) -> Value {
    let said = Said::of(kube_assay().args(words).arg("--json"));
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out))
}

/// Returns the texts of notices with a code.
fn noticed<'r>(notices: &'r Value, code: &str) -> Vec<&'r str> {
    let notices = notices.as_array().into_iter().flatten();
    notices.filter(|notice| notice["code"] == code).filter_map(|notice| notice["text"].as_str()).collect()
}

#[test]
fn detect_names_a_management_cluster_of_eks_anywhere() {
    let told = json_of(&["detect", "--node", NODE, "--cluster-objects", MANAGEMENT]);
    let cluster = &told["cluster"];
    assert_eq!(cluster["name"], "eks-anywhere");
    assert_eq!(cluster["title"], "EKS Anywhere management cluster mgmt");
    let evidence: Vec<&str> =
        cluster["evidence"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for said in [
        "Cluster default/mgmt is managed by no other cluster",
        "EKS Anywhere v0.26.1",
        "Bundles bundles-101",
        "provider vSphere",
        "manages prod, metal, ntx",
    ] {
        assert!(evidence.contains(&said), "{said}: {evidence:#?}");
    }
    let suggested = noticed(&told["notices"], "benchmark-suggested");
    assert!(
        suggested[0].starts_with("EKS Anywhere management cluster mgmt: benchmark eks-anywhere-guide also applies"),
        "{suggested:?}"
    );
    assert_eq!(suggested.len(), 1, "node and cluster suggest it once");
}

#[test]
fn a_run_over_a_management_cluster_suggests_the_guide() {
    let suggested = |words: &[&str]| {
        let report = json_of(words);
        noticed(&report["Run"]["notices"], "benchmark-suggested").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let alone = suggested(&["cluster", "--cluster-objects", MANAGEMENT]);
    assert_eq!(alone.len(), 1, "{alone:?}");
    assert!(alone[0].ends_with("(add it with --benchmark cis-2.0,eks-anywhere-guide)"), "{alone:?}");
    // If targets are given, the guide's own target has to be added.
    let typed = suggested(&["cluster", "--cluster-objects", MANAGEMENT, "--targets", "policies"]);
    assert!(typed[0].ends_with("eks-anywhere-guide --targets policies,cluster)"), "{typed:?}");
    let beside = suggested(&["run", "--node", NODE, "--targets", "policies", "--cluster-objects", MANAGEMENT]);
    assert!(beside[0].ends_with("eks-anywhere-guide --targets policies,cluster)"), "{beside:?}");
    let run = suggested(&["cluster", "--cluster-objects", MANAGEMENT, "--benchmark", "detected,eks-anywhere-guide"]);
    assert_eq!(run, [""; 0]);
    let report = native(&["cluster", "--cluster-objects", MANAGEMENT, "--benchmark", "eks-anywhere-guide"]);
    assert_eq!(report["run"]["cluster"]["eks_anywhere"]["role"], "management");
    assert_eq!(report["run"]["cluster"]["eks_anywhere"]["provider"], "vSphere");
}

#[test]
fn a_workload_cluster_sends_to_its_management_cluster() {
    let directory = workload_cluster();
    let objects = shown(directory.path());
    let report = native(&["cluster", "--cluster-objects", objects]);
    let cluster = &report["run"]["cluster"]["eks_anywhere"];
    assert_eq!((&cluster["role"], &cluster["provider"]), (&"workload".into(), &"vSphere".into()));
    assert_eq!(cluster["title"], "EKS Anywhere workload cluster");
    let notices = &report["run"]["notices"];
    assert_eq!(noticed(notices, "benchmark-suggested"), [""; 0]);
    let elsewhere = noticed(notices, "workload-cluster");
    assert!(elsewhere[0].contains("it has no clusters.anywhere.eks.amazonaws.com"), "{elsewhere:?}");
    assert!(elsewhere[0].contains("check that one"), "{elsewhere:?}");
    // Checks of the management cluster are unknown here, and say where to run them.
    let guide = native(&["cluster", "--cluster-objects", objects, "--benchmark", "eks-anywhere-guide"]);
    for control in ["eks-anywhere/encryption-at-rest", "eks-anywhere/version", "eks-anywhere/policy-mode"] {
        let check = check(&guide, control);
        assert_eq!(check["verdict"], "unknown", "{check}");
        assert!(check["reason"]["detail"].as_str().is_some_and(|text| text.contains("check the management cluster")));
    }
}

#[test]
fn another_cluster_is_none_of_eks_anywhere() {
    let directory = directory();
    let report = native(&["cluster", "--cluster-objects", shown(directory.path())]);
    assert_eq!(report["run"]["cluster"]["eks_anywhere"], Value::Null);
    for code in ["benchmark-suggested", "workload-cluster"] {
        assert_eq!(noticed(&report["run"]["notices"], code), [""; 0]);
    }
}
