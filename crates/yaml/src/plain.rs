//! Resolution of plain scalars as in version 2 of Go's YAML library, which Kubernetes and kube-bench use:
//! <https://pkg.go.dev/sigs.k8s.io/yaml>.

/// The resolved value of a plain scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plain<'t> {
    /// Null.
    Null,
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Whole(i128),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(&'t str),
}

impl<'t> Plain<'t> {
    /// Resolves a plain scalar.
    pub fn of(text: &'t str) -> Self {
        if is_null(text) {
            return Self::Null;
        }
        if let Some(value) = boolean(text) {
            return Self::Boolean(value);
        }
        if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
            return Self::Text(text);
        }
        let digits = text.replace('_', "");
        if let Some(whole) = whole(&digits) {
            return Self::Whole(whole);
        }
        match digits.parse() {
            Ok(number) if digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) => {
                Self::Number(number)
            }
            _ => Self::Text(text),
        }
    }
}

/// Whether a plain scalar is null.
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Returns the value of a plain scalar that is a boolean, in any of the spellings of YAML 1.1.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// Parses an integer as in Go source code: `0x` is hexadecimal, `0b` binary, and any other leading zero octal.
fn whole(digits: &str) -> Option<i128> {
    let (negative, unsigned) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    let (radix, unsigned) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, unsigned.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, unsigned.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, unsigned.get(2..)?),
        [b'0', _, ..] => (8, unsigned.get(1..)?),
        _ => (10, unsigned),
    };
    if !unsigned.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    let value = i128::from(u64::from_str_radix(unsigned, radix).ok()?);
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_without_quotes_are_what_go_takes_them_for() {
        for (text, expected) in [
            ("", Plain::Null),
            ("~", Plain::Null),
            ("no", Plain::Boolean(false)),
            ("On", Plain::Boolean(true)),
            ("5", Plain::Whole(5)),
            ("0640", Plain::Whole(0o640)),
            ("0x1F", Plain::Whole(31)),
            ("-0b11", Plain::Whole(-3)),
            ("1_000", Plain::Whole(1000)),
            ("18446744073709551615", Plain::Whole(18_446_744_073_709_551_615)),
            ("1.5", Plain::Number(1.5)),
            ("1e3", Plain::Number(1000.0)),
            (".5", Plain::Number(0.5)),
            ("0888", Plain::Number(888.0)),
            ("+", Plain::Text("+")),
            ("1.2.3", Plain::Text("1.2.3")),
            ("4h0m0s", Plain::Text("4h0m0s")),
            ("nOn", Plain::Text("nOn")),
            ("-infinity", Plain::Text("-infinity")),
        ] {
            assert_eq!(Plain::of(text), expected, "{text}");
        }
    }
}
