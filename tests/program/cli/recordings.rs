//! Nodes that are recorded, and checked elsewhere.

use std::fs::{self, File};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::refused;
use crate::synthetic::{KUBELET_PID, Node, Report, Said, kube_assay};

/// Returns the findings and run properties, without what differs between two runs on the same node.
fn findings(report: &Report) -> serde_json::Value {
    let mut json = report.json.clone();
    for key in ["started", "root"] {
        json["Run"][key] = "".into();
    }
    json
}

#[test]
fn a_recording_gives_the_findings_of_its_node() {
    let node = Node::control_plane();
    node.api_server_with(&["--token-auth-file=/etc/kubernetes/tokens.csv"]);
    let file = node.outside().join("node.yaml").display().to_string();
    let said = node.says(&["record", "--file", &file]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
    for words in [
        &[][..],
        &["--benchmark", "cis-1.20"],
        &["--version", "1.23", "--profile", "eks-anywhere"],
        &["-s", "master,controlplane,etcd,node,policies"],
    ] {
        let offline = Report::of(kube_assay().args(["--json", "--node", &file]).args(words));
        assert_eq!(findings(&offline), findings(&node.report(words)), "{words:?}");
        assert_eq!(offline.run("root"), file);
    }
    // The same on standard output, and when recording a recording.
    let printed = node.says(&["record"]);
    // Except for the time at which each is judged.
    let timeless = |text: &str| text.lines().filter(|line| !line.starts_with("time: ")).collect::<Vec<_>>().join("\n");
    assert_eq!(timeless(&printed.out), timeless(&fs::read_to_string(&file).expect("read")));
    let again = Said::of(kube_assay().args(["record", "--node", &file]));
    assert_eq!((again.code, timeless(&again.out)), (0, timeless(&printed.out)));
}

#[test]
fn what_was_not_recorded_is_unknown_and_never_absent() {
    let node = Node::control_plane();
    let file = node.outside().join("node.yaml").display().to_string();
    assert_eq!(node.says(&["record", "-o", &file, "--benchmark", "cis-1.12", "-s", "node"]).code, 0);
    let report = Report::of(kube_assay().args(["--json", "--node", &file, "-s", "master,node"]));
    assert_eq!(report.verdicts()["4.1.1"], node.report(&[]).verdicts()["4.1.1"]);
    let (verdict, reason) = report.verdict("1.1.13");
    assert_eq!(verdict, "unknown");
    assert!(reason.contains("not recorded"), "{reason}");
}

#[test]
fn what_is_chosen_is_recorded_for_every_benchmark_that_has_it() {
    let node = Node::control_plane();
    let (unit, key) = ("- path: /usr/lib/systemd/system/kubelet.service", "- path: /etc/kubernetes/pki/apiserver.key");
    let record = |words: &[&str]| {
        let said = node.says(&[&["record"][..], words].concat());
        assert_eq!(said.code, 0, "{words:?}: {}", said.err);
        (said.out, said.err)
    };
    for (words, has_unit, has_key) in [
        (&[][..], true, true),
        // Managed control planes have no such target, and older editions no such number.
        (&["--targets", "master"], false, true),
        (&["--targets", "node"], true, false),
        (&["--check", "4.2.15"], true, false),
        (&["--check", "1.1.21,4.1.1"], true, true),
        (&["--group", "1.1"], false, true),
        (&["--skip", "1.1,4.2.15", "--targets", "master"], false, false),
    ] {
        let (out, err) = record(words);
        assert_eq!((out.contains(unit), out.contains(key), err.as_str()), (has_unit, has_key, ""), "{words:?}: {out}");
    }
    let nothing = ["--targets", "node", "--check", "1.2.1"];
    // Notices are printed with a recording on standard output only if requested, and with a file always.
    assert_eq!(record(&nothing).1, "");
    let file = node.outside().join("node.yaml").display().to_string();
    assert!(record(&[&nothing[..], &["-o", &file]].concat()).1.starts_with("notice: record: the selection holds no"));
    assert_eq!(record(&[&nothing[..], &["-o", &file, "-q"]].concat()).1, "");
    let (out, err) = record(&[&nothing[..], &["-v"]].concat());
    assert!(err.starts_with("notice: record: the selection holds no check") && !out.contains(unit), "{err}");
    refused(
        &node.says(&["record", "--check", "1.2.99,apiserver/anonymos-auth"]),
        &["check \"1.2.99\": not known (1.2 has 1.2.1 to 1.2.35)", "did you mean \"apiserver/anonymous-auth\"?"],
    );
    refused(&node.says(&["record", "--group", "1.2.6"]), &["group \"1.2.6\": is a check (give --check 1.2.6)"]);
    refused(&node.says(&["record", "--benchmark", "cis-1.10", "--check", "4.2.14"]), &["not in cis-1.10"]);
}

#[test]
fn a_recording_is_no_report() {
    let node = Node::control_plane();
    for words in [&["--json"][..], &["--outputfile", "x"], &["--output", "json=x"]] {
        refused(
            &node.says(&[&["record"][..], words].concat()),
            &[words[0], ": not an option of record (available in run"],
        );
    }
    let said = node.says(&["record", "--file", "/nowhere/x"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("/nowhere/x: cannot be written: no such file or directory"), "{}", said.err);
}

#[test]
fn recordings_that_cannot_be_read_are_refused_with_their_place() {
    let node = Node::empty();
    let file = node.outside().join("node.yaml");
    let name = file.display().to_string();
    let with = |bytes: &[u8]| {
        fs::write(&file, bytes).expect("written");
        Said::of(kube_assay().args(["--node", &name]))
    };
    for (bytes, parts) in [
        (&b"form: 2\nhostname: [\n"[..], &[":2:"][..]),
        (b"form: 2\nhostnam: x\n", &[":2:1", "hostnam"]),
        (b"form: 7\n", &["form 7"]),
        (b"files:\n- path: /x\n  mode: '9'\n", &[":3:", "write it in octal"]),
        (b"- a\n", &[":1:"]),
        (b"\xff\n", &["is not UTF-8 text"]),
    ] {
        let said = with(bytes);
        refused(&said, &[&name]);
        refused(&said, parts);
    }
    refused(
        &Said::of(kube_assay().args(["--node", "/nowhere.yaml"])),
        &["/nowhere.yaml: no such file or directory", "record"],
    );
    refused(&Said::of(kube_assay().args(["--node", "/"])), &["/: is not a regular file, and is not read"]);
}

#[test]
fn a_root_that_is_not_there_is_told_of() {
    let said = Said::of(kube_assay().args(["--root", "/nowhere"]));
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert_eq!(said.err, "error: /nowhere: no such directory (give the node's file system with --root)\n");
}

#[test]
fn what_is_no_regular_file_or_too_large_is_not_read_as_a_recording() {
    let node = Node::control_plane();
    let (pipe, large, text) = (node.outside().join("pipe"), node.outside().join("large"), node.outside().join("text"));
    mkfifo(&pipe, Mode::S_IRWXU).expect("made");
    File::create(&large).and_then(|file| file.set_len(1 << 40)).expect("made");
    fs::write(&text, b"hostname: caf\xe9\n").expect("written");
    for (file, why) in [
        ("/dev/zero", "is not a regular file, and is not read"),
        (&pipe.display().to_string(), "is not a regular file, and is not read"),
        (&node.outside().display().to_string(), "is not a regular file, and is not read"),
        (&large.display().to_string(), "exceeds 64 MiB, the limit"),
        (&text.display().to_string(), "is not UTF-8 text"),
    ] {
        let said = Said::of(kube_assay().args(["--node", file]));
        refused(&said, &[&format!("{file}: {why} (give a recorded node, as kube-assay record writes it)")]);
    }
    // The value that exceeds the limit.
    fs::write(&text, format!("form: 2\nhosts: [{}1]\n", "1,".repeat(2_000_000))).expect("written");
    let said = Said::of(kube_assay().args(["--node", &text.display().to_string()]));
    refused(&said, &["more than 2000000 values, the limit for a recording (correct it there"]);
    fs::write(&text, "form: 1\nhostname: n\n").expect("written");
    let said = Said::of(kube_assay().args(["--node", &text.display().to_string()]));
    refused(&said, &["(record the node again with this version)\n"]);
}

/// Custom controls that read a key and a flag which no built-in control reads.
const OWN_CONTROLS: &str = "max-pods:
  title: Few pods
  level: 1
  severity: low
  rationale: r
  audit: { settings: kubelet }
  expect: { key: maxPods, at_most: 50, unset: fail }
  remediation: r
event-burst:
  title: Small bursts
  level: 1
  severity: low
  rationale: r
  audit: { settings: kubelet }
  expect: { flag: --event-burst, at_most: 5, unset: fail }
  remediation: r
";
const OWN_INDEX: &str = "title: Own
targets:
  node:
    id: \"1\"
    title: Own
    groups:
      \"1.1\":
        title: Own
        checks:
          \"1.1.1\": { control: own/max-pods, scored: true, assessment: automated }
          \"1.1.2\": { control: own/event-burst, scored: true, assessment: automated }
";

#[test]
fn what_rules_of_ones_own_read_is_recorded_where_they_are_given_and_else_unknown() {
    let node = Node::worker();
    let config = fs::read_to_string(node.at("/var/lib/kubelet/config.yaml")).expect("text");
    node.file("/var/lib/kubelet/config.yaml", &format!("{config}maxPods: 40\n"));
    node.process(
        KUBELET_PID,
        &["/usr/bin/kubelet", "--config=/var/lib/kubelet/config.yaml", "--event-burst=3"],
        "/usr/bin/kubelet",
        "0::/system.slice/kubelet.service\n",
    );
    let rules = node.outside().join("rules");
    fs::create_dir_all(rules.join("controls")).expect("made");
    fs::write(rules.join("controls/own.yaml"), OWN_CONTROLS).expect("written");
    fs::write(rules.join("acme-1.yaml"), OWN_INDEX).expect("written");
    let rules = rules.display().to_string();
    let given = ["--benchmarks-dir", rules.as_str()];
    let run = [&given[..], &["--benchmark", "acme-1"]].concat();
    let live = node.report(&run);
    assert_eq!((live.verdict("1.1.1").0, live.verdict("1.1.2").0), ("pass", "pass"));
    let file = node.outside().join("node.yaml").display().to_string();
    let again = || Report::of(kube_assay().args(["--json", "--node", &file]).args(&run));
    assert_eq!(node.says(&[&["record", "-o", &file][..], &given].concat()).code, 0);
    assert_eq!(findings(&again()), findings(&live));
    // Without these controls, `record` could not know that their settings are read. They must not be treated as unset.
    assert_eq!(node.says(&["record", "-o", &file]).code, 0);
    let text = fs::read_to_string(&file).expect("text");
    assert!(!text.contains("maxPods") && text.contains("--event-burst=(withheld"), "{text}");
    for number in ["1.1.1", "1.1.2"] {
        let report = again();
        let (verdict, reason) = report.verdict(number);
        assert!(verdict == "unknown" && reason.contains("not recorded"), "{number}: {verdict}: {reason}");
    }
}

#[test]
fn recordings_of_the_form_before_are_read() {
    let text = "form: 2\nasked: {processes: [etcd, kubelet], users: [0]}\nprocesses:\n- {pid: 7, called: kubelet, acts_as: 0, argv: \
                [kubelet, --config=/k.yaml], comm: kubelet, exe: /usr/bin/kubelet, cgroup: '0::/system.slice/kubelet.service'}\n\
                files:\n- {path: /k.yaml, mode: '0600', uid: 0, gid: 0, content: \"readOnlyPort: 1\\n\"}\n";
    let recorded = kube_assay::node::Recorded::parse("old", text).expect("it is read");
    let location = probe::Location::node("/k.yaml");
    let excerpt = || probe::Excerpt::new(probe::Form::Document, ["readOnlyPort"]);
    let probe::Observed::Present(probe::Answer::Content(content)) = probe::Node::read(&recorded, &location, &excerpt)
    else {
        panic!("the file is there");
    };
    assert_eq!((content.bytes.as_slice(), content.unrecorded.len()), (&b"readOnlyPort: 1\n"[..], 0));
}
