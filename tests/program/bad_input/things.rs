//! Bad files and processes in place of good ones.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::synthetic::{
    API_SERVER, API_SERVER_PID, KUBELET, KUBELET_CONFIG, KUBELET_PID, Node, Report, Said, kube_assay, ordinary_pod,
    static_pod,
};

/// Breaks the node, and checks that findings change only for the checks that `touched` accepts.
fn only_touches(node: &Node, touched: impl Fn(&str, &Value) -> bool, spoil: impl FnOnce(&Node)) -> Report {
    let good = node.report(&[]);
    spoil(node);
    let bad = node.report(&[]);
    for (before, after) in good.checks().zip(bad.checks()) {
        let number = before["test_number"].as_str().expect("a number");
        assert_eq!(number, after["test_number"]);
        if !touched(number, after) {
            assert_eq!(before, after, "{number}");
        }
    }
    assert_eq!(good.verdicts().len(), bad.verdicts().len());
    bad
}

/// Asserts that a check is unknown for a reason that contains these texts.
fn unknown(report: &Report, number: &str, parts: &[&str]) {
    let (verdict, reason) = report.verdict(number);
    assert_eq!(verdict, "unknown", "{number}: {reason}");
    for part in parts {
        assert!(reason.contains(part), "{part:?} is in: {reason}");
    }
}

/// Whether a check reads the kubelet's configuration file.
fn of_kubelet_settings(_: &str, check: &Value) -> bool {
    let audit = check["audit"].as_str().unwrap_or_default();
    check["control"].as_str().is_some_and(|control| control.starts_with("kubelet/")) && audit.contains("kubelet")
        || audit.contains("/var/lib/kubelet/config.yaml")
}

const CONFIG: &str = "/var/lib/kubelet/config.yaml";

#[test]
fn a_fifo_in_place_of_a_config_is_not_opened() {
    let report = only_touches(&Node::worker(), of_kubelet_settings, |node| {
        node.remove(CONFIG);
        assert!(Command::new("mkfifo").arg(node.at(CONFIG)).status().expect("mkfifo runs").success());
    });
    unknown(&report, "4.2.1", &[CONFIG, "is a FIFO, not a regular file, and was not opened"]);
}

#[test]
fn a_device_in_place_of_a_config_is_not_opened() {
    // A link to /dev would not be followed out of the root, so make a device node, which needs root.
    let node = Node::worker();
    let device = node.outside().join("device");
    let made = Command::new("mknod").arg(&device).args(["c", "1", "5"]).status().is_ok_and(|status| status.success());
    if !made {
        eprintln!("skipped: a device cannot be made here");
        return;
    }
    let report = only_touches(&node, of_kubelet_settings, |node| {
        node.remove(CONFIG);
        fs::rename(&device, node.at(CONFIG)).expect("moved");
    });
    unknown(&report, "4.2.1", &[CONFIG, "is a device, not a regular file, and was not opened"]);
}

#[test]
fn a_directory_in_place_of_a_config_is_told_of() {
    let report = only_touches(&Node::worker(), of_kubelet_settings, |node| {
        node.remove(CONFIG);
        node.directory(CONFIG);
    });
    unknown(&report, "4.2.1", &[CONFIG, "is a directory, not a regular file"]);
}

#[test]
fn a_loop_of_links_is_told_of() {
    let report = only_touches(&Node::worker(), of_kubelet_settings, |node| {
        node.link(CONFIG, "other.yaml");
        node.link("/var/lib/kubelet/other.yaml", "config.yaml");
    });
    unknown(&report, "4.2.1", &[CONFIG, "the links form a loop"]);
    unknown(&report, "4.1.9", &[CONFIG, "the links form a loop"]);
}

#[test]
fn a_loop_of_directories_ends() {
    let node = Node::control_plane();
    node.link("/etc/kubernetes/pki/again", ".");
    node.link("/etc/kubernetes/pki/up", "../..");
    node.link("/etc/kubernetes/manifests/self.yaml", "self.yaml");
    let report = node.report(&[]);
    assert_eq!(report.verdicts().len(), Node::control_plane().report(&[]).verdicts().len());
}

