//! Reads `components.yaml`.

use std::collections::BTreeMap;

use crate::benchmark::reader::{Fields, Problem, Reader, item_span};
use crate::benchmark::text::{SNIPPET, place_name};
use crate::benchmark::tree::{Content, Entry, Node, Span};
use crate::benchmark::{
    ADMINISTRATOR, BelongsTo, ByVersion, CLUSTER_DIRECTORY, Component, Config, DISTRIBUTIONS, Flags, Follow, GateState,
    Grammar, HOMES, Holds, NamedIn, Namespaces, Passed, PassedWhen, Place, PlaceName, Precedence, Role, Runtime,
    ShownBy, Stage, Take,
};

use super::names::release_line;
use crate::SharedText;

/// The keys that only components with a process of their own may have.
const OF_PROCESSES: [&str; 18] = [
    "executables",
    "bare",
    "bare_with",
    "embedded_in",
    "passed_by",
    "namespaces",
    "users",
    "needs_host_pids",
    "role",
    "runtime",
    "unit",
    "grammar",
    "config",
    "flags",
    "former",
    "defaults",
    "meanings",
    "feature_gates",
];

/// The components that definitions may refer to.
#[derive(Debug, Default)]
pub(crate) struct Components {
    /// Components, by key.
    pub known: BTreeMap<SharedText, Component>,
    /// Their roles in the cluster, by key.
    pub roles: BTreeMap<SharedText, Role>,
    /// Whether a components file could not be read, in which case unknown components are not reported.
    pub unreadable: bool,
}

impl Components {
    /// Returns the component with this key; `None` if it may be in the unreadable file.
    pub fn find(&self, key: &str) -> Result<Option<&Component>, Problem> {
        match self.known.get(key) {
            None if self.unreadable => Ok(None),
            None => {
                Err(Problem::unknown("unknown-component", "component", key, self.known.keys().map(SharedText::as_str)))
            }
            found => Ok(found),
        }
    }

    /// Returns the component whose process supplies a component's settings: itself, or the one it is part of.
    pub fn with_process(&self, key: &str) -> Result<Option<&Component>, Problem> {
        let Some(component) = self.find(key)? else { return Ok(None) };
        // Whether the owner exists is checked with the component itself.
        Ok(component.part_of.as_ref().map_or(Some(component), |owner| self.known.get(owner)))
    }

    /// Reads `COMPONENT.PLACE` and checks that it exists.
    pub fn place(&self, text: &str) -> Result<PlaceName, Problem> {
        let name = place_name(text).ok_or_else(|| {
            Problem::new("unknown-place", format!("{text:?} is not a place"))
                .hint("write it as COMPONENT.PLACE, such as apiserver.manifest")
        })?;
        if let Some(component) = self.find(&name.component)?
            && !component.places.contains_key(&name.place)
        {
            let known: Vec<String> =
                component.places.keys().map(|place| format!("{}.{place}", component.key)).collect();
            return Err(Problem::unknown("unknown-place", "place", text, known.iter().map(String::as_str)));
        }
        Ok(name)
    }

    /// Returns the problem with a component whose settings a place follows, if it is unknown or has no process.
    pub fn without_settings(&self, node: &Node) -> Option<Problem> {
        let Content::Scalar { text: key, .. } = &node.content else { return None };
        match self.find(key) {
            Err(problem) => Some(problem),
            Ok(Some(found)) if found.executables.is_empty() => Some(
                Problem::new("no-process", format!("{key:?} has no process"))
                    .hint("name the component whose arguments count"),
            ),
            Ok(_) => None,
        }
    }

    /// Returns the problem with a component's `part_of`, if any.
    pub fn misplaced_part(&self, component: &Component) -> Option<Problem> {
        let owner = component.part_of.as_deref()?;
        match self.find(owner) {
            Err(problem) => Some(problem),
            Ok(Some(found)) if found.part_of.is_some() || found.key == component.key => Some(
                Problem::new("part-of", format!("{owner:?} has no process of its own"))
                    .hint("name the component whose arguments count"),
            ),
            Ok(_) => None,
        }
    }
}

/// Returns the nodes that name the components followed by the places of a file.
pub(super) fn followed(root: &Node) -> Vec<&Node> {
    let places = within(root).into_iter().filter_map(|component| Reader::value_within(component, "places"));
    let follows = places.flat_map(within).filter_map(|place| Reader::value_within(place, "follow"));
    follows.flat_map(within).filter_map(|follow| Reader::value_within(follow, "of")).collect()
}

