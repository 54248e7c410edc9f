//! What a name shows about its value: whether it is a secret.

use crate::MASK;
use crate::words::{PLACE_ENDINGS, SECRET_ENDINGS, SECRET_KEYS, SECRET_WORDS};

/// Words at the end of a name that describe the form of the value, not its meaning.
const FORM_WORDS: [&str; 8] = ["data", "value", "literal", "text", "string", "base64", "b64", "hash"];

/// File name extensions that distinguish a file from key material.
const FILE_EXTENSIONS: [&str; 9] = ["pem", "key", "crt", "cer", "pub", "jwk", "json", "yaml", "conf"];

/// How many bytes of a value are inspected to distinguish a path from key material.
const TELLING: usize = 64;
/// The shortest number of a key, as base64: 128 bits need about this many characters.
const SHORTEST_NUMBER: usize = 20;
/// The shortest base64 of `user:password`, in characters.
const SHORTEST_CREDENTIALS: usize = 6;
/// How many bytes of a name are inspected, from its end.
const LONGEST_NAME: usize = 128;

/// What a name shows about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// The value is not a secret.
    Open,
    /// The value is a secret.
    Secret,
    /// The value is a secret key, or the path of its file.
    SecretKey,
    /// The value is a key of some kind: a secret only if it looks like key material.
    Key,
}

/// Whether the value with this name is a secret.
pub(crate) fn is_hidden(name: &str, value: &str) -> bool {
    hides(secrecy(name), value) || is_member(name, value)
}

/// Whether a name is that of a member of a JSON web key (RFC 7517) or of registry credentials, whose value may be a
/// secret.
pub(crate) fn may_be_member(name: &str) -> bool {
    matches!(name, "d" | "k" | "p" | "q" | "dp" | "dq" | "qi" | "auth" | "_auth")
}

/// Whether the member's name and the value's format together show that the value is a secret.
pub(crate) fn is_member(name: &str, value: &str) -> bool {
    match name {
        "auth" | "_auth" => holds_credentials(value),
        _ => may_be_member(name) && is_key_number(value),
    }
}

/// Whether a text is long and random enough to be a base64-encoded number of a key.
fn is_key_number(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    let begin = || text.bytes().take(TELLING);
    text.len() >= SHORTEST_NUMBER
        && begin().all(is_part)
        && begin().any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && !is_uuid(text.as_bytes())
}

/// Whether the text is a UUID, which is not a secret.
pub(crate) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether the text is the base64 of `user:password`.
pub(crate) fn holds_credentials(text: &str) -> bool {
    let text = text.trim_end_matches('=');
    let (mut bits, mut count, mut has_colon) = (0_u32, 0, false);
    for byte in text.bytes().take(TELLING) {
        let Some(six) = six_bits(byte) else { return false };
        bits = bits << 6 | six;
        count += 6;
        if count >= 8 {
            count -= 8;
            let letter = bits >> count & 0xff;
            if letter < 0x20 || letter == 0x7f {
                return false;
            }
            has_colon |= letter == u32::from(b':');
        }
    }
    has_colon && text.len() >= SHORTEST_CREDENTIALS
}

fn six_bits(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(value.into())
}

/// Returns what a name shows about its value.
pub(crate) fn secrecy(name: &str) -> Secrecy {
    let name = name.as_bytes();
    let name = name.get(name.len().saturating_sub(LONGEST_NAME)..).unwrap_or_default();
    let (mut before, mut last) = last_word(name);
    if !may_end_secret(last) {
        return Secrecy::Open;
    }
    let mut inline = false;
    while FORM_WORDS.iter().any(|word| last.eq_ignore_ascii_case(word.as_bytes())) {
        let (earlier, word) = last_word(before);
        if word.is_empty() {
            break;
        }
        inline = true;
        (before, last) = (earlier, word);
    }
    let ends_in = |endings: &[&str]| endings.iter().any(|ending| stem(last, ending).is_some());
    if last.is_empty() || ends_in(&PLACE_ENDINGS) {
        Secrecy::Open
    } else if ends_in(&SECRET_ENDINGS) || SECRET_WORDS.iter().any(|word| last.eq_ignore_ascii_case(word.as_bytes())) {
        Secrecy::Secret
    } else if let Some(stem) = stem(last, "key") {
        let kind = if stem.is_empty() { last_word(before).1 } else { stem };
        let is = |known: &str| kind.eq_ignore_ascii_case(known.as_bytes());
        match (inline, SECRET_KEYS.iter().any(|known| is(known))) {
            (true, _) if !is("public") => Secrecy::Secret,
            (_, true) => Secrecy::SecretKey,
            _ => Secrecy::Key,
        }
    } else {
        Secrecy::Open
    }
}

