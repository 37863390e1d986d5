//! Programs whose log is not read any more.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use kunobi_ha::{
    leader::LeaderElection,
    operator::{LeaderContext, Operator},
    readiness::{Health, LeaderGate},
    shutdown::Report,
};

use super::setup::{Setup, install};

/// Writes to standard error until this program leads, and then blocks for ever.
pub(super) struct Stuck;

/// Writes to standard error, but not at once.
pub(super) struct Slow;

static LEADS: AtomicBool = AtomicBool::new(false);

/// Leads until it is told to stop, or fails at once, without a log.
pub(super) async fn blocked_log(fails: bool) -> Report {
    let stop = install(8);
    let work = move |lead: LeaderContext| async move {
        LEADS.store(true, Ordering::Release);
        println!("works in term {}", lead.term().fence());
        if fails {
            return Err("the work is not well".into());
        }
        lead.stopped().await;
        Ok(())
    };
    let setup = Setup::new().await;
    setup.operator(stop).lead("controllers", work).run().await
}

/// Logs something, and then can't begin.
pub(super) async fn slow_log() -> Report {
    let stop = install(8);
    let election = LeaderElection::standalone();
    let health = Health::builder().leader(&election.state(), LeaderGate::LeaderOnly);
    Operator::new(election).shutdown(stop).probes("nowhere", health).run().await
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        thread::sleep(Duration::from_millis(50));
        io::stderr().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if LEADS.load(Ordering::Acquire) {
            println!("the writer blocks");
            loop {
                thread::park();
            }
        }
        io::stderr().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
