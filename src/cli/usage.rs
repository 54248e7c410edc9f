//! Wrong usage: what was typed is shown short and without what a terminal would obey.

use std::borrow::Cow;

use clap::error::{ContextKind, ContextValue};

use crate::report::escape;
use ::definitions::benchmark::suggestion::{cut, nearest};

use super::options::{NO_POSTGRESQL, NO_SECURITY_HUB};

/// Where an error keeps what was typed.
const TYPED: [ContextKind; 5] = [
    ContextKind::InvalidArg,
    ContextKind::InvalidValue,
    ContextKind::InvalidSubcommand,
    ContextKind::PriorArg,
    ContextKind::TrailingArg,
];

/// The same error, which shows what was typed in one short line without control characters.
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
        // It repeats what was typed.
        error.insert(ContextKind::Suggested, ContextValue::None);
    }
    error
}

/// What was typed, on one line, without control characters, and cut where it is too long.
pub(super) fn shown(typed: &str) -> Cow<'_, str> {
    match cut(typed) {
        Cow::Borrowed(typed) => escape::line(typed),
        Cow::Owned(typed) => Cow::Owned(escape::line(&typed).into_owned()),
    }
}

/// `did you mean json? `, where one of the known names is near.
pub(super) fn near<'k>(typed: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(typed, known).map_or_else(String::new, |near| format!("did you mean {near}? "))
}

/// What to do about a flag of kube-bench, of an older release of it or of its logging, that no subcommand but `run` takes.
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
