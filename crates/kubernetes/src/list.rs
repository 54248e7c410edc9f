//! Reads all objects of a kind, page by page.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::ops::ControlFlow;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use probe::{Cause, Reason};
use serde_json::value::RawValue;

use crate::ask::Unanswered;
use crate::page;
use crate::resource::Resource;
use crate::status::{Status, is_absent, not_an_api, refusal};
use crate::wire::{Question, Reply};

/// The largest regular page, in bytes. Larger ones are requested again with fewer objects, down to [`FEWEST_OBJECTS`].
const LARGE_PAGE: usize = 16 << 20;
/// The largest page of [`FEWEST_OBJECTS`], in bytes.
const LARGEST_PAGE: usize = 64 << 20;
/// The smallest number of objects requested per page.
const FEWEST_OBJECTS: u32 = 5;

/// The part of each object that is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The whole object.
    Whole,
    /// Its metadata only (`PartialObjectMetadata`); a server without support returns all of it.
    Metadata,
}

impl View {
    const fn accept(self) -> &'static str {
        match self {
            Self::Whole => "application/json",
            Self::Metadata => "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
        }
    }
}

/// An event while reading a list.
#[derive(Debug, Clone, Copy)]
pub enum Event<'o> {
    /// An object as in the page: valid JSON of bounded size and depth.
    Object(&'o RawValue),
    /// The list restarts: earlier objects must be discarded.
    Again,
}

/// How reading a list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All objects were passed on.
    Complete,
    /// The visitor stopped.
    Stopped,
    /// The cluster has no such kind.
    Absent,
    /// Objects are missing, for this reason.
    Unknown(Reason),
}

/// The result of reading a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// How reading ended.
    pub outcome: Outcome,
    /// The number of objects that were passed on.
    pub objects: u64,
    /// Whether the list's state expired while reading and the rest is from a newer one, so that objects replaced in
    /// between may be missing.
    pub inconsistent: bool,
}

/// Reads a list page by page.
pub fn read(
    resource: &Resource,
    view: View,
    page_items: u32,
    server: &str,
    mut ask: impl FnMut(Question<'_>) -> Result<Reply, Unanswered>,
    visit: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Listing {
    let mut listing = Listing { outcome: Outcome::Complete, objects: 0, inconsistent: false };
    let mut reading = Reading {
        subject: format!("list {resource}"),
        limit: page_items.max(1),
        next: String::new(),
        begun_again: false,
        odd: None,
        seen: Seen::default(),
    };
    listing.outcome = loop {
        let path = reading.path(resource);
        let few = reading.limit <= FEWEST_OBJECTS;
        let largest = if few { LARGEST_PAGE } else { LARGE_PAGE };
        let reply = match ask(Question { path: &path, accept: view.accept(), largest }) {
            Ok(reply) => reply,
            Err(Unanswered::TooLarge(_)) if !few => {
                reading.limit = (reading.limit / 10).max(FEWEST_OBJECTS);
                continue;
            }
            Err(Unanswered::TooLarge(reason) | Unanswered::Failed(reason)) => {
                break Outcome::Unknown(reading.about(reason));
            }
        };
        let step = match reply.status {
            200 => reading.page(&reply, server, &mut listing, visit),
            410 => reading.expired(&reply, server, &mut listing, visit),
            _ if is_absent(&reply) && reading.next.is_empty() => ControlFlow::Break(Outcome::Absent),
            _ => ControlFlow::Break(Outcome::Unknown(refusal(&reply, &reading.subject, server))),
        };
        if let ControlFlow::Break(outcome) = step {
            break outcome;
        }
    };
    listing
}

/// The state of reading a list.
struct Reading {
    subject: String,
    limit: u32,
    next: String,
    begun_again: bool,
    /// Why an object was not passed on.
    odd: Option<Reason>,
    seen: Seen,
}

impl Reading {
    fn path(&self, resource: &Resource) -> String {
        let mut path = format!("{}?limit={}", resource.path(), self.limit);
        if !self.next.is_empty() {
            path.push_str("&continue=");
            path.extend(utf8_percent_encode(&self.next, NON_ALPHANUMERIC));
        }
        path
    }

    fn about(&self, reason: Reason) -> Reason {
        // Without an answer, the subject is the server; otherwise it is the list.
        if self.next.is_empty() {
            reason
        } else {
            Reason::new(reason.cause, &self.subject, format!("half of it: {}", reason.detail))
        }
    }

    fn unknown(&self, cause: Cause, detail: impl Into<String>) -> ControlFlow<Outcome> {
        ControlFlow::Break(Outcome::Unknown(Reason::new(cause, &self.subject, detail)))
    }

    fn page(
        &mut self,
        reply: &Reply,
        server: &str,
        listing: &mut Listing,
        visit: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<Outcome> {
        let Some(page) = page::read(&reply.body) else {
            if reply.content_type.starts_with("application/json") && reply.body.trim_ascii_start().starts_with(b"{") {
                return self.unknown(Cause::Malformed, "the answer is not a list of objects, or is incomplete");
            }
            return ControlFlow::Break(Outcome::Unknown(not_an_api(reply, server)));
        };
        for object in page.objects.0 {
            if let Some(fault) = page::fault(object) {
                let name = page::name(object);
                let what = if name.is_empty() { fault } else { format!("{name}: {fault}") };
                self.odd.get_or_insert_with(|| Reason::new(Cause::Malformed, &self.subject, what));
                continue;
            }
            listing.objects += 1;
            if visit(Event::Object(object)).is_break() {
                return ControlFlow::Break(Outcome::Stopped);
            }
        }
        if page.next.is_empty() {
            return ControlFlow::Break(self.odd.take().map_or(Outcome::Complete, Outcome::Unknown));
        }
        if !self.seen.is_new(&page.next) {
            return self.unknown(
                Cause::Malformed,
                "the server returned a page that was already read (is there a cache in between?)",
            );
        }
        self.next = page.next.into_owned();
        ControlFlow::Continue(())
    }

    /// Handles an expired list: continues from a newer state if possible, or restarts once.
    fn expired(
        &mut self,
        reply: &Reply,
        server: &str,
        listing: &mut Listing,
        visit: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<Outcome> {
        let Some(status) = Status::of(reply) else {
            return ControlFlow::Break(Outcome::Unknown(not_an_api(reply, server)));
        };
        if let Some(next) = status.resumption().filter(|next| !self.next.is_empty() && self.seen.is_new(next)) {
            self.next = next;
            listing.inconsistent = true;
            return ControlFlow::Continue(());
        }
        if self.begun_again || self.next.is_empty() {
            return self.unknown(Cause::System, "expired while it was read, again and again (try again later)");
        }
        self.begun_again = true;
        self.next.clear();
        self.odd = None;
        self.seen = Seen::default();
        (listing.objects, listing.inconsistent) = (0, false);
        match visit(Event::Again) {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(()) => ControlFlow::Break(Outcome::Stopped),
        }
    }
}

/// The hashes of the last continue tokens, to detect loops; longer loops end at the deadline.
#[derive(Default)]
struct Seen {
    hashes: VecDeque<u64>,
    hasher: RandomState,
}

impl Seen {
    const MOST: usize = 4096;

    fn is_new(&mut self, token: &str) -> bool {
        let hash = self.hasher.hash_one(token);
        if self.hashes.contains(&hash) {
            return false;
        }
        if self.hashes.len() == Self::MOST {
            self.hashes.pop_front();
        }
        self.hashes.push_back(hash);
        true
    }
}
