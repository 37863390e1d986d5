//! The programs that are started, as users write them.

mod scraped;
mod setup;
mod stuck;
mod unwell;
mod witness;
mod work;

use std::{
    process::{Termination, exit},
    time::Duration,
};

use kunobi_ha::{
    operator::{Context, LeaderContext},
    shutdown::{Report, Shutdown, StopSignal},
};
use tokio::{
    runtime::{Builder, Runtime},
    time::sleep,
};
use tracing_subscriber::fmt::format::FmtSpan;

use self::{
    scraped::hung_metrics,
    setup::{Setup, install},
    stuck::{Slow, Stuck, blocked_log, slow_log},
    unwell::{
        blocked, blocked_leader, blocked_thread, blocking, blocking_check, endless, hung_check,
        killed, panicking, panicking_waker, patient_standby, start_up, ticking,
    },
    witness::{hung_policy, slow_drop, witness, witness_failing, witness_gone},
    work::{controllers, reconcile, serve},
};

/// Runs one of them to its end, as `#[tokio::main]` would.
pub(crate) fn run(name: &str) -> ! {
    let log = tracing_subscriber::fmt().with_ansi(false);
    if name.starts_with("blocked-log") {
        // Spans are written too: that they begin, are entered, are left, and end.
        log.with_span_events(FmtSpan::FULL).with_writer(|| Stuck).init();
    } else if name == "slow-log" {
        log.with_writer(|| Slow).init();
    } else {
        log.with_writer(std::io::stderr).init();
    }
    let runtime = runtime(name);
    let report = runtime.block_on(async {
        match name {
            "blocked" | "blocked-single" => blocked(name).await,
            "blocked-leader-single" => blocked_leader().await,
            "blocked-log" | "blocked-log-failing" => blocked_log(name != "blocked-log").await,
            "blocked-thread" => blocked_thread().await,
            "blocking" => blocking().await,
            "blocking-check" => blocking_check().await,
            "endless" => endless().await,
            "hung-check" => hung_check().await,
            "hung-metrics" => hung_metrics().await,
            "hung-policy" => hung_policy().await,
            "killed" => killed().await,
            "leader" => leader().await,
            "order" => order().await,
            "panicking" => panicking().await,
            "panicking-waker" => panicking_waker().await,
            "patient-standby" => patient_standby().await,
            "quit" => quit().await,
            "reconcile" => reconciling().await,
            "slow-drop" => slow_drop().await,
            "slow-log" => slow_log().await,
            "start-up" => start_up(),
            "ticking" => ticking().await,
            "witness" => witness().await,
            "witness-failing" => witness_failing().await,
            "witness-gone" => witness_gone().await,
            name => panic!("no such program: {name}"),
        }
    });
    println!("main has the report");
    // It waits for what blocks a worker, as the end of `main` does.
    drop(runtime);
    let code = report.exit_code();
    let _ = report.report();
    exit(code.into())
}

fn runtime(name: &str) -> Runtime {
    let mut builder = if name.ends_with("-single") {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    builder.worker_threads(WORKERS).enable_all().build().unwrap()
}

/// Writes while it leads, and stops when it is told to.
async fn leader() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    let maps = setup.maps();
    setup
        .operator(stop)
        .always("server", serve)
        .lead("controllers", move |lead| controllers(maps.clone(), lead))
        .run()
        .await
}

/// Ends at SIGQUIT.
async fn quit() -> Report {
    let stop = Shutdown::builder().signals([StopSignal::Quit]).install().unwrap();
    let setup = Setup::new().await;
    let maps = setup.maps();
    let lead = move |lead| controllers(maps.clone(), lead);
    setup.operator(stop).lead("controllers", lead).run().await
}

/// A reconciliation that a signal does not interrupt.
async fn reconciling() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    let maps = setup.maps();
    let work = move |lead: LeaderContext| {
        tokio::spawn(lead.track(reconcile(maps.clone())));
        async move {
            lead.stopped().await;
            Ok(())
        }
    };
    setup.operator(stop).lead("controllers", work).run().await
}

/// Prints in which order things happen at its end.
async fn order() -> Report {
    let stop = Shutdown::builder()
        .grace_period(Duration::from_secs(10))
        .unready_delay(Duration::from_secs(1))
        .install()
        .unwrap();
    let handle = stop.handle();
    let always = move |context: Context| async move {
        handle.on_stop("last words", async {
            println!("last words begin");
            sleep(Duration::from_millis(500)).await;
            println!("last words end");
        });
        context.draining().await;
        println!("server drains");
        sleep(Duration::from_secs(1)).await;
        println!("server ends");
        Ok(())
    };
    let lead = |lead: LeaderContext| async move {
        println!("works in term {}", lead.term().fence());
        lead.stopped().await;
        println!("controllers end");
        Ok(())
    };
    Setup::new().await.operator(stop).always("server", always).lead("c", lead).run().await
}

const WORKERS: usize = 2;
