//! Counts with their nouns.

/// Formats a count with its noun: `1 check`, `2 checks`.
pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
