use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use http_body::{Frame, SizeHint};

use super::*;

const MIB: usize = 1 << 20;

/// A body in frames of 1 MiB.
struct Long {
    sent: usize,
    frames: usize,
    hint: SizeHint,
}

impl Body for Long {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.sent == self.frames {
            return Poll::Ready(None);
        }
        self.sent += 1;
        Poll::Ready(Some(Ok(Frame::data(vec![b' '; MIB].into()))))
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}

/// What was read of a body, and how many frames were taken from it.
async fn taken(frames: usize, hint: SizeHint) -> (Received, usize) {
    let mut body = Long { sent: 0, frames, hint };
    let received = read(Pin::new(&mut body)).await.expect("the connection holds");
    (received, body.sent)
}

#[tokio::test]
async fn a_body_is_refused_as_soon_as_it_is_too_long() {
    let (received, taken_frames) = taken(300, SizeHint::default()).await;
    assert_eq!(received.expect_err("it is too long").code, 413);
    assert_eq!(taken_frames, 4, "three fit, and no more is read than what shows it");
    let (received, taken_frames) = taken(300, SizeHint::with_exact(300 * MIB as u64)).await;
    assert_eq!(received.expect_err("it says so").code, 413);
    assert_eq!(taken_frames, 0);
    let (received, _) = taken(3, SizeHint::default()).await;
    assert_eq!(received.expect("3 MiB are allowed").len(), 3 * MIB);
}

#[test]
fn yaml_is_read_where_it_is_allowed_and_json_is_yaml() {
    let yaml = Bytes::from("a:\n  b: [1, two]\n");
    assert_eq!(parse(&yaml, Format::Json).expect_err("it is no JSON").code, 400);
    let read = parse(&yaml, Format::Yaml).expect("it is YAML");
    assert_eq!(read.value, serde_json::json!({ "a": { "b": [1, "two"] } }));
    let json = Bytes::from(r#"{"a":1,"a":2}"#);
    assert_eq!(parse(&json, Format::Yaml).expect("it is YAML, too").duplicates.len(), 1);
    assert!(parse(&Bytes::from("a: [1"), Format::Yaml).is_err());
    let deep = Bytes::from("[".repeat(100_000));
    assert!(parse(&deep, Format::Yaml).is_err());
}
