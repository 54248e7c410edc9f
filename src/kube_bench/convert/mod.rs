//! Converts a benchmark of rule files to the project's own format.
//!
//! The rules are read before substitution, so that a variable such as `$apiserverbin` identifies the component. An
//! audit of a well-known form becomes settings or files of that component, which are then resolved as the component
//! itself resolves them. If the catalogue has an equivalent control, the converted benchmark uses it, including its
//! knowledge of platforms; otherwise it gets its own control with the rule file's texts. Any other check becomes a
//! manual control: the numbering stays complete, and nothing is judged by guesswork.

mod catalogue;
mod files;
mod index;
mod settings;
mod shape;
mod write;

use std::collections::BTreeMap;

use super::directory::Directory;
use super::remark::Remark;
use super::rules::{self, Check};
use definitions::SharedText;
use definitions::benchmark::{Assessment, Audit, Expectation, Library, SourceFile, Target, Value, load};
use files::Places;
use index::{Index, Numbered};
use shape::Shape;
use sorting::Sorting;

/// The result of converting a benchmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// The files for `--benchmarks-dir`: paths relative to that directory, and their text.
    pub files: Vec<(String, String)>,
    /// The result per check, in the order of the rule files.
    pub checks: Vec<ConvertedCheck>,
    /// Remarks on the rule files, and on what the conversion changed.
    pub remarks: Vec<Remark>,
}

impl Converted {
    /// The number of checks that were mapped.
    pub fn mapped(&self) -> usize {
        self.checks.iter().filter(|check| matches!(check.outcome, ConvertOutcome::Mapped { .. })).count()
    }

    /// The checks that the rule files evaluate and the converted benchmark leaves to manual review.
    pub fn left(&self) -> impl Iterator<Item = &ConvertedCheck> {
        self.checks.iter().filter(|check| matches!(check.outcome, ConvertOutcome::Left { .. }))
    }
}

/// The result of converting one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertedCheck {
    /// The target, for example `master`.
    pub target: String,
    /// The number in the rule file.
    pub id: String,
    /// The display path of the rule file.
    pub file: String,
    /// The line where the check begins, from 1.
    pub line: usize,
    /// The result.
    pub outcome: ConvertOutcome,
}

/// How a check was converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConvertOutcome {
    /// A control judges it: the catalogue's, or the benchmark's own.
    Mapped {
        /// The control's key.
        control: String,
    },
    /// The rule file does not evaluate it either: it needs manual review.
    Review {
        /// The control's key.
        control: String,
    },
    /// The rule file evaluates it, the converted benchmark does not: it needs manual review.
    Left {
        /// The reason.
        why: String,
    },
}

/// Converts a benchmark of a directory to definitions on top of the components and controls of `library`.
///
/// # Errors
///
/// Returns an error if the rule files could not be run either, with the location, or if the benchmark has no checks.
pub fn convert(directory: &Directory, benchmark: &str, library: &Library) -> Result<Converted, Remark> {
    let settings = directory.settings(benchmark)?;
    let stem = stem(benchmark);
    let mut conversion = Conversion {
        library,
        places: Places::new(library, &settings, directory.called("config.yaml"), &stem),
        stem: stem.clone(),
        controls: BTreeMap::new(),
        checks: Vec::new(),
        remarks: Vec::new(),
    };
    let mut index = Index::default();
    let mut targets = directory.targets(benchmark)?;
    targets.order_by_key(|(name, _)| Target::ALL.iter().position(|target| target.name() == *name));
    for (name, path) in targets {
        let file = directory.called(path);
        let text = directory.text(path).transpose()?.unwrap_or_default();
        let controls = rules::read(&file, text, &mut conversion.remarks)?;
        rules::for_target(&controls, &file, name)?;
        let target = Target::ALL.into_iter().find(|target| target.name() == name);
        if target.is_none() && !controls.groups.is_empty() {
            let message =
                format!("the built-in benchmarks have no target {name:?}, so its checks are not in the index");
            conversion.remarks.push(Remark::on(&file, message));
        }
        let section = index.section(target, &controls);
        for group in &controls.groups {
            for check in &group.checks {
                let numbered = section.number(group, check);
                if let Some(remark) = &numbered.remark {
                    conversion.remarks.push(Remark::at(&file, check.line, remark));
                }
                let skipped = group.kind == "skip";
                let entry = conversion.check(&file, name, target.is_some(), skipped, check, &numbered);
                section.add(group, numbered, entry);
            }
        }
    }
    if index.is_empty() {
        return Err(Remark::on(&directory.called(benchmark), "it contains no checks, so there is nothing to convert"));
    }
    let Conversion { places, controls, checks, mut remarks, .. } = conversion;
    remarks.extend(places.remarks());
    let known = library.benchmark(benchmark);
    let source = directory.called(benchmark);
    let mut files = vec![(format!("{benchmark}.yaml"), write::benchmark(&source, benchmark, &index, known))];
    if !controls.is_empty() {
        files.push((format!("controls/{stem}.yaml"), write::controls(&source, &controls)));
    }
    if !places.made().is_empty() {
        files.push(("components.yaml".to_owned(), write::components(&source, places.made())));
    }
    loadable(library, &source, &files)?;
    Ok(Converted { files, checks, remarks })
}

