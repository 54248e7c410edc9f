//! Untrusted addresses, without any credentials.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// The replacement for a credential.
const MASKED: &str = "masked";

/// A URL, or a host with an optional port, without its credentials, query and fragment.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// Parses an address. Anything that may be a credential is masked.
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let text = text.split(['?', '#']).next().unwrap_or_default();
        let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
        let Some((userinfo, host)) = userinfo(rest) else { return Self(text.to_owned()) };
        let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        let masked = match userinfo.split_once(':') {
            Some((_, password)) if !password.is_empty() => format!("{MASKED}:{MASKED}@"),
            // In `git@host:path` and `ssh://git@host`, the user is not a credential.
            _ if !is_web => format!("{userinfo}@"),
            _ if userinfo.trim_end_matches(':').is_empty() => String::new(),
            _ => format!("{MASKED}@"),
        };
        let sign = if scheme.is_empty() { "" } else { "://" };
        Self(format!("{scheme}{sign}{masked}{host}"))
    }

    /// The scheme in lower case, such as `https`; empty if there is none.
    pub fn scheme(&self) -> String {
        self.0.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default()
    }

    /// Whether it contained a password, or a token as the user.
    pub fn has_credentials(&self) -> bool {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        rest.strip_prefix(MASKED).is_some_and(|rest| rest.starts_with(['@', ':']))
    }

    /// The address, without credentials.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the address is empty.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Splits the text after the scheme into the userinfo and the rest.
fn userinfo(rest: &str) -> Option<(&str, &str)> {
    let end = rest.find('/').unwrap_or(rest.len());
    if let Some(place) = rest[..end].rfind('@') {
        return Some((&rest[..place], &rest[place + 1..]));
    }
    // A password may contain an unescaped slash, whereas a port is a number.
    let (_, port) = rest[..end].split_once(':')?;
    if port.bytes().all(|byte| byte.is_ascii_digit()) { None } else { rest.rsplit_once('@') }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map_or_else(Self::default, |text| Self::new(&text)))
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn credentials_are_masked_and_known() {
        let table = [
            ("http://proxy:3128", "http://proxy:3128", false),
            ("http://u:p@proxy:3128", "http://masked:masked@proxy:3128", true),
            ("http://u:p/w@proxy:3128/x", "http://masked:masked@proxy:3128/x", true),
            ("HTTPS://ghp_abc@github.com/o/r", "HTTPS://masked@github.com/o/r", true),
            ("u:p@proxy:3128", "masked:masked@proxy:3128", true),
            ("git@github.com:o/r.git", "git@github.com:o/r.git", false),
            ("ssh://git@github.com/o/r.git", "ssh://git@github.com/o/r.git", false),
            ("ssh://git:p@github.com/o/r.git", "ssh://masked:masked@github.com/o/r.git", true),
            ("https://host/p@th/x", "https://host/p@th/x", false),
            ("https://host:443/p@th", "https://host:443/p@th", false),
            ("https://host/x?token=secret#frag", "https://host/x", false),
            ("https://@host/x", "https://host/x", false),
            ("proxy", "proxy", false),
            (" ", "", false),
        ];
        for (text, shown, has) in table {
            let address = Address::new(text);
            assert_eq!((address.as_str(), address.has_credentials()), (shown, has), "{text}");
            assert_eq!(Address::new(address.as_str()), address, "{text}");
        }
    }

    #[test]
    fn schemes_are_in_lower_case() {
        for (text, scheme) in [("HTTP://a", "http"), ("a:80", ""), ("https://a", "https")] {
            assert_eq!(Address::new(text).scheme(), scheme);
        }
    }
}
