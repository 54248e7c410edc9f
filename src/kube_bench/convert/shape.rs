//! Recognises well-known forms of audits: a component's command line and configuration, or files.

mod template;

use super::super::rules::Check;
use template::{Found, first_of, replaced, words};

/// What a check inspects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// A component's settings.
    Settings(Settings),
    /// Files.
    Files(Files),
    /// The first encryption provider in the file named by the API server's argument.
    EncryptionProviders,
}

/// A component's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    /// The component's name in the settings of rule files (`controllermanager`), or its process's name.
    pub(super) component: String,
    /// Whether the audit reads its arguments.
    pub(super) arguments: bool,
    /// Whether the audit reads its configuration file.
    pub(super) config: bool,
    /// The literal path of that file, if given.
    pub(super) written: Option<String>,
}

/// Files, and the attributes printed of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    /// The paths.
    pub(super) paths: Vec<Path>,
    /// For directories: the pattern of the names below them.
    pub(super) below: Option<String>,
    /// With `below`: whether directories match too.
    pub(super) directories: bool,
    /// The attribute printed of each file.
    pub(super) print: Print,
    /// The text printed if there is no file.
    pub(super) otherwise: Option<String>,
}

/// A path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Path {
    /// A variable such as `$kubeletconf`: the component and the kind.
    Named {
        /// The component's name in the settings of rule files.
        component: String,
        /// `conf`, `svc`, `kubeconfig`, `cafile` or `datadir`.
        kind: &'static str,
    },
    /// A literal path, whose last part may contain `*`.
    Written(String),
    /// The files of the container network's configuration, wherever they are.
    NetworkConfiguration,
}

/// The attribute printed of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Print {
    /// The label before the value, for example `permissions`.
    pub(super) label: Option<String>,
    /// Whether the mode is printed; otherwise the owner.
    pub(super) mode: bool,
}

/// The kinds of files, longest first: `kubeconfig` also ends with `conf`.
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

/// Commands that print the values of an argument on the command lines of a program.
const VALUES: [&str; 5] = [
    "ps -ef | grep <program> | grep -- --<argument> | sed s%.*<argument>[= ]([^ ]*).*%1%",
    "ps -fC <program> | grep -- --<argument> | sed s%.*<argument>[= ]([^ ]*).*%1%",
    "ps -fC <program> | grep -- --<argument> || echo <default> | sed s%.*<argument>[= ]([^ ]*).*%1%",
    "ps -ef | grep <program> | grep -v <other> | grep -- --<argument>= | awk -F --<argument>= {print $2} | \
     awk {print $1} | uniq",
    "ps -ef | grep <program> | grep -v <other> | grep -- --<argument>= | awk -F --<argument>= {print $2} | \
     awk {print $1}",
];

/// The placeholder for these commands in the templates below.
const VALUE: &str = "VALUES";

/// The file named by an argument, or else the file found.
const NAMED: [&str; 3] = [
    "<name>= $( VALUES ) ; if test -z <variable> ; then <name>= <found> ; fi ; \
     if test -e <variable> ; then stat -c <print> <variable> ; fi",
    "<name>= ; for <each> in $( VALUES ) ; do if test -e <one> ; then <name>= <one> ; fi ; done ; \
     if ! test -e <variable> ; then <name>= <found> ; fi ; stat -c <print> <variable>",
    "VALUES | xargs stat -c <print>",
];

/// The files in the directory named by an argument, and in a second directory.
const NETWORK: [&str; 1] = [
    "VALUES | xargs -I{} find {} -mindepth 1 | xargs stat -c <print> ; find <networks> -type f | xargs stat -c <print>",
];

/// The first provider in the file named by an argument.
const PROVIDERS: [&str; 1] = ["<name>= $( VALUES ) ; if test -e <variable> ; then \
                               grep -A1 providers: <variable> | tail -n1 | grep -o <letters> | sed <marked> ; fi"];

