//! The short fix of a check: the start of its remediation.

/// The longest sentence, in characters.
const LONGEST: usize = 240;

/// The longest command, in characters. A longer one is omitted, not cut: part of a command must not be run.
const LONGEST_COMMAND: usize = 400;

/// The start of a remediation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The first sentence, without its full stop, but with its colon if a command follows.
    pub sentence: String,
    /// The command that follows, ready to paste.
    pub command: Option<String>,
}

impl Fix {
    /// Returns the fix of a remediation; none if it is empty.
    pub fn of(remediation: &str) -> Option<Self> {
        let mut lines = remediation.lines().map(str::trim).skip_while(|line| line.is_empty());
        let mut sentence = first_sentence(&mut lines);
        let mut command = None;
        if let Some(before) = sentence.strip_suffix(':') {
            match lines.find(|line| !line.is_empty()) {
                Some(line) if is_document(line) => sentence.truncate(before.len()),
                Some(line) if line.chars().count() > LONGEST_COMMAND => {
                    sentence = format!("{before} (the command is long: --remediations prints it)");
                }
                line => command = line.map(str::to_owned),
            }
        }
        if sentence.is_empty() {
            return None;
        }
        Some(Self { sentence: clipped(sentence), command })
    }
}

/// Returns the first sentence of the lines, which may also end with a colon at a line end.
fn first_sentence<'l>(lines: &mut impl Iterator<Item = &'l str>) -> String {
    let mut sentence = String::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        // Only the first of several steps is used.
        let line = if sentence.is_empty() { line.strip_prefix("1. ").unwrap_or(line) } else { line };
        if line.starts_with("2. ") {
            break;
        }
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(line);
        if let Some(end) = end_of_sentence(&sentence) {
            sentence.truncate(end);
            break;
        }
        if sentence.ends_with(':') {
            break;
        }
    }
    sentence
}

/// Whether a line belongs to a YAML document or a unit file, which the sentence before it already describes.
fn is_document(line: &str) -> bool {
    let is_key = |text: &str| !text.contains(char::is_whitespace);
    line.starts_with("- ")
        || line.starts_with('[')
        || line.strip_suffix(':').is_some_and(is_key)
        || line.split_once(": ").is_some_and(|(key, _)| is_key(key))
}

fn clipped(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => {
            let kept = text.get(..end).unwrap_or_default();
            let kept = kept.rsplit_once(' ').map_or(kept, |(whole, _)| whole);
            format!("{}...", kept.trim_end_matches([' ', ',', ';', ':']))
        }
    }
}

/// Returns where the first sentence ends, excluding the full stop: at a stop before a blank, or at the end of the text.
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
        for (remediation, sentence, command) in [
            ("\nSet --profiling=false in /m.yaml. Restart it.\n", "Set --profiling=false in /m.yaml", None),
            ("Set --profiling=false\nin /m.yaml.\n", "Set --profiling=false in /m.yaml", None),
            ("Run:\n\n    chmod 600 /a\n\nThen check.", "Run:", Some("chmod 600 /a")),
            ("Run:\nchmod 600 /a\nchmod 600 /b", "Run:", Some("chmod 600 /a")),
            ("1. Edit /m.yaml.\n2. Restart.", "Edit /m.yaml", None),
            ("1. Edit /m.yaml\n2. Restart", "Edit /m.yaml", None),
            ("Use a version, e.g. 1.2.3, of it", "Use a version, e.g. 1.2.3, of it", None),
            ("Fix it:", "Fix it:", None),
            ("Run chmod 600 /a. kubeadm writes it anew.", "Run chmod 600 /a", None),
            ("Set a in /m.yaml:\n    - --a=b", "Set a in /m.yaml", None),
            ("Set a.b: c in /m.yaml:\n    a:\n      b: c", "Set a.b: c in /m.yaml", None),
            ("Set a: c in /m.yaml:\n    a: c", "Set a: c in /m.yaml", None),
            ("Add a drop-in:\n    [Service]\n    A=b", "Add a drop-in", None),
            ("Run:\n    echo 'a: b'", "Run:", Some("echo 'a: b'")),
        ] {
            let expected = Fix { sentence: sentence.to_owned(), command: command.map(str::to_owned) };
            assert_eq!(Fix::of(remediation), Some(expected), "{remediation:?}");
        }
        assert_eq!(Fix::of(""), None);
        assert_eq!(Fix::of("\n \n"), None);
    }

    #[test]
    fn sentences_are_cut_and_commands_are_not() {
        let long = Fix::of(&"word ".repeat(100)).expect("a fix");
        assert!(long.sentence.chars().count() <= LONGEST + 3 && long.sentence.ends_with("word..."), "{long:?}");
        let command = format!("chmod 600{}", " /a".repeat(100));
        let whole = Fix::of(&format!("Run:\n    {command}")).expect("a fix");
        assert_eq!(whole.command.as_deref(), Some(command.as_str()));
        let much = Fix::of(&format!("Run:\n    {command}{}", " /b".repeat(100))).expect("a fix");
        assert_eq!(much.command, None);
        assert_eq!(much.sentence, "Run (the command is long: --remediations prints it)");
    }
}
