//! A program that owns the order of its election: it acquires, works, and steps down.

use std::{sync::Arc, time::Duration};

use kunobi_ha::leader::{Acquired, LeaderGuard, StepDownReason};
use tokio::time::sleep;

use crate::{checker::Stage, machine::Process, promise::Planted};

/// Contends again and again.
pub(crate) async fn run(mut process: Process) {
    loop {
        process.incarnation.begin();
        process.enter(Stage::Acquiring);
        let stop = stopped(&process);
        let pause = match process.election.acquire_unless(stop).await {
            Ok(Acquired::Leading(guard)) => {
                lead(&mut process, guard).await;
                process.election.flap_backoff().max(process.random.millis(0, 3_000))
            }
            Ok(_) => process.random.millis(0, 10_000),
            Err(_) => Duration::from_secs(1),
        };
        process.enter(Stage::Idle);
        sleep(pause).await;
    }
}

fn stopped(process: &Process) -> impl Future<Output = ()> + Send + use<> {
    let (world, incarnation) = (Arc::clone(&process.world), Arc::clone(&process.incarnation));
    async move {
        incarnation.asked_to_end().await;
        world.enter(&incarnation, Stage::Stopping);
    }
}

async fn lead(process: &mut Process, mut guard: LeaderGuard) {
    process.enter(Stage::Leading);
    let fence = guard.term().fence();
    process.witness(|witness| witness.begin_work(fence));
    process.world.note("works", process.incarnation.replica, fence, 0);
    process.world.look();
    let asked = Arc::clone(&process.incarnation);
    let drained = process.random.millis(0, 2_000);
    let lost = tokio::select! {
        biased;
        reason = guard.lost() => Some(reason),
        () = asked.asked_to_end() => {
            // It goes on leading while work drains.
            tokio::select! {
                biased;
                reason = guard.lost() => Some(reason),
                () = sleep(drained) => None,
            }
        }
    };
    match lost {
        Some(reason) => stop_work(process, &mut guard, reason, fence).await,
        None => step_down(process, guard, fence).await,
    }
}

async fn stop_work(
    process: &mut Process,
    guard: &mut LeaderGuard,
    reason: StepDownReason,
    fence: u64,
) {
    let (world, incarnation) = (Arc::clone(&process.world), Arc::clone(&process.incarnation));
    if guard.is_leader() {
        world.deny(crate::promise::Promise::Lost, || "a lost guard leads".into());
    }
    world.checker().check_lost(world.now(), incarnation.replica, &incarnation);
    world.note("lost", incarnation.replica, fence, reason as u64);
    process.witness(|witness| witness.stop_work(None));
    if reason == StepDownReason::RenewDeadlineExceeded {
        let left = incarnation.state.time_to_stop();
        let left = world.plan.profile.time_left_to_stop(incarnation.replica, left);
        let takes = process.random.up_to(left);
        sleep(takes).await;
    }
    if world.has(Planted::EndlessWork) {
        return;
    }
    process.witness(|witness| witness.end_work(fence));
    world.look();
}

async fn step_down(process: &mut Process, guard: LeaderGuard, fence: u64) {
    let early = process.world.has(Planted::EarlyRelease);
    if !early {
        process.witness(|witness| witness.end_work(fence));
    }
    let releasing = guard.step_down();
    process.enter(Stage::Releasing);
    let release = releasing.await;
    let released = u64::from(release == kunobi_ha::leader::Release::Released);
    process.world.note("released", process.incarnation.replica, fence, released);
    process.witness(|witness| witness.end_work(fence));
}
