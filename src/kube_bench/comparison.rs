//! Compares values, with kube-bench's operators and messages.

use regex::bytes::{Regex, RegexBuilder};

/// The operators.
pub(super) const OPERATORS: [&str; 11] =
    ["eq", "noteq", "gt", "gte", "lt", "lte", "has", "nothave", "regex", "bitmask", "valid_elements"];

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comparison {
    /// The expectation, in kube-bench's wording, which consumers rely on.
    pub(super) expected: String,
    /// Whether the comparison holds.
    pub(super) holds: bool,
}

/// Compares the value found under `name` with `wanted`. An unknown operator has no expectation and never holds.
pub(super) fn compare(operator: &str, found: &str, wanted: &str, name: &str) -> Comparison {
    let (expected, holds) = match operator {
        "eq" => (format!("'{name}' is equal to '{wanted}'"), is_equal(found, wanted)),
        "noteq" => (format!("'{name}' is not equal to '{wanted}'"), !is_equal(found, wanted)),
        "has" => (format!("'{name}' has '{wanted}'"), found.contains(wanted)),
        "nothave" => (format!("'{name}' does not have '{wanted}'"), !found.contains(wanted)),
        "gt" | "gte" | "lt" | "lte" => numbers(operator, found, wanted, name),
        "regex" => {
            let holds = expression(wanted).is_ok_and(|expression| expression.is_match(found.as_bytes()));
            (format!("'{name}' matched by regex expression '{wanted}'"), holds)
        }
        "bitmask" => permissions(found, wanted, name),
        "valid_elements" => {
            let (found, valid) = (elements(found), elements(wanted));
            let holds = found.is_empty() == valid.is_empty() && found.iter().all(|element| valid.contains(element));
            (format!("'{name}' contains valid elements from '{wanted}'"), holds)
        }
        _ => (String::new(), false),
    };
    Comparison { expected, holds }
}

/// Compiles a regular expression with Go's semantics: classes such as `\s` match ASCII only.
pub(super) fn expression(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).unicode(false).size_limit(1 << 20).build()
}

/// Boolean values are compared case-insensitively, everything else exactly.
fn is_equal(found: &str, wanted: &str) -> bool {
    let folded = found.to_lowercase();
    if folded == "true" || folded == "false" { folded == wanted } else { found == wanted }
}

fn numbers(operator: &str, found: &str, wanted: &str, name: &str) -> (String, bool) {
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let (Some(one), Some(other)) = (number(found), number(wanted)) else {
        return (format!("Invalid Number(s) used for comparison: '{found}' '{wanted}'"), false);
    };
    match operator {
        "gt" => (format!("'{name}' is greater than {wanted}"), one > other),
        "gte" => (format!("'{name}' is greater or equal to {wanted}"), one >= other),
        "lt" => (format!("'{name}' is lower than {wanted}"), one < other),
        _ => (format!("'{name}' is lower or equal to {wanted}"), one <= other),
    }
}

/// Compares octal modes: no bit may be set that is not in the mask.
fn permissions(found: &str, wanted: &str, name: &str) -> (String, bool) {
    let mode = |text: &str| i64::from_str_radix(text, 8).map_err(|_| format!("Not numeric value - flag: {text}"));
    match mode(found).and_then(|found| Ok((found, mode(wanted)?))) {
        Ok((mode, mask)) => {
            (format!("{name} has permissions {found}, expected {wanted} or more restrictive"), mask & mode == mode)
        }
        Err(not_numeric) => (not_numeric, false),
    }
}

/// The elements of a comma-separated list, without surrounding white space and commas at its end.
fn elements(list: &str) -> Vec<&str> {
    let list = list.trim().trim_end_matches(',');
    if list.is_empty() { Vec::new() } else { list.split(',').map(str::trim).collect() }
}

/// Whether a flag contains no regex syntax, so that none has to be compiled: the usual case, which saves a fifth of a
/// run's time.
pub(super) fn is_plain(flag: &str) -> bool {
    flag.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_hold_as_in_kube_bench() {
        for (operator, found, wanted, holds, expected) in [
            ("eq", "false", "false", true, "'--f' is equal to 'false'"),
            ("eq", "FALSE", "false", true, "'--f' is equal to 'false'"),
            ("eq", "false", "False", false, "'--f' is equal to 'False'"),
            ("eq", "Abc", "abc", false, "'--f' is equal to 'abc'"),
            ("noteq", "True", "true", false, "'--f' is not equal to 'true'"),
            ("noteq", "0s", "0", true, "'--f' is not equal to '0'"),
            ("gt", "10", "9", true, "'--f' is greater than 9"),
            ("gt", "9", "9", false, "'--f' is greater than 9"),
            ("gte", " 9 ", "9", true, "'--f' is greater or equal to 9"),
            ("lt", "-1", "0", true, "'--f' is lower than 0"),
            ("lte", "1", "0", false, "'--f' is lower or equal to 0"),
            ("lte", "4h", "5", false, "Invalid Number(s) used for comparison: '4h' '5'"),
            ("has", "MyNodeRestrictionX", "NodeRestriction", true, "'--f' has 'NodeRestriction'"),
            ("has", "", "A", false, "'--f' has 'A'"),
            ("nothave", "A,B", "C", true, "'--f' does not have 'C'"),
            ("regex", "a1", "^[a-z][0-9]$", true, "'--f' matched by regex expression '^[a-z][0-9]$'"),
            ("regex", "a", "(", false, "'--f' matched by regex expression '('"),
            ("bitmask", "600", "644", true, "--f has permissions 600, expected 644 or more restrictive"),
            ("bitmask", "1644", "644", false, "--f has permissions 1644, expected 644 or more restrictive"),
            ("bitmask", "664", "644", false, "--f has permissions 664, expected 644 or more restrictive"),
            ("bitmask", "rw", "644", false, "Not numeric value - flag: rw"),
            ("bitmask", "644", "9", false, "Not numeric value - flag: 9"),
            ("valid_elements", "A, B,", "B,A,C", true, "'--f' contains valid elements from 'B,A,C'"),
            ("valid_elements", "A,D", "A,B", false, "'--f' contains valid elements from 'A,B'"),
            ("valid_elements", "", "A", false, "'--f' contains valid elements from 'A'"),
            ("valid_elements", ",", "", true, "'--f' contains valid elements from ''"),
            ("noteqx", "a", "b", false, ""),
        ] {
            let comparison = compare(operator, found, wanted, "--f");
            assert_eq!(comparison, Comparison { expected: expected.to_owned(), holds }, "{operator} {found} {wanted}");
        }
    }
}
