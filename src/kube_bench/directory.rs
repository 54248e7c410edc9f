//! A directory of rule files as text; the caller reads the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use definitions::benchmark::suggestion::{cut, nearest};
use sha2::{Digest, Sha256};

use super::remark::Remark;
use super::settings::Settings;
use yaml::{self, Content, Entry};

/// The name of the settings file, common and per benchmark.
const SETTINGS: &str = "config.yaml";
/// The extension of rule files, after the target's name.
const RULES: &str = ".yaml";

/// The oldest version that kube-bench tries; also the version it uses if none is detected.
const OLDEST: &str = "1.18";

/// The benchmark that a version is mapped to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mapped {
    /// The version in the mapping: the requested one, or the nearest older one.
    pub(super) version: String,
    /// The benchmark.
    pub(super) benchmark: String,
}

/// Reads a file by its path in the directory; the error says why it cannot be read.
type Reader = Arc<dyn Fn(&str) -> Result<String, String> + Send + Sync>;

/// A directory of rule files. Files are read on demand, since a run needs only a few of them.
#[derive(Clone)]
pub struct Directory {
    name: String,
    files: BTreeMap<String, OnceLock<Result<String, String>>>,
    reader: Reader,
    settings: Option<(String, String)>,
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("name", &self.name).field("files", &self.files.keys()).finish_non_exhaustive()
    }
}

impl Directory {
    /// Creates a directory with a display name and the text of each file by its path, with `/` as separator.
    pub fn new(name: impl Into<String>, files: impl IntoIterator<Item = (String, String)>) -> Self {
        let files: BTreeMap<String, String> = sorting::map(files);
        let paths: Vec<String> = files.keys().cloned().collect();
        Self::read_by(name, paths, move |path| files.get(path).cloned().ok_or_else(|| "not there".to_owned()))
    }

    /// Creates a directory with the paths of its files, and a function that reads one on demand. Its error is the
    /// reason as text.
    pub fn read_by(
        name: impl Into<String>,
        paths: impl IntoIterator<Item = String>,
        reader: impl Fn(&str) -> Result<String, String> + Send + Sync + 'static,
    ) -> Self {
        let files = sorting::map(paths.into_iter().map(|path| (path, OnceLock::new())));
        Self { name: name.into(), files, reader: Arc::new(reader), settings: None }
    }

    /// Replaces the settings in `config.yaml` with the text of the file called `name`.
    #[must_use]
    pub fn with_settings(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.settings = Some((name.into(), text.into()));
        self
    }

    /// The display name of the directory.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The display path of a file of the directory.
    pub(super) fn called(&self, path: &str) -> String {
        format!("{}/{path}", self.name.trim_end_matches('/'))
    }

    /// The names of the benchmarks, sorted: directories with rule files.
    pub fn benchmarks(&self) -> Vec<&str> {
        let benchmarks: BTreeSet<&str> =
            sorting::set(self.rule_files().filter_map(|path| Some(path.split_once('/')?.0)));
        benchmarks.into_iter().collect()
    }

    /// The benchmark of this name, if it exists.
    pub fn benchmark(&self, name: &str) -> Option<&str> {
        self.benchmarks().into_iter().find(|benchmark| *benchmark == name)
    }

    /// The benchmark with the highest version among those named `family` plus a version, such as `eks-1.8.0`.
    pub fn newest(&self, family: &str) -> Option<&str> {
        let version = |name: &str| -> Option<Vec<u32>> {
            name.strip_prefix(family)?.split('.').map(|part| part.parse().ok()).collect()
        };
        let versions = self.benchmarks().into_iter().filter_map(|name| Some((version(name)?, name)));
        versions.max().map(|(_, name)| name)
    }

