//! Finds a target's components on a node: the running programs, and for each kind of file the first candidate that
//! exists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regex::bytes::Regex;

use super::comparison::expression;
use super::settings::Settings;
use probe::{Answer, Location, Node, Observed, Question};

/// The length to which the kernel truncates a program's name, in bytes.
const NAME: usize = 15;

/// The kinds of files substituted into rule files, in that order: the suffix after the component's name, and the
/// settings that list the candidates and the default.
const FILES: [(&str, &str, &str); 5] = [
    ("conf", "confs", "defaultconf"),
    ("svc", "svc", "defaultsvc"),
    ("kubeconfig", "kubeconfig", "defaultkubeconfig"),
    ("cafile", "cafile", "defaultcafile"),
    ("datadir", "datadirs", "defaultdatadir"),
];

/// A variable and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Substitute {
    /// The name, with `$`.
    pub(super) name: String,
    /// The value: a program or a path, or the component's name if none was found.
    pub(super) value: String,
}

/// The components found for a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// The running programs; empty if one that must run does not.
    pub(super) programs: Vec<Substitute>,
    /// The files, grouped by kind.
    pub(super) files: Vec<Substitute>,
    /// Notes on the result, for the report.
    pub(super) notes: Vec<String>,
}

/// Finds the components of a target on a node.
pub(super) fn survey(target: &str, settings: &Settings, node: &dyn Node) -> Survey {
    let mut survey = Survey::default();
    let Some(settings) = settings.map(target) else {
        survey.notes.push(format!("no components are given for the target {target}, so nothing is substituted"));
        return survey;
    };
    let components = components(settings);
    match programs(&components, node, &mut survey.notes) {
        Ok(programs) => survey.programs = programs,
        Err(component) => survey.notes.push(format!(
            "no program of {component} runs, which must run for the target {target}: no program's name is substituted"
        )),
    }
    for (kind, candidates, default) in FILES {
        for (component, settings) in &components {
            let found = settings.list(candidates).into_iter().find(|path| is_there(path, node, &mut survey.notes));
            let value =
                found.or_else(|| settings.text(default).map(str::to_owned)).unwrap_or_else(|| component.clone());
            survey.files.push(Substitute { name: format!("${component}{kind}"), value });
        }
    }
    survey
}

/// A survey with the first candidate of everything, or else the default, for use without a node.
pub(super) fn configured(target: &str, settings: &Settings) -> Survey {
    let mut survey = Survey::default();
    let Some(settings) = settings.map(target) else {
        survey.notes.push(format!("no components are given for the target {target}, so nothing is substituted"));
        return survey;
    };
    for (component, settings) in components(settings) {
        if let Some(bin) = settings.list("bins").into_iter().next() {
            survey.programs.push(Substitute { name: format!("${component}bin"), value: bin });
        }
        for (kind, candidates, default) in FILES {
            let first = settings.list(candidates).into_iter().next();
            let value =
                first.or_else(|| settings.text(default).map(str::to_owned)).unwrap_or_else(|| component.clone());
            survey.files.push(Substitute { name: format!("${component}{kind}"), value });
        }
    }
    survey
}

/// The components of a target that have settings.
fn components(settings: &Settings) -> Vec<(String, &Settings)> {
    let names = settings.list("components").into_iter();
    names.filter_map(|name| settings.map(&name).map(|of_component| (name, of_component))).collect()
}

/// Whether a target has components and all those that must run are running.
pub(super) fn all_run(target: &str, settings: &Settings, node: &dyn Node) -> bool {
    let Some(settings) = settings.map(target) else { return false };
    let components = components(settings);
    let found = programs(&components, node, &mut Vec::new());
    found.is_ok_and(|programs| !programs.is_empty())
}

