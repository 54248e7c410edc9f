//! Content of a node is only displayed and never has any other effect.

use crate::synthetic::{Node, Said};

/// Values that would have an effect if printed verbatim.
const VALUES: [&str; 6] = [
    "\u{1b}[31mred\u{1b}[0m\u{1b}]0;title\u{7}",
    "x\n[PASS] 1.1.1 forged\n== Summary total ==\n",
    "]]></system-out></testcase><testcase name=\"forged\"/>",
    "\u{202e}dehsilbup\u{202c}\u{200b}\u{feff}",
    "<script>&amp;\"'</script>",
    "\u{0}\u{1}\u{8}\r\u{85}\u{9b}31m\u{2028}\u{fffe}",
];

/// Creates a node that contains such a value wherever possible.
fn node(value: &str) -> Node {
    // Arguments end at a NUL.
    let value = value.replace('\0', "");
    let node = Node::control_plane();
    node.api_server_with(&[
        format!("--authorization-mode={value}"),
        format!("--tls-cipher-suites={value}"),
        format!("--profiling={value}"),
        format!("--audit-log-maxage={value}"),
        format!("--client-ca-file=/etc/{}", value.replace('/', "_")),
    ]);
    let name = value.replace('/', "_");
    let file = format!("/etc/kubernetes/pki/{name}.crt");
    node.file(&file, "x");
    node.mode(&file, 0o666);
    node.file("/etc/hostname", &value.replace('\n', " "));
    node.file("/etc/os-release", &format!("VARIANT_ID={value}\n"));
    node.process(900, &["kubelet"], &format!("/tmp/{name}"), "0::/\n");
    node
}

/// Asserts that a report or message contains nothing harmful.
fn harmless(text: &str) {
    let bad = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}')
    };
    assert_eq!(text.chars().find(|c| bad(*c)), None, "{text}");
}

fn all(value: &str) -> [Said; 3] {
    let node = node(value);
    ["text", "json", "junit"].map(|format| {
        let said = node.says(&["-v", "--format", format, "--include-test-output"]);
        assert_eq!(said.code, 0, "{}", said.err);
        said
    })
}

#[test]
fn nothing_that_a_node_holds_reaches_a_terminal_as_it_is() {
    for value in VALUES {
        for said in all(value) {
            harmless(&said.out);
            harmless(&said.err);
        }
    }
}

#[test]
fn no_line_is_forged() {
    let [text, ..] = all(VALUES[1]);
    assert!(text.out.contains("forged"), "the value is shown");
    for line in text.out.lines().chain(text.err.lines()) {
        assert!(!line.starts_with("[PASS] 1.1.1 forged"), "{line}");
    }
    assert!(text.out.lines().all(|line| !line.starts_with("== Summary")), "{}", text.out);
    assert_eq!(text.out.lines().filter(|line| line.starts_with("total: ")).count(), 1);
    assert!(text.err.lines().all(|line| line.starts_with("notice: ")), "{}", text.err);
}

#[test]
fn json_and_junit_stay_what_they_are() {
    let count = |text: &str, part: &str| text.matches(part).count();
    let plain = Node::control_plane().says(&["--junit"]).out;
    for value in VALUES {
        let [_, json, junit] = all(value);
        serde_json::from_str::<serde_json::Value>(&json.out).expect("JSON");
        let mut reader = quick_xml::Reader::from_str(&junit.out);
        reader.config_mut().check_end_names = true;
        loop {
            match reader.read_event().expect("XML") {
                quick_xml::events::Event::Eof => break,
                event => drop(event),
            }
        }
        assert_eq!(count(&junit.out, "<testcase "), count(&plain, "<testcase "), "{value:?}");
        assert_eq!(count(&junit.out, "]]>"), 0);
    }
}

#[test]
fn explanations_and_lists_know_nothing_of_a_node() {
    let node = node(VALUES[0]);
    for words in [&["list", "controls"][..], &["explain", "1.2.1"]] {
        harmless(&node.says(words).out);
    }
    let recording = node.says(&["record"]);
    harmless(&recording.out);
}
