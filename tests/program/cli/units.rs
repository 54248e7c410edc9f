//! Controls of systemd units: comparisons and evidence, on the node and from a recording.

use std::fs;

use super::house;
use crate::synthetic::{Node, Report, kube_assay};

/// Expectations, and their verdicts on the unit of [`node`].
const EXPECTED: [(&str, &str); 15] = [
    ("{ key: Service.Restart, is: always, unset: fail }", "pass"),
    ("{ key: Service.Restart, is: on-failure, unset: fail }", "fail"),
    ("{ key: Service.Restart, is_not: \"no\", unset: fail }", "pass"),
    ("{ key: Service.NoNewPrivileges, is: true, unset: fail }", "pass"),
    ("{ key: Service.NoNewPrivileges, is: false, unset: fail }", "fail"),
    ("{ key: Service.Restart, is: true, unset: fail }", "fail"),
    ("{ key: Service.Environment, includes: \"A=b c\", unset: fail }", "pass"),
    ("{ key: Service.Environment, excludes: D=e, unset: pass }", "fail"),
    ("{ key: Service.Environment, only: [\"A=b c\", D=e], unset: fail }", "pass"),
    ("{ key: Service.ProtectSystem, set: false }", "pass"),
    ("{ key: Service.ProtectSystem, set: true }", "fail"),
    ("{ key: Service.UMask, set: false }", "pass"),
    ("{ key: Service.UMask, is: \"0077\", unset: fail }", "fail"),
    ("{ key: Unit.Restart, set: true }", "fail"),
    ("{ any: [{ key: Service.UMask, set: true }, { key: Service.Restart, set: true }] }", "pass"),
];

fn node() -> Node {
    let node = Node::worker();
    node.file("/usr/lib/systemd/system/kubelet.service", "[Unit]\nAfter=a\n[Service]\nRestart=no\nUMask=0022\n");
    node.file(
        "/etc/systemd/system/kubelet.service.d/50-house.conf",
        "[Service]\nRestart=always\nNoNewPrivileges=Yes\nEnvironment=\"A=b c\"\nUMask=\n",
    );
    node.file("/usr/lib/systemd/system/kubelet.service.d/60-more.conf", "[Service]\nEnvironment=D=e\n");
    node
}

#[test]
fn each_condition_holds_where_it_should_on_the_node_and_from_its_recording() {
    let node = node();
    let house = node.outside().join("house");
    let controls: Vec<String> = EXPECTED
        .iter()
        .enumerate()
        .map(|(number, (expected, _))| {
            let texts = "title: T\n  level: 1\n  severity: low\n  rationale: R\n  remediation: R";
            format!("c{number}:\n  {texts}\n  audit: {{ unit: kubelet }}\n  expect: {expected}\n")
        })
        .collect();
    let checks: Vec<String> = (0..EXPECTED.len())
        .map(|number| {
            format!("\"4.1.{}\": {{ control: house/c{number}, scored: true, assessment: automated }}", number + 1)
        })
        .collect();
    let group = format!("{{ title: T, checks: {{ {} }} }}", checks.join(", "));
    let index = format!("title: T\ntargets: {{ node: {{ id: \"4\", title: T, groups: {{ \"4.1\": {group} }} }} }}\n");
    house::write(&house, &[("controls/house.yaml", &controls.concat()), ("house.yaml", &index)]);
    let house = house.display().to_string();
    let words = ["--benchmarks-dir", &house, "--benchmark", "house"];
    let live = node.report(&words);
    for (number, (expected, verdict)) in EXPECTED.iter().enumerate() {
        let (got, reason) = live.verdict(&format!("4.1.{}", number + 1));
        assert_eq!(got, *verdict, "{expected}: {reason}");
    }
    let (_, reason) = live.verdict("4.1.6");
    assert!(reason.contains("50-house.conf:2 Service.Restart: found always (not a boolean)"), "{reason}");
    let (_, reason) = live.verdict("4.1.13");
    assert!(reason.contains("50-house.conf:5 Service.UMask: found empty"), "{reason}");

    let file = node.outside().join("node.yaml").display().to_string();
    assert_eq!(node.says(&[&["record", "--file", &file][..], &words].concat()).code, 0);
    let offline = Report::of(kube_assay().args(["--json", "--node", &file]).args(words));
    assert_eq!(offline.json["Controls"], live.json["Controls"]);
}