/// Returns the first running program of each component, or the component's name if none runs. The error is the
/// component that must run and does not.
fn programs<'a>(
    components: &'a [(String, &Settings)],
    node: &dyn Node,
    notes: &mut Vec<String>,
) -> Result<Vec<Substitute>, &'a str> {
    let candidates: Vec<(&str, Vec<String>, bool)> = components
        .iter()
        .map(|(name, settings)| (name.as_str(), settings.list("bins"), settings.flag("optional")))
        .filter(|(_, bins, _)| !bins.is_empty())
        .collect();
    let running = running(candidates.iter().flat_map(|(_, bins, _)| bins), node, notes);
    candidates
        .into_iter()
        .map(|(component, bins, optional)| {
            let found = bins.into_iter().find(|bin| runs(bin, &running));
            match found {
                None if !optional => Err(component),
                found => Ok(Substitute {
                    name: format!("${component}bin"),
                    value: found.unwrap_or_else(|| component.to_owned()),
                }),
            }
        })
        .collect()
}

/// Returns the command lines of the processes with each of the names that the candidates begin with. Matches the name
/// kept by the kernel, as `ps -C` does, regardless of the command line.
fn running<'a>(
    candidates: impl Iterator<Item = &'a String>,
    node: &dyn Node,
    notes: &mut Vec<String>,
) -> BTreeMap<String, Vec<Vec<u8>>> {
    let names: BTreeSet<&str> = sorting::set(candidates.filter_map(|bin| first_word(bin)));
    let mut running: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    if names.is_empty() {
        return running;
    }
    let processes = match node.ask(&Question::AllProcesses) {
        Observed::Present(Answer::ProcessTable(processes)) => processes,
        Observed::Present(_) | Observed::Absent => Arc::default(),
        Observed::Unknown(why) => {
            notes.push(format!("{why}; no program counts as running"));
            Arc::default()
        }
    };
    for process in processes.iter() {
        for name in names.iter().filter(|name| cut(name.as_bytes()) == cut(process.name.as_bytes())) {
            running.entry((*name).to_owned()).or_default().push(process.arguments.join(&b' '));
        }
    }
    running
}

fn cut(name: &[u8]) -> &[u8] {
    name.get(..NAME).unwrap_or(name)
}

/// The process name of a candidate: its first word, without quotes.
fn first_word(bin: &str) -> Option<&str> {
    bin.trim_matches(['\'', '"']).split_whitespace().next()
}

/// Whether a command line starts with a candidate, which may be several words and may be preceded by a path.
fn runs(bin: &str, running: &BTreeMap<String, Vec<Vec<u8>>>) -> bool {
    let Some(lines) = first_word(bin).and_then(|name| running.get(name)) else { return false };
    let Some(beginning) = beginning(bin.trim_matches(['\'', '"'])) else { return false };
    lines.iter().any(|line| beginning.is_match(line))
}

fn beginning(words: &str) -> Option<Regex> {
    let with = |words: &str| expression(&format!(r"^(\S*/)*{words}")).ok();
    with(words).or_else(|| with(&regex::escape(words)))
}

