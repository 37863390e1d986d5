// Greets in every ConfigMap that is labelled app=demo.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, Config, ResourceExt,
    api::{Patch, PatchParams},
    runtime::{Controller, controller::Action, watcher},
};
use kunobi_ha::{
    BoxError,
    leader::{LeaderElection, LeaderElectionBuilder},
    operator::{LeaderContext, NotLeading, Operator},
    readiness::{Health, LeaderGate},
    shutdown::{Report, Shutdown},
};
use serde_json::json;

struct Context {
    objects: Api<ConfigMap>,
    lead: LeaderContext,
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Api(#[from] kube::Error),
    #[error(transparent)]
    NotLeading(#[from] NotLeading),
    #[error("term {0} has written already")]
    Overtaken(u64),
}

#[tokio::main]
async fn main() -> Result<Report, BoxError> {
    let stop = Shutdown::builder().grace_period(Duration::from_secs(30)).install()?;
    tracing_subscriber::fmt().init();
    let config = Config::infer().await?;
    let objects = Api::<ConfigMap>::default_namespaced(Client::try_from(config.clone())?);
    Ok(operator(objects, LeaderElection::from_env(config)?, "[::]:8081", stop).run().await)
}

fn operator(
    objects: Api<ConfigMap>,
    election: LeaderElectionBuilder,
    probes: &str,
    stop: Shutdown,
) -> Operator {
    let election = election.build();
    let health = Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy);
    Operator::new(election)
        .shutdown(stop)
        .probes(probes, health)
        .lead("greeter", move |lead| greet(objects.clone(), lead))
}

async fn greet(objects: Api<ConfigMap>, lead: LeaderContext) -> Result<(), BoxError> {
    let context = Arc::new(Context { objects: objects.clone(), lead: lead.clone() });
    Controller::new(objects, watcher::Config::default().labels("app=demo"))
        .graceful_shutdown_on(lead.stopped())
        .run(move |object, context| lead.track(reconcile(object, context)), on_error, context)
        .for_each(|_| async {})
        .await;
    Ok(())
}

async fn reconcile(object: Arc<ConfigMap>, context: Arc<Context>) -> Result<Action, Error> {
    let entry = |key| object.data.as_ref().and_then(|data| data.get(key)).map(String::as_str);
    let greeting = format!("Hello, {}!", entry("name").unwrap_or("world"));
    if entry("greeting") == Some(&greeting) {
        return Ok(Action::await_change());
    }
    let fence = context.lead.term().fence();
    let last = object.annotations().get(FENCE).and_then(|last| last.parse().ok());
    if let Some(later) = last.filter(|last| *last > fence) {
        return Err(Error::Overtaken(later));
    }
    let patch = json!({
        "metadata": {
            "resourceVersion": object.resource_version(),
            "labels": { FENCED: "true" },
            "annotations": { FENCE: fence.to_string() },
        },
        "data": { "greeting": greeting },
    });
    context.lead.ensure()?;
    let name = object.name_any();
    context.objects.patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await?;
    Ok(Action::await_change())
}

fn on_error(object: Arc<ConfigMap>, error: &Error, _: Arc<Context>) -> Action {
    tracing::warn!("{}: {error}", object.name_any());
    Action::requeue(Duration::from_secs(2))
}

const FENCE: &str = "kunobi.ninja/fence";
const FENCED: &str = "kunobi.ninja/fenced";

#[cfg(test)]
mod tests {
    use kube::api::PostParams;
    use kunobi_ha::shutdown::Reason;
    use kunobi_ha_test::TestServer;

    use super::*;

    #[tokio::test]
    async fn the_next_leader_goes_on_where_the_last_one_stopped() {
        let server = TestServer::new();
        let (mut ends, mut replicas) = (Vec::new(), Vec::new());
        for name in ["a", "b"] {
            let client = Client::new(server.service(name), "default");
            let stop = Shutdown::builder().manual().unwrap();
            ends.push(stop.handle());
            let objects = Api::default_namespaced(client.clone());
            let election = LeaderElection::builder(client, "default", "greeter").identity(name);
            replicas.push(tokio::spawn(operator(objects, election, "127.0.0.1:0", stop).run()));
            until(|| holder(&server).is_some()).await;
        }
        create(&server).await;
        until(|| greeting(&server).as_deref() == Some("Hello, earth!")).await;

        ends[0].trigger(Reason::Requested("a rollout".into()));
        assert_eq!(replicas.remove(0).await.unwrap().released, ["lease".into()]);
        let freed = server.history().len();
        server.edit(OBJECT, |object| object["data"]["name"] = "moon".into()).unwrap();
        until(|| greeting(&server).as_deref() == Some("Hello, moon!")).await;

        assert_eq!(holder(&server).as_deref(), Some("b"));
        assert!(server.history()[freed..].iter().all(|write| write.client != "a"));
        let terms: Vec<u64> =
            server.history().iter().filter_map(|write| term(&write.object)).collect();
        assert!(terms.is_sorted() && terms.first() < terms.last(), "{terms:?}");
        ends[1].trigger(Reason::Requested("the end".into()));
        assert_eq!(replicas.remove(0).await.unwrap().exit_code(), 0);
    }

    async fn create(server: &TestServer) {
        let objects = Api::default_namespaced(Client::new(server.service("user"), "default"));
        let object: ConfigMap = serde_json::from_value(json!({
            "metadata": { "name": "hello", "labels": { "app": "demo" } },
            "data": { "name": "earth" },
        }))
        .unwrap();
        objects.create(&PostParams::default(), &object).await.unwrap();
    }

    fn greeting(server: &TestServer) -> Option<String> {
        server.get(OBJECT)?["data"]["greeting"].as_str().map(Into::into)
    }

    fn holder(server: &TestServer) -> Option<String> {
        let holder = &server.get(LEASE)?["spec"]["holderIdentity"];
        holder.as_str().filter(|holder| !holder.is_empty()).map(Into::into)
    }

    fn term(object: &serde_json::Value) -> Option<u64> {
        object["metadata"]["annotations"][FENCE].as_str()?.parse().ok()
    }

    async fn until(happened: impl Fn() -> bool) {
        let waiting = async {
            while !happened() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("within 20 s");
    }

    const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/default/leases/greeter";
    const OBJECT: &str = "/api/v1/namespaces/default/configmaps/hello";
}