/// Returns the values of a mapping or the items of a list.
fn within(node: &Node) -> Vec<&Node> {
    match &node.content {
        Content::Mapping(entries) => entries.iter().map(|entry| &entry.value).collect(),
        Content::Sequence(items) => items.iter().collect(),
        Content::Scalar { .. } => Vec::new(),
    }
}

/// Reads a component. References to other components are checked once all are known.
pub(super) fn component(reader: &mut Reader<'_>, entry: &Entry) -> Component {
    let key = entry.key.to_shared();
    let what = format!("component {key:?}");
    if reader.name("component", &entry.key) && key == SNIPPET {
        let problem = Problem::new("bad-name", format!("{key:?} cannot be the name of a component"))
            .hint("{{snippet.…}} stands for the texts of snippets.yaml: give the component another name");
        reader.refuse(entry.key.span, problem);
    }
    let known: Vec<&'static str> =
        ["name", "part_of", "belongs_to", "places"].into_iter().chain(OF_PROCESSES).collect();
    let fields = reader.fields(&what, entry.key.span, &entry.value, &known);
    let name = fields.text(reader, "name").unwrap_or_default();
    let part_of = fields.text_if_any(reader, "part_of");
    let owners = [("machine", BelongsTo::Machine), ("cluster-directory", BelongsTo::ClusterDirectory)];
    let belongs_to = fields.value("belongs_to").and_then(|node| reader.word("\"belongs_to\"", node, &owners));
    if let (Some(entry), true) = (fields.get("belongs_to"), fields.get("part_of").is_some()) {
        let problem = Problem::new("contradiction", "\"belongs_to\" beside \"part_of\"").hint("give one of them");
        reader.refuse(entry.key.span, problem);
    }
    if let Some(owned) = ["part_of", "belongs_to"].into_iter().find(|name| fields.get(name).is_some()) {
        for unfit in OF_PROCESSES.iter().filter_map(|name| fields.get(name)) {
            let message = format!("{:?} beside {owned:?}", unfit.key.text);
            let hint = if owned == "part_of" {
                "leave it out: the process is that of the component it is part of"
            } else {
                "leave it out: a component that belongs to none has no process"
            };
            reader.refuse(unfit.key.span, Problem::new("contradiction", message).hint(hint));
        }
    } else {
        fields.required(reader, "executables");
        fields.required(reader, "grammar");
    }
    let grammar = fields
        .value("grammar")
        .and_then(|node| {
            let words = [("kubernetes", Grammar::Kubernetes), ("etcd", Grammar::Etcd), ("go", Grammar::Go)];
            reader.word("\"grammar\"", node, &words)
        })
        .unwrap_or(Grammar::Kubernetes);
    if let Some(node) = fields.value("role") {
        reader.word("\"role\"", node, &ROLES);
    }
    let embedded_in = executables(reader, &fields, "embedded_in");
    let executables = executables(reader, &fields, "executables");
    let bare = executables_without_words(reader, &fields);
    let config = config(reader, &fields);
    let places = places(reader, &fields, config.is_some() || fields.get("part_of").is_some());
    Component {
        key,
        name,
        executables,
        bare,
        bare_with: fields.flags(reader, "bare_with"),
        embedded_in,
        passed_by: passed_by(reader, &fields).into(),
        part_of,
        belongs_to,
        namespaces: namespaces(reader, &fields),
        users: fields.texts(reader, "users"),
        needs_host_pids: fields.boolean(reader, "needs_host_pids", false),
        runtime: runtime(reader, &fields),
        unit: unit(reader, &fields),
        grammar,
        config,
        flags: flags(reader, &fields),
        former: former(reader, &fields).into(),
        defaults: defaults(reader, &fields).into(),
        meanings: meanings(reader, &fields).into(),
        feature_gates: feature_gates(reader, &fields).into(),
        places,
    }
}

