use kube::Client;
use kunobi_ha_test::{Fault, Faults, TestServer, WatchFault};

use super::*;

fn leases(server: &TestServer, client: &str) -> Api<Lease> {
    Api::default_namespaced(Client::new(server.service(client), "default"))
}

async fn create(leases: &Api<Lease>, name: &str, holder: &str) {
    let mut lease = Lease::default();
    lease.metadata.name = Some(name.to_owned());
    lease.spec.get_or_insert_default().holder_identity = Some(holder.to_owned());
    leases.create(&PostParams::default(), &lease).await.unwrap();
}

/// The list of the runner passes; then its watch has this fault, when it has told of one write.
async fn watched(server: &TestServer, then: WatchFault) -> Watched {
    let script = [Fault::Pass, Fault::Watch { after_events: 1, then }];
    server.set_faults("runner", Faults { script: script.into(), ..Faults::default() });
    Watched::start(leases(server, "runner")).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_was_written_before_the_question_is_in_the_answer() {
    let server = TestServer::new();
    let watched = Watched::start(leases(&server, "runner")).await.unwrap();
    let others = leases(&server, "other");
    assert_eq!(watched.holders().await, Ok(vec![]));
    create(&others, LEASE, "a").await;
    create(&others, "another", "b").await;
    assert_eq!(watched.holders().await, Ok(vec![Some("a".to_owned())]));
    others.delete(LEASE, &kube::api::DeleteParams::default()).await.unwrap();
    assert_eq!(watched.holders().await, Ok(vec![Some("a".to_owned()), None]));
}

#[tokio::test(start_paused = true)]
async fn a_history_with_a_hole_is_an_error() {
    for (then, why) in [
        (WatchFault::End, "not complete: the watch has ended"),
        (WatchFault::Stall, "tells nothing"),
        (WatchFault::Expire, "not complete: "),
    ] {
        let server = TestServer::new();
        let watched = watched(&server, then).await;
        create(&leases(&server, "other"), LEASE, "a").await;
        let told = watched.holders().await.unwrap_err();
        assert!(told.contains(why), "{then:?}: {told}");
    }
}
