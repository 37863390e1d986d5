//! Programs with metrics.

use std::{thread, time::Duration};

use kunobi_ha::{readiness::Health, shutdown::Report};

use super::{
    setup::{Setup, install},
    work::serve,
};

/// Spawns a task for its metrics, and never returns them.
pub(super) async fn hung_metrics() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    let encode = || {
        println!("encodes on {}", thread_name());
        tokio::spawn(async { println!("task on {}", thread_name()) });
        thread::sleep(Duration::from_secs(600));
        unreachable!("it was to end long ago")
    };
    setup
        .bare_operator(stop)
        .probes("127.0.0.1:0", Health::builder())
        .metrics(encode)
        .always("server", serve)
        .run()
        .await
}

fn thread_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}