/// Reads the namespaces whose pods may run the component: those on all nodes, and those of a distribution.
fn namespaces(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Namespaces {
    let Some(node) = fields.value("namespaces") else { return Namespaces::default() };
    let mut namespaces = Namespaces::default();
    for entry in reader.entries("\"namespaces\"", node) {
        let name = &entry.key.text;
        let names = reader.texts(&format!("{name:?}"), &entry.value).unwrap_or_default();
        for text in names.iter().filter(|text| !is_namespace(text)) {
            let problem = Problem::new("bad-namespace", format!("{text:?} cannot be the name of a namespace"))
                .hint("at most 63 lowercase letters, digits and -, not starting or ending with -");
            reader.refuse(item_span(&entry.value, text), problem);
        }
        if name == ALL {
            namespaces.all = names;
        } else {
            if !DISTRIBUTIONS.contains(&name.as_str()) {
                let known = [ALL].into_iter().chain(DISTRIBUTIONS);
                reader.refuse(entry.key.span, Problem::unknown("unknown-word", "distribution", name, known));
            }
            namespaces.distributions.insert(entry.key.to_shared(), names);
        }
    }
    namespaces
}

/// Whether a text is a valid namespace name: a DNS label (RFC 1123).
fn is_namespace(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=63).contains(&name.len())
        && name.bytes().all(|byte| is_letter(byte) || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// The key for namespaces that apply to every distribution.
const ALL: &str = "all";

/// Returns a component's role, if its entry names a known one. An unknown role is reported when the component is read.
pub(super) fn role(entry: &Entry) -> Option<Role> {
    let node = Reader::value_within(&entry.value, "role")?;
    let Content::Scalar { text, .. } = &node.content else { return None };
    ROLES.iter().find(|(word, _)| word == text).map(|(_, role)| *role)
}

const ROLES: [(&str, Role); 3] = [("control-plane", Role::ControlPlane), ("node", Role::Node), ("store", Role::Store)];

fn runtime(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Runtime> {
    let words = [("containerd", Runtime::Containerd), ("crio", Runtime::Crio), ("cri-dockerd", Runtime::CriDockerd)];
    fields.value("runtime").and_then(|node| reader.word("\"runtime\"", node, &words))
}

fn executables(reader: &mut Reader<'_>, fields: &Fields<'_>, name: &str) -> Vec<SharedText> {
    let names = fields.texts(reader, name);
    if let Some(node) = fields.value(name) {
        for text in names.iter().filter(|text| text.contains('/')) {
            let problem =
                Problem::new("bad-executable", format!("{text:?} is a path")).hint("give the file name alone");
            reader.refuse(item_span(node, text), problem);
        }
    }
    names
}

/// Reads the arguments that embedding programs pass to the component, by program and flag.
fn passed_by(reader: &mut Reader<'_>, fields: &Fields<'_>) -> BTreeMap<SharedText, BTreeMap<SharedText, Vec<Passed>>> {
    let Some(node) = fields.value("passed_by") else { return BTreeMap::new() };
    let mut programs = BTreeMap::new();
    for entry in reader.entries("\"passed_by\"", node) {
        reader.name("program", &entry.key);
        let what = format!("{:?}", entry.key.text);
        let mut passed = BTreeMap::new();
        for entry in reader.entries(&what, &entry.value) {
            let flag = crate::benchmark::reader::flag(&entry.key.text);
            reader.keep(entry.key.span, flag);
            passed.insert(entry.key.to_shared(), cases(reader, &format!("{:?}", entry.key.text), &entry.value));
        }
        programs.insert(entry.key.to_shared(), passed);
    }
    programs
}

/// Reads the cases in which an argument is passed: a single value, or a list of cases.
fn cases(reader: &mut Reader<'_>, what: &str, node: &Node) -> Vec<Passed> {
    match &node.content {
        Content::Sequence(items) => items.iter().map(|item| case(reader, what, item)).collect(),
        _ => vec![Passed {
            value: reader.text(what, node),
            when: None,
            unless: Vec::new(),
            since: None,
            before: None,
            unsure: Vec::new(),
        }],
    }
}

fn case(reader: &mut Reader<'_>, what: &str, node: &Node) -> Passed {
    let known = ["value", "when", "unless", "since", "before", "unsure"];
    let fields = reader.fields(&format!("a case of {what}"), node.span, node, &known);
    let conditions = [
        ("etcd", PassedWhen::Etcd),
        ("kine", PassedWhen::Kine),
        ("external-etcd", PassedWhen::ExternalEtcd),
        ("encryption", PassedWhen::Encryption),
        ("egress", PassedWhen::Egress),
        ("protect", PassedWhen::Protect),
        ("cloud", PassedWhen::Cloud),
    ];
    let line = |reader: &mut Reader<'_>, name: &str| {
        let text = fields.text_if_any(reader, name)?;
        reader.keep(fields.value(name)?.span, release_line(&text))
    };
    let unsure = fields.texts(reader, "unsure");
    let lists = fields.value("unsure").unwrap_or(node);
    Passed {
        value: fields.text_if_any(reader, "value"),
        when: fields.value("when").and_then(|node| reader.word("\"when\"", node, &conditions)),
        unless: fields.flags(reader, "unless"),
        since: line(reader, "since"),
        before: line(reader, "before"),
        unsure: unsure.iter().filter_map(|text| reader.keep(item_span(lists, text), release_line(text))).collect(),
    }
}

fn executables_without_words(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<SharedText> {
    let bare = executables(reader, fields, "bare");
    match (fields.get("bare"), fields.get("bare_with")) {
        (Some(entry), None) => {
            let problem = Problem::new("missing-key", "\"bare\" without \"bare_with\"")
                .hint("list the flags that distinguish the program from others of that name");
            reader.refuse(entry.key.span, problem);
        }
        (None, Some(entry)) => {
            let problem = Problem::new("missing-key", "\"bare_with\" without \"bare\"")
                .hint("list the names that count only with these flags");
            reader.refuse(entry.key.span, problem);
        }
        _ => {}
    }
    bare
}

/// Reads the name of a systemd unit, which is its file name.
fn unit(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<SharedText> {
    let name = fields.text_if_any(reader, "unit")?;
    let good = name.strip_suffix(".service").is_some_and(|stem| !stem.is_empty() && !stem.contains(['/', ' ']));
    if !good && let Some(node) = fields.value("unit") {
        let problem = Problem::new("bad-unit", format!("{name:?} is not the name of a systemd service"))
            .hint("write it as kubelet.service");
        reader.refuse(node.span, problem);
    }
    Some(name)
}

fn config(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Config> {
    let entry = fields.get("config")?;
    let fields = reader.fields("\"config\"", entry.key.span, &entry.value, &["flag", "drop_ins", "precedence"]);
    let flag = fields.required(reader, "flag").and_then(|node| reader.flag("\"flag\"", node));
    let drop_ins = fields.value("drop_ins").and_then(|node| reader.flag("\"drop_ins\"", node));
    let words = [("arguments", Precedence::Arguments), ("file", Precedence::File)];
    let precedence = fields.required(reader, "precedence").and_then(|node| reader.word("\"precedence\"", node, &words));
    // Kept despite mistakes, so that key paths are not refused as well.
    Some(Config { flag: flag.unwrap_or_default(), drop_ins, precedence: precedence.unwrap_or(Precedence::Arguments) })
}

fn flags(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Flags {
    let Some(entry) = fields.get("flags") else { return Flags::default() };
    let kinds = ["boolean", "list", "map", "duration"];
    let fields = reader.fields("\"flags\"", entry.key.span, &entry.value, &kinds);
    let mut seen: BTreeMap<SharedText, &str> = BTreeMap::new();
    let mut of_kind = |kind: &'static str| {
        let flags = fields.flags(reader, kind);
        for flag in &flags {
            if let Some(earlier) = seen.insert(flag.clone(), kind)
                && let Some(node) = fields.value(kind)
            {
                let message = format!("{flag} is listed under {earlier:?} already");
                reader.refuse(item_span(node, flag), Problem::new("duplicate-entry", message));
            }
        }
        flags
    };
    let boolean = of_kind("boolean").into();
    Flags { boolean, list: of_kind("list"), map: of_kind("map"), duration: of_kind("duration") }
}

/// Reads former names, by current flag.
fn former(reader: &mut Reader<'_>, fields: &Fields<'_>) -> BTreeMap<SharedText, SharedText> {
    by_flag(reader, fields, "former", older_name)
}

fn older_name(reader: &mut Reader<'_>, what: &str, node: &Node) -> Option<SharedText> {
    reader.flag(what, node)
}

/// Reads the program's defaults, by flag: a text, or texts by minor release.
fn defaults(reader: &mut Reader<'_>, fields: &Fields<'_>) -> BTreeMap<SharedText, ByVersion<SharedText>> {
    by_flag(reader, fields, "defaults", text_by_version)
}

/// Reads explanations of values, by flag and value.
fn meanings(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
) -> BTreeMap<SharedText, BTreeMap<SharedText, ByVersion<SharedText>>> {
    by_flag(reader, fields, "meanings", |reader, what, node| {
        let mut of_values = BTreeMap::new();
        for entry in reader.entries(what, node) {
            let value = reader.number(&entry.key);
            let meaning = text_by_version(reader, &format!("{value:?}"), &entry.value);
            of_values.extend(meaning.map(|meaning| (value, meaning)));
        }
        Some(of_values)
    })
}

/// Reads a text, or texts by minor release.
fn text_by_version(reader: &mut Reader<'_>, what: &str, node: &Node) -> Option<ByVersion<SharedText>> {
    match node.content {
        Content::Mapping(_) => by_version(reader, what, node, |reader, node| reader.text(what, node)),
        _ => reader.text(what, node).map(ByVersion::always),
    }
}

/// Reads the stage and default of feature gates, by minor release.
fn feature_gates(reader: &mut Reader<'_>, fields: &Fields<'_>) -> BTreeMap<SharedText, ByVersion<GateState>> {
    let Some(node) = fields.value("feature_gates") else { return BTreeMap::new() };
    let entries = reader.entries("\"feature_gates\"", node);
    let mut gates = BTreeMap::new();
    for entry in entries {
        let what = format!("{:?}", entry.key.text);
        let states = by_version(reader, &what, &entry.value, gate_state);
        gates.extend(states.map(|states| (entry.key.to_shared(), states)));
    }
    gates
}

fn gate_state(reader: &mut Reader<'_>, node: &Node) -> Option<GateState> {
    let fields = reader.fields("a feature gate", node.span, node, &["stage", "default"]);
    let stages = [
        ("alpha", Stage::Alpha),
        ("beta", Stage::Beta),
        ("ga", Stage::Stable),
        ("deprecated", Stage::Deprecated),
        ("removed", Stage::Removed),
    ];
    let stage = fields.required(reader, "stage").and_then(|node| reader.word("\"stage\"", node, &stages))?;
    match (stage, fields.get("default")) {
        (Stage::Removed, Some(entry)) => {
            let problem = Problem::new("contradiction", "\"default\" of a gate that was removed").hint("leave it out");
            reader.refuse(entry.key.span, problem);
        }
        (Stage::Removed, None) => {}
        _ => {
            fields.required(reader, "default");
        }
    }
    Some(GateState { stage, default: fields.boolean(reader, "default", false) })
}

/// Reads values by the minor release from which each holds.
fn by_version<T>(
    reader: &mut Reader<'_>,
    what: &str,
    node: &Node,
    value: impl Fn(&mut Reader<'_>, &Node) -> Option<T>,
) -> Option<ByVersion<T>> {
    let entries = reader.entries(what, node);
    if let (Content::Mapping(_), true) = (&node.content, entries.is_empty()) {
        let problem = Problem::new("empty-text", format!("{what} is an empty mapping"));
        reader.refuse(node.span, problem.hint("write it as { \"1.20\": …, \"1.24\": … }"));
    }
    let mut values = Vec::new();
    for entry in entries {
        let from = reader.number(&entry.key);
        let from = reader.keep(entry.key.span, release_line(&from));
        let value = value(reader, &entry.value);
        values.extend(from.zip(value));
    }
    ByVersion::since(values)
}

/// Reads a mapping whose keys are flags.
fn by_flag<T>(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    name: &str,
    value: impl Fn(&mut Reader<'_>, &str, &Node) -> Option<T>,
) -> BTreeMap<SharedText, T> {
    let Some(node) = fields.value(name) else { return BTreeMap::new() };
    let mut said = BTreeMap::new();
    for entry in reader.entries(&format!("{name:?}"), node) {
        let flag = crate::benchmark::reader::flag(&entry.key.text);
        reader.keep(entry.key.span, flag);
        if let Some(value) = value(reader, &format!("{:?}", entry.key.text), &entry.value) {
            said.insert(entry.key.to_shared(), value);
        }
    }
    said
}

fn places(reader: &mut Reader<'_>, fields: &Fields<'_>, has_config: bool) -> BTreeMap<SharedText, Place> {
    let node = match fields.get("runtime") {
        // A runtime may be defined only for the sake of other components, without places of its own.
        Some(_) => fields.value("places"),
        None => fields.required(reader, "places"),
    };
    let Some(node) = node else { return BTreeMap::new() };
    let mut places = BTreeMap::new();
    for entry in reader.entries("\"places\"", node) {
        reader.name("place", &entry.key);
        places.insert(entry.key.to_shared(), place(reader, entry, has_config));
    }
    for place in within(node) {
        let Some(files) = Reader::value_within(place, "named_in").and_then(|node| Reader::value_within(node, "place"))
        else {
            continue;
        };
        if let Content::Scalar { text, .. } = &files.content
            && !places.contains_key(text.as_str())
        {
            let known = places.keys().map(SharedText::as_str);
            let problem = Problem::unknown("unknown-place", "place of the same component", text, known);
            reader.refuse(files.span, problem);
        }
    }
    places
}

/// Reads the variable that names a place, and the shell files that set it.
fn named_in(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<NamedIn> {
    let entry = fields.get("named_in")?;
    let within = reader.fields("\"named_in\"", entry.key.span, &entry.value, &["place", "variable"]);
    let (place, variable) = (within.text(reader, "place"), within.text(reader, "variable"));
    Some(NamedIn { place: place?, variable: variable? })
}

fn place(reader: &mut Reader<'_>, entry: &Entry, has_config: bool) -> Place {
    let at = entry.key.span;
    let known = [
        "static_pod",
        "shown_by",
        "arguments",
        "named_in",
        "candidates",
        "distributions",
        "take",
        "evidence",
        "needs_component",
        "follow",
        "holds",
    ];
    let fields = reader.fields(&format!("place {:?}", entry.key.text), at, &entry.value, &known);
    let candidates = candidates(reader, &fields, "candidates");
    let follow = fields.value("follow").map(|node| follows(reader, node, has_config)).unwrap_or_default();
    let static_pod = fields.boolean(reader, "static_pod", false);
    let words = [("service", ShownBy::Service), ("runtimes", ShownBy::Runtimes), ("arguments", ShownBy::Arguments)];
    let shown_by = fields.value("shown_by").and_then(|node| reader.word("\"shown_by\"", node, &words));
    let says_where = static_pod
        || ["shown_by", "named_in", "candidates", "follow", "distributions"]
            .iter()
            .any(|name| fields.get(name).is_some());
    if !says_where && !fields.in_doubt() {
        let problem = Problem::new("bad-place", format!("place {:?} has no location to look at", entry.key.text))
            .hint("set candidates, follow or static_pod: true");
        reader.refuse(at, problem);
    }
    let arguments = self::candidates(reader, &fields, "arguments");
    let is_of_arguments = static_pod || shown_by == Some(ShownBy::Arguments);
    if let (Some(entry), false) = (fields.get("arguments"), is_of_arguments) {
        let problem = Problem::new("missing-key", "\"arguments\" without \"static_pod\" or \"shown_by: arguments\"")
            .hint("say static_pod: true where files of arguments stand in for a manifest, or shown_by: arguments");
        reader.refuse(entry.key.span, problem);
    }
    let take = fields
        .value("take")
        .and_then(|node| reader.word("\"take\"", node, &[("first", Take::First), ("every", Take::Every)]))
        .unwrap_or_default();
    let words = [("keys", Holds::Keys), ("certificates", Holds::Certificates), ("either", Holds::Either)];
    let holds = fields.value("holds").and_then(|node| reader.word("\"holds\"", node, &words));
    let evidence = fields.boolean(reader, "evidence", false);
    let needs_component = fields.boolean(reader, "needs_component", false);
    if let (true, true, Some(entry)) = (evidence, needs_component, fields.get("needs_component")) {
        let problem = Problem::new("contradiction", "\"needs_component\" beside \"evidence\"")
            .hint("leave one of them out: what shows that the component is present cannot depend on it");
        reader.refuse(entry.key.span, problem);
    }
    Place {
        follow,
        static_pod,
        shown_by,
        arguments,
        named_in: named_in(reader, &fields),
        candidates,
        distributions: distributions(reader, &fields),
        take,
        evidence,
        needs_component,
        holds,
    }
}

/// Reads the usual paths of a place.
fn candidates(reader: &mut Reader<'_>, fields: &Fields<'_>, name: &str) -> Vec<SharedText> {
    let candidates = fields.texts(reader, name);
    if let Some(node) = fields.value(name) {
        refuse_bad_candidates(reader, node, &candidates);
    }
    candidates
}

fn refuse_bad_candidates(reader: &mut Reader<'_>, node: &Node, candidates: &[SharedText]) {
    for text in candidates {
        if let Err(problem) = candidate(text) {
            reader.refuse(item_span(node, text), problem);
        }
    }
}

/// Reads paths by distribution.
fn distributions(reader: &mut Reader<'_>, fields: &Fields<'_>) -> BTreeMap<SharedText, Vec<SharedText>> {
    let Some(node) = fields.value("distributions") else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for entry in reader.entries("\"distributions\"", node) {
        let name = &entry.key.text;
        if !DISTRIBUTIONS.contains(&name.as_str()) {
            let problem = Problem::unknown("unknown-word", "distribution", name, DISTRIBUTIONS);
            reader.refuse(entry.key.span, problem);
        }
        let paths = reader.texts(&format!("{name:?}"), &entry.value).unwrap_or_default();
        refuse_bad_candidates(reader, &entry.value, &paths);
        found.insert(entry.key.to_shared(), paths);
    }
    found
}

fn candidate(path: &str) -> Result<(), Problem> {
    let Some(relative) = path.strip_prefix('/') else {
        return Err(Problem::new("bad-path", format!("{path:?} is not absolute")).hint("begin it with /"));
    };
    let first = relative.find('/').and_then(|end| path.get(..=end)).unwrap_or(path);
    if first.starts_with("/{") && ![CLUSTER_DIRECTORY, HOMES, ADMINISTRATOR].contains(&first) {
        let problem = Problem::new("bad-path", format!("{path:?} begins with what stands for nothing"));
        return Err(problem.hint(format!("one of: {CLUSTER_DIRECTORY}, {HOMES}, {ADMINISTRATOR}")));
    }
    let (directory, _) = relative.rsplit_once('/').unwrap_or(("", relative));
    if directory.contains('*') {
        let problem = Problem::new("bad-path", format!("{path:?} has * elsewhere than in its last part"));
        return Err(problem.hint("write out the directories, or give several candidates"));
    }
    if relative.split('/').any(|part| matches!(part, "" | "." | "..")) && path != "/" {
        let problem = Problem::new("bad-path", format!("{path:?} is not in its shortest form"));
        return Err(problem.hint("leave out empty parts, . and .."));
    }
    Ok(())
}

fn follows(reader: &mut Reader<'_>, node: &Node, has_config: bool) -> Vec<Follow> {
    let Content::Sequence(items) = &node.content else {
        reader.wrong_type("\"follow\"", "a list", node);
        return Vec::new();
    };
    items.iter().map(|item| follow(reader, item.span, item, has_config)).collect()
}

fn follow(reader: &mut Reader<'_>, at: Span, node: &Node, has_config: bool) -> Follow {
    let known = ["of", "flag", "key", "unless", "part", "unset", "parent", "beside", "glob"];
    let fields = reader.fields("an item of \"follow\"", at, node, &known);
    let of = fields.text_if_any(reader, "of");
    let flag = fields.value("flag").and_then(|node| reader.flag("\"flag\"", node));
    let key = fields.value("key").and_then(|node| reader.key_path("\"key\"", node));
    let parent = fields.boolean(reader, "parent", false);
    let glob = fields.value("glob").and_then(|node| reader.glob("\"glob\"", node));
    let beside = fields.text_if_any(reader, "beside");
    if fields.get("flag").is_none() && fields.get("key").is_none() && !fields.in_doubt() {
        let problem = Problem::new("no-setting", "an item of \"follow\" names no setting").hint("give a flag or a key");
        reader.refuse(at, problem);
    }
    // Whether another component has a configuration file is only known once all are read.
    if let (Some(entry), false, None) = (fields.get("key"), has_config, &of) {
        let problem = Problem::new("no-config", "the component has no configuration file")
            .hint("leave out the key, or give the component a \"config\"");
        reader.refuse(entry.value.span, problem);
    }
    let ways = ["parent", "beside", "glob"];
    let given: Vec<_> = ways.into_iter().filter_map(|way| fields.get(way)).collect();
    if let [first, second, ..] = given.as_slice()
        && (parent || beside.is_some())
    {
        let message = format!("{:?} beside {:?}", second.key.text, first.key.text);
        reader.refuse(second.key.span, Problem::new("contradiction", message).hint("give one of them"));
    }
    let parts = [("first", 1), ("second", 2)];
    let part = fields.value("part").and_then(|node| reader.word("\"part\"", node, &parts));
    let unless = fields.text_if_any(reader, "unless");
    Follow { of, flag, key, unless, part, unset: fields.text_if_any(reader, "unset"), parent, beside, glob }
}
