//! A synthetic node that can be changed before it becomes a recorded node.

use std::collections::BTreeMap;

use kube_assay::node::Recorded;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

/// A node as described by its file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    hostname: String,
    passwd: Vec<String>,
    group: Vec<String>,
    dirs: Vec<Thing>,
    files: Vec<Thing>,
    processes: Vec<Process>,
}

/// A file, directory or link.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Thing {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    symlink: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Process {
    pid: i32,
    argv: Vec<String>,
    exe: String,
    cgroup: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    env: BTreeMap<String, String>,
}

impl Machine {
    /// Reads the synthetic node with this name.
    pub fn read(name: &str) -> Self {
        let path = format!("{}/golden/nodes/made-up/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Creates the recorded node.
    pub fn node(&self) -> Recorded {
        let described = serde_yaml::to_value(self).expect("it can be written down");
        let recording = serde_yaml::from_value(described).expect("it has the form of recordings");
        Recorded::new(recording).expect("such a node can be")
    }

    /// Returns the node with only these Kubernetes programs. The others and their manifests take time without affecting
    /// the result.
    #[must_use]
    pub fn only(&self, programs: &[&str]) -> Self {
        let mut machine = self.clone();
        let stays = |program: &str| programs.contains(&program);
        machine.processes.retain(|process| process.argv.first().is_some_and(|first| stays(called(first))));
        machine.files.retain(|file| {
            let manifest = file.path.strip_prefix("/etc/kubernetes/manifests/");
            manifest.and_then(|name| name.strip_suffix(".yaml")).is_none_or(stays)
        });
        machine
    }

    fn process(&mut self, program: &str) -> &mut Process {
        self.processes
            .iter_mut()
            .find(|process| process.argv.first().is_some_and(|first| called(first) == program))
            .unwrap_or_else(|| panic!("{program} runs on the node"))
    }

    /// Returns the value of a flag.
    pub fn argument(&self, program: &str, flag: &str) -> Option<String> {
        let process = self.processes.iter().find(|process| called(&process.argv[0]) == program)?;
        let place = process.argv.iter().position(|word| word == flag || word.starts_with(&format!("{flag}=")))?;
        match process.argv[place].split_once('=') {
            Some((_, value)) => Some(value.to_owned()),
            None => process.argv.get(place + 1).cloned(),
        }
    }

    /// Appends arguments to a program's command line.
    #[must_use]
    pub fn with_words(&self, program: &str, words: &[&str]) -> Self {
        let mut machine = self.clone();
        machine.process(program).argv.extend(words.iter().map(|word| (*word).to_owned()));
        machine
    }

    /// Removes a flag and its value from a program.
    #[must_use]
    pub fn without_flag(&self, program: &str, flag: &str) -> Self {
        let mut machine = self.clone();
        let process = machine.process(program);
        let mut words = std::mem::take(&mut process.argv).into_iter().peekable();
        while let Some(word) = words.next() {
            if word == flag {
                words.next_if(|next| !next.starts_with("--"));
            } else if !word.starts_with(&format!("{flag}=")) {
                process.argv.push(word);
            }
        }
        machine
    }

    /// Adds a variable to a program's environment.
    #[must_use]
    pub fn with_variable(&self, program: &str, name: &str, value: &str) -> Self {
        let mut machine = self.clone();
        machine.process(program).env.insert(name.to_owned(), value.to_owned());
        machine
    }

    /// Adds a second process of a program, copied from the machine `like`.
    #[must_use]
    pub fn with_second(&self, program: &str, like: &Self) -> Self {
        let mut machine = self.clone();
        let mut second = like.clone().process(program).clone();
        second.pid = 7000;
        machine.processes.push(second);
        machine
    }

    /// Adds a process unrelated to Kubernetes.
    #[must_use]
    pub fn with_stranger(&self, words: &[&str]) -> Self {
        let mut machine = self.clone();
        machine.processes.push(Process {
            pid: 7001,
            argv: words.iter().map(|word| (*word).to_owned()).collect(),
            exe: "/usr/bin/bash".to_owned(),
            cgroup: "0::/user.slice/user-0.slice/session-1.scope\n".to_owned(),
            env: BTreeMap::new(),
        });
        machine
    }

    fn thing(&mut self, path: &str) -> &mut Thing {
        self.files
            .iter_mut()
            .chain(&mut self.dirs)
            .find(|thing| thing.path == path)
            .unwrap_or_else(|| panic!("{path} is on the node"))
    }

    /// Adds a file with mode 0600, owned by root, replacing what was there.
    #[must_use]
    pub fn with_file(&self, path: &str, content: &str) -> Self {
        let mut machine = self.without(path);
        let mode = Some("0600".to_owned());
        machine.files.push(Thing {
            path: path.to_owned(),
            mode,
            content: Some(content.to_owned()),
            ..Thing::default()
        });
        machine
    }

    /// Adds a directory with mode 0700, owned by root.
    #[must_use]
    pub fn with_directory(&self, path: &str) -> Self {
        let mut machine = self.without(path);
        machine.dirs.push(Thing { path: path.to_owned(), mode: Some("0700".to_owned()), ..Thing::default() });
        machine
    }

    /// Moves the file at `path` to `target` and leaves a symbolic link to it.
    #[must_use]
    pub fn with_link(&self, path: &str, target: &str) -> Self {
        let mut machine = self.clone();
        target.clone_into(&mut machine.thing(path).path);
        let symlink = Some(target.to_owned());
        machine.files.push(Thing { path: path.to_owned(), symlink, ..Thing::default() });
        machine
    }

    /// Copies the file or directory at `path`, including mode and owner.
    #[must_use]
    pub fn with_copy(&self, path: &str, copy: &str) -> Self {
        let mut machine = self.without(copy);
        let thing = Thing { path: copy.to_owned(), ..machine.thing(path).clone() };
        let is_directory = machine.dirs.iter().any(|thing| thing.path == path);
        if is_directory {
            machine.dirs.push(thing);
        } else {
            machine.files.push(thing);
        }
        machine
    }

    /// Removes everything at or below a path.
    #[must_use]
    pub fn without(&self, path: &str) -> Self {
        let mut machine = self.clone();
        let below = format!("{path}/");
        let stays = |thing: &Thing| thing.path != path && !thing.path.starts_with(&below);
        machine.files.retain(stays);
        machine.dirs.retain(stays);
        machine
    }

    /// Changes a mode.
    #[must_use]
    pub fn with_mode(&self, path: &str, mode: u32) -> Self {
        let mut machine = self.clone();
        machine.thing(path).mode = Some(format!("{mode:04o}"));
        machine
    }

    /// Changes an owner, given as user ID and group ID.
    #[must_use]
    pub fn with_owner(&self, path: &str, uid: u32, gid: u32) -> Self {
        let mut machine = self.clone();
        let thing = machine.thing(path);
        thing.owner = None;
        thing.group = None;
        thing.uid = Some(uid);
        thing.gid = Some(gid);
        machine
    }

    /// Returns the files below a directory whose names end in `names`; with `directories`, also the directory itself
    /// and its subdirectories.
    pub fn below(&self, directory: &str, names: &str, directories: bool) -> Vec<String> {
        let inside = format!("{directory}/");
        let files = self.files.iter().filter(|file| file.symlink.is_none());
        let files = files.map(|file| &file.path).filter(|path| path.starts_with(&inside) && path.ends_with(names));
        let dirs = self.dirs.iter().map(|dir| &dir.path);
        let dirs = dirs.filter(|path| directories && (*path == directory || path.starts_with(&inside)));
        files.chain(dirs).cloned().collect()
    }

    /// Parses a YAML or JSON file; returns an empty mapping if there is none.
    pub fn document(&self, path: &str) -> Value {
        let content = self.files.iter().find(|file| file.path == path).and_then(|file| file.content.as_deref());
        content.map_or_else(empty, |text| serde_yaml::from_str(text).expect("YAML"))
    }

    /// Writes a document as YAML.
    #[must_use]
    pub fn with_document(&self, path: &str, document: &Value) -> Self {
        self.with_file(path, &serde_yaml::to_string(document).expect("YAML"))
    }

    /// Writes a document as JSON.
    #[must_use]
    pub fn with_json(&self, path: &str, document: &Value) -> Self {
        self.with_file(path, &serde_json::to_string_pretty(document).expect("JSON"))
    }

    /// Returns the files below a directory.
    pub fn files_in(&self, directory: &str) -> Vec<String> {
        self.below(directory, "", false)
    }
}

/// Returns the file name of a program.
fn called(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// Returns an empty mapping.
pub fn empty() -> Value {
    Value::Mapping(serde_yaml::Mapping::new())
}

/// Sets a value in a document by dotted key. `a[*].b` creates a list of mappings, one for each item of the value.
pub fn put(document: &mut Value, key: &str, value: Value) {
    if let Some((list, inner)) = key.split_once("[*].") {
        let items = value.as_sequence().cloned().unwrap_or_default();
        let items = items.into_iter().map(|item| {
            let mut mapping = empty();
            put(&mut mapping, inner, item);
            mapping
        });
        let items = Value::Sequence(items.collect());
        put(document, list, items);
        return;
    }
    let mapping = document.as_mapping_mut().expect("a mapping");
    match key.split_once('.') {
        None => drop(mapping.insert(key.into(), value)),
        Some((first, rest)) => put(mapping.entry(first.into()).or_insert_with(empty), rest, value),
    }
}

/// Removes a value from a document.
pub fn take(document: &mut Value, key: &str) {
    let Some(mapping) = document.as_mapping_mut() else { return };
    match key.split_once('.') {
        None => drop(mapping.remove(key)),
        Some((first, rest)) => {
            if let Some(inner) = mapping.get_mut(first) {
                take(inner, rest);
            }
        }
    }
}