/// Returns what a check inspects; the error says why it has no well-known form.
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
                || "its audit has no well-known form".to_owned(),
                |command| format!("its audit asks {command}, not the node's files and processes"),
            )
        })?),
    };
    let configured = match config.as_slice() {
        [] => None,
        _ => Some(configuration(&config, arguments.as_deref()).ok_or("its audit_config has no well-known form")?),
    };
    if !check.audit_env.trim().is_empty() {
        return Err("it has its own audit of environment variables".to_owned());
    }
    match (arguments, configured) {
        (None, None) => Err("it has no audit".to_owned()),
        (Some(one), Some((other, _))) if one != other => {
            Err(format!("it checks the arguments of {one}, but the configuration of {other}"))
        }
        (arguments, configured) => {
            let is_argument = arguments.is_some();
            let config = configured.is_some();
            let (configured, written) = configured.unzip();
            let component = arguments.or(configured).unwrap_or_default();
            Ok(Shape::Settings(Settings { component, arguments: is_argument, config, written: written.flatten() }))
        }
    }
}

/// Commands that query more than the node's files and processes.
const OUTSIDE: [&str; 8] =
    ["kubectl", "oc", "gcloud", "aws", "journalctl", "openssl", "systemctl", "/usr/local/bin/master-exec"];

/// The component in `$etcdbin` or the like, or a plain name.
fn program(word: &str) -> Option<String> {
    let name = match word.strip_prefix('$') {
        Some(name) => name.strip_suffix("bin")?,
        None => word,
    };
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    plain.then(|| name.to_owned())
}

/// The component whose configuration file an audit prints, with the path if it is literal.
fn configuration(audit: &[String], arguments: Option<&str>) -> Option<(String, Option<String>)> {
    let found = first_of(&CONFIG, audit)?;
    if let Some(all) = found.get("all")
        && all != format!("{}/*", found.one("path"))
    {
        return None;
    }
    match path(found.one("path"))? {
        Path::Named { component, kind: "conf" } => Some((component, None)),
        // kube-proxy's kubeconfig contains none of its settings: the file named by --config is meant.
        Path::Named { component, kind: "kubeconfig" } if component == "proxy" => Some((component, None)),
        // A platform-specific path, checked by the caller.
        Path::Written(path) => Some((arguments?.to_owned(), Some(path))),
        _ => None,
    }
}

fn files(audit: &[String]) -> Result<Option<Shape>, String> {
    if let Some((values, audit)) = replaced(&VALUES, VALUE, audit) {
        return Ok(named_by_argument(&values, &audit));
    }
    let Some(found) = first_of(&FILES, audit).or_else(|| first_of(&EACH, audit)).or_else(|| first_of(&FOUND, audit))
    else {
        return Ok(None);
    };
    let Some(print) = print(found.one("print")).filter(|_| found.variable_is_name()) else { return Ok(None) };
    let written: Vec<&str> = found.get("path").map_or_else(|| found.all("paths"), |path| vec![path]);
    let paths: Option<Vec<Path>> = written.iter().map(|word| path(word)).collect();
    let Some(paths) = paths.filter(|paths| !paths.is_empty()) else {
        return Err(format!("its audit checks {}, which is not a path", written.join(" ")));
    };
    // Without an existence test, one missing file fails the audit, while a converted check uses the files that exist.
    if paths.len() > 1 && !audit.iter().any(|word| word == "for") {
        return Err("it requires each of several files to exist".to_owned());
    }
    let mut files = Files {
        paths,
        below: None,
        directories: false,
        print,
        otherwise: found.get("otherwise").map(|_| found.all("otherwise").join(" ")),
    };
    if audit.iter().any(|word| word == "find") {
        let is_file = matches!(files.paths.as_slice(), [Path::Named { kind, .. }] if *kind != "datadir");
        // `find` on a component's file prints only the file itself.
        if !is_file {
            let name = found.get("name").filter(|_| found.get("paths").is_none());
            if name.is_some_and(|name| name.contains(['/', '[', '?'])) {
                return Ok(None);
            }
            files.directories = name.is_none() && !audit.iter().any(|word| word == "-type");
            files.below = Some(name.unwrap_or("*").to_owned());
        }
    }
    Ok(Some(Shape::Files(files)))
}

