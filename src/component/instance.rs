//! A running process of a component, and the values of its settings.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use definitions::SharedText;
use definitions::benchmark::{Component, Grammar, KeyPath, Precedence, Setting};
use probe::{Cause, Location, Observed, Reason, normalize};

use super::arguments::{Arguments, GivenBy};
use super::document::{Document, DocumentValue, Located};
use super::set_in::{SetIn, Variable};
use super::value::parse_duration;

/// A running process of a component, with everything that determines its settings.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The component's key: `apiserver`.
    pub component: String,
    /// The component's name: `kube-apiserver`.
    pub name: String,
    /// The process ID.
    pub pid: i32,
    /// The parsed command line.
    pub arguments: Arguments,
    /// Why its command line could not be read, if so; every setting that an argument may set is then unknown.
    pub unread: Option<Reason>,
    /// The environment variables that replace flags (etcd), by name, as far as they were queried; contains only those
    /// that are set.
    pub variables: Observed<BTreeMap<String, Observed<Variable>>>,
    /// The configuration file, with drop-ins merged in.
    pub configuration: Configuration,
    /// Other files that arguments name, by flag.
    pub files: BTreeMap<String, Observed<Document>>,
    /// The file system that its paths refer to.
    pub sight: Sight,
    /// Its working directory, from its own point of view, if known; relative paths start there.
    pub working_directory: Option<String>,
    /// The container's ID or name, if its cgroup contains one.
    pub container: Option<String>,
    /// The systemd service that it belongs to, according to its cgroup. Absent: none.
    pub service: Observed<String>,
    /// The manifest of the static pod that it runs in, if known; for an embedded component, the file with its
    /// arguments.
    pub manifest: Option<Location>,
    /// The program that embeds it, as named in definitions (`k3s server`); the process is that program's.
    pub embedded_in: Option<String>,
}

/// The configuration file of a component.
#[derive(Debug, Clone, PartialEq)]
pub enum Configuration {
    /// No argument names a file.
    NotUsed,
    /// The content of the file.
    Read(Document),
    /// An argument names a file that cannot be read.
    Unknown(Reason),
}

/// The file system that a component's paths refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// The node's own file system.
    Node,
    /// A container's: its mounts are on the host, everything else is in the process's own root.
    Container(Vec<Mount>),
}

/// A file or directory that a static pod mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The path in the container, normalized as by [`normalize`].
    pub inside: PathBuf,
    /// The path on the host; none for another kind of volume, which hides mounts around it.
    pub outside: Option<PathBuf>,
}

impl Mount {
    /// Whether a normalized path is the mount or is below it. Compares bytes, since every argument that names a file is
    /// checked against every mount, and comparing path components is slow.
    fn is_around(&self, path: &Path) -> bool {
        let [inside, path] = [self.inside.as_path(), path].map(|path| path.as_os_str().as_bytes());
        let rest = path.strip_prefix(inside.strip_suffix(b"/").unwrap_or(inside));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    }
}

/// The value of a setting, for one instance.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// The setting is set.
    Set {
        /// The value.
        given: Given,
        /// What sets it.
        origin: Origin,
    },
    /// Nothing sets it, so the component's default applies. If a file contains a value that means "not set" (a zero
    /// duration), that value and its origin.
    Unset(Option<(Origin, String)>),
    /// Unknown, with the reason.
    Unknown(Reason),
}

/// A value as given.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A word of a command line, or a variable's value.
    Word {
        /// The value; for a repeated list flag, all values joined by commas.
        text: String,
        /// The items, split as the component does it.
        items: Vec<String>,
    },
    /// Values of a file: one, or several at the same key path.
    Values(Vec<Located>),
}

/// What sets a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An argument, by its flag.
    Argument(String),
    /// The program that embeds the component.
    Embedder {
        /// The argument's flag.
        flag: String,
        /// The program's name: `k3s`.
        program: String,
    },
    /// An environment variable, by name.
    Variable(String),
    /// A file.
    File {
        /// The file's path.
        path: String,
        /// The line, from 1, if known.
        line: Option<usize>,
        /// The key path.
        key: String,
    },
}

/// Why a path cannot be resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It is relative to an unknown directory.
    Relative,
    /// It contains bytes that are not valid UTF-8, replaced with U+FFFD here.
    NotText,
}

impl Lost {
    /// Returns the reason, for a path that `named_by` (`--config of kubelet`) names.
    pub fn reason(self, named_by: &str) -> String {
        match self {
            Self::Relative => format!("a relative path, named by {named_by}: where it starts is not known"),
            Self::NotText => {
                format!("named by {named_by} in bytes that are not UTF-8, so it is not looked for (rename it)")
            }
        }
    }
}