    fn rule_files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str).filter(|path| {
            let name = path.rsplit('/').next().unwrap_or_default();
            name != SETTINGS && name.strip_suffix(RULES).is_some_and(|target| !target.is_empty())
        })
    }

    /// The name and the text of the common settings.
    fn common(&self) -> Result<(String, &str), Remark> {
        if let Some((name, text)) = &self.settings {
            return Ok((name.clone(), text));
        }
        match self.text(SETTINGS) {
            Some(text) => Ok((self.called(SETTINGS), text?)),
            None => Err(Remark::on(
                &self.name,
                "no config.yaml (give the directory that holds it and the benchmarks, or the file with --config)",
            )),
        }
    }

    /// The settings common to all benchmarks.
    pub(super) fn common_settings(&self) -> Result<Settings, Remark> {
        let (name, text) = self.common()?;
        Settings::read(&name, text)
    }

    /// The settings of a benchmark: the common ones, overridden by its own.
    pub(super) fn settings(&self, benchmark: &str) -> Result<Settings, Remark> {
        let settings = self.common_settings()?;
        let path = format!("{benchmark}/{SETTINGS}");
        match self.text(&path) {
            Some(text) => Ok(settings.overlaid(Settings::read(&self.called(&path), text?)?)),
            None => Ok(settings),
        }
    }

    /// The targets of a benchmark sorted by name, each with the path of its rule file.
    pub(super) fn targets(&self, benchmark: &str) -> Result<Vec<(&str, &str)>, Remark> {
        let below = format!("{benchmark}/");
        let targets: Vec<(&str, &str)> = self
            .rule_files()
            .filter(|path| path.starts_with(&below))
            .map(|path| (path.rsplit('/').next().unwrap_or(path).trim_end_matches(RULES), path))
            .collect();
        if targets.is_empty() {
            let known = self.benchmarks().join(", ");
            let known = if known.is_empty() { "none is".to_owned() } else { known };
            let near = near(benchmark, self.benchmarks());
            return Err(Remark::on(&self.name, format!("no benchmark {} ({near}there: {known})", cut(benchmark))));
        }
        Ok(targets)
    }

    /// The text of a file; `None` if the directory has no such file.
    pub(super) fn text(&self, path: &str) -> Option<Result<&str, Remark>> {
        let text = self.files.get(path)?.get_or_init(|| (self.reader)(path));
        Some(text.as_ref().map(String::as_str).map_err(|why| Remark::on(&self.called(path), why)))
    }

    /// A hexadecimal SHA-256 digest of all files read so far: the rules and settings of a run.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        let read = self.files.iter().filter_map(|(path, text)| Some((path, text.get()?.as_ref().ok()?)));
        for (path, text) in read.chain(self.settings.iter().map(|(name, text)| (name, text))) {
            // Length prefixes separate the texts unambiguously.
            for part in [path, text] {
                digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                digest.update(part);
            }
        }
        let first = digest.finalize().into_iter().take(8);
        format!("{:016x}", first.fold(0, |number: u64, byte| number << 8 | u64::from(byte)))
    }

    /// The targets that the settings map a benchmark to.
    ///
    /// # Errors
    ///
    /// Returns an error if there are no settings, or if they do not map the benchmark.
    pub fn mapped_targets(&self, benchmark: &str) -> Result<Vec<String>, Remark> {
        let (name, _) = self.common()?;
        let mapping = self.mapping("target_mapping")?;
        let entry = mapping.iter().find(|entry| entry.key.eq_ignore_ascii_case(benchmark));
        let Some(entry) = entry else {
            let message = format!("target_mapping has no {benchmark}, so none of its targets can be chosen");
            return Err(Remark::on(&name, message));
        };
        match &entry.value.content {
            Content::List(items) => Ok(items
                .iter()
                .filter_map(|item| match &item.content {
                    Content::Scalar { text, .. } => Some(text.clone()),
                    Content::List(_) | Content::Map(_) => None,
                })
                .collect()),
            _ => Err(Remark::at(&name, entry.line, format!("the targets of {benchmark} must be a list"))),
        }
    }

    /// The benchmark for a Kubernetes version, or for the nearest older one that is mapped.
    pub(super) fn benchmark_for(&self, version: &str) -> Result<Mapped, Remark> {
        let (name, _) = self.common()?;
        let mapping = self.mapping("version_mapping")?;
        // kube-bench lowercases the names in the mapping, but looks a version up unchanged.
        let find = |key: &str| mapping.iter().find(|entry| entry.key.to_lowercase() == key);
        let mut older = Some(version.to_owned());
        let mut down_to = "";
        let entry = std::iter::from_fn(|| {
            let version = older.take()?;
            if version == OLDEST {
                down_to = " down to 1.18";
            } else {
                older = one_older(&version);
            }
            Some(version)
        })
        .find_map(|version| find(&version));
        let Some(entry) = entry else {
            let version = cut(version);
            let message = format!("version_mapping has no benchmark for Kubernetes {version} or an older one{down_to}");
            return Err(Remark::on(&name, message));
        };
        let Content::Scalar { text, .. } = &entry.value.content else {
            return Err(Remark::at(&name, entry.line, format!("version_mapping: {} must be a name", entry.key)));
        };
        if self.benchmarks().contains(&text.as_str()) {
            return Ok(Mapped { version: entry.key.clone(), benchmark: text.clone() });
        }
        let why = if goes_round(text, find) {
            "which is mapped in a loop and is not a directory"
        } else {
            "which has no directory"
        };
        Err(Remark::at(&name, entry.line, format!("version_mapping leads from {} to {text}, {why}", entry.key)))
    }

    /// Problems in the mappings: versions that lead nowhere, and targets without a rule file.
    pub(super) fn mistakes(&self) -> Vec<Remark> {
        let (versions, targets) = match (self.common(), self.mapping("version_mapping"), self.mapping("target_mapping"))
        {
            (Err(error), ..) => return vec![error],
            (_, versions, targets) => (versions, targets),
        };
        let mut mistakes = Vec::new();
        match versions {
            Ok(versions) => {
                mistakes
                    .extend(versions.iter().filter_map(|entry| self.benchmark_for(&entry.key.to_lowercase()).err()));
            }
            Err(error) => mistakes.push(error),
        }
        match targets {
            Ok(targets) => {
                for entry in targets.iter().filter(|entry| self.benchmarks().contains(&entry.key.as_str())) {
                    mistakes.extend(self.mistakes_of_targets(entry));
                }
            }
            Err(error) => mistakes.push(error),
        }
        mistakes.dedup();
        mistakes
    }

    fn mistakes_of_targets(&self, entry: &Entry) -> Vec<Remark> {
        let name = self.common().map(|(name, _)| name).unwrap_or_default();
        let mapped = match self.mapped_targets(&entry.key) {
            Ok(mapped) => mapped,
            Err(error) => return vec![error],
        };
        let files = self.targets(&entry.key).unwrap_or_default();
        let lacking = mapped.iter().filter(|target| files.iter().all(|(file, _)| file != target));
        lacking
            .map(|target| {
                let message = format!("target_mapping gives {} the target {target}, which has no file", entry.key);
                Remark::at(&name, entry.line, message)
            })
            .collect()
    }

    /// A mapping in the common settings.
    fn mapping(&self, key: &str) -> Result<Vec<Entry>, Remark> {
        let (name, text) = self.common()?;
        let document = yaml::parse(text).map_err(|fault| Remark::at(&name, fault.line, fault.message))?;
        let missing = || Remark::on(&name, format!("no {key} (copy it from the file that kube-bench ships)"));
        let node = document.root.as_ref().and_then(|root| root.get(key)).ok_or_else(missing)?;
        match &node.content {
            Content::Map(entries) => Ok(entries.clone()),
            _ => Err(Remark::at(&name, node.line, format!("{key} must be a mapping of names to values"))),
        }
    }
}

