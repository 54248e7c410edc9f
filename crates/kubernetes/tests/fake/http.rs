//! As much of HTTP/1.1 as a client for JSON needs, and ways to answer badly.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::Answering;

/// A request as the server received it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The method, such as `GET`.
    pub method: String,
    /// The path with its query.
    pub target: String,
    /// The path without its query.
    pub path: String,
    /// The query parameters, unescaped.
    pub query: BTreeMap<String, String>,
    /// The headers, by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The number of earlier requests of this path, with any query.
    pub before: usize,
    /// The time of arrival.
    pub at: Instant,
}

impl Asked {
    /// A header's value, or an empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A query parameter's value, or an empty string.
    pub fn part(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

/// An answer to a request.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, without those of the connection and its length.
    pub headers: Vec<(String, String)>,
    /// The body, and how it is sent.
    pub body: Body,
}

/// How a body is sent.
pub enum Body {
    /// All at once.
    Whole(Vec<u8>),
    /// The first half; then the connection closes.
    Cut(Vec<u8>),
    /// Byte by byte, with a pause before each.
    Dripping(Vec<u8>, Duration),
    /// A list that never ends.
    Endless,
    /// Nothing, not even a status line; the connection closes after this time.
    Silent(Duration),
    /// Nothing; the connection closes at once.
    HungUp,
}

impl Answer {
    /// An answer with a JSON body.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/json", Body::Whole(body.into()))
    }

    /// An answer with any body.
    pub fn new(status: u16, content_type: &str, body: Body) -> Self {
        Self { status, headers: vec![("Content-Type".into(), content_type.into())], body }
    }

    /// A `Status` object of the API server.
    pub fn status(status: u16, reason: &str, message: &str) -> Self {
        let body = serde_json::json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "code": status,
        });
        Self::json(status, body.to_string())
    }

    /// Adds a header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// Serves one connection until it closes.
pub fn serve(tcp: TcpStream, tls: Arc<ServerConfig>, answering: &Answering, log: &Mutex<Vec<Asked>>) {
    let Ok(connection) = ServerConnection::new(tls) else { return };
    let _ = tcp.set_read_timeout(Some(Duration::from_mins(1)));
    let _ = tcp.set_nodelay(true);
    let mut stream = BufReader::new(StreamOwned::new(connection, tcp));
    while let Some(mut asked) = read(&mut stream) {
        {
            let mut log = log.lock().expect("not poisoned");
            asked.before = log.iter().filter(|earlier| earlier.path == asked.path).count();
            log.push(asked.clone());
        }
        let answer = answering(&asked);
        if write(stream.get_mut(), answer).is_none() {
            let stream = stream.get_mut();
            stream.conn.send_close_notify();
            let _ = stream.flush();
            let _ = stream.sock.shutdown(Shutdown::Both);
            return;
        }
    }
}

fn read(stream: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    let mut next = || {
        line.clear();
        stream.by_ref().take(64 << 10).read_line(&mut line).ok().filter(|length| *length > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = next()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let header = next()?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        headers.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query.split('&').filter_map(|part| part.split_once('='));
    let unescaped = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
    let query = query.map(|(name, value)| (unescaped(name), unescaped(value))).collect();
    let path = path.to_owned();
    Some(Asked { method, target, path, query, headers, before: 0, at: Instant::now() })
}

/// Returns `None` if the connection must close.
fn write(stream: &mut impl Write, answer: Answer) -> Option<()> {
    let length = match &answer.body {
        Body::Whole(bytes) | Body::Cut(bytes) | Body::Dripping(bytes, _) => Some(bytes.len()),
        Body::Endless => None,
        Body::Silent(time) => {
            thread::sleep(*time);
            return None;
        }
        Body::HungUp => return None,
    };
    let headers = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let mut head = format!("HTTP/1.1 {} Status\r\n{}", answer.status, headers.collect::<Vec<_>>().concat());
    head += &length.map_or_else(|| "Connection: close".to_owned(), |length| format!("Content-Length: {length}"));
    head += "\r\n\r\n";
    stream.write_all(head.as_bytes()).ok()?;
    match answer.body {
        Body::Whole(bytes) => stream.write_all(&bytes).ok()?,
        Body::Cut(bytes) => {
            stream.write_all(&bytes[..bytes.len() / 2]).ok()?;
            stream.flush().ok()?;
            return None;
        }
        Body::Dripping(bytes, pause) => {
            for byte in bytes {
                thread::sleep(pause);
                stream.write_all(&[byte]).and_then(|()| stream.flush()).ok()?;
            }
        }
        Body::Endless => {
            stream.write_all(b"{\"kind\":\"PodList\",\"items\":[").ok()?;
            loop {
                stream.write_all(&b"[0],".repeat(16 << 10)).ok()?;
            }
        }
        Body::Silent(_) | Body::HungUp => return None,
    }
    stream.flush().ok()
}