impl Sight {
    /// Resolves an absolute path from the point of view of the process.
    fn locate(&self, pid: i32, path: &Path) -> Location {
        match self {
            Self::Node => Location::node(path),
            Self::Container(mounts) => {
                // Mounts are matched by prefix, so `..` has to be resolved first.
                let path = &normalize(path);
                // Of several mounts around a path, the innermost has the longest path.
                let around = mounts.iter().filter(|mount| mount.is_around(path));
                let mount = around.max_by_key(|mount| mount.inside.as_os_str().len());
                let Some(Mount { inside, outside: Some(outside) }) = mount else {
                    return Location::process(pid, path);
                };
                match path.strip_prefix(inside) {
                    Ok(rest) if rest.as_os_str().is_empty() => Location::node(outside),
                    Ok(rest) => Location::node(outside.join(rest)),
                    Err(_) => Location::process(pid, path),
                }
            }
        }
    }
}

impl fmt::Display for Origin {
    /// Writes the origin for people: `--config`, `clientCAFile in /etc/kubelet.yaml`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(name) | Self::Embedder { flag: name, .. } | Self::Variable(name) => f.write_str(name),
            Self::File { path, key, .. } => write!(f, "{key} in {path}"),
        }
    }
}

impl Given {
    /// Returns the value on one line.
    pub fn text(&self) -> String {
        match self {
            Self::Word { text, .. } => text.clone(),
            Self::Values(values) => values.iter().map(|value| value.value.to_string()).collect::<Vec<_>>().join(","),
        }
    }

    /// Returns the items of a list; a single value is one item.
    pub fn items(&self) -> Vec<String> {
        match self {
            Self::Word { items, .. } => items.clone(),
            Self::Values(values) => values
                .iter()
                .flat_map(|value| match &value.value {
                    DocumentValue::List(items) => items.iter().map(|item| item.value.to_string()).collect(),
                    other => vec![other.to_string()],
                })
                .collect(),
        }
    }

    /// Whether it is an empty string or list, which components treat as not set.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Word { text, .. } => text.is_empty(),
            Self::Values(values) => values.iter().all(|value| match &value.value {
                DocumentValue::Text(text) => text.is_empty(),
                DocumentValue::List(items) => items.is_empty(),
                DocumentValue::Null => true,
                _ => false,
            }),
        }
    }
}

/// Returns the environment variable that etcd reads for a flag: `ETCD_CLIENT_CERT_AUTH` for `--client-cert-auth`.
///
/// Source: <https://etcd.io/docs/latest/op-guide/configuration/>.
pub fn etcd_variable(flag: &str) -> String {
    format!("ETCD_{}", flag.trim_start_matches('-').replace('-', "_").to_ascii_uppercase())
}

impl Instance {
    /// Resolves `path`, which `origin` sets.
    ///
    /// The kubelet resolves relative paths in its configuration file against that file's directory:
    /// <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubeletconfig/configfiles/configfiles.go>.
    ///
    /// # Errors
    ///
    /// Returns why the path cannot be resolved.
    pub fn locate(&self, path: &str, origin: &Origin, component: &Component) -> Result<Location, Lost> {
        if path.contains('\u{fffd}') {
            return Err(Lost::NotText);
        }
        let path = Path::new(path);
        if path.is_absolute() {
            return Ok(self.sight.locate(self.pid, path));
        }
        let own_file = component
            .config
            .as_ref()
            .filter(|config| config.precedence == Precedence::Arguments)
            .and_then(|config| self.arguments.last(&config.flag));
        match (origin, own_file) {
            (Origin::File { path: file, .. }, Some(own_file)) if file == own_file => Path::new(own_file)
                .parent()
                .filter(|directory| directory.is_absolute())
                .map(|directory| self.sight.locate(self.pid, &directory.join(path)))
                .ok_or(Lost::Relative),
            _ => match self.working_directory.as_deref().map(Path::new) {
                Some(directory) if directory.is_absolute() => {
                    Ok(self.sight.locate(self.pid, &normalize(&directory.join(path))))
                }
                _ => Err(Lost::Relative),
            },
        }
    }

    /// Returns the value of `setting`, in the component's own order of precedence.
    ///
    /// A file that an argument names for this setting only takes precedence, if it contains the setting.
    pub fn read(&self, setting: &Setting, component: &Component) -> Reading {
        if let Some(why) = &self.unread {
            return Reading::Unknown(why.clone());
        }
        if let Some(file) = &setting.file
            && let Some(why) = self.arguments.unknown(&file.named_by)
        {
            return Reading::Unknown(why.clone());
        }
        if let Some(file) = &setting.file
            && let Some(path) = self.arguments.last(&file.named_by).filter(|path| !path.is_empty())
        {
            let named = || Reason::new(Cause::Malformed, path, format!("named by {}, but missing", file.named_by));
            match self.files.get(file.named_by.as_str()) {
                Some(Observed::Present(document)) => {
                    if let Some(reading) = read_document(document, &file.key) {
                        return reading;
                    }
                }
                Some(Observed::Unknown(why)) => return Reading::Unknown(why.clone()),
                Some(Observed::Absent) | None => return Reading::Unknown(named()),
            }
        }
        // A setting without a key in the file (`--bind-address` of kube-scheduler) remains an argument.
        let file_alone = component.config.as_ref().is_some_and(|config| config.precedence == Precedence::File)
            && self.configuration != Configuration::NotUsed
            && setting.key.is_some();
        if !file_alone && let Some(reading) = self.read_command_line(setting, component) {
            return reading;
        }
        self.read_configuration(setting, component)
    }

