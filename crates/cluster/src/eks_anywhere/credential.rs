//! Detects kinds of credentials in untrusted texts. The text itself is never kept.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A kind of credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An `Authorization: Basic` or `Bearer` header with a value.
    Authorization,
    /// A value after a name such as `password` or `registry_password`.
    Password,
    /// A PEM private key.
    PrivateKey,
    /// A URL with a password, or with a token as the user.
    Userinfo,
}

impl Kind {
    /// The shortest text that contains this kind of credential, without any secret.
    const fn stand_in(self) -> &'static str {
        match self {
            Self::Authorization => "authorization = \"Basic masked\"",
            Self::Password => "password=masked",
            Self::PrivateKey => "-----BEGIN PRIVATE KEY-----",
            Self::Userinfo => "https://masked:masked@masked",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authorization => "an Authorization header",
            Self::Password => "a password",
            Self::PrivateKey => "a private key",
            Self::Userinfo => "a URL with a password",
        })
    }
}

/// The kinds of credentials in a text. Serialized as a text that contains the same kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials(BTreeSet<Kind>);

impl Credentials {
    /// Searches a text for credentials, in linear time.
    pub fn in_text(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let bytes = lower.as_bytes();
        let mut found = BTreeSet::new();
        if behind(bytes, b"authorization").any(has_authorization) {
            found.insert(Kind::Authorization);
        }
        let names: [&[u8]; 3] = [b"password", b"passwd", b"secret_access_key"];
        if names.iter().any(|name| behind(bytes, name).any(has_value)) {
            found.insert(Kind::Password);
        }
        if behind(bytes, b"-----begin ").any(starts_key) {
            found.insert(Kind::PrivateKey);
        }
        if places(bytes, b"://").any(|place| has_userinfo(&bytes[..place], &bytes[place + 3..])) {
            found.insert(Kind::Userinfo);
        }
        Self(found)
    }

    /// Searches a named setting, such as an environment variable.
    pub fn in_setting(name: &str, value: &str) -> Self {
        let Self(mut found) = Self::in_text(value);
        let name = name.to_ascii_lowercase();
        let is_secret = ["password", "passwd", "secret_access_key", "token"].iter().any(|end| name.ends_with(end));
        if is_secret && has_value(format!("={value}").as_bytes()) {
            found.insert(Kind::Password);
        }
        Self(found)
    }

    /// The kinds, in a fixed order.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.0.iter().copied()
    }

    /// Whether there are no credentials.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the kinds of another text.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// A text that contains the same kinds, one per line, and no secret.
    pub(super) fn stand_in(&self) -> String {
        self.0.iter().map(|kind| kind.stand_in()).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Credentials {
    /// Formats as `an Authorization header, a private key`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, kind) in self.kinds().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            kind.fmt(f)?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Credentials {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map_or_else(Self::default, |text| Self::in_text(&text)))
    }
}

impl Serialize for Credentials {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.stand_in())
    }
}

/// The places where `word` starts.
fn places<'t>(text: &'t [u8], word: &'t [u8]) -> impl Iterator<Item = usize> + 't {
    let first = word[0];
    text.iter()
        .enumerate()
        .filter(move |(_, byte)| **byte == first)
        .map(|(place, _)| place)
        .filter(move |place| text[*place..].starts_with(word))
}

/// The texts after each occurrence of `word`.
fn behind<'t>(text: &'t [u8], word: &'t [u8]) -> impl Iterator<Item = &'t [u8]> {
    places(text, word).map(move |place| &text[place + word.len()..])
}

/// Whether the text continues like `= "Basic …`, `: Bearer …` or `=["Basic …`.
fn has_authorization(rest: &[u8]) -> bool {
    let skipped = rest.iter().take(16).take_while(|byte| b" \t\"'=:[".contains(byte)).count();
    let value = &rest[skipped..];
    let scheme = [&b"basic "[..], b"bearer "].into_iter().find_map(|scheme| value.strip_prefix(scheme));
    skipped > 0 && scheme.is_some_and(|value| value.first().is_some_and(|byte| is_of_value(*byte)))
}

/// Whether a name is followed by `=` or `:` and a literal value, rather than a reference, template, path or hash.
fn has_value(rest: &[u8]) -> bool {
    let skip = |rest: &[u8], bytes: &[u8]| rest.iter().take(16).take_while(|byte| bytes.contains(byte)).count();
    let before = skip(rest, b" \t\"'");
    let [sign @ (b'=' | b':'), rest @ ..] = &rest[before..] else { return false };
    // In kernel arguments, a blank ends an empty value.
    let skipped: &[u8] = if *sign == b'=' && before == 0 { b"\"'" } else { b" \t\"'" };
    let value = &rest[skip(rest, skipped)..];
    let length = value.iter().take(16).take_while(|byte| is_of_value(**byte)).count();
    value.first().is_some_and(|byte| is_of_value(*byte) && *byte != b'/')
        && !matches!(&value[..length], b"true" | b"false" | b"null" | b"none" | b"no" | b"yes" | b"~")
}

