//! `basename`, `dirname`, `readlink` and `realpath`

use std::os::unix::ffi::OsStrExt;

use super::context::Context;
use super::options::Known;
use crate::budget::Run;

const NONE: Known = Known { short: "", long: &[], leading: true };

/// Prints the last component of a path, without a given suffix.
pub(super) fn basename(context: &mut Context<'_, '_>) -> Run<i32> {
    let Some(given) = context.options(NONE)? else { return Ok(1) };
    let (path, ending) = match given.operands.as_slice() {
        [path] => (path, &[][..]),
        [path, ending] => (path, ending.as_slice()),
        [] => {
            context.usage("missing operand")?;
            return Ok(1);
        }
        _ => return Err(context.refuse("more than one path")),
    };
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
    let trimmed = path.get(..end).unwrap_or_default();
    let name = trimmed.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let name = if trimmed.is_empty() && !path.is_empty() { b"/" } else { name };
    let name = name.strip_suffix(ending).filter(|rest| !rest.is_empty()).unwrap_or(name);
    context.line(name)?;
    Ok(0)
}

/// Prints paths without their last components.
pub(super) fn dirname(context: &mut Context<'_, '_>) -> Run<i32> {
    let Some(given) = context.options(NONE)? else { return Ok(1) };
    if given.operands.is_empty() {
        context.usage("missing operand")?;
        return Ok(1);
    }
    let trimmed = |path: &[u8]| {
        let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
        path.get(..end).unwrap_or_default().to_vec()
    };
    for path in &given.operands {
        let name = trimmed(path);
        let parent: Vec<u8> = match name.iter().rposition(|byte| *byte == b'/') {
            None if name.is_empty() && !path.is_empty() => b"/".to_vec(),
            None => b".".to_vec(),
            Some(slash) => {
                let parent = trimmed(name.get(..slash).unwrap_or_default());
                if parent.is_empty() { b"/".to_vec() } else { parent }
            }
        };
        context.line(&parent)?;
    }
    Ok(0)
}

/// Prints the resolved paths (`-f`, `-e`); the immediate target of a link is unknown.
pub(super) fn readlink(context: &mut Context<'_, '_>) -> Run<i32> {
    let long = &[("canonicalize", b'f'), ("canonicalize-existing", b'e')];
    let Some(given) = context.options(Known { short: "fe", long, leading: false })? else { return Ok(1) };
    if given.operands.is_empty() {
        context.usage("missing operand")?;
        return Ok(1);
    }
    let mut status = 0;
    for path in &given.operands {
        if given.options.is_empty() {
            if context.shell.node.is_link(path)? {
                return Err(context.refuse("the target of a link (without -f)"));
            }
            status = 1;
            continue;
        }
        match context.shell.node.metadata(path)? {
            Ok(found) => context.line(found.resolved.as_os_str().as_bytes())?,
            Err(_) if given.has(b'e') => status = 1,
            Err(_) => return Err(context.refuse("a path that does not exist")),
        }
    }
    Ok(status)
}

/// Prints the resolved paths.
pub(super) fn realpath(context: &mut Context<'_, '_>) -> Run<i32> {
    let Some(given) = context.options(Known { short: "e", long: &[], leading: false })? else { return Ok(1) };
    if given.operands.is_empty() {
        context.usage("missing operand")?;
        return Ok(1);
    }
    let mut status = 0;
    for path in &given.operands {
        match context.shell.node.metadata(path)? {
            Ok(found) => context.line(found.resolved.as_os_str().as_bytes())?,
            Err(lack) => {
                context.complain(&[path, b": ".as_slice(), lack.text().as_bytes()].concat())?;
                status = 1;
            }
        }
    }
    Ok(status)
}
