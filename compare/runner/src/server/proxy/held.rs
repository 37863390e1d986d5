//! The body of an answer, on its way to a client that may hear nothing.

use bytes::Bytes;
use futures::stream;
use http_body::Body;
use http_body_util::{BodyExt, StreamBody};
use tokio::sync::watch;

use crate::fault::Disturbance;

/// The same body. While the client is to hear nothing, neither data nor the end is passed on. They follow later, as on a
/// connection that nobody has broken.
pub(super) fn body<B>(
    body: B,
    disturbance: watch::Receiver<Disturbance>,
) -> impl Body<Data = Bytes, Error = B::Error> + use<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    StreamBody::new(stream::unfold((body, disturbance), async |(mut body, mut disturbance)| {
        let frame = body.frame().await;
        let is_gone = disturbance.wait_for(|now| !now.is_silence()).await.is_err();
        if is_gone { None } else { frame.map(|frame| (frame, (body, disturbance))) }
    }))
}
