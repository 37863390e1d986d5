//! Keeps `data.greeting` of every `ConfigMap` that is labelled `app=demo`.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, ResourceExt,
    api::{Patch, PatchParams},
    runtime::{Controller, controller::Action, reflector::Store, watcher},
};
use kunobi_ha::{
    BoxError,
    operator::{LeaderContext, NotLeading},
};
use serde_json::json;
use tracing::{info, warn};

/// The work of one term.
struct Greeter {
    objects: Api<ConfigMap>,
    lead: LeaderContext,
}

#[derive(Debug, thiserror::Error)]
enum GreeterError {
    #[error("the annotation {TERM} is not a number")]
    NoTerm,
    #[error("term {theirs} has written already, which is later than this one")]
    Overtaken { theirs: u64 },
    #[error(transparent)]
    NotLeading(#[from] NotLeading),
    #[error(transparent)]
    Api(#[from] kube::Error),
}

pub(crate) type Work = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// Returns the work, which is called once for each term.
pub(crate) fn on(objects: Api<ConfigMap>) -> impl Fn(LeaderContext) -> Work + Send + Sync {
    move |lead| Box::pin(run(objects.clone(), lead))
}

async fn run(objects: Api<ConfigMap>, lead: LeaderContext) -> Result<(), BoxError> {
    let greeter = Arc::new(Greeter { objects: objects.clone(), lead: lead.clone() });
    let controller = Controller::new(objects, watcher::Config::default().labels("app=demo"))
        .graceful_shutdown_on(lead.stopped());
    let never_listed = stopped_before_the_first_list(controller.store(), lead.clone());
    let reconciling = controller
        .run(move |object, greeter| lead.track(reconcile(object, greeter)), on_error, greeter)
        .for_each(|_| async {});
    tokio::select! {
        () = reconciling => {}
        () = never_listed => {}
    }
    Ok(())
}

/// A `Controller` that is stopped before it has its first list waits for that list for ever. No
/// reconciliation has begun by then, so it can be dropped.
async fn stopped_before_the_first_list(store: Store<ConfigMap>, lead: LeaderContext) {
    lead.stopped().await;
    if store.wait_until_ready().now_or_never().is_some() {
        std::future::pending::<()>().await;
    }
}

async fn reconcile(object: Arc<ConfigMap>, greeter: Arc<Greeter>) -> Result<Action, GreeterError> {
    let entry = |key| object.data.as_ref().and_then(|data| data.get(key)).map(String::as_str);
    let greeting = format!("Hello, {}!", entry("name").unwrap_or("world"));
    if entry("greeting") == Some(&greeting) {
        return Ok(Action::await_change());
    }
    let term = greeter.lead.term().fence();
    let known = object.annotations().get(TERM).map(|term| term.parse());
    if let Some(theirs) = known.transpose().map_err(|_| GreeterError::NoTerm)?
        && theirs > term
    {
        return Err(GreeterError::Overtaken { theirs });
    }
    // The version makes it a compare-and-swap: a write since then is not overwritten.
    let version = object.resource_version();
    let patch = json!({
        "metadata": { "resourceVersion": version, "annotations": { TERM: term.to_string() } },
        "data": { "greeting": greeting },
    });
    greeter.lead.ensure()?;
    let name = object.name_any();
    greeter.objects.patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await?;
    info!(object = name, term, "{greeting}");
    Ok(Action::await_change())
}

#[expect(clippy::needless_pass_by_value, reason = "the controller calls it with values")]
fn on_error(object: Arc<ConfigMap>, error: &GreeterError, _: Arc<Greeter>) -> Action {
    warn!(object = object.name_any(), "{error}; trying again");
    Action::requeue(Duration::from_secs(2))
}

/// The fencing token of the term that wrote last.
pub(crate) const TERM: &str = "demo.kunobi.ninja/term";
