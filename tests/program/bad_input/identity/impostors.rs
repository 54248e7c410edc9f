//! The table of impostors: each leaves the report, the detection, the recording and the exit code unchanged, except for
//! the notice that lists it.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use serde_yaml::Value;

use super::{can_be_made, filled, furnish, process, text, texts};
use crate::synthetic::{KUBELET_CONFIG, Node};

/// PIDs below and above those of the honest processes.
const NUMBERS: [i32; 2] = [2, 9000];

fn table(part: &str) -> Vec<(String, Value)> {
    let table: Value = serde_yaml::from_str(include_str!("impostors.yaml")).expect("YAML");
    let mut merged = table[part].clone();
    merged.apply_merge().expect("merged");
    let rows = merged.as_mapping().expect("a mapping").iter();
    rows.map(|(name, row)| (name.as_str().expect("text").to_owned(), row.clone())).collect()
}

fn node(name: &str) -> Node {
    match name {
        "control plane" => Node::control_plane(),
        "EKS Anywhere" => {
            let node = Node::control_plane();
            for component in ["kube-apiserver", "kube-controller-manager", "kube-scheduler"] {
                node.manifest(component, "v1.32.4-eks-1-32-14");
            }
            node
        }
        "careless worker" => {
            let node = Node::worker();
            let careless = KUBELET_CONFIG.replace("enabled: false", "enabled: true").replace("Webhook", "AlwaysAllow");
            node.file("/var/lib/kubelet/config.yaml", &careless.replace("readOnlyPort: 0", "readOnlyPort: 10255"));
            node
        }
        other => panic!("{other}: no such node"),
    }
}

/// The program's output for a node, without the notices of ignored processes.
#[derive(Debug, PartialEq)]
struct Seen {
    report: Json,
    code: i32,
}

fn look(node: &Node) -> (Seen, Vec<String>) {
    let said = node.says(&["run", "--json", "--exit-code", "3"]);
    let out = said.out.replace(&node.root().display().to_string(), "ROOT");
    let mut report: Json = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let ignored = take_ignored(&mut report["Run"]["notices"]);
    report["Run"]["started"] = Json::Null;
    (Seen { report, code: said.code }, ignored)
}

/// Returns what is detected on a node, which is faster than all verdicts.
fn look_quickly(node: &Node) -> (Seen, Vec<String>) {
    let said = node.says(&["detect", "--json"]);
    let out = said.out.replace(&node.root().display().to_string(), "ROOT");
    let mut run: Json = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    let ignored = take_ignored(&mut run["notices"]);
    (Seen { report: serde_json::json!({ "Run": run }), code: said.code }, ignored)
}

/// Returns the recording of the node's files, without container runtime state.
fn recorded(node: &Node) -> BTreeMap<String, Value> {
    let recording = node.says(&["record"]);
    assert_eq!(recording.code, 0, "{}", recording.err);
    assert!(!recording.out.contains("SECRET"), "a secret is recorded: {}", recording.out);
    let recording: Value = serde_yaml::from_str(&recording.out).expect("YAML");
    let files = recording["files"].as_sequence().into_iter().flatten();
    let files = files.map(|file| (text(file, "path").unwrap_or_default().to_owned(), file.clone()));
    files.filter(|(path, _)| !path.starts_with("/run/containerd/")).collect()
}

fn take_ignored(notices: &mut Json) -> Vec<String> {
    let all = notices.as_array_mut().expect("notices");
    let (ignored, others) = all.drain(..).partition::<Vec<_>, _>(|notice| notice["code"] == "process-ignored");
    *all = others;
    ignored.iter().map(|notice| notice["text"].as_str().expect("text").to_owned()).collect()
}

