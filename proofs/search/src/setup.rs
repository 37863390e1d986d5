//! What is searched: the timings, the clocks, and which faults there are.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize},
    time::{Duration, Instant},
};

use kunobi_ha_core::{Timing, TimingConfig};

use crate::{
    marks::{Mark, Marks},
    world::Parts,
};

/// One search.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) name: &'static str,
    pub(crate) replicas: Vec<Settings>,
    pub(crate) faults: Faults,
    /// So many ticks longer than the elector grants do its readers believe: a control.
    pub(crate) extra_belief: u64,
    /// The first replica leads, and no other has started yet.
    pub(crate) led: bool,
    /// What this search has to see.
    pub(crate) sees: Vec<Mark>,
    pub(crate) marks: Marks,
    pub(crate) parts: Parts,
    /// Nothing more is searched from this instant on.
    pub(crate) deadline: Option<Instant>,
    /// It was asked so often what may happen next.
    pub(crate) asked: AtomicUsize,
    /// A limit was met.
    pub(crate) cut: AtomicBool,
    /// The search is over: how it went is being reported.
    pub(crate) reports: AtomicBool,
}

/// One replica.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) identity: &'static str,
    pub(crate) timing: Timing,
    /// How far its clock goes while the world makes one step: at least, and at most.
    pub(crate) rate: [u64; 2],
}

/// What may go wrong besides messages that are late or never arrive.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a family of faults of its own")]
pub(crate) struct Faults {
    /// So many writes without a sender that waits for them are on their way at most.
    pub(crate) orphans: usize,
    /// A connection breaks: the elector hears of a failure, and the write may be applied.
    pub(crate) resets: bool,
    /// A write arrives twice.
    pub(crate) doubles: bool,
    /// A process ends, and starts again under its identity.
    pub(crate) crashes: bool,
    /// The user steps down, and contends again at once.
    pub(crate) step_downs: bool,
    /// The user stops, and contends again at once.
    pub(crate) stops: bool,
    /// A watch tells of the Lease.
    pub(crate) events: bool,
    /// A read or an event shows the Lease of before the last write.
    pub(crate) stale: bool,
    /// Somebody sets a label.
    pub(crate) labels: bool,
    /// Somebody gives the Lease to a holder that is not a replica.
    pub(crate) edits: bool,
    /// A webhook alters a record on its way.
    pub(crate) alters: bool,
    /// The Lease is deleted so many times.
    pub(crate) deletions: u8,
    /// Requests of so many replicas are refused.
    pub(crate) refusals: usize,
    /// The server creates nothing on PUT.
    pub(crate) posts: bool,
    /// A PUT that is to create overwrites a Lease instead.
    pub(crate) overwrites: bool,
    /// A process is paused when it should wake up.
    pub(crate) pauses: bool,
    /// The monotonic clocks of so many replicas step back.
    pub(crate) clocks_back: usize,
    /// The latency of the last answer counts.
    pub(crate) latency: bool,
    /// So many replicas may take each lost term back early, however short it was and however often.
    pub(crate) retakes: usize,
    /// So many processes end, and stay ended. News of it may come at any later time, and again.
    pub(crate) deaths: u8,
    /// A process that has ended may start again, under its identity and with an empty memory.
    pub(crate) restarts: bool,
    /// Who is told that the holder has ended, although it lives.
    pub(crate) rumours: Rumours,
    /// Each release names this one as the successor.
    pub(crate) successor: Option<&'static str>,
}

/// News that are false.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Rumours {
    #[default]
    None,
    /// The holder itself hears of its end.
    ToHolder,
    /// Everybody does.
    ToAll,
}

impl Setup {
    pub(crate) fn new(name: &'static str, replicas: Vec<Settings>, faults: Faults) -> Self {
        let (sees, marks, parts) = (vec![Mark::Leads], Marks::default(), Parts::default());
        Self {
            name,
            replicas,
            faults,
            extra_belief: 0,
            led: false,
            sees,
            marks,
            parts,
            deadline: None,
            asked: AtomicUsize::new(0),
            cut: AtomicBool::new(false),
            reports: AtomicBool::new(false),
        }
    }

    /// Tells whether news may come.
    pub(crate) fn has_news(&self) -> bool {
        self.faults.deaths > 0 || self.faults.rumours != Rumours::None
    }

    pub(crate) fn seeing(mut self, marks: &[Mark]) -> Self {
        self.sees.extend(marks);
        self
    }

    pub(crate) fn led(mut self) -> Self {
        self.led = true;
        self
    }

    pub(crate) fn believing_longer(mut self, ticks: u64) -> Self {
        self.extra_belief = ticks;
        self
    }
}

impl Settings {
    /// L, D and R, in ticks.
    pub(crate) fn new(identity: &'static str, [lease, deadline, retry]: [u64; 3]) -> Self {
        Self::with(identity, ticks([lease, deadline, retry]))
    }

    pub(crate) fn with(identity: &'static str, config: TimingConfig) -> Self {
        let timing = Timing::new(config).expect("the durations fit together");
        Self { identity, timing, rate: [1, 1] }
    }

    pub(crate) fn at_rate(mut self, least: u64, most: u64) -> Self {
        self.rate = [least, most];
        self
    }
}

pub(crate) fn ticks([lease, deadline, retry]: [u64; 3]) -> TimingConfig {
    TimingConfig::default()
        .lease_duration(TICK * u32::try_from(lease).unwrap_or(u32::MAX))
        .renew_deadline(TICK * u32::try_from(deadline).unwrap_or(u32::MAX))
        .retry_period(TICK * u32::try_from(retry).unwrap_or(u32::MAX))
        .renew_request_timeout(TICK)
        .release_timeout(TICK * 2)
        .observe_timeout(Duration::MAX)
}

pub(crate) const TICK: Duration = Duration::from_secs(1);
