//! Programs that misbehave.

use std::{
    future::pending,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Wake, Waker},
    thread,
    time::Duration,
};

use kunobi_ha::{
    operator::LeaderContext,
    readiness::{Health, LeaderGate},
    shutdown::Report,
};
use tokio::{runtime::Builder, sync::Notify};

use super::{
    WORKERS,
    setup::{Setup, install},
    work::{block_for_ever, blocking_reconcile, endless_reconcile, followed, serve, tick},
};

/// A reconciliation that ignores the shutdown.
pub(super) async fn endless() -> Report {
    let stop = install(30);
    let setup = Setup::new().await;
    let maps = setup.maps();
    let work = move |lead: LeaderContext| {
        tokio::spawn(lead.track(endless_reconcile(maps.clone())));
        async move {
            lead.stopped().await;
            Ok(())
        }
    };
    setup.operator(stop).lead("controllers", work).run().await
}

/// Work of every replica that ignores the shutdown.
pub(super) async fn patient_standby() -> Report {
    let stop = install(30);
    let digger = |_| async {
        println!("digging");
        pending().await
    };
    Setup::new().await.operator(stop).always("digger", digger).run().await
}

/// Stops in time, except for a thread that can't be stopped.
pub(super) async fn blocked_thread() -> Report {
    let stop = install(20);
    let work = |lead: LeaderContext| async move {
        tokio::task::spawn_blocking(|| block_for_ever());
        lead.stopped().await;
        Ok(())
    };
    Setup::new().await.operator(stop).lead("controllers", work).run().await
}

/// A reconciliation that holds its thread.
pub(super) async fn blocking() -> Report {
    let stop = install(4);
    let setup = Setup::new().await;
    let work = |lead: LeaderContext| {
        tokio::spawn(lead.track(blocking_reconcile()));
        async move {
            lead.stopped().await;
            Ok(())
        }
    };
    setup.operator(stop).lead("controllers", work).run().await
}

/// Holds all workers, as soon as a leader was seen.
pub(super) async fn blocked(name: &str) -> Report {
    let stop = install(4);
    let mut operator = Setup::new().await.operator(stop);
    let workers = if name.ends_with("-single") { 1 } else { WORKERS };
    for _ in 0..workers {
        operator = operator.always("digger", |context| async move {
            followed(context.leader_state().clone()).await;
            block_for_ever()
        });
    }
    operator.run().await
}

/// Holds its only thread while it leads.
pub(super) async fn blocked_leader() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    setup.operator(stop).lead("controllers", |_| async { block_for_ever() }).run().await
}

/// Leads, and does not stop.
pub(super) async fn ticking() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    setup.operator(stop).always("server", serve).lead("controllers", tick).run().await
}

pub(super) async fn panicking() -> Report {
    let stop = install(8);
    let setup = Setup::new().await.with_lease_of_one_second();
    setup.operator(stop).lead("controllers", |_| async { panic!("no configuration") }).run().await
}

/// Waits for the end with a waker that panics.
pub(super) async fn panicking_waker() -> Report {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("it can't be woken");
        }
    }
    let stop = install(8);
    let mut end = stop.handle().requested();
    let waker = Waker::from(Arc::new(Panics));
    assert!(Pin::new(&mut end).poll(&mut Context::from_waker(&waker)).is_pending());
    Setup::new().await.operator(stop).lead("controllers", tick).run().await
}

/// Takes some time between the install and all the rest.
pub(super) fn start_up() -> Report {
    let _stop = install(8);
    println!("installed");
    thread::sleep(Duration::from_secs(600));
    unreachable!("it was to end long ago")
}

/// A program whose runtime goes away under it.
pub(super) async fn killed() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    let leads = Arc::new(Notify::new());
    let led = Arc::clone(&leads);
    let operator = setup.operator(stop).lead("controllers", move |lead| {
        leads.notify_one();
        async move {
            lead.stopped().await;
            Ok(())
        }
    });
    let second = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    second.spawn(operator.run());
    led.notified().await;
    println!("killing");
    second.shutdown_background();
    pending().await
}

/// A dependency that falls silent after its third answer.
pub(super) async fn hung_check() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    let asked = Arc::new(AtomicU64::new(0));
    let health = Health::builder()
        .every(Duration::from_millis(200))
        .timeout(Duration::from_millis(100))
        .leader(&setup.election().state(), LeaderGate::Ignore)
        .ready_check("database", move || {
            let number = asked.fetch_add(1, Ordering::Relaxed) + 1;
            println!("asked {number}");
            async move {
                if number > 3 {
                    pending::<()>().await;
                }
                Ok(())
            }
        });
    setup.bare_operator(stop).probes("127.0.0.1:0", health).always("server", serve).run().await
}

/// A check that blocks before it returns a future, and so holds up its caller.
pub(super) async fn blocking_check() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    let health = Health::builder()
        .every(Duration::from_millis(200))
        .timeout(Duration::from_millis(100))
        .ready_check("index", || {
            println!("blocking");
            thread::sleep(Duration::from_secs(2));
            async { Ok(()) }
        });
    setup.bare_operator(stop).probes("127.0.0.1:0", health).always("server", serve).run().await
}
