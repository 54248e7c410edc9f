//! The one-line fix of a check: the beginning of its remediation.

/// How long it may be, in characters.
const LONGEST: usize = 160;

/// The first sentence of a remediation; the command or line after it where it ends with a colon. Empty where there is no
/// remediation.
pub fn fix(remediation: &str) -> String {
    let mut lines = remediation.lines().map(str::trim).skip_while(|line| line.is_empty());
    let mut sentence = String::new();
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        // The first step of several.
        let line = if sentence.is_empty() { line.strip_prefix("1. ").unwrap_or(line) } else { line };
        if line.starts_with("2. ") {
            break;
        }
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(line);
        let ends = end_of_sentence(&sentence);
        if let Some(end) = ends {
            sentence.truncate(end);
            break;
        }
        if sentence.ends_with(':') {
            break;
        }
    }
    if sentence.ends_with(':')
        && let Some(next) = lines.find(|line| !line.is_empty())
    {
        sentence.push(' ');
        sentence.push_str(next);
    }
    match sentence.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", sentence.get(..end).unwrap_or_default().trim_end()),
        None => sentence,
    }
}

/// Where the first sentence ends, its full stop left out: at a stop before a blank, or at the end.
fn end_of_sentence(text: &str) -> Option<usize> {
    const ABBREVIATIONS: [&str; 4] = ["e.g", "i.e", "etc", "vs"];
    let is_end =
        |at: &usize| text.get(..*at).is_some_and(|before| !ABBREVIATIONS.iter().any(|end| before.ends_with(end)));
    let inside = text.match_indices(". ").map(|(at, _)| at).find(is_end);
    inside.or_else(|| text.ends_with('.').then(|| text.len() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_the_fix() {
        for (remediation, expected) in [
            ("", ""),
            ("\nSet --profiling=false in /m.yaml. Restart it.\n", "Set --profiling=false in /m.yaml"),
            ("Set --profiling=false\nin /m.yaml.\n", "Set --profiling=false in /m.yaml"),
            ("Run:\n\n    chmod 600 /a\n\nThen check.", "Run: chmod 600 /a"),
            ("Run:\nchmod 600 /a\nchmod 600 /b", "Run: chmod 600 /a"),
            ("1. Edit /m.yaml.\n2. Restart.", "Edit /m.yaml"),
            ("1. Edit /m.yaml\n2. Restart", "Edit /m.yaml"),
            ("Use a version, e.g. 1.2.3, of it", "Use a version, e.g. 1.2.3, of it"),
            ("Fix it:", "Fix it:"),
            ("Run chmod 600 /a. kubeadm writes it anew.", "Run chmod 600 /a"),
        ] {
            assert_eq!(fix(remediation), expected, "{remediation:?}");
        }
        let long = fix(&"word ".repeat(100));
        assert!(long.chars().count() <= LONGEST + 3 && long.ends_with("word..."), "{long}");
    }
}
