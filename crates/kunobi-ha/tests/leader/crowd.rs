//! Several replicas of one Lease at once: none leads beside another.

use std::time::Duration;

use kunobi_ha::leader::{LeaderElection, LeaderElectionBuilder, LeaderState, Release};
use kunobi_ha_test::{Fault, Faults, Share, TestServer};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::elections::{clocked, election};

/// Replicas that contend again after each loss.
struct Crowd {
    server: TestServer,
    states: Vec<LeaderState>,
    replicas: JoinSet<()>,
}

// rule 7: of several creates, one finds no Lease
#[tokio::test(start_paused = true)]
async fn of_five_replicas_that_start_at_once_one_creates_the_lease_and_the_others_follow() {
    for grace in [Duration::ZERO, s(15)] {
        let mut crowd = Crowd::new();
        let began = Instant::now();
        for name in NAMES {
            // Every read is answered before the first create arrives.
            crowd.server.set_faults(name, slow(100, 100));
            crowd.enter(election(&crowd.server, name).create_grace(grace));
        }
        let led = crowd.watch(s(14)).await;
        assert_eq!(led.len(), usize::from(grace.is_zero()), "{grace:?}: {led:?}");
        let led = crowd.watch(s(60)).await;
        let created = &crowd.server.history()[0];
        assert_eq!((created.method.as_str(), &led[..]), ("PUT", &[index(&created.client)][..]));
        assert_eq!(crowd.answers("PUT", 201), 1);
        assert_eq!(crowd.answers("PUT", 422), 4, "each of the others tried once");
        assert!(began.elapsed() > grace);
    }
}

// rule 7: of several takeovers of one version, one wins
#[tokio::test(start_paused = true)]
async fn of_two_replicas_that_take_a_free_lease_at_once_one_leads() {
    let mut crowd = Crowd::new();
    let first = election(&crowd.server, "x").build().acquire().await.unwrap();
    assert_eq!(first.step_down().await, Release::Released);
    for name in ["a", "b"] {
        crowd.server.set_faults(name, slow(500, 0));
        crowd.enter(election(&crowd.server, name));
    }
    assert_eq!(crowd.watch(s(60)).await.len(), 1);
    assert_eq!(crowd.answers("PUT", 409), 1);
    assert_eq!(crowd.answers("PUT", 201), 1, "that of the first one");
    assert_eq!(last_write(&crowd.server).1, 1);
}

// rule 9: records can be told apart, also under one identity
#[tokio::test(start_paused = true)]
async fn two_elections_of_one_process_under_one_name_never_lead_together() {
    let mut crowd = Crowd::new();
    for name in ["a", "b"] {
        crowd.enter(clocked(&crowd.server, name, "l").identity("twin"));
    }
    let mut led = crowd.watch(s(30)).await;
    assert_eq!(led.len(), 1, "the other one takes the record for no record of its own");
    for round in 0..4 {
        let leader = led[led.len() - 1];
        crowd.server.set_faults(NAMES[leader], black_hole());
        let next = crowd.watch(s(20)).await;
        crowd.server.heal(NAMES[leader]);
        assert_eq!(next.last(), Some(&(1 - leader)), "round {round}: {next:?}");
        led.extend(next);
    }
}

// rule 5: our own record is waited for like any other
#[tokio::test(start_paused = true)]
async fn a_replica_that_restarts_under_its_name_waits_for_its_old_record() {
    let server = TestServer::new();
    let guard = election(&server, "a").build().acquire().await.unwrap();
    sleep(s(5)).await;
    drop(guard);
    let (renewed, transitions) = last_write(&server);
    sleep(s(1)).await;
    let again = election(&server, "a").build().acquire().await.unwrap();
    let (taken, _) = last_write(&server);
    assert!((15_000..=17_100).contains(&(taken - renewed).as_millis()), "{:?}", taken - renewed);
    assert_eq!(i64::from(again.term().transitions()), transitions + 1);
}

// rule 5: the longer of both durations is waited for
#[tokio::test(start_paused = true)]
async fn replicas_of_two_configurations_never_lead_together() {
    let mut crowd = Crowd::new();
    crowd.enter(election(&crowd.server, "a"));
    crowd.watch(s(1)).await;
    let longer = election(&crowd.server, "b").lease_duration(s(60)).renew_deadline(s(40));
    crowd.enter(longer.retry_period(s(10)));
    for (leader, next) in [(0, 1), (1, 0)] {
        crowd.watch(s(30)).await;
        let (renewed, _) = last_write(&crowd.server);
        crowd.server.set_faults(NAMES[leader], black_hole());
        assert_eq!(crowd.watch(s(75)).await.last(), Some(&next));
        let won = crowd.first_write_after(next, renewed);
        assert!((60..=71).contains(&(won - renewed).as_secs()), "{:?}", won - renewed);
        crowd.server.heal(NAMES[leader]);
    }
}

