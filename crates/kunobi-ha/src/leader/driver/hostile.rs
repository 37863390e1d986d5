//! Where bytes from outside come in, for fuzzing: the answers about the Lease `n/l`, and its watch.

use std::{
    collections::VecDeque,
    future::{pending, poll_fn},
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use kunobi_ha_core::{LeaseRecord, Observed, Outcome, Verb, Version};

use super::{answer::Meaning, lease::LeaseName, lease_watch::LeaseWatch, watch::Watch};
use crate::{
    leader::transport::{Answer, Sending, Transport},
    sync::{Mutex, lock},
};

/// Serves one watch, in these pieces. Another one is not answered.
#[derive(Debug)]
struct OneWatch(Mutex<Option<VecDeque<Vec<u8>>>>);

struct Pieces(VecDeque<Vec<u8>>);

/// Tells what an answer means to the machine and, if something is wrong, to people.
#[must_use]
pub fn understand(verb: Verb, status: u16, body: &[u8]) -> (Outcome, Option<String>) {
    let body = Bytes::copy_from_slice(body);
    let answer = Answer { status, retry_after: None, body };
    let Meaning { outcome, trouble, .. } = Meaning::of(verb, &lease(), Ok(answer));
    (outcome, trouble.map(|trouble| trouble.message.into()))
}

/// Writes a record and labels over a Lease that was served; `None` if what was served is not a Lease.
#[must_use]
pub fn write_over(
    served: &[u8],
    labels: &[(&str, &str)],
    record: &LeaseRecord,
) -> Option<(Version, Vec<u8>)> {
    let labels = labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    let lease = LeaseName { labels, ..lease() };
    let served = lease.read(served).ok()?;
    let body = lease.write(Some(&served.object), Some(&served.version), record, None);
    Some((served.version, body))
}

/// Returns what a watch shows that comes in these pieces.
pub async fn watch(pieces: Vec<Vec<u8>>) -> Vec<Observed> {
    let transport = Arc::new(OneWatch(Mutex::new(Some(pieces.into()))));
    let mut watch = Watch::open(transport, LeaseWatch(lease()), Duration::from_secs(2));
    let mut seen = Vec::new();
    // What is sent to a channel wakes its reader: there is an end only if nothing comes twice.
    let mut waited = false;
    let watching = poll_fn(|context| {
        loop {
            match pin!(watch.next()).poll(context) {
                Poll::Ready(Some(event)) => seen.push(event.observed),
                Poll::Ready(None) => return Poll::Ready(()),
                Poll::Pending if waited => return Poll::Ready(()),
                Poll::Pending => {
                    waited = true;
                    continue;
                }
            }
            waited = false;
        }
    });
    tokio::task::coop::unconstrained(watching).await;
    seen
}

fn lease() -> LeaseName {
    LeaseName { namespace: "n".into(), name: "l".into(), labels: [].into() }
}

impl Transport for OneWatch {
    fn send(&self, _: Request<Vec<u8>>) -> Sending {
        let pieces = lock(&self.0).take();
        Box::pin(async {
            match pieces {
                Some(pieces) => Ok(Response::new(Pieces(pieces).boxed_unsync())),
                None => pending().await,
            }
        })
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece.into()))))
    }
}
