//! Converts test items on files to expectations of the places of a component's files.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::super::remark::Remark;
use super::super::rules::{Compare, Item, Tests};
use super::super::settings::Settings;
use super::shape::{Files, Path, Print};
use super::{Candidate, slug};
use definitions::SharedText;
use definitions::benchmark::{
    Audit, Component, Deferred, Expectation, FileCondition, Flags, Grammar, Library, Missing, Namespaces, Place,
    PlaceName, Take, Value,
};

/// The names of components in rule files, and in the catalogue.
const COMPONENTS: [(&str, &str); 6] = [
    ("apiserver", "apiserver"),
    ("controllermanager", "controller-manager"),
    ("scheduler", "scheduler"),
    ("etcd", "etcd"),
    ("kubelet", "kubelet"),
    ("proxy", "proxy"),
];

/// The kinds of files, with the settings that list their candidates and default.
const KINDS: [(&str, &str, &str); 5] = [
    ("conf", "confs", "defaultconf"),
    ("svc", "svc", "defaultsvc"),
    ("kubeconfig", "kubeconfig", "defaultkubeconfig"),
    ("cafile", "cafile", "defaultcafile"),
    ("datadir", "datadirs", "defaultdatadir"),
];

/// Suffixes of candidates that are not the file they are listed for, or that the component's settings already lead to.
const PASSED_OVER: [&str; 7] = [
    // Cloud credentials.
    "/azure.json",
    // A drop-in directory, named by an argument.
    "/agent/etc/kubelet.conf.d",
    // The etcd embedded in k3s, which has no arguments.
    "/k3s/server/db/etcd/config",
    // The kubelet's, listed for kube-proxy.
    "/kubelet-kubeconfig",
    "/kubelet-kubeconfig.conf",
    "/kubelet/config",
    // The fallback in GKE's settings.
    "/kubelet/kubelet-config.yaml",
];

/// The known places of files: the catalogue's, and those that only these rule files define.
pub(super) struct Places<'a> {
    library: &'a Library,
    settings: &'a Settings,
    stem: String,
    made: BTreeMap<SharedText, Component>,
    /// The display name of the settings.
    called: String,
    remarks: BTreeSet<String>,
}

impl<'a> Places<'a> {
    /// Returns the catalogue's places only.
    pub(super) fn new(library: &'a Library, settings: &'a Settings, called: String, stem: &str) -> Self {
        Self { library, settings, stem: stem.to_owned(), made: BTreeMap::new(), called, remarks: BTreeSet::new() }
    }

    /// The components created for places that only these rule files define.
    pub(super) const fn made(&self) -> &BTreeMap<SharedText, Component> {
        &self.made
    }

    /// Remarks on the settings.
    pub(super) fn remarks(&self) -> impl Iterator<Item = Remark> {
        self.remarks.iter().map(|remark| Remark::on(&self.called, remark))
    }