/// Tries the impostors of the table against one property.
fn unmoved(wanted: &str) {
    let judges = wanted.contains("FAIL");
    let records = wanted.contains("recorded");
    let look = if judges { look } else { look_quickly };
    // Not every impostor is tried against every property: whole reports and recordings take time.
    let step_by = match wanted {
        "platform and benchmark" | "targets" | "version" => 1,
        "from PASS to FAIL" => 4,
        _ if records => 8,
        _ => 2,
    };
    let begin = table("moves").iter().position(|(name, _)| name == wanted).expect("a move") % step_by;
    let (_, step) = table("moves").into_iter().find(|(name, _)| name == wanted).expect("a move");
    let kind = text(&step, "node").expect("a node");
    let arguments = texts(&step, "arguments");
    let called = arguments[0].rsplit('/').next().expect("a name");
    let (mut tried, mut moved) = (0, Vec::new());
    let mut plain: Option<Seen> = None;
    for (place, row) in table("places").into_iter().skip(begin).step_by(step_by) {
        let only = texts(&row, "only");
        if !can_be_made(&row) || !(only.is_empty() || only.iter().any(|name| name == called)) {
            continue;
        }
        let node = node(kind);
        furnish(&node, &step, called);
        furnish(&node, &row, called);
        // The impostor's files exist on the node without it, too.
        process(&node, &row, NUMBERS[0], &arguments);
        std::fs::remove_dir_all(node.of_process(NUMBERS[0], "")).expect("removed");
        let is_furnished =
            ["files", "directories", "passwd", "first", "owner"].iter().any(|key| row.get(key).is_some());
        let without = plain.take().filter(|_| !is_furnished).unwrap_or_else(|| look(&node).0);
        let of_files = records.then(|| recorded(&node));
        for pid in NUMBERS {
            process(&node, &row, pid, &arguments);
        }
        let (with, ignored) = look(&node);
        let mut found = difference(&without, &with);
        if of_files.is_some_and(|files| files != recorded(&node)) {
            found.push("what is recorded".to_owned());
        }
        let is_listed = |text: &String| text.contains(&format!("ignored: 2 processes called {called} of "));
        if ignored.len() != 1 || !ignored.iter().all(is_listed) {
            found.push(format!("what is listed: {ignored:?}"));
        }
        moved.extend((!found.is_empty()).then(|| format!("{place}: {}", found.join(", "))));
        plain = (!is_furnished).then_some(without);
        tried += 1;
    }
    assert!(moved.is_empty(), "{wanted}: {} of {tried} places move it:\n{}", moved.len(), moved.join("\n"));
    assert!(tried >= 8, "{tried} places");
}

/// Returns the differences between two reports.
fn difference(without: &Seen, with: &Seen) -> Vec<String> {
    let mut found = Vec::new();
    if with.code != without.code {
        found.push(format!("exit code {} instead of {}", with.code, without.code));
    }
    for (key, was) in without.report["Run"].as_object().expect("an object") {
        let is = &with.report["Run"][key];
        if is != was {
            found.push(format!("{key} {is} instead of {was}"));
        }
    }
    let (was, is) = (verdicts(&without.report), verdicts(&with.report));
    found.extend(
        is.iter().filter(|(id, verdict)| was.get(*id) != Some(verdict)).map(|(id, verdict)| format!("{id} {verdict}")),
    );
    if found.is_empty() && with != without {
        found.push("the evidence".to_owned());
    }
    found
}

fn verdicts(report: &Json) -> BTreeMap<String, String> {
    let targets = report["Controls"].as_array().into_iter().flatten();
    let groups = targets.flat_map(|target| target["tests"].as_array().into_iter().flatten());
    let checks = groups.flat_map(|group| group["results"].as_array().into_iter().flatten());
    checks.map(|check| (check["test_number"].to_string(), check["verdict"].to_string())).collect()
}

fn differs_not(row: &str, without: &Seen, with: &Seen) {
    assert_eq!(difference(without, with), [""; 0], "{row}");
}

#[test]
fn no_impostor_turns_fail_to_pass() {
    unmoved("from FAIL to PASS");
}

#[test]
fn no_impostor_turns_pass_to_fail() {
    unmoved("from PASS to FAIL");
}

#[test]
fn no_impostor_chooses_the_platform_and_the_benchmark() {
    unmoved("platform and benchmark");
}

#[test]
fn no_impostor_chooses_the_profile() {
    unmoved("profile");
    unmoved("the profile that skips less");
}

#[test]
fn no_impostor_adds_targets() {
    unmoved("targets");
    unmoved("targets, as etcd");
}

#[test]
fn no_impostor_hides_what_is_judged() {
    unmoved("what is judged");
}

#[test]
fn no_impostor_tells_the_version() {
    unmoved("version");
}

#[test]
fn no_impostor_has_anything_read_or_recorded() {
    unmoved("what is read and recorded");
    unmoved("what is read and recorded, as a runtime");
}

/// Returns a node whose kubelet runs in a Docker container, as in RKE1.
fn contained() -> Node {
    let node = node("careless worker");
    let row: Value =
        serde_yaml::from_str("{ cgroup: '0::/system.slice/docker-ID.scope', exe: /usr/bin/kubelet, network: host }")
            .expect("YAML");
    let arguments = ["kubelet", "--config=/var/lib/kubelet/config.yaml", "--kubeconfig=/etc/kubernetes/kubelet.conf"];
    process(&node, &row, crate::synthetic::KUBELET_PID, &arguments.map(str::to_owned));
    node
}

#[test]
fn nobody_makes_another_node_of_a_container_of_this_one() {
    // A cgroup may be named like the container, and processes that root starts for a user run in such a cgroup.
    for cgroup in [
        "0::/user.slice/user-1000.slice/user@1000.service/docker-ID.scope",
        "0::/user.slice/user-1000.slice/user@1000.service/docker/ID/x.service",
    ] {
        let node = contained();
        let (without, _) = look(&node);
        let targets = without.report["Run"]["targets"].to_string();
        assert!(targets.contains("kubelet runs (process 100)"), "{targets}");
        let row = BTreeMap::from([("cgroup", cgroup), ("exe", "/usr/bin/sudo"), ("comm", "etcd")]);
        let row = serde_yaml::to_value(row).expect("YAML");
        for pid in NUMBERS {
            process(&node, &row, pid, &["etcd".to_owned(), "--data-dir=/x".to_owned()]);
        }
        let (with, ignored) = look(&node);
        differs_not(cgroup, &without, &with);
        assert_eq!(ignored.len(), 1, "{ignored:?}");
    }
}

