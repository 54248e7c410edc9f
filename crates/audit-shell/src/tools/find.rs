//! `find`

mod expression;

use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

use super::context::Context;
use crate::budget::Run;
use crate::budget::Stop;
use crate::view::Lack;
use expression::{Expression, FindOptions, Test};
use probe::{FileKind, Metadata};

/// The maximum depth of directories.
const MOST_DEPTH: usize = 128;

type Words = Vec<Vec<u8>>;

/// A path found in the walk.
struct Found {
    path: Vec<u8>,
    name: Vec<u8>,
    kind: FileKind,
    depth: usize,
}

/// Walks directories in the order of names and evaluates an expression on each path.
pub(super) fn find(context: &mut Context<'_, '_>) -> Run<i32> {
    let (follow, rest) = match context.arguments.split_first() {
        Some((first, rest)) if first == b"-L" => (true, rest),
        Some((first, rest)) if first == b"-P" => (false, rest),
        _ => (false, &context.arguments[..]),
    };
    let begins = |argument: &Vec<u8>| argument.starts_with(b"-") || matches!(argument.as_slice(), b"!" | b"(");
    let count = rest.iter().position(begins).unwrap_or(rest.len());
    let (paths, words) = rest.split_at(count);
    let mut paths = paths.to_vec();
    if paths.is_empty() {
        paths.push(b".".to_vec());
    }
    let (expression, options) = match expression::parse(words, context)? {
        Ok(parsed) => parsed,
        Err(message) => {
            context.complain(&message)?;
            return Ok(1);
        }
    };
    let expression = Rc::new(expression);
    let mut walk = Walk { context, expression, options, follow, status: 0, gathered: Vec::new(), pruned: false };
    for path in paths {
        walk.start(path)?;
    }
    walk.run_gathered()?;
    Ok(walk.status)
}

struct Walk<'w, 'c, 'n> {
    context: &'w mut Context<'c, 'n>,
    expression: Rc<Expression>,
    options: FindOptions,
    follow: bool,
    status: i32,
    /// The paths collected for each `-exec … +`.
    gathered: Vec<(Words, Words)>,
    pruned: bool,
}

