//! What is counted of a Lease and of its clients, and what a disturbance does to them, is the same on each server.

use std::{collections::VecDeque, time::Duration};

use compare::{
    fault::Disturbance,
    server::{Api, Server},
};
use k8s_openapi::api::coordination::v1::Lease;
use kube::{
    Client, Config, Error,
    api::{Patch, PatchParams},
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::json;
use tokio::time::timeout;

use super::servers;

#[tokio::test(flavor = "multi_thread")]
async fn each_server_tells_the_same_of_a_lease() {
    let servers = servers().await;
    for (name, server) in &servers.all {
        of_one(name, server).await;
    }
}

async fn of_one(name: &str, server: &Server) {
    let api = Api::start(server, true).await.unwrap();
    let (a, b) = (leases(&api, "a").await, leases(&api, "b").await);
    let begin = api.holders().await.unwrap();
    hold(&a, "a").await.unwrap();

    api.disturb("a", Disturbance::RequestsLost).unwrap();
    assert!(timeout(A_WHILE, hold(&a, "lost")).await.is_err(), "{name}: a is not cut off");
    hold(&b, "b").await.unwrap();
    api.disturb("a", Disturbance::AnswersLost).unwrap();
    let unheard = tokio::spawn({
        let a = a.clone();
        async move { hold(&a, "unheard").await }
    });
    timeout(PATIENCE, until_held(&api, "unheard")).await.expect("it is carried out");
    assert!(!unheard.is_finished(), "{name}: a hears of it");
    unheard.abort();
    api.disturb("a", Disturbance::Refusals(VecDeque::from([Some(409), None]))).unwrap();
    let refused = hold(&a, "refused").await;
    assert!(matches!(&refused, Err(Error::Api(why)) if why.code == 409), "{name}: {refused:?}");
    hold(&a, "").await.unwrap();
    api.disturb("a", Disturbance::Slow { before: A_WHILE, after: Duration::ZERO }).unwrap();
    assert!(timeout(A_WHILE / 2, hold(&a, "given up")).await.is_err(), "{name}: a is not slow");
    // It is as slow, and so ends after what was given up would have been carried out.
    hold(&a, "b").await.unwrap();
    api.disturb("a", Disturbance::None).unwrap();
    api.delete_lease().await.unwrap();

    let holders = api.holders().await.unwrap();
    let holders: Vec<_> = holders[begin.len()..].iter().map(Option::as_deref).collect();
    // What a client has given up before it was carried out is not carried out.
    let expected = [Some("a"), Some("b"), Some("unheard"), None, Some("b"), None];
    assert_eq!(holders, expected, "{name}: the last one is the deletion");
    assert_eq!((api.requests("a"), api.requests("b")), (7, 1), "{name}");
}

async fn leases(api: &Api, client: &'static str) -> kube::Api<Lease> {
    let text = api.kubeconfig(client).unwrap();
    let kubeconfig = Kubeconfig::from_yaml(&text).unwrap();
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.unwrap();
    kube::Api::namespaced(Client::try_from(config).unwrap(), api.namespace())
}

async fn hold(leases: &kube::Api<Lease>, holder: &str) -> Result<Lease, Error> {
    let patch = json!({ "spec": { "holderIdentity": holder } });
    leases.patch("compare", &PatchParams::default(), &Patch::Merge(patch)).await
}

async fn until_held(api: &Api, holder: &str) {
    while api.holders().await.unwrap().last() != Some(&Some(holder.to_owned())) {}
}

/// In which a request would be answered that is not lost.
const A_WHILE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(20);
