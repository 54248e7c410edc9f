//! Secrets that their own format identifies, whatever their name.

use std::ops::Range;

use super::{Scan, first, is_blank, is_token};
use crate::secrecy::is_uuid;

/// How the tokens of a service start.
#[derive(Debug)]
pub(super) struct Prefix {
    /// The prefix, up to and including its last sign.
    text: &'static str,
    /// The minimum number of characters that follow.
    least: u8,
    /// Whether these must be letters and digits only, and mixed as in no word: ordinary words may start with the prefix
    /// too.
    is_strict: bool,
}

const fn clear(text: &'static str, least: u8) -> Prefix {
    Prefix { text, least, is_strict: false }
}

const fn strict(text: &'static str, least: u8) -> Prefix {
    Prefix { text, least, is_strict: true }
}

/// Prefixes that end in `_`: GitHub, Stripe, npm, Docker, Grafana and others.
pub(super) const UNDERSCORE: &[Prefix] = &[
    clear("ghp_", 16),
    clear("gho_", 16),
    clear("ghu_", 16),
    clear("ghs_", 16),
    clear("ghr_", 16),
    clear("github_pat_", 16),
    clear("sk_live_", 10),
    clear("rk_live_", 10),
    clear("sk_test_", 10),
    clear("rk_test_", 10),
    strict("whsec_", 16),
    strict("npm_", 20),
    clear("dckr_pat_", 16),
    clear("dckr_oat_", 16),
    strict("hf_", 20),
    clear("glsa_", 20),
    clear("glc_", 20),
    strict("shpat_", 20),
    strict("dop_v1_", 32),
    strict("doo_v1_", 32),
    strict("lin_api_", 20),
    strict("sbp_", 20),
];

/// Prefixes that end in `-`: GitLab, Slack, age and others.
const DASH: &[Prefix] = &[
    clear("glpat-", 12),
    clear("gldt-", 12),
    clear("glrt-", 12),
    clear("glrtr-", 12),
    clear("glcbt-", 12),
    clear("glptt-", 12),
    clear("glft-", 12),
    clear("glimt-", 12),
    clear("glagent-", 12),
    clear("glsoat-", 12),
    clear("gloas-", 12),
    clear("glffct-", 12),
    clear("glwt-", 12),
    clear("xoxb-", 10),
    clear("xoxp-", 10),
    clear("xoxa-", 10),
    clear("xoxo-", 10),
    clear("xoxs-", 10),
    clear("xoxr-", 10),
    clear("xoxe-", 10),
    clear("xoxc-", 10),
    clear("xoxd-", 10),
    clear("xapp-", 10),
    clear("xwfp-", 10),
    clear("AGE-SECRET-KEY-", 10),
    clear("sk-ant-", 16),
    clear("sk-proj-", 16),
    strict("sk-", 32),
    clear("GOCSPX-", 16),
    clear("pypi-", 50),
    clear("tskey-auth-", 10),
    clear("tskey-api-", 10),
    strict("NRAK-", 20),
    strict("pul-", 32),
];

/// Prefixes that end in `.`: Vault, Google and others.
const DOT: &[Prefix] = &[
    clear("hvs.", 16),
    clear("hvb.", 16),
    clear("hvr.", 16),
    strict("s.", 24),
    strict("ya29.", 20),
    clear("SG.", 16),
    strict("dp.pt.", 32),
];

/// URLs of webhooks, which let anyone who knows them send messages: the host before and the rest behind a dot.
const HOOKS: [(&str, &str); 7] = [
    ("hooks.", "slack.com/"),
    ("discord.", "com/api/webhooks/"),
    ("discordapp.", "com/api/webhooks/"),
    ("webhook.", "office.com/"),
    ("outlook.", "office.com/webhook"),
    ("outlook.", "office365.com/webhook"),
    ("api.", "telegram.org/bot"),
];

