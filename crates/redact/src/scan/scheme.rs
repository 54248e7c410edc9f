//! Credentials behind `Bearer` and `Basic`.

use std::ops::Range;

use super::{Scan, is_blank, is_token};
use crate::secrecy::holds_credentials;

impl Scan<'_> {
    /// Returns the word behind `Bearer`, or behind `Basic` if it encodes a user and a password.
    pub(super) fn scheme(&mut self, sign: usize) -> Option<Range<usize>> {
        // Rules out most other words that start with b.
        let second = self.byte(sign + 1)?.to_ascii_lowercase();
        if !matches!(second, b'e' | b'a') || self.byte_before(sign).is_some_and(is_token) {
            return None;
        }
        let is =
            |word: &[u8]| self.bytes.get(sign..sign + word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        let (is_bearer, length) = if is(b"bearer") {
            (true, 6)
        } else if is(b"basic") {
            (false, 5)
        } else {
            return None;
        };
        let start = self.behind_blanks(sign + length);
        let end = self.item.byte(self.bytes, start, |byte| is_blank(byte) || matches!(byte, b'"' | b'\'' | b','));
        if start == sign + length || start == end || self.part(start..end) == crate::MASK {
            return None;
        }
        let is_secret = if is_bearer {
            !is_english(self.part(start..end))
        } else {
            let end = self.base64_end(start).min(end);
            holds_credentials(self.part(start..end))
        };
        is_secret.then_some(start..end)
    }
}

/// Whether a word is English, as in `bearer tokens are …`: a token has a capital, digit or sign, or is long.
fn is_english(word: &str) -> bool {
    let end = word.bytes().take(32).position(|byte| !is_token(byte)).unwrap_or(word.len());
    let word = word.get(..end).unwrap_or(word);
    word.len() <= 14 && word.trim_end_matches('.').bytes().all(|byte| byte.is_ascii_lowercase())
}
