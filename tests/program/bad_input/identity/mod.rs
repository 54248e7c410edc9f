//! Identity of processes: those that only have a component's name change nothing, and genuine ones are judged however
//! unusual their node is.

mod honest;
mod impostors;

use std::fs;
use std::path::Path;

use serde_yaml::Value;

use crate::synthetic::Node;

/// A container ID, and UIDs of an ordinary and of a static pod.
const ID: &str = "e2cab970e2cab970e2cab970e2cab970e2cab970e2cab970e2cab970e2cab970";
const UUID: &str = "77e60491-1f3a-4f57-9d29-0c1b2a3d4e5f";
const HASH: &str = "9d3b9c4e5f60718293a4b5c6d7e8f901";

/// Fills in the placeholders of a text in the tables.
fn filled(text: &str, name: &str) -> String {
    let text = text.replace("UUID_", &UUID.replace('-', "_")).replace("UUID", UUID).replace("HASH", HASH);
    text.replace("ID", ID).replace("NAME", name)
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_sequence).into_iter().flatten();
    list.map(|text| text.as_str().expect("text").to_owned()).collect()
}

fn pairs(value: &Value, key: &str) -> Vec<(String, String)> {
    let map = value.get(key).and_then(Value::as_mapping).into_iter().flatten();
    map.map(|(key, value)| (key.as_str().expect("text").to_owned(), value.as_str().expect("text").to_owned())).collect()
}

/// Creates the files of a row on the node.
fn furnish(node: &Node, row: &Value, name: &str) {
    for (path, content) in pairs(row, "files") {
        node.file(&filled(&path, name), &filled(&content, name));
    }
    for (path, to) in pairs(row, "links") {
        node.link(&filled(&path, name), filled(&to, name));
    }
    for path in texts(row, "directories") {
        node.directory(&filled(&path, name));
    }
    if let Some(line) = text(row, "passwd") {
        node.file("/etc/passwd", &format!("root:x:0:0:root:/root:/bin/sh\n{line}\n"));
    }
    if let Some(first) = text(row, "first").map(|first| filled(first, name)) {
        fs::write(node.of_process(1, "cgroup"), format!("{first}\n")).expect("written");
    }
}

/// Adds the process of a row; properties it omits are those of a genuine process on the host.
fn process(node: &Node, row: &Value, pid: i32, arguments: &[String]) {
    let name = Path::new(&arguments[0]).file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let executable = filled(text(row, "exe").unwrap_or("/tmp/x/NAME"), &name);
    let cgroup = filled(text(row, "cgroup").unwrap_or_default(), &name);
    node.process(pid, arguments, &executable, &format!("{cgroup}\n"));
    let at = |file: &str| node.of_process(pid, file);
    let comm = text(row, "comm").map(|comm| filled(comm, &name));
    if let Some(comm) = &comm {
        fs::write(at("comm"), format!("{}\n", comm.get(..15).unwrap_or(comm))).expect("written");
    }
    if executable == "hidden" {
        // Not a link, so that reading it fails.
        fs::remove_file(at("exe")).expect("removed");
        fs::write(at("exe"), "").expect("written");
    }
    let (real, effective) = text(row, "uid").unwrap_or("0 0").split_once(' ').expect("two users");
    let pids = match text(row, "pids").map(|pids| pids.split_once(' ')) {
        Some(Some((_, inside))) => format!("{pid}\t{}", inside.replace(' ', "\t")),
        _ => pid.to_string(),
    };
    let status = format!("Name:\tx\nUid:\t{real}\t{effective}\t{effective}\t{effective}\nNSpid:\t{pids}\n");
    fs::write(at("status"), status).expect("written");
    if let Some(map) = text(row, "map") {
        fs::write(at("uid_map"), format!("{map}\n")).expect("written");
    }
    if let Some(network) = text(row, "network") {
        network_of(node, pid, network);
    }
    let owner = row.get("owner").and_then(Value::as_u64).and_then(|owner| u32::try_from(owner).ok());
    if let Some(owner) = owner {
        let mode = text(row, "mode").map_or(0o755, |mode| u32::from_str_radix(mode, 8).expect("a mode"));
        node.file(&executable, "");
        node.mode(&executable, mode);
        std::os::unix::fs::chown(node.at(&executable), Some(owner), None).expect("root may");
    }
}

/// Puts a process into the host's network namespace, or into one of its own.
fn network_of(node: &Node, pid: i32, network: &str) {
    for (pid, namespace) in [(1, "net:[1]"), (pid, if network == "own" { "net:[2]" } else { "net:[1]" })] {
        fs::create_dir_all(node.of_process(pid, "ns")).expect("created");
        let link = node.of_process(pid, "ns/net");
        if fs::symlink_metadata(&link).is_err() {
            std::os::unix::fs::symlink(namespace, link).expect("linked");
        }
    }
}

/// Whether a row can be created here: only root can change the owner of files.
fn can_be_made(row: &Value) -> bool {
    row.get("owner").is_none() || kube_assay::node::is_root()
}
