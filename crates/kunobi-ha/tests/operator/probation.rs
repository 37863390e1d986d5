//! A replica that is told to stop before the create grace of its Lease is over.

use kunobi_ha::{operator::Operator, shutdown::Shutdown};
use kunobi_ha_test::TestServer;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::setup::{SIGTERM, assert_about, election, holder, names, s};

// rule 16: a create is not released if there is a create grace
#[tokio::test(start_paused = true)]
async fn its_work_never_begins_and_its_lease_is_waited_out() {
    let server = TestServer::new();
    let election_of = |name| election(&server, name).create_grace(s(15)).build();
    let first = election_of("a");
    let (state, shutdown) = (first.state(), Shutdown::builder().manual().unwrap());
    let handle = shutdown.handle();
    let operator = Operator::new(first)
        .shutdown(shutdown)
        .lead("controllers", |_| async { panic!("a program that ends began a term") });
    let end = tokio::spawn(operator.run());
    sleep(s(5)).await;
    assert_eq!((holder(&server), state.is_leader()), (json!("a"), false));
    let next = election_of("b");
    let waiting = tokio::spawn(async move { next.acquire().await });
    sleep(s(2)).await;
    let renewed = server.history().last().unwrap().at_us;
    let told = Instant::now();
    handle.trigger(SIGTERM);
    let report = end.await.unwrap();
    assert_about(told.elapsed(), s(0));
    assert_eq!((report.exit_code(), names(&report.released)), (0, vec![]));
    assert_eq!(holder(&server), json!("a"), "another one could take it without that grace");
    let _next = waiting.await.unwrap().unwrap();
    let history = server.history();
    let taken = history.iter().find(|write| write.client == "b").unwrap().at_us;
    assert!(taken - renewed >= 15_000_000, "{} us", taken - renewed);
    assert!(!state.is_leader());
}
