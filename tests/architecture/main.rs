//! Architecture rules: which modules of `src/` may import which others, and which may access files, processes and the
//! clock.
//!
//! Clippy's `disallowed-methods` finds calls; this finds imports, which show better where code belongs.

#![allow(clippy::disallowed_methods, reason = "tests read the project's own files")]

mod dependencies;
mod paths;
mod threats;

use std::fs;
use std::path::{Path, PathBuf};

use paths::{Mention, mentions};

/// A top-level module, and the modules and crates that it may refer to.
struct Room {
    name: &'static str,
    may_name: &'static [&'static str],
}

/// The modules of `src/`, and the other modules and crates that each may refer to: to the compiler they are one crate.
/// For the crates, the compiler enforces this itself.
const HOUSE: [Room; 16] = [
    Room { name: "node", may_name: &["certificates", "probe", "redact", "sandbox", "yaml"] },
    Room { name: "component", may_name: &["definitions", "inspections", "probe", "yaml"] },
    Room { name: "select", may_name: &["definitions"] },
    Room { name: "collect", may_name: &["component", "definitions", "inspections", "probe"] },
    Room { name: "detect", may_name: &["collect", "component", "definitions", "probe"] },
    Room {
        name: "evaluate",
        may_name: &["collect", "component", "definitions", "inspections", "model", "probe", "redact", "select"],
    },
    Room { name: "report", may_name: &["model", "redact"] },
    Room {
        name: "kube_bench",
        may_name: &["audit_shell", "definitions", "embedded", "model", "probe", "redact", "report", "run", "yaml"],
    },
    Room {
        name: "cli",
        may_name: &[
            "audit_shell",
            "aws",
            "cluster",
            "collect",
            "component",
            "definitions",
            "detect",
            "embedded",
            "evaluate",
            "explanation",
            "kube_bench",
            "kubernetes",
            "model",
            "node",
            "policies",
            "probe",
            "redact",
            "report",
            "run",
            "sandbox",
        ],
    },
    Room { name: "policies", may_name: &["aws", "cluster", "definitions", "evaluate", "model", "probe", "run"] },
    Room { name: "sandbox", may_name: &[] },
    Room {
        name: "run",
        may_name: &[
            "collect",
            "component",
            "definitions",
            "detect",
            "evaluate",
            "model",
            "node",
            "probe",
            "redact",
            "select",
        ],
    },
    Room { name: "explanation", may_name: &["definitions", "evaluate", "report"] },
    Room { name: "embedded", may_name: &["definitions"] },
    Room { name: "lib", may_name: &[] },
    Room { name: "main", may_name: &["cli"] },
];

/// The crates of the workspace, by the names used in code.
const CRATES: [&str; 12] = [
    "audit_shell",
    "aws",
    "certificates",
    "cluster",
    "definitions",
    "inspections",
    "kubernetes",
    "model",
    "probe",
    "redact",
    "sorting",
    "yaml",
];

/// A utility crate that every module may refer to, since it knows nothing about its users.
const TOOL: &str = "sorting";

/// The modules and crates that may access files, processes, the environment and the clock.
const DOORS: [&str; 5] = ["node", "cli", "sandbox", "build", "kubernetes"];

/// Paths that give access to these; a path matches if it contains one of them.
const WORLD: [&[&str]; 20] = [
    &["std", "fs"],
    &["fs", "*"],
    &["std", "net"],
    &["std", "env"],
    &["env", "var"],
    &["env", "var_os"],
    &["env", "args"],
    &["process", "Command"],
    &["Command", "new"],
    &["SystemTime"],
    &["Instant"],
    &["OffsetDateTime", "now_utc"],
    &["nix", "*"],
    &["landlock", "*"],
    &["pathrs", "*"],
    &["procfs", "*"],
    &["rustix", "*"],
    &["seccompiler", "*"],
    &["users", "*"],
    &["walkdir", "*"],
];