#[test]
fn a_process_of_which_it_is_not_known_where_it_runs_is_not_believed() {
    // The kernel does not report the path of a cgroup that exceeds its buffer.
    let (without, _) = look(&node("careless worker"));
    for called in ["kubelet", "kube-apiserver", "k3s"] {
        let node = node("careless worker");
        let row = serde_yaml::to_value(BTreeMap::from([("exe", "/usr/bin/NAME")])).expect("YAML");
        for pid in NUMBERS {
            process(&node, &row, pid, &[called.to_owned(), "server".to_owned()]);
            let cgroup = node.of_process(pid, "cgroup");
            std::fs::remove_file(&cgroup).expect("removed");
            std::fs::create_dir(&cgroup).expect("created");
        }
        let (with, _) = look(&node);
        for key in ["platform", "detected_version", "benchmark", "profile", "targets"] {
            assert_eq!(with.report["Run"][key], without.report["Run"][key], "{called}: {key}");
        }
        assert_eq!(with.code, without.code);
        let odd = with.report["Run"]["notices"].to_string();
        let told = "where it runs is not known";
        assert_eq!(odd.contains(told), called != "kube-apiserver", "{called}: {odd}");
        if called == "kube-apiserver" {
            let report = node.says(&["run", "--json", "--targets", "master", "--benchmark", "cis-1.12"]);
            assert!(report.out.contains(told), "{}", report.out);
        }
    }
}

#[test]
fn a_crowd_takes_no_room_from_others() {
    let node = node("careless worker");
    let (without, _) = look(&node);
    let row = |cgroup: &str, uid: &str| {
        serde_yaml::to_value(BTreeMap::from([("cgroup", cgroup), ("uid", uid)])).expect("YAML")
    };
    let pod = row("0::/kubepods/besteffort/podUUID/ID", "0 0");
    let user = row("0::/user.slice/user-1000.slice/session-3.scope", "1000 1000");
    node.directory(&filled("/var/log/pods/tenant_x_UUID", ""));
    for (index, called) in ["kubelet", "kube-proxy", "etcd"].into_iter().enumerate() {
        for number in 0..500 {
            let pid = 2000 + 1000 * i32::try_from(index).expect("small") + number;
            process(
                &node,
                if number % 2 == 0 { &pod } else { &user },
                pid,
                &[called.to_owned(), "--config=/etc/shadow".to_owned()],
            );
        }
    }
    let (with, ignored) = look(&node);
    differs_not("a crowd", &without, &with);
    assert_eq!(ignored.len(), 3, "{ignored:?}");
    assert!(ignored.iter().all(|text| text.starts_with("ignored: 500 processes called ")), "{ignored:?}");
    let recording: Value = serde_yaml::from_str(&node.says(&["record"]).out).expect("YAML");
    let processes = recording["processes"].as_sequence().expect("processes").len();
    assert!(processes < 400, "{processes} of 1500 are recorded");
}

#[test]
fn manifests_of_an_impostor_fill_no_limit() {
    let node = node("control plane");
    for number in 0..300 {
        node.file(
            &format!("/tmp/x/manifests/{number}.yaml"),
            "kind: Pod\nspec: { containers: [{ image: kube-apiserver:v1.1.1 }] }\n",
        );
    }
    let (without, _) = look(&node);
    let row = serde_yaml::to_value(BTreeMap::from([("cgroup", "0::/system.slice/x.service"), ("uid", "1000 1000")]))
        .expect("YAML");
    for pid in NUMBERS {
        process(&node, &row, pid, &["kubelet".to_owned(), "--pod-manifest-path=/tmp/x/manifests".to_owned()]);
    }
    differs_not("manifests", &without, &look(&node).0);
}

#[test]
fn the_command_line_of_an_impostor_is_not_read_whole() {
    let node = node("careless worker");
    let (without, _) = look(&node);
    let long = format!("--node-labels={}", "x".repeat(9 << 20));
    for (pid, uid, cgroup) in [(2, "1000 1000", "0::/system.slice/x.service"), (9000, "0 0", "0::/kubepods/podUUID/ID")]
    {
        let row = serde_yaml::to_value(BTreeMap::from([("cgroup", cgroup), ("uid", uid)])).expect("YAML");
        process(&node, &row, pid, &["kubelet".to_owned(), long.clone()]);
    }
    let (with, ignored) = look(&node);
    differs_not("a long command line", &without, &with);
    assert_eq!(ignored.len(), 1, "{ignored:?}");
}