/// Checks that the loader accepts the converted files.
fn loadable(library: &Library, source: &str, files: &[(String, String)]) -> Result<(), Remark> {
    let files: Vec<SourceFile> = files.iter().map(|(path, text)| SourceFile::new(source, path, text)).collect();
    load(library, &files).map(|_| ()).map_err(|mistakes| {
        let first = mistakes.to_string();
        Remark::on(source, format!("the converted benchmark would be invalid: {}", first.trim_end()))
    })
}

/// The stem of the benchmark's file of controls: lowercase letters, digits and dashes.
fn stem(benchmark: &str) -> String {
    let name: String = slug(benchmark);
    if name.starts_with(|c: char| c.is_ascii_lowercase()) { name } else { format!("rules-{name}") }
}

/// Converts a text to lowercase letters, digits and dashes.
fn slug(text: &str) -> String {
    let dashed: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    dashed.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The audit and expectation of a check, before the lookup in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    audit: Audit,
    expect: Expectation,
}

/// A control of the converted benchmark's own.
struct OwnControl {
    title: String,
    rationale: String,
    remediation: String,
    content: Content,
}

/// The content of such a control.
enum Content {
    /// An audit and its expectation.
    Judged(Box<Candidate>),
    /// Instructions for manual review.
    Review(String),
}

/// A check in the index.
struct Entry {
    control: String,
    with: BTreeMap<SharedText, Value>,
    scored: bool,
    assessment: Assessment,
}

struct Conversion<'a> {
    library: &'a Library,
    places: Places<'a>,
    stem: String,
    /// The benchmark's own controls, by name without the stem.
    controls: BTreeMap<String, OwnControl>,
    checks: Vec<ConvertedCheck>,
    remarks: Vec<Remark>,
}

