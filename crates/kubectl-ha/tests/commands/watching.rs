//! `kubectl ha list --watch`.

use std::time::Duration;

use kubectl_ha::{Console, run};
use kunobi_ha_test::{Fault, FaultRule, Faults, Matcher, WatchFault};

use serde_json::Value;

use crate::{
    election::during,
    support::{Ground, Written, lease, pod},
};

#[tokio::test(start_paused = true)]
async fn each_change_is_a_row_under_the_others() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    ground.put(&pod("default", "orders-7d9f8b6c5-x2x4z", "orders"));
    let seen = Watched::begin(&ground, "list --watch");
    seen.rows(2).await;
    ground.server.until_watched(Matcher::watch("leases"), 1).await;

    let second = Duration::from_secs(1);
    tokio::time::advance(second * 2).await;
    renew(&ground, "2026-11-27T10:00:12.000000Z", "orders-7d9f8b6c5-x2x4z");
    seen.rows(3).await;
    tokio::time::advance(second * 2).await;
    renew(&ground, "2026-11-27T10:00:14.000000Z", "nobody-knows");
    seen.rows(4).await;
    ground.put(&lease("default", "new"));
    seen.rows(5).await;
    assert!(ground.server.delete("leases default/orders"));
    seen.rows(6).await;
    seen.end().is("list/watch");
}

#[tokio::test(start_paused = true)]
async fn a_program_can_tell_a_deletion_from_a_change() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    let done = during(&ground, "list --watch -o json", async {
        ground.server.until_watched(Matcher::watch("leases"), 1).await;
        renew(&ground, "2026-11-27T10:00:12.000000Z", "orders-1");
        assert!(ground.server.delete("leases default/orders"));
        tokio::time::sleep(Duration::from_millis(10)).await;
    });
    let output = done.await.output;
    let objects = serde_json::Deserializer::from_str(&output).into_iter::<Value>();
    let deleted: Vec<Value> = objects.map(|object| object.unwrap()["deleted"].clone()).collect();
    assert_eq!(deleted, [false, false, true], "{output}");
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_runs_out_is_a_row() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    let mut free = lease("default", "free");
    free["spec"]["holderIdentity"] = "".into();
    ground.put(&free);
    let seen = Watched::begin(&ground, "list --watch");
    seen.rows(3).await;
    ground.server.until_watched(Matcher::watch("leases"), 1).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    renew(&ground, "2026-11-27T10:00:12.000000Z", "orders-7d9f8b6c5-x2x4z");
    seen.rows(4).await;
    // Its leader dies. That it has run out is said once.
    let died = tokio::time::Instant::now();
    seen.rows(5).await;
    assert_eq!(died.elapsed().as_secs(), 15);
    tokio::time::sleep(Duration::from_secs(40)).await;
    renew(&ground, "2026-11-27T10:01:07.000000Z", "orders-7d9f8b6c5-aaaaa");
    seen.rows(6).await;
    seen.end().is("list/watch-run-out");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_lags_behind_lets_nothing_run_out() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    let stall = Fault::watch(0, WatchFault::Stall);
    ground.server.add_rule("me", FaultRule::new(Matcher::watch("leases"), stall).times(1));
    let seen = Watched::begin(&ground, "list --watch --no-headers");
    for renewals in 0..4 {
        seen.rows(1 + renewals).await;
        let time = format!("2026-11-27T10:00:{:02}.000000Z", 20 + renewals);
        renew(&ground, &time, "orders-7d9f8b6c5-x2x4z");
    }
    let output = seen.output.text();
    assert!(!output.contains("run out"), "{output}");
    assert_eq!(output.lines().filter(|line| line.contains(" 15s ")).count(), 3, "{output}");
}

