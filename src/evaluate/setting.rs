//! Judges the settings of a component's instances against an expectation.

use model::{Evidence, FileKey, Found, Listed, LookedAt, Note, Requirement, Source};

use crate::collect::compared;
use crate::collect::observations::Observations;
use crate::component::{Given, Grouped, Instance, Origin, Reading, etcd_variable};
use definitions::SharedText;
use definitions::benchmark::{Component, Expectation, Grammar, Operator, Setting, SettingCondition, UnsetOutcome};
use probe::{Location, Observed, Root};

use super::condition::{beyond, satisfied};
use super::expected;
use super::judgement::Judgement;

/// Judges every instance: one violation is enough to fail.
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
        Expectation::Setting(condition) => judge_setting(condition, component, instance, observations),
        // The loader allows file expectations only for an audit of files.
        Expectation::File(_) => Judgement::all(Vec::new()),
    }
}

fn judge_setting(
    condition: &SettingCondition,
    component: &Component,
    instance: &Instance,
    observations: &Observations<'_>,
) -> Judgement {
    let required = expected::setting(condition);
    match read(&condition.setting, component, instance, observations) {
        (Reading::Unknown(why), _) => Judgement::unknown(why),
        (Reading::Unset(said), _) => unset(condition, component, instance, said, required, observations),
        // Components treat an empty value as not set: `--client-ca-file=`.
        (Reading::Set { given, origin }, _) if given.is_empty() => {
            unset(condition, component, instance, Some((origin, "empty".to_owned())), required, observations)
        }
        (Reading::Set { given, origin }, note) => {
            let mut problem = None;
            let mut passes = true;
            for condition in expected::applying(&condition.comparisons) {
                let holds = match condition.operator {
                    Operator::DiffersFrom => {
                        let ours = instance.locate(&given.text(), &origin, component).ok();
                        Ok(differs(&given, ours.as_ref(), &condition.operand.to_string(), observations))
                    }
                    _ => satisfied(condition, &given),
                };
                match holds {
                    Ok(false) if condition.operator == Operator::Only => {
                        passes = false;
                        problem.get_or_insert_with(|| Note::NotAccepted(beyond(condition, &given)));
                    }
                    Ok(holds) => passes &= holds,
                    Err(wrong) => {
                        passes = false;
                        problem.get_or_insert(Note::Malformed(wrong));
                    }
                }
            }
            let passed_by = match &origin {
                Origin::Embedder { program, .. } => Some(Note::PassedBy(program.clone())),
                Origin::Argument(_) | Origin::Variable(_) | Origin::File { .. } => None,
            };
            let notes = problem.into_iter().chain(note).chain(passed_by).collect();
            let source = source(instance, origin, &condition.setting);
            let found = Found::Value { value: given.text(), notes };
            Judgement::new(passes, Evidence { source, found, expected: Some(required), violates: !passes })
        }
    }
}

/// Reads a setting of an instance, with a note about its value.
fn read(
    setting: &Setting,
    component: &Component,
    instance: &Instance,
    observations: &Observations<'_>,
) -> (Reading, Option<Note>) {
    let reading = instance.read(setting, component);
    match &reading {
        Reading::Unset(None) => match instance.read_group(setting, component, observations.version) {
            Grouped::No => (reading, None),
            Grouped::Unknown(why) => (Reading::Unknown(why), None),
            Grouped::Set { given, origin, group, stage } => {
                let note = Note::Gate { group: group.to_owned(), stage: stage.name().to_owned() };
                (Reading::Set { given, origin }, Some(note))
            }
        },
        Reading::Set { given, origin } => {
            let note = limits(setting, instance, origin).or_else(|| {
                let flag = setting.flag.as_deref().filter(|_| setting.entry.is_none())?;
                component.meaning_in_words(flag, &given.text(), observations.version).map(Note::Meaning)
            });
            (reading, note)
        }
        Reading::Unset(Some(_)) | Reading::Unknown(_) => (reading, None),
    }
}

