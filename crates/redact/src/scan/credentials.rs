//! Users and passwords before a host, in URLs and in data source names of databases; join tokens of clusters.

use std::ops::Range;

use super::next::Next;
use super::{Scan, first, is_blank};
use crate::MASK;

/// How many bytes before `@tcp(` the user may start.
const LONGEST_USER: usize = 512;
/// What may follow the user and password in a data source name.
const SOURCES: [&str; 3] = ["@tcp(", "@unix(", "@udp("];

/// Remembered positions in URLs.
#[derive(Debug, Default)]
pub(super) struct Urls {
    end: Next,
    next: Next,
    authority: Next,
    colon: Next,
    /// The last `@` before an end: the start and end of the search, and its result.
    last_at: Option<(usize, usize, Option<usize>)>,
}

impl Urls {
    /// Returns the position of the last `@` in a part of the text.
    fn last_at(&mut self, bytes: &[u8], part: Range<usize>) -> Option<usize> {
        let found = match self.last_at {
            Some((from, end, found)) if end == part.end && from <= part.start => found,
            _ => {
                let inside = bytes.get(part.clone()).unwrap_or_default();
                let found = inside.iter().rposition(|byte| *byte == b'@').map(|at| part.start + at);
                self.last_at = Some((part.start, part.end, found));
                found
            }
        };
        found.filter(|at| *at >= part.start)
    }
}

impl Scan<'_> {
    pub(super) fn colon(&mut self, sign: usize) -> Option<Range<usize>> {
        match self.byte(sign + 1) {
            Some(b'/') if self.byte(sign + 2) == Some(b'/') => self.url(sign + 3),
            // A URL that was normalized as a path has one slash.
            Some(b'/') => self.url_in_path(sign + 2),
            Some(b':') => self.cluster_token(sign),
            _ => self.named(sign),
        }
    }

    /// Returns the credentials before the host of a URL: `user:password` in `https://user:password@host`.
    fn url(&mut self, start: usize) -> Option<Range<usize>> {
        let bytes = self.bytes;
        let end = self.url_end(start);
        let authority = self.url.authority.byte(bytes, start, |byte| matches!(byte, b'/' | b'?' | b'#')).min(end);
        // A slash in a password ends the authority too early, so a later `@` counts if there is a colon; a path with
        // `@` behind a port looks the same.
        let has_colon = self.url.colon.byte(bytes, start, |byte| byte == b':') < authority;
        let is_open = has_colon && self.byte(start) != Some(b'[');
        let at = self.url.last_at(bytes, start..if is_open { end } else { authority })?;
        (at > start && self.part(start..at) != MASK).then_some(start..at)
    }

    fn url_in_path(&mut self, start: usize) -> Option<Range<usize>> {
        let bytes = self.bytes;
        let end = self.url_end(start);
        let end = self.url.authority.byte(bytes, start, |byte| matches!(byte, b'/' | b'?' | b'#')).min(end);
        let at = self.url.last_at(bytes, start..end)?;
        let colon = self.url.colon.byte(bytes, start, |byte| byte == b':');
        (start < colon && colon < at).then_some(start..at)
    }

    /// Returns where a URL ends: at a blank or quote, or at the comma before the next URL of a list.
    fn url_end(&mut self, start: usize) -> usize {
        let (bytes, text) = (self.bytes, self.text);
        let is_end = |byte: u8| is_blank(byte) || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`');
        let end = self.url.end.byte(bytes, start, is_end);
        let find = |at: usize| text.get(at..).and_then(|rest| rest.find("://")).map_or(bytes.len(), |found| at + found);
        let next = self.url.next.from(start, find);
        if next >= end {
            return end;
        }
        let before = bytes.get(start..next).unwrap_or_default();
        before.iter().rposition(|byte| *byte == b',').map_or(end, |comma| start + comma)
    }

    /// Returns the user and password of a data source name: `user:password@tcp(host)`.
    pub(super) fn data_source(&mut self, sign: usize) -> Option<Range<usize>> {
        if !SOURCES.iter().any(|source| self.starts(sign, source)) {
            return None;
        }
        let floor = sign.saturating_sub(LONGEST_USER);
        let before = self.bytes.get(floor..sign)?;
        let is_break = |byte: &u8| is_blank(*byte) || matches!(byte, b'"' | b'\'' | b'`');
        let mut start = before.iter().rposition(is_break).map_or(floor, |last| floor + last + 1);
        let word = self.bytes.get(start..sign)?;
        let colon = word.iter().position(|byte| *byte == b':')?;
        // Keeps the name of an assignment: `DSN=user:…`
        start += word.get(..colon)?.iter().rposition(|byte| *byte == b'=').map_or(0, |equals| equals + 1);
        (start < sign && self.part(start..sign) != MASK).then_some(start..sign)
    }

    /// Returns a K3s or RKE2 join token, which starts with the hash of the cluster's CA: `K10….::server:…`.
    fn cluster_token(&mut self, sign: usize) -> Option<Range<usize>> {
        let name = self.name_before(sign).filter(|name| name.end == sign)?;
        if !(self.starts(name.start, "K10") && name.len() >= "K10".len()) {
            return None;
        }
        let start = name.start;
        let end = self.word_end(sign);
        (first(self.bytes, sign, |byte| byte != b':') < end).then_some(start..end)
    }
}
