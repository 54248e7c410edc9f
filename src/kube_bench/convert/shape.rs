//! The forms of audits that are well known: which component's command line and configuration, or which files.

mod template;

use super::super::rules::Check;
use template::{Found, first_of, words};

/// What a check looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// A component's settings.
    Settings(Settings),
    /// Files.
    Files(Files),
    /// The first encryption provider, in the file that the API server's argument names.
    EncryptionProviders,
}

/// A component's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    /// The component, as the settings of rule files call it (`controllermanager`), or as its process is called.
    pub(super) component: String,
    /// Whether its arguments are looked at.
    pub(super) arguments: bool,
    /// Whether its configuration file is looked at.
    pub(super) config: bool,
}

/// Files, and what is printed of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    /// Which.
    pub(super) paths: Vec<Path>,
    /// In a directory: the names below it.
    pub(super) below: Option<String>,
    /// With `below`: directories count too.
    pub(super) directories: bool,
    /// What is printed of each.
    pub(super) print: Print,
    /// What is printed instead where there is none.
    pub(super) otherwise: Option<String>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Path {
    /// `$kubeletconf`: the component and the kind.
    Named {
        /// As the settings of rule files call it.
        component: String,
        /// `conf`, `svc`, `kubeconfig`, `cafile` or `datadir`.
        kind: &'static str,
    },
    /// As it is written; the last part may hold `*`.
    Written(String),
    /// What the container network's configuration lies in, wherever that is.
    NetworkConfiguration,
}

/// What is printed of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Print {
    /// What stands before the value: `permissions`.
    pub(super) label: Option<String>,
    /// Whether it is the mode, or else the owner.
    pub(super) mode: bool,
}

/// The kinds of files, longest first: `kubeconfig` ends with `conf` too.
const KINDS: [&str; 5] = ["kubeconfig", "datadir", "cafile", "conf", "svc"];

const ARGUMENTS: [&str; 2] = ["ps -ef | grep <program> | grep -v grep", "ps -fC <program>"];

const CONFIG: [&str; 3] = [
    "cat <path>",
    "if test -e <path> ; then cat <path> ; fi",
    "if test -e <path> ; then cat <all> ; elif test -e <path> ; then cat <path> ; fi",
];

const FILES: [&str; 5] = [
    "stat -c <print> <paths..>",
    "if test -e <path> ; then stat -c <print> <path> ; fi",
    "if test -e <path> ; then stat -c <print> %n <path> ; fi",
    "if test -e <path> ; then stat -c <print> <path> ; else echo <otherwise..> ; fi",
    "if test -e <path> ; then stat -c <print> %n <path> ; else echo <otherwise..> ; fi",
];

const FOUND: [&str; 4] = [
    "find <path> | xargs stat -c <print>",
    "find <path> -name <name> | xargs stat -c <print>",
    "find <path> -type f | xargs stat -c <print>",
    "if test -e <path> ; then find <path> -name <name> | xargs stat -c <print> ; fi",
];

const EACH: [&str; 2] = [
    "for <name> in <paths..> ; do if test -e <variable> ; then stat -c <print> <variable> ; fi ; done",
    "for <name> in <paths..> ; do if test -e <variable> ; then stat -c <print> %n <variable> ; fi ; done",
];

/// The CA file that an argument of the kubelet names, or else the one that is found.
const CLIENT_CA: [&str; 2] = [
    "<name>= $( ps -ef | grep kubelet | grep -v apiserver | grep -- --client-ca-file= | awk -F --client-ca-file= \
     {print $2} | awk {print $1} | uniq ) ; if test -z <variable> ; then <name>= $kubeletcafile ; fi ; \
     if test -e <variable> ; then stat -c <print> <variable> ; fi",
    "<name>= $( ps -ef | grep kubelet | grep -v apiserver | grep -- --client-ca-file= | awk -F --client-ca-file= \
     {print $2} | awk {print $1} ) ; if test -z <variable> ; then <name>= $kubeletcafile ; fi ; \
     if test -e <variable> ; then stat -c <print> <variable> ; fi",
];

