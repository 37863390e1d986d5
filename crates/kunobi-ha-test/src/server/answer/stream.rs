//! The body of a watch: it counts what it tells, and fails when it is told to.

use std::{
    io,
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::sync::mpsc::Receiver;

use crate::{
    fault::WatchFault,
    server::{TestServer, watch},
    status::Rejection,
};

#[derive(Debug)]
pub(super) struct Stream {
    /// Each is a line: an event or a bookmark.
    lines: Receiver<Bytes>,
    followed: Option<Followed>,
    fault: Option<(u64, WatchFault)>,
    told: u64,
    next: Next,
}

/// What follows in a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Next {
    Line,
    Error,
    End,
}

/// The entry of the log that tells of this watch.
#[derive(Debug)]
struct Followed {
    server: TestServer,
    sequence: u64,
}

type Frame = Poll<Option<Result<Bytes, io::Error>>>;

impl Stream {
    pub(super) fn new(lines: Receiver<Bytes>) -> Self {
        Self { lines, followed: None, fault: None, told: 0, next: Next::Line }
    }

    pub(super) fn follow(&mut self, server: &TestServer, sequence: u64) {
        if !server.state().log.keeps() {
            return;
        }
        server.note(|log, _| log.told(sequence, 0));
        self.followed = Some(Followed { server: server.clone(), sequence });
    }

    pub(super) fn fail(&mut self, after_events: u64, fault: WatchFault) {
        self.fault = Some((after_events, fault));
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Frame {
        match self.next {
            Next::Line => {}
            Next::Error => {
                self.end();
                return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
            }
            Next::End => return Poll::Ready(None),
        }
        let due = self.fault.filter(|(after, _)| self.told >= *after).map(|(_, fault)| fault);
        match due {
            None => self.poll_line(context),
            Some(WatchFault::End) => {
                self.end();
                Poll::Ready(None)
            }
            // Nobody wakes the client: only dropping the body ends this.
            Some(WatchFault::Stall) => Poll::Pending,
            Some(WatchFault::Expire) => {
                self.end();
                Poll::Ready(Some(Ok(watch::error(&Rejection::expired_watch()))))
            }
            Some(WatchFault::Break) => match self.lines.poll_recv(context) {
                Poll::Ready(Some(line)) => {
                    self.next = Next::Error;
                    Poll::Ready(Some(Ok(line.slice(..line.len() / 2))))
                }
                Poll::Ready(None) => {
                    self.end();
                    Poll::Ready(None)
                }
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn poll_line(&mut self, context: &mut Context<'_>) -> Frame {
        let line = self.lines.poll_recv(context);
        match &line {
            Poll::Ready(Some(line)) if !watch::is_bookmark(line) => self.count(),
            Poll::Ready(Some(_)) | Poll::Pending => {}
            Poll::Ready(None) => self.end(),
        }
        line.map(|line| line.map(Ok))
    }

    fn count(&mut self) {
        self.told += 1;
        if let Some(Followed { server, sequence }) = &self.followed {
            server.note(|log, _| log.told(*sequence, self.told));
        }
    }

    fn end(&mut self) {
        self.next = Next::End;
        if let Some(Followed { server, sequence }) = self.followed.take() {
            server.note(|log, at| log.ended(sequence, at));
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.end();
    }
}
