//! Definitions that the user adds: valid ones are used; for invalid ones all mistakes are shown and nothing is audited.

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::house::{self, CONTROL};
use super::{refused, says};
use crate::synthetic::{Node, Said};

/// Creates a directory with these files, outside the node's root.
fn directory(node: &Node, name: &str, files: &[(&str, &str)]) -> String {
    let directory = node.outside().join(name);
    house::write(&directory, files);
    directory.display().to_string()
}

const INDEX: &str = "\
title: House rules
targets:
  master:
    id: \"1\"
    title: Control plane
    groups:
      \"1.1\":
        title: Limits
        checks:
          \"1.1.1\": { control: house/max-requests, with: { most: 500 }, scored: true, assessment: automated }
          \"1.1.2\": { control: apiserver/anonymous-auth, scored: true, assessment: automated }
";

#[test]
fn the_settings_of_a_part_are_those_of_its_whole() {
    let node = Node::control_plane();
    let control = CONTROL.replace("settings: apiserver", "settings: pki");
    let house = directory(&node, "house", &[("controls/house.yaml", &control), ("house.yaml", INDEX)]);
    let verdict = || node.report(&["--benchmarks-dir", &house, "--benchmark", "house"]).verdict("1.1.1").0.to_owned();
    assert_eq!(verdict(), "pass");
    node.api_server_with(&["--max-requests-inflight=501"]);
    assert_eq!(verdict(), "fail");
}

#[test]
fn controls_and_benchmarks_of_ones_own_count() {
    let node = Node::control_plane();
    let house = directory(&node, "house", &[("controls/house.yaml", CONTROL), ("house.yaml", INDEX)]);
    let mine = ["--benchmarks-dir", &house, "--benchmark", "house"];
    let verdict = |node: &Node| node.report(&mine).verdict("1.1.1").0.to_owned();
    assert_eq!(verdict(&node), "pass");
    node.api_server_with(&["--max-requests-inflight=501"]);
    assert_eq!(verdict(&node), "fail");
    let report = node.report(&mine);
    assert_eq!((report.verdict("1.1.2").0, report.run("title")), ("pass", "House rules"));
    assert_eq!(report.check("1.1.1")["test_desc"], "The API server bounds the requests in flight to 500 (Automated)");
    // In addition to the built-in ones, in every subcommand.
    assert_eq!(node.report(&["--benchmarks-dir", &house]).run("benchmark"), "cis-1.12");
    assert!(says(&["list", "--benchmarks-dir", &house]).out.contains("House rules"));
    assert!(says(&["explain", "house/max-requests", "--benchmarks-dir", &house]).out.contains("house 1.1.1"));
}

#[test]
fn a_profile_of_ones_own_counts() {
    let node = Node::control_plane();
    let profile = "title: Ours\nskip:\n  - control: apiserver/anonymous-auth\n    reason: Our load balancer asks.\n    \
                   source: our handbook\n    guide_ids: [\"A1\"]\n";
    let profiles = directory(&node, "profiles", &[("ours.yaml", profile)]);
    let report = node.report(&["--profiles-dir", &profiles, "--profile", "ours"]);
    assert_eq!(report.skipped(), ["1.2.1"]);
    assert_eq!(report.verdict("1.2.1").1, "Our load balancer asks.");
    assert!(says(&["list", "profiles", "--profiles-dir", &profiles]).out.contains("ours"));
}

/// Returns the number of locations in a file that a message mentions.
fn places(said: &Said, file: &Path) -> usize {
    said.err.matches(&format!("{}:", file.display())).count()
}

