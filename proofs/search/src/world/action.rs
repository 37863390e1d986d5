//! What may happen next.

use kunobi_ha_core::Request;

use super::{Stage, World};
use crate::setup::{Rumours, Setup};

/// One step of the world.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Action {
    /// Time passes: by more for those that are `fast`, and unnoticed by those that are `paused`.
    Tick {
        fast: u8,
        paused: u8,
    },
    /// The server handles a request.
    Handle {
        of: usize,
        call: usize,
        served: Served,
    },
    /// An answer arrives.
    Answer {
        to: usize,
        call: usize,
    },
    /// The connection breaks.
    Reset {
        to: usize,
        call: usize,
    },
    /// A copy of a write is on its way, too.
    Double {
        of: usize,
        call: usize,
    },
    /// A write without a sender is handled.
    Land {
        orphan: usize,
    },
    /// It never will be.
    Lose {
        orphan: usize,
    },
    /// A watch shows the Lease.
    Event {
        to: usize,
        stale: bool,
    },
    /// A watch tells of a deletion.
    DeletionTold {
        to: usize,
    },
    StepDown(usize),
    Stop(usize),
    Crash(usize),
    ClockBack(usize),
    Relabel,
    Edit,
    Delete,
    /// A process ends.
    End(usize),
    /// Another takes its place.
    Start(usize),
    /// A replica hears of one of the terms of which the processes have ended.
    News {
        to: usize,
        of: usize,
    },
    /// A replica hears that the holder has ended, which lives.
    Rumour {
        to: usize,
    },
}

/// How a request is handled.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Served {
    Properly,
    /// A read shows what was there before the last write.
    Stale,
    /// The record is altered on its way.
    Altered,
    Refused,
}

impl World {
    pub(crate) fn actions(&self, setup: &Setup) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.broken.is_some() {
            return actions;
        }
        self.ticks(setup, &mut actions);
        for who in 0..self.replicas.len() {
            if self.replicas[who].has_ended {
                actions.extend(setup.faults.restarts.then_some(Action::Start(who)));
                continue;
            }
            self.messages(who, setup, &mut actions);
            self.users(who, setup, &mut actions);
            self.news(who, setup, &mut actions);
        }
        for orphan in 0..self.orphans.len() {
            actions.extend([Action::Land { orphan }, Action::Lose { orphan }]);
        }
        if setup.faults.labels && self.register.lease.is_some() {
            actions.push(Action::Relabel);
        }
        if setup.faults.edits && self.register.can_be_edited() {
            actions.push(Action::Edit);
        }
        if self.register.deletions_left > 0 && self.register.lease.is_some() {
            actions.push(Action::Delete);
        }
        actions
    }

    fn ticks(&self, setup: &Setup, actions: &mut Vec<Action>) {
        let all = 1_u8 << self.replicas.len();
        let drifts = setup.replicas.iter().enumerate().filter(|(_, r)| r.rate[0] < r.rate[1]);
        let drifting: u8 = drifts.map(|(who, _)| 1 << who).sum();
        for fast in (0..all).filter(|fast| fast & !drifting == 0) {
            for paused in 0..if setup.faults.pauses { all } else { 1 } {
                actions.push(Action::Tick { fast, paused });
            }
        }
    }

    fn messages(&self, who: usize, setup: &Setup, actions: &mut Vec<Action>) {
        let faults = &setup.faults;
        for (call, stage) in self.replicas[who].calls.iter().map(|call| &call.stage).enumerate() {
            if faults.resets {
                actions.push(Action::Reset { to: who, call });
            }
            let request = match stage {
                Stage::Asked(request) => request,
                Stage::Answered(_) => {
                    actions.push(Action::Answer { to: who, call });
                    continue;
                }
            };
            let reads = matches!(request, Request::Read);
            let ways = [
                (true, Served::Properly),
                (faults.stale && reads && self.register.previous.is_some(), Served::Stale),
                (faults.alters && !reads, Served::Altered),
                (who < faults.refusals, Served::Refused),
            ];
            let served = ways.into_iter().filter(|(on, _)| *on).map(|(_, served)| served);
            actions.extend(served.map(|served| Action::Handle { of: who, call, served }));
            let room = self.orphans.len() < faults.orphans;
            let copied = || self.orphans.iter().any(|orphan| orphan.request == *request);
            if faults.doubles && !reads && room && !copied() {
                actions.push(Action::Double { of: who, call });
            }
        }
    }

    fn news(&self, who: usize, setup: &Setup, actions: &mut Vec<Action>) {
        let living = self.replicas.iter().filter(|replica| !replica.has_ended).count();
        // Without restarts one stays, so that somebody can lead.
        if self.register.deaths_left > 0 && (living > 1 || setup.faults.restarts) {
            actions.push(Action::End(who));
        }
        for of in 0..self.register.dead.len() {
            actions.push(Action::News { to: who, of });
        }
        if self.living_holder().is_some_and(|holder| match setup.faults.rumours {
            Rumours::None => false,
            Rumours::ToHolder => holder == who,
            Rumours::ToAll => true,
        }) {
            actions.push(Action::Rumour { to: who });
        }
    }

    fn users(&self, who: usize, setup: &Setup, actions: &mut Vec<Action>) {
        let faults = &setup.faults;
        let families = [
            (faults.step_downs, Action::StepDown(who)),
            (faults.stops, Action::Stop(who)),
            (faults.crashes, Action::Crash(who)),
            (who < faults.clocks_back, Action::ClockBack(who)),
            (
                faults.events && self.register.lease.is_some(),
                Action::Event { to: who, stale: false },
            ),
            (
                faults.events && self.register.previous.is_some(),
                Action::Event { to: who, stale: true },
            ),
            (faults.events && faults.deletions > 0, Action::DeletionTold { to: who }),
        ];
        actions.extend(families.into_iter().filter(|(on, _)| *on).map(|(_, action)| action));
    }
}