    /// Returns the catalogue's component for a program in a rule file, by its name in the settings or by the process's
    /// name.
    pub(super) fn program(&mut self, target: &str, name: &str) -> Result<&'a Component, String> {
        let by_process = || {
            self.library.components.values().find(|component| component.executables.iter().any(|known| known == name))
        };
        let Some((_, key)) = COMPONENTS.iter().find(|(theirs, _)| *theirs == name) else {
            return by_process().ok_or_else(|| format!("{name} is not a known component"));
        };
        let component = self.component(key)?;
        let bins = self.of_component(target, name).map(|settings| settings.list("bins")).unwrap_or_default();
        let (known, unknown): (Vec<String>, Vec<String>) = bins
            .into_iter()
            .partition(|bin| component.executables.iter().chain(&component.bare).any(|known| known == bin));
        if let (true, [first, ..]) = (known.is_empty(), unknown.as_slice()) {
            return Err(format!("{first}, which the settings give as its program, is not {}", component.name));
        }
        if !unknown.is_empty() {
            let message = format!("{} is not looked for as {}", unknown.join(", "), component.name);
            self.remarks.insert(message);
        }
        Ok(component)
    }

    /// The settings of a component in a target.
    fn of_component(&self, target: &str, name: &str) -> Option<&'a Settings> {
        self.settings.map(target).and_then(|target| target.map(name))
    }

    fn component(&self, key: &str) -> Result<&'a Component, String> {
        self.library.component(key).ok_or_else(|| format!("{key} is not a known component"))
    }

    /// Returns what a check expects of files.
    pub(super) fn candidate(&mut self, target: &str, files: &Files, tests: &Tests) -> Result<Candidate, String> {
        let condition = condition(&files.print, files.otherwise.as_deref(), tests)?;
        let mut places = Vec::new();
        for path in &files.paths {
            places.extend(match path {
                Path::Named { component, kind } => vec![self.named(target, component, kind)?],
                Path::Written(path) => vec![self.written(target, path)],
                Path::NetworkConfiguration => vec![known("cni", "config"), known("cni", "networks")],
            });
        }
        if let Some(missing) = places.iter().find(|name| !self.has(name)) {
            return Err(format!("{} is not a known component", missing.component));
        }
        places.dedup();
        let audit = Audit::Files {
            places,
            below: files.below.as_deref().map(SharedText::from),
            directories: files.directories,
            holding: None,
        };
        Ok(Candidate { audit, expect: Expectation::File(condition) })
    }

    fn has(&self, name: &PlaceName) -> bool {
        let component = self.library.component(&name.component).or_else(|| self.made.get(&name.component));
        component.is_some_and(|component| component.places.contains_key(&name.place))
    }

    /// Returns the place of a variable such as `$kubeletconf`: the catalogue's if it covers every candidate listed in
    /// the settings, otherwise a new one.
    fn named(&mut self, target: &str, name: &str, kind: &str) -> Result<PlaceName, String> {
        let (key, place, mut candidates) = self.listed(target, name, kind)?;
        if self.is_known(target, name, kind) {
            return Ok(known(key, place));
        }
        candidates.retain(|path| is_candidate(path));
        if candidates.is_empty() {
            return Err(format!("the settings list no file for ${name}{kind}"));
        }
        let ours = self.component(key)?.places.get(place);
        let made = Place {
            candidates: candidates.into_iter().map(SharedText::from).collect(),
            evidence: false,
            needs_component: ours.is_some_and(|place| place.needs_component),
            // The distributions' paths apply to the catalogue's own candidates.
            distributions: BTreeMap::new(),
            ..ours.cloned().unwrap_or_default()
        };
        Ok(self.add(key, &format!("{target}-{place}"), made))
    }

    /// Whether a path is one of the known paths of the component's configuration file.
    pub(super) fn is_configuration(component: &Component, path: &str) -> bool {
        component.places.get("config").is_some_and(|place| covers(place, path))
    }

    /// Whether a variable such as `$kubeletconf` is a place of the catalogue that covers every listed candidate.
    pub(super) fn is_known(&self, target: &str, name: &str, kind: &str) -> bool {
        let Ok((key, place, candidates)) = self.listed(target, name, kind) else { return false };
        let places = || self.library.components.values().flat_map(|component| component.places.values());
        let is_ours = |path: &String| {
            PASSED_OVER.iter().any(|end| path.ends_with(end)) || places().any(|place| covers(place, path))
        };
        self.library.component(key).and_then(|component| component.places.get(place)).is_some_and(|place| {
            candidates.iter().all(is_ours)
                && (candidates.is_empty() || candidates.iter().any(|path| covers(place, path)))
        })
    }

    /// Returns the catalogue's component and place for a variable such as `$kubeletconf`, and the candidates in the
    /// settings.
    fn listed<'k>(
        &self,
        target: &str,
        name: &str,
        kind: &'k str,
    ) -> Result<(&'static str, &'k str, Vec<String>), String> {
        let (_, key) = COMPONENTS
            .into_iter()
            .find(|(theirs, _)| *theirs == name)
            .ok_or_else(|| format!("{name} is not a known component"))?;
        let place = match (key, kind) {
            ("kubelet" | "proxy", "conf") => "config",
            (_, "conf") => "manifest",
            (_, "svc") => "service",
            (_, "cafile") => "ca",
            (_, "datadir") => "data",
            (_, kind) => kind,
        };
        let (_, list, default) = KINDS
            .into_iter()
            .find(|(known, ..)| *known == kind)
            .ok_or_else(|| format!("{kind} is not a kind of file"))?;
        let mut candidates: Vec<String> = Vec::new();
        if let Some(settings) = self.of_component(target, name) {
            candidates = settings.list(list);
            candidates.extend(settings.text(default).map(str::to_owned));
        }
        let mut seen = BTreeSet::new();
        candidates.retain(|path| path.starts_with('/') && seen.insert(path.clone()));
        Ok((key, place, candidates))
    }

    /// Returns the place of a literal path: the catalogue's if the path is its first candidate, otherwise a new one.
    fn written(&mut self, target: &str, path: &str) -> PlaceName {
        let ours = self.library.components.values().find_map(|component| {
            let is_first = |place: &Place| {
                place.take == Take::First
                    && !place.static_pod
                    && place.candidates.first().is_some_and(|first| first == path)
            };
            // If a component's own argument names the path, it is that component's file. Its parent directories are
            // not.
            let (name, _) = component.places.iter().find(|(_, place)| is_first(place))?;
            Some(known(&component.key, name))
        });
        if let Some(name) = ours {
            return name;
        }
        let owner = match target {
            "master" | "controlplane" => "apiserver",
            "etcd" => "etcd",
            _ => "kubelet",
        };
        let take = if path.contains('*') { Take::Every } else { Take::First };
        let place = Place { candidates: vec![path.into()], take, ..Place::default() };
        self.add(owner, &slug(path), place)
    }

    /// Adds a place that only the rule files define. It depends on the arguments and presence of its component.
    fn add(&mut self, owner: &str, name: &str, place: Place) -> PlaceName {
        let whole = self.library.component(owner);
        let owner = whole.and_then(|component| component.part_of.as_deref()).unwrap_or(owner);
        let key = SharedText::from(format!("{}-{owner}", self.stem));
        let name =
            if name.starts_with(|c: char| c.is_ascii_lowercase()) { name.to_owned() } else { format!("path-{name}") };
        let component = self.made.entry(key.clone()).or_insert_with(|| Component {
            key: key.clone(),
            name: format!("what {} refers to in addition to {owner}", self.stem).into(),
            executables: Vec::new(),
            bare: Vec::new(),
            bare_with: Vec::new(),
            embedded_in: Vec::new(),
            passed_by: Deferred::default(),
            runtime: None,
            unit: None,
            part_of: Some(owner.into()),
            belongs_to: None,
            namespaces: Namespaces::default(),
            users: Vec::new(),
            needs_host_pids: false,
            grammar: Grammar::Kubernetes,
            config: None,
            flags: Flags::default(),
            former: Deferred::default(),
            defaults: Deferred::default(),
            meanings: Deferred::default(),
            feature_gates: Deferred::default(),
            places: BTreeMap::new(),
        });
        // A number separates different paths of the same name.
        let known = component.places.iter().find(|(_, known)| **known == place).map(|(name, _)| name.clone());
        let number = component.places.len() + 1;
        let free = known.unwrap_or_else(|| {
            let mut names = std::iter::once(name.clone()).chain((number..).map(|number| format!("{name}-{number}")));
            names.find(|name| !component.places.contains_key(name.as_str())).unwrap_or(name.clone()).into()
        });
        component.places.insert(free.clone(), place);
        PlaceName { component: key, place: free }
    }
}