#[test]
fn rooms_name_only_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut problems = Vec::new();
    let mut files = [rust_files(&root.join("src")), rust_files(&root.join("crates"))].concat();
    files.push(root.join("build.rs"));
    assert!(files.len() > 50, "only {} files were found", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let path = file.strip_prefix(root).expect("it lies below").to_str().expect("our names are UTF-8").to_owned();
        problems.extend(offences(&path, &text));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_room_of_the_house_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for room in &HOUSE {
        let places = [format!("src/{}/mod.rs", room.name), format!("src/{}.rs", room.name)];
        assert!(places.iter().any(|place| root.join(place).is_file()), "{}: no such room", room.name);
    }
    let entries = fs::read_dir(root.join("crates")).expect("there are crates");
    let mut crates: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().replace('-', "_")).collect();
    crates.sort();
    assert_eq!(crates, CRATES, "the crates, and those in the table of tests/architecture");
}

/// Returns the forbidden references in a file, with their lines.
fn offences(path: &str, text: &str) -> Vec<String> {
    let name = room_of(path);
    let room = HOUSE.iter().find(|room| room.name == name);
    if room.is_none() && path.starts_with("src/") {
        return vec![format!(
            "{path}: the room {name} is not in the table of tests/architecture (add it, and its rules)"
        )];
    }
    let mut offences = Vec::new();
    for Mention { path: named, line } in mentions(text) {
        if let Some(room) = room
            && let Some(other) = room_named(path, &named)
            && other != name
            && other != TOOL
            && !room.may_name.contains(&other.as_str())
        {
            offences.push(format!("{path}:{line}: {} ({name} must not know {other})", named.join("::")));
        }
        if !DOORS.contains(&name) && !is_test(path) && WORLD.iter().any(|part| is_part(part, &named)) {
            offences.push(format!("{path}:{line}: {} (only {} touch the world)", named.join("::"), DOORS.join(", ")));
        }
    }
    offences
}

/// Whether a file is a test of a crate, which may read its test data and run programs.
fn is_test(path: &str) -> bool {
    path.strip_prefix("crates/").is_some_and(|rest| rest.split('/').nth(1) == Some("tests"))
}

/// Returns the module of a file: `collect` for `src/collect/place.rs`, `run` for `src/run.rs`; `crates` for all crates,
/// except for `kubernetes`, which has access.
fn room_of(path: &str) -> &str {
    if path.starts_with("crates/kubernetes/") {
        return "kubernetes";
    }
    let inside = path.strip_prefix("src/").unwrap_or(path);
    inside.split('/').next().map_or("", |first| first.strip_suffix(".rs").unwrap_or(first))
}

/// Returns the module or crate that a path refers to; `None` if it stays within the module, or refers to an external
/// crate.
fn room_named(file: &str, named: &[String]) -> Option<String> {
    let is_room = |name: &&String| HOUSE.iter().any(|room| room.name == **name);
    match named.first()?.as_str() {
        "crate" | "kube_assay" => named.get(1).filter(|name| *name != "*").cloned(),
        "super" | "self" => {
            let supers = named.iter().filter(|step| *step == "super").count();
            let first = named.iter().find(|step| *step != "super" && *step != "self");
            // Inside `mod tests` one more `super` is needed; then what follows is not a module, or is the same one.
            if supers >= depth(file) { first.filter(is_room).cloned() } else { None }
        }
        // A single word may be a variable.
        first if CRATES.contains(&first) && named.len() > 1 => Some(first.to_owned()),
        // Files at the top refer to modules without `crate`; a single word (`mod collect`) is not a use.
        _ if matches!(room_of(file), "lib" | "main") && named.len() > 1 => named.first().filter(is_room).cloned(),
        _ => None,
    }
}

/// Returns how many `super` lead from a file to the crate root.
fn depth(file: &str) -> usize {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    let parts = inside.split('/').count();
    if inside.ends_with("/mod.rs") { parts - 1 } else { parts }
}

