//! Other Leases and other namespaces than the Role's.

use kunobi_ha::Error;

use crate::installation::{Installation, JSON, NAME, apply, candidate, make_namespace, send};

#[tokio::test]
async fn another_lease_is_refused() {
    let installation = Installation::of("defaults").await;
    let error = installation.election_for("a", "other").build().acquire().await.unwrap_err();
    let Error::Forbidden { verb: "get", role, message } = error else { panic!("{error}") };
    assert!(message.contains("leases.coordination.k8s.io \"other\" is forbidden"), "{message}");
    assert!(role.contains("resourceNames: [\"other\"]"), "{role}");
    assert!(installation.lease("other").await.is_null());
    assert!(installation.election("a").build().acquire().await.is_ok(), "its own is not");
}

#[tokio::test]
async fn a_missing_namespace_is_told_to_those_who_may_know() {
    let installation = Installation::of("defaults").await;
    let admin = installation.admin.clone();
    let election = candidate(admin, "nowhere", NAME, "a").build();
    let error = election.acquire().await.unwrap_err();
    assert!(matches!(&error, Error::NamespaceMissing { namespace } if namespace == "nowhere"));
    assert_eq!(error.to_string(), "namespace \"nowhere\" does not exist");

    // A namespace that does not exist has no Role, and the server checks rights first.
    let limited = candidate(installation.client.clone(), "nowhere", NAME, "a").build();
    let error = limited.acquire().await.unwrap_err();
    assert!(matches!(error, Error::Forbidden { verb: "get", .. }), "{error}");

    make_namespace("nowhere").await;
    assert!(election.acquire().await.is_ok());
}

#[tokio::test]
async fn names_that_look_like_numbers_are_names() {
    let installation = Installation::of("defaults").await;
    make_namespace("1234").await;
    let election = candidate(installation.client.clone(), "1234", "1e3", "a").build();
    let error = election.acquire().await.unwrap_err();
    let Error::Forbidden { role, .. } = error else { panic!("{error}") };
    apply(&installation.admin, &role).await;
    let path = "/apis/rbac.authorization.k8s.io/v1/namespaces/1234/roles/1e3-leader-election";
    let (status, role) = send(&installation.admin, "GET", path, JSON, String::new()).await;
    assert_eq!((status, &role["rules"][0]["resourceNames"][0]), (200, &"1e3".into()));
}
