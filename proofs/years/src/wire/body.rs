//! The body of an answer.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::Full;
use tokio::sync::mpsc::UnboundedReceiver;

/// The body of an answer: whole, or the lines of a watch.
pub(crate) enum WireBody {
    Whole(Full<Bytes>),
    Lines(UnboundedReceiver<Result<Bytes, io::Error>>),
}

impl Body for WireBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut *self {
            Self::Whole(body) => Pin::new(body).poll_frame(context).map_err(|never| match never {}),
            Self::Lines(lines) => {
                lines.poll_recv(context).map(|line| line.map(|line| line.map(Frame::data)))
            }
        }
    }
}