/// `did you mean cis-1.12? `, or empty if no known name is similar.
pub(super) fn near<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!("did you mean {near}? "))
}

/// Whether names mapped to names form a cycle.
fn goes_round<'a>(start: &'a str, find: impl Fn(&str) -> Option<&'a Entry>) -> bool {
    let mut seen = BTreeSet::new();
    let mut at = start;
    while seen.insert(at) {
        match find(at).map(|entry| &entry.value.content) {
            Some(Content::Scalar { text, .. }) => at = text,
            _ => return false,
        }
    }
    true
}

/// The version before: `1.31` for `1.32`, and none before `1.1`.
fn one_older(version: &str) -> Option<String> {
    let mut parts: Vec<String> = version.split('.').map(str::to_owned).collect();
    let minor = parts.get_mut(1)?;
    // No release line has a larger number, and counting down from one would not end in reasonable time.
    let number: u16 = minor.parse().ok().filter(|number| *number > 1)?;
    *minor = (number - 1).to_string();
    Some(parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(settings: &str) -> Directory {
        let files = [
            ("config.yaml", settings),
            ("cis-1/node.yaml", "a"),
            ("cis-1/master.yaml", "b"),
            ("cis-1/config.yaml", "c"),
            ("cis-1/notes.txt", "d"),
            ("cis-2/.yaml", "e"),
        ];
        Directory::new("cfg", files.map(|(path, text)| (path.to_owned(), text.to_owned())))
    }

    #[test]
    fn versions_lead_to_benchmarks() {
        let settings = "version_mapping:\n  1.20: cis-1\n  1.22: gone\n  1.24: \"1.25\"\n  1.25: \"1.24\"\n  1.26: []\n  1.17: cis-1\n  OCP-4.1: cis-1\n";
        let directory = directory(settings);
        for (version, expected) in [
            ("1.20", Ok("cis-1")),
            ("1.21", Ok("cis-1")),
            ("1.22", Err("cfg/config.yaml:3: version_mapping leads from 1.22 to gone, which has no directory")),
            ("1.23", Err("cfg/config.yaml:3: version_mapping leads from 1.22 to gone, which has no directory")),
            (
                "1.24",
                Err("cfg/config.yaml:4: version_mapping leads from 1.24 to 1.25, which is mapped in a loop and is \
                      not a directory"),
            ),
            ("1.26", Err("cfg/config.yaml:6: version_mapping: 1.26 must be a name")),
            (
                "1.19",
                Err(
                    "cfg/config.yaml: version_mapping has no benchmark for Kubernetes 1.19 or an older one down to 1.18",
                ),
            ),
            ("1.17", Ok("cis-1")),
            ("1.16", Err("cfg/config.yaml: version_mapping has no benchmark for Kubernetes 1.16 or an older one")),
            (
                "OCP-4.1",
                Err("cfg/config.yaml: version_mapping has no benchmark for Kubernetes OCP-4.1 or an older one"),
            ),
            ("ocp-4.2", Ok("cis-1")),
            ("latest", Err("cfg/config.yaml: version_mapping has no benchmark for Kubernetes latest or an older one")),
        ] {
            let found = directory.benchmark_for(version).map_err(|remark| remark.to_string());
            let found = found.as_ref().map(|mapped| mapped.benchmark.as_str()).map_err(String::as_str);
            assert_eq!(found, expected, "{version}");
        }
    }

    #[test]
    fn targets_are_the_rule_files() {
        let directory = directory("target_mapping: {cis-1: [node], cis-2: node}\n");
        assert_eq!(directory.benchmarks(), ["cis-1"]);
        assert_eq!(directory.targets("cis-1"), Ok(vec![("master", "cis-1/master.yaml"), ("node", "cis-1/node.yaml")]));
        assert_eq!(directory.mapped_targets("CIS-1"), Ok(vec!["node".to_owned()]));
        for (said, expected) in [
            (directory.targets("cis").err(), "cfg: no benchmark cis (there: cis-1)"),
            (directory.mapped_targets("cis-2").err(), "cfg/config.yaml:1: the targets of cis-2 must be a list"),
            (
                directory.mapped_targets("cis-3").err(),
                "cfg/config.yaml: target_mapping has no cis-3, so none of its targets can be chosen",
            ),
            (
                directory.benchmark_for("1.20").err(),
                "cfg/config.yaml: no version_mapping (copy it from the file that kube-bench ships)",
            ),
        ] {
            assert_eq!(said.map(|remark| remark.to_string()).as_deref(), Some(expected));
        }
    }

    #[test]
    fn settings_may_come_from_another_file() {
        let empty = Directory::new("cfg", []);
        let said = empty.settings("cis-1").expect_err("no settings").to_string();
        assert!(said.starts_with("cfg: no config.yaml (give "), "{said}");
        let directory = empty.with_settings("own.yaml", "node:\n\tx");
        let said = directory.settings("cis-1").expect_err("a tab").to_string();
        assert_eq!(said, "own.yaml:2: a tab in the indentation (YAML takes spaces only)");
    }
}
