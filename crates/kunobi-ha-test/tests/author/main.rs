//! What the author of a test writes: getters, waits, assertions, rules of faults, and the log.

mod asserts;
mod getters;
mod open;
mod rules;
mod sequence;
mod times;
mod until;
mod watches;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client, api::PostParams};
use kunobi_ha_test::TestServer;
use serde_json::json;

fn start() -> (TestServer, Api<ConfigMap>) {
    let server = TestServer::new();
    let maps = maps(&server, "me");
    (server, maps)
}

fn maps(server: &TestServer, client: &str) -> Api<ConfigMap> {
    Api::default_namespaced(Client::new(server.service(client), "default"))
}

async fn create(maps: &Api<ConfigMap>, name: &str) -> kube::Result<ConfigMap> {
    let map = serde_json::from_value(json!({ "metadata": { "name": name } })).expect("a map");
    maps.create(&PostParams::default(), &map).await
}

/// The words of a panic.
async fn panic_of<T: Send + 'static>(test: impl Future<Output = T> + Send + 'static) -> String {
    let Err(error) = tokio::spawn(test).await else { panic!("it did not fail") };
    let payload = error.into_panic();
    payload.downcast::<String>().map_or_else(|_| "no words".into(), |text| *text)
}
