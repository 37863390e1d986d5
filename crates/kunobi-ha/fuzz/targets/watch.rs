//! Any bytes as the stream of a watch: the events are those of its lines, however they arrive.
//!
//! The first byte is the length of the pieces.

use kunobi_ha::leader::hostile;
use kunobi_ha_core::{Observed, Outcome, Verb};
use tokio::runtime::{Builder, Runtime};

use crate::fields;

pub(crate) fn run(bytes: &[u8]) {
    thread_local! {
        static RUNTIME: Runtime =
            Builder::new_current_thread().enable_time().build().expect("a runtime");
    }
    let Some((length, stream)) = bytes.split_first() else { return };
    let length = usize::from(*length).max(1);
    let pieces = stream.chunks(length).map(<[u8]>::to_vec).collect();
    let seen = RUNTIME.with(|runtime| runtime.block_on(hostile::watch(pieces)));
    assert_eq!(seen, expected(stream));
    let whole = RUNTIME.with(|runtime| runtime.block_on(hostile::watch(vec![stream.to_vec()])));
    assert_eq!(seen, whole, "the pieces make a difference");
}

/// Returns the events of whole lines, up to the first line that is not an event.
fn expected(stream: &[u8]) -> Vec<Observed> {
    let lines = stream.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    lines.map_while(event).flatten().collect()
}

/// Returns the event of a line; `Some(None)` if it is one that says nothing, `None` at the end.
#[expect(
    clippy::option_option,
    reason = "there are three cases, and two callers would need a type"
)]
fn event(line: &[u8]) -> Option<Option<Observed>> {
    let event = fields::read(line)?;
    let kind: String = serde_json::from_str(fields::value(&event, "type")?).ok()?;
    match &*kind {
        "ADDED" | "MODIFIED" => {
            let object = fields::value(&event, "object")?;
            let (outcome, _) = hostile::understand(Verb::Get, 200, object.as_bytes());
            match outcome {
                Outcome::Found(lease) => Some(Some(Observed::Found(lease))),
                Outcome::Refused(_) | Outcome::Unknown { .. } => None,
                other => panic!("{other:?}"),
            }
        }
        "DELETED" => Some(Some(Observed::Deleted)),
        "BOOKMARK" => Some(None),
        _ => None,
    }
}
