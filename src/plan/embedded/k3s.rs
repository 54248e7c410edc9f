//! k3s: what it is told, and what it makes of that for each component.
//!
//! It overwrites its own command line, so that its unit has to tell it. Source: pkg/configfilearg, pkg/daemons and
//! pkg/util/args.go of <https://github.com/k3s-io/k3s>.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::benchmark::{Component, KubernetesVersion, PassedWhen};
use crate::component::{
    Arguments, Document, EmbedderOptions, GivenBy, GivenOption, SetIn, Unit, Variable, Word, parse_boolean, plain,
    program, repeated_addition,
};
use crate::probe::{Answer, Cause, FileKind, Location, Node, Observed, Question, Why};

use super::super::census::{Embedder, StandIn};
use super::super::environment;
use super::super::unit;
use super::passed::{Facts, Lines, Open, Outcome, outcomes};
use super::{Found, Kept, instance, unread};

/// Its subcommands that run components.
pub(super) const ROLES: [&str; 2] = ["server", "agent"];

/// The program, as definitions name it.
const PROGRAM: &str = "k3s";

/// Where it keeps its things, and its settings.
const DATA: &str = "/var/lib/rancher/k3s";
const SETTINGS: &str = "/etc/rancher/k3s/config.yaml";

/// The variables that stand in for options.
const VARIABLES: [(&str, &str); 4] = [
    ("K3S_CONFIG_FILE", "config"),
    ("K3S_DATA_DIR", "data-dir"),
    ("K3S_DATASTORE_ENDPOINT", "datastore-endpoint"),
    ("K3S_NODE_NAME", "node-name"),
];

/// The options that leave a component out, by its key.
const LEFT_OUT_BY: [(&str, &str); 7] = [
    ("apiserver", "disable-apiserver"),
    ("controller-manager", "disable-controller-manager"),
    ("scheduler", "disable-scheduler"),
    (ETCD, "disable-etcd"),
    ("proxy", "disable-kube-proxy"),
    ("proxy", "disable-agent"),
    ("kubelet", "disable-agent"),
];

const ETCD: &str = "etcd";

/// The component whose settings lie in a directory of drop-ins from 1.32 on, and what lies there then.
const KUBELET: &str = "kubelet";
const DROP_IN: &str = "agent/etc/kubelet.conf.d/00-k3s-defaults.conf";
const DROP_INS_SINCE: KubernetesVersion = KubernetesVersion { major: 1, minor: 32 };
/// What of the user's arguments to it is copied there, and not passed.
const COPIED: [&str; 2] = ["config", "config-dir"];

/// The oldest release line of which it is known what it passes by itself, and the newest before that of the drop-ins.
const OLDEST: KubernetesVersion = KubernetesVersion { major: 1, minor: 27 };
const BEFORE_DROP_INS: KubernetesVersion = KubernetesVersion { major: 1, minor: 31 };

/// How many files of settings are read; there is a handful.
const MOST: usize = 64;

/// What a k3s is told.
#[derive(Debug)]
pub(super) struct K3s {
    told: Result<Told, Why>,
}

#[derive(Debug)]
struct Told {
    options: EmbedderOptions,
    /// Its directory.
    data: String,
    /// Where it keeps the cluster's data.
    store: Result<Store, Why>,
}

/// Where a cluster's data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    /// In an etcd within k3s, here or in other servers.
    Etcd,
    /// In another database.
    Kine,
    /// In an etcd of others.
    ExternalEtcd,
}

/// Reads what a k3s is told.
pub(super) fn read(
    node: &dyn Node,
    embedder: &Embedder,
    kept: &mut BTreeMap<Location, Kept>,
    stand_ins: &mut Vec<StandIn>,
) -> K3s {
    K3s { told: told(node, embedder, kept, stand_ins) }
}

