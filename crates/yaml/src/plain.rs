//! What a text without quotes stands for, as Go's second YAML library has it, which Kubernetes and kube-bench read with:
//! <https://pkg.go.dev/sigs.k8s.io/yaml>.

/// What a text without quotes stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Plain<'t> {
    /// Nothing.
    Null,
    /// A yes or a no.
    Boolean(bool),
    /// A whole number.
    Whole(i128),
    /// Another number.
    Number(f64),
    /// A text after all.
    Text(&'t str),
}

impl<'t> Plain<'t> {
    /// Reads a text.
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

/// Whether a text without quotes stands for nothing.
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Whether a text without quotes is a yes or a no, in all the words that YAML 1.1 had for them.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// A whole number as Go writes them in programs: `0x` in sixteens, `0b` in twos, another leading zero in eights.
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
