//! Expectations and evidence as text: for people, and in kube-bench's phrases for programs that parse them.

use std::fmt::{self, Display, Formatter, Write as _};

use model::{
    Cause, Certificate, Check, Condition, Evidence, Expectation, Found, Listed, LookedAt, Note, Operator, Requirement,
    Source, Subject, Value, Verdict,
};

/// The sentence by which DefectDojo's parser recognizes a manual check.
const MANUAL: &str = "Test marked as a manual test";

/// The prefix of a default that describes a behaviour instead of a value.
const NOT_SET: &str = "not set: ";

/// A part of the model to be printed as text.
pub struct Words<T>(pub T);

/// The usual length of a sentence, in bytes.
const SENTENCE: usize = 96;

impl<T> Words<T>
where
    Self: Display,
{
    /// Returns the text, with capacity reserved up front: growing it part by part reallocates, and a report has
    /// hundreds.
    pub fn sentence(&self) -> String {
        let mut sentence = String::with_capacity(SENTENCE);
        // Writing to a String cannot fail.
        let _ = write!(sentence, "{self}");
        sentence
    }
}

impl Display for Words<&Evidence> {
    /// Writes `kube-apiserver (process 812) --profiling: found true, expected false`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Evidence { source, found, expected, .. } = self.0;
        write!(f, "{}: found {}", Words(source), Words(found))?;
        expected.as_ref().map_or(Ok(()), |expected| write!(f, ", expected {}", short(expected)))
    }
}

impl Display for Words<&Source> {
    /// Writes `kube-apiserver (process 812) --profiling`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Source::Argument { component, process, flag } => write!(f, "{component} (process {process}) {flag}"),
            Source::Variable { component, process, name } => write!(f, "{component} (process {process}) ${name}"),
            Source::Setting { path, line: Some(line), key } => write!(f, "{path}:{line} {key}"),
            Source::Setting { path, line: None, key } => write!(f, "{path} {key}"),
            Source::File { path } => f.write_str(path),
            Source::Default { component, process: Some(process), setting } => {
                write!(f, "{component} (process {process}) {setting}")
            }
            Source::Default { component, process: None, setting } => write!(f, "{component} {setting}"),
            Source::Component { component } => f.write_str(component),
            Source::Object { kind, namespace, name, part } => {
                f.write_str(kind)?;
                namespace.as_ref().map_or(Ok(()), |namespace| write!(f, " {namespace}"))?;
                write!(f, "{}{name}", if namespace.is_some() { "/" } else { " " })?;
                part.as_ref().map_or(Ok(()), |part| write!(f, " {part}"))
            }
            Source::Further { count } => write!(f, "{count} more"),
            Source::Audit => f.write_str("audit"),
        }
    }
}

impl Display for Words<&Found> {
    /// Writes `not set (default true)`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Found::Value { value, notes } => {
                f.write_str(value)?;
                joined(f, notes, " (", "; ", ")")
            }
            Found::Empty => f.write_str("empty"),
            Found::Unlisted => f.write_str("not listed"),
            Found::NotSet { default, given: Some(given), .. } => {
                write!(f, "{given}, which is not set{}", ByDefault(default))
            }
            Found::NotSet { default, given: None, nor_in } => {
                write!(f, "not set{}", ByDefault(default))?;
                nor_in.as_ref().map_or(Ok(()), |place| write!(f, ", nor {} in {}", place.key, place.file))
            }
            Found::NotInFile { place, default } => {
                write!(f, "no {} in {}{}", place.key, place.file, ByDefault(default))
            }
            Found::Mode(mode) => write!(f, "permissions={mode}"),
            Found::Owner { user, group, uid, gid } => {
                let name = |name: &Option<String>, id: &u32| name.clone().unwrap_or_else(|| id.to_string());
                write!(f, "ownership={}:{} ({uid}:{gid})", name(user, uid), name(group, gid))
            }
            Found::Certificate(certificate) => write!(f, "{}", Words(&**certificate)),
            Found::Present => f.write_str("there"),
            Found::Missing { named_by: Some(named_by) } => write!(f, "missing, although named by {named_by}"),
            Found::Missing { named_by: None } => f.write_str("not there"),
            Found::NoFile { pattern: Some(pattern), looked_for, .. } => {
                write!(f, "nothing named {pattern} below {}", Words(looked_for))
            }
            Found::NoFile { pattern: None, holding: Some(holding), looked_for } => {
                write!(f, "no {holding} below {}", Words(looked_for))
            }
            Found::NoFile { pattern: None, holding: None, looked_for } => {
                write!(f, "no file (looked for {})", Words(looked_for))
            }
            Found::NoUnit { name } => write!(f, "no unit {name} in the directories of systemd"),
            Found::NoService { processes, more } => {
                let (word, verb) = if processes.len() == 1 { ("process", "belongs") } else { ("processes", "belong") };
                write!(f, "{word} {}{} {verb} to no systemd service", numbers(processes), AndMore(*more))
            }
            Found::Unseen(why) => f.write_str(why),
            Found::Output(printed) => f.write_str(printed),
        }
    }
}

