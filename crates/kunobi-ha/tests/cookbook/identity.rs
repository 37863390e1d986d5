//! What happens if replicas have the same identity, as under `hostNetwork` without `POD_NAME`.

use std::time::Duration;

use kunobi_ha::leader::LeaderElection;
use kunobi_ha_test::TestServer;
use tokio::time::sleep;

use crate::elections::clocked;

#[tokio::test(start_paused = true)]
async fn of_two_replicas_with_the_name_of_their_node_one_leads() {
    let server = TestServer::new();
    let elections =
        ["a", "b"].map(|client| clocked(&server, client, "l").identity("node-1").build());
    let states = elections.each_ref().map(LeaderElection::state);
    for election in elections {
        tokio::spawn(async move { election.acquire().await.unwrap().lost().await });
    }
    sleep(Duration::from_secs(5)).await;
    for _ in 0..600 {
        assert_eq!(states.iter().filter(|state| state.is_leader()).count(), 1);
        sleep(Duration::from_millis(100)).await;
    }
}