/// What an audit inspects through a component's argument.
fn named_by_argument(values: &Found, audit: &[String]) -> Option<Shape> {
    let program = program(values.one("program"))?;
    let argument = values.one("argument");
    if first_of(&PROVIDERS, audit).is_some_and(|found| {
        found.variable_is_name() && (found.one("letters"), found.one("marked")) == ("[A-Za-z]*", "s/^/provider=/")
    }) {
        let is_it = (program.as_str(), argument) == ("apiserver", "encryption-provider-config");
        return is_it.then_some(Shape::EncryptionProviders);
    }
    let (found, path, below) = if let Some(found) = first_of(&NETWORK, audit) {
        let is_it = argument == "cni-conf-dir" && found.one("networks") == "/var/lib/cni/networks";
        let path = (program == "kubelet" && is_it).then_some(Path::NetworkConfiguration)?;
        (found, path, Some("*".to_owned()))
    } else {
        let found = first_of(&NAMED, audit)?;
        let kind = match (program.as_str(), argument) {
            ("kubelet", "client-ca-file") => "cafile",
            ("etcd", "data-dir") => "datadir",
            _ => return None,
        };
        // The fallback must be the same kind of file.
        if found.get("found").is_some_and(|otherwise| otherwise.strip_prefix('$') != Some(&format!("{program}{kind}")))
        {
            return None;
        }
        (found, Path::Named { component: program, kind }, None)
    };
    let print = print(found.one("print")).filter(|_| found.variable_is_name())?;
    Some(Shape::Files(Files { paths: vec![path], below, directories: false, print, otherwise: None }))
}

