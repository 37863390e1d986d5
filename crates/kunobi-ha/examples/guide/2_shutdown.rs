// Greets in every ConfigMap that is labelled app=demo.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, ResourceExt,
    api::{Patch, PatchParams},
    runtime::{Controller, controller::Action, watcher},
};
use kunobi_ha::{
    BoxError,
    shutdown::{Handle, Report, Shutdown},
};
use serde_json::json;

struct Context {
    objects: Api<ConfigMap>,
}

#[tokio::main]
async fn main() -> Result<Report, BoxError> {
    let stop = Shutdown::builder().grace_period(Duration::from_secs(30)).install()?;
    tracing_subscriber::fmt().init();
    let client = Client::try_default().await?;
    let objects = Api::<ConfigMap>::default_namespaced(client);
    let handle = stop.handle();
    handle.spawn("greeter", greet(objects, handle.clone()));
    Ok(stop.finished().await)
}

async fn greet(objects: Api<ConfigMap>, handle: Handle) -> Result<(), BoxError> {
    let context = Arc::new(Context { objects: objects.clone() });
    Controller::new(objects, watcher::Config::default().labels("app=demo"))
        .graceful_shutdown_on(handle.draining())
        .run(move |object, context| handle.track(reconcile(object, context)), on_error, context)
        .for_each(|_| async {})
        .await;
    Ok(())
}

async fn reconcile(object: Arc<ConfigMap>, context: Arc<Context>) -> Result<Action, kube::Error> {
    let entry = |key| object.data.as_ref().and_then(|data| data.get(key)).map(String::as_str);
    let greeting = format!("Hello, {}!", entry("name").unwrap_or("world"));
    if entry("greeting") == Some(&greeting) {
        return Ok(Action::await_change());
    }
    let patch = json!({ "data": { "greeting": greeting } });
    let name = object.name_any();
    context.objects.patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await?;
    Ok(Action::await_change())
}

fn on_error(object: Arc<ConfigMap>, error: &kube::Error, _: Arc<Context>) -> Action {
    tracing::warn!("{}: {error}", object.name_any());
    Action::requeue(Duration::from_secs(2))
}
