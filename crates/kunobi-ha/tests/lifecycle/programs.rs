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
    leader::StepDownReason,
    operator::{Context, LeaderContext, OnLost},
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
        killed, panicking, panicking_early, panicking_policy, panicking_waker, patient_standby,
        start_up, ticking,
    },
    witness::{
        hung_policy, panicking_twice, silent_error, slow_drop, witness, witness_failing,
        witness_gone,
    },
    work::{answer, controllers, reconcile, serve, tick, write_for_ever},
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
            "done" => ending(Ok(())).await,
            "endless" => endless(4).await,
            "failing" => ending(Err("the work is not well")).await,
            "hung-check" => hung_check().await,
            "hung-metrics" => hung_metrics().await,
            "hung-policy" => hung_policy().await,
            "killed" => killed().await,
            "leader" => leader().await,
            "order" => order().await,
            "panicking" => panicking().await,
            "panicking-early" => panicking_early().await,
            "panicking-policy" => panicking_policy().await,
            "panicking-waker" => panicking_waker().await,
            "panicking-twice" => panicking_twice().await,
            "patient" => endless(30).await,
            "patient-standby" => patient_standby().await,
            "policy" => policy().await,
            "quit" => quit().await,
            "reconcile" => reconciling().await,
            "serving" => serving().await,
            "silent-error-always" => silent_error(false).await,
            "silent-error-lead" => silent_error(true).await,
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

/// Answers requests on every replica, however long they take.
async fn serving() -> Report {
    let stop = install(20);
    let setup = Setup::new().await;
    let maps = setup.maps();
    let lead = move |lead| controllers(maps.clone(), lead);
    setup.operator(stop).always("server", answer).lead("controllers", lead).run().await
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

/// Leads, and ends.
async fn ending(end: Result<(), &'static str>) -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    let work = move |_| async move { Ok(end?) };
    setup.operator(stop).lead("controllers", work).run().await
}

/// Goes on after somebody else took the Lease, and after nothing else.
async fn policy() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    let choose = |reason| match reason {
        StepDownReason::HolderChanged => OnLost::Recontend { backoff: Duration::ZERO },
        _ => OnLost::Exit,
    };
    let always = |context: Context| async move {
        context.cancel_token().run_until_cancelled(write_for_ever("always", None)).await;
        Ok(())
    };
    setup.operator(stop).on_lost(choose).always("server", always).lead("l", tick).run().await
}

/// Says in which order things happen at its end.
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