impl Walk<'_, '_, '_> {
    fn start(&mut self, path: Vec<u8>) -> Run<()> {
        let is_link = self.context.shell.node.is_link(&path)?;
        let kind = match self.context.shell.node.metadata(&path)? {
            _ if is_link && !self.follow => FileKind::Link,
            Ok(found) => found.kind,
            Err(lack) => return self.complain(&path, lack),
        };
        let trimmed = path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
        let body = path.get(..trimmed).unwrap_or_default();
        let name = body.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec();
        let name = if name.is_empty() { b"/".to_vec() } else { name };
        self.walk(Found { path, name, kind, depth: 0 })
    }

    /// Visits a path and everything below it.
    fn walk(&mut self, first: Found) -> Run<()> {
        let mut above = vec![vec![first].into_iter()];
        while let Some(beside) = above.last_mut() {
            match beside.next() {
                None => {
                    above.pop();
                }
                Some(found) => {
                    let below = self.visit(&found)?;
                    if !below.is_empty() {
                        above.push(below.into_iter());
                    }
                }
            }
        }
        Ok(())
    }

    fn complain(&mut self, path: &[u8], lack: Lack) -> Run<()> {
        self.status = 1;
        self.context.complain(&["‘".as_bytes(), path, "’: ".as_bytes(), lack.text().as_bytes()].concat())
    }

    /// Evaluates the expression on a path; returns its children to visit.
    fn visit(&mut self, found: &Found) -> Run<Vec<Found>> {
        self.context.shell.budget.step()?;
        if found.depth > MOST_DEPTH {
            return Err(self.context.refuse("so deep a directory"));
        }
        self.pruned = false;
        if found.depth >= self.options.least {
            let expression = self.expression.clone();
            let truth = self.holds(&expression, found)?;
            if truth && !self.options.acts {
                self.context.line(&found.path)?;
            }
        }
        if self.pruned || found.kind != FileKind::Directory || self.options.most.is_some_and(|most| found.depth >= most)
        {
            return Ok(Vec::new());
        }
        let entries = match self.context.shell.node.entries(&found.path)? {
            Ok(entries) => entries,
            Err(lack) => {
                self.complain(&found.path, lack)?;
                return Ok(Vec::new());
            }
        };
        let mut below = Vec::with_capacity(entries.len());
        for entry in entries {
            let name = entry.name.as_bytes().to_vec();
            let slash: &[u8] = if found.path.ends_with(b"/") { b"" } else { b"/" };
            let path = [&found.path, slash, &name].concat();
            self.context.shell.budget.bytes(path.len())?;
            let mut kind = entry.kind;
            if kind == FileKind::Link && self.follow {
                kind = match self.context.shell.node.metadata(&path)? {
                    Ok(found) => found.kind,
                    Err(_) => FileKind::Link,
                };
            }
            below.push(Found { path, name, kind, depth: found.depth + 1 });
        }
        Ok(below)
    }

    fn holds(&mut self, expression: &Expression, found: &Found) -> Run<bool> {
        match expression {
            Expression::Not(inner) => Ok(!self.holds(inner, found)?),
            Expression::And(parts) => {
                for part in parts {
                    if !self.holds(part, found)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expression::Or(parts) => {
                for part in parts {
                    if self.holds(part, found)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Expression::Test(test) => self.test(test, found),
        }
    }

    fn test(&mut self, test: &Test, found: &Found) -> Run<bool> {
        let budget = self.context.shell.budget.clone();
        budget.step()?;
        Ok(match test {
            Test::True => true,
            Test::Name { pattern, fold } => {
                let name = if *fold { found.name.to_ascii_lowercase() } else { found.name.clone() };
                pattern.matches(&name, &budget)?
            }
            Test::Path(pattern) => pattern.matches(&found.path, &budget)?,
            Test::Kinds(kinds) => kinds.contains(&found.kind),
            Test::Permissions { how, mode } => {
                let bits = self.metadata(found)?.map_or(0o777, |metadata| metadata.mode);
                match how {
                    b'-' => bits & mode == *mode,
                    b'/' => *mode == 0 || bits & mode != 0,
                    _ => bits == *mode,
                }
            }
            Test::User(id) => self.owned(found)?.uid == *id,
            Test::Group(id) => self.owned(found)?.gid == *id,
            Test::NoUser => {
                let uid = self.owned(found)?.uid;
                self.context.shell.node.user(uid)?.is_none()
            }
            Test::NoGroup => {
                let gid = self.owned(found)?.gid;
                self.context.shell.node.group(gid)?.is_none()
            }
            Test::Empty => match found.kind {
                FileKind::Directory => self.context.shell.node.entries(&found.path)?.is_ok_and(|all| all.is_empty()),
                FileKind::File => self.metadata(found)?.is_some_and(|metadata| metadata.size == 0),
                _ => false,
            },
            Test::Print => {
                self.context.line(&found.path)?;
                true
            }
            Test::PrintNull => {
                self.context.print(&[&found.path, b"\0".as_slice()].concat())?;
                true
            }
            Test::Prune => {
                self.pruned = true;
                true
            }
            Test::Run(words) => {
                let words = words.iter().map(|word| super::xargs::replaced(word, b"{}", &found.path, &budget));
                let words = words.collect::<Run<Vec<Vec<u8>>>>()?;
                self.run(&words)? == 0
            }
            Test::Gather(words) => {
                match self.gathered.iter_mut().find(|(known, _)| known == words) {
                    Some((_, paths)) => paths.push(found.path.clone()),
                    None => self.gathered.push((words.clone(), vec![found.path.clone()])),
                }
                true
            }
        })
    }

    fn metadata(&self, found: &Found) -> Run<Option<Metadata>> {
        if found.kind == FileKind::Link {
            return Ok(None);
        }
        Ok(self.context.shell.node.metadata(&found.path)?.ok())
    }

    fn owned(&self, found: &Found) -> Run<Metadata> {
        self.metadata(found)?.ok_or_else(|| self.context.refuse("the owner of a symbolic link"))
    }

    fn run(&mut self, words: &Vec<Vec<u8>>) -> Run<i32> {
        let name = words.first().cloned().unwrap_or_default();
        let budget = self.context.shell.budget.clone();
        let (shell, streams) = (&mut *self.context.shell, self.context.streams);
        match budget.deeper(|| shell.program(&name, words, streams))? {
            Ok(status) => Ok(status),
            Err(lack) => {
                let text = ["‘".as_bytes(), &name, "’: ".as_bytes(), lack.text().as_bytes()].concat();
                self.context.complain(&text)?;
                Ok(127)
            }
        }
    }

    fn run_gathered(&mut self) -> Run<()> {
        for (words, paths) in std::mem::take(&mut self.gathered) {
            let words: Vec<Vec<u8>> = words.into_iter().chain(paths).collect();
            if self.run(&words)? != 0 {
                self.status = 1;
            }
        }
        Ok(())
    }
}

impl Context<'_, '_> {
    /// The error for an action that changes the node or is not used in audits.
    fn changes(&self, what: &str) -> Stop {
        self.refuse(&format!("{what}, which changes the node or is not used in audits,"))
    }
}