#[test]
fn a_huge_config_is_not_read() {
    let report = only_touches(&Node::worker(), of_kubelet_settings, |node| {
        File::create(node.at(CONFIG)).expect("created").set_len(5 << 30).expect("a sparse file");
    });
    unknown(&report, "4.2.1", &[CONFIG, "5368709120 bytes exceed the limit of 4 MiB for a file"]);
    // Its mode can still be judged.
    assert_eq!(report.verdict("4.1.9").0, "pass");
}

#[test]
fn a_kubelet_config_that_cannot_be_understood_is_told_of() {
    let deep = "[".repeat(100_000);
    for (text, parts) in [
        ("authentication: [\n", &["line 1, column 17: not valid YAML"][..]),
        ("authentication:\n\tanonymous: x\n", &["line 2"]),
        ("- a\n- b\n", &["is a list where a mapping is needed"]),
        ("just text\n", &["is a single value where a mapping is needed"]),
        (deep.as_str(), &[]),
        (
            "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n",
            &[],
        ),
    ] {
        let report = only_touches(&Node::worker(), of_kubelet_settings, |node| node.file(CONFIG, text));
        unknown(&report, "4.2.1", &[CONFIG]);
        unknown(&report, "4.2.1", parts);
        assert_eq!(report.check("4.2.1")["status"], "FAIL", "fail closed");
    }
    // An empty file is a configuration without settings.
    let node = Node::worker();
    node.file(CONFIG, "");
    assert_eq!(node.report(&[]).verdict("4.2.2").0, "fail");
    // Bytes that are not text.
    let report = only_touches(&Node::worker(), of_kubelet_settings, |node| {
        fs::write(node.at(CONFIG), b"authentication: \xff\xfe\n").expect("written");
    });
    unknown(&report, "4.2.1", &[CONFIG]);
}

