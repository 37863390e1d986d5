//! Programs whose code reports on which thread it runs, and whose `Drop` and `Display` misbehave.

use std::{
    error::Error, fmt, future::pending, panic::panic_any, sync::Arc, thread, time::Duration,
};

use kunobi_ha::{
    operator::{LeaderContext, OnLost, Operator},
    readiness::Health,
    shutdown::{Handle, Report},
};
use tokio::{runtime::Builder, sync::Notify};

use super::{
    setup::{Setup, install},
    work::serve,
};

/// Reports on which thread it is dropped.
struct Witness(&'static str);

/// Reports on which thread it is displayed and dropped.
#[derive(Debug)]
struct TellingError(#[expect(dead_code, reason = "it is there to be dropped")] Witness);

/// Takes some time to be dropped.
struct SlowDrop;

/// Every kind of code that a program hands over, until its end.
pub(super) async fn witness() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    let handle = stop.handle();
    let by_hook = Witness("drop of a release hook");
    handle.on_release("hook", async move {
        say("a release hook");
        drop(by_hook);
    });
    let by_hook = Witness("drop of a stop hook");
    handle.on_stop("hook", async move {
        say("a stop hook");
        drop(by_hook);
    });
    let (by_question, by_encoder) = (Witness("drop of a question"), Witness("drop of an encoder"));
    let health = Health::builder().every(Duration::from_millis(100)).ready_check("c", move || {
        let (_, by_answer) = (&by_question, Witness("drop of an answer"));
        say("a question");
        async move {
            let _held = by_answer;
            Err(TellingError(Witness("drop of a check's error")).into())
        }
    });
    let by_policy = Witness("drop of a policy");
    let by_always = Witness("drop of what always captured");
    let operator = setup.bare_operator(stop).probes("127.0.0.1:0", health);
    leading(operator, handle)
        .on_lost(move |_| {
            let _ = &by_policy;
            say("a policy");
            OnLost::Recontend { backoff: Duration::ZERO }
        })
        .metrics(move || {
            let _ = &by_encoder;
            say("an encoder");
            String::new()
        })
        .always("always", move |context| {
            say("an always closure");
            let by_future = Witness("drop of an always future");
            async move {
                let _held = (by_always, by_future);
                context.draining().await;
                Ok(())
            }
        })
        .run()
        .await
}

/// Leader work that ends at once, and some that has to be aborted after a loss.
fn leading(operator: Operator, handle: Handle) -> Operator {
    let by_lead = Witness("drop of what lead captured");
    operator
        .lead("polite", move |lead| {
            let (_, by_future) = (&by_lead, Witness("drop of a lead future"));
            say("a lead closure");
            async move {
                let _held = by_future;
                lead.stopped().await;
                Ok(())
            }
        })
        .lead("stubborn", move |_| {
            let (by_future, handle) = (Witness("drop of an aborted future"), handle.clone());
            async move {
                let _held = by_future;
                handle.draining().await;
                Ok(())
            }
        })
}

/// An error, and then a panic that leaves something behind.
pub(super) async fn witness_failing() -> Report {
    let stop = install(8);
    let leads = Arc::new(Notify::new());
    let led = Arc::clone(&leads);
    let failing = |_| async move {
        led.notified().await;
        Err(TellingError(Witness("drop of an error")).into())
    };
    let panicking = move |lead: LeaderContext| {
        leads.notify_one();
        async move {
            lead.stopped().await;
            panic_any(Witness("drop of a panic"))
        }
    };
    let setup = Setup::new().await;
    setup.operator(stop).always("failing", failing).lead("panicking", panicking).run().await
}

/// Never runs the work that it was handed, because the runtime is gone before.
pub(super) async fn witness_gone() -> Report {
    let stop = install(8);
    let setup = Setup::new().await;
    let handle = stop.handle();
    let operator = leading(setup.operator(stop), handle.clone());
    let second = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let by_hook = Witness("drop of a stop hook");
    let inside = second.enter();
    handle.on_stop("hook", async move { drop(by_hook) });
    drop(inside);
    second.spawn(operator.run());
    thread::sleep(Duration::from_secs(1));
    println!("killing");
    second.shutdown_background();
    pending().await
}

/// What its work captured takes some time to be dropped.
pub(super) async fn slow_drop() -> Report {
    let stop = install(8);
    let captured = SlowDrop;
    let work = move |lead: LeaderContext| {
        let _ = &captured;
        println!("works in term {}", lead.term().fence());
        async move {
            lead.stopped().await;
            Ok(())
        }
    };
    Setup::new().await.operator(stop).lead("controllers", work).run().await
}

/// Its policy is asked what to do, and never answers.
pub(super) async fn hung_policy() -> Report {
    let stop = install(8);
    let choose = |_| -> OnLost {
        println!("choosing");
        thread::sleep(FOR_EVER);
        OnLost::Exit
    };
    let work = |lead: LeaderContext| async move {
        println!("works in term {}", lead.term().fence());
        lead.stopped().await;
        Ok(())
    };
    let setup = Setup::new().await;
    setup.operator(stop).on_lost(choose).always("server", serve).lead("work", work).run().await
}

fn say(what: &str) {
    println!("{what} on thread {:?}", thread::current().name().unwrap_or_default());
}

impl Drop for Witness {
    fn drop(&mut self) {
        say(self.0);
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness")
    }
}

impl fmt::Display for TellingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        say("display of an error");
        f.write_str("told")
    }
}

impl Error for TellingError {}

impl Drop for SlowDrop {
    fn drop(&mut self) {
        println!("dropping");
        thread::sleep(FOR_EVER);
    }
}

/// Longer than any test.
const FOR_EVER: Duration = Duration::from_secs(600);
