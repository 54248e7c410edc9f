//! Patterns with `*` (any run of characters) and `?` (one character).

/// Whether a pattern matches a text, in time proportional to the product of their lengths.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    // The position of the last `*`, and where the text that it consumes ends.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&byte) if byte == b'?' || Some(&byte) == text.get(seen) => {
                at += 1;
                seen += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    at = place + 1;
                    seen = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_any_run_and_the_rest_is_itself() {
        let table = [
            ("", "", true),
            ("*", "", true),
            ("*", "team/app", true),
            ("team/*", "team/app", true),
            ("team/*", "other/app", false),
            ("*app", "team/app", true),
            ("*app", "team/apple", false),
            ("t*m/a*p", "team/app", true),
            ("t*m/a*q", "team/app", false),
            ("te?m", "team", true),
            ("te?m", "tem", false),
            ("a*a*a", "aa", false),
            ("ecr", "ecr", true),
            ("ecr", "ecr-public", false),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(matches(pattern, text), expected, "{pattern:?} {text:?}");
        }
    }

    #[test]
    fn many_stars_take_no_longer_than_the_product() {
        let pattern = "*a".repeat(200) + "b";
        assert!(!matches(&pattern, &"a".repeat(2_000)));
    }
}