/// The directory that an argument of etcd names, or else the one that is found.
const DATA: [&str; 2] = [
    "<name>= ; for <each> in $( ps -ef | grep $etcdbin | grep -- --data-dir | sed s%.*data-dir[= ]([^ ]*).*%1% ) ; \
     do if test -e <one> ; then <name>= <one> ; fi ; done ; \
     if ! test -e <variable> ; then <name>= $etcddatadir ; fi ; stat -c <print> <variable>",
    "ps -ef | grep $etcdbin | grep -- --data-dir | sed s%.*data-dir[= ]([^ ]*).*%1% | xargs stat -c <print>",
];

/// The directory that an argument of the kubelet names, and what the plugins have written.
const NETWORK: [&str; 2] = [
    "ps -ef | grep $kubeletbin | grep -- --cni-conf-dir | sed s%.*cni-conf-dir[= ]([^ ]*).*%1% | xargs -I{} find {} \
     -mindepth 1 | xargs stat -c <print> ; find /var/lib/cni/networks -type f | xargs stat -c <print>",
    "ps -fC $kubeletbin | grep -- --cni-conf-dir || echo /etc/cni/net.d | sed s%.*cni-conf-dir[= ]([^ ]*).*%1% | \
     xargs -I{} find {} -mindepth 1 | xargs stat -c <print> ; find /var/lib/cni/networks -type f | xargs stat -c <print>",
];

const PROVIDERS: [&str; 1] = [
    "<name>= $( ps -ef | grep $apiserverbin | grep -- --encryption-provider-config | \
     sed s%.*encryption-provider-config[= ]([^ ]*).*%1% ) ; if test -e <variable> ; then grep -A1 providers: \
     <variable> | tail -n1 | grep -o [A-Za-z]* | sed s/^/provider=/ ; fi",
];

/// What a check looks at; the error says why that is of no well-known form.
pub(super) fn of(check: &Check) -> Result<Shape, String> {
    let audit = words(&check.audit);
    let config = words(&check.audit_config);
    if config.is_empty()
        && let Some(shape) = files(&audit)?
    {
        return Ok(shape);
    }
    let arguments = match audit.as_slice() {
        [] => None,
        _ => Some(first_of(&ARGUMENTS, &audit).and_then(|found| program(found.one("program"))).ok_or_else(|| {
            let command = audit.iter().find(|word| OUTSIDE.contains(&word.as_str()));
            command.map_or_else(
                || "its audit is of no well-known form".to_owned(),
                |command| format!("its audit asks {command}, not the node's files and processes"),
            )
        })?),
    };
    let configured = match config.as_slice() {
        [] => None,
        _ => Some(configuration(&config, arguments.as_deref()).ok_or("its audit_config is of no well-known form")?),
    };
    if !check.audit_env.trim().is_empty() {
        return Err("it has an audit of variables of its own".to_owned());
    }
    match (arguments, configured) {
        (None, None) => Err("it has no audit".to_owned()),
        (Some(one), Some(other)) if one != other => {
            Err(format!("it looks at the arguments of {one}, but at the configuration of {other}"))
        }
        (arguments, configured) => Ok(Shape::Settings(Settings {
            arguments: arguments.is_some(),
            config: configured.is_some(),
            component: arguments.or(configured).unwrap_or_default(),
        })),
    }
}

/// Commands that ask something else than the node's files and processes.
const OUTSIDE: [&str; 8] =
    ["kubectl", "oc", "gcloud", "aws", "journalctl", "openssl", "systemctl", "/usr/local/bin/master-exec"];

/// `$etcdbin` or a plain name.
fn program(word: &str) -> Option<String> {
    let name = match word.strip_prefix('$') {
        Some(name) => name.strip_suffix("bin")?,
        None => word,
    };
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    plain.then(|| name.to_owned())
}

/// The component whose configuration file an audit prints.
fn configuration(audit: &[String], arguments: Option<&str>) -> Option<String> {
    let found = first_of(&CONFIG, audit)?;
    if let Some(all) = found.get("all")
        && all != format!("{}/*", found.one("path"))
    {
        return None;
    }
    match path(found.one("path"))? {
        Path::Named { component, kind: "conf" } => Some(component),
        // kube-proxy's kubeconfig has none of its settings: meant is the file that --config names.
        Path::Named { component, kind: "kubeconfig" } if component == "proxy" => Some(component),
        // A path of the platform's: what the component says of itself comes to the same.
        Path::Written(path) if arguments == Some("kubelet") && WRITTEN_CONFIGURATIONS.contains(&path.as_str()) => {
            Some("kubelet".to_owned())
        }
        _ => None,
    }
}