/// The algorithm names of password hashes, which `crypt` puts between dollar signs.
const HASHES: [&str; 20] = [
    "1",
    "2",
    "2a",
    "2b",
    "2x",
    "2y",
    "5",
    "6",
    "7",
    "y",
    "gy",
    "md5",
    "sha1",
    "apr1",
    "argon2i",
    "argon2d",
    "argon2id",
    "scrypt",
    "pbkdf2-sha256",
    "pbkdf2-sha512",
];
/// The longest algorithm name, in bytes.
const LONGEST_HASH: usize = 13;
/// The shortest password hash, algorithm included, in bytes.
const SHORTEST_HASH: usize = 20;

/// The start of a base64-encoded PEM block, and of an encoded certificate, which is not a secret.
const ENCODED_PEM: &str = "LS0tLS1CRUdJTi";
const ENCODED_CERTIFICATE: &str = "LS0tLS1CRUdJTiBDRVJU";
/// The start of base64-encoded JSON: of registry credentials, and of a JSON web token's header.
const ENCODED_AUTHS: &str = "eyJhdXRo";
const ENCODED_HEAD: &str = "eyJhbGciOi";

/// The lengths of an AWS access key ID and of its secret, in bytes.
const AWS_ID: usize = 20;
const AWS_SECRET: usize = 40;

/// Whether the bytes mix letters with digits, or lower with upper case: tokens do at least one of these.
fn is_mixed(body: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| body.iter().any(is);
    let letters = [has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase)];
    letters == [true; 2] || (letters != [false; 2] && has(u8::is_ascii_digit))
}

