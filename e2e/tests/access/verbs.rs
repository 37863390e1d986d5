//! Takes each verb away: what is reported, and whether the Role that is printed helps.

use kunobi_ha::{Error, leader::Release};
use serde_json::json;

use crate::installation::{Installation, JSON, NAME, apply, send, until};

#[tokio::test]
async fn each_missing_verb_is_told_with_a_role_that_works() {
    for missing in ["get", "create", "update"] {
        let installation = Installation::changed("defaults", |role| without(missing, &role)).await;
        let election = installation.election("a").build();
        let error = election.acquire().await.unwrap_err();
        let text = error.to_string();
        let Error::Forbidden { verb, role, message } = error else { panic!("{error}") };
        assert_eq!(verb, missing);
        let namespace = &installation.namespace;
        let said = format!(
            "leases.coordination.k8s.io \"{NAME}\" is forbidden: User \
             \"system:serviceaccount:{namespace}:{NAME}\" cannot {missing} resource \"leases\" in \
             API group \"coordination.k8s.io\" in the namespace \"{namespace}\""
        );
        assert!(message.contains(&said), "{message}");
        assert!(text.starts_with(&format!("not allowed to {missing} the lease: ")), "{text}");
        assert!(text.ends_with(&format!("This is missing:\n{role}")), "{text}");
        assert!(installation.lease(NAME).await.is_null(), "nothing was written");
        println!("without {missing}: {}", text.lines().next().unwrap());

        apply(&installation.admin, &role).await;
        installation.until_allowed(missing, NAME).await;
        let guard = election.acquire().await.expect("the Role that it printed is enough");
        assert_eq!(guard.step_down().await, Release::Released);
    }
}

#[tokio::test]
async fn a_missing_update_is_told_too_when_the_lease_is_there() {
    let installation = Installation::changed("defaults", |role| without("update", &role)).await;
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", installation.namespace);
    let lease = json!({ "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                        "metadata": { "name": NAME } });
    let (status, before) = send(&installation.admin, "POST", &path, JSON, lease.to_string()).await;
    assert_eq!(status, 201, "{before}");
    let error = installation.election("a").build().acquire().await.unwrap_err();
    assert!(matches!(error, Error::Forbidden { verb: "update", .. }), "{error}");
    assert_eq!(installation.lease(NAME).await, before);
}

#[tokio::test]
async fn without_the_verb_a_watching_election_polls() {
    let installation = Installation::of("defaults").await;
    let [a, b] = ["a", "b"].map(|name| installation.election(name).watch(true).build());
    let guard = a.acquire().await.unwrap();
    let follower = tokio::spawn(async move { b.acquire().await });
    let watches = async || {
        let asked = installation.asked();
        let code = asked.iter().find(|asked| asked.verb == "watch").map(|watch| watch.code);
        let polls = asked.iter().filter(|asked| asked.verb == "get").count();
        code.filter(|_| polls > 3)
    };
    assert_eq!(until("it watches in vain and polls", watches).await, 403);
    assert_eq!(guard.step_down().await, Release::Released);
    assert!(follower.await.unwrap().unwrap().is_leader());
}

#[tokio::test]
async fn the_role_that_is_printed_has_what_is_turned_on() {
    let installation = Installation::changed("defaults", |role| without("get", &role)).await;
    let election = installation.election("a").watch(true).events(true).build();
    let error = election.acquire().await.unwrap_err();
    let Error::Forbidden { role, .. } = error else { panic!("{error}") };
    apply(&installation.admin, &role).await;
    installation.until_allowed("watch", NAME).await;
    let guard = election.acquire().await.unwrap();
    until("it watches and tells", async || {
        let asked = installation.asked();
        let has =
            |verb: &str, code| asked.iter().any(|asked| asked.verb == verb && asked.code == code);
        (has("watch", 200) && has("create", 201)).then_some(())
    })
    .await;
    assert_eq!(guard.step_down().await, Release::Released);
}

#[tokio::test]
async fn an_event_that_may_not_be_written_costs_nothing() {
    let installation = Installation::of("defaults").await;
    let guard = installation.election("a").events(true).build().acquire().await.unwrap();
    until("it tries to tell", async || {
        installation
            .asked()
            .iter()
            .find(|asked| asked.resource == "events" && asked.code == 403)
            .cloned()
    })
    .await;
    assert!(guard.is_leader());
    assert_eq!(guard.step_down().await, Release::Released);
    assert!(installation.events().await.is_empty());
}

fn without(verb: &str, role: &str) -> String {
    let changed = role.replace(&format!("{verb}, "), "").replace(&format!(", {verb}]"), "]");
    assert_ne!(changed, role);
    changed
}
