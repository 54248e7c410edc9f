//! One running process of a component, and what its settings are.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use definitions::benchmark::{Component, Grammar, KeyPath, Precedence, Setting};
use probe::{Cause, Location, Observed, Reason, normalize};

use super::arguments::{Arguments, GivenBy};
use super::document::{Document, DocumentValue, Located};
use super::set_in::{SetIn, Variable};
use super::value::parse_duration;

/// One running process of a component, with everything that its settings depend on.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The component's key: `apiserver`.
    pub component: String,
    /// The component's name: `kube-apiserver`.
    pub name: String,
    /// The process.
    pub pid: i32,
    /// Its command line.
    pub arguments: Arguments,
    /// Why its command line could not be read, where that is so: then nothing that an argument may give is known.
    pub unread: Option<Reason>,
    /// The variables that stand in for flags (etcd), by name, as far as they were asked for; those that are not set are
    /// not in it.
    pub variables: Observed<BTreeMap<String, Observed<Variable>>>,
    /// Its configuration file, drop-ins merged in.
    pub configuration: Configuration,
    /// Further files that arguments name, by flag.
    pub files: BTreeMap<String, Observed<Document>>,
    /// Where its paths lie.
    pub sight: Sight,
    /// The directory in which it runs, as it sees it, where that is known: where relative paths start.
    pub working_directory: Option<String>,
    /// The container, where its cgroup names one.
    pub container: Option<String>,
    /// The systemd service that it belongs to, by its cgroup. Absent: it belongs to none.
    pub service: Observed<String>,
    /// The manifest of the static pod in which it runs, where that is known; of a component that is part of another
    /// program, the file that holds its arguments.
    pub manifest: Option<Location>,
    /// The program that holds it within itself, as definitions name it (`k3s server`); the process is that program's.
    pub embedded_in: Option<String>,
}

/// A component's configuration file.
#[derive(Debug, Clone, PartialEq)]
pub enum Configuration {
    /// No argument names one.
    NotUsed,
    /// This is what it says.
    Read(Document),
    /// It is named but cannot be known.
    Unknown(Reason),
}

/// Which file system a component's paths belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// The node's own.
    Node,
    /// A container's: what is mounted from the host lies there, all else in the process's own root.
    Container(Vec<Mount>),
}

/// A directory or file that a static pod mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where the container sees it: without detours, as [`normalize`] has paths.
    pub inside: PathBuf,
    /// Where it lies on the host; none for a volume of another kind, which hides what is mounted around it.
    pub outside: Option<PathBuf>,
}

impl Mount {
    /// Whether a path without detours is the mount or lies below it. Bytes are compared: every argument that names a
    /// file asks this of every mount, and parts of paths take long.
    fn is_around(&self, path: &Path) -> bool {
        let [inside, path] = [self.inside.as_path(), path].map(|path| path.as_os_str().as_bytes());
        let rest = path.strip_prefix(inside.strip_suffix(b"/").unwrap_or(inside));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    }
}

/// What a setting is, on one instance.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// It is given.
    Set {
        /// As what.
        given: Given,
        /// By what.
        origin: Origin,
    },
    /// Nothing gives it: the component's default counts. Where the file says so in its own way (a zero duration), by
    /// what.
    Unset(Option<(Origin, String)>),
    /// It cannot be known.
    Unknown(Reason),
}

/// A value as it was given.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A word of a command line or a variable's value; a list flag's items beside it.
    Word {
        /// The value; of a list flag that is repeated, all of them joined by commas.
        text: String,
        /// Its items, as the component separates them.
        items: Vec<String>,
    },
    /// Values of a file: one, or the items that a key path leads to.
    Values(Vec<Located>),
}

/// What gives a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An argument.
    Argument(String),
    /// The program that holds the component within itself.
    Embedder {
        /// The argument.
        flag: String,
        /// The program: `k3s`.
        program: String,
    },
    /// A variable of the environment.
    Variable(String),
    /// A file.
    File {
        /// Its path.
        path: String,
        /// The line, from 1, where it is known.
        line: Option<usize>,
        /// The key path.
        key: String,
    },
}

/// Why it is not known where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It is relative, to an unknown directory.
    Relative,
    /// It contains bytes that are not UTF-8, which are U+FFFD here.
    NotText,
}

impl Lost {
    /// The reason, for a path that `named_by` (`--config of kubelet`) gives.
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
    /// Where the absolute `path`, as the process sees it, lies.
    fn locate(&self, pid: i32, path: &Path) -> Location {
        match self {
            Self::Node => Location::node(path),
            Self::Container(mounts) => {
                // A mount is told by the begin of a path, so that `..` must be gone before.
                let path = &normalize(path);
                // Of mounts around one path, the deepest has the longest.
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
    /// As people name it: `--config`, `clientCAFile in /etc/kubelet.yaml`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(name) | Self::Embedder { flag: name, .. } | Self::Variable(name) => f.write_str(name),
            Self::File { path, key, .. } => write!(f, "{key} in {path}"),
        }
    }
}

impl Given {
    /// In one line.
    pub fn text(&self) -> String {
        match self {
            Self::Word { text, .. } => text.clone(),
            Self::Values(values) => values.iter().map(|value| value.value.to_string()).collect::<Vec<_>>().join(","),
        }
    }

    /// The items of a list; a single value is one item.
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

    /// Whether it says nothing: an empty text or list, which components take as not given.
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

/// The variable that etcd reads for a flag: `ETCD_CLIENT_CERT_AUTH` for `--client-cert-auth`.
///
/// Source: <https://etcd.io/docs/latest/op-guide/configuration/>.
pub fn etcd_variable(flag: &str) -> String {
    format!("ETCD_{}", flag.trim_start_matches('-').replace('-', "_").to_ascii_uppercase())
}

impl Instance {
    /// Where `path` lies, which `origin` gives.
    ///
    /// The kubelet takes relative paths of its configuration file from that file's directory:
    /// <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubeletconfig/configfiles/configfiles.go>.
    ///
    /// # Errors
    ///
    /// Why it cannot be known.
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

    /// What `setting` is here, by the component's own precedence.
    ///
    /// A file that an argument names for this setting alone counts first, where it says something of it.
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
            match self.files.get(&file.named_by) {
                Some(Observed::Present(document)) => {
                    if let Some(reading) = read_document(document, &file.key) {
                        return reading;
                    }
                }
                Some(Observed::Unknown(why)) => return Reading::Unknown(why.clone()),
                Some(Observed::Absent) | None => return Reading::Unknown(named()),
            }
        }
        // What the file has no key for (kube-scheduler's --bind-address) stays an argument.
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
        let former = component.former.get(flag).map(String::as_str);
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
            // etcd passes over variables that are empty.
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

    /// What gives an argument.
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
            // In a configuration file a duration of zero is the default: Go's zero value, filled in on loading.
            Reading::Set { given, origin }
                if is_duration && parse_duration(&given.text()).is_some_and(|(_, length)| length.is_zero()) =>
            {
                Reading::Unset(Some((origin, given.text())))
            }
            reading => reading,
        }
    }
}

/// What a document says at a key path; none where it says nothing.
fn read_document(document: &Document, key: &str) -> Option<Reading> {
    let path: KeyPath = match key.parse() {
        Ok(path) => path,
        // Definitions are validated; this is for those that are built by hand.
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