impl Conversion<'_> {
    /// Converts one check to its entry in the index. Controls are only added for targets that the project has
    /// (`is_ours`).
    fn check(
        &mut self,
        file: &str,
        target: &str,
        is_ours: bool,
        skipped: bool,
        check: &Check,
        numbered: &Numbered,
    ) -> Entry {
        let (title, said) = title(check);
        let manual = check.kind == "manual" || said == Some(Assessment::Manual);
        let assessment = if manual { Assessment::Manual } else { Assessment::Automated };
        let own = self.free(&name(target, &numbered.number));
        let answer = if is_ours {
            self.mapped(target, skipped, check)
        } else {
            Err(Unjudged::Left(format!("the built-in benchmarks have no target {target:?}")))
        };
        let (control, with, outcome) = match answer {
            Ok(candidate) => match catalogue::find(self.library, &candidate) {
                Some((control, with)) => {
                    (control.clone(), with, ConvertOutcome::Mapped { control: control.to_string() })
                }
                None => {
                    self.add(&own, title, file, check, Content::Judged(Box::new(candidate)));
                    (own.as_str().into(), BTreeMap::new(), ConvertOutcome::Mapped { control: own })
                }
            },
            Err(unjudged) => {
                let review = unjudged.review(check);
                if is_ours {
                    self.add(&own, title, file, check, Content::Review(review));
                }
                let outcome = match unjudged {
                    Unjudged::ByTheRules(_) => ConvertOutcome::Review { control: own.clone() },
                    Unjudged::Left(why) => ConvertOutcome::Left { why },
                };
                (own.into(), BTreeMap::new(), outcome)
            }
        };
        self.checks.push(ConvertedCheck {
            target: target.to_owned(),
            id: check.id.clone(),
            file: file.to_owned(),
            line: check.line,
            outcome,
        });
        Entry { control: control.to_string(), with, scored: check.scored, assessment }
    }

    /// Returns what a check audits and expects, if it has a well-known form.
    fn mapped(&mut self, target: &str, skipped: bool, check: &Check) -> Result<Candidate, Unjudged> {
        let left_to_people = match (check.kind.as_str(), &check.tests) {
            _ if skipped => Some("its group is of the type skip"),
            ("skip", _) => Some("it is of the type skip"),
            ("manual", _) => Some("it is of the type manual"),
            (_, Some(tests)) if !tests.items.is_empty() => None,
            _ => Some("it has no tests"),
        };
        if let Some(why) = left_to_people {
            return Err(Unjudged::ByTheRules(why));
        }
        let Some(tests) = &check.tests else { return Err(Unjudged::ByTheRules("it has no tests")) };
        let shape = shape::of(check).map_err(Unjudged::Left)?;
        match &shape {
            Shape::Settings(settings) => {
                let component = self.places.program(target, &settings.component).map_err(Unjudged::Left)?;
                if let Some(path) = settings.written.as_ref().filter(|path| !Places::is_configuration(component, path))
                {
                    return Err(Unjudged::Left(format!("{path} is not a configuration file of {}", component.name)));
                }
                if !settings.arguments && !self.places.is_known(target, &settings.component, "conf") {
                    let why = format!("the file in the settings is not one that {} reads by default", component.name);
                    return Err(Unjudged::Left(why));
                }
                settings::candidate(self.library, component, settings, check, tests)
            }
            Shape::EncryptionProviders => {
                self.places.program(target, "apiserver").map_err(Unjudged::Left)?;
                settings::of_encryption_providers(self.library, tests)
            }
            Shape::Files(files) => self.places.candidate(target, files, tests),
        }
        .map_err(Unjudged::Left)
    }

    /// An unused key for a control of the benchmark's own.
    fn free(&self, name: &str) -> String {
        let number = self.checks.len();
        let mut names = std::iter::once(name.to_owned()).chain((number..).map(|number| format!("{name}-{number}")));
        let free = names.find(|name| !self.controls.contains_key(name));
        format!("{}/{}", self.stem, free.unwrap_or_else(|| name.to_owned()))
    }

    fn add(&mut self, key: &str, title: String, file: &str, check: &Check, content: Content) {
        let name = key.split_once('/').map_or(key, |(_, name)| name);
        let braces = |text: &str| text.contains("{{");
        if braces(&check.text) || braces(&check.remediation) {
            let message = "\"{{\" in its texts is written \"{ {\", since ours are filled in at {{...}}";
            self.remarks.push(Remark::at(file, check.line, message));
        }
        let remediation = match check.remediation.trim() {
            "" => "The rule file has no remediation.",
            text => text,
        };
        let control = OwnControl {
            title,
            rationale: without_templates(&format!("Check {} of {file}, line {}, asks for it.", check.id, check.line)),
            remediation: without_templates(remediation),
            content,
        };
        self.controls.insert(name.to_owned(), control);
    }
}

/// Why a check is not judged.
enum Unjudged {
    /// The rule file does not evaluate it.
    ByTheRules(&'static str),
    /// Its audit or tests have no form that can be mapped.
    Left(String),
}

impl Unjudged {
    /// The instructions for manual review.
    fn review(&self, check: &Check) -> String {
        let mut text = match self {
            Self::ByTheRules(why) => format!("The rule file makes this check manual: {why}."),
            Self::Left(why) => format!("The audit of this check was not mapped ({why}). Check it by hand."),
        };
        let audits = [&check.audit, &check.audit_env, &check.audit_config];
        let audits: Vec<&str> = audits.iter().map(|audit| audit.trim()).filter(|audit| !audit.is_empty()).collect();
        if !audits.is_empty() {
            text.push_str(" The rule file's audit:\n");
            text.push_str(&audits.join("\n"));
        }
        without_templates(&text)
    }
}

/// Separates doubled braces, so that they are not read as templates.
fn without_templates(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("{{") {
        text = text.replace("{{", "{ {");
    }
    text
}

/// Splits a check's text into the title, on one line, and the assessment in parentheses at its end.
fn title(check: &Check) -> (String, Option<Assessment>) {
    let line = check.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let endings = [
        ("(automated)", Some(Assessment::Automated)),
        ("(manual)", Some(Assessment::Manual)),
        ("(scored)", None),
        ("(not scored)", None),
    ];
    let (mut title, mut said) = (line.as_str(), None);
    for (ending, assessment) in endings {
        let start = title.len().saturating_sub(ending.len());
        if let Some((before, last)) = title.split_at_checked(start)
            && last.eq_ignore_ascii_case(ending)
        {
            (title, said) = (before.trim_end(), assessment);
        }
    }
    let title = if title.is_empty() { format!("Check {}", check.id) } else { without_templates(title) };
    (title, said)
}

/// The name of a check's own control.
fn name(target: &str, number: &str) -> String {
    let name = slug(&format!("{target}-{number}"));
    if name.starts_with(|c: char| c.is_ascii_lowercase()) { name } else { format!("check-{name}") }
}
