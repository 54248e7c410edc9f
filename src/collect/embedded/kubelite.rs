//! kubelite, the program of `MicroK8s`, which reads the arguments of each component from a separate file.
//!
//! Source: `server/cmd/kubelite` of <https://github.com/canonical/kubernetes/tree/microk8s>.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::component::{Arguments, Word, expand_variables, own, parse_boolean, variables_in, words_of_arguments_file};
use definitions::benchmark::{Component, Role};
use probe::{Answer, Cause, Excerpt, Form, Location, Node, Observed, Question, Reason};

use super::super::ask;
use super::super::embedder::Embedder;
use super::found::{Found, instance, unread};

/// The argument that names each component's file of arguments.
const FILES: [(&str, &str); 5] = [
    ("apiserver", own::APISERVER_ARGUMENTS),
    ("controller-manager", own::CONTROLLER_MANAGER_ARGUMENTS),
    ("scheduler", own::SCHEDULER_ARGUMENTS),
    ("kubelet", own::KUBELET_ARGUMENTS),
    ("proxy", own::PROXY_ARGUMENTS),
];

/// The maximum size in bytes of a file's arguments, with variables expanded.
const MOST_BYTES: usize = 2 << 20;

/// Returns the settings of a component from its file of arguments.
pub(super) fn component(node: &dyn Node, component: &Component, role: Option<Role>, embedder: &Embedder) -> Found {
    let told: Vec<String> = embedder.arguments.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let is_off = argument(&told, own::START_CONTROL_PLANE).is_some_and(|value| parse_boolean(&value) == Some(false));
    if is_off && role != Some(Role::Node) {
        return Found::LeftOut;
    }
    let named_by = FILES.iter().find_map(|(key, flag)| (*key == component.key).then_some(*flag));
    let Some((flag, path)) = named_by.and_then(|flag| Some((flag, argument(&told, flag)?))) else {
        let detail = format!("no argument of it names the file of arguments for {}", component.name);
        return Found::Here(Box::new(unread(component, embedder, Reason::new(Cause::System, embedder, detail))));
    };
    let found = match read(node, embedder, flag, &path) {
        Ok((words, open)) => {
            let mut arguments = Arguments::of_words(words, component);
            for (name, why) in open {
                arguments.leave_open(name, why);
            }
            let mut instance = instance(component, embedder, arguments);
            instance.manifest = Some(Location::node(path));
            instance
        }
        Err(why) => unread(component, embedder, why),
    };
    Found::Here(Box::new(found))
}

/// The value of an argument; the last occurrence counts.
fn argument(words: &[String], flag: &str) -> Option<String> {
    let mut found = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.split_once('=') {
            Some((name, value)) if name == flag => found = Some(value.to_owned()),
            None if word == flag => found = words.next().cloned(),
            _ => {}
        }
    }
    found.filter(|value| !value.is_empty())
}

/// The words of a file of arguments, and the flags whose values are not known.
type Words = (Vec<Word>, BTreeMap<String, Reason>);

fn read(node: &dyn Node, embedder: &Embedder, flag: &str, path: &str) -> Result<Words, Reason> {
    if !Path::new(path).is_absolute() {
        return Err(Reason::new(
            Cause::System,
            path,
            format!("named by {flag} of {embedder}, but not by its whole path"),
        ));
    }
    let location = Location::node(path);
    let excerpt = || Excerpt { form: Form::Arguments, parts: BTreeSet::new() };
    let Some(bytes) = ask::lines(node, &location, &excerpt)? else {
        return Err(Reason::new(Cause::System, path, format!("named by {flag} of {embedder}, but missing")));
    };
    let words = words_of_arguments_file(&location.to_string(), &bytes);
    let variables = variables(node, embedder, &words);
    let mut filled = Vec::new();
    let mut open = BTreeMap::new();
    let mut length = 0;
    for word in words {
        let mut missing = None;
        let text = expand_variables(&word.text, &mut |name| {
            let known = match &variables {
                Ok(known) => Some(known.get(name).cloned().unwrap_or_default()),
                Err((known, _)) => known.get(name).cloned(),
            };
            match &known {
                Some(value) => length += value.len(),
                None => missing = Some(name.to_owned()),
            }
            known.filter(|_| length <= MOST_BYTES)
        });
        length += word.text.len();
        if length > MOST_BYTES {
            let detail = "holds more arguments than are read, with its variables expanded";
            return Err(Reason::new(Cause::TooLarge, path, detail));
        }
        match (text, &variables) {
            (Some(text), _) => filled.push(Word { text, ..word }),
            (None, Ok(_)) => {}
            (None, Err((_, why))) => {
                let missing = missing.unwrap_or_default();
                let why = Reason { detail: format!("{}; {path} refers to {missing}", why.detail), ..why.clone() };
                // Without the flag's name, any flag could be affected.
                match word.text.split_once('=') {
                    Some((name, _)) if name.starts_with("--") && !name.contains('$') => {
                        open.insert(name.replace('_', "-"), why);
                    }
                    _ => return Err(why),
                }
            }
        }
    }
    Ok((filled, open))
}

/// Returns the variables that words refer to. If the process's environment cannot be read, the error contains the
/// variables that the snap is known to set, and the reason.
fn variables(
    node: &dyn Node,
    embedder: &Embedder,
    words: &[Word],
) -> Result<BTreeMap<String, String>, (BTreeMap<String, String>, Reason)> {
    let names = variables_in(words);
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    match node.ask(&Question::Environment { pid: embedder.pid, names: names.into_iter().collect() }) {
        Observed::Present(Answer::Variables(variables)) => {
            let text = |(name, value): (String, Vec<u8>)| (name, String::from_utf8_lossy(&value).into_owned());
            Ok(sorting::map(variables.into_iter().map(text)))
        }
        Observed::Present(_) | Observed::Absent => Ok(BTreeMap::new()),
        Observed::Unknown(why) => Err((of_snap(node, embedder.pid), why)),
    }
}

/// The variables that snapd sets, derived from the path of the program: `/snap/NAME/REVISION/kubelite`.
fn of_snap(node: &dyn Node, pid: i32) -> BTreeMap<String, String> {
    let Observed::Present(Answer::Text(path)) = node.ask(&Question::Executable(pid)) else { return BTreeMap::new() };
    let mut parts = path.trim_start_matches('/').split('/');
    let (Some("snap"), Some(name), Some(revision), Some(_)) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return BTreeMap::new();
    };
    BTreeMap::from([
        ("SNAP".to_owned(), format!("/snap/{name}/{revision}")),
        ("SNAP_DATA".to_owned(), format!("/var/snap/{name}/{revision}")),
        ("SNAP_COMMON".to_owned(), format!("/var/snap/{name}/common")),
        ("SNAP_REVISION".to_owned(), revision.to_owned()),
    ])
}