/// Whether a byte can be part of a literal value: not a blank, a quote, a bracket or part of a template.
const fn is_of_value(byte: u8) -> bool {
    !matches!(
        byte,
        b' ' | b'\t'
            | b'\r'
            | b'\n'
            | b'"'
            | b'\''
            | b'$'
            | b'{'
            | b'}'
            | b'<'
            | b'>'
            | b'%'
            | b','
            | b'|'
            | b'['
            | b']'
    )
}

/// Whether the text continues like `private key-----` or `rsa private key-----`.
fn starts_key(rest: &[u8]) -> bool {
    let label = &rest[..rest.len().min(40)];
    places(label, b"private key-----").next().is_some()
}

/// Whether `://` is followed by userinfo with a password or, for HTTP, any user.
fn has_userinfo(before: &[u8], behind: &[u8]) -> bool {
    let end = behind.iter().position(|byte| b"@/ \t\r\n\"'?#<>`,;".contains(byte));
    let Some(userinfo) = end.filter(|end| behind[*end] == b'@').map(|end| &behind[..end]) else { return false };
    let password = userinfo.iter().position(|byte| *byte == b':').map(|colon| &userinfo[colon + 1..]);
    let is_http = before.ends_with(b"http") || before.ends_with(b"https");
    let value = password.or_else(|| is_http.then_some(userinfo));
    value.and_then(|value| value.first()).is_some_and(|byte| is_of_value(*byte))
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Kind};

    #[test]
    fn kinds_are_found_and_templates_are_not() {
        use Kind::{Authorization, Password, PrivateKey, Userinfo};
        let table: [(&str, &[Kind]); 34] = [
            ("[host.\"https://mirror:443\".header]\n  authorization = \"Basic dXNlcjpwYXNz\"", &[Authorization]),
            ("Authorization: Bearer abc", &[Authorization]),
            ("authorization = [\"Basic eA==\"]", &[Authorization]),
            ("--authorization-mode=Node,RBAC", &[]),
            ("authorization: basic", &[]),
            ("authorization = \"Basic ${TOKEN}\"", &[]),
            ("tink_worker_image=x registry_username=u registry_password=p4ss insecure=1", &[Password]),
            ("password = \"s3cret\"", &[Password]),
            ("  \"password\": \"s3cret\",", &[Password]),
            ("aws_secret_access_key=abc/def", &[Password]),
            ("password: ''", &[]),
            ("registry_password=", &[]),
            ("registry_password= next=1", &[]),
            ("password: ${PASSWORD}", &[]),
            ("password: {{ .password }}", &[]),
            ("passwordFile: /etc/x", &[]),
            ("password_file=/etc/x", &[]),
            ("password: /etc/password", &[]),
            ("PasswordAuthentication no", &[]),
            ("lock_passwd: false", &[]),
            ("chpasswd:\n  list: x", &[]),
            ("passwd: $6$hash", &[]),
            ("-----BEGIN RSA PRIVATE KEY-----\nabc", &[PrivateKey]),
            ("-----BEGIN PRIVATE KEY-----", &[PrivateKey]),
            ("-----BEGIN CERTIFICATE-----", &[]),
            ("HTTP_PROXY=http://user:pw@proxy:3128", &[Userinfo]),
            ("https://ghp_abc@github.com/org/repo", &[Userinfo]),
            ("ssh://git@github.com/org/repo", &[]),
            ("ssh://git:pw@github.com/org/repo", &[Userinfo]),
            ("http://proxy:3128/a@b", &[]),
            ("http://${USER}:${PASSWORD}@proxy", &[]),
            ("https://@host", &[]),
            ("see http://a, or mail b@c", &[]),
            ("", &[]),
        ];
        for (text, kinds) in table {
            let found = Credentials::in_text(text);
            assert_eq!(found.kinds().collect::<Vec<_>>(), kinds, "{text}");
            let again = Credentials::in_text(&found.stand_in());
            assert_eq!(found, again, "{text}");
        }
    }

    #[test]
    fn the_name_of_a_setting_says_what_it_is() {
        let table = [
            ("REGISTRY_PASSWORD", "x", true),
            ("REGISTRY_PASSWORD", "", false),
            ("REGISTRY_USERNAME", "x", false),
            ("GITHUB_TOKEN", "x", true),
            ("PASSWORD_FILE", "/x", false),
            ("KERNEL_ARGS", "a=1 registry_password=x", true),
        ];
        for (name, value, expected) in table {
            assert_eq!(!Credentials::in_setting(name, value).is_empty(), expected, "{name}={value}");
        }
    }

    #[test]
    fn long_texts_take_linear_time() {
        for part in ["authorization", "password=", "://a", "-----begin ", "://", "passwdpasswd"] {
            let text = part.repeat(300_000 / part.len());
            assert!(Credentials::in_text(&text).kinds().count() <= 1, "{part}");
        }
    }
}
