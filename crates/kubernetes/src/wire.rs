//! Sends one request and reads its answer, within limits of time and size.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use http_body_util::BodyExt as _;
use hyper_rustls::{FixedServerNameResolver, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use kube_client::Client;
use kube_client::client::middleware::BaseUriLayer;
use kube_client::client::{Body, ClientBuilder};
use probe::{Cause, Reason};
use rustls::pki_types::ServerName;
use tokio::time::timeout;

use crate::connector::{InTime, Route};
use crate::failure::{self, Failure, Kind};
use crate::kubeconfig::Access;
use crate::options::Options;
use crate::text;
use crate::tls::{self, Identity, Trust};

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status code.
    pub status: u16,
    /// The content type, in lower case.
    pub content_type: String,
    /// The `Retry-After` delay, if any.
    pub retry_after: Option<Duration>,
    /// The redirect target.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// The path below the server's URL, with its query.
    pub path: &'q str,
    /// The `Accept` header.
    pub accept: &'static str,
    /// The size limit of the answer, in bytes.
    pub largest: usize,
}

/// The server and the connection to it.
pub struct Wire {
    client: Client,
    headers: HeaderMap,
    server: String,
}

impl Wire {
    /// Prepares a connection without opening it. Must be called within a runtime.
    pub fn new(access: &Access, identity: Option<&Identity>, options: &Options) -> Result<Self, Reason> {
        let server = shown(&access.server);
        let limit = options.limits.connect_timeout;
        let route = Route::new(access.proxy.as_ref(), limit, || tls::configuration(&Trust::Machine, None))?;
        let tls = tls::configuration(&access.trust, identity)?;
        let mut connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        if let Some(name) = &access.server_name {
            let name = ServerName::try_from(name.clone()).map_err(|_| {
                Reason::new(
                    Cause::Malformed,
                    &server,
                    format!("tls-server-name `{}` is not a valid name", text::name(name)),
                )
            })?;
            connector = connector.with_server_name_resolver(FixedServerNameResolver::new(name));
        }
        let connector = InTime::new(connector.enable_http1().wrap_connector(route), limit);
        let pool = legacy::Builder::new(TokioExecutor::new()).pool_max_idle_per_host(1).build(connector);
        let client = ClientBuilder::new(pool, "default").with_layer(&BaseUriLayer::new(access.server.clone())).build();
        let mut headers: HeaderMap = HeaderMap::new();
        let agent: Result<HeaderValue, _> = options.user_agent.parse();
        headers.extend(agent.ok().map(|agent| (USER_AGENT, agent)));
        for (name, value) in &access.impersonation {
            headers.append(HeaderName::clone(name), value.clone());
        }
        Ok(Self { client, headers, server })
    }

    /// The server's URL, safe to display.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Sends a request and reads the whole answer within the time limit.
    pub async fn get(
        &self,
        question: Question<'_>,
        authorization: Option<HeaderValue>,
        limit: Duration,
    ) -> Result<Reply, Failure> {
        match timeout(limit, self.exchange(question, authorization)).await {
            Ok(exchanged) => exchanged,
            Err(_) => {
                let detail = format!(
                    "no complete answer within {:.0} s (the server is slow, or the page is large)",
                    limit.as_secs_f64().ceil()
                );
                Err(self.failure(Kind::Late, Cause::TimedOut, detail))
            }
        }
    }

    async fn exchange(&self, question: Question<'_>, authorization: Option<HeaderValue>) -> Result<Reply, Failure> {
        let mut request = Request::get(question.path)
            .header(ACCEPT, question.accept)
            .body(Body::empty())
            .map_err(|_| self.failure(Kind::Final, Cause::Malformed, "not the path of a request"))?;
        request.headers_mut().extend(self.headers.clone());
        request.headers_mut().extend(authorization.map(|value| (AUTHORIZATION, value)));
        let response = self
            .client
            .send(request)
            .await
            .map_err(|error| failure::of(&error, &self.server, is_connecting(&error)))?;
        let (parts, mut body) = response.into_parts();
        let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
        if text(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(self.failure(Kind::Final, Cause::Malformed, "sent a compressed answer that was not requested"));
        }
        let mut reply = Reply {
            status: parts.status.as_u16(),
            content_type: text(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase(),
            retry_after: text(RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs),
            location: text(LOCATION).map(str::to_owned),
            body: Vec::new(),
        };
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| failure::of(&error, &self.server, false))?;
            let Ok(data) = frame.into_data() else { continue };
            if reply.body.len() + data.len() > question.largest {
                let detail = format!("answered with more than {} MiB", question.largest >> 20);
                return Err(self.failure(Kind::TooLarge, Cause::TooLarge, detail));
            }
            reply.body.extend_from_slice(&data);
        }
        Ok(reply)
    }

    fn failure(&self, kind: Kind, cause: Cause, detail: impl Into<String>) -> Failure {
        Failure { reason: Reason::new(cause, &self.server, detail), kind }
    }
}

/// Whether a request failed before there was a connection.
fn is_connecting(error: &kube_client::Error) -> bool {
    let kube_client::Error::Service(inner) = error else { return false };
    inner.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect)
}

fn shown(server: &Uri) -> String {
    text::name(server.to_string().trim_end_matches('/'))
}
