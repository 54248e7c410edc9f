//! Secrets that are known by their form, whatever they are called: credentials in URLs, tokens, private keys in base64.
//! Recordings and reports mask them by the same rules.

use std::borrow::Cow;
use std::ops::Range;

use crate::MASK;

/// The begin of base64 of a PEM block, and what follows there in one of a certificate, which is no secret.
const ENCODED_PEM: &str = "LS0tLS1CRUdJTi";
/// No secret that is known by its form alone is shorter, but what follows `Bearer`.
pub(crate) const SHORTEST: usize = ENCODED_PEM.len();
const ENCODED_CERTIFICATE: &str = "LS0tLS1CRUdJTiBDRVJU";

/// The text with the mask in the place of each secret.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    for pass in [url_credentials, tokens, encoded_keys] {
        let places = pass(&masked);
        if !places.is_empty() {
            masked = Cow::Owned(replaced(&masked, &places));
            // What a key followed without a blank is a word of its own now.
            let places = tokens(&masked);
            if !places.is_empty() {
                masked = Cow::Owned(replaced(&masked, &places));
            }
        }
    }
    masked
}

/// The text with these places (in order, apart from each other) replaced by the mask.
pub(crate) fn replaced(text: &str, places: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for place in places {
        masked.push_str(text.get(end..place.start).unwrap_or_default());
        masked.push_str(MASK);
        end = place.end;
    }
    masked.push_str(text.get(end..).unwrap_or_default());
    masked
}

/// The part of the text from this byte on.
pub(crate) fn from(text: &str, start: usize) -> &str {
    text.get(start..).unwrap_or_default()
}

/// Where the first of these characters is, from the start on; else the end of the text.
pub(crate) fn until(text: &str, start: usize, stop: impl Fn(char) -> bool) -> usize {
    from(text, start).find(stop).map_or(text.len(), |length| start + length)
}

/// What stands before the host of a URL: `user:password` of `https://user:password@host`.
fn url_credentials(text: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(start) = from(text, at).find("://").map(|found| at + found + "://".len()) {
        let end = url_end(text, start);
        let authority = until(text, start, |c| matches!(c, '/' | '?' | '#')).min(end);
        at = authority;
        let (Some(host), Some(rest)) = (text.get(start..authority), text.get(start..end)) else { continue };
        // A password with a slash in it ends the authority too early; a path with `@` after a port looks the same.
        let open = host.contains(':') && !host.starts_with('[');
        let credentials = if open { rest.rfind('@') } else { host.rfind('@') };
        if let Some(length) = credentials
            && rest.get(..length).is_some_and(|found| !found.is_empty() && found != MASK)
        {
            places.push(start..start + length);
            at = at.max(start + length);
        }
    }
    places
}

/// Where a URL ends: at a blank or quote, or at the comma before the next one of a list.
fn url_end(text: &str, start: usize) -> usize {
    let end = until(text, start, |c| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`'));
    text.get(start..end).and_then(|url| url.get(..url.find("://")?)?.rfind(',')).map_or(end, |length| start + length)
}

/// Tokens that are known by their own form, and what follows the word `Bearer`.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    if !may_hold_token(text) {
        return places;
    }
    let mut after_bearer = None;
    let mut at = 0;
    while at < text.len() {
        let start = until(text, at, is_token_character);
        let mut end = until(text, start, |c| !is_token_character(c));
        let Some(word) = text.get(start..end).filter(|word| !word.is_empty()) else { break };
        let bearer = after_bearer == Some(start);
        if bearer {
            end = until(text, start, |c| c.is_whitespace() || matches!(c, '"' | '\'' | ','));
        }
        if is_web_token(word) || is_bootstrap_token(word) || (bearer && !is_english(word)) {
            places.push(start..end);
        }
        let next = until(text, end, |c| c != ' ');
        after_bearer = (word.eq_ignore_ascii_case("bearer") && next > end).then_some(next);
        at = end;
    }
    places
}

/// Whether a text has what a token is known by. Most have not, and are not taken apart.
fn may_hold_token(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        // With as much before and behind it as a bootstrap token has.
        b'.' => at >= 6 && bytes.len() - at > 16,
        b'e' => bytes.get(at..at + 3).is_some_and(|begin| begin == b"eyJ"),
        b'b' | b'B' => bytes.get(at..at + 6).is_some_and(|word| word.eq_ignore_ascii_case(b"bearer")),
        _ => false,
    })
}

const fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// `eyJ….….…`: a JSON web token, such as a service account's.
fn is_web_token(word: &str) -> bool {
    word.starts_with("eyJ") && word.len() > 20 && word.bytes().filter(|byte| *byte == b'.').count() >= 2
}

/// `abcdef.0123456789abcdef`: Kubernetes' bootstrap token.
fn is_bootstrap_token(word: &str) -> bool {
    word.split_once('.').is_some_and(|(id, secret)| {
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        id.len() == 6 && secret.len() == 16 && plain(id) && plain(secret)
    })
}

/// `bearer tokens are …` is a sentence; a token has a capital, a digit or a sign in it, or is long.
fn is_english(word: &str) -> bool {
    word.len() <= 14 && word.trim_end_matches('.').bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Private keys in PEM that are written in base64, as kubeconfigs have them.
fn encoded_keys(text: &str) -> Vec<Range<usize>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-');
    let mut places: Vec<Range<usize>> = Vec::new();
    for (start, _) in text.match_indices(ENCODED_PEM) {
        let is_within = places.last().is_some_and(|place| start < place.end);
        if !is_within && !from(text, start).starts_with(ENCODED_CERTIFICATE) {
            places.push(start..until(text, start, |c| !is_part(c)));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked_stays_as_it_is_when_it_is_masked_again() {
        let (token, key) = ("abcdef.0123456789abcdef", "LS0tLS1CRUdJTiBSU0E=");
        for text in [
            format!("{token}{key}"),
            format!("{key} {token}"),
            format!("a {token}{key} {token} b"),
            format!("https://u:p@{token}{key}"),
        ] {
            let once = mask(&text).into_owned();
            assert_eq!(mask(&once), once, "{text}");
            assert!(!once.contains("LS0t") && !once.contains(token), "{text}: {once}");
        }
    }

    #[test]
    fn credentials_in_urls_are_masked() {
        for (text, masked) in [
            ("https://user:pass@host:2379/x", "https://(masked)@host:2379/x"),
            ("a=https://u:p@h,https://u:p@i", "a=https://(masked)@h,https://(masked)@i"),
            ("see http://token@proxy:3128 and https://x:y@z", "see http://(masked)@proxy:3128 and https://(masked)@z"),
            ("https://user:pa/ss@host/x", "https://(masked)@host/x"),
            ("https://user:p@ss@host", "https://(masked)@host"),
            ("https://127.0.0.1:2379", "https://127.0.0.1:2379"),
            ("https://[::1]:2379/a@b", "https://[::1]:2379/a@b"),
            ("https://host/path?mail=a@b", "https://host/path?mail=a@b"),
            ("https://user:8443/a@b", "https://(masked)@b"),
            ("unix:///run/containerd.sock", "unix:///run/containerd.sock"),
            ("://", "://"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }
}
