//! What was asked of a node, as a recording that holds no more than what definitions and readers read.

use crate::collect;
use crate::component::{CommandLines, parse_boolean, parse_integer};
use crate::detect;
use crate::node::{Kept, Recording, Remembered, record};
use definitions::benchmark::Library;
use probe::Node;
use redact::content;

/// How many digits a number has that is no secret, whatever it is called.
const DIGITS: usize = 6;

/// The recording of a node that [notes](Remembered::noting) what is read of it. With `whole`, what was read as a whole is
/// in it as a whole, as rule files read it, with what looks like a secret masked.
pub fn recorded<N: Node>(node: &Remembered<N>, library: &Library, whole: bool) -> Recording {
    let sets = collect::sets(library);
    // Whatever it is called, what components take for yes or no, or for a small number, is no secret.
    let gives_nothing_away =
        |value: &str| parse_boolean(value).is_some() || (value.len() <= DIGITS && parse_integer(value).is_some());
    let mask = |name: &str, value: &str| {
        let masked = if gives_nothing_away(value) { value.into() } else { content::variable(name, value.as_bytes()) };
        String::from_utf8_lossy(&masked).into_owned()
    };
    let starts = |script: &str| collect::started_by(script, library);
    let lines = CommandLines::new(&sets, &mask, &starts);
    let variable = |name: &str, value: &[u8]| {
        if whole { content::variable(name, value) } else { lines.bytes_of_variable(name, value) }
    };
    let accounts = library.components.values().flat_map(|component| component.users.iter().cloned()).collect();
    let kept = Kept {
        excerpt: &|location, excerpt, bytes| detect::excerpt(location, excerpt, bytes, &lines),
        arguments: &|arguments| lines.bytes(&arguments),
        variable: &variable,
        accounts: &accounts,
        whole,
    };
    record(node, &kept)
}