fn told(
    node: &dyn Node,
    embedder: &Embedder,
    kept: &mut BTreeMap<Location, Kept>,
    stand_ins: &mut Vec<StandIn>,
) -> Result<Told, Why> {
    let command = Command::read(node, embedder, kept)?;
    let referred = command.words.iter().filter_map(|word| referred(word));
    let names: BTreeSet<String> = VARIABLES.iter().map(|(name, _)| *name).chain(referred).map(str::to_owned).collect();
    for file in kept.values_mut() {
        if let Kept::Unit(wanted) = file {
            wanted.extend(names.iter().cloned());
        }
    }
    let variables = variables(node, embedder, &command, &names, stand_ins)?;
    let of_command = EmbedderOptions::of_words(&filled_in(&command.words, &variables), &command.set_in);
    let named = of_command.last("config").or_else(|| variables.get("K3S_CONFIG_FILE").map(String::as_str));
    let files = files(node, named.filter(|named| !named.is_empty()), embedder, kept)?;
    let mut options = EmbedderOptions::of_files(&files).then(of_command);
    for (variable, name) in VARIABLES {
        if let Some(value) = variables.get(variable).filter(|value| !value.is_empty()) {
            let set_in = SetIn { file: variable.to_owned(), line: None };
            options.or_give(GivenOption { name: name.to_owned(), value: value.clone(), set_in });
        }
    }
    let data =
        options.last("data-dir").filter(|path| !path.is_empty()).unwrap_or(DATA).trim_end_matches('/').to_owned();
    if !Path::new(&data).is_absolute() {
        return Err(Why::new(Cause::System, data, format!("data-dir of {embedder}, but not by its whole path")));
    }
    let store = store(node, &options, &data);
    Ok(Told { options, data, store })
}

/// A command line, by the process itself or by the unit that runs it.
struct Command {
    /// The words behind the subcommand.
    words: Vec<String>,
    set_in: SetIn,
    /// The unit, where it was asked.
    unit: Option<(String, Unit)>,
}

impl Command {
    fn read(node: &dyn Node, embedder: &Embedder, kept: &mut BTreeMap<Location, Kept>) -> Result<Self, Why> {
        let own: Vec<String> = embedder
            .arguments
            .iter()
            .filter(|word| !word.is_empty())
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        let is_erased =
            own.len() == 1 && own.iter().any(|word| ROLES.iter().any(|role| word.ends_with(&format!(" {role}"))));
        if !is_erased {
            let set_in = SetIn { file: format!("command line of process {}", embedder.pid), line: None };
            let skipped = own.iter().position(|word| ROLES.contains(&word.as_str())).unwrap_or(0) + 1;
            return Ok(Self { words: own.into_iter().skip(skipped).collect(), set_in, unit: None });
        }
        let hidden = "whose command line is erased, so its options are not known";
        let name = match &embedder.service {
            Observed::Present(name) => name.clone(),
            Observed::Absent => {
                return Err(Why::new(Cause::System, embedder, format!("runs in no service of the system, {hidden}")));
            }
            Observed::Unknown(why) => return Err(why.clone()),
        };
        let mut read = Vec::new();
        let found = unit::find(node, &name, &mut read);
        kept.extend(read.into_iter().map(|location| (location, Kept::Unit(BTreeSet::new()))));
        let Some(found) = found?.filter(|found| found.has_file) else {
            return Err(Why::new(
                Cause::System,
                &name,
                format!("no such unit was found, and it runs {embedder}, {hidden}"),
            ));
        };
        let command = found.unit.section("Service").filter(|assignment| assignment.name == "ExecStart").last();
        let Some(command) = command.filter(|command| !command.value.is_empty()) else {
            return Err(Why::new(
                Cause::System,
                &name,
                format!("names no program that it starts, and it runs {embedder}, {hidden}"),
            ));
        };
        let set_in = SetIn { file: command.file.to_string(), line: Some(command.line) };
        let started = program(command).unwrap_or_default();
        let words = command.words();
        let at = words.iter().position(|word| ROLES.contains(&word.as_str()));
        let (true, Some(at)) = (is_k3s(&started), at) else {
            return Err(Why::new(
                Cause::System,
                &set_in.file,
                format!("starts {started}, which starts {embedder}, {hidden}"),
            ));
        };
        let mut plainly = Vec::new();
        for word in words.iter().skip(at + 1) {
            let Some(word) = plain(word) else {
                let detail = format!("starts {embedder} with a % specifier, whose meaning only systemd knows");
                return Err(Why::new(Cause::System, &set_in.file, detail));
            };
            plainly.push(word);
        }
        Ok(Self { words: plainly, set_in, unit: Some((name, found.unit)) })
    }
}

