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
    leader::LeaderElection,
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
    let election = LeaderElection::from_env(config)?.build();
    let health = Health::builder().leader(&election.state(), LeaderGate::ElectionHealthy);
    Ok(Operator::new(election)
        .shutdown(stop)
        .probes("[::]:8081", health)
        .lead("greeter", move |lead| greet(objects.clone(), lead))
        .run()
        .await)
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
