//! Image names, by the grammar of container runtimes.

use std::fmt;

/// The longest name, in bytes.
const LONGEST: usize = 255;

/// An image's name without tag and digest: the registry's host and the repository's path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageName {
    /// The host in lower case, such as `docker.io`, `registry.example.com:5000` or `[2001:db8::1]:5000`.
    pub host: String,
    /// The path, such as `library/nginx`.
    pub path: String,
}

impl ImageName {
    /// Parses an image reference (`nginx`, `registry.example.com/team/app:1.0@sha256:…`); `None` if it is invalid.
    ///
    /// Without a host, the image is from Docker Hub. The first component is the host if it contains a dot, a colon or
    /// an upper-case letter, or is `localhost`.
    pub fn parse(reference: &str) -> Option<Self> {
        let (name, digest) = match reference.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (reference, None),
        };
        // After the last slash, a colon starts the tag; before, it belongs to the host.
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match name[last..].find(':') {
            Some(colon) => (&name[..last + colon], Some(&name[last + colon + 1..])),
            None => (name, None),
        };
        let (host, path) = match name.split_once('/') {
            Some((first, rest)) if is_host_like(first) => (first, rest),
            _ => (DOCKER_HUB, name),
        };
        let host = canonical(host);
        let path = if host == DOCKER_HUB && !path.contains('/') { format!("library/{path}") } else { path.to_owned() };
        let is_good = is_host(&host)
            && path.split('/').all(is_component)
            && host.len() + path.len() < LONGEST
            && !is_digest_alone(reference)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest);
        is_good.then_some(Self { host, path })
    }

    /// Whether the image is in a registry, or below a path in one.
    pub fn is_below(&self, registry: &RegistryPrefix) -> bool {
        let RegistryPrefix { host, path } = registry;
        self.host == *host
            && (path.is_empty()
                || self.path.strip_prefix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)
    }
}

/// A registry, or a path in one, as a prefix of image names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryPrefix {
    host: String,
    /// The path; empty for the whole registry.
    path: String,
}

impl RegistryPrefix {
    /// Parses `registry.example.com:5000` or `registry.example.com/team`, with the host in any case; `None` if
    /// invalid.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let (host, path) = text.split_once('/').unwrap_or((text, ""));
        let is_good = is_host_like(host)
            && is_host(host)
            && text.len() < LONGEST
            && (!text.contains('/') || path.split('/').all(is_component));
        is_good.then(|| Self { host: canonical(host), path: path.to_owned() })
    }
}

impl fmt::Display for RegistryPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        if self.path.is_empty() { Ok(()) } else { write!(f, "/{}", self.path) }
    }
}

/// The host of images that do not name one.
const DOCKER_HUB: &str = "docker.io";

/// A host in lower case, with one name for Docker Hub.
fn canonical(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    if host == "index.docker.io" { DOCKER_HUB.to_owned() } else { host }
}

/// Whether the first component of a name is the host rather than part of the path.
fn is_host_like(component: &str) -> bool {
    component == "localhost"
        || component.contains(['.', ':'])
        || component.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if is_address(address) => ("", port),
            _ => return false,
        },
        None => match text.find(':') {
            Some(colon) => text.split_at(colon),
            None => (text, ""),
        },
    };
    let is_label = |label: &str| {
        label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_port = |port: &str| {
        port.strip_prefix(':').is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
    };
    (text.starts_with('[') || name.split('.').all(is_label)) && (port.is_empty() || is_port(port))
}

fn is_address(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':')
}

/// Whether a text is a valid path component: lower-case letters and digits, separated by single dots, one or two
/// underscores, or any number of dashes.
fn is_component(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    is_word(*first)
        && is_word(*last)
        && bytes
            .chunk_by(|one, other| is_word(*one) == is_word(*other))
            .all(|run| is_word(run[0]) || matches!(run, b"." | b"_" | b"__") || run.iter().all(|byte| *byte == b'-'))
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut bytes = text.bytes();
    text.len() <= 128
        && bytes.next().is_some_and(is_word)
        && bytes.all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let is_part = |part: &str| {
        part.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    algorithm.split(['-', '_', '+', '.']).all(is_part)
        && hex.len() >= 32
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a reference is only a digest, which does not name a registry.
fn is_digest_alone(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}
