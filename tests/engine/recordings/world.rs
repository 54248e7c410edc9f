//! Synthetic nodes whose files can be changed.

use kube_assay::node::Recorded;
use serde_yaml::{Mapping, Value};

use crate::golden::{GoldenNode, NODES};

/// A synthetic node, as YAML data.
#[derive(Clone)]
pub struct World {
    name: &'static str,
    value: Value,
}

/// Reads the synthetic node with this name.
pub fn made_up(name: &str) -> World {
    let node: &GoldenNode = NODES.iter().find(|node| node.name == name).expect("a golden node");
    let text = std::fs::read_to_string(format!("{}/{}", env!("CARGO_MANIFEST_DIR"), node.source())).expect("text");
    let mut value: Value = serde_yaml::from_str(&text).expect("YAML");
    let files = value.get_mut("files").and_then(Value::as_sequence_mut).into_iter().flatten();
    for file in files.filter_map(Value::as_mapping_mut) {
        if let Some(tree) = file.remove("json") {
            file.insert("content".into(), serde_json::to_string(&tree).expect("JSON").into());
        }
    }
    World { name: node.name, value }
}

impl World {
    pub fn node(&self) -> Recorded {
        let text = serde_yaml::to_string(&self.value).expect("YAML");
        Recorded::parse(self.name, &text).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// Returns all files with content, including those in the roots of processes.
    pub fn files(&mut self) -> Vec<&mut Mapping> {
        let Value::Mapping(node) = &mut self.value else { panic!("a node is a mapping") };
        let mut found = Vec::new();
        for (key, value) in node {
            match (key.as_str(), value) {
                (Some("files"), Value::Sequence(files)) => found.extend(with_content(files)),
                (Some("processes"), Value::Sequence(processes)) => {
                    let roots = processes.iter_mut().filter_map(|process| process.get_mut("root")?.get_mut("files"));
                    found.extend(roots.filter_map(Value::as_sequence_mut).flat_map(|files| with_content(files)));
                }
                _ => {}
            }
        }
        found
    }

    /// Adds a file.
    pub fn and(mut self, path: &str, content: &str) -> Self {
        let file = [("path", path), ("mode", "0600"), ("content", content)];
        let file = Mapping::from_iter(file.map(|(key, value)| (key.into(), value.into())));
        let files = self.value.get_mut("files").and_then(Value::as_sequence_mut).expect("files");
        files.push(Value::Mapping(file));
        self
    }

    /// Replaces a text in all files; at least one must contain it.
    pub fn replacing(mut self, text: &str, other: &str) -> Self {
        let mut count = 0;
        for file in self.files() {
            let content = file.get("content").and_then(Value::as_str).expect("text").to_owned();
            count += usize::from(content.contains(text));
            file.insert("content".into(), content.replace(text, other).into());
        }
        assert!(count > 0, "{}: no file has {text}", self.name);
        self
    }

    /// Adds arguments to a program.
    #[cfg(feature = "cluster")]
    pub fn with_arguments(mut self, program: &str, arguments: &[&str]) -> Self {
        for process in self.processes() {
            let words = process.get_mut("argv").and_then(Value::as_sequence_mut).expect("words");
            if words[0].as_str().is_some_and(|word| word.rsplit('/').next() == Some(program)) {
                words.extend(arguments.iter().map(|argument| Value::from(*argument)));
            }
        }
        self
    }

    pub fn processes(&mut self) -> Vec<&mut Mapping> {
        let processes = self.value.get_mut("processes").and_then(Value::as_sequence_mut).expect("processes");
        processes.iter_mut().filter_map(Value::as_mapping_mut).collect()
    }

    /// Returns the passwd lines.
    pub fn passwd(&mut self) -> &mut Vec<Value> {
        let node = self.value.as_mapping_mut().expect("a mapping");
        let passwd = node.entry("passwd".into()).or_insert_with(|| Value::Sequence(Vec::new()));
        passwd.as_sequence_mut().expect("lines")
    }

    /// Returns the node with another content for each file whose path ends in `path`.
    pub fn with(&self, path: &str, content: &[u8]) -> Self {
        let mut world = self.clone();
        let mut count = 0;
        for file in world.files() {
            if file.get("path").and_then(Value::as_str).is_some_and(|at| at.ends_with(path)) {
                file.insert("content".into(), bytes(content));
                count += 1;
            }
        }
        assert!(count > 0, "{}: no file {path}", self.name);
        world
    }

    /// Returns the content of a file at this path.
    pub fn content(&self, path: &str) -> String {
        let mut world = self.clone();
        let file = world
            .files()
            .into_iter()
            .find(|file| file.get("path").and_then(Value::as_str).is_some_and(|at| at.ends_with(path)));
        let file = file.unwrap_or_else(|| panic!("{}: no file {path}", self.name));
        file.get("content").and_then(Value::as_str).expect("text").to_owned()
    }
}

fn with_content(files: &mut [Value]) -> impl Iterator<Item = &mut Mapping> {
    files.iter_mut().filter_map(Value::as_mapping_mut).filter(|file| file.get("content").is_some_and(Value::is_string))
}

/// Returns bytes in the form that node descriptions use.
fn bytes(content: &[u8]) -> Value {
    match std::str::from_utf8(content) {
        Ok(text) => text.into(),
        Err(_) => Value::Mapping(Mapping::from_iter([("base64".into(), encoded(content).into())])),
    }
}

fn encoded(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let three = |three: &[u8]| {
        let number =
            three.iter().chain([&0, &0]).take(3).fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        let letter = |place: usize| char::from(LETTERS[number >> (18 - 6 * place) & 63]);
        let pad = |place: usize| if place <= three.len() { letter(place) } else { '=' };
        [letter(0), letter(1), pad(2), pad(3)]
    };
    bytes.chunks(3).flat_map(three).collect()
}