#[test]
fn all_mistakes_of_all_files_are_shown_and_nothing_is_audited() {
    let node = Node::control_plane();
    let control = CONTROL.replace("at_most", "at_mots").replace("rationale", "rationalle");
    let index =
        INDEX.replace("apiserver/anonymous-auth", "apiserver/anonymos-auth").replace("scored: true", "scored: yess");
    let broken = directory(&node, "broken", &[("controls/house.yaml", &control), ("house.yaml", &index)]);
    let profile =
        "title: Ours\nskip:\n  - control: apiserver/anonymos-auth\n    reasn: x\n    source: y\n    guide_ids: []\n";
    let profiles = directory(&node, "profiles", &[("ours.yaml", profile)]);
    let said = node.says(&["--benchmarks-dir", &broken, "--profiles-dir", &profiles]);
    refused(
        &said,
        &[
            "at_mots",
            "did you mean \"at_most\"?",
            "rationalle",
            "yess",
            "apiserver/anonymos-auth",
            "apiserver/anonymous-auth",
            "reasn",
            "^",
        ],
    );
    let file = |directory: &str, name: &str| PathBuf::from(directory).join(name);
    assert!(places(&said, &file(&broken, "controls/house.yaml")) >= 2, "{}", said.err);
    assert!(places(&said, &file(&broken, "house.yaml")) >= 2, "{}", said.err);
    assert!(places(&said, &file(&profiles, "ours.yaml")) >= 1, "{}", said.err);
    for subcommand in ["run", "record"] {
        refused(&node.says(&[subcommand, "--benchmarks-dir", &broken]), &["at_mots"]);
    }
    for subcommand in ["list", "demo"] {
        refused(&says(&[subcommand, "--benchmarks-dir", &broken]), &["at_mots"]);
    }
}

