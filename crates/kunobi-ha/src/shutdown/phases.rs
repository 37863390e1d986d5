//! Goes through the phases.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};
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

/// Goes through all phases, from the first reason to the end of the process.
pub(super) async fn run(coordinator: Arc<Coordinator>) {
    coordinator.requested.cancelled().await;
    // The reason is stored before the token is cancelled.
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
    let leases = ask_for_leases(&coordinator, &over);
    report.stuck = end_work(&coordinator).await;
    report.drained = report.stuck.is_empty();
    if coordinator.has_releases() || leases.iter().any(|(_, asking)| !asking.is_finished()) {
        coordinator.enter(Phase::Releasing);
    }
    over.cancel();
    let deadline = after(coordinator.budgets.release);
    note_leases(leases, &mut report).await;
    release(&coordinator, &over, deadline, &mut report).await;
    stop(&coordinator).await;
    coordinator.complete(&mut report);
    write_to_log(&report);
    coordinator.leave_reason(&report).await;
    if coordinator.owns_process() {
        // Before `main` has the report: it may end the process at once.
        journal::flushed(LAST_LINES).await;
    }
    let left = coordinator.budgets.grace_period.saturating_sub(begun.elapsed());
    coordinator.conclude(report, left.min(coordinator.budgets.stop)).await;
}

/// Lets all work end by itself, and aborts what does not; returns the names of what was aborted.
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
            error!("aborted, and still running because it never yields: {}", left.aborted);
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

/// Asks for the release of each Lease as soon as its own work has ended, beside the rest of the drain;
/// at the latest when all work is over.
fn ask_for_leases(
    coordinator: &Arc<Coordinator>,
    over: &CancellationToken,
) -> Vec<(Arc<str>, JoinHandle<Released>)> {
    let ask = |lease: LeaseHook| {
        let name = Arc::clone(&lease.name);
        (name, tokio::spawn(release_lease(Arc::clone(coordinator), over.clone(), lease)))
    };
    coordinator.take_leases().into_iter().map(ask).collect()
}

async fn release_lease(
    coordinator: Arc<Coordinator>,
    over: CancellationToken,
    lease: LeaseHook,
) -> Released {
    let part = Part::BeforeRelease(lease.id);
    let clearance = coordinator.clearance(part, &over).await;
    let deadline = after(coordinator.budgets.release);
    let name = Arc::clone(&lease.name);
    let request = lease.request(clearance);
    hooks::run(&name, request, deadline).await.unwrap_or(Released::Skipped)
}

/// Waits for what came of each Lease.
async fn note_leases(leases: Vec<(Arc<str>, JoinHandle<Released>)>, report: &mut Report) {
    for (name, asking) in leases {
        match asking.await.unwrap_or(Released::Skipped) {
            Released::Done => report.released.push(name),
            Released::Nothing => {}
            Released::Skipped => report.not_released.push(name),
        }
    }
}

/// Runs the hooks of [`Handle::on_release`](super::Handle::on_release), if all work ended by itself.
async fn release(
    coordinator: &Coordinator,
    over: &CancellationToken,
    deadline: Instant,
    report: &mut Report,
) {
    let hooks = coordinator.take_releases();
    let clearance = coordinator.clearance(Part::All, over).await;
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

/// Runs the hooks of [`Handle::on_stop`](super::Handle::on_stop), and what the operator does last.
async fn stop(coordinator: &Coordinator) {
    coordinator.enter(Phase::Stopped);
    let hooks = coordinator.take_stops();
    let deadline = after(coordinator.budgets.stop);
    for hook in hooks.into_iter().rev() {
        match hook.run {
            LastHook::Ours(work) => {
                // If it does not end in time, it ends with the process.
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
        // What takes longer ends with the process.
        let _ = timeout_at(deadline, user_code::all_dropped()).await;
    }
}

/// Writes the end to the log, as loud as its exit code is bad.
fn write_to_log(report: &Report) {
    let end = report.end();
    match report.exit_code() {
        CLEAN => info!("stopped{end}"),
        DRAIN_BUDGET_SPENT => warn!("stopped{end}"),
        _ => error!("stopped{end}"),
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