fn is_k3s(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or_default();
    name.split(['-', '.']).next() == Some(PROGRAM)
}

/// The variable to which a word of a unit's command line refers.
fn referred(word: &str) -> Option<&str> {
    let (_, rest) = word.split_once('$')?;
    match rest.strip_prefix('{') {
        Some(inner) => inner.split_once('}').map(|(name, _)| name),
        None => word.strip_prefix('$').filter(|name| !name.starts_with('$')),
    }
}

/// The words with their variables filled in, as systemd does it: `$NAME` as a word of its own is cut at white space,
/// `${NAME}` stays one.
fn filled_in(words: &[String], variables: &BTreeMap<String, String>) -> Vec<String> {
    let value = |name: &str| variables.get(name).map(String::as_str).unwrap_or_default();
    let mut filled = Vec::new();
    for word in words {
        match word.strip_prefix('$') {
            Some(name) if !name.starts_with(['{', '$']) => {
                filled.extend(value(name).split_ascii_whitespace().map(str::to_owned));
            }
            _ => match word.split_once("${").and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
                Some((before, (name, after))) => filled.push(format!("{before}{}{after}", value(name))),
                None => filled.push(word.replace("$$", "$")),
            },
        }
    }
    filled
}

/// The variables of the process, or, where those cannot be read, of its unit.
fn variables(
    node: &dyn Node,
    embedder: &Embedder,
    command: &Command,
    names: &BTreeSet<String>,
    stand_ins: &mut Vec<StandIn>,
) -> Result<BTreeMap<String, String>, Why> {
    let asked = node.ask(&Question::Environment { pid: embedder.pid, names: names.iter().cloned().collect() });
    let why = match asked {
        Observed::Present(Answer::Variables(variables)) => {
            let text = |(name, value): (String, Vec<u8>)| (name, String::from_utf8_lossy(&value).into_owned());
            return Ok(variables.into_iter().map(text).collect());
        }
        Observed::Present(_) | Observed::Absent => return Ok(BTreeMap::new()),
        Observed::Unknown(why) => why,
    };
    let Some((name, unit)) = &command.unit else { return Err(why) };
    let (found, files) = environment::of_unit(node, name, unit)
        .map_err(|reason| Why { detail: format!("{}; {reason}", why.detail), ..why.clone() })?;
    let name = embedder.name.clone();
    stand_ins.push(StandIn { name, why, is_complete: true, files, names: names.clone() });
    let mut variables = BTreeMap::new();
    for (name, variable) in found.into_iter().filter(|(name, _)| names.contains(name)) {
        match variable {
            Observed::Present(Variable { value, .. }) => drop(variables.insert(name, value)),
            Observed::Absent => {}
            Observed::Unknown(why) => return Err(why),
        }
    }
    Ok(variables)
}

