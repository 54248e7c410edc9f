//! `ls`

use std::os::unix::ffi::OsStrExt;

use super::context::Context;
use super::options::Known;
use super::stat::mode;
use crate::budget::Run;
use probe::{FileKind, Metadata};
use sorting::Sorting;

/// The date printed for every file, since modification times are unknown.
const CHANGED: &str = "Jan  1  1970";

/// A listed path.
struct Line {
    name: Vec<u8>,
    /// `None` for a link: of the link itself only the mode is known.
    metadata: Option<Metadata>,
}

/// A line of the long format.
struct Row<'l> {
    mode: String,
    user: String,
    group: String,
    size: String,
    name: &'l [u8],
}

/// Lists files and the contents of directories.
pub(super) fn ls(context: &mut Context<'_, '_>) -> Run<i32> {
    let known = Known { short: "1ladAnLh", long: &[("all", b'a'), ("directory", b'd')], leading: false };
    let Some(mut given) = context.options(known)? else { return Ok(2) };
    if given.operands.is_empty() {
        given.operands.push(b".".to_vec());
    }
    let mut status = 0;
    let (mut plain, mut directories) = (Vec::new(), Vec::new());
    let mut operands = given.operands.clone();
    operands.order();
    for path in operands {
        let is_link = context.shell.node.is_link(&path)?;
        match context.shell.node.metadata(&path)? {
            Ok(found) if found.kind == FileKind::Directory && !given.has(b'd') && !(is_link && given.has(b'l')) => {
                directories.push(path);
            }
            Ok(found) => plain.push(Line { name: path, metadata: Some(found).filter(|_| !is_link) }),
            Err(_) if is_link => plain.push(Line { name: path, metadata: None }),
            Err(lack) => {
                context.no_access(&path, lack)?;
                status = 2;
            }
        }
    }
    let long = given.has(b'l') || given.has(b'n');
    let several = given.operands.len() > 1;
    let mut begun = !plain.is_empty();
    print(context, &plain, long, given.has(b'n'))?;
    for directory in directories {
        if several {
            if begun {
                context.print(b"\n")?;
            }
            context.line(&[&directory, b":".as_slice()].concat())?;
        }
        begun = true;
        let mut entries = match context.shell.node.entries(&directory)? {
            Ok(entries) => entries,
            Err(lack) => {
                context
                    .complain(&[b"cannot open directory '", &directory[..], b"': ", lack.text().as_bytes()].concat())?;
                status = 2;
                continue;
            }
        };
        let mut lines = Vec::new();
        entries.order();
        for entry in entries {
            let name = entry.name.as_bytes().to_vec();
            if name.starts_with(b".") && !given.has(b'a') && !given.has(b'A') {
                continue;
            }
            let path = [&directory, b"/".as_slice(), &name].concat();
            let is_link = entry.kind == FileKind::Link;
            let metadata = if long && !is_link { context.shell.node.metadata(&path)?.ok() } else { None };
            lines.push(Line { name, metadata });
        }
        if given.has(b'a') {
            return Err(context.refuse("the option -a"));
        }
        if long {
            context.line(b"total 0")?;
        }
        print(context, &lines, long, given.has(b'n'))?;
    }
    Ok(status)
}

fn print(context: &Context<'_, '_>, lines: &[Line], long: bool, numbers: bool) -> Run<()> {
    let mut rows = Vec::new();
    for Line { name, metadata } in lines {
        context.shell.budget.step()?;
        if !long {
            context.line(name)?;
            continue;
        }
        let Some(found) = metadata else { return Err(context.refuse("the owner of a symbolic link")) };
        let node = &context.shell.node;
        let (user, group) = if numbers { (None, None) } else { (node.user(found.uid)?, node.group(found.gid)?) };
        rows.push(Row {
            mode: mode(found.kind, found.mode),
            user: user.map_or_else(|| found.uid.to_string(), str::to_owned),
            group: group.unwrap_or_else(|| found.gid.to_string()),
            size: found.size.to_string(),
            name,
        });
    }
    let width = |of: fn(&Row<'_>) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let (users, groups, sizes) =
        (width(|row| row.user.len()), width(|row| row.group.len()), width(|row| row.size.len()));
    for Row { mode, user, group, size, name } in &rows {
        let text = format!("{mode} 1 {user:<users$} {group:<groups$} {size:>sizes$} {CHANGED} ");
        context.line(&[text.as_bytes(), *name].concat())?;
    }
    Ok(())
}
