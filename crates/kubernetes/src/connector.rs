//! Connections to the API server, direct or through a proxy, within a time limit.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use crate::proxy::host;
use crate::resolve::Names;
use crate::socks;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Tcp = HttpConnector<Names>;
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type Connecting<S> = Pin<Box<dyn Future<Output = Result<S, BoxError>> + Send>>;

/// The connection was not established in time.
#[derive(Debug, Clone, Copy, Error)]
#[error("no connection within {} s", .0.as_secs())]
pub struct TooLate(pub Duration);

/// The proxy refused the connection.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct ProxyRefused(String);

/// The transport to the server, below its TLS.
#[derive(Clone)]
pub enum Route {
    /// To the server itself.
    Straight(Tcp),
    /// Through an HTTP proxy, by CONNECT.
    Tunnel(Tunnel<Tcp>),
    /// Through an HTTPS proxy.
    TlsTunnel(Tunnel<HttpsConnector<Tcp>>),
    /// Through a SOCKS proxy.
    Socks(Socks),
}

/// A SOCKS proxy and its credentials.
#[derive(Clone)]
pub struct Socks {
    tcp: Tcp,
    proxy: Uri,
    user: Option<(String, String)>,
}

impl Route {
    /// Prepares connections, direct or through a proxy. An HTTPS proxy is verified against the machine's root
    /// certificates.
    pub fn new(
        proxy: Option<&Uri>,
        connect_timeout: Duration,
        machine: impl FnOnce() -> Result<rustls::ClientConfig, probe::Reason>,
    ) -> Result<Self, probe::Reason> {
        let mut tcp = HttpConnector::new_with_resolver(Names::of_machine());
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect_timeout));
        let Some(proxy) = proxy else { return Ok(Self::Straight(tcp)) };
        let user = proxy.authority().and_then(|authority| authority.as_str().rsplit_once('@')).map(|(user, _)| user);
        Ok(match proxy.scheme_str() {
            Some("socks5" | "socks5h") => {
                let user = user.map(|user| user.split_once(':').unwrap_or((user, "")));
                let user = user.map(|(name, password)| (unescaped(name), unescaped(password)));
                Self::Socks(Socks { tcp, proxy: proxy.clone(), user })
            }
            Some("https") => {
                let tls = HttpsConnector::from((tcp, machine()?));
                Self::TlsTunnel(with_user(Tunnel::new(proxy.clone(), tls), user))
            }
            _ => Self::Tunnel(with_user(Tunnel::new(proxy.clone(), tcp), user)),
        })
    }
}

fn with_user<C>(tunnel: Tunnel<C>, user: Option<&str>) -> Tunnel<C> {
    let basic = user.and_then(|user| {
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        let pair = format!("{}:{}", unescaped(name), unescaped(password));
        HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()
    });
    match basic {
        Some(basic) => tunnel.with_auth(basic),
        None => tunnel,
    }
}

/// A part of a URL, percent-decoded.
fn unescaped(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

impl Service<Uri> for Route {
    type Response = Stream;
    type Error = BoxError;
    type Future = Connecting<Stream>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        match self.clone() {
            Self::Straight(mut tcp) => Box::pin(async move {
                poll_fn(|context| tcp.poll_ready(context)).await?;
                Ok(MaybeHttpsStream::Http(tcp.call(to).await?))
            }),
            Self::Tunnel(mut tunnel) => Box::pin(async move {
                poll_fn(|context| tunnel.poll_ready(context)).await.map_err(refused)?;
                Ok(MaybeHttpsStream::Http(tunnel.call(to).await.map_err(refused)?))
            }),
            Self::TlsTunnel(mut tunnel) => Box::pin(async move {
                poll_fn(|context| tunnel.poll_ready(context)).await.map_err(refused)?;
                tunnel.call(to).await.map_err(refused)
            }),
            Self::Socks(Socks { mut tcp, proxy, user }) => Box::pin(async move {
                poll_fn(|context| tcp.poll_ready(context)).await?;
                let mut stream = tcp.call(proxy).await.map_err(refused)?.into_inner();
                let user = user.as_ref().map(|(name, password)| (name.as_str(), password.as_str()));
                let port = to.port_u16().unwrap_or(443);
                socks::connect(&mut stream, &host(&to), port, user).await.map_err(refused)?;
                Ok(MaybeHttpsStream::Http(TokioIo::new(stream)))
            }),
        }
    }
}

fn refused(error: impl std::error::Error) -> BoxError {
    let mut words = error.to_string();
    let mut below = error.source();
    // The innermost cause is the most specific.
    while let Some(cause) = below {
        words = cause.to_string();
        below = cause.source();
    }
    Box::new(ProxyRefused(words))
}

/// Connections with a time limit.
#[derive(Clone)]
pub struct InTime<C> {
    inner: C,
    limit: Duration,
}

impl<C> InTime<C> {
    /// Limits the time of all connection steps together.
    pub const fn new(inner: C, limit: Duration) -> Self {
        Self { inner, limit }
    }
}

impl<C> Service<Uri> for InTime<C>
where
    C: Service<Uri>,
    C::Error: Into<BoxError>,
    C::Response: 'static,
    C::Future: Send + 'static,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Connecting<C::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let (connecting, limit) = (self.inner.call(to), self.limit);
        Box::pin(async move {
            match timeout(limit, connecting).await {
                Ok(connected) => connected.map_err(Into::into),
                Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, TooLate(limit)).into()),
            }
        })
    }
}