/// Its files of settings, the later over the earlier: the one that is named, or else the usual one where it is there,
/// and its drop-ins.
fn files(
    node: &dyn Node,
    named: Option<&str>,
    embedder: &Embedder,
    kept: &mut BTreeMap<Location, Kept>,
) -> Result<Vec<Document>, Why> {
    let path = named.unwrap_or(SETTINGS);
    if !Path::new(path).is_absolute() {
        let detail = format!("holds the settings of {embedder}, and is no file of this node");
        return Err(Why::new(Cause::System, path, detail));
    }
    let directory = Location::node(format!("{path}.d"));
    let mut locations = vec![Location::node(path)];
    match node.ask(&Question::Directory(directory.clone())) {
        Observed::Present(Answer::Entries(mut entries)) => {
            entries.sort();
            let is_settings = |name: &str| {
                let name = name.to_ascii_lowercase();
                [".yaml", ".yml"].iter().any(|end| name.ends_with(end))
            };
            for entry in entries.into_iter().filter(|entry| entry.kind != FileKind::Directory) {
                if entry.name.to_str().is_some_and(is_settings) {
                    locations.push(Location::node(directory.path.join(&entry.name)));
                }
            }
        }
        Observed::Present(_) | Observed::Absent => {}
        Observed::Unknown(why) => return Err(why),
    }
    if locations.len() > MOST {
        let detail = format!("holds more than {MOST} files of settings, the most that are read (look at them by hand)");
        return Err(Why::new(Cause::TooLarge, directory, detail));
    }
    let mut documents = Vec::new();
    for location in locations {
        let bytes = match node.ask(&Question::Content(location.clone())) {
            Observed::Present(Answer::Content(content)) => content.bytes,
            Observed::Unknown(why) => return Err(why),
            Observed::Present(_) | Observed::Absent => {
                if named.is_some() && location.path == Path::new(path) {
                    return Err(Why::new(
                        Cause::System,
                        path,
                        format!("holds the settings of {embedder}, but is not there"),
                    ));
                }
                continue;
            }
        };
        kept.insert(location.clone(), Kept::Settings);
        let file = location.to_string();
        if let Some((key, line)) = repeated_addition(&bytes) {
            let detail = format!("line {line}: {key} is there twice (write one list)");
            return Err(Why::new(Cause::Malformed, file, detail));
        }
        documents.push(Document::parse(&file, &bytes)?);
    }
    Ok(documents)
}

/// Where it keeps the cluster's data.
fn store(node: &dyn Node, options: &EmbedderOptions, data: &str) -> Result<Store, Why> {
    if let Some(endpoint) = options.last("datastore-endpoint").filter(|endpoint| !endpoint.is_empty()) {
        let is_etcd = endpoint.starts_with("http://") || endpoint.starts_with("https://");
        return Ok(if is_etcd { Store::ExternalEtcd } else { Store::Kine });
    }
    // A server without etcd of its own is one among others that have it.
    if options.is_on("disable-etcd") {
        return Ok(Store::Etcd);
    }
    let has_etcd = is_there(node, &format!("{data}/server/db/etcd/config"))?;
    Ok(if has_etcd { Store::Etcd } else { Store::Kine })
}

fn is_there(node: &dyn Node, path: &str) -> Result<bool, Why> {
    match node.ask(&Question::Metadata(Location::node(path))) {
        Observed::Present(_) => Ok(true),
        Observed::Absent => Ok(false),
        Observed::Unknown(why) => Err(why),
    }
}

/// The settings of a component, for a version where that is known.
pub(super) fn component(
    node: &dyn Node,
    component: &Component,
    embedder: &Embedder,
    k3s: &Arc<K3s>,
    host: &str,
    version: Option<KubernetesVersion>,
) -> Found {
    let is_etcd = component.key == ETCD;
    let told = match &k3s.told {
        Ok(told) => told,
        Err(why) if is_etcd => return Found::Unsure(why.clone()),
        Err(why) => return Found::Here(Box::new(unread(component, embedder, why.clone()))),
    };
    let leaves_out = |(key, option): &(&str, &str)| *key == component.key && told.options.is_on(option);
    if LEFT_OUT_BY.iter().any(leaves_out) {
        return Found::LeftOut;
    }
    match &told.store {
        Ok(Store::Etcd) => {}
        Ok(_) if is_etcd => return Found::LeftOut,
        Err(why) if is_etcd => return Found::Unsure(why.clone()),
        Ok(_) | Err(_) => {}
    }
    let mut found = instance(component, embedder, arguments(node, component, told, host, version));
    if is_etcd {
        found.manifest = found.arguments.last("--config-file").map(Location::node);
    }
    Found::Here(Box::new(found))
}

