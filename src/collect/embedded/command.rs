//! The command line and the variables of k3s. k3s erases its command line, so the unit that runs it is read instead.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::{SetIn, Unit, Variable, plain, program};
use probe::{Answer, Cause, Location, Node, Observed, Question, Reason};

use super::super::embedder::Embedder;
use super::super::environment;
use super::super::stand_in::StandIn;
use super::super::unit;
use super::k3s::variables;
use super::told::PROGRAM;

/// The subcommands of k3s that run components.
pub(super) const ROLES: [&str; 2] = ["server", "agent"];

/// A command line, from the process or from the unit that runs it.
pub(super) struct Command {
    /// The words after the subcommand.
    pub(super) words: Vec<String>,
    pub(super) set_in: SetIn,
    /// The unit, if the command line was read from it.
    unit: Option<(String, Unit)>,
}

impl Command {
    /// Reads the command line of a k3s process.
    ///
    /// # Errors
    ///
    /// Returns the reason if k3s has erased it and no unit shows it.
    pub(super) fn read(node: &dyn Node, embedder: &Embedder, read: &mut BTreeSet<Location>) -> Result<Self, Reason> {
        let own: Vec<String> = embedder
            .arguments
            .iter()
            .filter(|word| !word.is_empty())
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        // Only the program is left, or its name and its subcommand in one word.
        let is_erased = own.len() == 1;
        if !is_erased {
            let set_in = SetIn { file: format!("command line of process {}", embedder.pid), line: None };
            let skipped = own.iter().position(|word| ROLES.contains(&word.as_str())).unwrap_or(0) + 1;
            return Ok(Self { words: own.into_iter().skip(skipped).collect(), set_in, unit: None });
        }
        let hidden = "whose command line is erased, so its options are unknown";
        let name = match &embedder.service {
            Observed::Present(name) => name.clone(),
            Observed::Absent => {
                return Err(Reason::new(
                    Cause::System,
                    embedder,
                    format!("runs in no service of the system, {hidden}"),
                ));
            }
            Observed::Unknown(why) => return Err(why.clone()),
        };
        let mut of_unit = Vec::new();
        let found = unit::find(node, &name, &|| variables().map(str::to_owned).collect(), &mut of_unit);
        read.extend(of_unit);
        let Some(found) = found?.filter(|found| found.has_file) else {
            return Err(Reason::new(
                Cause::System,
                &name,
                format!("no such unit was found, and it runs {embedder}, {hidden}"),
            ));
        };
        let command = found.unit.section("Service").filter(|assignment| assignment.name == "ExecStart").last();
        let Some(command) = command.filter(|command| !command.value.is_empty()) else {
            return Err(Reason::new(
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
            return Err(Reason::new(
                Cause::System,
                &set_in.file,
                format!("starts {started}, which starts {embedder}, {hidden}"),
            ));
        };
        let mut plainly = Vec::new();
        for word in words.iter().skip(at + 1) {
            let Some(word) = plain(word) else {
                let detail = format!("starts {embedder} with a % specifier, which only systemd can resolve");
                return Err(Reason::new(Cause::System, &set_in.file, detail));
            };
            plainly.push(word);
        }
        Ok(Self { words: plainly, set_in, unit: Some((name, found.unit)) })
    }

    /// The variables of the process or, if those cannot be read, of its unit.
    pub(super) fn variables(
        &self,
        node: &dyn Node,
        embedder: &Embedder,
        wanted: &BTreeSet<String>,
        stand_ins: &mut Vec<StandIn>,
    ) -> Result<BTreeMap<String, String>, Reason> {
        let asked = node.ask(&Question::Environment { pid: embedder.pid, names: wanted.iter().cloned().collect() });
        let why = match asked {
            Observed::Present(Answer::Variables(variables)) => {
                let text = |(name, value): (String, Vec<u8>)| (name, String::from_utf8_lossy(&value).into_owned());
                return Ok(sorting::map(variables.into_iter().map(text)));
            }
            Observed::Present(_) | Observed::Absent => return Ok(BTreeMap::new()),
            Observed::Unknown(why) => why,
        };
        let Some((name, unit)) = &self.unit else { return Err(why) };
        let (found, files) = environment::of_unit(node, name, unit, wanted)
            .map_err(|reason| Reason { detail: format!("{}; {reason}", why.detail), ..why.clone() })?;
        let name = embedder.name.clone();
        stand_ins.push(StandIn { name, why, is_complete: true, files });
        let mut variables = BTreeMap::new();
        for (name, variable) in found.into_iter().filter(|(name, _)| wanted.contains(name)) {
            match variable {
                Observed::Present(Variable { value, .. }) => drop(variables.insert(name, value)),
                Observed::Absent => {}
                Observed::Unknown(why) => return Err(why),
            }
        }
        Ok(variables)
    }
}

fn is_k3s(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or_default();
    name.split(['-', '.']).next() == Some(PROGRAM)
}

/// The maximum size in bytes of a command line with its variables expanded, which is the kernel's limit.
const MOST_BYTES: usize = 2 << 20;

/// Expands the variables in words as systemd does: `$NAME` as a separate word is split at white space, `${NAME}` stays
/// within its word. `None` if the result is longer than a command line can be.
pub(super) fn filled_in(words: &[String], value: &mut dyn FnMut(&str) -> String) -> Option<Vec<String>> {
    let mut filled = Vec::new();
    let mut length = 0;
    for word in words {
        let whole = word.strip_prefix('$').filter(|name| !name.starts_with(['{', '$']));
        let more = match whole {
            Some(name) => value(name).split_ascii_whitespace().map(str::to_owned).collect(),
            None => vec![filled_in_word(word, value)],
        };
        length += more.iter().map(String::len).sum::<usize>();
        if length > MOST_BYTES {
            return None;
        }
        filled.extend(more);
    }
    Some(filled)
}

fn filled_in_word(word: &str, value: &mut dyn FnMut(&str) -> String) -> String {
    let mut filled = String::new();
    let mut rest = word;
    while let Some((before, behind)) = rest.split_once('$') {
        filled.push_str(before);
        if let Some((name, after)) = behind.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            if filled.len() <= MOST_BYTES {
                filled.push_str(&value(name));
            }
            rest = after;
        } else {
            filled.push('$');
            rest = behind.strip_prefix('$').unwrap_or(behind);
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_as_systemd_does_it() {
        let table: [(&str, &[&str]); 8] = [
            ("$A", &["1", "2"]),
            ("${A}", &["1 2"]),
            ("--x=${A}${B}y", &["--x=1 2by"]),
            ("--x=$A", &["--x=$A"]),
            ("$$A", &["$A"]),
            ("$NONE", &[]),
            ("${NONE}", &[""]),
            ("${A", &["${A"]),
        ];
        for (word, expected) in table {
            let mut value = |name: &str| match name {
                "A" => "1 2".to_owned(),
                "B" => "b".to_owned(),
                _ => String::new(),
            };
            assert_eq!(filled_in(&[word.to_owned()], &mut value).expect("short"), expected, "{word}");
        }
        let many = vec!["${A}${A}".to_owned(); 100];
        assert_eq!(filled_in(&many, &mut |_| "a".repeat(100_000)), None);
        assert_eq!(filled_in(&["${A}".repeat(1000)], &mut |_| "a".repeat(100_000)), None);
    }
}
