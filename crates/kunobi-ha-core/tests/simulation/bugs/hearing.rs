//! Bugs in what an elector makes of a Lease that it is shown.

use std::num::NonZeroU64;

use kunobi_ha_core::{Input, LeaseTime, Observed, Timestamp};

use super::{Bug, shown};

pub(super) fn mishear(bug: Bug, input: &mut Input) {
    let watched = matches!(input, Input::Observed(Observed::Found(_)));
    let Some((version, record)) = shown(input) else {
        return;
    };
    if bug == Bug::EventsMadeNew && watched {
        let later = version.resource_version.get() + 1_000_000;
        version.resource_version = NonZeroU64::new(later).unwrap();
    }
    if bug == Bug::ClearedTakenForReleased && record.is_free() {
        record.renew_time = LeaseTime::At(Timestamp::from_unix_micros(1));
        record.transitions = Some(i64::from(i32::MAX));
    }
}
