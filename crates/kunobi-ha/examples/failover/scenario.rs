//! What happens to the replicas, step by step.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use kunobi_ha::leader::{Bounds, Timing, TimingConfig};
use kunobi_ha_test::Faults;
use rustix::process::Signal;

use crate::{
    LEASE_DURATION, RENEW_DEADLINE, RETRY_PERIOD,
    fleet::Fleet,
    now,
    report::{Figure, REPLICAS, Story},
    timeline::Happening,
};

pub(crate) async fn play() -> Result<Story, Box<dyn Error>> {
    let stall = watch_for_stalls();
    let bounds = bounds()?;
    println!("Three replicas, leases of {LEASE_DURATION:?}, no cluster:\n");
    let mut fleet = Fleet::start(&REPLICAS).await?;
    let began = now();
    let first = fleet.next_leader(|_| true).await?;
    figure(&mut fleet, "first election", began, first.began, None);
    fleet.settle(Duration::from_secs(2)).await?;

    hand_over(&mut fleet, &bounds).await?;
    kill(&mut fleet, &bounds).await?;
    cut(&mut fleet, &bounds).await?;
    stop(&mut fleet, &bounds).await?;

    let mut story = std::mem::take(&mut fleet.story);
    story.finish(now(), Duration::from_nanos(stall.load(Ordering::Relaxed)));
    Ok(story)
}

async fn hand_over(fleet: &mut Fleet, bounds: &Bounds) -> Result<(), Box<dyn Error>> {
    let leader = fleet.story.leader();
    fleet.tell(&leader, Happening::StepsDown);
    fleet.ask_to_step_down(&leader)?;
    let next = fleet.next_leader(|name| name != leader).await?;
    fleet.settle(Duration::from_secs(1)).await?;
    let released = fleet.story.released.ok_or("nothing was released")?;
    let bound = Some(bounds.release_polling.duration);
    figure(fleet, "graceful handover: step-down to next leader", released, next.began, bound);
    Ok(())
}

async fn kill(fleet: &mut Fleet, bounds: &Bounds) -> Result<(), Box<dyn Error>> {
    let leader = fleet.story.leader();
    fleet.tell(&leader, Happening::Crashes);
    fleet.kill(&leader)?;
    let renewed = fleet.last_renewal(&leader)?;
    let next = fleet.next_leader(|_| true).await?;
    let bound = Some(bounds.crash_polling.duration);
    figure(fleet, "crash: last renewal to next leader", renewed, next.began, bound);
    fleet.tell(&leader, Happening::StartsAgain);
    fleet.launch(&leader)?;
    fleet.settle(Duration::from_secs(1)).await
}

async fn cut(fleet: &mut Fleet, bounds: &Bounds) -> Result<(), Box<dyn Error>> {
    let leader = fleet.story.leader();
    fleet.tell(&leader, Happening::CutOff);
    let cut = Faults { cut_requests: true, cut_answers: true, ..Faults::default() };
    fleet.server.set_faults(&leader, cut);
    let ended = fleet.end_of(&leader).await?.belief_ends();
    let renewed = fleet.last_renewal(&leader)?;
    figure(fleet, "cut off: last renewal to end of belief", renewed, ended, Some(bounds.belief));
    let next = fleet.next_leader(|name| name != leader).await?;
    let bound = Some(bounds.crash_polling.duration);
    figure(fleet, "cut off: last renewal to next leader", renewed, next.began, bound);
    fleet.server.heal(&leader);
    fleet.tell(&leader, Happening::Connected);
    fleet.settle(Duration::from_secs(1)).await
}

async fn stop(fleet: &mut Fleet, bounds: &Bounds) -> Result<(), Box<dyn Error>> {
    let leader = fleet.story.leader();
    fleet.tell(&leader, Happening::Stopped);
    fleet.signal(&leader, Signal::STOP)?;
    let renewed = fleet.last_renewal(&leader)?;
    let next = fleet.next_leader(|name| name != leader).await?;
    let bound = Some(bounds.crash_polling.duration);
    figure(fleet, "stopped: last renewal to next leader", renewed, next.began, bound);
    fleet.settle(Duration::from_secs(1)).await?;
    fleet.tell(&leader, Happening::GoesOn);
    fleet.signal(&leader, Signal::CONT)?;
    let resumed = now();
    let ended = fleet.end_of(&leader).await?.ended.unwrap_or(resumed);
    figure(fleet, "stopped: going on to knowing that it is over", resumed, ended, None);
    fleet.settle(Duration::from_secs(2)).await
}

fn figure(fleet: &mut Fleet, what: &str, from: u64, to: u64, bound: Option<Duration>) {
    let measured = Duration::from_nanos(to.saturating_sub(from));
    fleet.story.figures.push(Figure { what: what.into(), measured, bound });
}

fn bounds() -> Result<Bounds, Box<dyn Error>> {
    let timing = Timing::new(
        TimingConfig::default()
            .lease_duration(LEASE_DURATION)
            .renew_deadline(RENEW_DEADLINE)
            .retry_period(RETRY_PERIOD),
    )?;
    Ok(timing.bounds())
}

/// Measures how late this machine wakes a thread. No program on it can react sooner.
fn watch_for_stalls() -> Arc<AtomicU64> {
    let longest = Arc::new(AtomicU64::new(0));
    let shared = Arc::clone(&longest);
    std::thread::spawn(move || {
        let nap = Duration::from_millis(2);
        while Arc::strong_count(&shared) > 1 {
            let began = Instant::now();
            std::thread::sleep(nap);
            let late = began.elapsed().saturating_sub(nap).as_nanos();
            shared.fetch_max(u64::try_from(late).unwrap_or(0), Ordering::Relaxed);
        }
    });
    longest
}
