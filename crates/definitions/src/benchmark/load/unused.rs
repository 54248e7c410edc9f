//! Finds unused definitions, which are valid but seldom intended.

use std::collections::BTreeSet;

use sorting::Sorting;

use crate::benchmark::reader::{Problem, Reader};
use crate::benchmark::{Diagnostic, Library, Severity, SourceFile};

use super::{Kind, kind};

/// Returns warnings for controls in these files that no benchmark of the library contains, by file and line.
///
/// The library is the result of loading the files and includes earlier benchmarks. Files that were refused must not be
/// passed: a benchmark that cannot be read might contain any control.
pub fn unused_controls(library: &Library, files: &[SourceFile]) -> Vec<Diagnostic> {
    let used: BTreeSet<&str> = library
        .benchmarks
        .values()
        .flat_map(|benchmark| benchmark.checks().map(|(_, check)| check.control.as_str()))
        .collect();
    let mut warnings = Vec::new();
    for file in files {
        let Some(Kind::Controls(stem)) = kind(&file.path) else { continue };
        let (mut reader, Some(root)) = Reader::open(file) else { continue };
        for entry in reader.entries("the file", &root) {
            let key = format!("{stem}/{}", entry.key.text);
            if used.contains(key.as_str()) {
                continue;
            }
            let problem =
                Problem::new("idle-control", format!("no benchmark contains {key:?}, so it is never checked"))
                    .hint(format!("give it a number in a benchmark: {{ control: {key}, … }}"));
            reader.refuse(entry.key.span, problem);
        }
        warnings.extend(reader.into_mistakes());
    }
    for warning in &mut warnings {
        warning.severity = Severity::Warning;
    }
    warnings.order_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    warnings
}