#[tokio::test(start_paused = true)]
async fn while_the_server_is_away_nothing_runs_out() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    let seen = Watched::begin(&ground, "list --watch --no-headers");
    seen.rows(1).await;
    ground.server.until_watched(Matcher::watch("leases"), 1).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    ground.server.set_faults("me", Faults { cut_requests: true, ..Faults::default() });
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(seen.output.text().lines().count(), 1, "{}", seen.output.text());
    ground.server.heal("me");
    let healed = tokio::time::Instant::now();
    seen.rows(2).await;
    let errors = seen.errors.text();
    let told = "the API server does not answer; asking again\nthe API server answers again\n";
    assert_eq!(errors, told);
    assert!(seen.output.text().contains("run out"), "{}", seen.output.text());
    assert!(healed.elapsed() >= Duration::from_secs(15), "{:?}", healed.elapsed());
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_no_rows() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    ground.put(&lease("kube-node-lease", "node-1"));
    let seen = Watched::begin(&ground, "list --watch -A --no-headers");
    seen.rows(1).await;
    ground.server.until_watched(Matcher::watch("leases"), 1).await;
    ground.server.edit("leases kube-node-lease/node-1", |lease| {
        lease["spec"]["renewTime"] = "2026-11-27T10:00:12.000000Z".into();
    });
    renew(&ground, "2026-11-27T10:00:12.000000Z", "orders-7d9f8b6c5-x2x4z");
    seen.rows(2).await;
    assert!(!seen.output.text().contains("node-1"), "{}", seen.output.text());
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_or_is_too_old_goes_on_without_a_gap() {
    let ground = Ground::new();
    ground.put(&lease("default", "orders"));
    for (number, fault) in (0..).zip([WatchFault::End, WatchFault::Expire, WatchFault::Break]) {
        let rule = FaultRule::new(Matcher::watch("leases"), Fault::watch(0, fault));
        ground.server.add_rule("me", rule.skip(number).times(1));
    }
    let seen = Watched::begin(&ground, "list --watch --no-headers");
    for number in 0..5 {
        seen.rows(1 + number).await;
        renew(
            &ground,
            &format!("2026-11-27T10:00:{:02}.000000Z", 20 + number),
            "orders-7d9f8b6c5-x2x4z",
        );
    }
    seen.rows(6).await;
    assert_eq!(ground.server.unused_rules("me"), []);
}

#[tokio::test(start_paused = true)]
async fn watches_that_the_server_ends_at_once_are_opened_with_pauses() {
    for fault in [WatchFault::End, WatchFault::Expire] {
        let ground = Ground::new();
        ground.put(&lease("default", "orders"));
        let rule = FaultRule::new(Matcher::watch("leases"), Fault::watch(0, fault));
        ground.server.add_rule("me", rule.times(10));
        let begun = tokio::time::Instant::now();
        let seen = Watched::begin(&ground, "list --watch --no-headers");
        ground.server.until_watched(Matcher::watch("leases"), 1).within(LONG).await;
        let opened = ground.server.requests_matching(Matcher::watch("leases")).len();
        assert_eq!((opened, ground.server.unused_rules("me")), (11, vec![]));
        let took = begun.elapsed();
        assert!(took > Duration::from_secs(50), "{fault}: 10 watches within {took:?}");
        renew(&ground, "2026-11-27T10:00:20.000000Z", "orders-7d9f8b6c5-x2x4z");
        seen.rows(2).await;
    }
}

fn renew(ground: &Ground, time: &str, holder: &str) {
    let written = ground.server.edit("leases default/orders", |lease| {
        lease["spec"]["renewTime"] = time.into();
        lease["spec"]["holderIdentity"] = holder.into();
    });
    assert!(written.is_some());
}

/// A command that runs while the test goes on.
struct Watched {
    output: Written,
    errors: Written,
    running: tokio::task::JoinHandle<()>,
}

impl Watched {
    fn begin(ground: &Ground, words: &str) -> Self {
        let (output, errors) = (Written::default(), Written::default());
        let console: Console = ground.console(&output, &errors);
        let words: Vec<String> =
            ["kubectl-ha"].into_iter().chain(words.split_whitespace()).map(String::from).collect();
        let running = tokio::spawn(async move {
            run(words, console).await;
        });
        Self { output, errors, running }
    }

    /// Waits until so many lines are written.
    async fn rows(&self, count: usize) {
        let seen =
            tokio::time::timeout(Duration::from_secs(60), self.output.until_lines(count)).await;
        assert!(seen.is_ok(), "{} {}", self.output.text(), self.errors.text());
    }

    fn end(self) -> crate::support::Done {
        self.running.abort();
        crate::support::Done {
            exit: kubectl_ha::Exit::Fine,
            output: self.output.text(),
            errors: self.errors.text(),
        }
    }
}

const LONG: Duration = Duration::from_secs(300);
