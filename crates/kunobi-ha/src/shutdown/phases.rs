//! Goes through the phases.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{
    budgets::{HURRY, time_to_drain},
    coordinator::Coordinator,
    exit_code::{CLEAN, DRAIN_BUDGET_SPENT},
    hooks::{self, LastHook},
    lease::{Clearance, LeaseHook, Released},
    phase::{Phase, Reason, SIGINT},
    report::Report,
    tasks::{Part, Tally},
};
use crate::{
    journal::{self, error, info, warn},
    user_code,
};

pub(super) async fn run(coordinator: Arc<Coordinator>) {
    coordinator.requested.cancelled().await;
    let (reason, begun) = coordinator
        .begun_at()
        .unwrap_or_else(|| (Reason::Requested("nobody said why".into()), Instant::now()));
    if reason != Reason::Signal(SIGINT) {
        coordinator.hurry.sleep(coordinator.budgets.unready_delay, Duration::ZERO).await;
    }
    coordinator.enter(Phase::Draining);
    coordinator.draining.cancel();
    let mut report = Report::new(reason, Vec::new());
    // Cancelled when all work is gone, or given up on.
    let over = CancellationToken::new();
    let work = async {
        let stuck = end_work(&coordinator).await;
        if coordinator.has_releases() {
            coordinator.enter(Phase::Releasing);
        }
        over.cancel();
        (stuck, after(coordinator.budgets.release))
    };
    let ((stuck, deadline), ()) =
        tokio::join!(work, release_leases(&coordinator, &over, &mut report));
    report.drained = stuck.is_empty();
    report.stuck = stuck;
    release(&coordinator, deadline, &mut report).await;
    stop(&coordinator).await;
    coordinator.complete(&mut report);
    let end = report.end();
    match report.exit_code() {
        CLEAN => info!("stopped{end}"),
        DRAIN_BUDGET_SPENT => warn!("stopped{end}"),
        _ => error!("stopped{end}"),
    }
    if coordinator.owns_process() {
        // Before anybody hears of the end, and may end the process.
        journal::flushed(LAST_LINES).await;
    }
    let left = coordinator.budgets.grace_period.saturating_sub(begun.elapsed());
    coordinator.conclude(report, left.min(coordinator.budgets.stop)).await;
}

/// Lets all work end by itself, and aborts what does not; returns that.
async fn end_work(coordinator: &Coordinator) -> Vec<Arc<str>> {
    let (tasks, budget) = (&coordinator.tasks, coordinator.budgets.drain);
    let limits = (budget, time_to_drain(&coordinator.budgets));
    if coordinator.hurry.within(limits, tasks.idle(Part::All)).await {
        return Vec::new();
    }
    let stuck = tasks.running_in_order(Part::All);
    let ended = if coordinator.hurry.has_begun() { "cut by a signal" } else { "spent" };
    error!("drain budget of {budget:?} {ended}; still running: {}", Tally::of(&stuck));
    coordinator.enter(Phase::Aborting);
    coordinator.abort_all();
    let limits = (coordinator.budgets.abort, HURRY);
    if !coordinator.hurry.within(limits, tasks.idle(Part::All)).await {
        let left = tasks.left(Part::All);
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
    stuck
}

/// Asks for the release of each Lease as soon as what has to end before has ended, beside the rest of
/// the drain; at the latest when all work is over.
async fn release_leases(
    coordinator: &Arc<Coordinator>,
    over: &CancellationToken,
    report: &mut Report,
) {
    let leases = coordinator.take_leases();
    let asking: Vec<_> = leases
        .into_iter()
        .map(|lease| {
            let name = Arc::clone(&lease.name);
            (name, tokio::spawn(release_lease(Arc::clone(coordinator), over.clone(), lease)))
        })
        .collect();
    for (name, released) in asking {
        match released.await {
            Ok(Some(Released::Done)) => report.released.push(name),
            Ok(Some(Released::Nothing)) => {}
            Ok(Some(Released::Skipped) | None) | Err(_) => report.not_released.push(name),
        }
    }
}

async fn release_lease(
    coordinator: Arc<Coordinator>,
    over: CancellationToken,
    lease: LeaseHook,
) -> Option<Released> {
    let part = Part::BeforeRelease(lease.id);
    // From then on nothing of this part can begin.
    over.run_until_cancelled(coordinator.tasks.idle(part)).await;
    let deadline = after(coordinator.budgets.release);
    let name = Arc::clone(&lease.name);
    hooks::run(&name, lease.request(coordinator.clearance(part)), deadline).await
}

async fn release(coordinator: &Coordinator, deadline: Instant, report: &mut Report) {
    let hooks = coordinator.take_releases();
    let clearance = coordinator.clearance(Part::All);
    for hook in hooks.into_iter().rev() {
        let name = hook.name;
        if let Clearance::Refused { unfinished } = &clearance {
            error!("{name} is not released; work that did not end by itself: {unfinished}");
            report.not_released.push(name);
            continue;
        }
        match hooks::run_users(&name, hook.run, deadline).await {
            Ok(()) => report.released.push(name),
            Err(why) => {
                coordinator.fail(why);
                report.not_released.push(name);
            }
        }
    }
}

async fn stop(coordinator: &Coordinator) {
    coordinator.enter(Phase::Stopped);
    let hooks = coordinator.take_stops();
    let deadline = after(coordinator.budgets.stop);
    for hook in hooks.into_iter().rev() {
        match hook.run {
            LastHook::Ours(work) => {
                // Whatever it was that served to the end is gone with the process.
                hooks::run(&hook.name, work, deadline).await;
            }
            LastHook::Users(work) => {
                if let Err(why) = hooks::run_users(&hook.name, work, deadline).await {
                    coordinator.fail(why);
                }
            }
        }
    }
    if coordinator.owns_process() {
        // What takes longer is cut off by the end of the process.
        let _ = timeout_at(deadline, user_code::all_dropped()).await;
    }
}

/// Returns when a budget that begins now is spent.
fn after(budget: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(budget).unwrap_or(now + FAR_AWAY)
}

/// Longer than any process lives.
const FAR_AWAY: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);
/// How long a writer of the log that blocks may hold up the report.
const LAST_LINES: Duration = Duration::from_millis(500);