impl Display for Words<&Certificate> {
    /// Writes `subject CN=a, valid until 2026-12-20, 20 days left as of 2026-11-30`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Certificate { subject, not_before, not_after, at, days_left, .. } = self.0;
        let subject = if subject.is_empty() { "none" } else { subject };
        write!(f, "subject {subject}, ")?;
        match days_left {
            _ if self.0.is_early() => write!(f, "not valid before {}", day(not_before)),
            ..=-1 => write!(f, "expired on {}", day(not_after)),
            1 => write!(f, "valid until {}, 1 day left", day(not_after)),
            days => write!(f, "valid until {}, {days} days left", day(not_after)),
        }?;
        write!(f, " as of {}", day(at))
    }
}

/// Returns the date part of an RFC 3339 time.
fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

impl Display for Words<&Note> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Note::NotAccepted(items) => write!(f, "not accepted: {}", items.join(", ")),
            Note::Malformed(text) | Note::Meaning(text) => f.write_str(text),
            Note::Gate { group, stage } => write!(f, "by {group}, since the gate is {stage}"),
            Note::OnlyFor(listed) => write!(f, "only for {}", Words(listed)),
            Note::PassedBy(program) => write!(f, "passed by {program} automatically"),
            Note::Path(steps) => write!(f, "by {}", steps.join(", ")),
            Note::Exempt(reason) => write!(f, "exempt: {reason}"),
        }
    }
}

impl Display for Words<&Listed> {
    /// Writes `a, b and 3 more`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Listed { first, more } = self.0;
        write!(f, "{}{}", first.join(", "), AndMore(*more))
    }
}

impl Display for Words<&LookedAt> {
    /// Writes `--profiling of kube-apiserver (process 812)`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            LookedAt::Settings { names, component, processes, more } => {
                write!(f, "{} of {component}", names.join(", "))?;
                let word = if processes.len() == 1 { "process" } else { "processes" };
                if processes.is_empty() {
                    Ok(())
                } else {
                    write!(f, " ({word} {}{})", numbers(processes), AndMore(*more))
                }
            }
            LookedAt::Unit { keys, units, more } => {
                write!(f, "{} of {}{}", keys.join(", "), units.join(", "), AndMore(*more))
            }
            LookedAt::Files { mode, owner, certificate, content, paths } => {
                let of = [(*mode, "mode"), (*owner, "owner"), (*certificate, "certificates"), (*content, "content")];
                let of: Vec<&str> =
                    of.into_iter().filter_map(|(is_looked_at, name)| is_looked_at.then_some(name)).collect();
                match of.join(" and ").as_str() {
                    "" => write!(f, "{}", Words(paths)),
                    subjects => write!(f, "{subjects} of {}", Words(paths)),
                }
            }
            LookedAt::Objects { resources } => f.write_str(&resources.join(", ")),
            LookedAt::Audit { audit, .. } => f.write_str(audit),
        }
    }
}

/// The number of items that a list omits: ` and 3 more`.
struct AndMore(usize);

impl Display for AndMore {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, " and {} more", self.0) }
    }
}

/// The default of a component if nothing is set: ` (default true)`.
struct ByDefault<'a>(&'a Option<String>);

