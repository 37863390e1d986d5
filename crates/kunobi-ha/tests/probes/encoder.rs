//! Where the user's encoder runs.

use std::{sync::mpsc, thread, time::Duration};

use tokio::runtime::{Builder, Runtime};

use crate::wire::{Wire, plain};

/// Reports the name of the thread on which it is dropped.
struct Dropped(mpsc::Sender<Option<String>>);

#[test]
fn the_encoder_is_called_and_dropped_on_its_thread_within_the_runtime_of_the_user() {
    let (mine, theirs) = (runtime("mine"), runtime("theirs"));
    let (spawned, ran) = mpsc::channel();
    let (dropped, gone) = mpsc::channel();
    let dropped = Dropped(dropped);
    let encode = move || {
        let _moved_here = &dropped;
        let spawned = spawned.clone();
        tokio::spawn(async move { spawned.send(name()).unwrap() });
        name().unwrap_or_default()
    };
    let bound = mine.block_on(plain().metrics(encode).bind("127.0.0.1:0"));
    let bound = bound.unwrap();
    let address = bound.local_addr();
    theirs.spawn(bound.serve_until(std::future::pending()));
    let scrape = theirs.spawn(async move { Wire::open(address).await.get("/metrics").await });
    let answer = theirs.block_on(scrape).unwrap();
    assert_eq!(answer.body, "kunobi-ha-metrics");
    assert_eq!(ran.recv_timeout(Duration::from_secs(10)).unwrap().as_deref(), Some("mine"));
    drop(theirs);
    let gone = gone.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(gone.as_deref(), Some("kunobi-ha-metrics"));
}

fn runtime(name: &str) -> Runtime {
    Builder::new_multi_thread().worker_threads(1).thread_name(name).enable_all().build().unwrap()
}

fn name() -> Option<String> {
    thread::current().name().map(Into::into)
}

impl Drop for Dropped {
    fn drop(&mut self) {
        // If the test has failed, the receiver is gone.
        let _ = self.0.send(name());
    }
}
