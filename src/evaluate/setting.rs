//! An expectation of settings against the instances of a component.

use crate::collect::compared;
use crate::collect::observations::Observations;
use crate::component::{Given, Grouped, Instance, Origin, Reading, etcd_variable};
use crate::finding::secret::{mask_argument, mask_text};
use crate::finding::{Evidence, Source};
use definitions::benchmark::{Component, Expectation, Grammar, Operator, Outcome as Unset, Setting, SettingDemand};
use probe::{Location, Observed, Root};

use super::demand::{beyond, satisfied};
use super::judgement::Judgement;
use super::phrase;

/// How a default begins that is no value.
const NOT_SET: &str = "not set: ";

/// Judges every instance: one that is wrong is enough to fail.
pub(super) fn judge(expectation: &Expectation, component: &Component, observations: &Observations<'_>) -> Judgement {
    let instances = observations.of(&component.key);
    Judgement::all(
        instances.iter().map(|instance| judge_instance(expectation, component, instance, observations)).collect(),
    )
}

fn judge_instance(
    expectation: &Expectation,
    component: &Component,
    instance: &Instance,
    observations: &Observations<'_>,
) -> Judgement {
    let parts = |parts: &[Expectation]| -> Vec<Judgement> {
        parts.iter().map(|part| judge_instance(part, component, instance, observations)).collect()
    };
    match expectation {
        Expectation::All(all) => Judgement::all(parts(all)),
        Expectation::Any(any) => Judgement::any(parts(any)),
        Expectation::Setting(demand) => judge_setting(demand, component, instance, observations),
        // The loader lets files stand only beside an audit of files.
        Expectation::File(_) => Judgement::all(Vec::new()),
    }
}

fn judge_setting(
    demand: &SettingDemand,
    component: &Component,
    instance: &Instance,
    observations: &Observations<'_>,
) -> Judgement {
    let expected = phrase::expected_in_short(demand);
    match read(&demand.setting, component, instance, observations) {
        (Reading::Unknown(why), _) => Judgement::unknown(why),
        (Reading::Unset(said), _) => unset(demand, component, instance, said, expected, observations),
        // What components take as not given: `--client-ca-file=`.
        (Reading::Set { given, origin }, _) if given.is_empty() => {
            unset(demand, component, instance, Some((origin, "empty".to_owned())), expected, observations)
        }
        (Reading::Set { given, origin }, remark) => {
            let mut problem = None;
            let mut passes = true;
            for demand in phrase::applying(&demand.demands) {
                let holds = match demand.operator {
                    Operator::DiffersFrom => {
                        let ours = instance.locate(&given.text(), &origin, component).ok();
                        Ok(differs(&given, ours.as_ref(), &demand.operand.to_string(), observations))
                    }
                    _ => satisfied(demand, &given),
                };
                match holds {
                    Ok(false) if demand.operator == Operator::Only => {
                        passes = false;
                        let beyond = mask_text(&beyond(demand, &given).join(", ")).into_owned();
                        problem.get_or_insert(format!("not accepted: {beyond}"));
                    }
                    Ok(holds) => passes &= holds,
                    Err(wrong) => {
                        passes = false;
                        problem.get_or_insert(wrong);
                    }
                }
            }
            let shown = shown(&demand.setting, &origin, &given);
            let by_itself = match &origin {
                Origin::Embedder { program, .. } => Some(format!("{program} passes it by itself")),
                Origin::Argument(_) | Origin::Variable(_) | Origin::File { .. } => None,
            };
            let remarks: Vec<String> = problem.into_iter().chain(remark).chain(by_itself).collect();
            let found = if remarks.is_empty() { shown } else { format!("{shown} ({})", remarks.join("; ")) };
            let source = source(instance, origin, &demand.setting);
            Judgement::new(passes, Evidence { source, found, expected, offends: !passes })
        }
    }
}

/// What a setting is on an instance, and what to know of its value.
fn read(
    setting: &Setting,
    component: &Component,
    instance: &Instance,
    observations: &Observations<'_>,
) -> (Reading, Option<String>) {
    let reading = instance.read(setting, component);
    match &reading {
        Reading::Unset(None) => match instance.read_group(setting, component, observations.version) {
            Grouped::No => (reading, None),
            Grouped::Unknown(why) => (Reading::Unknown(why), None),
            Grouped::Set { given, origin, group, stage } => {
                let remark = format!("by {group}, since the gate is {}", stage.name());
                (Reading::Set { given, origin }, Some(remark))
            }
        },
        Reading::Set { given, origin } => {
            let remark = limits(setting, instance, origin).or_else(|| {
                let flag = setting.flag.as_deref().filter(|_| setting.entry.is_none())?;
                component.meaning_in_words(flag, &given.text(), observations.version)
            });
            (reading, remark)
        }
        Reading::Unset(Some(_)) | Reading::Unknown(_) => (reading, None),
    }
}

/// What narrows down a value of a file of its own: `only for /livez, /readyz`.
fn limits(setting: &Setting, instance: &Instance, origin: &Origin) -> Option<String> {
    /// How many are listed.
    const LISTED: usize = 10;
    let file = setting.file.as_ref()?;
    let Origin::File { key, .. } = origin else { return None };
    let path = file.limited_by.as_ref().filter(|_| *key == file.key)?.parse().ok()?;
    let Some(Observed::Present(document)) = instance.files.get(&file.named_by) else { return None };
    let limits = document.find(&path);
    let listed: Vec<String> = limits.iter().take(LISTED).map(|limit| limit.value.to_string()).collect();
    let more = match limits.len() - listed.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let listed = mask_text(&listed.join(", ")).into_owned();
    (!limits.is_empty()).then(|| format!("only for {listed}{more}"))
}

