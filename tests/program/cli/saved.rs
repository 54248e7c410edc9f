//! `report`: saved reports that are printed again, or refused.

use std::fs;

use super::{refused, says};
use crate::synthetic::Node;

/// Saves a report of a synthetic control plane, and returns its path.
fn saved(node: &Node, name: &str) -> String {
    let file = node.outside().join(name).display().to_string();
    let said = node.says(&["--outputfile", "/dev/null", "--output", &format!("native={file}")]);
    assert_eq!(said.code, 0, "{}", said.err);
    file
}

#[test]
fn a_saved_report_prints_what_its_run_printed() {
    let node = Node::control_plane();
    let path = |name: &str| node.outside().join(name).display().to_string();
    let files =
        [("text", path("r.txt")), ("json", path("r.json")), ("junit", path("r.xml")), ("native", path("n.json"))];
    let outputs: Vec<String> = files.iter().map(|(format, file)| format!("{format}={file}")).collect();
    let words = outputs.iter().flat_map(|output| ["--output", output.as_str()]);
    let said = node.says(&["--outputfile", "/dev/null"].into_iter().chain(words).collect::<Vec<_>>());
    assert_eq!(said.code, 0, "{}", said.err);
    let native = path("n.json");
    for (format, file) in &files {
        let again = says(&["report", &native, "--format", format]);
        assert_eq!((again.code, again.err.as_str()), (0, ""));
        assert!(again.out == fs::read_to_string(file).expect("read"), "{format}");
    }
    let report: serde_json::Value = serde_json::from_slice(&fs::read(&native).expect("read")).expect("JSON");
    assert_eq!(report["schema"], 1);
    assert_eq!(report["run"]["command"]["name"], "run");
    assert!(report["run"]["command"]["choices"]["root"][0].as_str().is_some_and(|root| root.ends_with("/root")));
    assert!(report["run"]["finished"].as_str() >= report["run"]["started"].as_str());
}

#[test]
fn the_exit_code_is_that_of_the_run() {
    let node = Node::control_plane();
    let file = saved(&node, "native.json");
    let run = node.says(&["--exit-code", "7"]);
    assert_eq!(says(&["report", &file, "--exit-code", "7"]).code, run.code);
    assert_eq!(says(&["report", &file]).code, 0);
}

#[test]
fn several_reports_are_printed_in_turn_or_refused() {
    let node = Node::control_plane();
    let file = saved(&node, "native.json");
    let second = saved(&node, "second.json");
    let one = says(&["report", &file]).out;
    let text = fs::read_to_string(&file).expect("read");
    fs::write(&second, text.replacen("\"finished\": \"20", "\"finished\": \"21", 1)).expect("written");
    assert_eq!(says(&["report", &file, &second]).out, format!("{one}\n{one}"));
    let document = says(&["report", &file, &second, "--format", "junit"]);
    let one = says(&["report", &file, "--format", "junit"]).out.matches("<testsuite ").count();
    assert_eq!((document.code, document.out.matches("<testsuite ").count()), (0, one * 2), "{}", document.err);
    assert_eq!(document.out.matches("<testsuites ").count(), 1);
    for format in ["json", "native"] {
        let said = says(&["report", &file, &second, "--format", format]);
        refused(&said, &[&format!("report: 2 files given, but {format} holds one report")]);
    }
    // By whatever name: its checks would be counted twice.
    let linked = node.outside().join("linked.json").display().to_string();
    std::os::unix::fs::symlink(&file, &linked).expect("a link");
    let copied = node.outside().join("copied.json").display().to_string();
    fs::write(&copied, text.replace('\n', "")).expect("written");
    for same in [&file, &linked, &copied] {
        let said = says(&["report", &file, &second, same, "--format", "junit"]);
        refused(&said, &[&format!("{same}: is the same report as {file} (give each report once)")]);
    }
    refused(&says(&["report"]), &["FILE"]);
}

#[test]
fn what_is_no_report_is_refused() {
    let node = Node::control_plane();
    let file = saved(&node, "native.json");
    let text = fs::read_to_string(&file).expect("read");
    let place = |name: &str, text: &str| {
        let path = node.outside().join(name);
        fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let cut = place("cut.json", &text[..text.len() / 2]);
    refused(&says(&["report", &cut]), &["cut.json:", "ends too early"]);
    let other = place("other.json", &text.replacen("\"schema\": 1", "\"schema\": 2", 1));
    refused(&says(&["report", &other]), &["other.json: schema 2: this program reads schema 1 only"]);
    let edited = place("edited.json", &text.replacen("\"verdict\": \"pass\"", "\"verdict\": \"ok\"", 1));
    refused(&says(&["report", &edited]), &["edited.json:", "].verdict: unknown variant `ok`"]);
    let nothing = "{\"source\":{\"further\":{\"count\":0}},\"found\":\"unlisted\",\"violates\":false}";
    let counted = |count: &str| {
        let mut report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let piece = serde_json::from_str(&nothing.replace('0', count)).expect("JSON");
        report["targets"][0]["groups"][0]["checks"][0]["evidence"] = serde_json::Value::Array(vec![piece]);
        place("counted.json", &report.to_string())
    };
    for count in ["0", "18446744073709551615"] {
        refused(&says(&["report", &counted(count)]), &["evidence: of no number of things that there can be"]);
    }
    let kube_bench = place("kube-bench.json", &node.says(&["--json"]).out);
    refused(&says(&["report", &kube_bench]), &["kube-bench.json:1:", "unknown field `Controls`"]);
    for (name, part) in
        [("/dev/zero", "is not a regular file"), ("/nowhere", "/nowhere: "), ("/", "/: is not a regular file")]
    {
        refused(&says(&["report", name]), &[part]);
    }
    let huge = node.outside().join("huge.json");
    let sparse = fs::File::create(&huge).expect("made");
    sparse.set_len((64 << 20) + 1).expect("as long as that");
    refused(&says(&["report", &huge.display().to_string()]), &["huge.json: exceeds 64 MiB"]);
    let many = place("many.json", &format!("[{}0]", "0,".repeat(1_000_000)));
    refused(&says(&["report", &many]), &["many.json: more than 1000000 values, the limit"]);
    let deep = place("deep.json", &"[".repeat(100_000));
    refused(&says(&["report", &deep]), &["deep.json:1:"]);
}

#[test]
fn the_report_that_is_read_is_not_overwritten() {
    let node = Node::control_plane();
    let file = saved(&node, "native.json");
    let before = fs::read(&file).expect("read");
    refused(&says(&["report", &file, "--outputfile", &file]), &["is the report to read, and is not overwritten"]);
    assert_eq!(fs::read(&file).expect("read"), before);
}

#[test]
fn a_saved_report_that_was_edited_shows_no_secret() {
    let node = Node::control_plane();
    let file = saved(&node, "native.json");
    let text = fs::read_to_string(&file).expect("read");
    let edited = text.replacen("\"notices\": [", "\"notices\": [{\"code\": \"x\", \"text\": \"password=hunter2\"},", 1);
    assert_ne!(edited, text);
    fs::write(&file, edited.replace("},\n ],", "}\n ],").replace("},],", "}],")).expect("written");
    for format in ["text", "json", "junit", "native"] {
        let said = says(&["report", &file, "--format", format]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.contains("password=(masked)") && !said.out.contains("hunter2"), "{format}");
    }
}