impl Display for ByDefault<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.as_deref().map(|default| (default, default.strip_prefix(NOT_SET))) {
            None => Ok(()),
            Some((_, Some(meaning))) => write!(f, " ({meaning})"),
            Some((default, None)) => write!(f, " (default {})", default.replace(NOT_SET, "")),
        }
    }
}

fn joined<'n, T>(f: &mut Formatter<'_>, items: &'n [T], open: &str, between: &str, close: &str) -> fmt::Result
where
    Words<&'n T>: Display,
{
    let mut before = open;
    for item in items {
        write!(f, "{before}{}", Words(item))?;
        before = between;
    }
    if items.is_empty() { Ok(()) } else { f.write_str(close) }
}

fn numbers(numbers: &[i32]) -> String {
    numbers.iter().map(i32::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns what was found, one line per piece of evidence, as in kube-bench's output where possible:
/// `--profiling=true`, `permissions=644 /a/b`.
pub fn found(check: &Check) -> String {
    let mut lines = String::with_capacity(SENTENCE);
    for (index, evidence) in check.evidence.iter().enumerate() {
        if index > 0 {
            lines.push('\n');
        }
        let found = Words(&evidence.found);
        // Writing to a String cannot fail.
        let _ = match &evidence.source {
            Source::Argument { flag: name, .. } | Source::Variable { name, .. } => write!(lines, "{name}={found}"),
            Source::Setting { key, path, .. } => write!(lines, "{key}: {found} ({path})"),
            Source::File { path } => write!(lines, "{found} {path}"),
            Source::Default { setting, .. } => write!(lines, "{setting}: {found}"),
            source @ (Source::Component { .. } | Source::Object { .. }) => {
                write!(lines, "{}: {found}", Words(source))
            }
            Source::Further { count } => write!(lines, "{found} of {count} more"),
            Source::Audit => write!(lines, "{found}"),
        };
    }
    lines
}

/// Returns the reason for a verdict, on one line; empty for a pass.
///
/// For a manual check, it is the exact sentence that DefectDojo's parser looks for.
pub fn reason(check: &Check) -> String {
    if let Some(skip) = &check.skip {
        return skip.reason.clone();
    }
    match (check.verdict, &check.reason) {
        (Verdict::Unknown, Some(_)) => unknown(check),
        (_, Some(reason)) => reason.detail.clone(),
        (Verdict::Manual, None) => MANUAL.to_owned(),
        // The output of an audit is not a reason.
        (Verdict::Fail, None) if check.defined_at.is_none() => {
            let violation = check.evidence.iter().find(|evidence| evidence.violates);
            violation.map(|evidence| Words(evidence).sentence()).unwrap_or_default()
        }
        (_, None) => String::new(),
    }
}

/// Returns why a check is unknown: the subject, and what is wrong with it.
pub fn unknown(check: &Check) -> String {
    match &check.reason {
        // For a command that was not run, the detail names the command.
        Some(reason) if reason.subject.is_empty() || reason.cause == Cause::CommandNotRun => reason.detail.clone(),
        Some(reason) => format!("{}: {}", reason.subject, reason.detail),
        None => String::new(),
    }
}

/// Returns a requirement as short text for people: `30 or more`, `false, or not set`.
///
/// It is printed beside what was found, so long lists are only counted.
pub fn short(requirement: &Requirement) -> String {
    let Requirement { conditions, or_not_set } = requirement;
    let bound = |operator: Operator| conditions.iter().find(move |condition| condition.operator == operator);
    let words = match (bound(Operator::AtLeast), bound(Operator::AtMost)) {
        // The only number within both bounds.
        (Some(least), Some(most)) if least.value == most.value && conditions.len() == 2 => least.value.to_string(),
        _ => conditions.iter().map(in_short).collect::<Vec<_>>().join(" and "),
    };
    if *or_not_set { format!("{words}, or not set") } else { words }
}

fn in_short(condition: &Condition) -> String {
    if let Some(items) = long_list(condition) {
        return format!("only the {} accepted values", items.len());
    }
    let value = condition.value.to_string();
    match condition.operator {
        Operator::Is => value,
        Operator::IsNot => format!("not {value}"),
        Operator::AtLeast => format!("{value} or more"),
        Operator::AtMost => format!("{value} or less"),
        Operator::Includes => format!("{value} in the list"),
        Operator::Excludes => format!("no {value} in the list"),
        Operator::Only => format!("nothing but {}", value.replace(',', ", ")),
        Operator::Host => format!("an address of {}", value.replace(',', ", ")),
        Operator::Set if condition.value == Value::Bool(false) => "not set".to_owned(),
        Operator::Set => "set".to_owned(),
        Operator::DiffersFrom => format!("a value different from that of {value}"),
        Operator::ModeAtMost => mode(&value),
        Operator::OwnedBy => format!("owned by {}", one_of(&condition.value)),
        Operator::Exists if condition.value == Value::Bool(false) => "none".to_owned(),
        Operator::Exists => "a file".to_owned(),
        Operator::DaysLeft => days_left(&condition.value),
        Operator::CaDaysLeft => format!("of CAs {}", days_left(&condition.value)),
        Operator::SubjectGroup => format!("O={value} in the subject"),
    }
}

/// Joins alternatives: `root or me`.
fn one_of(value: &Value) -> String {
    match value {
        Value::List(items) => items.join(" or "),
        other => other.to_string(),
    }
}

fn mode(at_most: &str) -> String {
    format!("{at_most} or more restrictive")
}

/// Returns how long a certificate must remain valid: `30 days left or more`.
fn days_left(days: &Value) -> String {
    match days {
        Value::Integer(0) => "valid".to_owned(),
        Value::Integer(1) => "1 day left or more".to_owned(),
        days => format!("{days} days left or more"),
    }
}

/// Returns the accepted values of a condition if there are too many for one line.
fn long_list(condition: &Condition) -> Option<&[String]> {
    const LISTED: usize = 4;
    match (condition.operator, &condition.value) {
        (Operator::Only, Value::List(items)) if items.len() > LISTED => Some(items),
        _ => None,
    }
}

/// Returns the lists that [`expectation`] only counts.
pub fn long_lists(expectation: &Expectation) -> Vec<&[String]> {
    match expectation {
        Expectation::All(parts) | Expectation::Any(parts) => parts.iter().flat_map(long_lists).collect(),
        Expectation::Setting { requirement, .. } => requirement.conditions.iter().filter_map(long_list).collect(),
        Expectation::File { .. } | Expectation::Objects(_) | Expectation::Phrase(_) => Vec::new(),
    }
}

/// Returns an expectation as text: `--profiling: false`, `mode 600 or more restrictive`. Long lists are counted; see
/// [`long_lists`].
pub fn expectation(expected: &Expectation) -> String {
    let join = |parts: &[Expectation], word: &str| {
        parts.iter().map(expectation).collect::<Vec<_>>().join(&format!(" {word} "))
    };
    match expected {
        Expectation::All(parts) => join(parts, "and"),
        Expectation::Any(parts) => join(parts, "or"),
        Expectation::Setting { subject: Subject { flag, key, entry, file }, requirement } => {
            let mut names: Vec<String> = flag.iter().chain(key).cloned().collect();
            names.extend(file.as_ref().map(|place| format!("{} in the file of {}", place.key, place.file)));
            let entry = entry.as_ref().map_or_else(String::new, |entry| format!(" {entry}"));
            format!("{}{entry}: {}", names.join(" or "), short(requirement))
        }
        Expectation::File { absent: true, .. } => "no such file".to_owned(),
        Expectation::File { mode: at_most, owner, owned_by, certificate, content, optional, .. } => {
            let mode = at_most.as_ref().map(|at_most| format!("mode {}", mode(at_most)));
            let owner = owner.as_ref().map(|owner| format!("owner {owner}"));
            let owner = owner.or_else(|| (!owned_by.is_empty()).then(|| format!("owned by {}", owned_by.join(" or "))));
            let certificate = certificate.as_ref().map(|wanted| format!("certificates: {}", short(wanted)));
            let parts = mode.into_iter().chain(owner).chain(certificate).chain(content.clone());
            let wanted = parts.collect::<Vec<_>>().join(", ");
            if *optional { format!("{wanted}, if it exists") } else { wanted }
        }
        Expectation::Objects(phrase) | Expectation::Phrase(phrase) => phrase.clone(),
    }
}

/// Returns a check's expectation in kube-bench's phrases: `'--profiling' is equal to 'false'`.
pub fn phrase(check: &Check) -> String {
    check.expected.as_ref().map_or_else(String::new, |expected| phrase_of(expected, check))
}

fn phrase_of(expected: &Expectation, check: &Check) -> String {
    let join = |parts: &[Expectation], word: &str| {
        parts.iter().map(|part| phrase_of(part, check)).collect::<Vec<_>>().join(word)
    };
    match expected {
        Expectation::All(parts) => join(parts, " AND "),
        Expectation::Any(parts) => join(parts, " OR "),
        Expectation::Setting { subject, requirement } => setting_phrase(subject, requirement),
        Expectation::File { absent: true, .. } => "'file' is not present".to_owned(),
        Expectation::File { mode, owner, owned_by, certificate, content, .. } => {
            let at_most = mode.as_ref().map(|at_most| match deciding_mode(check) {
                Some(mode) => format!("permissions has permissions {mode}, expected {at_most} or more restrictive"),
                None => "'permissions' is present".to_owned(),
            });
            let owner = owner.as_ref().map(|owner| format!("'{owner}' is present"));
            let owner =
                owner.or_else(|| (!owned_by.is_empty()).then(|| format!("'{}' is present", owned_by.join(" or "))));
            let certificate = certificate.as_ref().map(|wanted| format!("'certificate' has {}", short(wanted)));
            let parts = at_most.into_iter().chain(owner).chain(certificate).chain(content.clone());
            parts.collect::<Vec<_>>().join(" AND ")
        }
        Expectation::Objects(phrase) | Expectation::Phrase(phrase) => phrase.clone(),
    }
}

/// Returns the decisive mode: the first that violates the expectation, else the first.
fn deciding_mode(check: &Check) -> Option<&str> {
    let modes = || {
        check.evidence.iter().filter_map(|evidence| match &evidence.found {
            Found::Mode(mode) => Some((mode.as_str(), evidence.violates)),
            _ => None,
        })
    };
    modes().find(|(_, violates)| *violates).or_else(|| modes().next()).map(|(mode, _)| mode)
}

fn setting_phrase(subject: &Subject, requirement: &Requirement) -> String {
    let name = match (&subject.flag, &subject.entry, &subject.key, &subject.file) {
        (Some(flag), _, _, _) => flag.clone(),
        (None, Some(entry), Some(key), _) => format!("{{.{key}.{entry}}}"),
        (None, None, Some(key), _) => format!("{{.{key}}}"),
        (None, _, None, Some(place)) => place.file.clone(),
        (None, _, None, None) => String::new(),
    };
    let entry = subject.entry.as_ref().map_or_else(String::new, |entry| format!("{entry}="));
    let phrases: Vec<String> = requirement
        .conditions
        .iter()
        .map(|condition| {
            let value = condition.value.to_string();
            match condition.operator {
                Operator::Is if !entry.is_empty() => format!("'{name}' has '{entry}{value}'"),
                Operator::Is => format!("'{name}' is equal to '{value}'"),
                Operator::IsNot => format!("'{name}' is not equal to '{value}'"),
                Operator::AtLeast => format!("'{name}' is greater or equal to {value}"),
                Operator::AtMost | Operator::ModeAtMost => format!("'{name}' is lower or equal to {value}"),
                Operator::Includes | Operator::Host => format!("'{name}' has '{value}'"),
                Operator::Excludes => format!("'{name}' does not have '{value}'"),
                Operator::Only => format!("'{name}' contains valid elements from '{value}'"),
                Operator::Set if condition.value == Value::Bool(false) => format!("'{name}' is not present"),
                Operator::Set | Operator::Exists => format!("'{name}' is present"),
                Operator::DaysLeft | Operator::CaDaysLeft => format!("'{name}' has {value} days left"),
                Operator::SubjectGroup => format!("'{name}' has the group '{value}'"),
                Operator::OwnedBy => format!("'{name}' is owned by {}", one_of(&condition.value)),
                Operator::DiffersFrom => format!("'{name}' is not equal to that of '{value}'"),
            }
        })
        .collect();
    let phrases = phrases.join(" AND ");
    if requirement.or_not_set { format!("{phrases} OR '{name}' is not present") } else { phrases }
}
