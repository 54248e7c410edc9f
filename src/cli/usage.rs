//! Usage errors: quotes the user's input shortened and without terminal control characters.

use std::borrow::Cow;

use clap::error::{ContextKind, ContextValue};

use crate::report::escape;
use ::definitions::benchmark::suggestion::{cut, nearest};

use super::options::{NO_POSTGRESQL, NO_SECURITY_HUB};

/// The parts of an error that quote the user's input.
const TYPED: [ContextKind; 5] = [
    ContextKind::InvalidArg,
    ContextKind::InvalidValue,
    ContextKind::InvalidSubcommand,
    ContextKind::PriorArg,
    ContextKind::TrailingArg,
];

/// Returns the error with the user's input shortened to one line without control characters.
pub(super) fn harmless(mut error: clap::Error) -> clap::Error {
    for kind in TYPED {
        let typed: Vec<&String> = match error.get(kind) {
            Some(ContextValue::String(typed)) => vec![typed],
            Some(ContextValue::Strings(typed)) => typed.iter().collect(),
            _ => continue,
        };
        let shown: Vec<String> = typed.iter().map(|typed| shown(typed).into_owned()).collect();
        if typed.iter().zip(&shown).all(|(typed, shown)| *typed == shown) {
            continue;
        }
        let value = match (error.get(kind), <[String; 1]>::try_from(shown)) {
            (Some(ContextValue::String(_)), Ok([only])) => ContextValue::String(only),
            (_, Ok([only])) => ContextValue::Strings(vec![only]),
            (_, Err(several)) => ContextValue::Strings(several),
        };
        error.insert(kind, value);
        // The suggestion repeats the user's input.
        error.insert(ContextKind::Suggested, ContextValue::None);
    }
    error
}

/// Returns the user's input on one line, without control characters, and cut if too long.
pub(super) fn shown(typed: &str) -> Cow<'_, str> {
    match cut(typed) {
        Cow::Borrowed(typed) => escape::line(typed),
        Cow::Owned(typed) => Cow::Owned(escape::line(&typed).into_owned()),
    }
}

/// Returns `did you mean json? ` if a known name is similar.
pub(super) fn near<'k>(typed: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(typed, known).map_or_else(String::new, |near| format!("did you mean {near}? "))
}

/// Returns advice on a flag of kube-bench, of an older release or of its logging library, that only `run` accepts.
pub(super) fn advice(option: &str) -> Option<String> {
    let text = match option {
        "--pgsql" => return Some(NO_POSTGRESQL.to_owned()),
        "--asff" => return Some(NO_SECURITY_HUB.to_owned()),
        "--logtostderr" | "--alsologtostderr" | "--log_dir" | "--log_backtrace_at" | "--stderrthreshold"
        | "--vmodule" | "--log_link" | "--logbuflevel" => {
            "a logging flag of kube-bench, which only run accepts (leave it out; -v and -q set what is printed)"
        }
        "--log_file"
        | "--log_file_max_size"
        | "--skip_headers"
        | "--skip_log_headers"
        | "--add_dir_header"
        | "--one_output" => {
            "a logging flag of klog, accepted with --compat only (leave it out; -v and -q set what is printed)"
        }
        "--installation" => "no longer a flag of kube-bench, which detects the installation (leave it out)",
        _ => return None,
    };
    Some(format!("{option}: {text}"))
}