impl Found {
    /// Whether each variable used is the one that was assigned.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(audit: &str, config: &str) -> Check {
        Check {
            id: "1".to_owned(),
            text: String::new(),
            audit: audit.to_owned(),
            audit_env: String::new(),
            audit_config: config.to_owned(),
            kind: String::new(),
            tests: None,
            remediation: String::new(),
            scored: true,
            multiple: false,
            no_default_env: false,
            line: 1,
        }
    }

    fn settings(audit: &str, config: &str) -> Option<(String, bool, bool)> {
        match of(&check(audit, config)) {
            Ok(Shape::Settings(Settings { component, arguments, config, .. })) => Some((component, arguments, config)),
            _ => None,
        }
    }

    #[test]
    fn processes_and_their_configuration_are_known_however_they_are_spelt() {
        for (audit, config, expected) in [
            ("/bin/ps -ef | /usr/bin/grep $etcdbin | grep -v grep", "", Some(("etcd", true, false))),
            ("  ps   -ef|grep $etcdbin|grep -v grep\n", "", Some(("etcd", true, false))),
            ("ps -fC ${kubeletbin:-kubelet}", "", Some(("kubelet", true, false))),
            ("/bin/sh -c \"ps -fC kubelet\"", "/bin/cat $kubeletconf", Some(("kubelet", true, true))),
            ("", "cat $kubeletconf", Some(("kubelet", false, true))),
            ("ps -fC $proxybin", "sh -c 'if [ -f $proxyconf ]; then cat $proxyconf; fi'", Some(("proxy", true, true))),
            (
                "ps -fC $kubeletbin",
                "if [ -d $kubeletconf ]; then cat $kubeletconf/*; elif [ -e $kubeletconf ]; then cat $kubeletconf; fi",
                Some(("kubelet", true, true)),
            ),
            // Another component, another file, or additional commands.
            ("ps -fC $kubeletbin", "cat $proxyconf", None),
            ("ps -fC $kubeletbin", "cat $kubeletsvc", None),
            ("ps -fC $kubeletbin", "if test -e $kubeletconf; then cat $kubeletsvc; fi", None),
            ("ps -ef | grep $etcdbin | grep -v grep | head -n1", "", None),
            ("ps -ef | grep $etcdbin", "", None),
            ("ps -ef | grep -v $etcdbin | grep -v grep", "", None),
            ("ps -fC $etcdbin; true", "", None),
            ("ps -fC $(cat /x)", "", None),
            ("echo ps -fC etcd", "", None),
            ("cat $kubeletconf", "", None),
        ] {
            let expected = expected.map(|(name, arguments, config)| (name.to_owned(), arguments, config));
            assert_eq!(settings(audit, config), expected, "{audit} {config}");
        }
    }

    #[test]
    fn files_are_known_however_they_are_spelt() {
        let named = |kind| Path::Named { component: "kubelet".to_owned(), kind };
        let written = |path: &str| Path::Written(path.to_owned());
        for (audit, expected) in [
            ("stat -c permissions=%a $kubeletconf", Some((vec![named("conf")], None, false))),
            ("stat -c %a \"$kubeletkubeconfig\"", Some((vec![named("kubeconfig")], None, false))),
            ("stat -c '%U:%G' /a/b/", Some((vec![written("/a/b")], None, false))),
            ("stat -c %U:%G /a/*.crt", Some((vec![written("/a/*.crt")], None, false))),
            ("if [ -e /a ]; then\n  stat -c \"%a %n\" /a\nfi", Some((vec![written("/a")], None, false))),
            ("find /a/ | xargs stat -c %a", Some((vec![written("/a")], Some("*"), true))),
            ("find /a -type f 2> /dev/null | xargs stat -c %a", Some((vec![written("/a")], Some("*"), false))),
            ("find /a -name '*.key' | xargs stat -c %a", Some((vec![written("/a")], Some("*.key"), false))),
            ("find $kubeletconf -name '*a*' | xargs stat -c %a", Some((vec![named("conf")], None, false))),
            (
                "for f in /a /b; do if test -e $f; then stat -c %a $f; fi; done",
                Some((vec![written("/a"), written("/b")], None, false)),
            ),
            // A file other than the tested one, another variable, or an attribute other than mode and owner.
            ("if test -e /a; then stat -c %a /b; fi", None),
            ("for f in /a /b; do if test -e $f; then stat -c %a $g; fi; done", None),
            ("for f in /a /b; do if test -e $g; then stat -c %a $g; fi; done", None),
            ("stat -c %s /a", None),
            ("stat -c %a", None),
            ("stat -c %a a", None),
            ("stat -c %a /a/../b", None),
            ("stat -c %a /*/b", None),
            ("stat -c %a /a$kubeletconf", None),
            ("stat -c %a $HOME", None),
            ("stat -c %a /a || true", None),
            ("stat -c %a /a; stat -c %a /b", None),
            ("stat -c %a /a /b", None),
            ("find /a -maxdepth 1 | xargs stat -c %a", None),
            ("ps -ef | grep kubelet | grep -- --house= | xargs stat -c %a", None),
        ] {
            let found = match of(&check(audit, "")) {
                Ok(Shape::Files(Files { paths, below, directories, .. })) => Some((paths, below, directories)),
                _ => None,
            };
            let expected = expected.map(|(paths, below, directories): (_, Option<&str>, _)| {
                (paths, below.map(str::to_owned), directories)
            });
            assert_eq!(found, expected, "{audit}");
        }
    }

    #[test]
    fn what_asks_something_else_is_named() {
        for (audit, expected) in [
            ("kubectl get pods", "its audit asks kubectl, not the node's files and processes"),
            ("echo x | oc get y", "its audit asks oc, not the node's files and processes"),
            ("true", "its audit has no well-known form"),
            ("", "it has no audit"),
        ] {
            assert_eq!(of(&check(audit, "")), Err(expected.to_owned()));
        }
    }
}
