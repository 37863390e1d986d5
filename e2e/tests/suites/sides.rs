//! The sides that a suite in Rust runs on.

use std::{env, path::Path};

use e2e::suites::{Column, Side, Suite, real_plane};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::{
    Api, Client, Config,
    api::PostParams,
    config::{KubeConfigOptions, Kubeconfig},
};
use kunobi_ha_test::TestServer;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

/// Runs the steps of a suite on every side there is. The client's namespace is the suite's own.
pub(crate) fn run(suite: &mut Suite, namespace: &str, steps: &impl AsyncFn(&mut Column, Client)) {
    let steps = async |side, client: Client| {
        prepare(&client, namespace).await;
        let mut column = Column::new(side);
        steps(&mut column, client).await;
        column
    };
    suite.add(runtime(true).block_on(async {
        let client = Client::new(TestServer::new().service("suite"), namespace);
        steps(Side::Service, client).await
    }));
    suite.add(runtime(false).block_on(async {
        let listener = TestServer::new().listen("127.0.0.1:0").await.expect("a port is free");
        let kubeconfig = Kubeconfig::from_yaml(&listener.kubeconfig("suite")).expect("it is YAML");
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
        steps(Side::Port, client(config.expect("it is whole"), namespace)).await
    }));
    if let Some(plane) = real_plane() {
        suite.add(runtime(false).block_on(async {
            let config = plane.config("admin").await.expect("a configuration");
            steps(Side::Real, client(config, namespace)).await
        }));
    }
}

/// Runs a program of another language on every side that has a port. It is given a kubeconfig, whose namespace is the
/// suite's own.
pub(crate) fn run_program(
    suite: &mut Suite,
    namespace: &str,
    program: &impl AsyncFn(Side, &Path) -> Column,
) {
    let program = async |side, kubeconfig: Kubeconfig| {
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(kubeconfig.clone(), &options).await;
        prepare(&client(config.expect("it is whole"), namespace), namespace).await;
        let file = env::temp_dir().join(format!("{namespace}-{}.kubeconfig", std::process::id()));
        let kubeconfig = in_namespace(kubeconfig, namespace);
        let text = serde_json::to_string(&kubeconfig).expect("it is JSON, hence YAML");
        std::fs::write(&file, text).expect("a file can be written");
        let column = program(side, &file).await;
        std::fs::remove_file(&file).expect("it is still there");
        column
    };
    suite.add(runtime(false).block_on(async {
        let listener = TestServer::new().listen("127.0.0.1:0").await.expect("a port is free");
        let kubeconfig = Kubeconfig::from_yaml(&listener.kubeconfig("suite")).expect("it is YAML");
        program(Side::Port, kubeconfig).await
    }));
    if let Some(plane) = real_plane() {
        suite.add(runtime(false).block_on(async {
            let kubeconfig = plane.kubeconfig("admin").expect("it has one");
            program(Side::Real, Kubeconfig::read_from(kubeconfig).expect("it is YAML")).await
        }));
    }
}

/// A runtime. With a paused clock, nothing waits longer than it must.
fn runtime(is_paused: bool) -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(is_paused).build().expect("a runtime")
}

fn client(mut config: Config, namespace: &str) -> Client {
    namespace.clone_into(&mut config.default_namespace);
    // A step sees each refusal, 429 as well.
    config.default_retry = false;
    Client::try_from(config).expect("a client")
}

fn in_namespace(mut kubeconfig: Kubeconfig, namespace: &str) -> Kubeconfig {
    for context in kubeconfig.contexts.iter_mut().filter_map(|named| named.context.as_mut()) {
        context.namespace = Some(namespace.into());
    }
    kubeconfig
}

/// Creates the namespace, and in it what pods need that a controller creates elsewhere.
async fn prepare(client: &Client, namespace: &str) {
    let namespace = json!({ "metadata": { "name": namespace } });
    let namespace: Namespace = serde_json::from_value(namespace).expect("it is one");
    Api::all(client.clone()).create(&PostParams::default(), &namespace).await.expect("it is new");
    let account = json!({ "metadata": { "name": "default" } });
    let account: ServiceAccount = serde_json::from_value(account).expect("it is one");
    let accounts = Api::default_namespaced(client.clone());
    accounts.create(&PostParams::default(), &account).await.expect("it is new");
}