/// Whether a path contains these segments in sequence; `*` stands for any one segment.
fn is_part(part: &[&str], path: &[String]) -> bool {
    path.windows(part.len())
        .any(|window| window.iter().zip(part).all(|(step, wanted)| *wanted == "*" || step == wanted))
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("the directory can be listed").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_against_the_rules_is_found() {
        let table: [(&str, &str, &[&str]); 22] = [
            ("crates/aws/tests/evidence/script.rs", "use std::fs;", &[]),
            (
                "crates/aws/src/tests.rs",
                "use std::fs;",
                &["std::fs (only node, cli, sandbox, build, kubernetes touch the world)"],
            ),
            (
                "src/report/mod.rs",
                "use crate::node::Live;",
                &["src/report/mod.rs:1: crate::node::Live (report must not know node)"],
            ),
            (
                "src/collect/place.rs",
                "\n\nuse crate::{component::Place, report::Format};",
                &["src/collect/place.rs:3: crate::report::Format"],
            ),
            ("src/collect/place.rs", "fn f() { crate::evaluate::assess() }", &["collect must not know evaluate"]),
            ("src/collect/place.rs", "use crate::detect;", &["collect must not know detect"]),
            ("src/select.rs", "use crate::collect::inventory;", &["select must not know collect"]),
            ("src/collect/place.rs", "use super::super::report::State;", &["collect must not know report"]),
            ("src/collect/mod.rs", "use super::report::State;", &["collect must not know report"]),
            ("src/collect/place.rs", "use kube_assay::cli;", &["collect must not know cli"]),
            ("src/node/recording/form.rs", "use definitions::{\n  Target,\n  text,\n};", &["form.rs:2", "form.rs:3"]),
            (
                "src/evaluate/check.rs",
                "use std::{collections::BTreeMap, fs};",
                &["std::fs (only node, cli, sandbox, build, kubernetes touch the world)"],
            ),
            ("src/report/text.rs", "fn f() { let at = OffsetDateTime::now_utc(); }", &["OffsetDateTime::now_utc"]),
            ("src/report/text.rs", "fn f() { fs::write(a, b) }", &["fs::write"]),
            ("src/run.rs", "use crate::cli::run;\nuse crate::report::Format;", &["run.rs:1", "run.rs:2"]),
            ("src/embedded.rs", "use ::probe::Node;", &["embedded must not know probe"]),
            (
                "crates/probe/src/answer.rs",
                "use std::fs::File;",
                &["std::fs::File (only node, cli, sandbox, build, kubernetes touch"],
            ),
            ("src/main.rs", "use kube_assay::node::Live;", &["main must not know node"]),
            ("src/lib.rs", "pub use node::Live;", &["lib must not know node"]),
            ("src/collect/place.rs", "use walkdir::WalkDir;", &["walkdir::WalkDir (only"]),
            ("src/cloud/mod.rs", "", &["the room cloud is not in the table"]),
            (
                "src/report/mod.rs",
                "use crate::collect::{self, inventory::{Inventory, Presence}};",
                &["mod.rs:1", "mod.rs:1", "mod.rs:1"],
            ),
        ];
        for (path, text, expected) in table {
            let found = offences(path, text);
            assert_eq!(found.len(), expected.len(), "{path}: {text}: {found:#?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!(found.contains(expected), "{found} should say {expected}");
            }
        }
    }

    #[test]
    fn what_is_allowed_is_left_alone() {
        let table = [
            ("src/collect/place.rs", "use probe::{Answer, Node};\nuse super::inventory::Inventory;"),
            ("src/collect/place.rs", "use super::super::collect::inventory::Inventory;"),
            ("src/lib.rs", "pub mod collect;\npub mod node;"),
            ("src/report/mod.rs", "// use crate::node::Live;\n/* crate::node */ const A: &str = \"crate::node\";"),
            (
                "src/report/mod.rs",
                "/// See [`crate::node::Live`].\nconst B: char = '\"'; const C: &str = r#\"crate::node\"#;",
            ),
            ("src/evaluate/check.rs", "mod tests { use super::super::check; }"),
            ("src/embedded.rs", "const A: &str = env!(\"CARGO_PKG_VERSION\");"),
            (
                "src/report/junit.rs",
                "use time::OffsetDateTime; fn f<'a>(text: &'a str) { OffsetDateTime::parse(text) }",
            ),
            ("src/node/live.rs", "use std::fs::File;"),
            ("build.rs", "use std::fs; use definitions::Definitions;"),
            ("crates/definitions/src/set.rs", "use definitions::profile::Profile;"),
            ("src/report/json.rs", "fn f(definitions: u32) { definitions + 1 }"),
            ("src/main.rs", "use std::process::ExitCode; fn main() -> ExitCode { kube_assay::cli::main() }"),
            ("src/cli/run.rs", "use crate::report::Format; use std::process::Command;"),
        ];
        for (path, text) in table {
            assert_eq!(offences(path, text), Vec::<String>::new(), "{path}: {text}");
        }
    }
}
