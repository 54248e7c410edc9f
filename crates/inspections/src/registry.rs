//! containerd's registries: `hosts.toml` files, and the older form in its own configuration.
//!
//! Only keys matter, not their tables: each host may set them. Sources:
//! <https://github.com/containerd/containerd/blob/main/docs/hosts.md>,
//! <https://github.com/containerd/containerd/blob/main/docs/cri/registry.md>.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::kind::Remark;

/// Mode bits that let users other than the owner and the group read.
const OTHERS_READ: u32 = 0o004;

/// What a setting means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Certificates are not verified; contains the setting's name.
    Unverified(&'static str),
    /// A credential; contains the setting's name.
    Credentials(&'static str),
}

/// Settings that disable certificate verification.
const UNVERIFIED: [&str; 2] = ["skip_verify", "insecure_skip_verify"];
/// Settings that are credentials: a header, and those of the older form.
const CREDENTIALS: [&str; 4] = ["authorization", "password", "auth", "identitytoken"];

fn settings(text: &str) -> Vec<(usize, Said)> {
    let tokens = Tokens::new(text);
    let mut found = Vec::new();
    let mut last: [Option<Token>; 2] = [None, None];
    for token in tokens {
        if let [Some(key), Some(Token { text: Word::Sign('='), .. })] = &last
            && let Word::Text(name) = &key.text
        {
            let name = name.to_ascii_lowercase();
            let is_true = matches!(&token.text, Word::Text(value) if value == "true");
            let is_said = match &token.text {
                Word::Text(value) => !value.is_empty(),
                // A header's value may be a list.
                Word::Sign(sign) => *sign == '[',
            };
            let unverified =
                UNVERIFIED.iter().find(|known| **known == name && is_true).map(|name| Said::Unverified(name));
            let credentials = CREDENTIALS.iter().find(|known| **known == name && is_said);
            found.extend(unverified.or(credentials.map(|name| Said::Credentials(name))).map(|said| (key.line, said)));
        }
        last = [last[1].take(), Some(token)];
    }
    found
}

pub(crate) fn remarks(text: &str, mode: u32) -> Vec<Remark> {
    let is_open = mode & OTHERS_READ != 0;
    let remark = |(line, said)| match said {
        Said::Unverified(name) => Remark { line, text: format!("{name} = true"), violates: true },
        Said::Credentials(name) if is_open => {
            Remark { line, text: format!("{name} in a file that every user can read"), violates: true }
        }
        Said::Credentials(name) => Remark { line, text: format!("{name} is set"), violates: false },
    };
    settings(text).into_iter().map(remark).collect()
}

pub(crate) fn kept(text: &str) -> Vec<(usize, String)> {
    let kept = |(line, said)| match said {
        Said::Unverified(name) => (line, format!("{name} = true")),
        Said::Credentials(name) => (line, format!("{name} = \"masked\"")),
    };
    settings(text).into_iter().map(kept).collect()
}

struct Token {
    line: usize,
    text: Word,
}

enum Word {
    /// A bare word, or a quoted string.
    Text(String),
    Sign(char),
}

/// The most characters kept of a word: known ones are far shorter.
const LONGEST: usize = 64;

/// A tokenizer for TOML: words and signs, without comments.
struct Tokens<'a> {
    text: &'a str,
    letters: Peekable<CharIndices<'a>>,
    line: usize,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, letters: text.char_indices().peekable(), line: 1 }
    }

    fn next_letter(&mut self) -> Option<char> {
        let (_, letter) = self.letters.next()?;
        self.line += usize::from(letter == '\n');
        Some(letter)
    }

    /// Reads a quoted string of one or several lines; the opening quote has already been read.
    fn quoted(&mut self, quote: char, at: usize) -> String {
        let several = self.text[at..].starts_with(if quote == '"' { "\"\"\"" } else { "'''" });
        if several {
            self.next_letter();
            self.next_letter();
        }
        let (mut word, mut ends) = (String::new(), 0);
        while let Some(letter) = self.next_letter() {
            if letter == '\\' && quote == '"' {
                ends = 0;
                self.next_letter();
                continue;
            }
            if letter == quote {
                ends += 1;
                if !several || ends == 3 {
                    break;
                }
                continue;
            }
            if letter == '\n' && !several {
                break;
            }
            ends = 0;
            if word.len() < LONGEST {
                word.push(letter);
            }
        }
        word
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let line = self.line;
            let (at, letter) = *self.letters.peek()?;
            self.next_letter();
            match letter {
                '#' => {
                    while self.letters.peek().is_some_and(|(_, letter)| *letter != '\n') && self.next_letter().is_some()
                    {
                    }
                }
                '"' | '\'' => return Some(Token { line, text: Word::Text(self.quoted(letter, at)) }),
                letter if letter.is_ascii_alphanumeric() || letter == '_' || letter == '-' => {
                    let mut word = String::from(letter);
                    while let Some((_, letter)) = self.letters.peek() {
                        if !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')) {
                            break;
                        }
                        if word.len() < LONGEST {
                            word.push(*letter);
                        }
                        self.next_letter();
                    }
                    return Some(Token { line, text: Word::Text(word) });
                }
                letter if letter.is_whitespace() => {}
                letter => return Some(Token { line, text: Word::Sign(letter) }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Kind;

    fn said(text: &str, mode: u32) -> Vec<(usize, String, bool)> {
        let remarks = Kind::Registries.remarks(text.as_bytes(), "hosts.toml", mode, &[]).expect("read");
        remarks.into_iter().map(|remark| (remark.line, remark.text, remark.violates)).collect()
    }

    #[test]
    fn unverified_registries_are_found_in_every_spelling() {
        let table = [
            ("[host.\"https://mirror:443\"]\n  skip_verify = true\n", Some(2)),
            ("host.\"https://mirror:443\".skip_verify=true", Some(1)),
            ("host = { \"https://mirror\" = { skip_verify = true } }", Some(1)),
            ("\"skip_verify\" = true", Some(1)),
            (
                "[plugins.\"io.containerd.grpc.v1.cri\".registry.configs.\"m\".tls]\ninsecure_skip_verify = true",
                Some(2),
            ),
            ("skip_verify = false", None),
            ("# skip_verify = true", None),
            ("ca = \"skip_verify = true\"", None),
            ("ca = '''\nskip_verify = true\n'''", None),
            ("ca = \"\"\"\n\\\"\"\" skip_verify = true\n\"\"\"\nskip_verify = true", Some(4)),
            ("not_skip_verify = true", None),
            ("skip_verify = \"true\"", Some(1)),
        ];
        for (text, line) in table {
            let violating: Vec<usize> =
                said(text, 0o600).into_iter().filter(|said| said.2).map(|said| said.0).collect();
            assert_eq!(violating.first().copied(), line, "{text}");
        }
    }

    #[test]
    fn credentials_are_at_fault_where_everyone_may_read_them() {
        let header = "[host.\"https://m\".header]\n  Authorization = \"Basic dXNlcjpwYXNz\"\n";
        assert_eq!(said(header, 0o600), [(2, "authorization is set".to_owned(), false)]);
        assert_eq!(said(header, 0o644), [(2, "authorization in a file that every user can read".to_owned(), true)]);
        for text in ["authorization = [\"Basic x\"]", "password = 'x'", "auth = \"x\"", "identitytoken = \"x\""] {
            assert!(said(text, 0o644)[0].2, "{text}");
        }
        assert_eq!(said("password = \"\"\nusername = \"u\"", 0o644), []);
        assert!(!Kind::Registries.kept(header.as_bytes()).contains("dXNlcjpwYXNz"));
    }
}
