//! Goes through the phases.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{
    hooks::{Released, run},
    inner::Inner,
    phase::{Phase, Reason, SIGINT},
    report::Report,
    scope::{Part, Scope},
    tally::Tally,
};
use crate::{
    journal::{self, error, info},
    user_code,
};

pub(super) async fn drive(inner: Arc<Inner>) {
    inner.requested.cancelled().await;
    let (reason, begun) = inner
        .begun_at()
        .unwrap_or_else(|| (Reason::Requested("nobody said why".into()), Instant::now()));
    if reason != Reason::Signal(SIGINT) {
        sleep(inner.budgets.unready_delay).await;
    }
    let stuck = drain(&inner).await;
    let mut report =
        Report { drained: stuck.is_empty(), stuck, ..Report::new(reason, inner.failures()) };
    let gone = abort(&inner, report.drained).await;
    release(&inner, &mut report).await;
    stop(&inner).await;
    report.failures = inner.failures();
    info!("stopped: {report}");
    if inner.supervisor().is_some() {
        // Before anybody hears of the end, and may end the process.
        journal::flushed(LAST_LINES).await;
    }
    let left = (begun + inner.budgets.grace_period).saturating_duration_since(Instant::now());
    // What never yields keeps its runtime for ever.
    let wait = if gone { left } else { left.min(inner.budgets.stop) };
    inner.conclude(report, wait).await;
}

/// Lets work end by itself, and returns what did not.
async fn drain(inner: &Inner) -> Vec<Arc<str>> {
    let budget = inner.budgets.drain;
    inner.enter(Phase::Draining);
    inner.draining.cancel();
    if timeout(budget, inner.tasks.idle(Part::All)).await.is_ok() {
        return Vec::new();
    }
    let stuck = inner.tasks.running_in_order(Part::All);
    error!("drain budget of {budget:?} spent; still running: {}", Tally::of(&stuck));
    stuck
}

/// Aborts what did not end; tells whether it is gone.
async fn abort(inner: &Inner, drained: bool) -> bool {
    if drained {
        return true;
    }
    inner.enter(Phase::Aborting);
    inner.abort_all();
    let gone = timeout(inner.budgets.abort, inner.tasks.idle(Part::All)).await.is_ok();
    if !gone {
        let left = inner.tasks.left(Part::All);
        if !left.aborted.is_empty() {
            error!("aborted, and still running, for it never yields: {}", left.aborted);
        }
        if !left.held.is_empty() {
            error!(
                "still held by a guard, or tracked and neither ended nor dropped: {}",
                left.held
            );
        }
    }
    gone
}

async fn release(inner: &Inner, report: &mut Report) {
    let hooks = std::mem::take(&mut inner.hooks().release);
    if hooks.is_empty() {
        return;
    }
    inner.enter(Phase::Releasing);
    let mut unfinished = Tally::of(&report.stuck);
    unfinished.extend(&inner.tasks.cut_off(Part::Of(Scope::Always)));
    let deadline = Instant::now() + inner.budgets.release;
    for hook in hooks.into_iter().rev() {
        match run(&hook.name, (hook.run)(&unfinished), deadline).await {
            Some(Released::Done) => report.released.push(hook.name),
            Some(Released::Nothing) => {}
            Some(Released::Skipped) | None => report.not_released.push(hook.name),
        }
    }
}

async fn stop(inner: &Inner) {
    inner.enter(Phase::Stopped);
    let hooks = std::mem::take(&mut inner.hooks().stop);
    let deadline = Instant::now() + inner.budgets.stop;
    for hook in hooks.into_iter().rev() {
        run(&hook.name, hook.run, deadline).await;
    }
    if inner.supervisor().is_some() {
        // What takes longer is cut off by the end of the process.
        let _ = timeout_at(deadline, user_code::all_dropped()).await;
    }
}

/// How long a writer of the log that blocks may hold up the report.
const LAST_LINES: Duration = Duration::from_millis(500);