/// An argument of the user's.
struct Given<'a> {
    name: &'a str,
    value: &'a str,
    how: How,
    by: Arc<GivenBy>,
}

/// What an argument of the user's does to what k3s passes by itself.
#[derive(PartialEq, Eq)]
enum How {
    Replaces,
    Appends,
    Prepends,
}

fn given<'a>(option: &'a GivenOption) -> Given<'a> {
    let argument = option.value.strip_prefix("--").or_else(|| option.value.strip_prefix('-')).unwrap_or(&option.value);
    let (name, value) = argument.split_once('=').unwrap_or((argument, "true"));
    let (name, how) = match (name.strip_suffix('+'), name.strip_suffix('-')) {
        (Some(name), _) => (name, How::Appends),
        (None, Some(name)) => (name, How::Prepends),
        (None, None) => (name, How::Replaces),
    };
    let key = Some(format!("{} {name}", option.name));
    Given { name, value, how, by: Arc::new(GivenBy::File { set_in: option.set_in.clone(), key }) }
}

/// What k3s passes to a component: its own arguments, those of the user in their place.
fn arguments(
    node: &dyn Node,
    component: &Component,
    told: &Told,
    host: &str,
    version: Option<KubernetesVersion>,
) -> Arguments {
    let lines = lines(node, component, told, version);
    let list = format!("{}-arg", component.name);
    let mut user: Vec<Given<'_>> = told.options.all(&list).map(given).collect();
    if component.key == KUBELET && lines.from >= DROP_INS_SINCE {
        user.retain(|given| !COPIED.contains(&given.name));
    }
    let gives = |flag: &str| user.iter().any(|given| flag.strip_prefix("--") == Some(given.name));
    let holds = |when: PassedWhen| {
        let is_store = |store: Store| told.store.clone().map(|known| known == store);
        match when {
            PassedWhen::Etcd => is_store(Store::Etcd),
            PassedWhen::Kine => is_store(Store::Kine),
            PassedWhen::ExternalEtcd => is_store(Store::ExternalEtcd),
            PassedWhen::Encryption => Ok(told.options.is_on("secrets-encryption")),
            PassedWhen::Egress => Ok(told.options.last("egress-selector-mode") != Some("disabled")),
            PassedWhen::Protect => Ok(told.options.is_on("protect-kernel-defaults")),
            PassedWhen::Cloud => Ok(!told.options.is_on("disable-cloud-controller")),
        }
    };
    let node_name = match told.options.last("node-name").filter(|name| !name.is_empty()) {
        Some(name) => Some(name.to_owned()),
        None => Some(host.to_ascii_lowercase()).filter(|name| !name.is_empty()),
    };
    let node_name =
        node_name.filter(|_| !told.options.last("with-node-id").is_some_and(|on| parse_boolean(on) != Some(false)));
    let fill = |value: &str| match (value.contains("{host}"), &node_name) {
        (true, None) => None,
        (true, Some(name)) => Some(value.replace("{host}", name)),
        (false, _) => Some(value.replace("{data}", &told.data)),
    };
    let nothing = BTreeMap::new();
    let passed = component.passed_by.get(PROGRAM).unwrap_or(&nothing);
    let is_there = |path: &str| is_there(node, path);
    let facts = Facts { lines, holds: &holds, gives: &gives, fill: &fill, is_there: &is_there };
    let outcomes = outcomes(passed, &facts);
    let own = Arc::new(GivenBy::Embedder(PROGRAM.to_owned()));

    // By the name as it was given, as k3s sorts them: what stands last counts.
    let mut all: BTreeMap<&str, Vec<(String, Arc<GivenBy>)>> = BTreeMap::new();
    let mut open: BTreeMap<&str, Why> = BTreeMap::new();
    for (flag, outcome) in &outcomes {
        let name = flag.trim_start_matches('-');
        match outcome {
            Outcome::Passed(value) if is_known(version) => {
                all.insert(name, vec![(value.clone(), Arc::clone(&own))]);
            }
            Outcome::Passed(_) => drop(open.insert(name, unknown(component, flag, &Open::Version, version))),
            Outcome::Open(why) => drop(open.insert(name, unknown(component, flag, why, version))),
        }
    }
    let mut replaced: BTreeSet<&str> = BTreeSet::new();
    for Given { name, value, how, by } in user {
        let is_first = replaced.insert(name);
        let values = all.entry(name).or_default();
        if how == How::Replaces {
            if is_first {
                values.clear();
                open.remove(name);
            }
            values.push((value.to_owned(), by));
            continue;
        }
        match values.last_mut() {
            Some((own, given_by)) => {
                *own = if how == How::Appends { format!("{own},{value}") } else { format!("{value},{own}") };
                *given_by = by;
            }
            // To what is not known, something is added that does not make it known.
            None if open.contains_key(name) => {}
            None => values.push((value.to_owned(), by)),
        }
    }
    let words = all.into_iter().flat_map(|(name, values)| {
        let word = move |(value, by)| Word { text: format!("--{name}={value}"), given_by: Some(by) };
        values.into_iter().map(word)
    });
    let mut arguments = Arguments::of_words(words.collect(), component);
    for (name, why) in open {
        arguments.leave_open(format!("--{name}"), why);
    }
    arguments
}

