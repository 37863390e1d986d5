//! The network of one replica, and what is wrong with it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use crate::{fault::Fault, random::Random};

/// The network of one replica. It outlives the replica's processes.
#[derive(Debug)]
pub(crate) struct Link {
    state: Mutex<LinkState>,
    /// Something about it has changed.
    changed: Notify,
}

#[derive(Debug)]
struct LinkState {
    random: Random,
    way: (Duration, Duration),
    lease: Duration,
    troubles: Vec<Trouble>,
    next_trouble: u64,
    frozen: bool,
    /// Watches that were opened before the last cut are over.
    watch_cuts: u64,
    gone: bool,
}

#[derive(Clone, Copy, Debug)]
struct Trouble {
    id: u64,
    fault: Fault,
    /// How many of a thousand requests it concerns.
    share: u64,
}

/// What becomes of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fate {
    pub(crate) before: Duration,
    pub(crate) after: Duration,
    pub(crate) end: End,
    pub(crate) doubled: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    Answered,
    /// It does not arrive, and no answer comes.
    Lost,
    /// It is handled, and no answer comes.
    Unanswered,
    Refused,
    /// The connection breaks before it is handled.
    Reset,
    /// The connection breaks after it was handled.
    ResetAfter,
    Status(u16, Option<u64>),
}

impl Link {
    pub(crate) fn new(seed: u64, way: (Duration, Duration), lease: Duration) -> Self {
        let state = LinkState {
            random: Random::new(seed),
            way,
            lease,
            troubles: Vec::new(),
            next_trouble: 0,
            frozen: false,
            watch_cuts: 0,
            gone: false,
        };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    /// Begins a condition of the network; returns what ends it.
    pub(crate) fn begin(&self, fault: Fault, share: u64) -> u64 {
        let mut state = self.state();
        state.next_trouble += 1;
        let id = state.next_trouble;
        state.troubles.push(Trouble { id, fault, share });
        drop(state);
        self.changed.notify_waiters();
        id
    }

    pub(crate) fn end(&self, id: u64) {
        self.state().troubles.retain(|trouble| trouble.id != id);
        self.changed.notify_waiters();
    }

    pub(crate) fn heal(&self) {
        let mut state = self.state();
        state.troubles.clear();
        state.frozen = false;
        drop(state);
        self.changed.notify_waiters();
    }

    pub(crate) fn freeze(&self, frozen: bool) {
        self.state().frozen = frozen;
        self.changed.notify_waiters();
    }

    /// Ends all watches, with a 410 if the server has `gone` on without them.
    pub(crate) fn cut_watches(&self, gone: bool) {
        let mut state = self.state();
        state.watch_cuts += 1;
        state.gone = gone;
        drop(state);
        self.changed.notify_waiters();
    }

    pub(crate) fn watch_cuts(&self) -> (u64, bool) {
        let state = self.state();
        (state.watch_cuts, state.gone)
    }

    pub(crate) fn one_way(&self) -> Duration {
        let mut state = self.state();
        let way = state.way;
        way.0 + state.random.up_to(way.1.saturating_sub(way.0))
    }

    pub(crate) fn fate(&self) -> Fate {
        let mut state = self.state();
        let LinkState { random, way, lease, troubles, .. } = &mut *state;
        let mut draw = || way.0 + random.up_to(way.1.saturating_sub(way.0));
        let (before, after) = (draw(), draw());
        let mut fate = Fate { before, after, end: End::Answered, doubled: false };
        for trouble in troubles.iter() {
            if random.chance(trouble.share) {
                fate.suffer(trouble.fault, random, *lease);
            }
        }
        fate
    }

    /// Waits until nothing stands still here.
    pub(crate) async fn thawed(&self) {
        self.until(|state| !state.frozen).await;
    }

    /// Tells whether answers are cut off now.
    pub(crate) fn cuts_answers(&self) -> bool {
        let is_cut = |trouble: &Trouble| matches!(trouble.fault, Fault::CutAnswers);
        self.state().troubles.iter().any(is_cut)
    }

    /// Waits until events of a watch come through.
    pub(crate) async fn open(&self) {
        let cuts =
            |trouble: &Trouble| matches!(trouble.fault, Fault::CutAnswers | Fault::CutRequests);
        self.until(|state| !state.frozen && !state.troubles.iter().any(cuts)).await;
    }

    /// Waits until watches were cut more often than this.
    pub(crate) async fn watch_cut(&self, before: u64) {
        self.until(|state| state.watch_cuts > before).await;
    }

    async fn until(&self, is_so: impl Fn(&LinkState) -> bool) {
        loop {
            let changed = self.changed.notified();
            if is_so(&self.state()) {
                return;
            }
            changed.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, LinkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fate {
    fn suffer(&mut self, fault: Fault, random: &mut Random, lease: Duration) {
        match fault {
            Fault::Loss | Fault::CutRequests => self.end = End::Lost,
            Fault::LostAnswers | Fault::CutAnswers => self.end = End::Unanswered,
            Fault::Delay => {
                self.before += random.up_to(lease / 3);
                self.after += random.up_to(lease / 3);
            }
            Fault::HeavyTail => {
                let longest = lease * 3 / (1 << random.between(0, 6));
                let late = random.up_to(longest);
                if random.chance(500) { self.before += late } else { self.after += late }
            }
            Fault::Doubled => self.doubled = true,
            Fault::Reset => {
                self.end = if random.chance(500) { End::Reset } else { End::ResetAfter };
            }
            Fault::Refuse => self.end = End::Refused,
            Fault::Throttled => {
                let after = random.chance(500).then(|| random.between(1, 5));
                self.end = End::Status(429, after);
            }
            Fault::ServerError => self.end = End::Status(random.pick(&[500, 502, 504]), None),
            Fault::RetryAfter => self.end = End::Status(503, Some(random.between(1, 40))),
            Fault::Unauthorized => self.end = End::Status(401, None),
            Fault::Forbidden => self.end = End::Status(403, None),
            Fault::Relabel
            | Fault::Delete
            | Fault::EditHolder
            | Fault::EraseHolder
            | Fault::EraseRecord
            | Fault::CrashSame
            | Fault::CrashNew
            | Fault::StepDown
            | Fault::Rolling
            | Fault::ClockRate
            | Fault::WallStep
            | Fault::ClockBack
            | Fault::ClockForward
            | Fault::Pause
            | Fault::Suspend
            | Fault::WatchCut
            | Fault::WatchGone => {}
        }
    }
}
