//! The header that says who asks.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use probe::{Cause, Reason};
use secrecy::{ExposeSecret as _, SecretString};

use crate::exec::Plugin;
use crate::files;

/// The kubelet exchanges the token of a pod when four fifths of its time are over: a minute is soon enough.
const REREAD: Duration = Duration::from_mins(1);

/// Who asks, and how that is shown to be so.
pub struct Credential {
    origin: Origin,
    /// The value of the header, and since when it is known.
    header: Option<(HeaderValue, Instant)>,
}

enum Origin {
    /// Nothing, or a value that stays the same.
    Fixed,
    /// A file that holds a token; the token that counts where it cannot be read.
    File { path: PathBuf, fallback: Option<SecretString> },
    /// A program, and the user that it belongs to.
    Plugin { plugin: Plugin, subject: String },
}

impl Credential {
    /// Nobody in particular, unless a certificate says who.
    pub const fn none() -> Self {
        Self { origin: Origin::Fixed, header: None }
    }

    /// A name and its password.
    pub fn basic(name: &str, password: &str) -> Self {
        let value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))));
        Self { origin: Origin::Fixed, header: value.ok().map(|value| (sensitive(value), Instant::now())) }
    }

    /// A token.
    pub fn of_token(token: &str) -> Result<Self, &'static str> {
        let value = bearer(token).ok_or("its token has characters that no token has")?;
        Ok(Self { origin: Origin::Fixed, header: Some((value, Instant::now())) })
    }

    /// The token in a file, which is read again when it may have been exchanged.
    pub fn of_file(path: PathBuf, fallback: Option<&str>) -> Result<Self, Reason> {
        let fallback = fallback.map(SecretString::from);
        let mut credential = Self { origin: Origin::File { path, fallback }, header: None };
        credential.header()?;
        Ok(credential)
    }

    /// The token that a program makes.
    pub const fn of_plugin(plugin: Plugin, subject: String) -> Self {
        Self { origin: Origin::Plugin { plugin, subject }, header: None }
    }

    /// The certificate that the program makes, where it makes one and no token: asked for once, before the first
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

    /// The value of `Authorization`, which is read again where it is old.
    pub fn header(&mut self) -> Result<Option<HeaderValue>, Reason> {
        let old = self.header.as_ref().is_none_or(|(_, since)| since.elapsed() > REREAD);
        if let (true, Origin::File { path, fallback }) = (old, &self.origin) {
            let read = files::token(path);
            let value = match (read, fallback) {
                (Ok(token), _) => token_of_file(token.expose_secret(), path)?,
                (Err(_), Some(fallback)) => token_of_file(fallback.expose_secret(), path)?,
                // A token that was read once stays good where the file goes away (kubernetes#68164).
                (Err(error), None) => match self.header.take() {
                    Some((value, _)) => value,
                    None => return Err(error),
                },
            };
            self.header = Some((value, Instant::now()));
        }
        Ok(self.header.as_ref().map(|(value, _)| value.clone()))
    }

    /// Gets another value where the server does not accept this one any more. Whether there is one that differs.
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

    /// Whether anything secret is sent.
    pub const fn is_secret(&self) -> bool {
        self.header.is_some() || !matches!(self.origin, Origin::Fixed)
    }
}

fn token_of_file(token: &str, path: &std::path::Path) -> Result<HeaderValue, Reason> {
    bearer(token.trim()).ok_or_else(|| Reason::new(Cause::Malformed, path.display(), "not a token"))
}

fn plugin_header(token: &str, subject: &str) -> Result<HeaderValue, Reason> {
    bearer(token).ok_or_else(|| Reason::new(Cause::Malformed, subject, "its program made something that is no token"))
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
