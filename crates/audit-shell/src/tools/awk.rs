//! `awk`: patterns and actions on lines and fields; no loops, no arrays, no files.

mod evaluate;
mod program;

use super::context::{Context, lines};
use crate::budget::Run;
use evaluate::Machine;

/// Runs a program on the lines of files.
pub(super) fn awk(context: &mut Context<'_, '_>) -> Run<i32> {
    let mut separator = b" ".to_vec();
    let mut variables = Vec::new();
    let mut rest = context.arguments.clone().into_iter();
    let mut text = None;
    while let Some(argument) = rest.next() {
        let option = |letter: &[u8]| argument.strip_prefix(letter).map(<[u8]>::to_vec);
        if argument == b"--" {
            text = rest.next();
            break;
        } else if let Some(value) = option(b"-F") {
            let value = if value.is_empty() { rest.next().unwrap_or_default() } else { value };
            separator = program::unescaped(&value);
        } else if let Some(value) = option(b"-v") {
            let value = if value.is_empty() { rest.next().unwrap_or_default() } else { value };
            let Some(at) = value.iter().position(|byte| *byte == b'=') else {
                return Err(context.refuse("-v without a value"));
            };
            let (name, value) = value.split_at(at);
            variables.push((
                String::from_utf8_lossy(name).into_owned(),
                program::unescaped(value.get(1..).unwrap_or_default()),
            ));
        } else if argument.starts_with(b"-") && argument.len() > 1 {
            return Err(context.refuse(&format!("the option {}", String::from_utf8_lossy(&argument))));
        } else {
            text = Some(argument);
            break;
        }
    }
    let Some(text) = text else { return Err(context.refuse("a call without a program")) };
    context.shell.budget.parse(text.len())?;
    let rules = program::parse(&text).map_err(|what| context.refuse(&what))?;
    let mut paths: Vec<Vec<u8>> = rest.collect();
    if paths.iter().any(|path| path.contains(&b'=')) {
        return Err(context.refuse("an assignment among the files"));
    }
    let mut machine = Machine::new(context, separator, variables);
    machine.begin(&rules)?;
    let reads = rules.iter().any(|rule| !matches!(rule.when, program::When::Begin));
    if reads {
        if paths.is_empty() {
            paths.push(b"-".to_vec());
        }
        for path in paths {
            let Ok(bytes) = machine.context.content(&path)? else {
                return Err(machine.context.refuse("a file that cannot be opened"));
            };
            for line in lines(&bytes).0 {
                if !machine.line(&rules, line)? {
                    break;
                }
            }
        }
    }
    machine.end(&rules)?;
    Ok(machine.status)
}