fn unset(
    demand: &SettingDemand,
    component: &Component,
    instance: &Instance,
    said: Option<(Origin, String)>,
    expected: String,
    observations: &Observations<'_>,
) -> Judgement {
    let setting = &demand.setting;
    let default = setting.flag.as_ref();
    let default =
        default.and_then(|flag| component.default_in_words(flag, setting.entry.as_deref(), observations.version));
    let default = default.map_or_else(String::new, |default| match default.strip_prefix(NOT_SET) {
        Some(meaning) => format!(" ({meaning})"),
        None => format!(" (default {})", default.replace(NOT_SET, "")),
    });
    let (source, found) = match said {
        Some((origin, text)) => (source(instance, origin, setting), format!("{text}, which is not set{default}")),
        None => {
            let file = setting.file.as_ref().and_then(|file| {
                let path = instance.arguments.last(&file.named_by).filter(|path| !path.is_empty())?;
                Some(format!("{} in {path}", file.key))
            });
            let mut name = setting
                .flag
                .as_ref()
                .or(setting.key.as_ref())
                .or(setting.file.as_ref().map(|file| &file.named_by))
                .cloned()
                .unwrap_or_default();
            if let Some(entry) = &setting.entry {
                name = format!("{name} {entry}");
            }
            let source = Source::Default { component: instance.name.clone(), pid: Some(instance.pid), setting: name };
            let found = match (file, &setting.flag) {
                (Some(file), None) => format!("no {file}{default}"),
                (Some(file), Some(_)) => format!("not set{default}, nor {file}"),
                (None, _) => format!("not set{default}"),
            };
            (source, found)
        }
    };
    let passes = phrase::unset(demand) == Unset::Pass;
    Judgement::new(passes, Evidence { source, found, expected, offends: !passes })
}

/// A value as reports show it: what carries a secret is masked.
fn shown(setting: &Setting, origin: &Origin, given: &Given) -> String {
    let text = given.text();
    match origin {
        Origin::Argument(flag) | Origin::Embedder { flag, .. } => mask_argument(flag, &text).into_owned(),
        Origin::Variable(name) => mask_argument(name, &text).into_owned(),
        Origin::File { key, .. } => {
            let name = setting.flag.as_deref().unwrap_or(key);
            mask_text(&mask_argument(name, &text)).into_owned()
        }
    }
}

fn source(instance: &Instance, origin: Origin, setting: &Setting) -> Source {
    let component = instance.name.clone();
    match origin {
        Origin::Argument(flag) | Origin::Embedder { flag, .. } => {
            let flag = setting.entry.as_ref().map_or_else(|| flag.clone(), |entry| format!("{flag} {entry}"));
            Source::Argument { component, pid: instance.pid, flag }
        }
        Origin::Variable(name) => Source::Variable { component, pid: instance.pid, name },
        Origin::File { path, line, key } => Source::Setting { path, line, key },
    }
}

/// Whether a path leads elsewhere than that of `COMPONENT --flag` on every instance of that component.
fn differs(given: &Given, ours: Option<&Location>, other: &str, observations: &Observations<'_>) -> bool {
    let Some((component, setting)) = compared::other(other, observations.library) else { return true };
    observations.of(&component.key).iter().all(|theirs| match theirs.read(&setting, component) {
        Reading::Set { given: value, .. } if !value.is_empty() => {
            match (ours, compared::named(theirs, component, &setting)) {
                (Some(ours), Some(theirs)) => {
                    is_other_file(ours, &theirs, observations).unwrap_or(value.text() != given.text())
                }
                _ => value.text() != given.text(),
            }
        }
        _ => true,
    })
}

/// Whether two paths lead to two files; none where that cannot be known.
fn is_other_file(one: &Location, other: &Location, observations: &Observations<'_>) -> Option<bool> {
    match (observations.compared.get(one), observations.compared.get(other)) {
        (Some(one), Some(other)) if one.identity != (0, 0) && other.identity != (0, 0) => {
            Some(one.identity != other.identity)
        }
        // One path in the roots of two containers may lead to two files.
        (Some(at), Some(other_at)) if one.root == other.root => Some(at.resolved != other_at.resolved),
        _ if one.root == Root::Node && other.root == Root::Node => Some(one.path != other.path),
        _ => None,
    }
}

/// Where the settings of a component were looked for, in one line.
pub(super) fn looked_at(expectation: &Expectation, component: &Component, observations: &Observations<'_>) -> String {
    let mut names: Vec<String> = Vec::new();
    let all = expectation.settings().into_iter().flat_map(|demand| names_of(&demand.setting, component));
    for name in all.filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut parts = vec![format!("{} of {}", names.join(", "), component.name)];
    let pids: Vec<String> = observations.of(&component.key).iter().map(|instance| instance.pid.to_string()).collect();
    if !pids.is_empty() {
        let word = if pids.len() == 1 { "process" } else { "processes" };
        parts.push(format!("({word} {})", pids.join(", ")));
    }
    parts.join(" ")
}

/// The names that a setting goes by.
fn names_of(setting: &Setting, component: &Component) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(flag) = &setting.flag {
        names.push(flag.clone());
        if component.grammar == Grammar::Etcd {
            names.push(etcd_variable(flag));
        }
    }
    names.extend(setting.key.clone().filter(|_| component.config.is_some()));
    names.extend(setting.file.as_ref().map(|file| format!("{} in the file of {}", file.key, file.named_by)));
    names
}
