//! Collects the commands that an audit names, whether or not it would run them.

use std::collections::BTreeSet;

use super::AuditError;
use super::tree::{Change, Command, List, Part, Script, Shape, Word};
use super::{parse, tools};

/// The maximum depth of nested shells and `xargs` calls.
const MOST_LEVELS: usize = 8;

pub(super) fn commands(script: &str) -> Result<BTreeSet<String>, AuditError> {
    let mut names = Names::default();
    names.text(script, 0)?;
    Ok(names.found)
}

#[derive(Default)]
struct Names {
    found: BTreeSet<String>,
}

impl Names {
    fn text(&mut self, text: &str, level: usize) -> Result<(), AuditError> {
        let script =
            parse::script(text).map_err(|refusal| AuditError { line: refusal.line, detail: refusal.detail })?;
        self.script(&script, level)
    }

    fn script(&mut self, script: &Script, level: usize) -> Result<(), AuditError> {
        for list in &script.lines {
            self.list(list, level)?;
        }
        match &script.error {
            Some(error) => Err(AuditError { line: error.line, detail: error.message.clone() }),
            None => Ok(()),
        }
    }

    fn list(&mut self, list: &List, level: usize) -> Result<(), AuditError> {
        for chain in list {
            let pipelines = std::iter::once(&chain.first).chain(chain.rest.iter().map(|(_, pipeline)| pipeline));
            for command in pipelines.flat_map(|pipeline| &pipeline.commands) {
                self.command(command, level)?;
            }
        }
        Ok(())
    }

    fn command(&mut self, command: &Command, level: usize) -> Result<(), AuditError> {
        for redirection in &command.redirections {
            self.word(&redirection.word, level)?;
        }
        match &command.shape {
            Shape::Simple { assignments, words } => {
                for word in assignments.iter().map(|(_, word)| word).chain(words) {
                    self.word(word, level)?;
                }
                self.simple(words, level)
            }
            Shape::Group(list) | Shape::Subshell(list) => self.list(list, level),
            Shape::If { branches, otherwise } => {
                for (condition, then) in branches {
                    self.list(condition, level)?;
                    self.list(then, level)?;
                }
                self.list(otherwise, level)
            }
            Shape::For { words, body, .. } => {
                for word in words.iter().flatten() {
                    self.word(word, level)?;
                }
                self.list(body, level)
            }
            Shape::While { condition, body, .. } => {
                self.list(condition, level)?;
                self.list(body, level)
            }
            Shape::Case { word, arms } => {
                self.word(word, level)?;
                for (patterns, list) in arms {
                    for pattern in patterns {
                        self.word(pattern, level)?;
                    }
                    self.list(list, level)?;
                }
                Ok(())
            }
            Shape::Function(body) => self.command(body, level),
        }
    }

    /// Adds the name of a simple command, and those of the commands that it runs.
    fn simple(&mut self, words: &[Word], level: usize) -> Result<(), AuditError> {
        let Some((first, arguments)) = words.split_first() else { return Ok(()) };
        let Some(name) = fixed(first) else { return Ok(()) };
        let base = tools::base(name.as_bytes());
        match base {
            b"sh" | b"bash" | b"dash" if level < MOST_LEVELS => {
                if let [option, text, ..] = arguments
                    && fixed(option).as_deref() == Some("-c")
                    && let Some(text) = fixed(text)
                {
                    self.text(&text, level + 1)?;
                }
            }
            b"xargs" if level < MOST_LEVELS => {
                if let Some(at) =
                    arguments.iter().position(|word| fixed(word).is_some_and(|text| !text.starts_with('-')))
                {
                    self.simple(arguments.get(at..).unwrap_or_default(), level + 1)?;
                }
            }
            b"find" => {
                for pair in arguments.windows(2) {
                    if let [option, program] = pair
                        && fixed(option).is_some_and(|text| text == "-exec" || text == "-execdir")
                    {
                        self.simple(std::slice::from_ref(program), level)?;
                    }
                }
            }
            _ => {}
        }
        self.found.insert(name);
        Ok(())
    }

    fn word(&mut self, word: &Word, level: usize) -> Result<(), AuditError> {
        for part in &word.0 {
            match part {
                Part::Output { commands, .. } => self.script(commands, level)?,
                Part::Parameter { parameter, .. } => match &parameter.change {
                    Change::Otherwise { word, .. } | Change::Without { pattern: word, .. } => self.word(word, level)?,
                    Change::None | Change::Length => {}
                },
                Part::Text { .. } | Part::Unknown(_) => {}
            }
        }
        Ok(())
    }
}

/// The text of a word, if it is constant.
fn fixed(word: &Word) -> Option<String> {
    word.0
        .iter()
        .map(|part| match part {
            Part::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}
