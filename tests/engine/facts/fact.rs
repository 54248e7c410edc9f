//! The format of facts.
//!
//! A file is a list of rules. A rule has `rule:` (the statement, and why it is true), `facts:` (the rows), and defaults
//! for its rows. A row has `fact:` (its label), `is:` (the true verdict), and any of the following; what it omits is
//! taken from its rule:
//!
//! - `says`: texts that the evidence, the reason or the remediation must contain verbatim
//! - `never`: texts that none of them may contain
//! - `control`, `benchmark` (default cis-1.12), `profile`
//! - `run`: a process, or a list of processes. A text is a command line of a host process whose executable is the first
//!   word (in `/usr/bin`). A mapping has `cmd` or `argv`, and `pid`, `exe`, `comm`, `cgroup`, `env`, `uid` and the
//!   other keys of synthetic nodes; a `cgroup` may be `host`, `static pod`, `ordinary pod` or `pod of kube-system`.
//! - `files`: by path; a text (mode 0600, root:root), or a mapping of `text`, `base64`, `mode`, `owner`, `link`,
//!   `kind`, `size`, `certificates` (as in recorded nodes). Those of the row and of the rule are merged.
//! - `directories`: by path; mode and owner, such as `0700 root:root`
//! - `users`, `groups`: `name:id`
//! - `inside`: by PID, the files in the process's own root
//! - `time`: the time on the node
//! - `denied`: questions that the node refuses to answer (permission denied): `content /a/b`, `executable 2` …

use std::path::Path;

use serde::Deserialize;

use super::world::World;

/// One fact.
pub struct Fact {
    /// The name of its file.
    pub file: String,
    /// What is being stated.
    pub label: String,
    /// The control to judge.
    pub control: String,
    /// The benchmark whose parameters apply.
    pub benchmark: String,
    /// The active profile.
    pub profile: Option<String>,
    /// The node.
    pub world: World,
    /// The true verdict.
    pub is: String,
    /// Texts that the output must contain.
    pub says: Vec<String>,
    /// Texts that it must not contain.
    pub never: Vec<String>,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "rule")]
    label: String,
    #[serde(flatten)]
    shared: Said,
    facts: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    fact: String,
    is: String,
    #[serde(default)]
    says: Texts,
    #[serde(default)]
    never: Texts,
    #[serde(flatten)]
    said: Said,
}

/// One text or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Several(Vec<String>),
}

impl Default for Texts {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl From<Texts> for Vec<String> {
    fn from(texts: Texts) -> Self {
        match texts {
            Texts::One(text) => vec![text],
            Texts::Several(texts) => texts,
        }
    }
}

/// The settings of a row or its rule.
#[derive(Deserialize)]
struct Said {
    control: Option<String>,
    benchmark: Option<String>,
    profile: Option<String>,
    #[serde(flatten)]
    world: World,
}

/// The possible verdicts of a fact.
const VERDICTS: [&str; 6] = ["pass", "fail", "unknown", "not-applicable", "manual", "skipped"];

/// Reads the facts in a file.
pub fn read(path: &Path) -> Vec<Fact> {
    let file = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let rules: Vec<Rule> = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut facts = Vec::new();
    for Rule { label: rule, shared, facts: rows } in rules {
        shared.world.refuse_unknown(&file, &rule);
        for Row { fact, is, says, never, said } in rows {
            said.world.refuse_unknown(&file, &fact);
            assert!(VERDICTS.contains(&is.as_str()), "{file}: {fact}: {is} is no verdict");
            let control = said.control.or_else(|| shared.control.clone());
            facts.push(Fact {
                file: file.clone(),
                control: control.unwrap_or_else(|| panic!("{file}: {fact}: no control")),
                benchmark: said.benchmark.or_else(|| shared.benchmark.clone()).unwrap_or_else(|| "cis-1.12".to_owned()),
                profile: said.profile.or_else(|| shared.profile.clone()),
                world: said.world.over(&shared.world),
                label: format!("{rule}: {fact}"),
                is,
                says: says.into(),
                never: never.into(),
            });
        }
    }
    facts
}