/// What limits a value from a separate file: `only for /livez, /readyz`.
fn limits(setting: &Setting, instance: &Instance, origin: &Origin) -> Option<Note> {
    /// The maximum number of limits to list.
    const LISTED: usize = 10;
    let file = setting.file.as_ref()?;
    let Origin::File { key, .. } = origin else { return None };
    let path = file.limited_by.as_ref().filter(|_| file.key == *key)?.parse().ok()?;
    let Some(Observed::Present(document)) = instance.files.get(file.named_by.as_str()) else { return None };
    let limits = document.find(&path);
    let listed = Listed::of(limits.iter().map(|limit| limit.value.to_string()), LISTED);
    (!limits.is_empty()).then_some(Note::OnlyFor(listed))
}

fn unset(
    condition: &SettingCondition,
    component: &Component,
    instance: &Instance,
    said: Option<(Origin, String)>,
    required: Requirement,
    observations: &Observations<'_>,
) -> Judgement {
    let setting = &condition.setting;
    let default = setting.flag.as_ref();
    let default =
        default.and_then(|flag| component.default_in_words(flag, setting.entry.as_deref(), observations.version));
    let (source, found) = match said {
        Some((origin, text)) => {
            (source(instance, origin, setting), Found::NotSet { default, given: Some(text), nor_in: None })
        }
        None => {
            let file = setting.file.as_ref().and_then(|file| {
                let path = instance.arguments.last(&file.named_by).filter(|path| !path.is_empty())?;
                Some(FileKey { file: path.to_owned(), key: file.key.to_string() })
            });
            let mut name = setting
                .flag
                .as_ref()
                .or(setting.key.as_ref())
                .or(setting.file.as_ref().map(|file| &file.named_by))
                .cloned()
                .unwrap_or_default();
            if let Some(entry) = &setting.entry {
                name = format!("{name} {entry}").into();
            }
            let source = Source::Default {
                component: instance.name.clone(),
                process: Some(instance.pid),
                setting: name.to_string(),
            };
            let found = match (file, &setting.flag) {
                (Some(place), None) => Found::NotInFile { place, default },
                (nor_in, _) => Found::NotSet { default, given: None, nor_in },
            };
            (source, found)
        }
    };
    let passes = expected::unset(condition) == UnsetOutcome::Pass;
    Judgement::new(passes, Evidence { source, found, expected: Some(required), violates: !passes })
}

fn source(instance: &Instance, origin: Origin, setting: &Setting) -> Source {
    let component = instance.name.clone();
    match origin {
        Origin::Argument(flag) | Origin::Embedder { flag, .. } => {
            let flag = setting.entry.as_ref().map_or_else(|| flag.clone(), |entry| format!("{flag} {entry}"));
            Source::Argument { component, process: instance.pid, flag }
        }
        Origin::Variable(name) => Source::Variable { component, process: instance.pid, name },
        Origin::File { path, line, key } => Source::Setting { path, line, key },
    }
}

/// Whether a path leads to a different file than that of `COMPONENT --flag` on every instance of that component.
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

/// Whether two paths lead to different files; `None` if that cannot be determined.
fn is_other_file(one: &Location, other: &Location, observations: &Observations<'_>) -> Option<bool> {
    match (observations.compared.get(one), observations.compared.get(other)) {
        (Some(one), Some(other)) if one.identity != (0, 0) && other.identity != (0, 0) => {
            Some(one.identity != other.identity)
        }
        // The same path in the roots of two containers may lead to different files.
        (Some(at), Some(other_at)) if one.root == other.root => Some(at.resolved != other_at.resolved),
        _ if one.root == Root::Node && other.root == Root::Node => Some(one.path != other.path),
        _ => None,
    }
}

/// Where the settings of a component were looked up.
pub(super) fn looked_at(expectation: &Expectation, component: &Component, observations: &Observations<'_>) -> LookedAt {
    let mut names: Vec<String> = Vec::new();
    let all = expectation.settings().into_iter().flat_map(|condition| names_of(&condition.setting, component));
    for name in all.filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let processes = observations.of(&component.key).iter().map(|instance| instance.pid).collect();
    LookedAt::Settings { names, component: component.name.to_string(), processes, more: 0 }
}

/// The names by which a setting may be given.
fn names_of(setting: &Setting, component: &Component) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(flag) = &setting.flag {
        names.push(flag.to_string());
        if component.grammar == Grammar::Etcd {
            names.push(etcd_variable(flag));
        }
    }
    names.extend(setting.key.as_ref().filter(|_| component.config.is_some()).map(SharedText::to_string));
    names.extend(setting.file.as_ref().map(|file| format!("{} in the file of {}", file.key, file.named_by)));
    names
}
