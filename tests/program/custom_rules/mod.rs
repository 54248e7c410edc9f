//! `docs/custom-rules.md`, done as it says: its files are taken out of the page, its commands are run, and what they
//! print is compared with the page. `KUBE_ASSAY_BLESS=1` writes it there.

#![allow(clippy::disallowed_methods, reason = "tests make files, and read the project's own")]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/custom-rules.md");
const NODE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/nodes/made-up/kubeadm-control-plane.yaml");

/// A fenced block of the page.
struct Block {
    /// What stands behind the fence.
    language: String,
    /// The last line before it that is not empty.
    before: String,
    lines: Vec<String>,
    /// The number of its first line, from 0.
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

/// The files of the page, by the line before each: its path between backticks.
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

/// A console block with what its commands print now.
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

/// The line, with one and the same time in the head of a report.
fn without_time(line: &str) -> String {
    match line.rsplit_once(", ") {
        Some((head, time)) if head.starts_with("kube-assay ") && time.ends_with('Z') => {
            format!("{head}, 2026-11-29T10:12:03Z")
        }
        _ => line.to_owned(),
    }
}

#[test]
fn the_page_is_true() {
    let page = fs::read_to_string(PAGE).expect("the page");
    let blocks = blocks(&page);
    let directory = tempfile::tempdir().expect("a directory");
    fs::copy(NODE, directory.path().join("kubeadm-control-plane.yaml")).expect("copied");
    assert_eq!(write_files(&blocks, directory.path()), 3, "the page has three files");

    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let consoles: Vec<&Block> = blocks.iter().filter(|block| block.language == "console").collect();
    assert!(consoles.len() >= 5, "the page shows what is printed");
    let replayed: Vec<Vec<String>> = consoles.iter().map(|block| replayed(block, directory.path())).collect();
    // From the end, so that the places of those before stay right.
    for (block, now) in consoles.iter().zip(replayed).rev() {
        lines.splice(block.first..block.first + block.lines.len(), now);
    }
    let now = lines.join("\n") + "\n";
    if env::var_os("KUBE_ASSAY_BLESS").is_some() {
        fs::write(PAGE, &now).expect("written");
        return;
    }
    let different = page.lines().zip(now.lines()).enumerate().find(|(_, (page, now))| page != now);
    if let Some((number, (page, now))) = different {
        let number = number + 1;
        panic!("docs/custom-rules.md:{number} shows {page:?}, and now it is {now:?} (KUBE_ASSAY_BLESS=1 corrects it)");
    }
    assert_eq!(page.len(), now.len(), "docs/custom-rules.md ends otherwise (KUBE_ASSAY_BLESS=1 corrects it)");
}