impl Scan<'_> {
    /// Returns the service token whose prefix ends at `sign`.
    pub(super) fn prefixed(&mut self, sign: usize, prefixes: &[Prefix]) -> Option<Range<usize>> {
        // Rules out most words, which are too short.
        let is_body = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !self.byte(sign + 10).is_some_and(is_body) {
            return None;
        }
        let before = self.bytes.get(..=sign)?;
        // The letter before the sign rules out most prefixes without a call.
        let letter = self.byte_before(sign);
        let ends_so =
            |prefix: &&Prefix| prefix.text.bytes().nth_back(1) == letter && before.ends_with(prefix.text.as_bytes());
        let prefix = prefixes.iter().find(ends_so)?;
        let start = before.len() - prefix.text.len();
        let is_apart = match self.byte_before(start) {
            Some(byte) if prefix.text == "s." => !is_token(byte),
            Some(byte) => !byte.is_ascii_alphanumeric(),
            None => true,
        };
        let body = self.bytes.get(sign + 1..sign + 1 + usize::from(prefix.least))?;
        let is_known = if prefix.is_strict {
            body.iter().all(u8::is_ascii_alphanumeric) && is_mixed(body)
        } else {
            body.iter().all(|byte| is_body(*byte))
        };
        if !(is_apart && is_known) {
            return None;
        }
        Some(start..self.token_end(sign + 1))
    }

    pub(super) fn dash(&mut self, sign: usize) -> Option<Range<usize>> {
        if self.byte(sign + 1) == Some(b'-') && self.starts(sign, "-----BEGIN ") {
            return self.private_key(sign);
        }
        match self.byte_before(sign) {
            Some(before) if before.is_ascii_alphanumeric() => self.prefixed(sign, DASH),
            Some(b'-') => None,
            _ => self.option(sign),
        }
    }

    /// Returns the body of a PEM private key, up to the end of the text if there is no END line.
    fn private_key(&mut self, begin: usize) -> Option<Range<usize>> {
        let name = begin + "-----BEGIN ".len();
        let find = |from: usize, what: &str| self.text.get(from..)?.find(what).map(|found| from + found);
        let name_end = self.dashes.from(name, |at| find(at, "-----").unwrap_or(self.bytes.len()));
        if !self.part(name..name_end).contains("PRIVATE KEY") {
            return None;
        }
        let start = (name_end + "-----".len()).min(self.bytes.len());
        let end = find(start, "-----END ").unwrap_or(self.bytes.len());
        (start < end && self.part(start..end) != crate::MASK).then_some(start..end)
    }

    pub(super) fn dot(&mut self, sign: usize) -> Option<Range<usize>> {
        self.bootstrap_token(sign).or_else(|| self.prefixed(sign, DOT)).or_else(|| self.hook(sign))
    }

    /// Returns a Kubernetes bootstrap token: `abcdef.0123456789abcdef`.
    fn bootstrap_token(&self, sign: usize) -> Option<Range<usize>> {
        let (start, end) = (sign.checked_sub(6)?, sign + 17);
        let ends = |byte: Option<u8>| !byte.is_some_and(is_token);
        let is_part = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_token = ends(self.byte(end))
            && ends(self.byte_before(start))
            && self.bytes.get(sign + 1..end)?.iter().all(is_part)
            && self.bytes.get(start..sign)?.iter().all(is_part);
        is_token.then_some(start..end)
    }

    /// Returns the secret path of a webhook URL.
    fn hook(&mut self, sign: usize) -> Option<Range<usize>> {
        let (before, behind) = (self.bytes.get(..=sign)?, self.bytes.get(sign + 1..)?);
        let is_it =
            |(host, rest): &&(&str, &str)| before.ends_with(host.as_bytes()) && behind.starts_with(rest.as_bytes());
        let (_, rest) = HOOKS.iter().find(is_it)?;
        let start = sign + 1 + rest.len();
        let end = self.word_end(start);
        (start < end && self.part(start..end) != crate::MASK).then_some(start..end)
    }

    /// Returns a password hash in the format of `crypt`.
    pub(super) fn crypt(&mut self, sign: usize) -> Option<Range<usize>> {
        let limit = (sign + 2 + LONGEST_HASH).min(self.bytes.len());
        let length = self.bytes.get(sign + 1..limit)?.iter().position(|byte| *byte == b'$')?;
        let name = self.part(sign + 1..sign + 1 + length);
        if !HASHES.contains(&name) {
            return None;
        }
        let is_part =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'$' | b'=' | b',' | b'+' | b'_');
        let end = self.hash.byte(self.bytes, sign, |byte| !is_part(byte));
        (end - sign >= SHORTEST_HASH).then_some(sign..end)
    }

    /// Returns a key that starts with capitals: an AWS access key ID with the secret beside it, a Google or GitLab key.
    pub(super) fn capital(&mut self, sign: usize) -> Option<Range<usize>> {
        let is = |start: usize, word: &str| {
            self.starts(start, word) && !self.byte_before(start).is_some_and(|byte| byte.is_ascii_alphanumeric())
        };
        let long = |start: usize, least: usize| {
            let body = self.bytes.get(start..start + least)?;
            body.iter().all(|byte| is_token(*byte)).then_some(())
        };
        if is(sign.wrapping_sub(2), "AKIA") || is(sign.wrapping_sub(2), "ASIA") {
            let (start, end) = (sign - 2, sign - 2 + AWS_ID);
            let is_id =
                self.bytes.get(start..end)?.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            if !is_id || self.byte(end).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
                return None;
            }
            self.push(start..end);
            return Some(self.secret_beside(end).unwrap_or(start..end));
        }
        let start = sign.wrapping_sub(1);
        if is(start, "AIza") {
            long(start, 30)?;
        } else if is(start, "GR1348941") {
            long(start, 20)?;
        } else {
            return None;
        }
        Some(start..self.token_end(sign))
    }

    /// Returns the AWS secret behind `aws_secret_access_key`.
    pub(super) fn beside_name(&mut self, sign: usize) -> Option<Range<usize>> {
        let is_name = self.bytes.get(..sign)?.ends_with(b"access") && self.starts(sign, "_key");
        if is_name { self.secret_beside(sign + "_key".len()) } else { None }
    }

    /// Returns text in the format of an AWS secret that follows after a few separators.
    fn secret_beside(&mut self, at: usize) -> Option<Range<usize>> {
        let is_between =
            |byte: u8| matches!(byte, b' ' | b'\t' | b',' | b';' | b':' | b'|' | b'=' | b'"' | b'\'' | b'\n' | b'\r');
        let start = first(self.bytes.get(..self.bytes.len().min(at + 16))?, at, |byte| !is_between(byte));
        let end = start + AWS_SECRET;
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        let is_secret = start > at
            && self.bytes.get(start..end)?.iter().all(|byte| is_part(*byte))
            && !self.byte(end).is_some_and(is_part);
        is_secret.then_some(start..end)
    }

    /// Returns base64-encoded secrets: PEM private keys as in kubeconfigs, registry credentials, JSON web tokens.
    pub(super) fn encoded(&mut self, sign: usize) -> Option<Range<usize>> {
        if self.starts(sign, ENCODED_PEM) {
            let is_public = self.starts(sign, ENCODED_CERTIFICATE);
            return if is_public { None } else { Some(sign..self.base64_end(sign)) };
        }
        let start = sign.checked_sub(2).filter(|start| self.starts(*start, "eyJ"))?;
        if self.byte_before(start).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        if self.starts(start, ENCODED_AUTHS) {
            return Some(start..self.base64_end(start));
        }
        let end = self.token_end(start);
        let (bytes, mut dot) = (self.bytes, start);
        for next in &mut self.dots {
            dot = next.byte(bytes, dot + 1, |byte| byte == b'.');
        }
        let is_token = dot < end || self.starts(start, ENCODED_HEAD);
        (is_token && end - start > 20).then_some(start..end)
    }

    /// Returns the token on a line of a static token file: `token,user,uid,"group"`.
    pub(super) fn comma(&mut self, sign: usize) -> Option<Range<usize>> {
        let is_break = |byte: &u8| is_blank(*byte) || matches!(byte, b'"' | b'\'' | b'`' | b'=' | b'/' | b',' | b'\\');
        let floor = sign.saturating_sub(LONGEST_TOKEN);
        let before = self.bytes.get(floor..sign)?;
        let start = before.iter().rposition(is_break).map_or(floor, |last| floor + last + 1);
        let token = self.part(start..sign);
        let behind = self.bytes.get(sign + 1..self.bytes.len().min(sign + LONGEST_REST))?;
        let mut fields = behind.splitn(3, |byte| *byte == b',');
        let (user, uid, groups) = (fields.next()?, fields.next()?, fields.next());
        let is_word = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_graphic) && !text.contains(&b'"');
        let uid = uid.split(|byte| is_blank(*byte) || matches!(byte, b'"' | b'\\' | b'.')).next()?;
        let has_groups = groups.is_some_and(|groups| {
            groups.trim_ascii_start().starts_with(b"system:") || matches!(groups.first(), Some(b'"' | b'\\'))
        });
        let is_token = has_groups || (is_random(token.as_bytes()) && !is_random(user));
        (is_token && is_word(token.as_bytes()) && is_word(user) && is_word(uid)).then_some(start..sign)
    }
}

/// The longest token of a static token file, in bytes.
const LONGEST_TOKEN: usize = 128;
/// How many bytes of the line behind the token are inspected.
const LONGEST_REST: usize = 128;

/// Whether a word looks like random letters and digits, or is a UUID.
fn is_random(word: &[u8]) -> bool {
    let letters = || word.iter().filter(|byte| **byte != b'-');
    word.len() >= 16
        && (is_uuid(word) || !word.contains(&b'-'))
        && letters().all(u8::is_ascii_alphanumeric)
        && letters().any(u8::is_ascii_digit)
        && letters().any(u8::is_ascii_alphabetic)
}
