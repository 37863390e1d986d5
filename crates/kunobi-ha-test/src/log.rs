//! The requests and the writes.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use serde::Serialize;
use serde_json::Value;

use crate::{
    fault::{Fault, WatchFault},
    store::Object,
};

/// One request that arrived.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Request {
    /// Counts from zero.
    pub sequence: u64,
    /// Microseconds from the start of the server to its arrival.
    pub at_us: u64,
    /// Microseconds from the start of the server to its answer, once it has one, even if a fault keeps it from
    /// the client.
    pub answered_us: Option<u64>,
    /// The client that sent it.
    pub client: String,
    /// The TCP connection; zero for a service without sockets.
    pub connection: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The name of the object: from the path, or of a creation from the body. Empty for a collection, and if the
    /// server generates it.
    pub name: String,
    /// The query.
    pub query: String,
    /// The status of the answer, once it has one, even if a fault keeps it from the client.
    pub status: Option<u16>,
    /// The fault that it has met; latencies that all requests have are none.
    pub fault: Option<Fault>,
    /// How many events a watch has sent, without bookmarks. None: it is no watch.
    pub events: Option<u64>,
    /// Microseconds from the start of the server to the end of a watch, once it is over.
    pub ended_us: Option<u64>,
}

/// A watch that is open now: its answer has begun, and its client has not dropped it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OpenWatch {
    /// The sequence number of the request that began it.
    pub sequence: u64,
    /// Microseconds from the start of the server to its beginning.
    pub at_us: u64,
    /// The client that watches.
    pub client: String,
    /// The TCP connection; zero for a service without sockets.
    pub connection: u64,
    /// The path, without the query.
    pub path: String,
    /// The query.
    pub query: String,
    /// The version up to which the client has been sent what it selects: at first the one at which the watch began, then that of
    /// the last event or bookmark.
    pub version: u64,
    /// How many events were sent, without bookmarks.
    pub events: u64,
    /// The fault that applies to it, now or later.
    pub fault: Option<Fault>,
    /// Whether nothing is sent now, because its fault stalls it or its client is cut off.
    pub is_stalled: bool,
}

/// One write that was accepted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Write {
    /// Counts from zero.
    pub sequence: u64,
    /// Microseconds from the start of the server.
    pub at_us: u64,
    /// The client that sent it; empty for a change by the test itself.
    pub client: String,
    /// The HTTP method.
    pub method: String,
    /// The path of the object.
    pub path: String,
    /// The subresource that it was written by, such as `status`; else empty.
    pub subresource: String,
    /// The version that it has now.
    pub revision: u64,
    /// The object as it is now; null if it was deleted.
    pub object: Value,
}

/// A write as it is kept: it shares its object with the store.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    pub(crate) at_us: u64,
    pub(crate) client: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) subresource: String,
    pub(crate) revision: u64,
    pub(crate) object: Option<Arc<Object>>,
}

/// The latest requests and writes.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) requests: VecDeque<Request>,
    pub(crate) writes: VecDeque<Entry>,
    next_request: u64,
    next_write: u64,
    capacity: usize,
}

impl OpenWatch {
    pub(crate) fn is_stalled_by_fault(&self) -> bool {
        let Some(Fault::Watch { after_events, then }) = &self.fault else { return false };
        match then {
            WatchFault::Stall => self.events >= *after_events,
            WatchFault::End | WatchFault::Expire | WatchFault::Break => false,
        }
    }
}

impl Entry {
    pub(crate) fn write(&self) -> Write {
        Write {
            sequence: self.sequence,
            at_us: self.at_us,
            client: self.client.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            subresource: self.subresource.clone(),
            revision: self.revision,
            object: self.object.as_ref().map(|object| object.value.clone()).unwrap_or_default(),
        }
    }
}

impl Log {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            requests: VecDeque::new(),
            writes: VecDeque::new(),
            next_request: 0,
            next_write: 0,
            capacity,
        }
    }

    pub(crate) fn keeps(&self) -> bool {
        self.capacity > 0
    }

    /// Counts a request, keeps it, and returns its sequence number.
    pub(crate) fn request(&mut self, request: Option<Request>) -> u64 {
        let sequence = self.next_request;
        self.next_request += 1;
        if let Some(request) = request.filter(|_| self.keeps()) {
            if self.requests.len() >= self.capacity {
                self.requests.pop_front();
            }
            self.requests.push_back(Request { sequence, ..request });
        }
        sequence
    }

    pub(crate) fn answered(&mut self, sequence: u64, status: u16, at: Duration) {
        if let Some(request) = self.find(sequence) {
            request.status = Some(status);
            request.answered_us = Some(micros(at));
        }
    }

    /// A watch has told so many events.
    pub(crate) fn told(&mut self, sequence: u64, events: u64) {
        if let Some(request) = self.find(sequence) {
            request.events = Some(events);
        }
    }

    pub(crate) fn ended(&mut self, sequence: u64, at: Duration) {
        if let Some(request) = self.find(sequence) {
            request.ended_us = Some(micros(at));
        }
    }

    /// How many requests were kept once, and are not any more.
    pub(crate) fn forgotten_requests(&self) -> u64 {
        self.requests.front().map_or(self.next_request, |request| request.sequence)
    }

    pub(crate) fn forgotten_writes(&self) -> u64 {
        self.writes.front().map_or(self.next_write, |write| write.sequence)
    }

    fn find(&mut self, sequence: u64) -> Option<&mut Request> {
        let first = self.requests.front().map_or(0, |request| request.sequence);
        let index = sequence.checked_sub(first).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| self.requests.get_mut(index))
    }

    pub(crate) fn write(&mut self, write: impl FnOnce(u64) -> Entry) {
        let sequence = self.next_write;
        self.next_write += 1;
        if self.keeps() {
            if self.writes.len() >= self.capacity {
                self.writes.pop_front();
            }
            self.writes.push_back(write(sequence));
        }
    }
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