#[test]
fn an_unreadable_place_is_told_of_and_what_to_do() {
    // As a user who may not read everything.
    let node = Node::control_plane();
    node.mode("/etc/kubernetes/pki", 0o700);
    for part in ["", "root", "proc"] {
        let place = node.outside().join(part);
        fs::set_permissions(place, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
    }
    let mut command = node.command();
    let program = command.get_program().to_owned();
    let words: Vec<OsString> = command.args(["--json"]).get_args().map(OsString::from).collect();
    let dropped = assert_cmd::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(reachable(Path::new(&program), &node))
        .args(words)
        .output();
    let Some(output) = dropped.ok().filter(|output| output.status.success()) else {
        eprintln!("skipped: this test must be able to become another user");
        return;
    };
    let json = serde_json::from_slice(&output.stdout).expect("JSON");
    let report = Report { json, err: String::from_utf8(output.stderr).expect("UTF-8") };
    let what_to_do = "permission denied (run as root, or mount the host and give --root)";
    unknown(&report, "1.1.20", &["/etc/kubernetes/pki", what_to_do]);
    // What needs no permission is judged; the arguments are known.
    assert_eq!(report.verdict("1.2.6").0, "pass");
    assert_eq!(report.verdict("4.1.9").0, "pass");
    unknown(&report, "4.2.1", &[CONFIG, what_to_do]);
    assert!(report.notices().iter().any(|notice| notice.contains("not root")), "{:?}", report.notices());
}

/// Copies the program to a place where anyone may run it.
fn reachable(program: &Path, node: &Node) -> std::path::PathBuf {
    let place = node.outside().join("kube-assay");
    fs::copy(program, &place).expect("copied");
    place
}

#[test]
fn arguments_and_file_names_need_not_be_text() {
    let bytes = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let node = Node::control_plane();
    node.api_server_with(&[bytes(b"--tls-cipher-suites=\xff\xfe"), bytes(b"--\xffodd=\xfe"), bytes(b"\xff")]);
    let name = bytes(b"/etc/kubernetes/pki/\xff\xfe.crt");
    let place = node.root().join(Path::new(&name).strip_prefix("/").expect("absolute"));
    fs::write(&place, "x").expect("written");
    fs::set_permissions(&place, std::os::unix::fs::PermissionsExt::from_mode(0o666)).expect("set");
    for format in ["text", "json", "junit"] {
        let said = node.says(&["--format", format]);
        assert_eq!(said.code, 0);
        assert!(said.out.contains('\u{fffd}'), "{format} shows what is no text");
    }
    let report = node.report(&[]);
    assert_eq!(report.verdict("1.1.20").0, "fail");
    assert_eq!(report.verdict("1.2.6").0, "pass");
}

#[test]
fn names_with_spaces_and_newlines_are_files_like_others() {
    let node = Node::control_plane();
    for name in ["a b.crt", "c\nd.crt", "-rf.crt", "$(id).crt"] {
        let path = format!("/etc/kubernetes/pki/{name}");
        node.file(&path, "x");
        assert_eq!(node.report(&[]).verdict("1.1.20").0, "pass", "{name}");
        node.mode(&path, 0o666);
        let report = node.report(&[]);
        let (verdict, reason) = report.verdict("1.1.20");
        assert_eq!(verdict, "fail", "{name}");
        assert!(reason.contains("666"), "{reason}");
        node.remove(&path);
    }
}

#[test]
fn a_process_that_vanishes_is_no_process() {
    for missing in [&["cmdline"][..], &["exe"], &["exe", "comm", "cgroup", "environ", "root"]] {
        let report = only_touches(
            &Node::worker(),
            |_, _| false,
            |node| {
                node.process(500, &API_SERVER, "/usr/local/bin/kube-apiserver", &static_pod());
                for name in missing {
                    fs::remove_file(node.of_process(500, name)).expect("removed");
                }
            },
        );
        // In this synthetic proc, its directory remains, so it may be reported, but it does not count.
        assert_eq!(report.targets(), ["node", "policies"], "{missing:?}");
    }
    // Only the PID directory is left.
    only_touches(&Node::worker(), |_, _| false, |node| fs::create_dir(node.proc().join("501")).expect("created"));
}

#[test]
fn parts_of_a_process_that_cannot_be_had_leave_the_rest() {
    // Without a cgroup, the manifest still shows a static pod; without a root, the node's files are used.
    only_touches(
        &Node::control_plane(),
        |_, _| false,
        |node| {
            fs::remove_file(node.of_process(API_SERVER_PID, "cgroup")).expect("removed");
            fs::remove_file(node.of_process(API_SERVER_PID, "environ")).expect("removed");
            fs::remove_file(node.of_process(API_SERVER_PID, "root")).expect("removed");
        },
    );
}

#[test]
fn proc_may_hold_anything() {
    only_touches(
        &Node::control_plane(),
        |_, _| false,
        |node| {
            let proc = node.proc();
            fs::write(proc.join("600"), "a file").expect("written");
            fs::create_dir(proc.join("99999999999999999999")).expect("created");
            fs::create_dir_all(proc.join("601/cmdline")).expect("created");
            node.process(602, &[""], "/x", "");
            node.process(603, &["kubelet-wrapper", "kubelet"], "/bin/sh", "0::/\n");
            fs::write(node.of_process(603, "cmdline"), vec![0; 100_000]).expect("written");
            node.process::<&str>(604, &[], "/x", "");
            node.process(605, &["\u{1b}[2J"], "/x", "no cgroup at all");
            fs::remove_file(node.of_process(605, "cmdline")).expect("removed");
            assert!(Command::new("mkfifo").arg(node.of_process(605, "cmdline")).status().expect("runs").success());
        },
    );
}

#[test]
fn others_under_a_components_name_are_passed_over_and_told_of() {
    let report = only_touches(
        &Node::control_plane(),
        |_, _| false,
        |node| {
            node.process(700, &["kubelet", "--anonymous-auth=true"], "/usr/bin/python3", "0::/user.slice\n");
            node.process(701, &["kube-apiserver", "--anonymous-auth=true"], "/kube-apiserver", &ordinary_pod());
        },
    );
    let notices = report.notices();
    assert_eq!(
        notices,
        [
            "ignored: 1 process called kube-apiserver of root (in an ordinary pod)",
            "ignored: 1 process called kubelet of root (executable /usr/bin/python3)",
        ]
    );
}

#[test]
fn an_empty_root_is_refused_unless_that_is_allowed() {
    let node = Node::empty();
    let root = node.root().display().to_string();
    let file = node.outside().join("empty.yaml");
    fs::write(&file, "hostname: nowhere\n").expect("written");
    let file = file.display().to_string();
    for (said, place) in [
        (node.says(&[]), &root),
        (node.says(&["--json", "--targets", "master"]), &root),
        (node.says(&["record"]), &root),
        (Said::of(kube_assay().args(["--node", &file])), &file),
        (Said::of(kube_assay().args(["record", "--node", &file])), &file),
    ] {
        assert_eq!((said.code, said.out.as_str(), said.err.lines().count()), (1, "", 1), "{}", said.err);
        assert!(said.err.starts_with(&format!("error: {place}: not a node: no kubelet, ")), "{}", said.err);
        assert!(said.err.contains("--allow-empty"), "{}", said.err);
    }
    // A program of that name does not make the machine a node, but is reported.
    node.process(700, &["/tmp/kubelet"], "/usr/bin/python3", "0::/user.slice\n");
    let said = node.says(&["--json"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(said.err.starts_with("notice: ") && said.err.contains("python3)\nerror: "), "{}", said.err);
    fs::remove_dir_all(node.proc().join("700")).expect("removed");
    // `detect` and `record` still work.
    assert_eq!(node.says(&["detect"]).code, 0);
    assert_eq!(node.says(&["record", "--allow-empty"]).code, 0);
    let report = node.report(&["--allow-empty"]);
    assert_eq!(report.targets(), ["policies"]);
    let notices = report.notices();
    assert!(notices.iter().any(|notice| notice.starts_with("node: no kubelet, kube-proxy, etcd")), "{notices:?}");
    let all = node.report(&["--allow-empty", "-s", "master,etcd,controlplane,node,policies"]);
    assert!(all.checks().all(|check| check["verdict"] == "not-applicable" || check["verdict"] == "manual"));
    assert_eq!(all.json["Totals"]["total_fail"], 0);
}

#[test]
fn a_proc_directory_without_processes_is_refused() {
    let node = Node::worker();
    let proc = node.proc().display().to_string();
    let refused = |why: &str| {
        for words in [&["--json"][..], &["--junit", "--allow-empty"], &["detect"], &["record"], &["--allow-exec"]] {
            let said = node.says(words);
            assert_eq!((said.code, said.out.as_str()), (1, ""), "{words:?}: {}", said.err);
            let expected =
                format!("error: {proc}: {why} (pass the node's proc mount with --proc, or --proc none for a disk)\n");
            assert_eq!(said.err, expected, "{words:?}");
        }
    };
    fs::remove_dir_all(node.proc()).expect("removed");
    refused("no such directory");
    fs::write(node.proc(), "").expect("written");
    refused("cannot be listed as a directory");
    fs::remove_file(node.proc()).expect("removed");
    fs::create_dir(node.proc()).expect("created");
    refused("shows no process");
    fs::write(node.proc().join("version"), "Linux").expect("written");
    fs::create_dir(node.proc().join("acpi")).expect("created");
    refused("shows no process");
    // A single process is enough, whatever its PID.
    node.process(4_194_000, &["/bin/sh"], "/bin/sh", "0::/\n");
    assert_eq!(node.says(&["--json"]).code, 0);
}

/// On a disk without processes, files are judged, and running components are unknown.
#[test]
fn a_disk_is_looked_at_without_processes() {
    let node = Node::worker();
    let root = node.root().display().to_string();
    let report = Report::of(kube_assay().args(["--json", "--root", &root, "--proc", "none"]));
    assert_eq!((report.run("node"), report.targets()), ("node-1", vec!["node", "policies"]));
    assert_eq!(report.verdict("4.1.1").0, "pass");
    unknown(&report, "4.2.1", &["processes: not examined (--proc none)"]);
    let said = Said::of(kube_assay().args([
        "--json",
        "--root",
        &Node::empty().root().display().to_string(),
        "--proc",
        "none",
    ]));
    assert!(said.code == 1 && said.err.contains(": not a node: "), "{}", said.err);
    assert!(report.notices().iter().any(|notice| notice.contains("it is unknown which components run")));
}

/// PID 1 must have the node's root, so that files and processes of two machines or containers are not mixed.
#[test]
fn processes_of_another_root_are_refused() {
    let node = Node::worker();
    let link = node.of_process(1, "root");
    let other = node.outside().join("other");
    fs::create_dir(&other).expect("created");
    let set = |to: &Path| {
        fs::remove_file(&link).expect("removed");
        std::os::unix::fs::symlink(to, &link).expect("linked");
    };
    fs::remove_dir_all(node.proc().join(KUBELET_PID.to_string())).expect("removed");
    set(&other);
    for words in [&["--json"][..], &["detect"], &["record"], &["--targets", "policies"]] {
        let said = node.says(words);
        assert_eq!((said.code, said.out.as_str(), said.err.lines().count()), (1, "", 1), "{words:?}: {}", said.err);
        assert!(said.err.contains("hostPID: true") && said.err.contains("--proc"), "{}", said.err);
    }
    // The same directory under another name; an unknown directory; a copy of a proc directory.
    let alias = node.outside().join("alias");
    std::os::unix::fs::symlink(node.root(), &alias).expect("linked");
    for to in [alias.as_path(), Path::new("/nowhere"), Path::new("/")] {
        set(to);
        assert_eq!(node.says(&["--json"]).code, 0, "{}", to.display());
    }
    fs::remove_file(&link).expect("removed");
    assert_eq!(node.says(&["--json"]).code, 0);
    // If a container runtime itself runs in a container, its processes have the root even though PID 1 has another.
    std::os::unix::fs::symlink(&other, &link).expect("linked");
    node.process(77, &["containerd"], "/usr/bin/containerd", "0::/\n");
    assert_eq!(node.says(&["--json"]).code, 0);
}

#[test]
fn a_kubelet_that_is_installed_but_does_not_run_is_unknown() {
    let report = only_touches(&Node::worker(), of_kubelet_settings, |node| {
        fs::remove_dir_all(node.proc().join(KUBELET_PID.to_string())).expect("removed");
    });
    assert_eq!(report.targets(), ["node", "policies"]);
    unknown(&report, "4.2.1", &["kubelet"]);
}

#[test]
fn without_a_kubelet_its_checks_do_not_apply() {
    let node = Node::empty();
    node.process(800, &["/usr/local/bin/kube-proxy"], "/usr/local/bin/kube-proxy", &ordinary_pod());
    node.pod_of("kube-system");
    let report = node.report(&[]);
    assert_eq!(report.targets(), ["node", "policies"]);
    let (verdict, reason) = report.verdict("4.2.1");
    assert_eq!(verdict, "not-applicable");
    assert!(reason.contains("kubelet"), "{reason}");
}

#[test]
fn no_link_leads_out_of_the_root() {
    let node = Node::worker();
    let outside = node.outside().join("outside.yaml");
    fs::write(&outside, KUBELET_CONFIG.replace("enabled: false", "enabled: true # outside")).expect("written");
    fs::set_permissions(&outside, std::os::unix::fs::PermissionsExt::from_mode(0o666)).expect("set");
    for to in
        [outside.clone(), Path::new("../../../../../../../../../..").join(outside.strip_prefix("/").expect("absolute"))]
    {
        let report = only_touches(&node, of_kubelet_settings, |node| node.link(CONFIG, &to));
        unknown(&report, "4.2.1", &[CONFIG, "missing"]);
        assert_eq!(report.json.to_string().find("outside #"), None);
        assert_ne!(report.verdict("4.1.9").0, "pass");
        node.file(CONFIG, KUBELET_CONFIG);
    }
    // Conversely, an absolute link is resolved within the root.
    node.file("/etc/real.yaml", KUBELET_CONFIG);
    node.link(CONFIG, "/etc/real.yaml");
    assert_eq!(node.report(&[]).verdict("4.2.1").0, "pass");
    // The same holds for a path in an argument.
    let argument = format!("--config=/../../..{}", outside.display());
    node.process(KUBELET_PID, &[KUBELET[0], &argument], "/usr/bin/kubelet", "0::/\n");
    unknown(&node.report(&[]), "4.2.1", &["missing"]);
}

#[test]
fn a_root_that_is_no_directory_is_refused() {
    let node = Node::worker();
    let file = node.at(CONFIG).display().to_string();
    let said = Said::of(kube_assay().args(["--root", &file]));
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with(&format!("error: {file}: ")), "{}", said.err);
}