fn is_there(path: &str, node: &dyn Node, notes: &mut Vec<String>) -> bool {
    if !path.starts_with('/') {
        return false;
    }
    match node.ask(&Question::Metadata(Location::node(path))) {
        Observed::Present(_) => true,
        Observed::Absent => false,
        Observed::Unknown(why) => {
            let told = format!("{why}; it counts as missing");
            if !notes.contains(&told) {
                notes.push(told);
            }
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probe::{Cause, FileKind, ListedProcess, Metadata, Reason};

    /// A node with processes, by the names that the kernel keeps, and files.
    struct Host {
        processes: Vec<(&'static str, &'static [&'static str])>,
        files: &'static [&'static str],
    }

    impl Node for Host {
        fn ask(&self, question: &Question) -> Observed<Answer> {
            match question {
                Question::AllProcesses => {
                    let processes = self.processes.iter().zip(1..).map(|((name, arguments), pid)| ListedProcess {
                        pid,
                        parent: 0,
                        uid: 0,
                        name: (*name).to_owned(),
                        arguments: arguments.iter().map(|argument| argument.as_bytes().to_vec()).collect(),
                    });
                    Observed::Present(Answer::ProcessTable(processes.collect()))
                }
                Question::Metadata(location) if location.path.ends_with("loop") => {
                    Observed::Unknown(Reason::new(Cause::LinkLoop, location, "the links form a loop"))
                }
                Question::Metadata(location) => {
                    if self.files.iter().all(|file| location.path.as_os_str() != *file) {
                        return Observed::Absent;
                    }
                    Observed::Present(Answer::Metadata(Metadata {
                        kind: FileKind::File,
                        mode: 0o600,
                        uid: 0,
                        gid: 0,
                        size: 0,
                        identity: (0, 0),
                        resolved: location.path.clone(),
                    }))
                }
                _ => Observed::Absent,
            }
        }
    }

    fn found(settings: &str, host: &Host) -> Survey {
        let settings = format!("master: {settings}");
        let settings = Settings::read("config.yaml", &settings).unwrap_or_else(|remark| panic!("{remark}"));
        survey("master", &settings, host)
    }

    fn values(substitutes: &[Substitute]) -> Vec<(&str, &str)> {
        substitutes.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect()
    }

    #[test]
    fn programs_are_found_by_name_and_by_how_their_line_begins() {
        for (bins, name, arguments, expected) in [
            ("[kubelet]", "kubelet", &["/usr/bin/kubelet", "--a"][..], Some("kubelet")),
            ("[b, kubelet]", "kubelet", &["kubelet"], Some("kubelet")),
            (
                "[kube-controller-manager]",
                "kube-controller",
                &["kube-controller-manager"],
                Some("kube-controller-manager"),
            ),
            ("['hyperkube kubelet']", "hyperkube", &["/hyperkube", "kubelet"], Some("hyperkube kubelet")),
            ("['hyperkube kubelet']", "hyperkube", &["hyperkube", "proxy"], None),
            // The name kept by the kernel counts, regardless of the command line.
            ("[kubelet]", "bash", &["kubelet"], None),
            ("[proxy]", "proxy", &["/opt/proxy-of-mine/proxy"], Some("proxy")),
            ("['a(b']", "a(b", &["a(b"], Some("a(b")),
            ("kubelet", "kubelet", &["kubelet"], Some("kubelet")),
        ] {
            let host = Host { processes: vec![(name, arguments)], files: &[] };
            let survey = found(&format!("{{components: [c], c: {{bins: {bins}}}}}"), &host);
            let expected: Vec<_> = expected.map(|value| ("$cbin", value)).into_iter().collect();
            assert_eq!(values(&survey.programs), expected, "{bins} {arguments:?}");
        }
    }

    #[test]
    fn one_program_that_must_run_and_does_not_takes_the_names_of_all() {
        let host = Host { processes: vec![("a", &["a"])], files: &[] };
        let optional = "{components: [x, y, z, none], x: {bins: [a]}, y: {bins: [b], optional: true}, z: {}}";
        assert_eq!(values(&found(optional, &host).programs), [("$xbin", "a"), ("$ybin", "y")]);
        let must = found("{components: [x, y], x: {bins: [a]}, y: {bins: [b]}}", &host);
        assert!(must.programs.is_empty());
        assert_eq!(
            must.notes,
            ["no program of y runs, which must run for the target master: no program's name is substituted"]
        );
    }

    #[test]
    fn the_first_file_that_is_there_is_taken_then_the_default_then_the_name() {
        let host = Host { processes: Vec::new(), files: &["/b", "/c"] };
        let settings = "{components: [x], x: {confs: [/a, /b, /c], svc: [b], defaultsvc: /d, kubeconfig: [/loop], \
                        cafile: /c, datadirs: [], defaultdatadir: /data}}";
        let survey = found(settings, &host);
        assert_eq!(
            values(&survey.files),
            [("$xconf", "/b"), ("$xsvc", "/d"), ("$xkubeconfig", "x"), ("$xcafile", "/c"), ("$xdatadir", "/data"),]
        );
        assert_eq!(survey.notes, ["/loop: the links form a loop; it counts as missing"]);
    }
}
