//! Three replicas with the default durations, under the paused clock, with random numbers that are always the same.

use std::time::Duration;

use kunobi_ha::leader::{Clock, LeaderElection, LeaderState};
use kunobi_ha_test::{Faults, TestServer};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use crate::timeline::{Event, Happening, Term, Timeline};

/// A replica that contends and leads, again and again.
struct Replica {
    name: &'static str,
    state: LeaderState,
    step_down: mpsc::UnboundedSender<()>,
    task: JoinHandle<()>,
}

/// The replicas, and what is known of them so far.
struct Fleet {
    server: TestServer,
    origin: Instant,
    replicas: [Replica; 3],
    terms: Vec<Term>,
    events: Vec<Event>,
}

pub(crate) async fn play() -> Timeline {
    fastrand::seed(SEED);
    let server = TestServer::new();
    let replicas = NAMES.map(|name| Replica::start(&server, name));
    let (terms, events) = (Vec::new(), Vec::new());
    let mut fleet = Fleet { server, origin: Instant::now(), replicas, terms, events };
    for (at, what) in SCRIPT {
        fleet.observe_until(at).await;
        fleet.strike(what);
    }
    fleet.observe_until(END).await;
    let Fleet { terms, events, .. } = fleet;
    Timeline {
        title: "Three replicas, one leader at a time".into(),
        subtitle: "Lease 15 s, renew deadline 10 s, retry period 2 s".into(),
        replicas: NAMES.map(Into::into).into(),
        terms,
        events,
        end: END,
    }
}

impl Replica {
    fn start(server: &TestServer, name: &'static str) -> Self {
        server.set_faults(name, slow());
        let client = kube::Client::new(server.service(name), "default");
        let election = LeaderElection::builder(client, "default", "l");
        let election = election.identity(name).clock(Clock::tokio()).build();
        let state = election.state();
        let (step_down, mut asked) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            loop {
                let mut guard = election.acquire().await.unwrap();
                tokio::select! {
                    biased;
                    _ = asked.recv() => {
                        guard.step_down().await;
                    }
                    _ = guard.lost() => {}
                }
            }
        });
        Self { name, state, step_down, task }
    }
}

impl Fleet {
    fn now(&self) -> f64 {
        self.origin.elapsed().as_secs_f64()
    }

    /// Asks each replica each 10 ms whether it leads.
    async fn observe_until(&mut self, at: f64) {
        let end = self.origin + Duration::from_secs_f64(at);
        while Instant::now() < end {
            sleep_until((Instant::now() + Duration::from_millis(10)).min(end)).await;
            let now = self.now();
            let leaders: Vec<_> =
                self.replicas.iter().filter(|replica| replica.state.is_leader()).collect();
            assert!(leaders.len() <= 1, "two lead at {now} s");
            let Some(leader) = leaders.first() else { continue };
            match self.terms.last_mut() {
                Some(term) if term.replica == leader.name => term.to = now,
                Some(_) | None => {
                    let replica = leader.name.to_owned();
                    self.terms.push(Term { replica, from: now, to: now });
                }
            }
        }
    }

    /// Lets this happen to the leader, or to the replica that was away last.
    fn strike(&mut self, what: Happening) {
        let leader = self.terms.last().unwrap().replica.clone();
        let away = self.events.last().map(|event| event.replica.clone());
        let target = if what.is_back() { away.unwrap() } else { leader };
        let replica = self.replicas.iter_mut().find(|replica| replica.name == target).unwrap();
        match what {
            Happening::StepsDown => replica.step_down.send(()).unwrap(),
            Happening::Crashes => replica.task.abort(),
            Happening::StartsAgain => *replica = Replica::start(&self.server, replica.name),
            Happening::CutOff => {
                let cut = Faults { cut_requests: true, cut_answers: true, ..slow() };
                self.server.set_faults(replica.name, cut);
            }
            Happening::Connected => self.server.set_faults(replica.name, slow()),
            Happening::GoesOn | Happening::Stopped => panic!("a task can't be stopped"),
        }
        self.events.push(Event { at: self.now(), replica: target, what });
    }
}

fn slow() -> Faults {
    let half = u64::try_from(LATENCY.as_millis()).unwrap() / 2;
    Faults { latency_before_ms: half, latency_after_ms: half, ..Faults::default() }
}

/// Of each request.
pub(crate) const LATENCY: Duration = Duration::from_millis(40);
const NAMES: [&str; 3] = ["a", "b", "c"];
const SCRIPT: [(f64, Happening); 5] = [
    (8.0, Happening::StepsDown),
    (26.0, Happening::Crashes),
    (48.0, Happening::StartsAgain),
    (52.0, Happening::CutOff),
    (72.0, Happening::Connected),
];
const END: f64 = 76.0;
/// One with which each replica leads.
const SEED: u64 = 1;
