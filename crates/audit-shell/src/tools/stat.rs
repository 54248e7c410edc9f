//! `stat`

use super::context::{Context, quoted};
use super::options::Known;
use crate::budget::Run;
use crate::view::Lack;
use probe::{FileKind, Metadata};

const KNOWN: Known = Known { short: "c:L", long: &[("format", b'c'), ("dereference", b'L')], leading: false };

/// Prints the requested attributes of files.
pub(super) fn stat(context: &mut Context<'_, '_>) -> Run<i32> {
    let Some(given) = context.options(KNOWN)? else { return Ok(1) };
    if given.operands.is_empty() {
        context.usage("missing operand")?;
        return Ok(1);
    }
    let Some(format) = given.value(b'c') else { return Err(context.refuse("an output without -c")) };
    let mut status = 0;
    for path in &given.operands {
        let is_link = !given.has(b'L') && context.shell.node.is_link(path)?;
        let found = if is_link { Ok(None) } else { context.shell.node.metadata(path)?.map(Some) };
        match found {
            Ok(metadata) => {
                let text = formatted(context, format, path, metadata.as_ref())?;
                context.line(&text)?;
            }
            Err(lack) => {
                context.complain(&[b"cannot statx ", &quoted(path)[..], b": ", lack.text().as_bytes()].concat())?;
                status = 1;
            }
        }
        context.shell.budget.step()?;
    }
    Ok(status)
}

/// Formats one file. A link has no metadata: of the link itself only the mode is known.
fn formatted(context: &Context<'_, '_>, format: &[u8], path: &[u8], metadata: Option<&Metadata>) -> Run<Vec<u8>> {
    let budget = &context.shell.budget;
    budget.look(format.len())?;
    let mut text = Vec::new();
    let mut rest = format.iter();
    while let Some(byte) = rest.next() {
        if *byte != b'%' {
            text.push(*byte);
            continue;
        }
        let node = &context.shell.node;
        let of_link = || context.refuse("the owner of a symbolic link");
        match (rest.next(), metadata) {
            (None | Some(b'%'), _) => text.push(b'%'),
            (Some(b'n'), _) => {
                budget.bytes(path.len())?;
                text.extend(path);
            }
            (Some(b'N'), Some(_)) => {
                budget.bytes(path.len())?;
                text.extend(quoted(path));
            }
            (Some(b'a'), found) => {
                text.extend(format!("{:o}", found.map_or(0o777, |metadata| metadata.mode)).as_bytes());
            }
            (Some(b'A'), found) => {
                text.extend(found.map_or("lrwxrwxrwx".to_owned(), |found| mode(found.kind, found.mode)).as_bytes());
            }
            (Some(b'F'), found) => text.extend(kind(found).as_bytes()),
            (Some(b'U'), Some(found)) => {
                text.extend(node.user(found.uid)?.unwrap_or("UNKNOWN").as_bytes());
            }
            (Some(b'G'), Some(found)) => {
                text.extend(node.group(found.gid)?.unwrap_or_else(|| "UNKNOWN".to_owned()).as_bytes());
            }
            (Some(b'u'), Some(found)) => text.extend(found.uid.to_string().as_bytes()),
            (Some(b'g'), Some(found)) => text.extend(found.gid.to_string().as_bytes()),
            (Some(b's'), Some(found)) => text.extend(found.size.to_string().as_bytes()),
            (Some(b'U' | b'G' | b'u' | b'g' | b's' | b'N'), None) => return Err(of_link()),
            (Some(other), _) => return Err(context.refuse(&format!("%{}", char::from(*other)))),
        }
    }
    Ok(text)
}

fn kind(metadata: Option<&Metadata>) -> &'static str {
    match metadata.map(|metadata| (metadata.kind, metadata.size)) {
        None | Some((FileKind::Link, _)) => "symbolic link",
        Some((FileKind::File, 0)) => "regular empty file",
        Some((FileKind::File, _)) => "regular file",
        Some((FileKind::Directory, _)) => "directory",
        Some((FileKind::Fifo, _)) => "fifo",
        Some((FileKind::Device, _)) => "character special file",
        Some((FileKind::Socket, _)) => "socket",
    }
}

/// The file type and permissions as letters: `drwxr-xr-x`.
pub(super) fn mode(kind: FileKind, mode: u32) -> String {
    let mut text = String::with_capacity(10);
    text.push(match kind {
        FileKind::File => '-',
        FileKind::Directory => 'd',
        FileKind::Link => 'l',
        FileKind::Fifo => 'p',
        FileKind::Device => 'c',
        FileKind::Socket => 's',
    });
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

impl Context<'_, '_> {
    /// Prints that a path cannot be accessed, with the message of GNU's `ls`.
    pub(super) fn no_access(&self, path: &[u8], lack: Lack) -> Run<()> {
        self.complain(&[b"cannot access ".as_slice(), &quoted(path), b": ", lack.text().as_bytes()].concat())
    }
}
