//! Makes a run that fails smaller.

use std::time::Duration;

use crate::{
    corpus::Entry,
    plan::Plan,
    run::{Options, simulate},
};

/// Leaves out all faults without which a run fails in the same way, then shortens it.
#[must_use]
pub fn shrink(plan: &Plan, options: Options) -> Option<Entry> {
    let broken = simulate(plan, options).broken?;
    let fails = |kept: &[usize], minutes: u64| {
        let plan = plan.keeping(kept).lasting(Duration::from_secs(minutes * 60));
        simulate(&plan, options).broken.is_some_and(|other| other.promise == broken.promise)
    };
    let mut minutes = broken.at.as_secs() / 60 + 1;
    let happened = |index: &usize| plan.incidents[*index].at <= broken.at;
    let mut kept: Vec<usize> = (0..plan.incidents.len()).filter(happened).collect();
    if !fails(&kept, minutes) {
        // The end of a run is the end of a cycle.
        minutes = plan.length.as_secs() / 60;
    }
    let mut size = kept.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        while from < kept.len() {
            let until = (from + size).min(kept.len());
            let fewer: Vec<usize> = kept[..from].iter().chain(&kept[until..]).copied().collect();
            if fails(&fewer, minutes) { kept = fewer } else { from = until }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    Some(Entry { seed: plan.seed, minutes, kept, why: broken.to_string() })
}
