//! How YAML parsers interpret an unquoted scalar.

/// The type that an unquoted scalar appears to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// `~`, `null` or empty.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number in canonical form.
    Integer(i64),
    /// Any other number (`1.20`, `0600`, `0x1f`), which parsers interpret differently or normalize.
    Number,
    /// `yes`, `off`, `True` and the like, which parsers interpret differently.
    OldBoolean,
    /// Unambiguously text.
    Text,
}

impl Look {
    /// Classifies a scalar.
    pub fn of(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Self::Null,
            "true" => return Self::Bool(true),
            "false" => return Self::Bool(false),
            _ => {}
        }
        if matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n") {
            return Self::OldBoolean;
        }
        if let Ok(number) = text.parse::<i64>()
            && number.to_string() == text
        {
            return Self::Integer(number);
        }
        let digits = text.trim_start_matches(['+', '-']);
        let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && (text.parse::<f64>().is_ok()
                || digits.strip_prefix("0x").is_some_and(|hex| hex.chars().all(|c| c.is_ascii_hexdigit()))
                || digits.strip_prefix("0o").is_some_and(|octal| octal.chars().all(|c| c.is_digit(8))));
        if numeric { Self::Number } else { Self::Text }
    }
}
