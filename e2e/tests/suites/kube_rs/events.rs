//! `kube::runtime::events::Recorder`.

use e2e::suites::Column;
use k8s_openapi::api::{
    core::v1::{ConfigMap, Event as CoreEvent, Node},
    events::v1::Event as NewEvent,
};
use kube::{
    Api, Client, Resource,
    api::ListParams,
    runtime::events::{Event, EventType, Recorder, Reporter},
};
use serde_json::json;

use super::{
    Outcome, ensure, object,
    objects::{config_map, create},
};

pub(super) async fn steps(column: &mut Column, client: &Client) {
    column.step("Recorder: an event, in both of its groups", both(client)).await;
    column.step("Recorder: a second one makes a series", series(client)).await;
    column.step("Recorder: about an object without a namespace", of_node(client)).await;
}

async fn both(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let map = maps.create(&create(), &config_map("reported")).await?;
    let recorder = Recorder::new(client.clone(), reporter());
    recorder.publish(&event("Happened"), &map.object_ref(&())).await?;
    let new: Api<NewEvent> = Api::default_namespaced(client.clone());
    let event = one(&new, "regarding.name=reported").await?;
    let said = (event.reason.as_deref(), event.note.as_deref());
    ensure!(said == (Some("Happened"), Some("it did")), "{said:?}");
    let core: Api<CoreEvent> = Api::default_namespaced(client.clone());
    let event = one(&core, "involvedObject.name=reported,reason=Happened").await?;
    let said = (event.message.as_deref(), event.reporting_component.as_deref());
    ensure!(said == (Some("it did"), Some("suite.example/controller")), "{said:?}");
    Ok(())
}

async fn series(client: &Client) -> Outcome {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let map = maps.create(&create(), &config_map("repeated")).await?;
    let recorder = Recorder::new(client.clone(), reporter());
    for _ in 0..2 {
        recorder.publish(&event("Again"), &map.object_ref(&())).await?;
    }
    let events: Api<NewEvent> = Api::default_namespaced(client.clone());
    let event = one(&events, "regarding.name=repeated").await?;
    let count = event.series.map(|series| series.count);
    ensure!(count == Some(2), "{count:?}");
    Ok(())
}

async fn of_node(client: &Client) -> Outcome {
    let nodes: Api<Node> = Api::all(client.clone());
    let node = object(json!({ "metadata": { "name": "reported" } }));
    let node = nodes.create(&create(), &node).await?;
    let recorder = Recorder::new(client.clone(), reporter());
    recorder.publish(&event("OfNode"), &node.object_ref(&())).await?;
    let events: Api<NewEvent> = Api::namespaced(client.clone(), "default");
    one(&events, "regarding.name=reported").await?;
    Ok(())
}

async fn one<K>(events: &Api<K>, fields: &str) -> Outcome<K>
where
    K: Resource + Clone + serde::de::DeserializeOwned + std::fmt::Debug,
{
    let mut found = events.list(&ListParams::default().fields(fields)).await?.items;
    ensure!(found.len() == 1, "{fields}: {} events", found.len());
    Ok(found.remove(0))
}

fn reporter() -> Reporter {
    Reporter { controller: "suite.example/controller".into(), instance: Some("i".into()) }
}

fn event(reason: &str) -> Event {
    Event {
        type_: EventType::Normal,
        reason: reason.into(),
        note: Some("it did".into()),
        action: "Acting".into(),
        secondary: None,
    }
}
