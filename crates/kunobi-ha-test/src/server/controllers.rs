//! Carries out what controllers decide: one task for each, which ends with the server, and one for each request.

mod known;

use std::{
    panic,
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::json;
use tokio::{
    runtime::Handle,
    sync::watch,
    task::{JoinError, JoinSet},
    time::{self, Instant},
};

use self::known::{Answer, Known, Order};
use super::{
    Shared, TestServer,
    handler::{Caller, Credentials},
};
use crate::{
    controllers::{Act, Controller},
    request::path::Key,
};

/// A controller at work. It does not keep the server alive.
struct Driver {
    server: Weak<Shared>,
    controller: Controller,
    /// Told after each write; closed when the server is gone.
    woken: watch::Receiver<()>,
    known: Known,
    /// The requests that are under way; they end with the driver.
    requests: JoinSet<Answer>,
}

impl TestServer {
    /// # Panics
    ///
    /// This is not called within tokio's runtime.
    #[track_caller]
    pub(super) fn run_controllers(
        &self,
        controllers: Vec<Controller>,
        wakes: Vec<watch::Receiver<()>>,
    ) {
        if controllers.is_empty() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            panic!(
                "controllers are tasks, so build the server within tokio's runtime, as in a \
                 `#[tokio::test]`"
            );
        };
        for (controller, woken) in controllers.into_iter().zip(wakes) {
            let driver = Driver {
                server: Arc::downgrade(&self.shared),
                controller,
                woken,
                known: Known::default(),
                requests: JoinSet::new(),
            };
            drop(runtime.spawn(driver.run()));
        }
    }
}

impl Driver {
    async fn run(mut self) {
        loop {
            // What is written after this line wakes the wait below.
            self.woken.mark_unchanged();
            let Some(shared) = self.server.upgrade() else { return };
            let next = self.turn(&TestServer { shared });
            tokio::select! {
                biased;
                Some(joined) = self.requests.join_next() => self.answered(joined),
                told = self.woken.changed() => if told.is_err() { return },
                () = wait(next) => {}
            }
        }
    }

    /// Looks at the objects that are due. Returns how long nothing else is.
    fn turn(&mut self, server: &TestServer) -> Option<Duration> {
        let kind = self.controller.kind();
        if self.known.take_over(&server.state(), kind) {
            self.requests = JoinSet::new();
        }
        let now = server.now();
        self.known.call(now);
        while self.requests.len() < WORKERS
            && let Some(order) = self.known.look(&self.controller, now)
        {
            self.requests.spawn(server.clone().serve_order(self.controller.clone(), order));
        }
        let next = self.known.next_time()?;
        Some(Duration::try_from(next.duration_since(server.now())).unwrap_or_default())
    }

    fn answered(&mut self, joined: Result<Answer, JoinError>) {
        match joined.map_err(JoinError::try_into_panic) {
            Ok(answer) => self.known.answered(&answer),
            Err(Ok(panic)) => panic::resume_unwind(panic),
            // The runtime ends, and this task with it.
            Err(Err(_)) => {}
        }
    }
}

impl TestServer {
    async fn serve_order(self, controller: Controller, order: Order) -> Answer {
        let is_carried_out = self.carry_out(&controller, &order).await;
        let Order { key, uid, .. } = order;
        Answer { key, uid, is_carried_out, at: self.now() }
    }

    /// Sends the request of a controller. Returns whether it was carried out, as far as the controller knows.
    async fn carry_out(&self, controller: &Controller, order: &Order) -> bool {
        let Order { key, uid, object, act } = order;
        let Key { group, resource, namespace, name } = key;
        let path = format!("/apis/{group}/v1/namespaces/{namespace}/{resource}/{name}");
        let (method, path, body) = match act {
            Act::Report(status) => {
                let mut body = object.value.clone();
                body["status"] = status.clone();
                (Method::PUT, format!("{path}/status"), body)
            }
            Act::Delete => {
                let options = json!({ "kind": "DeleteOptions", "apiVersion": "v1",
                                      "propagationPolicy": "Foreground",
                                      "preconditions": { "uid": uid } });
                (Method::DELETE, path, options)
            }
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::USER_AGENT, "kube-controller-manager")
            .header(header::CONTENT_TYPE, "application/json");
        let Ok(request) = request.body(()) else { return false };
        let client = controller.kind().client(act).to_owned();
        let caller = Caller { client, credentials: Credentials::Name, connection: 0 };
        let answer = self.handle(caller, request.into_parts().0, Ok(Bytes::from(body.to_string())));
        match time::timeout(LONGEST_REQUEST, answer).await {
            Ok(Ok(answer)) => answer.status().is_success(),
            Ok(Err(_)) | Err(_) => false,
        }
    }
}

async fn wait(next: Option<Duration>) {
    match next.and_then(|next| Instant::now().checked_add(next)) {
        Some(at) => time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// A request that hangs would keep the server alive.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// How many requests the real controllers have under way at most, but for that of `DaemonSets`: two.
const WORKERS: usize = 5;

#[cfg(test)]
mod tests;
