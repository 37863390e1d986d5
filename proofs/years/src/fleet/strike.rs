//! What each fault does.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::time::sleep;

use super::{Fleet, lock};
use crate::{
    checker::{Witness, version},
    fault::Fault,
    phase::Phase,
    plan::Incident,
    random::Random,
    world::LEASE,
};

impl Fleet {
    /// Strikes this replica; what lasts is over at `end`.
    pub(super) async fn strike(
        &self,
        incident: &Incident,
        who: usize,
        phase: Option<Phase>,
        end: Duration,
    ) {
        let mut random = Random::new(incident.seed);
        let fault = incident.fault;
        if let Some(phase) = phase.filter(|phase| fault.impossible(*phase).is_none()) {
            self.world.hit(fault, who, phase);
        }
        let left = end.saturating_sub(self.world.now());
        let lasts = draw_length(&mut random).min(left);
        if fault.is_of_network() {
            let link = self.world.link(who);
            let cuts = matches!(fault, Fault::CutAnswers | Fault::CutRequests);
            let share = if cuts { 1_000 } else { random.pick(&[100, 300, 600, 1_000]) };
            let id = link.begin(fault, share);
            sleep(lasts).await;
            link.end(id);
            return;
        }
        match fault {
            Fault::CrashSame | Fault::CrashNew => {
                let pause = random.millis(0, 30_000).min(left);
                self.crash(who, fault == Fault::CrashNew, pause).await;
            }
            Fault::StepDown => self.machines[who].ask_to_end(),
            Fault::Rolling => self.roll(who, &mut random).await,
            Fault::Pause | Fault::Suspend => {
                let late =
                    if fault == Fault::Suspend { random.up_to(lasts) } else { Duration::ZERO };
                self.stand_still(who, lasts, late).await;
            }
            Fault::WatchCut | Fault::WatchGone => {
                self.world.link(who).cut_watches(fault == Fault::WatchGone);
            }
            Fault::ClockRate | Fault::WallStep | Fault::ClockBack | Fault::ClockForward => {
                self.turn_clock(fault, who, phase, &mut random);
            }
            Fault::Relabel | Fault::EditHolder | Fault::EraseHolder | Fault::EraseRecord => {
                self.edit(fault, &mut random);
            }
            Fault::Delete => self.delete(),
            Fault::Loss
            | Fault::LostAnswers
            | Fault::Delay
            | Fault::HeavyTail
            | Fault::Doubled
            | Fault::CutRequests
            | Fault::CutAnswers
            | Fault::Reset
            | Fault::Refuse
            | Fault::Throttled
            | Fault::ServerError
            | Fault::RetryAfter
            | Fault::Unauthorized
            | Fault::Forbidden => {}
        }
    }

    async fn crash(&self, who: usize, new: bool, pause: Duration) {
        self.machines[who].kill();
        sleep(pause).await;
        if !self.machines[who].runs() {
            self.machines[who].start(new);
        }
    }

    /// A rollout: each replica is asked to end, and another process takes its place.
    async fn roll(&self, first: usize, random: &mut Random) {
        let count = self.machines.len();
        for offset in 0..count {
            let machine = &self.machines[(first + offset) % count];
            machine.ask_to_end();
            sleep(random.millis(500, 6_000)).await;
            if machine.runs() && !self.world.plan.profile.operator {
                machine.kill();
                machine.start(true);
            }
        }
    }

    /// The process stands still for a while; its timers are late afterwards.
    async fn stand_still(&self, who: usize, lasts: Duration, late: Duration) {
        self.machines[who].freeze(true);
        sleep(lasts).await;
        self.machines[who].freeze(false);
        if !late.is_zero() {
            self.world.checker().witnesses[who].timers_late = true;
            sleep(late).await;
        }
        self.let_timers_end(who);
        self.world.look();
    }

    fn let_timers_end(&self, who: usize) {
        self.world.checker().witnesses[who].timers_late = false;
        self.machines[who].clock.let_timers_end();
    }

