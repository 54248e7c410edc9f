//! The hand-written pages: their links resolve, and the options they mention exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::files;

/// Returns the paths of all pages.
fn pages() -> Vec<String> {
    let mut pages: Vec<String> = [".", "docs", "benchmarks", "golden"].into_iter().flat_map(files::list).collect();
    pages.retain(|path| Path::new(path).extension().is_some_and(|end| end == "md"));
    assert!(pages.len() >= 10, "{pages:?}");
    pages
}

/// Returns the targets of a page's links and pictures, except those on other sites.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://"))
}

#[test]
fn links_lead_to_files_and_heads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for path in pages() {
        let page = files::read(&path);
        for link in links(&page) {
            let (file, head) = link.split_once('#').unwrap_or((link, ""));
            let place = if file.is_empty() {
                PathBuf::from(&path)
            } else {
                Path::new(&path).parent().expect("a directory").join(file)
            };
            assert!(root.join(&place).exists(), "{path}: no {link}");
            if !head.is_empty() {
                let text = files::read(&place.to_string_lossy());
                let mut heads = text.lines().filter_map(|line| line.split_once("# ")).map(|(_, head)| head);
                assert!(heads.any(|text| super::markdown::anchor(text) == head), "{path}: no head for {link}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 20, "{seen} links");
}

#[test]
fn the_files_that_pages_name_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rooms = [
        "src/",
        "crates/",
        "tests/",
        "benches/",
        "benchmarks/",
        "profiles/",
        "job-manifests/",
        "golden/",
        "fuzz/",
        "docs/",
    ];
    let mut seen = BTreeSet::new();
    for path in pages() {
        let page = files::read(&path);
        let words =
            page.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).flat_map(|span| span.split([' ', ',']));
        for word in words.filter(|word| rooms.iter().any(|room| word.starts_with(room))) {
            // Ignore patterns and placeholders.
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "/._-".contains(c);
            if word.chars().all(is_name) {
                assert!(root.join(word).exists(), "{path}: no {word}");
                seen.insert(word.to_owned());
            }
        }
    }
    assert!(seen.len() >= 40, "{seen:?}");
}

/// Returns the commands on a page that run the program: indented lines, and text in backticks.
fn commands(page: &str) -> Vec<&str> {
    let is_ours = |text: &&str| text.trim_start_matches("$ ").split(' ').any(|word| word.ends_with("kube-assay"));
    let lines = page.lines().filter(|line| line.starts_with("    ") || line.starts_with("$ ")).map(str::trim);
    let lines = lines.map(|line| line.split(" # ").next().unwrap_or(line));
    let spans =
        page.lines().filter(|line| !line.starts_with("    ")).flat_map(|line| line.split('`').skip(1).step_by(2));
    lines.chain(spans).filter(is_ours).collect()
}

/// Returns the options of all commands.
fn options() -> BTreeSet<String> {
    let mut options = BTreeSet::new();
    let nodes = ["run", "detect", "demo", "list", "explain", "lint", "convert", "report", "record", "completions"];
    for command in nodes.into_iter().chain(["aws-evidence-commands", "cluster", "who-can", "pod-security"]) {
        let output =
            Command::new(env!("CARGO_BIN_EXE_kube-assay")).args([command, "--help"]).output().expect("it runs");
        let help = String::from_utf8(output.stdout).expect("UTF-8");
        let named =
            help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).filter(|word| word.starts_with("--"));
        options.extend(named.map(str::to_owned));
    }
    options
}

#[test]
fn the_options_that_pages_name_exist() {
    let options = options();
    let mut seen = BTreeSet::new();
    for path in pages() {
        let page = files::read(&path);
        for command in commands(&page) {
            for word in command.split([' ', '=']).filter(|word| word.starts_with("--")) {
                let word = word.trim_end_matches([',', ';', '.', ')', '`']);
                assert!(options.contains(word), "{path}: {command}: no {word}");
                seen.insert(word.to_owned());
            }
        }
    }
    assert!(seen.len() >= 20, "{seen:?}");
}

#[test]
fn the_readme_is_read_in_minutes() {
    let lines = files::read("README.md").lines().count();
    assert!(lines <= 184, "README.md: {lines} lines, at most 184 are allowed (put what is long into docs/)");
}