    fn read_command_line(&self, setting: &Setting, component: &Component) -> Option<Reading> {
        let flag = setting.flag.as_deref()?;
        let former = component.former.get(flag).map(SharedText::as_str);
        if let Some(why) = [Some(flag), former].into_iter().flatten().find_map(|flag| self.arguments.unknown(flag)) {
            return Some(Reading::Unknown(why.clone()));
        }
        let flag = match former {
            Some(older) if !self.arguments.has(flag) && self.arguments.has(older) => older,
            _ => flag,
        };
        let origin = self.origin_of(flag);
        if let Some(entry) = &setting.entry {
            if let Some(text) = self.arguments.entry(flag, entry) {
                let given = Given::Word { items: vec![text.clone()], text };
                return Some(Reading::Set { given, origin });
            }
        } else if self.arguments.has(flag) {
            return Some(match self.arguments.last(flag) {
                None => Reading::Unknown(Reason::new(
                    Cause::Malformed,
                    format!("{} (process {}) {flag}", self.name, self.pid),
                    "the command line ends before its value",
                )),
                Some(_) if component.flags.list.iter().any(|name| name == flag) => {
                    let text = self.arguments.values(flag).collect::<Vec<_>>().join(",");
                    Reading::Set { given: Given::Word { text, items: self.arguments.items(flag) }, origin }
                }
                Some(last) => {
                    let given = Given::Word { text: last.to_owned(), items: super::arguments::split_items(last) };
                    Reading::Set { given, origin }
                }
            });
        }
        if component.grammar != Grammar::Etcd {
            return None;
        }
        let name = etcd_variable(flag);
        match &self.variables {
            // etcd ignores empty variables.
            Observed::Present(variables) => match variables.get(&name)? {
                Observed::Present(Variable { value, .. }) if value.is_empty() => None,
                Observed::Present(Variable { value, set_in }) => {
                    let given = Given::Word { text: value.clone(), items: super::arguments::split_items(value) };
                    let origin = match set_in {
                        None => Origin::Variable(name),
                        Some(SetIn { file, line }) => Origin::File { path: file.clone(), line: *line, key: name },
                    };
                    Some(Reading::Set { given, origin })
                }
                Observed::Absent => None,
                Observed::Unknown(why) => Some(Reading::Unknown(why.clone())),
            },
            Observed::Absent => None,
            Observed::Unknown(why) => Some(Reading::Unknown(why.clone())),
        }
    }

    /// Returns what sets an argument.
    pub fn origin_of(&self, flag: &str) -> Origin {
        match self.arguments.given_by(flag) {
            None => Origin::Argument(flag.to_owned()),
            Some(GivenBy::Embedder(program)) => Origin::Embedder { flag: flag.to_owned(), program: program.clone() },
            Some(GivenBy::File { set_in: SetIn { file, line }, key }) => {
                let key = key.clone().unwrap_or_else(|| flag.to_owned());
                Origin::File { path: file.clone(), line: *line, key }
            }
        }
    }

    fn read_configuration(&self, setting: &Setting, component: &Component) -> Reading {
        let Some(key) = setting.key.as_deref() else { return Reading::Unset(None) };
        let document = match &self.configuration {
            Configuration::NotUsed => return Reading::Unset(None),
            Configuration::Unknown(why) => return Reading::Unknown(why.clone()),
            Configuration::Read(document) => document,
        };
        let key = setting.entry.as_ref().map_or_else(|| key.to_owned(), |entry| format!("{key}.{entry}"));
        let Some(reading) = read_document(document, &key) else { return Reading::Unset(None) };
        let is_duration =
            setting.flag.as_ref().is_some_and(|flag| component.flags.duration.iter().any(|name| name == flag));
        match reading {
            // A zero duration in a configuration file means the default: it is Go's zero value, replaced when the file
            // is loaded.
            Reading::Set { given, origin }
                if is_duration && parse_duration(&given.text()).is_some_and(|(_, length)| length.is_zero()) =>
            {
                Reading::Unset(Some((origin, given.text())))
            }
            reading => reading,
        }
    }
}

/// Returns the value at a key path of a document; none if it is not set.
fn read_document(document: &Document, key: &str) -> Option<Reading> {
    let path: KeyPath = match key.parse() {
        Ok(path) => path,
        // Definitions are validated when loaded; this is for those constructed otherwise.
        Err(_) => {
            return Some(Reading::Unknown(Reason::new(Cause::Malformed, key, "not a key path (correct the control)")));
        }
    };
    if let Some(why) = document.unrecorded(key) {
        return Some(Reading::Unknown(why));
    }
    let values = document.find(&path);
    let first = values.first()?;
    let origin = Origin::File {
        path: first.file.to_string(),
        line: (first.line > 0).then_some(first.line),
        key: key.to_owned(),
    };
    Some(Reading::Set { given: Given::Values(values), origin })
}
