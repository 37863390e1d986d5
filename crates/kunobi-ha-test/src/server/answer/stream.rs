//! The body of a watch: it counts what it tells, and fails when it is told to.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::mpsc::Receiver,
    time::{self, Sleep},
};

use crate::{
    fault::{Fault, WatchFault},
    server::{
        watch::{self, Line},
        watches::Followed,
    },
    status::Rejection,
};

#[derive(Debug)]
pub(super) struct Stream {
    lines: Receiver<Line>,
    /// What happened up to this version is not told, unless it is what existed then.
    pub(super) version: u64,
    followed: Option<Followed>,
    fault: Option<(u64, WatchFault)>,
    /// How long a watch that is to break waits for a line.
    patience: Option<Pin<Box<Sleep>>>,
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

type Frame = Poll<Option<Result<Bytes, io::Error>>>;

impl Stream {
    pub(super) fn new(lines: Receiver<Line>, version: u64) -> Self {
        let (followed, fault, patience) = (None, None, None);
        Self { lines, version, followed, fault, patience, told: 0, next: Next::Line }
    }

    pub(super) fn follow(&mut self, followed: Followed) {
        self.followed = Some(followed);
    }

    pub(super) fn fail(&mut self, after_events: u64, fault: WatchFault) {
        self.fault = Some((after_events, fault));
        if let Some(followed) = &self.followed {
            followed.fails(Fault::Watch { after_events, then: fault });
        }
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
            Some(WatchFault::Break) => self.poll_break(context),
        }
    }

    fn poll_line(&mut self, context: &mut Context<'_>) -> Frame {
        let line = ready!(self.lines.poll_recv(context));
        match &line {
            Some(line) => self.count(line),
            None => self.end(),
        }
        Poll::Ready(line.map(|line| Ok(line.bytes)))
    }

    /// Half a line; then the connection breaks.
    fn poll_break(&mut self, context: &mut Context<'_>) -> Frame {
        let half = match self.lines.poll_recv(context) {
            Poll::Ready(Some(line)) => line.bytes.slice(..line.bytes.len() / 2),
            Poll::Ready(None) => {
                self.end();
                return Poll::Ready(None);
            }
            Poll::Pending => {
                let patience = self.patience.get_or_insert_with(|| Box::pin(time::sleep(PATIENCE)));
                ready!(patience.as_mut().poll(context));
                Bytes::from_static(HALF_A_BOOKMARK)
            }
        };
        self.next = Next::Error;
        Poll::Ready(Some(Ok(half)))
    }

    fn count(&mut self, line: &Line) {
        self.told += u64::from(!line.is_bookmark);
        if let Some(followed) = &self.followed {
            followed.told(self.told, line.version);
        }
    }

    fn end(&mut self) {
        self.next = Next::End;
        self.followed = None;
    }
}

const PATIENCE: Duration = Duration::from_secs(1);
const HALF_A_BOOKMARK: &[u8] = br#"{"type":"BOOKMARK","object":{"kind":"#;
