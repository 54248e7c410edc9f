//! Finds the paths in Rust source and expands the braces of imports, with just enough of the grammar.

/// A path, such as `crate`, `probe`, `Node`, and the line of its last segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

/// Returns all paths in a source, except in comments and literals.
pub(crate) fn mentions(text: &str) -> Vec<Mention> {
    let tokens = tokens(text);
    let mut mentions = Vec::new();
    let mut at = 0;
    while let Some((token, _)) = tokens.get(at) {
        match token {
            // The path that follows may begin with `::`, which would join it to `use`.
            Token::Word(word) if word == "use" => at += 1,
            Token::Word(_) => at = path(&tokens, at, &[], &mut mentions),
            Token::Colons | Token::Open | Token::Close | Token::Comma | Token::Other => at += 1,
        }
    }
    mentions
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Colons,
    Open,
    Close,
    Comma,
    Other,
}

/// Reads a path or import tree from the word at `at`, and returns where it ends.
fn path(tokens: &[(Token, usize)], mut at: usize, before: &[String], mentions: &mut Vec<Mention>) -> usize {
    let mut steps = before.to_vec();
    let mut last = 0;
    while let Some((Token::Word(word), line)) = tokens.get(at) {
        // `plan::{self}` is `plan`.
        if word != "self" || steps.is_empty() {
            steps.push(word.clone());
        }
        last = *line;
        at += 1;
        if !matches!(tokens.get(at), Some((Token::Colons, _))) {
            break;
        }
        at += 1;
        if matches!(tokens.get(at), Some((Token::Open, _))) {
            return tree(tokens, at + 1, &steps, mentions);
        }
    }
    mentions.push(Mention { path: steps, line: last });
    at
}

/// Reads the contents of the braces in an import.
fn tree(tokens: &[(Token, usize)], mut at: usize, before: &[String], mentions: &mut Vec<Mention>) -> usize {
    while let Some((token, _)) = tokens.get(at) {
        match token {
            Token::Close => return at + 1,
            Token::Word(word) if word == "as" => at += 2,
            Token::Word(_) => at = path(tokens, at, before, mentions),
            Token::Colons | Token::Open | Token::Comma | Token::Other => at += 1,
        }
    }
    at
}

fn tokens(text: &str) -> Vec<(Token, usize)> {
    let letters: Vec<char> = text.chars().collect();
    let is_word = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while let Some(letter) = letters.get(at) {
        let next = letters.get(at + 1);
        let end = match letter {
            '/' if next == Some(&'/') => until(&letters, at, |rest| rest.starts_with(&['\n'])),
            '/' if next == Some(&'*') => until(&letters, at + 2, |rest| rest.starts_with(&['*', '/'])) + 2,
            '"' => string_end(&letters, at + 1),
            'r' if matches!(next, Some('"' | '#')) && raw_string_end(&letters, at + 1).is_some() => {
                raw_string_end(&letters, at + 1).unwrap_or(at + 1)
            }
            '\'' => character_end(&letters, at),
            ':' if next == Some(&':') => {
                tokens.push((Token::Colons, line));
                at + 2
            }
            letter if is_word(letter) => {
                let end = until(&letters, at, |rest| rest.first().is_none_or(|letter| !is_word(letter)));
                tokens.push((Token::Word(letters.iter().take(end).skip(at).collect()), line));
                end
            }
            letter if letter.is_whitespace() => at + 1,
            other => {
                let token = match other {
                    '{' => Token::Open,
                    '}' => Token::Close,
                    ',' => Token::Comma,
                    _ => Token::Other,
                };
                tokens.push((token, line));
                at + 1
            }
        };
        line += letters.iter().take(end).skip(at).filter(|letter| **letter == '\n').count();
        at = end;
    }
    tokens
}

/// Returns the first position from `at` on where `is_end` holds, or the end.
fn until(letters: &[char], at: usize, is_end: impl Fn(&[char]) -> bool) -> usize {
    (at..letters.len()).find(|at| letters.get(*at..).is_some_and(&is_end)).unwrap_or(letters.len())
}

/// Returns the position after the closing quote of a string.
fn string_end(letters: &[char], mut at: usize) -> usize {
    while let Some(letter) = letters.get(at) {
        match letter {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    at.min(letters.len())
}

/// Returns the position after a raw string, from its hashes or quote on; `None` if there is no quote (`r#type`).
fn raw_string_end(letters: &[char], at: usize) -> Option<usize> {
    let hashes = letters.iter().skip(at).take_while(|letter| **letter == '#').count();
    if letters.get(at + hashes) != Some(&'"') {
        return None;
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    Some((until(letters, at + hashes + 1, |rest| rest.starts_with(&closing)) + closing.len()).min(letters.len()))
}

/// Returns the position after a character literal; for a lifetime, after its quote.
fn character_end(letters: &[char], at: usize) -> usize {
    match (letters.get(at + 1), letters.get(at + 2)) {
        (Some('\\'), Some(_)) => until(letters, at + 3, |rest| rest.starts_with(&['\''])) + 1,
        (Some(_), Some('\'')) => at + 3,
        _ => at + 1,
    }
}

#[test]
fn paths_are_read_with_their_lines() {
    let text = "use ::a::{b::{self, C}, d as e};\nfn f<'x>() { let q = '\\''; g::<h::I>(\"n::o\", r#\"p\"q::r\"#) } // s::t\n\nu::v";
    let read: Vec<String> = mentions(text)
        .into_iter()
        .filter(|mention| mention.path.len() > 1)
        .map(|mention| format!("{}:{}", mention.line, mention.path.join("::")))
        .collect();
    assert_eq!(read, ["1:a::b", "1:a::b::C", "1:a::d", "2:h::I", "4:u::v"]);
}
