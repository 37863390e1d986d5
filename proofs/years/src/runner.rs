//! A program whose order the runner owns: `Operator`.

use std::{sync::Arc, time::Duration};

use kunobi_ha::{
    BoxError,
    leader::StepDownReason,
    operator::{LeaderContext, OnLost, Operator},
    shutdown::{Reason, Report, Shutdown, exit_code},
};
use tokio::time::{sleep, timeout};

use crate::{
    checker::Stage,
    incarnation::Incarnation,
    machine::Process,
    promise::{Planted, Promise},
    random::Random,
    world::World,
};

/// How the work of this process behaves.
#[derive(Clone, Copy)]
struct Manner {
    drains: Duration,
    /// It does not stop by itself when it is asked to.
    stubborn: bool,
}

/// Ends the work of a term, however it ends.
struct Work {
    world: Arc<World>,
    process: Arc<Incarnation>,
    fence: u64,
    /// It ended by itself.
    done: bool,
}

/// Runs until it is asked to end.
pub(crate) async fn run(process: Process) {
    let Process { world, incarnation, election, mut random } = process;
    world.enter(&incarnation, Stage::Acquiring);
    let manner = draw_manner(&mut random);
    incarnation.set_stubborn(manner.stubborn);
    let exits = random.chance(300);
    let Ok(shutdown) = Shutdown::builder().grace_period(GRACE_PERIOD).manual() else { return };
    let handle = shutdown.handle();
    let asked = Arc::clone(&incarnation);
    let asking = tokio::spawn(async move {
        asked.asked_to_end().await;
        handle.trigger(Reason::Signal(15));
    });
    let stages = tokio::spawn(tell_stages(Arc::clone(&world), Arc::clone(&incarnation)));
    let (at_work, mine) = (Arc::clone(&world), Arc::clone(&incarnation));
    let policy = move |_: StepDownReason| {
        if exits { OnLost::Exit } else { OnLost::Recontend { backoff: Duration::from_secs(1) } }
    };
    let report = Operator::new(election)
        .shutdown(shutdown)
        .on_lost(policy)
        .lead("work", move |lead| work(Arc::clone(&at_work), Arc::clone(&mine), lead, manner))
        .run()
        .await;
    asking.abort();
    stages.abort();
    world.enter(&incarnation, Stage::Idle);
    if incarnation.is_alive() {
        check(&world, &incarnation, &report, manner);
    }
    incarnation.kill();
}

fn draw_manner(random: &mut Random) -> Manner {
    Manner { drains: random.millis(0, 4_000), stubborn: random.chance(150) }
}

/// Says what the runner is about, for the matrix of faults and phases.
async fn tell_stages(world: Arc<World>, process: Arc<Incarnation>) {
    process.asked_to_end().await;
    let readers = &process.state;
    let stage = if readers.is_leader() { Stage::Releasing } else { Stage::Stopping };
    while readers.is_leader() {
        let left = readers.time_left().unwrap_or_default();
        // Whether it moved or time is over, the loop asks again.
        let _ = timeout(left, world.moved.notified()).await;
    }
    // Work that still drains has lost its term.
    stop(&world, &process);
    world.enter(&process, stage);
}

async fn work(
    world: Arc<World>,
    process: Arc<Incarnation>,
    lead: LeaderContext,
    manner: Manner,
) -> Result<(), BoxError> {
    let mut work = Work::begin(&world, &process, lead.term().fence());
    lead.stopped().await;
    if world.has(Planted::EarlyRelease) {
        // A task that the runner does not know.
        tokio::spawn(async move {
            sleep(GRACE_PERIOD).await;
            drop(work);
        });
        return Ok(());
    }
    let lost = !process.state.is_leader();
    if lost {
        world.checker().check_lost(world.now(), process.replica, &process);
        world.note("lost", process.replica, lead.term().fence(), 0);
        stop(&world, &process);
    }
    if manner.stubborn || (lost && world.has(Planted::EndlessWork)) {
        std::future::pending::<()>().await;
    }
    sleep(manner.drains).await;
    work.done = true;
    Ok(())
}

/// Work stops: within the time that is left if clocks run at different rates.
fn stop(world: &World, process: &Arc<Incarnation>) {
    let profile = &world.plan.profile;
    let until = world.now() + profile.time_to_stop(process.replica);
    let until = (profile.rate_error > 0).then_some(until);
    world.witness(process, |witness| witness.stop_work(until));
}

/// The report and its exit code say what happened.
fn check(world: &World, process: &Incarnation, report: &Report, manner: Manner) {
    let code = report.exit_code();
    let lost = report.lost.is_some() && !world.has(Planted::SilentReport);
    let expected = if !report.failures.is_empty() {
        exit_code::TASK_FAILED
    } else if lost {
        exit_code::LEADERSHIP_LOST
    } else if report.stuck.is_empty() {
        exit_code::CLEAN
    } else {
        exit_code::DRAIN_BUDGET_SPENT
    };
    world.note("exits", process.replica, u64::from(code), report.released.len() as u64);
    if code != expected {
        world.deny(Promise::Report, || format!("exit code {code} of {report:?}"));
    }
    if !report.stuck.is_empty() && (!manner.stubborn || !report.released.is_empty()) {
        world.deny(Promise::Report, || format!("what was stuck or released: {report:?}"));
    }
}

impl Work {
    fn begin(world: &Arc<World>, process: &Arc<Incarnation>, fence: u64) -> Self {
        world.witness(process, |witness| witness.begin_work(fence));
        world.note("works", process.replica, fence, 0);
        world.look();
        Self { world: Arc::clone(world), process: Arc::clone(process), fence, done: false }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.world.witness(&self.process, |witness| {
            if self.done { witness.end_work(self.fence) } else { witness.abort_work(self.fence) }
        });
        self.world.note("work ends", self.process.replica, self.fence, 0);
    }
}

const GRACE_PERIOD: Duration = Duration::from_secs(20);
