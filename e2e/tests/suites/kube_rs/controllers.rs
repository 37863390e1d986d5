//! `kube::runtime::Controller`.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use e2e::suites::Column;
use futures::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams},
    runtime::{Controller, controller::Action, reflector::ObjectRef, watcher},
};
use serde_json::json;

use super::{
    Outcome, object,
    objects::create,
    watches::{beside, until},
};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    column.step("Controller: owns", owns(client)).await;
    column.step("Controller: watches, by a mapper", watches(client)).await;
    column.step("Controller: a failure is tried again", fails(client)).await;
    column.step("Controller: requeue after a time", requeues(client)).await;
    column.step("Controller: reconcile_all_on, graceful_shutdown_on", all_on(client)).await;
    column.step("Controller: children by apply, with the owner", children(client)).await;
}

/// What was reconciled.
#[derive(Default)]
struct Seen {
    names: Mutex<Vec<String>>,
}

impl Seen {
    fn count(&self) -> usize {
        e2e::lock(&self.names).len()
    }

    fn add(&self, map: &ConfigMap) {
        e2e::lock(&self.names).push(map.name_any());
    }
}

async fn owns(client: &Client) -> Outcome {
    let (maps, secrets) = apis(client);
    let seen = Arc::new(Seen::default());
    let controller = controller(&maps, "owns")
        .owns(secrets.clone(), watcher::Config::default())
        .run(reconcile, give_up, Arc::clone(&seen));
    let step = async {
        let parent = maps.create(&create(), &labelled("owner", "owns")).await?;
        until(|| seen.count() == 1).await;
        secrets.create(&create(), &child(&parent, "owned")?).await?;
        until(|| seen.count() == 2).await;
        secrets.delete("owned", &DeleteParams::default()).await?;
        until(|| seen.count() == 3).await;
        Ok(())
    };
    beside(step, controller).await
}

async fn watches(client: &Client) -> Outcome {
    let (maps, secrets) = apis(client);
    let seen = Arc::new(Seen::default());
    let of = watcher::Config::default().labels("mapped");
    let map = |secret: Secret| {
        let name = secret.labels().get("mapped").cloned()?;
        Some(ObjectRef::new(&name).within(&secret.namespace()?))
    };
    let controller = controller(&maps, "watches").watches(secrets.clone(), of, map).run(
        reconcile,
        give_up,
        Arc::clone(&seen),
    );
    let step = async {
        maps.create(&create(), &labelled("watches", "watches")).await?;
        until(|| seen.count() == 1).await;
        let metadata = json!({ "name": "mapped", "labels": { "mapped": "watches" } });
        secrets.create(&create(), &object(json!({ "metadata": metadata }))).await?;
        until(|| seen.count() == 2).await;
        Ok(())
    };
    beside(step, controller).await
}

async fn fails(client: &Client) -> Outcome {
    let (maps, _) = apis(client);
    let tries = Arc::new(AtomicUsize::new(0));
    let reconcile = async |_: Arc<ConfigMap>, tries: Arc<AtomicUsize>| {
        let is_first = tries.fetch_add(1, Ordering::SeqCst) == 0;
        if is_first { Err(Failed("once".into())) } else { Ok(Action::await_change()) }
    };
    let again = |_: Arc<ConfigMap>, _: &Failed, _: Arc<AtomicUsize>| {
        Action::requeue(Duration::from_millis(20))
    };
    let controller = controller(&maps, "fails").run(reconcile, again, Arc::clone(&tries));
    let step = async {
        maps.create(&create(), &labelled("fails", "fails")).await?;
        until(|| tries.load(Ordering::SeqCst) == 2).await;
        Ok(())
    };
    beside(step, controller).await
}

async fn requeues(client: &Client) -> Outcome {
    let (maps, _) = apis(client);
    let seen = Arc::new(Seen::default());
    let reconcile = async |map: Arc<ConfigMap>, seen: Arc<Seen>| {
        seen.add(&map);
        Ok::<_, Failed>(Action::requeue(Duration::from_millis(20)))
    };
    let controller = controller(&maps, "requeues").run(reconcile, give_up, Arc::clone(&seen));
    let step = async {
        maps.create(&create(), &labelled("requeues", "requeues")).await?;
        until(|| seen.count() >= 3).await;
        Ok(())
    };
    beside(step, controller).await
}