#[tokio::test(start_paused = true)]
async fn five_replicas_that_are_back_at_once_waste_one_write_each_at_most() {
    let mut crowd = Crowd::new();
    for name in NAMES {
        crowd.enter(election(&crowd.server, name));
    }
    for round in 0..5 {
        crowd.watch(s(20)).await;
        for name in NAMES {
            crowd.server.set_faults(name, black_hole());
        }
        assert!(crowd.watch(s(40)).await.len() <= 1);
        assert!(crowd.states.iter().all(|state| !state.is_leader()));
        let (conflicts, healed) = (crowd.answers("PUT", 409), Instant::now());
        for name in NAMES {
            crowd.server.heal(name);
        }
        while !crowd.states.iter().any(LeaderState::is_leader) {
            assert!(healed.elapsed() <= s(17), "round {round}: nobody leads");
            sleep(Duration::from_millis(10)).await;
        }
        crowd.watch(s(10)).await;
        let wasted = crowd.answers("PUT", 409) - conflicts;
        assert!(wasted <= 5, "round {round}: {wasted} writes were wasted");
    }
}

// rule 3: the deadline needs no answer of the server
#[tokio::test(start_paused = true)]
async fn a_leader_that_is_cut_off_in_any_way_has_ended_when_another_begins() {
    let failing = Some(Share { ratio: 1.0, code: 500, retry_after: None });
    for fault in [
        black_hole(),
        Faults { cut_answers: true, ..Faults::default() },
        Faults { refuse: true, ..Faults::default() },
        Faults { share: failing, ..Faults::default() },
    ] {
        let mut crowd = Crowd::new();
        crowd.enter(election(&crowd.server, "a"));
        crowd.watch(s(1)).await;
        crowd.enter(election(&crowd.server, "b"));
        crowd.watch(s(10)).await;
        crowd.server.set_faults("a", fault.clone());
        assert_eq!(crowd.watch(s(75)).await, [0, 1], "{fault:?}");
    }
}

// rule 2: an answer after the deadline makes no leader
#[tokio::test(start_paused = true)]
async fn a_create_that_is_answered_after_another_took_over_makes_no_leader() {
    let mut crowd = Crowd::new();
    crowd.server.script("a", [Fault::Pass, Fault::Delay { before_ms: 0, after_ms: 20_000 }]);
    crowd.enter(election(&crowd.server, "a"));
    while crowd.server.history().is_empty() {
        sleep(Duration::from_millis(1)).await;
    }
    crowd.server.set_faults("a", black_hole());
    crowd.enter(election(&crowd.server, "b"));
    assert_eq!(crowd.watch(s(60)).await, [1]);
}

impl Crowd {
    fn new() -> Self {
        Self { server: TestServer::new(), states: Vec::new(), replicas: JoinSet::new() }
    }

    fn enter(&mut self, replica: LeaderElectionBuilder) {
        let replica: LeaderElection = replica.build();
        self.states.push(replica.state());
        self.replicas.spawn(async move {
            while let Ok(mut guard) = replica.acquire().await {
                guard.lost().await;
            }
        });
    }

    /// Looks on for this long, and returns who led, in order. Nobody may lead beside another.
    async fn watch(&self, time: Duration) -> Vec<usize> {
        let (end, mut led) = (Instant::now() + time, Vec::new());
        while Instant::now() < end {
            let leads = |index: &usize| self.states[*index].is_leader();
            let leaders: Vec<_> = (0..self.states.len()).filter(leads).collect();
            assert!(leaders.len() <= 1, "they lead together: {leaders:?}");
            led.extend(leaders);
            led.dedup();
            sleep(Duration::from_millis(10)).await;
        }
        led
    }

    /// Counts the requests that were answered like this.
    fn answers(&self, method: &str, status: u16) -> usize {
        let requests = self.server.requests();
        let alike = |request: &&kunobi_ha_test::Request| {
            request.method == method && request.status == Some(status)
        };
        requests.iter().filter(alike).count()
    }

    fn first_write_after(&self, replica: usize, at: Duration) -> Duration {
        let history = self.server.history();
        let mut writes = history.iter().filter(|write| write.client == NAMES[replica]);
        let later = writes.find(|write| Duration::from_micros(write.at_us) > at);
        Duration::from_micros(later.expect("it writes").at_us)
    }
}

fn last_write(server: &TestServer) -> (Duration, i64) {
    let write = server.history().pop().unwrap();
    let transitions = write.object["spec"]["leaseTransitions"].as_i64().unwrap();
    (Duration::from_micros(write.at_us), transitions)
}

fn index(name: &str) -> usize {
    NAMES.iter().position(|known| *known == name).unwrap()
}

fn slow(before: u64, after: u64) -> Faults {
    Faults { latency_before_ms: before, latency_after_ms: after, ..Faults::default() }
}

fn black_hole() -> Faults {
    Faults { cut_requests: true, ..Faults::default() }
}

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
