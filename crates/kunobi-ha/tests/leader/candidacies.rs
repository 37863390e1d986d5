//! What remains of one candidacy while the next one runs.

use std::{fmt::Write, sync::mpsc, thread, time::Duration};

use kunobi_ha::{
    Error, LeaderState,
    leader::{ElectionTrouble, LeaderElection},
};
use kunobi_ha_test::{Faults, TestServer};
use tokio::{
    runtime::{Builder, Runtime},
    time::{sleep, timeout},
};

use crate::elections::election;

#[tokio::test(start_paused = true)]
async fn an_error_is_told_until_a_request_succeeds_also_by_the_next_candidacy() {
    let server = TestServer::new();
    let election = election(&server, "a").build();
    let state = election.state();
    server.set_faults("a", Faults { refuse: true, ..Faults::default() });
    timeout(Duration::from_secs(5), election.acquire()).await.unwrap_err();
    assert!(state.last_error().unwrap().contains("refused"));
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    timeout(Duration::from_secs(1), election.acquire()).await.unwrap_err();
    assert!(state.last_error().unwrap().contains("refused"), "nothing was answered since");
    server.heal("a");
    let _guard = election.acquire().await.unwrap();
    assert_eq!(state.last_error(), None);
}

#[tokio::test(start_paused = true)]
async fn a_candidacy_after_one_in_vain_has_no_grace() {
    let server = TestServer::new();
    let observe_timeout = Duration::from_secs(5);
    let election = election(&server, "a").observe_timeout(observe_timeout).build();
    let state = election.state();
    server.set_faults("a", Faults { refuse: true, ..Faults::default() });
    assert_eq!(state.healthy(), Ok(()));
    for _ in 0..10 {
        assert!(matches!(election.acquire().await, Err(Error::ObserveTimeout(..))));
        assert!(matches!(state.healthy(), Err(ElectionTrouble::NoLeader(_))));
        sleep(Duration::from_secs(1)).await;
        timeout(Duration::from_secs(1), election.acquire()).await.unwrap_err();
        assert!(matches!(state.healthy(), Err(ElectionTrouble::NoLeader(_))));
    }
    server.heal("a");
    let guard = election.acquire().await.unwrap();
    assert_eq!(state.healthy(), Ok(()));
    guard.step_down().await;
    // The next candidacy has time to find a leader again.
    sleep(Duration::from_secs(3_600)).await;
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    timeout(Duration::from_secs(1), election.acquire()).await.unwrap_err();
    assert_eq!(state.healthy(), Ok(()));
}

#[test]
fn a_reader_of_the_debug_output_may_ask_the_election() {
    struct Asks<'a>(&'a LeaderState, usize);
    impl Write for Asks<'_> {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.1 += text.len() + self.0.term().map_or(0, |_| 1);
            Ok(())
        }
    }
    within(Duration::from_secs(10), || {
        let (runtime, election) = (runtime(), LeaderElection::standalone());
        let guard = runtime.block_on(election.acquire()).unwrap();
        let state = election.state();
        let mut asks = Asks(&state, 0);
        write!(asks, "{state:?} {election:?} {guard:?}").unwrap();
        assert!(asks.1 > 10);
    });
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Fails, rather than hangs, if this takes longer.
fn within(time: Duration, run: impl FnOnce() + Send + 'static) {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        run();
        tell.send(()).unwrap();
    });
    told.recv_timeout(time).expect("it has ended, and did not panic");
}
