//! Requests until there is a final answer: rate-limited, retried if that may help, and bounded by the deadline.

use std::thread;
use std::time::{Duration, Instant};

use probe::{Cause, Reason};
use tokio::runtime::{Builder, Runtime};

use crate::credential::Credential;
use crate::failure::{Failure, Kind};
use crate::kubeconfig::access;
use crate::options::{Limits, Options};
use crate::pace::Pace;
use crate::wire::{Question, Reply, Wire};

/// The most attempts for one request.
const MOST_ATTEMPTS: u32 = 5;
/// The first pause between two attempts; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause that a server can ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A client of one server.
pub struct Asker {
    // Dropped before the runtime.
    wire: Wire,
    credential: Credential,
    pace: Pace,
    limits: Limits,
    deadline: Instant,
    /// Whether the server has answered any request.
    answered: bool,
    /// Why the server is no longer reachable.
    unreachable: Option<Reason>,
    requests: u64,
    runtime: Runtime,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// The answer exceeds the size limit.
    TooLarge(Reason),
    /// Any other failure.
    Failed(Reason),
}

impl Asker {
    /// Reads the sources selected by the options, and prepares the client. Opens no connection.
    pub fn new(options: &Options) -> Result<Self, Reason> {
        let begin = Instant::now();
        let mut access = access(options)?;
        if access.server.scheme_str() == Some("http") && access.credential.is_secret() && !is_loopback(&access.server) {
            let detail = "credentials are not sent over http (use https)";
            return Err(Reason::new(Cause::NotAllowed, &access.server, detail));
        }
        let made = access.credential.certificate()?;
        let identity = made.as_ref().or(access.identity.as_ref());
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|error| Reason::new(Cause::System, "connection", crate::text::message(&error.to_string())))?;
        let wire = {
            let _within = runtime.enter();
            Wire::new(&access, identity, options)?
        };
        Ok(Self {
            wire,
            credential: access.credential,
            pace: Pace::new(options.limits.requests_per_second),
            limits: options.limits,
            deadline: begin + options.limits.run_deadline,
            answered: false,
            unreachable: None,
            requests: 0,
            runtime,
        })
    }

    /// The URL of the server, safe to display.
    pub fn server(&self) -> &str {
        self.wire.server()
    }

    /// The number of requests sent so far.
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    /// Sends a request until there is a final answer, with any status.
    pub fn ask(&mut self, question: Question<'_>) -> Result<Reply, Unanswered> {
        if let Some(reason) = &self.unreachable {
            return Err(Unanswered::Failed(reason.clone()));
        }
        let mut pause = FIRST_PAUSE;
        let mut renewed = false;
        for attempt in 1..=MOST_ATTEMPTS {
            let last = attempt == MOST_ATTEMPTS;
            let waited = match self.once(question) {
                Ok(reply) if reply.status == 401 && !renewed && !last => {
                    renewed = true;
                    if !self.credential.renew().map_err(Unanswered::Failed)? {
                        return Ok(reply);
                    }
                    Duration::ZERO
                }
                Ok(reply) if is_passing(reply.status) && !last => {
                    let wait = reply.retry_after.unwrap_or(pause);
                    if wait > LONGEST_PAUSE || wait >= self.left() {
                        return Ok(reply);
                    }
                    wait.max(FIRST_PAUSE)
                }
                Ok(reply) => return Ok(reply),
                Err(failure) if self.may_pass(failure.kind) && !last && pause < self.left() => pause,
                Err(failure) => {
                    return Err(match failure.kind {
                        Kind::TooLarge => Unanswered::TooLarge(failure.reason),
                        Kind::Unreachable | Kind::Final => {
                            self.unreachable = Some(failure.reason.clone());
                            Unanswered::Failed(failure.reason)
                        }
                        Kind::Passing | Kind::Late => Unanswered::Failed(failure.reason),
                    });
                }
            };
            thread::sleep(waited);
            pause *= 2;
        }
        Err(Unanswered::Failed(self.out_of_time()))
    }

    fn once(&mut self, question: Question<'_>) -> Result<Reply, Failure> {
        let failed = |reason, kind| Failure { reason, kind };
        let wait = self.pace.wait(Instant::now());
        if wait >= self.left() {
            return Err(failed(self.out_of_time(), Kind::Final));
        }
        thread::sleep(wait);
        let authorization = self.credential.header().map_err(|reason| failed(reason, Kind::Final))?;
        self.requests += 1;
        let left = self.left();
        let limit = self.limits.page_timeout.min(left);
        let reply = self.runtime.block_on(self.wire.get(question, authorization, limit));
        self.answered |= reply.is_ok();
        match reply {
            Err(failure) if failure.kind == Kind::Late && limit == left => Err(failed(self.out_of_time(), Kind::Final)),
            reply => reply,
        }
    }

    /// Whether a retry may help. A server that has answered before exists, so it may be restarting or changing its
    /// address.
    fn may_pass(&self, kind: Kind) -> bool {
        kind == Kind::Passing || kind == Kind::Unreachable && self.answered
    }

    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn out_of_time(&self) -> Reason {
        let seconds = self.limits.run_deadline.as_secs();
        Reason::new(Cause::TimedOut, self.server(), format!("the time for the cluster is over ({seconds} s)"))
    }
}

/// Whether a retry may return a different status.
const fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

fn is_loopback(server: &http::Uri) -> bool {
    let host = crate::proxy::host(server);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
