//! Terminal output: in few columns, in an old locale, with and without colour, and to a pipe that is closed early.

use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use super::says;
use crate::synthetic::{Said, kube_assay};

const NODE: &str = "golden/nodes/eks-anywhere-control-plane.yaml";

/// Returns the output in a terminal of this width, with these variables; `None` if no terminal can be created.
fn shown(columns: usize, variables: &str, words: &str) -> Option<String> {
    let kube_assay = assert_cmd::cargo::cargo_bin!("kube-assay").display().to_string();
    let line = format!("stty cols {columns} rows 40; {variables} {kube_assay} {words}");
    let mut command = Command::new("script");
    command
        .env_remove("NO_COLOR")
        .env_remove("CI")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("CLICOLOR")
        .env("TERM", "xterm");
    let shown = command.args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output();
    let Ok(shown) = shown else {
        eprintln!("skipped: script is not installed");
        return None;
    };
    Some(String::from_utf8(shown.stdout).expect("UTF-8").replace("\r\n", "\n"))
}

/// Removes colours from a text.
fn plain(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::new();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

/// Returns the words of a text, regardless of its layout.
fn words_of(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Commands whose output people read at a terminal.
const READ: [&str; 11] = [
    "demo",
    "demo --show all --remediations",
    "detect --node golden/nodes/eks-anywhere-control-plane.yaml",
    "explain 1.2.1 --benchmark cis-1.12",
    "explain --anonymous-auth",
    "list",
    "list targets",
    "list profiles",
    "list controls --benchmark cis-1.12",
    "-h",
    "run --help",
];

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in [20, 40, 80, 100, 160] {
        for words in READ {
            let Some(text) = shown(columns, "", &format!("{words} -q")) else { return };
            let text = plain(&text);
            assert!(text.lines().count() > 3, "{columns} {words}: {text}");
            // Lines that cannot be wrapped: a single word, and commands and YAML to copy, which are indented more than
            // prose.
            let is_whole = |line: &str| {
                let is_code = words.starts_with("explain") || words.contains("--remediations");
                line.split_whitespace().count() <= 1
                    || (is_code && line.starts_with("      "))
                    || ["chmod ", "chown ", "systemctl "].iter().any(|command| line.trim_start().starts_with(command))
            };
            for line in text.lines().filter(|line| line.chars().count() > columns) {
                assert!(is_whole(line), "{words} in {columns} columns: {line:?}");
            }
        }
    }
}

#[test]
fn the_layout_alone_depends_on_the_terminal() {
    for words in READ.into_iter().filter(|words| !words.contains("-h")) {
        let file = says(&words.split(' ').chain(["-q"]).collect::<Vec<_>>()).out;
        let time = |word: &&str| word.starts_with("20") && word.ends_with('Z');
        let without_time = |text: &str| -> String {
            words_of(text).into_iter().filter(|word| !time(word)).collect::<Vec<_>>().join(" ")
        };
        for columns in [20, 80, 160] {
            let Some(text) = shown(columns, "", &format!("{words} -q")) else { return };
            assert_eq!(without_time(&plain(&text)), without_time(&file), "{words} in {columns} columns");
        }
    }
}

/// Columns stay aligned as long as there is room.
#[test]
fn columns_are_aligned() {
    let Some(text) = shown(80, "", "demo -q --show warn") else { return };
    let text = plain(&text);
    for start in
        ["  4.1.1   medium   L1  kubelet ", "  1.2.30  low      L1  --service-account-", "  1.2.1   high     L1  --"]
    {
        assert!(text.lines().any(|line| line.starts_with(start)), "{start:?} is in {text}");
    }
    let Some(text) = shown(80, "", "list") else { return };
    let titles: Vec<usize> = text.lines().filter_map(|line| line.find("CIS ").or(line.find("DISA "))).collect();
    assert!(titles.len() == 19 && titles.iter().all(|column| *column == titles[0]), "{text}");
    let going_on = text.lines().filter(|line| line.starts_with("      "));
    assert!(
        going_on.clone().count() > 0 && going_on.clone().all(|line| line.find(|c| c != ' ') == Some(titles[0])),
        "{text}"
    );
    let Some(text) = shown(80, "", &format!("detect --node {NODE}")) else { return };
    assert!(text.contains("\nplatform    eks-anywhere: EKS Anywhere (Ubuntu, RHEL)\n            - "), "{text}");
    assert!(text.contains("node        eksa-prod-abcde (seen from\n            golden/"), "{text}");
    // Without enough room, each cell has its own line.
    let Some(text) = shown(40, "", "list") else { return };
    assert!(
        text.starts_with("cis-1.5\n  Kubernetes 1.15\n  122 checks\n  CIS Kubernetes Benchmark 1.5.1\ncis-1.6\n"),
        "{text}"
    );
}

#[test]
fn errors_and_notices_are_wrapped_too() {
    let Some(text) = shown(40, "", "demo --benchmark x") else { return };
    let text = plain(&text);
    assert!(text.starts_with("error: benchmark \"x\": not known (there\n  are cis-1.5,"), "{text}");
    let Some(text) = shown(40, "", "list --version 1.99 -v") else { return };
    assert!(plain(&text).starts_with("notice: Kubernetes 1.99: newer than\n  every benchmark here;"), "{text}");
    let Some(text) = shown(30, "", "list --junit") else { return };
    assert!(text.starts_with("error: --junit: not an option\n  of list (available in run,"), "{text}");
    let Some(text) = shown(30, "", "help list") else { return };
    assert!(text.contains("\n  -q, --quiet") && text.lines().all(|line| line.chars().count() <= 30), "{text}");
}

#[test]
fn help_fits_on_screens_of_eighty_columns() {
    for (words, most) in [
        ("-h", 48),
        ("run -h", 40),
        ("help", 108),
        ("run --help", 96),
        ("--compat -h", 48),
        ("explain -h", 24),
        ("list -h", 24),
        ("detect -h", 30),
    ] {
        let Some(text) = shown(80, "", words) else { return };
        assert!(text.lines().count() <= most, "{words}: {} lines", text.lines().count());
        assert!(!text.contains("\n\n      --"), "{words}: options follow each other without empty lines: {text}");
    }
}

/// If a terminal does not report its size, lines are as in a file.
#[test]
fn a_terminal_without_a_size_is_one_of_any_width() {
    let Some(text) = shown(0, "", "list") else { return };
    assert_eq!(text, says(&["list"]).out);
}

#[test]
fn colour_is_where_it_is_wanted() {
    let coloured = |variables: &str| Some(shown(80, variables, "demo")?.contains("\u{1b}["));
    for (variables, expected) in [
        ("", true),
        ("TERM=dumb", false),
        ("NO_COLOR=1", false),
        ("NO_COLOR=1 CLICOLOR_FORCE=1", false),
        ("CLICOLOR=0", false),
        ("CLICOLOR_FORCE=1 TERM=dumb", true),
        ("LC_ALL=C", true),
    ] {
        let Some(found) = coloured(variables) else { return };
        assert_eq!(found, expected, "{variables}");
    }
    // In a file or pipe only if forced, and in machine-readable formats never.
    for (force, format, expected) in [
        (false, "text", false),
        (true, "text", true),
        (true, "json", false),
        (true, "junit", false),
        (true, "native", false),
    ] {
        let mut command = kube_assay();
        if force {
            command.env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR");
        }
        let said = Said::of(command.args(["demo", "--format", format]));
        assert_eq!((said.code, said.out.contains("\u{1b}[")), (0, expected), "{force} {format}");
    }
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("report.txt").display().to_string();
    assert_eq!(Said::of(kube_assay().env("CLICOLOR_FORCE", "1").args(["demo", "--outputfile", &file])).code, 0);
    assert!(!std::fs::read_to_string(&file).expect("written").contains('\u{1b}'));
}

/// The program's own text is ASCII, so that every terminal can show it.
#[test]
fn the_programs_own_words_are_ascii() {
    for words in READ.into_iter().chain(["explain xyzzy", "demo --benchmark x", "list controls", "--compat --help"]) {
        let said = Said::of(kube_assay().env("LC_ALL", "C").env("LANG", "C").args(words.split(' ')));
        assert!(said.out.is_ascii() && said.err.is_ascii(), "{words}: {} {}", said.out, said.err);
    }
    // Truncation is marked in ASCII too.
    let long = "x".repeat(500);
    assert!(says(&["explain", &long]).err.contains("xxx...\": not known"));
    let keys = says(&["list", "controls"]).out;
    let keys: Vec<&str> = keys.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(says(&[&["explain"][..], &keys].concat()).out.is_ascii());
    // Names that are not UTF-8 must not cause a panic.
    for words in [&["explain"][..], &["list"], &["demo", "--benchmark"], &["--node"], &["report"], &["--compat", "run"]]
    {
        let said = Said::of(kube_assay().env("LC_ALL", "C").args(words).arg(std::ffi::OsStr::from_bytes(b"\xff\xfe")));
        assert!(
            [1, 2, 255].contains(&said.code) && !said.err.contains("panicked"),
            "{words:?}: {} {}",
            said.code,
            said.err
        );
    }
}

/// `| head -1` is not an error.
#[test]
fn a_reader_may_go_early() {
    for words in [
        "demo",
        "demo --json",
        "demo --junit",
        "demo --exit-code 3",
        "list controls",
        "list controls --json",
        "explain profiling",
        "--help",
        "-h",
    ] {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("kube-assay"));
        let mut child = command
            .args(words.split(' '))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut out = child.stdout.take().expect("a pipe");
        if words != "-h" {
            let mut byte = [0];
            out.read_exact(&mut byte).expect("a byte");
        }
        drop(out);
        let done = child.wait_with_output().expect("it ends");
        let err = String::from_utf8_lossy(&done.stderr);
        let expected = if words.contains("exit-code") { 3 } else { 0 };
        assert_eq!((done.status.code(), err.as_ref()), (Some(expected), ""), "{words}");
    }
    // Nor is a closed standard error.
    let done = Command::new("sh")
        .args(["-c", "\"$0\" demo --benchmark x 2>&-; echo $?; \"$0\" --junk 2>&-; echo $?"])
        .arg(assert_cmd::cargo::cargo_bin!("kube-assay"))
        .output()
        .expect("it runs");
    assert_eq!(String::from_utf8_lossy(&done.stdout), "2\n2\n");
}
