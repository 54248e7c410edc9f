//! Executes `docs/custom-rules.md`, the README and other pages: writes the files they show, runs their commands and
//! compares the output with the page. `KUBE_ASSAY_BLESS=1` updates the page.

#![allow(clippy::disallowed_methods, reason = "tests make files, and read the project's own")]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

const NODE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/nodes/made-up/kubeadm-control-plane.yaml");

/// A fenced block of the page.
struct Block {
    /// The language after the fence.
    language: String,
    /// The last non-empty line before it.
    before: String,
    lines: Vec<String>,
    /// The index of its first line.
    first: usize,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut before, mut inside) = (String::new(), false);
    for (number, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), inside) {
            (Some(language), false) => {
                inside = true;
                let (language, before) = (language.to_owned(), before.clone());
                blocks.push(Block { language, before, lines: Vec::new(), first: number + 1 });
            }
            (Some(_), true) => inside = false,
            (None, true) => blocks.last_mut().expect("one is open").lines.push(line.to_owned()),
            (None, false) if !line.trim().is_empty() => line.clone_into(&mut before),
            (None, false) => {}
        }
    }
    assert!(!inside, "a block is not closed");
    blocks
}

/// Writes the files of the page; the line before each contains its path in backticks.
fn write_files(blocks: &[Block], directory: &Path) -> usize {
    let files = blocks.iter().filter(|block| block.language == "yaml");
    files
        .map(|block| {
            let path = block.before.trim_matches(['`', ':']);
            let place = directory.join(path);
            fs::create_dir_all(place.parent().expect("a parent")).expect("created");
            fs::write(place, block.lines.join("\n") + "\n").expect("written");
        })
        .count()
}

/// Returns a console block with the current output of its commands.
fn replayed(block: &Block, directory: &Path) -> Vec<String> {
    let programs = Path::new(env!("CARGO_BIN_EXE_kube-assay")).parent().expect("a directory");
    let path = format!("{}:{}", programs.display(), env::var("PATH").unwrap_or_default());
    let mut lines = Vec::new();
    for command in block.lines.iter().filter_map(|line| line.strip_prefix("$ ")) {
        lines.push(format!("$ {command}"));
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(directory)
            .env("PATH", &path)
            .env("NO_COLOR", "1")
            .env_remove("KUBE_ASSAY_BENCHMARK")
            .env_remove("KUBE_ASSAY_VERSION")
            .env_remove("KUBE_ASSAY_PROFILE")
            .env_remove("KUBE_ASSAY_NODE_NAME")
            .output()
            .expect("there is a shell");
        let printed = String::from_utf8(output.stdout).expect("text") + &String::from_utf8_lossy(&output.stderr);
        lines.extend(printed.trim_end().lines().map(|line| without_time(line.trim_end())));
    }
    lines
}

/// Replaces the time in a report's heading by a fixed one.
fn without_time(line: &str) -> String {
    match line.rsplit_once(", ") {
        Some((head, time)) if head.starts_with("kube-assay ") && time.ends_with('Z') => {
            format!("{head}, 2026-11-29T10:12:03Z")
        }
        _ => line.to_owned(),
    }
}

/// Executes a page and compares. It must have exactly this many files, and at least this many console blocks.
fn check(name: &str, files: usize, consoles: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let page = fs::read_to_string(&path).expect("the page");
    let blocks = blocks(&page);
    let directory = tempfile::tempdir().expect("a directory");
    fs::copy(NODE, directory.path().join("kubeadm-control-plane.yaml")).expect("copied");
    assert_eq!(write_files(&blocks, directory.path()), files, "{name}: files of the page");

    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let shown: Vec<&Block> = blocks.iter().filter(|block| block.language == "console").collect();
    assert!(shown.len() >= consoles, "{name} shows what is printed");
    let replayed: Vec<Vec<String>> = shown.iter().map(|block| replayed(block, directory.path())).collect();
    // From the end, so that earlier line numbers stay valid.
    for (block, now) in shown.iter().zip(replayed).rev() {
        lines.splice(block.first..block.first + block.lines.len(), now);
    }
    let now = lines.join("\n") + "\n";
    if env::var_os("KUBE_ASSAY_BLESS").is_some() {
        fs::write(&path, &now).expect("written");
        return;
    }
    let different = page.lines().zip(now.lines()).enumerate().find(|(_, (page, now))| page != now);
    if let Some((number, (page, now))) = different {
        let number = number + 1;
        panic!("{name}:{number} shows {page:?}, and now it is {now:?} (KUBE_ASSAY_BLESS=1 corrects it)");
    }
    assert_eq!(page.len(), now.len(), "{name} ends otherwise (KUBE_ASSAY_BLESS=1 corrects it)");
}

#[test]
fn the_page_is_true() {
    check("docs/custom-rules.md", 3, 5);
}

#[test]
fn the_readme_is_true() {
    check("README.md", 1, 2);
}

#[test]
fn other_pages_are_true() {
    check("docs/usage.md", 0, 1);
    check("docs/eks-anywhere.md", 0, 1);
}
