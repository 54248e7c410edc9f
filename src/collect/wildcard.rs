//! Matches names with wildcard patterns.

use std::ffi::OsStr;

/// Whether a name matches a pattern in which `*` stands for any sequence of bytes.
pub(super) fn matches(pattern: &str, name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let mut parts = pattern.as_bytes().split(|byte| *byte == b'*');
    let Some(first) = parts.next() else { return name.is_empty() };
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut last: Option<&[u8]> = None;
    for part in parts {
        if let Some(middle) = last.replace(part)
            && !middle.is_empty()
        {
            let Some(at) = rest.windows(middle.len()).position(|window| window == middle) else { return false };
            rest = rest.get(at + middle.len()..).unwrap_or_default();
        }
    }
    match last {
        // Without a star, the pattern must match the whole name.
        None => rest.is_empty(),
        Some(last) => rest.ends_with(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_run() {
        let table = [
            ("*.crt", "ca.crt", true),
            ("*.crt", ".crt", true),
            ("*.crt", "ca.crt.bak", false),
            ("*", "anything\nat all", true),
            ("kubelet.service", "kubelet.service", true),
            ("kubelet.service", "kubelet.service.d", false),
            ("a*b*c", "abbc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
        ];
        for (pattern, name, expected) in table {
            assert_eq!(matches(pattern, OsStr::new(name)), expected, "{pattern} against {name:?}");
        }
    }
}