fn known(component: &str, place: &str) -> PlaceName {
    PlaceName { component: component.into(), place: place.into() }
}

/// Whether a path is among those of a catalogue place.
fn covers(place: &Place, path: &str) -> bool {
    let known = place.candidates.iter().chain(&place.arguments).chain(place.distributions.values().flatten());
    known.into_iter().any(|candidate| match candidate.rsplit_once('*') {
        Some((before, after)) => path
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|between| !between.contains('/')),
        None => candidate.trim_end_matches('/') == path.trim_end_matches('/'),
    })
}

/// Whether the loader accepts a path as a candidate.
fn is_candidate(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        let (directory, _) = rest.rsplit_once('/').unwrap_or(("", rest));
        !directory.contains('*') && !rest.split('/').any(|part| matches!(part, "" | "." | ".."))
    })
}

/// Returns the mode or owner that the test items expect.
fn condition(print: &Print, otherwise: Option<&str>, tests: &Tests) -> Result<FileCondition, String> {
    let (alternatives, items): (Vec<&Item>, Vec<&Item>) =
        tests.items.iter().partition(|item| is_of_missing(item, otherwise));
    if !matches!(tests.bin_op.as_str(), "" | "and" | "or") {
        return Err(format!("its bin_op {:?} is invalid", tests.bin_op));
    }
    let is_any = tests.bin_op == "or";
    if !alternatives.is_empty() && !is_any {
        return Err("it requires the file both to exist and not to exist".to_owned());
    }
    let missing = if alternatives.is_empty() { Missing::Fail } else { Missing::NotApplicable };
    let [item] = items.as_slice() else {
        return Err("its tests do not compare a single mode or owner".to_owned());
    };
    if !item.set || !item.path.is_empty() || !item.env.is_empty() {
        return Err("its tests do not compare a mode or an owner".to_owned());
    }
    let compare = item.compare.as_ref().filter(|compare| !compare.operator.is_empty());
    let flag = item.flag.trim();
    if print.mode {
        return match compare {
            Some(Compare { operator, value })
                if operator == "bitmask" && print.label.as_deref() == Some(flag) && is_mode(value) =>
            {
                Ok(FileCondition {
                    mode: Some(Value::Text(value.as_str().into())),
                    owner: None,
                    owned_by: Vec::new(),
                    certificate: None,
                    says: None,
                    missing,
                })
            }
            Some(Compare { operator, value }) if operator == "eq" => {
                Err(format!("it requires exactly the mode {value}"))
            }
            _ => Err("its tests do not compare an octal mode".to_owned()),
        };
    }
    let owner = match compare {
        Some(Compare { operator, value })
            if operator == "eq" && (flag == value || print.label.as_deref() == Some(flag)) =>
        {
            value
        }
        None => &item.flag,
        Some(_) => return Err("its tests do not compare a single owner".to_owned()),
    };
    let named = |name: &str| !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == ':' || c == '{');
    match owner.trim().split_once(':') {
        Some((user, group)) if named(user) && named(group) => Ok(FileCondition {
            mode: None,
            owner: Some(Value::Text(owner.trim().into())),
            owned_by: Vec::new(),
            certificate: None,
            says: None,
            missing,
        }),
        _ => Err("its tests do not compare an owner as user:group".to_owned()),
    }
}

/// Whether an item accepts a missing file: it matches the text printed then, or requires the path not to be printed.
fn is_of_missing(item: &Item, otherwise: Option<&str>) -> bool {
    let said = item.set
        && !item.flag.trim().is_empty()
        && item.compare.as_ref().is_none_or(|compare| compare.operator.is_empty())
        && otherwise.is_some_and(|otherwise| otherwise.contains(item.flag.trim()));
    said || (!item.set && item.flag.starts_with('$'))
}

fn is_mode(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.chars().all(|c| c.is_digit(8))
}
