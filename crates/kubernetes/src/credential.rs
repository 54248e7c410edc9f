//! The header that identifies the user.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use probe::{Cause, Reason};
use secrecy::{ExposeSecret as _, SecretString};

use crate::exec::Plugin;
use crate::files;

/// The kubelet rotates a pod's token after 80 % of its lifetime, so rereading every minute is enough.
const REREAD: Duration = Duration::from_mins(1);

/// The user's credentials.
pub struct Credential {
    origin: Origin,
    /// The value of the header, and when it was obtained.
    header: Option<(HeaderValue, Instant)>,
}

enum Origin {
    /// No header, or a constant one.
    Fixed,
    /// A token file, and the token to use if it cannot be read.
    File { path: PathBuf, fallback: Option<SecretString> },
    /// An exec plugin, and the user that it belongs to.
    Plugin { plugin: Plugin, subject: String },
}

impl Credential {
    /// No credential, unless a client certificate identifies the user.
    pub const fn none() -> Self {
        Self { origin: Origin::Fixed, header: None }
    }

    /// A user name and password.
    pub fn basic(name: &str, password: &str) -> Self {
        let value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))));
        Self { origin: Origin::Fixed, header: value.ok().map(|value| (sensitive(value), Instant::now())) }
    }

    /// A token.
    pub fn of_token(token: &str) -> Result<Self, &'static str> {
        let value = bearer(token).ok_or("its token contains invalid characters")?;
        Ok(Self { origin: Origin::Fixed, header: Some((value, Instant::now())) })
    }

    /// The token in a file, which is reread since it may be rotated.
    pub fn of_file(path: PathBuf, fallback: Option<&str>) -> Result<Self, Reason> {
        let fallback = fallback.map(SecretString::from);
        let mut credential = Self { origin: Origin::File { path, fallback }, header: None };
        credential.header()?;
        Ok(credential)
    }

    /// The token from an exec plugin.
    pub const fn of_plugin(plugin: Plugin, subject: String) -> Self {
        Self { origin: Origin::Plugin { plugin, subject }, header: None }
    }

    /// The certificate from the exec plugin, if it returns one and no token. Requested once, before the first
    /// connection.
    pub fn certificate(&mut self) -> Result<Option<crate::tls::Identity>, Reason> {
        let Origin::Plugin { plugin, subject } = &self.origin else { return Ok(None) };
        let made = plugin.run(subject)?;
        self.header = match &made.token {
            Some(token) => Some((plugin_header(token.expose_secret(), subject)?, Instant::now())),
            None => None,
        };
        Ok(made.identity)
    }

    /// The value of `Authorization`, refreshed if it is old.
    pub fn header(&mut self) -> Result<Option<HeaderValue>, Reason> {
        let old = self.header.as_ref().is_none_or(|(_, since)| since.elapsed() > REREAD);
        if let (true, Origin::File { path, fallback }) = (old, &self.origin) {
            let read = files::token(path);
            let value = match (read, fallback) {
                (Ok(token), _) => token_of_file(token.expose_secret(), path)?,
                (Err(_), Some(fallback)) => token_of_file(fallback.expose_secret(), path)?,
                // A token that was read once remains valid if the file disappears (kubernetes#68164).
                (Err(error), None) => match self.header.take() {
                    Some((value, _)) => value,
                    None => return Err(error),
                },
            };
            self.header = Some((value, Instant::now()));
        }
        Ok(self.header.as_ref().map(|(value, _)| value.clone()))
    }

    /// Gets a new value after the server rejected the current one. Returns whether it differs.
    pub fn renew(&mut self) -> Result<bool, Reason> {
        let before = self.header.as_ref().map(|(value, _)| value.clone());
        match &self.origin {
            Origin::Fixed => return Ok(false),
            Origin::File { .. } => {
                let known = self.header.take();
                if self.header().is_err() {
                    self.header = known;
                }
            }
            Origin::Plugin { plugin, subject } => {
                let made = plugin.run(subject)?;
                if let Some(token) = &made.token {
                    self.header = Some((plugin_header(token.expose_secret(), subject)?, Instant::now()));
                }
            }
        }
        Ok(self.header.as_ref().map(|(value, _)| value) != before.as_ref())
    }

    /// Whether the header contains a secret.
    pub const fn is_secret(&self) -> bool {
        self.header.is_some() || !matches!(self.origin, Origin::Fixed)
    }
}

fn token_of_file(token: &str, path: &std::path::Path) -> Result<HeaderValue, Reason> {
    bearer(token.trim()).ok_or_else(|| Reason::new(Cause::Malformed, path.display(), "not a token"))
}

fn plugin_header(token: &str, subject: &str) -> Result<HeaderValue, Reason> {
    bearer(token).ok_or_else(|| Reason::new(Cause::Malformed, subject, "its exec plugin did not return a valid token"))
}

fn bearer(token: &str) -> Option<HeaderValue> {
    let visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let value = visible.then(|| HeaderValue::from_str(&format!("Bearer {token}")))?;
    value.ok().map(sensitive)
}

fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}