/// Configuration files of the kubelet that rule files name outright.
const WRITTEN_CONFIGURATIONS: [&str; 4] = [
    "/home/kubernetes/kubelet-config.yaml",
    "/var/lib/kubelet/config.yaml",
    "/etc/kubernetes/kubelet/kubelet-config.json",
    "/etc/kubernetes/kubelet/config.json",
];

fn files(audit: &[String]) -> Result<Option<Shape>, String> {
    if first_of(&PROVIDERS, audit).is_some_and(|found| found.variable_is_name()) {
        return Ok(Some(Shape::EncryptionProviders));
    }
    let special = |component: &str, kind: &'static str| Path::Named { component: component.to_owned(), kind };
    let specials = [
        (first_of(&CLIENT_CA, audit), special("kubelet", "cafile"), false),
        (first_of(&DATA, audit), special("etcd", "datadir"), false),
        (first_of(&NETWORK, audit), Path::NetworkConfiguration, true),
    ];
    for (found, path, below) in specials {
        let Some(found) = found else { continue };
        let Some(print) = print(found.one("print")).filter(|_| found.variable_is_name()) else { return Ok(None) };
        let below = below.then(|| "*".to_owned());
        return Ok(Some(Shape::Files(Files { paths: vec![path], below, directories: false, print, otherwise: None })));
    }
    let Some(found) = first_of(&FILES, audit).or_else(|| first_of(&EACH, audit)).or_else(|| first_of(&FOUND, audit))
    else {
        return Ok(None);
    };
    let Some(print) = print(found.one("print")).filter(|_| found.variable_is_name()) else { return Ok(None) };
    let written: Vec<&str> = found.get("path").map_or_else(|| found.all("paths"), |path| vec![path]);
    let paths: Option<Vec<Path>> = written.iter().map(|word| path(word)).collect();
    let Some(paths) = paths.filter(|paths| !paths.is_empty()) else {
        return Err(format!("its audit looks at {}, which is no path", written.join(" ")));
    };
    let mut files = Files {
        paths,
        below: None,
        directories: false,
        print,
        otherwise: found.get("otherwise").map(|_| found.all("otherwise").join(" ")),
    };
    if audit.iter().any(|word| word == "find") {
        let is_file = matches!(files.paths.as_slice(), [Path::Named { kind, .. }] if *kind != "datadir");
        // A file of the component's, of which `find` prints nothing but itself.
        if !is_file {
            let name = found.get("name").filter(|_| found.get("paths").is_none());
            files.directories = name.is_none() && !audit.iter().any(|word| word == "-type");
            files.below = Some(name.unwrap_or("*").to_owned());
        }
    }
    Ok(Some(Shape::Files(files)))
}

impl Found {
    /// Whether the variable that is looked at is the one that was set.
    fn variable_is_name(&self) -> bool {
        let same = |variable: &str, name: &str| match (self.get(variable), self.get(name)) {
            (Some(variable), Some(name)) => variable.strip_prefix('$') == Some(name),
            (variable, _) => variable.is_none(),
        };
        same("variable", "name") && same("one", "each")
    }
}

fn path(word: &str) -> Option<Path> {
    let Some(name) = word.strip_prefix('$') else {
        let path = word.strip_prefix('/')?;
        let good = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-@:+*".contains(c));
        let shortest = path.trim_end_matches('/');
        let parts_good = !shortest.split('/').any(|part| matches!(part, "" | "." | ".."));
        let (directory, _) = shortest.rsplit_once('/').unwrap_or(("", shortest));
        let good = good && parts_good && !directory.contains('*');
        return good.then(|| Path::Written(format!("/{shortest}")));
    };
    let kind = KINDS.into_iter().find(|kind| name.len() > kind.len() && name.ends_with(kind))?;
    Some(Path::Named { component: name.strip_suffix(kind)?.to_owned(), kind })
}

fn print(format: &str) -> Option<Print> {
    let (label, value) = match format.split_once('=') {
        Some((label, value)) => (Some(label.to_owned()), value),
        None => (None, format),
    };
    let mode = match value {
        "%a" => true,
        "%U:%G" => false,
        _ => return None,
    };
    Some(Print { label, mode })
}
