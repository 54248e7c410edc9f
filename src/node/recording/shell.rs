//! Command lines written as in a shell.

/// Splits `line` into words at spaces, with quotes and backslashes as in a shell; `None` if a quote is not closed.
pub(super) fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter.is_ascii_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        '\'' => break,
                        letter => word.push(letter),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        '"' => break,
                        '\\' => match letters.next()? {
                            letter @ ('"' | '\\') => word.push(letter),
                            letter => word.extend(['\\', letter]),
                        },
                        letter => word.push(letter),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(letters.next()?),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_parted_as_a_shell_does() {
        let cases: [(&str, &[&str]); 7] = [
            ("kubelet --v=2", &["kubelet", "--v=2"]),
            ("  a \t b\n", &["a", "b"]),
            ("a '' \"\"", &["a", "", ""]),
            ("--x='a b'c", &["--x=a bc"]),
            (r#""a \" \\ \n""#, &[r#"a " \ \n"#]),
            (r"a\ b", &["a b"]),
            ("", &[]),
        ];
        for (line, expected) in cases {
            assert_eq!(words(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn an_open_quote_is_refused() {
        for line in ["'a", "\"a", "a\\", "\"a\\"] {
            assert_eq!(words(line), None, "{line}");
        }
    }
}
