//! How long an object that is deleted goes on: only pods do.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{GRACE, TIMESTAMP, is_marked};
use crate::store::{Call, metadata};

/// What the grace period makes of a deletion.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::store) enum Grace {
    /// The type has none, or it is over.
    None,
    /// It began earlier, and is not shortened.
    Pending,
    /// It begins, or ends earlier than it would have.
    Until { end: Timestamp, seconds: u32 },
}

impl Grace {
    pub(in crate::store) fn of(call: &Call, old: &Value, asked: Option<u32>) -> Self {
        if !call.is("", "pods") {
            return Self::None;
        }
        if is_marked(old) {
            return Self::shortened(call.now, old, asked);
        }
        let seconds = period(old, asked);
        Self::Until { end: after(call.now, seconds), seconds }
    }

    fn shortened(now: Timestamp, old: &Value, asked: Option<u32>) -> Self {
        let had = metadata::get(old, GRACE).and_then(Value::as_u64).unwrap_or(0);
        let Some(had) = u32::try_from(had).ok().filter(|had| *had > 0) else {
            return Self::None;
        };
        let Some(seconds) = asked.filter(|asked| *asked < had) else {
            return Self::Pending;
        };
        let end = metadata::text(old, TIMESTAMP).and_then(|text| text.parse::<Timestamp>().ok());
        let earlier = SignedDuration::from_secs(i64::from(had - seconds));
        let end = end.and_then(|end| end.checked_sub(earlier).ok()).unwrap_or(now);
        if end >= now {
            return Self::Until { end, seconds };
        }
        // The kubelet still has to see it, unless nothing is to be waited for.
        Self::Until { end: now, seconds: seconds.min(1) }
    }
}

/// The period of a pod that is not yet marked. One that does not run has none.
fn period(pod: &Value, asked: Option<u32>) -> u32 {
    let text = |pointer| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let runs = !text("/spec/nodeName").is_empty()
        && !matches!(text("/status/phase"), "Succeeded" | "Failed");
    if !runs {
        return 0;
    }
    let own = pod.pointer("/spec/terminationGracePeriodSeconds").and_then(Value::as_u64);
    let own = own.and_then(|seconds| u32::try_from(seconds).ok());
    asked.or(own).unwrap_or(30)
}

fn after(now: Timestamp, seconds: u32) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}