/// Whether it is known what a k3s of this version passes by itself; where none is known, it is taken to be one of these.
fn is_known(version: Option<KubernetesVersion>) -> bool {
    version.is_none_or(|version| version >= OLDEST)
}

/// The release lines of which it may be. The kubelet's drop-ins, which it writes at each start, tell them apart.
fn lines(node: &dyn Node, component: &Component, told: &Told, version: Option<KubernetesVersion>) -> Lines {
    if let Some(version) = version {
        return Lines { from: version, to: Some(version) };
    }
    let any = Lines { from: OLDEST, to: None };
    if component.key != KUBELET {
        return any;
    }
    match is_there(node, &format!("{}/{DROP_IN}", told.data)) {
        Ok(true) => Lines { from: DROP_INS_SINCE, to: None },
        Ok(false) => Lines { from: OLDEST, to: Some(BEFORE_DROP_INS) },
        Err(_) => any,
    }
}

/// Why it is not known what an argument is passed as.
fn unknown(component: &Component, flag: &str, open: &Open, version: Option<KubernetesVersion>) -> Why {
    let subject = format!("{} {flag}", component.name);
    match (open, version) {
        (Open::Unseen(why), _) => why.clone(),
        (Open::Value, _) => {
            Why::new(Cause::System, subject, format!("{PROGRAM} makes it of the machine's or the cluster's settings"))
        }
        (Open::Version, None) => {
            let detail = format!(
                "whether {PROGRAM} passes it by itself depends on its version, which the node does not show (give \
                 --version, or the argument under {}-arg)",
                component.name
            );
            Why::new(Cause::System, subject, detail)
        }
        (Open::Version, Some(version)) if version < OLDEST => {
            let detail = format!("what {PROGRAM} passes by itself is known from {OLDEST} on, and this is {version}");
            Why::new(Cause::System, subject, detail)
        }
        (Open::Version, Some(version)) => {
            let detail = format!(
                "some releases of {PROGRAM} {version} pass it by themselves, and others do not (give the argument under \
                 {}-arg)",
                component.name
            );
            Why::new(Cause::System, subject, detail)
        }
    }
}
