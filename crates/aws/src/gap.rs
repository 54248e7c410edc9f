//! Missing information, and what to do about it.

use probe::{Cause, Reason};

use crate::call::Call;

/// How to collect the files.
const COLLECT: &str = "collect it again with the script of kube-assay aws-evidence-commands";

/// A missing answer.
pub(crate) fn missing(call: Call, subject: &str) -> Reason {
    Reason::new(Cause::NotRecorded, call.file(subject), format!("not in the AWS evidence (run {call}, or {COLLECT})"))
}

/// A call that AWS denied.
pub(crate) fn refused(call: Call, subject: &str, said: &str) -> Reason {
    let cause = if said.contains("AccessDenied") || said.contains("UnauthorizedOperation") {
        Cause::PermissionDenied
    } else {
        Cause::System
    };
    Reason::new(cause, call.file(subject), format!("{call} was refused: {said}"))
}

/// An invalid answer.
pub(crate) fn malformed(file: &str, call: Call, why: &str) -> Reason {
    Reason::new(Cause::Malformed, file, format!("not the output of {call}: {why} ({COLLECT})"))
}

/// An answer without the decisive field.
pub(crate) fn lacking(file: &str, what: &str) -> Reason {
    Reason::new(Cause::Malformed, file, format!("has no {what} (collect it with a current version of aws)"))
}

/// An answer that is one page of several.
pub(crate) fn one_page(file: &str) -> Reason {
    Reason::new(Cause::NotRecorded, file, "one page of several (collect it without --max-items and --no-paginate)")
}

/// An answer about something else.
pub(crate) fn of_another(file: &str, what: &str, found: &str, expected: &str) -> Reason {
    let detail = format!("of the {what} {found}, not of {expected} (collect all files of one cluster)");
    Reason::new(Cause::Malformed, file, detail)
}

/// An answer without an item that is known to exist.
pub(crate) fn incomplete(file: &str, what: &str) -> Reason {
    Reason::new(Cause::NotRecorded, file, format!("lacks {what} ({COLLECT})"))
}