    fn turn_clock(&self, fault: Fault, who: usize, phase: Option<Phase>, random: &mut Random) {
        let clock = self.machines[who].clock;
        let profile = &self.world.plan.profile;
        let lease = profile.longest_lease();
        let nanos = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        match fault {
            Fault::ClockRate => {
                let error = profile.rate_error;
                clock.set_rate(random.pick(&[-error, -error / 3, 0, error / 2, error]));
            }
            Fault::WallStep => {
                let day = 86_400_000_000_i64;
                clock.set_wall_ahead(random.pick(&[
                    -40_000 * day,
                    -day,
                    -1,
                    0,
                    1,
                    day,
                    9_000_000 * day,
                ]));
            }
            Fault::ClockBack => {
                let step = lease + random.up_to(lease * 10);
                self.world.checker().witnesses[who].clock_goes_back(step);
                clock.step(-nanos(step));
            }
            _ => {
                let step = random.up_to(lease * 4);
                self.world.checker().witnesses[who].clock_goes_ahead(step);
                clock.step(nanos(step));
                // Against A2: what others wrote has aged too fast here, so that they lead on if it is taken.
                if phase != Some(Phase::Leading) {
                    self.excuse(Some(who));
                }
            }
        }
    }

    pub(super) fn edit(&self, fault: Fault, random: &mut Random) {
        let mark = random.seed().to_string();
        let edited = self.world.server.edit(LEASE, |lease| match fault {
            Fault::EditHolder => lease["spec"]["holderIdentity"] = json!("somebody"),
            Fault::EraseHolder => lease["spec"]["holderIdentity"] = json!(""),
            Fault::EraseRecord => lease["spec"] = json!({}),
            _ => lease["metadata"]["labels"] = json!({ "mark": mark }),
        });
        if let Some(version) = edited.as_ref().and_then(version) {
            self.world.checker().chain.edited(Some(version));
            self.world.note("edited", 0, version, 0);
            // It looks like a release, or nobody has seen the holder: the Lease may be taken at once.
            if matches!(fault, Fault::EraseHolder | Fault::EraseRecord) {
                self.excuse(None);
            }
        }
        self.world.look();
    }

    /// Deletes the Lease, which is harmless only if each creator observes a grace.
    pub(super) fn delete(&self) {
        if self.world.server.delete(LEASE) {
            self.world.checker().chain.edited(None);
            self.world.note("deleted", 0, 0, 0);
            // Without a grace, a replica that never saw the Lease creates it, and leads at once. With one,
            // a former leader whose holder was erased may create it again, in its old term, beside the
            // next one.
            let doubtful = self.world.checker().witnesses.iter().any(Witness::may_lead_beside);
            if doubtful || !self.world.plan.profile.is_graced() {
                self.excuse(None);
            }
        }
        self.world.look();
    }

    /// Brings about a create: nobody holds the Lease, and it is deleted.
    pub(super) async fn provoke_a_create(&self, incident: &Incident) {
        if self.world.checker().find(Phase::Probation, incident.who).is_some() {
            return;
        }
        let leader = self.wait_for(Phase::Leading, incident.who).await;
        let this = self.clone();
        tokio::spawn(async move { this.crash(leader, true, Duration::from_secs(20)).await });
        self.delete();
    }

    /// From now on what leads or works may do so beside the next leader, but for this replica.
    fn excuse(&self, not: Option<usize>) {
        let profile = &self.world.plan.profile;
        let margin = |index: usize| {
            let config = profile.timing(index);
            config.lease_duration.saturating_sub(config.renew_deadline)
        };
        let all = (0..profile.replicas).filter(|index| Some(*index) != not);
        self.world.checker().excuse(all.map(|index| (index, margin(index))));
    }

    pub(super) fn heal_the_network(&self) {
        *lock(&self.world.catches_bids) = false;
        for machine in self.machines.iter() {
            let link: Arc<_> = self.world.link(machine.index);
            link.heal();
            machine.freeze(false);
            self.let_timers_end(machine.index);
            if !machine.runs() {
                machine.start(true);
            }
        }
    }
}

fn draw_length(random: &mut Random) -> Duration {
    let longest = random.pick(&[2_000, 10_000, 30_000, 90_000]);
    random.millis(200, longest)
}
