//! Access that is taken away from a leader.

use std::time::Duration;

use kunobi_ha::leader::StepDownReason;
use serde_json::Value;
use tokio::time::Instant;

use crate::installation::{Installation, JSON, NAME, send, until};

#[tokio::test]
async fn a_leader_whose_role_is_taken_away_is_lost_at_its_deadline() {
    let installation = Installation::of("defaults").await;
    let election = installation.election("a").build();
    let state = election.state();
    let mut guard = election.acquire().await.unwrap();
    let binding = unbind(&installation).await;
    // The server may go on to allow it for a moment.
    until("it is refused", async || state.last_error().filter(|error| error.contains("forbidden")))
        .await;
    let refused = Instant::now();
    assert_eq!(guard.lost().await, StepDownReason::RenewDeadlineExceeded);
    assert!(refused.elapsed() < Duration::from_secs(4), "{:?}", refused.elapsed());
    assert_eq!(installation.lease(NAME).await["spec"]["holderIdentity"], "a", "not released");
    let asked = installation.asked().iter().filter(|asked| asked.code == 403).count();
    println!("lost {:?} after the first 403, of {asked}", refused.elapsed());
    assert!(asked < 40, "{asked} requests");

    // It contends again, and leads once it may.
    let path = bindings(&installation);
    let (status, body) = send(&installation.admin, "POST", &path, JSON, binding.to_string()).await;
    assert_eq!(status, 201, "{body}");
    installation.until_allowed("update", NAME).await;
    assert!(election.acquire().await.unwrap().is_leader());
}

/// Takes the Role away, and returns the binding that gave it.
async fn unbind(installation: &Installation) -> Value {
    let path = format!("{}/kunobi-operator-leader-election", bindings(installation));
    let (status, mut binding) = send(&installation.admin, "GET", &path, JSON, String::new()).await;
    assert_eq!(status, 200, "{binding}");
    let (status, body) = send(&installation.admin, "DELETE", &path, JSON, String::new()).await;
    assert_eq!(status, 200, "{body}");
    let metadata = binding["metadata"].as_object_mut().unwrap();
    metadata.retain(|key, _| key == "name" || key == "namespace");
    binding
}

fn bindings(installation: &Installation) -> String {
    let namespace = &installation.namespace;
    format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings")
}
