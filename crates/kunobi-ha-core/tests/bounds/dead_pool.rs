//! A client with a pool of connections, some of which are dead: a request that is dropped takes the
//! one that it waits on along.

use std::{collections::BTreeMap, time::Duration};

use kunobi_ha_core::{
    AttemptId, Bounds, ClockReading, Elector, Input, Instant, Leadership, Outcome, Request, Step,
    Timing, TimingConfig,
};

use crate::bounds::{
    case::{Case, Cast, nanos},
    promises::each_case,
    server::Server,
};

/// One elector, its server, and the connections between them.
#[derive(Debug)]
struct Line {
    elector: Elector,
    server: Server,
    now: u64,
    wake_at: Option<u64>,
    /// Idle connections that never answer again.
    dead: u32,
    latency: u64,
    /// When each request is answered, if ever.
    under_way: BTreeMap<AttemptId, (Option<u64>, Request)>,
    leads: bool,
}

impl Line {
    fn new(timing: &Timing, latency: Duration) -> Self {
        let mut line = Self {
            elector: Elector::new("a", timing.clone(), 1).unwrap(),
            server: Server::default(),
            now: 1 << 40,
            wake_at: None,
            dead: 0,
            latency: nanos(latency),
            under_way: BTreeMap::new(),
            leads: false,
        };
        line.tell(Input::Acquire);
        assert!(line.leads_within(Duration::from_secs(600)), "it never leads");
        line
    }

    fn tell(&mut self, input: Input) {
        let wall = i64::try_from(self.now / 1000).unwrap();
        let reading = ClockReading::new(Instant::from_nanos(self.now), wall, 42);
        let Step { publish, drop, send, wake_at, .. } = self.elector.handle(reading, input);
        match publish {
            Some(Leadership::Leading { .. }) => self.leads = true,
            Some(_) => self.leads = false,
            None => {}
        }
        for dropped in drop {
            self.under_way.remove(&dropped);
        }
        if let Some(attempt) = send {
            assert!(self.under_way.len() < 2, "more than two are outstanding");
            let answered = if self.dead > 0 {
                self.dead -= 1;
                None
            } else {
                Some(self.now + self.latency)
            };
            self.under_way.insert(attempt.id, (answered, attempt.request));
        }
        self.wake_at = wake_at.map(Instant::as_nanos);
    }

    /// Lets the next thing happen.
    fn happens(&mut self) {
        let answers = self.under_way.iter().filter_map(|(id, (at, _))| Some(((*at)?, *id)));
        let answer = answers.min();
        match (answer, self.wake_at) {
            (Some((at, id)), wake) if wake.is_none_or(|wake| at <= wake) => {
                self.now = at;
                let (_, request) = self.under_way.remove(&id).unwrap();
                let outcome: Outcome = self.server.handle(&request);
                self.tell(Input::Answered { attempt: id, outcome });
            }
            (_, Some(wake)) => {
                self.now = self.now.max(wake);
                self.tell(Input::Wake);
            }
            (Some(_) | None, None) => panic!("nothing happens any more"),
        }
    }

    fn leads_within(&mut self, time: Duration) -> bool {
        let until = self.now + nanos(time);
        while !self.leads && self.now < until {
            self.happens();
        }
        self.leads
    }

    /// Tells whether a leader goes on for a lease duration although so many connections are dead.
    fn survives(mut self, dead: u32) -> bool {
        self.dead = dead;
        let until = self.now + nanos(self.elector.timing().config().lease_duration);
        while self.leads && self.now < until {
            self.happens();
        }
        self.leads
    }
}

fn bounds(config: TimingConfig) -> (Timing, Bounds) {
    let timing = Timing::new(config).unwrap();
    let bounds = timing.bounds();
    (timing, bounds)
}

#[test]
fn six_dead_connections_lose_nothing_by_default() {
    let (timing, bounds) = bounds(TimingConfig::default());
    assert_eq!(bounds.dead_connections, 6);
    for millis in [1, 100, 490] {
        let latency = Duration::from_millis(millis);
        assert!(Line::new(&timing, latency).survives(6), "{millis} ms");
        assert!(!Line::new(&timing, latency).survives(8), "{millis} ms");
    }
}

#[test]
fn a_leader_survives_as_many_dead_connections_as_its_bound_says() {
    each_case(Cast { least: 1, most: 1, watching: false }, |case: &Case| {
        let config = case.timing.config();
        let spacing = (config.retry_period / 4).max(config.renew_deadline / 20);
        let dead = case.bounds().dead_connections;
        for latency in [Duration::from_nanos(1), spacing.mul_f64(0.9)] {
            if latency < case.bounds().steady_latency
                && !Line::new(&case.timing, latency).survives(dead)
            {
                return Err(format!("{dead} dead connections, {latency:?}"));
            }
        }
        // Between the last request that counts and the deadline there may be two more.
        if Line::new(&case.timing, spacing.mul_f64(0.9)).survives(dead + 2) {
            return Err(format!("{dead} are too few"));
        }
        Ok(())
    });
}

#[test]
fn a_candidate_gets_rid_of_two_dead_connections_in_half_a_renew_deadline() {
    let (timing, _) = bounds(TimingConfig::default());
    for (dead, seconds) in [(0, 1), (1, 3), (2, 6), (4, 11), (6, 16)] {
        let mut line = Line::new(&timing, Duration::from_millis(10));
        line.tell(Input::StepDown);
        while line.wake_at.is_some() {
            line.happens();
        }
        line.now += nanos(Duration::from_secs(60));
        line.dead = dead;
        line.tell(Input::Acquire);
        assert!(line.leads_within(Duration::from_secs(seconds)), "{dead} dead connections");
    }
}
