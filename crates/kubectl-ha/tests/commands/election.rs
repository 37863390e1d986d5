//! An election that a test plays: a Lease that is written as a leader writes it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kubectl_ha::{Console, Exit, run};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::support::{Done, Ground, Written, now};

/// The Lease `orders`.
pub(crate) struct Played<'a>(pub(crate) &'a Ground);

pub(crate) const ORDERS: &str = "leases default/orders";

impl Played<'_> {
    /// A new term begins.
    pub(crate) fn begin(&self, holder: &str, transitions: u64) {
        let time = time();
        self.0.put(&json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "namespace": "default", "name": "orders", "uid": "u",
                "managedFields": managers("kunobi-ha"),
            },
            "spec": {
                "holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": transitions,
                "acquireTime": time, "renewTime": time,
            },
        }));
    }

    /// The holder renews that often, each after that time.
    pub(crate) async fn renew(&self, times: u32, every: Duration) {
        self.renew_as("kunobi-ha", times, every).await;
    }

    /// The same, by a library that writes under this name.
    pub(crate) async fn renew_as(&self, manager: &str, times: u32, every: Duration) {
        for _ in 0..times {
            sleep(every).await;
            self.edit(|lease| {
                lease["spec"]["renewTime"] = time().into();
                lease["metadata"]["managedFields"] = managers(manager);
            });
        }
    }

    /// The same, by another clock.
    pub(crate) async fn renew_at(
        &self,
        times: u32,
        every: Duration,
        clock: impl Fn(Timestamp) -> String,
    ) {
        for _ in 0..times {
            sleep(every).await;
            self.edit(|lease| lease["spec"]["renewTime"] = clock(crate::election::clock()).into());
        }
    }

    pub(crate) fn release(&self) {
        self.edit(|lease| {
            let time = time();
            lease["spec"]["holderIdentity"] = "".into();
            lease["spec"]["leaseDurationSeconds"] = 1.into();
            lease["spec"]["acquireTime"] = time.clone().into();
            lease["spec"]["renewTime"] = time.into();
        });
    }

    pub(crate) fn take(&self, holder: &str) {
        self.edit(|lease| {
            let (time, transitions) = (time(), lease["spec"]["leaseTransitions"].as_u64().unwrap());
            lease["spec"] = json!({
                "holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": transitions + 1,
                "acquireTime": time, "renewTime": time,
            });
        });
    }

    pub(crate) fn edit(&self, edit: impl FnOnce(&mut Value)) {
        self.0.server.edit(ORDERS, edit).unwrap();
    }
}

/// Runs a command that does not end while this happens.
pub(crate) async fn during(ground: &Ground, words: &str, script: impl Future<Output = ()>) -> Done {
    let (output, errors) = (Written::default(), Written::default());
    let console: Console = ground.console(&output, &errors).with_clock(clock);
    tokio::select! {
        exit = run(["kubectl-ha"].into_iter().chain(words.split_whitespace()), console) => {
            panic!("it ended with {exit:?}: {}{}", output.text(), errors.text())
        }
        () = script => {}
    }
    Done { exit: Exit::Fine, output: output.text(), errors: errors.text() }
}

/// Runs a command while this happens, and waits for its end.
pub(crate) async fn beside(ground: &Ground, words: &str, script: impl Future<Output = ()>) -> Done {
    beside_with(ground, words, script, |console| console.with_clock(clock)).await
}

/// The same, with another console.
pub(crate) async fn beside_with(
    ground: &Ground,
    words: &str,
    script: impl Future<Output = ()>,
    change: impl FnOnce(Console) -> Console,
) -> Done {
    let script = async {
        script.await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        done = ground.run_with(words, change) => done,
        () = script => unreachable!("it waits for ever"),
    }
}

/// What time it is: it goes on with tokio's clock.
pub(crate) fn clock() -> Timestamp {
    thread_local!(static START: Instant = Instant::now());
    let passed = START.with(Instant::elapsed);
    now() + SignedDuration::try_from(passed).unwrap()
}

fn managers(name: &str) -> Value {
    json!([{
        "manager": name, "operation": "Update", "apiVersion": "coordination.k8s.io/v1",
        "fieldsType": "FieldsV1", "fieldsV1": { "f:spec": { "f:holderIdentity": {}, "f:renewTime": {} } },
    }])
}

fn time() -> String {
    format!("{:.6}", clock())
}

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}