#[test]
fn broken_files_are_told_of_with_their_place() {
    let node = Node::control_plane();
    for (text, parts) in [
        ("title: [", &["house.yaml:1:"][..]),
        ("- a\n- b\n", &["house.yaml:1:"]),
        ("", &["house.yaml"]),
        ("title: \"\u{1b}[31mred\"\nfoo: 1\n", &["house.yaml:1:9", "unexpected character"]),
    ] {
        let broken = directory(&node, "broken", &[("house.yaml", text)]);
        let said = node.says(&["--benchmarks-dir", &broken]);
        refused(&said, parts);
        assert!(!said.err.contains('\u{1b}'), "{:?}", said.err);
    }
    for option in ["--benchmarks-dir", "--profiles-dir"] {
        refused(&node.says(&[option, "/nowhere"]), &["/nowhere: no such file or directory (give a directory of"]);
        refused(&node.says(&[option, "Cargo.toml"]), &["Cargo.toml: is not a directory"]);
        refused(&node.says(&[option, "src"]), &["src: contains no definitions (looked for src/*.yaml"]);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_one_of_the_mistakes() {
    let node = Node::control_plane();
    let control = CONTROL.replace("at_most", "at_mots");
    let house = directory(
        &node,
        "house",
        &[("controls/other.yaml", &control), ("house.yaml", INDEX), ("a.yaml", ""), ("more.txt", "")],
    );
    // The benchmark's control is in the file that cannot be read.
    let text = [b"max-requests:\n  title: \xe4\xb8\xad ".as_slice(), b"\xff\xfe\n"].concat();
    fs::write(Path::new(&house).join("controls/house.yaml"), text).expect("written");
    fs::remove_file(Path::new(&house).join("a.yaml")).expect("removed");
    mkfifo(&Path::new(&house).join("a.yaml"), Mode::S_IRWXU).expect("made");
    let profiles = directory(&node, "profiles", &[("ours.yaml", "titel: Ours\n")]);
    mkfifo(&Path::new(&profiles).join("pipe.yml"), Mode::S_IRWXU).expect("made");
    let said = node.says(&["--benchmarks-dir", &house, "--profiles-dir", &profiles]);
    refused(
        &said,
        &[
            &format!(
                "{house}/a.yaml:1:1: is not a regular file, and is not read\nhint: every *.yaml file there is read as"
            ),
            &format!(
                "{house}/controls/house.yaml:2:12: is not UTF-8 text: it has the byte 0xff here\n  title: 中 \u{fffd}\u{fffd}\n\
                 \u{20}          ^\nhint: save it as UTF-8"
            ),
            "unknown key \"at_mots\"",
            &format!("{profiles}/ours.yaml:1:1: "),
            &format!("{profiles}/pipe.yml:1:1: is not a regular file"),
        ],
    );
    assert!(!said.err.contains("unknown control") && !said.err.contains("more.txt"), "{}", said.err);
    let said = says(&["lint", "--json", &house]);
    assert!(said.code == 2 && said.out.contains("\"code\":\"unreadable-file\""), "{}", said.out);
    for number in 0..501 {
        fs::write(Path::new(&profiles).join(format!("{number}.yaml")), "").expect("written");
    }
    let many = format!("{profiles}: holds more than 500 *.yaml (name a directory that contains only definitions)");
    refused(&node.says(&["--profiles-dir", &profiles]), &[&many]);
    // A link to a regular file works like the file.
    let linked = node.outside().join("linked");
    house::write(&linked, &[("controls/house.yaml", CONTROL), ("kept", INDEX)]);
    std::os::unix::fs::symlink("kept", linked.join("house.yaml")).expect("linked");
    let linked = linked.display().to_string();
    assert_eq!(node.report(&["--benchmarks-dir", &linked, "--benchmark", "house"]).verdict("1.1.1").0, "pass");
}

#[test]
fn definitions_beyond_all_reason_are_refused_with_their_limit() {
    let node = Node::control_plane();
    let values = format!("x: [{}1]\n", "1,".repeat(10_000));
    let values = directory(&node, "values", &[("controls/x.yaml", &values)]);
    let refusal = "controls/x.yaml:1:1: has more than 10000 lines and values, the limit for a file";
    refused(&node.says(&["--benchmarks-dir", &values]), &[refusal]);
    let text = format!("# {}\n", "x".repeat(3 << 20));
    let files = ["controls/a.yaml", "controls/b.yaml", "controls/c.yaml"].map(|name| (name, text.as_str()));
    let large = directory(&node, "large", &files);
    refused(&node.says(&["--benchmarks-dir", &large]), &[&format!("{large}: holds more than 8 MiB of *.yaml")]);
    // One mistake per line, and all in one line.
    let lines = (0..5000).map(|number| format!("x{number}: y\n")).collect::<Vec<_>>().concat();
    let line = (0..3000).map(|number| format!("x{number}: y, ")).collect::<Vec<_>>().concat();
    let mistakes = directory(
        &node,
        "mistakes",
        &[("controls/lines.yaml", &lines), ("controls/line.yaml", &format!("{{{line}}}\n"))],
    );
    let said = node.says(&["--benchmarks-dir", &mistakes]);
    refused(&said, &["more than 100 mistakes in this file: the rest is not listed", "controls/line.yaml:1:"]);
    assert!(said.err.lines().count() < 1000 && said.err.len() < 100_000, "{}", said.err.len());
}

/// Definitions may be untrusted, and their text is shown on terminals.
#[test]
fn what_definitions_say_does_nothing_to_a_terminal() {
    let place = tempfile::tempdir().expect("a directory");
    let directory = place.path().display().to_string();
    let evil = "\\e[31mred\\e]0;x\\a\\u202e";
    let control = format!(
        "evil:\n  title: \"T {evil}\"\n  level: 1\n  severity: low\n  rationale: \"R {evil}\"\n  remediation: \"F {evil}\"\n  \
         review: \"L {evil}\"\n"
    );
    let index = format!(
        "title: \"B {evil}\"\nlevels: true\ntargets:\n  node:\n    id: \"4\"\n    title: \"N {evil}\"\n    groups:\n      \"4.1\":\n        \
         title: \"G {evil}\"\n        checks: {{ \"4.1.1\": {{ control: h/evil, scored: true, assessment: manual }} }}\n"
    );
    house::write(place.path(), &[("controls/h.yaml", &control), ("ev.yaml", &index)]);
    for words in [
        &["list"][..],
        &["list", "targets"],
        &["list", "controls"],
        &["list", "--json"],
        &["explain", "h/evil"],
        &["explain", "h/evil", "--json", "--pretty"],
        &["demo", "-s", "node"],
        &["demo", "-s", "node", "--junit"],
        &["explain", "h/evli"],
    ] {
        let said = says(&[words, &["--benchmarks-dir", &directory, "--benchmark", "ev"]].concat());
        assert!(said.out.contains("[31m") || said.code == 2, "{words:?}: {}", said.err);
        let is_harmless = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        assert!(said.out.chars().chain(said.err.chars()).all(is_harmless), "{words:?}: {:?} {:?}", said.out, said.err);
    }
}
