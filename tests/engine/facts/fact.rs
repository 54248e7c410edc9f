//! How facts are written down.
//!
//! A file is a list of rules. A rule has a `rule:` (what is true, and why), `facts:` (the rows), and what its rows share.
//! A row has `fact:` (its label), `is:` (the true verdict), and of the following what it needs; what it does not say,
//! its rule does:
//!
//! - `says`: what the evidence, the reason or the remediation must say, word for word
//! - `never`: what none of them may say
//! - `control`, `benchmark` (default cis-1.12), `profile`
//! - `run`: a process, or a list of such. Text is a command line; then the executable is what the first word names (in
//!   `/usr/bin`), and the process is one of the host. A mapping has `cmd` or `argv`, and `pid`, `exe`, `comm`,
//!   `cgroup`, `env`, `uid` and the other keys of made-up nodes; a `cgroup` may be `host`, `static pod`, `ordinary pod` or
//!   `pod of kube-system`.
//! - `files`: by path; text (mode 0600, root:root), or a mapping of `text`, `base64`, `mode`, `owner`, `link`, `kind`,
//!   `size`, `certificates` (as recorded nodes have them). Those of the row and of the rule are put together.
//! - `directories`: by path; `mode owner` such as `0700 root:root`
//! - `users`, `groups`: `name:number`
//! - `inside`: by number of a process, the files that it sees in a root of its own
//! - `time`: what time it is on the node
//! - `denied`: questions that the node refuses to answer (permission denied): `content /a/b`, `executable 2` …

use std::path::Path;

use serde::Deserialize;

use super::world::World;

/// One fact.
pub struct Fact {
    /// The file that it stands in.
    pub file: String,
    /// What is so.
    pub label: String,
    /// The control that is judged.
    pub control: String,
    /// The benchmark, whose parameters count.
    pub benchmark: String,
    /// The profile that is on.
    pub profile: Option<String>,
    /// The node.
    pub world: World,
    /// The true verdict.
    pub is: String,
    /// What must be said of it.
    pub says: Vec<String>,
    /// What must not.
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

/// A text, or several.
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

/// What a row or its rule says.
#[derive(Deserialize)]
struct Said {
    control: Option<String>,
    benchmark: Option<String>,
    profile: Option<String>,
    #[serde(flatten)]
    world: World,
}

/// The verdicts that a fact can have.
const VERDICTS: [&str; 6] = ["pass", "fail", "unknown", "not-applicable", "manual", "skipped"];

/// The facts of a file.
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
