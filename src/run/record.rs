//! Records the questions asked of a node and their answers, reduced to what definitions and readers need.

use crate::collect;
use crate::component::{CommandLines, parse_boolean, parse_integer};
use crate::detect;
use crate::node::{Kept, Recording, Remembered, record};
use definitions::SharedText;
use definitions::benchmark::Library;
use probe::Node;
use redact::content;

/// The most digits of a number that is not masked, whatever its name.
const DIGITS: usize = 6;

/// Returns the recording of a node that [notes](Remembered::noting) what is read from it. With `whole`, files that were
/// read in full are recorded in full, as rule files need them, with values that look like secrets masked.
pub fn recorded<N: Node>(node: &Remembered<N>, library: &Library, whole: bool) -> Recording {
    let sets = collect::sets(library);
    // A value that components parse as a boolean or a small number is no secret, whatever its name.
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
    let accounts =
        library.components.values().flat_map(|component| component.users.iter().map(SharedText::to_string)).collect();
    let kept = Kept {
        excerpt: &|location, excerpt, bytes| detect::excerpt(location, excerpt, bytes, &lines),
        arguments: &|arguments| lines.bytes(&arguments),
        variable: &variable,
        accounts: &accounts,
        whole,
    };
    record(node, &kept)
}
