//! The syntax of flags.

/// Whether a text is a flag: `--name`, without a value.
pub fn is_flag(text: &str) -> bool {
    text.strip_prefix("--")
        .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphanumeric()) && !name.contains(['=', ' ', '{']))
}
