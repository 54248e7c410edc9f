//! The configuration of a Git clone: credentials in URLs.

use crate::kind::{Remark, shown};

/// Token prefixes of Git services. Sources: GitHub's and GitLab's documentation of their tokens.
const TOKENS: [&str; 7] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"];

/// The finding in a line of the file.
enum Held<'a> {
    /// A URL with a password, or with a token as the user; contains the host.
    Userinfo(&'a str),
    /// A token elsewhere; contains its prefix.
    Token(&'static str),
}

fn held(text: &str) -> impl Iterator<Item = (usize, Held<'_>)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let is_comment = line.trim_start().starts_with(['#', ';']);
        let held = userinfo(line)
            .map(Held::Userinfo)
            .or_else(|| TOKENS.iter().find(|token| has_token(line, token)).map(|token| Held::Token(token)));
        held.filter(|_| !is_comment).map(|held| (index + 1, held))
    })
}

/// The host of a URL with a password, or with a user that may be a token, unlike an SSH user.
fn userinfo(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("://")?;
    let scheme = before.rsplit(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
    let authority = rest.split(['/', '?', '#', '"', ' ', '\t']).next().unwrap_or_default();
    let (user, host) = authority.rsplit_once('@')?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    (user.contains(':') || is_web).then_some(host)
}

fn has_token(line: &str, token: &str) -> bool {
    line.match_indices(token).any(|(at, _)| {
        let starts = line[..at].chars().next_back().is_none_or(|letter| !letter.is_ascii_alphanumeric());
        let rest = line[at + token.len()..].bytes();
        starts && rest.take_while(u8::is_ascii_alphanumeric).count() >= 16
    })
}

pub(crate) fn remarks(text: &str) -> Vec<Remark> {
    let remark = |(line, held): (usize, Held<'_>)| {
        let text = match held {
            Held::Userinfo(host) => format!("a credential in the URL of {}", shown(host)),
            Held::Token(token) => format!("a token ({token}...)"),
        };
        Remark { line, text, violates: true }
    };
    held(text).map(remark).collect()
}

pub(crate) fn kept(text: &str) -> Vec<(usize, String)> {
    let kept = |(line, held): (usize, Held<'_>)| match held {
        Held::Userinfo(host) => (line, format!("https://masked:masked@{host}/")),
        Held::Token(token) => (line, format!("{token}{}", "0".repeat(16))),
    };
    held(text).map(kept).collect()
}

#[cfg(test)]
mod tests {
    use crate::Kind;

    #[test]
    fn credentials_in_clones_are_found_and_not_shown() {
        const BODY: &str = "abcdefABCDEF0123456789";
        let table = [
            (
                "url = https://user:pass@git.example.com/a.git".to_owned(),
                Some("a credential in the URL of git.example.com"),
            ),
            (format!("url = https://ghp_{BODY}@github.com/a"), Some("a credential in the URL of github.com")),
            ("url = ssh://git@git.example.com/a".to_owned(), None),
            ("url = git@github.com:a/b.git".to_owned(), None),
            ("url = https://git.example.com/a@b".to_owned(), None),
            (format!("extraheader = Authorization: token github_pat_{BODY}"), Some("a token (github_pat_...)")),
            (format!("extraheader = xghp_{BODY}"), None),
            ("name = ghp_short".to_owned(), None),
            (format!("; url = https://ghp_{BODY}@github.com/a"), None),
        ];
        for (line, expected) in table {
            let remarks = Kind::Git.remarks(line.as_bytes(), "config", 0o600, &[]).expect("read");
            assert_eq!(remarks.first().map(|remark| remark.text.as_str()), expected, "{line}");
            let kept = Kind::Git.kept(line.as_bytes());
            assert!(!kept.contains(BODY) && !kept.contains("pass@"), "{kept}");
        }
    }
}