/// Returns the part before the last word of a name, and the last word: `clientSecret`, `CLIENT_SECRET` and
/// `--client-secret` all end in the word `secret`.
fn last_word(name: &[u8]) -> (&[u8], &[u8]) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let end = name.iter().rposition(is_part).map_or(0, |last| last + 1);
    let mut start = end;
    while let Some((before, &byte)) =
        name.get(..start).and_then(|name| name.split_last()).map(|(byte, rest)| (rest, byte))
    {
        if !is_part(&byte) {
            break;
        }
        start -= 1;
        if byte.is_ascii_uppercase() && before.last().is_some_and(u8::is_ascii_lowercase) {
            break;
        }
    }
    (name.get(..start).unwrap_or_default(), name.get(start..end).unwrap_or_default())
}

/// Whether the name of a secret may end in this word, judging by its last two letters; rules out most words.
fn may_end_secret(word: &[u8]) -> bool {
    let end = word.last_chunk::<2>().map(|two| two.map(|byte| byte.to_ascii_lowercase()));
    end.is_some_and(|end| {
        matches!(
            &end,
            b"en"
                | b"ns"
                | b"rd"
                | b"ds"
                | b"wd"
                | b"pw"
                | b"se"
                | b"et"
                | b"ts"
                | b"ey"
                | b"al"
                | b"ls"
                | b"ss"
                | b"sk"
                | b"ta"
                | b"ue"
                | b"xt"
                | b"ng"
                | b"64"
                | b"sh"
                | b"on"
                | b"fg"
        )
    })
}

/// Returns the part of a word before this ending, ignoring case.
fn stem<'w>(word: &'w [u8], ending: &str) -> Option<&'w [u8]> {
    let (stem, end) = word.split_at_checked(word.len().checked_sub(ending.len())?)?;
    end.eq_ignore_ascii_case(ending.as_bytes()).then_some(stem)
}

/// Whether a value whose name has this secrecy is a secret. Takes constant time, however long the value is.
pub(crate) fn hides(secrecy: Secrecy, value: &str) -> bool {
    let says_nothing = ["", "~", "true", "false", "null", MASK].iter().any(|word| value.eq_ignore_ascii_case(word));
    if says_nothing {
        return false;
    }
    match secrecy {
        Secrecy::Open => false,
        Secrecy::Secret => true,
        Secrecy::SecretKey => !is_path(value),
        Secrecy::Key => is_key_material(value),
    }
}

fn is_path(value: &str) -> bool {
    // Base64 may start with a slash too, but rarely lacks both of these.
    let is_rooted = || {
        let is_start = ["/", "./", "../", "~"].iter().any(|start| value.starts_with(start));
        is_start && !value.bytes().take(TELLING).any(|byte| matches!(byte, b'+' | b'='))
    };
    let has_extension = || {
        FILE_EXTENSIONS.iter().any(|extension| value.strip_suffix(extension).is_some_and(|stem| stem.ends_with('.')))
    };
    has_extension() || is_rooted()
}

fn is_key_material(value: &str) -> bool {
    let is_base64 = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'=' | b'_' | b'-');
    value.starts_with("-----BEGIN")
        || (value.len() >= 32 && value.bytes().take(TELLING).all(is_base64) && !is_path(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_word_may_end_the_name_of_a_secret() {
        for word in SECRET_ENDINGS.iter().chain(&SECRET_WORDS).chain(&FORM_WORDS).chain(&["key"]) {
            assert!(may_end_secret(word.to_ascii_uppercase().as_bytes()), "{word}");
        }
        assert!(!may_end_secret(b"y") && !may_end_secret(b"mode"));
    }
}
