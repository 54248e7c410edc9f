//! `cat`

use super::context::Context;
use super::options::Known;
use crate::budget::Run;

/// Prints the content of files.
pub(super) fn cat(context: &mut Context<'_, '_>) -> Run<i32> {
    let Some(mut given) = context.options(Known { short: "nu", long: &[], leading: false })? else { return Ok(1) };
    if given.has(b'n') {
        return Err(context.refuse("the option -n"));
    }
    if given.operands.is_empty() {
        given.operands.push(b"-".to_vec());
    }
    let mut status = 0;
    for path in &given.operands {
        match context.content(path)? {
            Ok(bytes) => context.print(&bytes)?,
            Err(lack) => {
                context.complain(&[path, b": ".as_slice(), lack.text().as_bytes()].concat())?;
                status = 1;
            }
        }
    }
    Ok(status)
}