#[test]
fn the_evidence_names_the_file_and_the_line() {
    let node = node();
    let report = |node: &Node| node.report(&["--benchmark", "cis-1.11", "--check", "4.2.15"]);
    let unset = report(&node);
    let reason = "kubelet.service Service.IPAddressDeny: found not set, expected any in the list";
    assert_eq!((unset.verdict("4.2.15"), &unset.check("4.2.15")["status"]), (("fail", reason), &"WARN".into()));

    let drop_in = "/etc/systemd/system/kubelet.service.d/90-deny.conf";
    node.file(drop_in, "[Service]\nIPAddressDeny=any\nIPAddressAllow=localhost any\n");
    let open = report(&node);
    let (verdict, reason) = open.verdict("4.2.15");
    assert_eq!(verdict, "fail");
    assert!(reason.starts_with(&format!("{drop_in}:3 Service.IPAddressAllow: found localhost any")), "{reason}");

    node.file(drop_in, "[Service]\nIPAddressDeny=any\nIPAddressAllow=localhost \\\n  10.0.0.0/8\n");
    let closed = report(&node);
    let check = closed.check("4.2.15");
    assert_eq!((closed.verdict("4.2.15").0, &check["status"]), ("pass", &"PASS".into()));
    let told = |key: &str| -> Vec<&str> {
        check["evidence"].as_array().into_iter().flatten().filter_map(|evidence| evidence[key].as_str()).collect()
    };
    let sources = [format!("{drop_in}:2 Service.IPAddressDeny"), format!("{drop_in}:3 Service.IPAddressAllow")];
    assert_eq!(told("source"), sources);
    assert_eq!(told("found"), ["any", "localhost 10.0.0.0/8"]);

    // Settings that cannot be read are unknown.
    node.link("/etc/systemd/system/kubelet.service.d/95-loop.conf", "95-loop.conf");
    assert_eq!(report(&node).verdict("4.2.15").0, "unknown");
}

#[test]
fn a_unit_that_stands_in_for_an_environment_is_recorded_with_what_is_asked_of_it() {
    let node = Node::empty();
    node.process(7, &["/usr/bin/etcd"], "/usr/bin/etcd", "0::/system.slice/etcd.service\n");
    let environment = node.of_process(7, "environ");
    let _ = fs::remove_file(&environment);
    fs::create_dir(&environment).expect("created");
    node.file(
        "/usr/lib/systemd/system/etcd.service",
        "[Unit]\nDescription=orca\n[Service]\nExecStart=/usr/bin/etcd --note=walrus\nNoNewPrivileges=\\\n  yes\n\
         Environment=NOTE=beluga ETCD_NAME=a\n",
    );
    let house = node.outside().join("house");
    let control = "privileges:\n  title: T\n  level: 1\n  severity: low\n  rationale: R\n  remediation: R\n  audit: { unit: etcd }\n  \
                   expect: { key: Service.NoNewPrivileges, is: true, unset: fail }\n";
    let check = "\"2.1\": { control: house/privileges, scored: true, assessment: automated }";
    let group = format!("{{ title: T, checks: {{ {check} }} }}");
    let index = format!("title: T\ntargets: {{ etcd: {{ id: \"2\", title: T, groups: {{ \"2\": {group} }} }} }}\n");
    house::write(&house, &[("controls/house.yaml", control), ("house.yaml", &index)]);
    let house = house.display().to_string();
    let words = ["--benchmarks-dir", &house, "--benchmark", "house"];
    let live = node.report(&words);
    assert_eq!(live.verdict("2.1").0, "pass");

    let file = node.outside().join("node.yaml").display().to_string();
    assert_eq!(node.says(&[&["record", "--file", &file][..], &words].concat()).code, 0);
    let offline = Report::of(kube_assay().args(["--json", "--node", &file]).args(words));
    assert_eq!(offline.json["Controls"], live.json["Controls"]);
    let recorded = fs::read_to_string(&file).expect("text");
    for whale in ["orca", "walrus", "beluga"] {
        assert!(!recorded.contains(whale), "{whale}: {recorded}");
    }
}
