//! The first test of a guide.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
};
use kunobi_ha_test::TestServer;
use serde_json::json;

/// Stands for your code: what takes a `kube::Client` can be tested.
async fn greet(client: Client) -> kube::Result<()> {
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap",
                      "metadata": { "name": "greeting" }, "data": { "text": "Hello" } });
    maps.patch("greeting", &PatchParams::apply("greeter"), &Patch::Apply(map)).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_greets() {
    let server = TestServer::new();
    greet(Client::new(server.service("greeter"), "default")).await.unwrap();
    let map: ConfigMap = server.get_as("configmaps default/greeting").unwrap();
    assert_eq!(map.data.unwrap()["text"], "Hello");
}