async fn all_on(client: &Client) -> Outcome {
    let (maps, _) = apis(client);
    let seen = Arc::new(Seen::default());
    let (trigger, triggers) = futures::channel::mpsc::unbounded();
    let (end, ended) = futures::channel::oneshot::channel::<()>();
    let controller = controller(&maps, "all-on")
        .reconcile_all_on(triggers)
        .graceful_shutdown_on(async { ended.await.unwrap_or_default() })
        .run(reconcile, give_up, Arc::clone(&seen))
        .for_each(async |_| {});
    for name in ["all-1", "all-2"] {
        maps.create(&create(), &labelled(name, "all-on")).await?;
    }
    let step = async {
        until(|| seen.count() == 2).await;
        trigger.unbounded_send(())?;
        until(|| seen.count() == 4).await;
        end.send(()).map_err(|()| "it has ended")?;
        Outcome::Ok(())
    };
    let (outcome, ()) = futures::join!(step, controller);
    outcome
}

async fn children(client: &Client) -> Outcome {
    let (maps, secrets) = apis(client);
    let reconcile = async |map: Arc<ConfigMap>, secrets: Arc<Api<Secret>>| {
        let owner = map.controller_owner_ref(&());
        let text = map.data.clone().unwrap_or_default();
        let secret = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": { "name": map.name_any(), "ownerReferences": [owner] },
            "stringData": text,
        });
        let params = PatchParams::apply("suite.example/controller").force();
        secrets.patch(&map.name_any(), &params, &Patch::Apply(secret)).await?;
        Ok::<_, kube::Error>(Action::await_change())
    };
    let policy = |_: Arc<ConfigMap>, _: &kube::Error, _: Arc<Api<Secret>>| Action::await_change();
    let controller = controller(&maps, "children")
        .owns(secrets.clone(), watcher::Config::default())
        .run(reconcile, policy, Arc::new(secrets.clone()));
    let has = async |text: &str| {
        loop {
            let secret = secrets.get_opt("children").await?;
            let data = secret.and_then(|secret| secret.data).unwrap_or_default();
            if data.get("k").is_some_and(|bytes| bytes.0 == text.as_bytes()) {
                return Outcome::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let step = async {
        let mut map = labelled("children", "children");
        map.data = Some([("k".into(), "1".into())].into());
        maps.create(&create(), &map).await?;
        has("1").await?;
        let patch = Patch::Merge(json!({ "data": { "k": "2" } }));
        maps.patch("children", &PatchParams::default(), &patch).await?;
        has("2").await?;
        secrets.delete("children", &DeleteParams::default()).await?;
        has("2").await
    };
    beside(step, controller).await
}

pub(super) fn apis(client: &Client) -> (Api<ConfigMap>, Api<Secret>) {
    (Api::default_namespaced(client.clone()), Api::default_namespaced(client.clone()))
}

fn controller(maps: &Api<ConfigMap>, label: &str) -> Controller<ConfigMap> {
    let of = watcher::Config::default().labels(&format!("controller={label}"));
    Controller::new(maps.clone(), of)
}

async fn reconcile(map: Arc<ConfigMap>, seen: Arc<Seen>) -> Result<Action, Failed> {
    seen.add(&map);
    Ok(Action::await_change())
}

fn give_up(_: Arc<ConfigMap>, _: &Failed, _: Arc<Seen>) -> Action {
    Action::await_change()
}

fn labelled(name: &str, label: &str) -> ConfigMap {
    object(json!({ "metadata": { "name": name, "labels": { "controller": label } } }))
}

pub(super) fn child(parent: &ConfigMap, name: &str) -> Outcome<Secret> {
    let owner = parent.controller_owner_ref(&()).ok_or("it has no uid")?;
    Ok(object(json!({ "metadata": { "name": name, "ownerReferences": [owner] } })))
}

/// Why a reconciliation fails.
#[derive(Debug)]
pub(super) struct Failed(pub(super) String);

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}
