use tokio::{runtime::Builder, task::yield_now};

use super::*;
use crate::store::steps::{self, assert_linear};

#[test]
fn each_write_is_looked_at_once_however_many_objects_there_are() {
    let hour = Duration::from_secs(3600);
    let controllers = || [Controller::jobs().after(hour), Controller::daemon_sets()];
    let spec = json!({ "template": { "spec": { "containers": [] } } });
    let job = |number: &str| {
        json!({ "apiVersion": "batch/v1", "kind": "Job", "spec": spec,
                "metadata": { "name": number, "namespace": "default", "uid": number } })
    };
    assert_linear("Jobs that a controller reports on", |count| {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let server = TestServer::builder().with_controllers(controllers()).build();
            let before = steps::so_far();
            for number in 0..count {
                let name = format!("j{number}");
                server.inject(&format!("jobs default/{name}"), job(&name));
                let path = format!("jobs default/{name}");
                while server.get(&path).is_some_and(|job| job["status"].is_null()) {
                    yield_now().await;
                }
            }
            steps::so_far() - before
        })
    });
}
