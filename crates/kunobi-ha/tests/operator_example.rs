//! The example `operator` as two processes, as it would run in two pods.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, also in its helpers")]

use std::{
    env, fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use kunobi_ha_test::{Faults, Listener, TestServer};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::time::{sleep, timeout};

/// A replica. It ends with its test.
struct Replica(Child);

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_small_and_takes_over_without_a_gap_in_what_is_counted() {
    let server = TestServer::new();
    let listener = server.listen("127.0.0.1:0").await.unwrap();
    let mut a = Replica::start(&listener, "a");
    until("a leads", || holder(&server).as_deref() == Some("a")).await;
    let mut b = Replica::start(&listener, "b");
    let reads = || server.requests().iter().filter(|request| request.client == "b").count();
    until("b stands by, and has read a second time", || reads() >= 2).await;
    until("a counts", || count(&server) >= 20).await;

    // Code that is not optimized is several times as large, and is mapped from its file.
    let counted = if cfg!(debug_assertions) { "RssAnon:" } else { "VmHWM:" };
    for (role, replica) in [("leader", &a), ("standby", &b)] {
        let [all, own] = ["VmHWM:", "RssAnon:"].map(|key| replica.kilobytes(key));
        println!("{role}: {all} kB, {own} kB of which are no files");
    }
    let memory = b.kilobytes(counted);
    assert!(memory < 20 * 1_024, "a standby takes {memory} kB");

    a.signal(Signal::TERM);
    assert_eq!(a.exit_code().await, Some(0));
    let handed_over = count(&server);
    until("b counts on", || count(&server) >= handed_over + 20).await;
    b.signal(Signal::TERM);
    assert_eq!(b.exit_code().await, Some(0));
    assert_eq!(holder(&server), None);
    no_tick_is_missing_or_late(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_cut_off_exits_with_4_and_has_written_nothing_after_its_term() {
    let server = TestServer::new();
    let listener = server.listen("127.0.0.1:0").await.unwrap();
    let mut a = Replica::start(&listener, "a");
    until("a counts", || count(&server) >= 5).await;
    let _b = Replica::start(&listener, "b");
    server.set_faults("a", Faults { cut_requests: true, ..Faults::default() });
    assert_eq!(a.exit_code().await, Some(4));
    let counted = count(&server);
    until("b counts on", || count(&server) >= counted + 5).await;
    assert_eq!(holder(&server).as_deref(), Some("b"));
    no_tick_is_missing_or_late(&server);
}

/// Checks that each write adds one, and that no write has an older term than the one before.
fn no_tick_is_missing_or_late(server: &TestServer) {
    let ticks: Vec<_> = server
        .history()
        .iter()
        .filter(|write| write.path.ends_with("/ticks"))
        .map(|write| {
            let number =
                |key| -> u64 { write.object["data"][key].as_str().unwrap().parse().unwrap() };
            (number("count"), number("term"))
        })
        .collect();
    assert!(ticks.iter().map(|tick| tick.0).eq(1..=ticks.len() as u64), "{ticks:?}");
    assert!(ticks.is_sorted_by_key(|tick| tick.1), "{ticks:?}");
    assert_ne!(ticks.first().map(|tick| tick.1), ticks.last().map(|tick| tick.1), "two terms");
}

fn holder(server: &TestServer) -> Option<String> {
    let lease = server.get("/apis/coordination.k8s.io/v1/namespaces/default/leases/example")?;
    let holder = lease["spec"]["holderIdentity"].as_str()?;
    Some(holder.to_owned()).filter(|holder| !holder.is_empty())
}

fn count(server: &TestServer) -> u64 {
    let ticks = server.get("/api/v1/namespaces/default/configmaps/ticks").unwrap_or(json!(null));
    ticks["data"]["count"].as_str().map_or(0, |count| count.parse().unwrap())
}

async fn until(what: &str, happened: impl Fn() -> bool) {
    let waiting = async {
        while !happened() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(60), waiting)
        .await
        .unwrap_or_else(|_| panic!("{what}: not in 60 s"));
}

impl Replica {
    fn start(listener: &Listener, name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let config = folder.join(format!("{name}-{}.kubeconfig", listener.address().port()));
        fs::write(&config, listener.kubeconfig(name)).unwrap();
        let test = env::current_exe().unwrap();
        let program = test.ancestors().nth(2).unwrap().join("examples/operator");
        assert!(program.exists(), "build it before: cargo build -p kunobi-ha --example operator");
        let child = Command::new(program)
            .env("KUBECONFIG", config)
            .env("POD_NAME", name)
            .env("POD_NAMESPACE", "default")
            .env("HA_LEASE", "example")
            .env("PROBES", "127.0.0.1:0")
            .env("TICK_HZ", "20")
            .stdout(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    fn kilobytes(&self, key: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let value = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        value.split_whitespace().next().unwrap().parse().unwrap()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    async fn exit_code(&mut self) -> Option<i32> {
        let exited = async {
            loop {
                match self.0.try_wait().unwrap() {
                    Some(status) => return status.code(),
                    None => sleep(Duration::from_millis(20)).await,
                }
            }
        };
        timeout(Duration::from_secs(60), exited).await.expect("it exits within 60 s")
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
